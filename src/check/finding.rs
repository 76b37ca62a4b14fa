//! What a rule finds.

use super::rule::{Rule, Severity};

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is: as the rule says, or a warning where it was allowed.
    pub severity: Severity,
    /// Whether `--allow` let it through.
    pub allowed: bool,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, with what was seen there.
    pub places: Vec<String>,
    /// Something else that was found and bears on it.
    pub found: Option<String>,
    /// What breaks; the rule's reason, or one closer to the case.
    pub why: String,
    /// What to do; the rule's remedy, or one closer to the case.
    pub help: String,
}

impl Finding {
    pub(super) fn new(rule: &'static Rule, message: String) -> Self {
        Self {
            rule,
            severity: rule.severity,
            allowed: false,
            message,
            places: Vec::new(),
            found: None,
            why: rule.why.to_owned(),
            help: rule.help.to_owned(),
        }
    }

    pub(super) fn at(self, place: impl ToString) -> Self {
        self.at_each([place])
    }

    pub(super) fn at_each<T: ToString>(mut self, places: impl IntoIterator<Item = T>) -> Self {
        self.places
            .extend(places.into_iter().map(|place| place.to_string()));
        self
    }

    pub(super) fn found(mut self, found: Option<String>) -> Self {
        self.found = found;
        self
    }

    pub(super) fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// All findings on a cluster, the worst first.
#[derive(Debug, Clone, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Sorts `findings` by severity; within one, the order of the rules stays. Errors of rules in
    /// `allowed` become warnings.
    pub(super) fn ranked(mut findings: Vec<Finding>, allowed: &[&'static Rule]) -> Self {
        for finding in &mut findings {
            let is_allowed = allowed.iter().any(|rule| rule.name == finding.rule.name);
            if is_allowed && finding.severity == Severity::Error {
                finding.severity = Severity::Warning;
                finding.allowed = true;
            }
        }
        findings.sort_by_key(|finding| finding.severity);
        Self(findings)
    }

    /// The findings on several things as one list, the worst first.
    #[must_use]
    pub fn joined(all: impl IntoIterator<Item = Self>) -> Self {
        let mut findings: Vec<_> = all.into_iter().flat_map(|one| one.0).collect();
        findings.sort_by_key(|finding| finding.severity);
        Self(findings)
    }

    /// The findings in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// How many there are of `severity`.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.0
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Whether nothing forbids writing the bundle.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.count(Severity::Error) == 0
    }

    /// The approval to write a bundle, if nothing forbids it.
    #[must_use]
    pub fn approval(&self) -> Option<Approval> {
        self.is_sound().then_some(Approval(()))
    }
}

/// The proof that the rules ran and none of them refuses: a bundle is only made with it.
#[derive(Debug)]
pub struct Approval(());
