//! Numbered steps, each with what to do, what to check, and the way back.

use crate::report::migration::markdown::Markdown;

/// The steps of a page, counted from 1.
pub(super) struct Steps<'a> {
    pub(super) page: &'a mut Markdown,
    count: usize,
}

impl<'a> Steps<'a> {
    pub(super) fn new(page: &'a mut Markdown) -> Self {
        Self { page, count: 0 }
    }

    /// Begins a step.
    pub(super) fn begin(&mut self, title: &str) {
        self.count += 1;
        self.page
            .heading(3, &format!("Step {}: {title}", self.count));
    }

    /// What must be seen before the next step.
    pub(super) fn check(&mut self, text: &str, commands: &str) {
        self.page.paragraph(&format!("Check: {text}"));
        self.page.commands(commands);
    }

    /// How to undo the step.
    pub(super) fn back(&mut self, text: &str, commands: &str) {
        self.page.paragraph(&format!("Way back: {text}"));
        if !commands.is_empty() {
            self.page.commands(commands);
        }
    }
}
