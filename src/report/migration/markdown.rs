//! Markdown, in which nothing from outside can begin a heading, a link, a table or a command.

use std::fmt::Display;

use crate::printable::is_hidden;
use crate::report::wrap;

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Markdown(String);

impl Markdown {
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        let marks = "#".repeat(level);
        self.block(&format!("{marks} {}", prose(text)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.block(&wrap("", &prose(text)));
    }

    /// Points, one a line.
    pub(super) fn list<T: AsRef<str>>(&mut self, points: impl IntoIterator<Item = T>) {
        self.points("- ", points);
    }

    /// Points to tick.
    pub(super) fn check_list<T: AsRef<str>>(&mut self, points: impl IntoIterator<Item = T>) {
        self.points("- [ ] ", points);
    }

    fn points<T: AsRef<str>>(&mut self, start: &str, points: impl IntoIterator<Item = T>) {
        let points = points.into_iter();
        let lines: Vec<String> = points
            .map(|point| wrap(start, &prose(point.as_ref())))
            .collect();
        if !lines.is_empty() {
            self.block(&lines.join("\n"));
        }
    }

    /// Commands for a shell. What is from outside in them must be a [`shell_word`].
    pub(super) fn commands(&mut self, commands: &str) {
        self.block(&format!("```sh\n{}\n```", commands.trim_end()));
    }

    /// A table whose cells are made by [`code`] and [`prose`].
    pub(super) fn table<const N: usize>(&mut self, header: [&str; N], rows: &[[String; N]]) {
        if rows.is_empty() {
            return;
        }
        let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let mut lines = vec![
            row(header.iter().map(|cell| (*cell).to_owned()).collect()),
            row(header.iter().map(|_| "---".to_owned()).collect()),
        ];
        let cell = |cell: &String| cell.replace('|', "\\|");
        lines.extend(
            rows.iter()
                .map(|cells| row(cells.iter().map(cell).collect())),
        );
        self.block(&lines.join("\n"));
    }

    fn block(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(&text.replace('\u{a0}', " "));
        self.0.push('\n');
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Text that stands for itself, whatever is in it. Backticks become apostrophes: no name or path has
/// one, and nothing may end the literal.
pub(super) fn code(text: impl Display) -> String {
    literal(&one_line(&text.to_string()).replace('`', "'"))
}

/// Lines are broken at blanks alone, and never in a literal: a new line could begin with markup.
fn literal(text: &str) -> String {
    format!("`{}`", text.replace(' ', "\u{a0}"))
}

/// A sentence of ours, where literals stand between backticks: nothing else in it is markup.
pub(super) fn prose(text: &str) -> String {
    let text = one_line(text);
    let is_balanced = text.matches('`').count().is_multiple_of(2);
    let mut safe = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 && is_balanced {
            // Two backticks together would mean something else.
            if safe.ends_with('`') {
                safe.push(' ');
            }
            safe.push_str(&literal(if part.is_empty() { " " } else { part }));
            continue;
        }
        if index > 0 && !is_balanced {
            safe.push('\'');
        }
        for character in part.chars() {
            if "\\*[]<&".contains(character) {
                safe.push('\\');
            }
            safe.push(character);
        }
    }
    safe
}

/// A word for a shell, quoted if it needs to be.
pub(super) fn shell_word(text: &str) -> String {
    let text = one_line(text);
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "._:/@=,+-".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Neither line ends nor other control characters.
fn one_line(text: &str) -> String {
    let line = text.chars().map(|character| match character {
        '\n' | '\r' | '\t' => ' ',
        hidden if is_hidden(hidden) => '\u{fffd}',
        other => other,
    });
    line.collect()
}
