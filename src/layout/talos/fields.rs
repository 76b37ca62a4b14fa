//! The fields of a machine configuration by name, whichever document they stand in.

use crate::pki::Secret;
use crate::talos::encoded_pem;
use crate::talos::yaml_tree::Tree;

/// A machine configuration: the main document, those with a `kind`, and what was found wrong.
///
/// A place is a path of names. The first is the kind of a document, such as
/// `KubeServiceAccountConfig`, or belongs to the main document.
pub(super) struct Fields<'a> {
    main: &'a Tree,
    kinds: Vec<(&'a str, &'a Tree)>,
    problems: Vec<String>,
}

impl<'a> Fields<'a> {
    /// The fields of `documents`; nothing if none of them has the sections of a machine
    /// configuration.
    pub(super) fn of(documents: &'a [Tree]) -> Option<Self> {
        let kind = |document: &'a Tree| document.field("kind").and_then(Tree::text);
        let main = documents.iter().find(|document| {
            let is_section = |name| document.field(name).is_some_and(Tree::is_mapping);
            kind(document).is_none() && is_section("machine") && is_section("cluster")
        })?;
        let kinds = documents
            .iter()
            .filter_map(|document| Some((kind(document)?, document)));
        let mut fields = Self {
            main,
            kinds: kinds.collect(),
            problems: Vec::new(),
        };
        for document in documents {
            let twice = document.duplicates().into_iter();
            fields
                .problems
                .extend(twice.map(|path| format!("`{path}` stands there twice")));
        }
        Some(fields)
    }

    /// What kind of machine it is for.
    pub(super) fn machine_type(&self) -> Option<&'a str> {
        self.main.at("machine.type").and_then(Tree::text)
    }

    /// What stands at `place`, if anything does.
    pub(super) fn at(&self, place: &str) -> Option<&'a Tree> {
        let (kind, path) = place.split_once('.')?;
        let found = if kind.starts_with(char::is_uppercase) {
            self.kinds
                .iter()
                .find(|(known, _)| *known == kind)?
                .1
                .at(path)
        } else {
            self.main.at(place)
        };
        found.filter(|tree| !matches!(tree, Tree::Null))
    }

    /// The text at one of two places. Talos refuses a configuration that has it at both.
    pub(super) fn text(&mut self, old: &'static str, new: Option<&'static str>) -> Option<&'a str> {
        self.located_text(old, new).map(|(_, text)| text)
    }

    /// The PEM at one of two places, the first of which holds it in base64, and where it was. What is
    /// not there is for the rules: a flag may give it, or a person may let it be made anew.
    pub(super) fn pem(
        &mut self,
        encoded: &'static str,
        plain: Option<&'static str>,
    ) -> Option<(&'static str, Secret<Vec<u8>>)> {
        let (place, text) = self.located_text(encoded, plain)?;
        if place != encoded {
            return Some((place, Secret::new(text.as_bytes().to_vec())));
        }
        match encoded_pem::decode(text) {
            Ok(pem) => Some((place, pem)),
            Err(error) => {
                self.problems.push(format!("`{place}` is invalid: {error}"));
                None
            }
        }
    }

    /// Which of two places it would be that is missing: from Talos 1.14 on, the second.
    pub(super) fn expected_place(
        &self,
        old: &'static str,
        new: Option<&'static str>,
    ) -> &'static str {
        let is_new = self.kinds.iter().any(|(kind, _)| kind.starts_with("Kube"));
        new.filter(|_| is_new).unwrap_or(old)
    }

    /// Everything that was found wrong.
    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    fn located_text(
        &mut self,
        old: &'static str,
        new: Option<&'static str>,
    ) -> Option<(&'static str, &'a str)> {
        let places = [Some(old), new].into_iter().flatten();
        let found: Vec<_> = places
            .filter_map(|place| Some((place, self.at(place)?)))
            .collect();
        if let [(first, _), (second, _)] = found[..] {
            self.problems
                .push(format!("both `{first}` and `{second}` are there"));
        }
        let (place, tree) = *found.first()?;
        let Some(text) = tree.text() else {
            self.problems.push(format!("`{place}` is not a text"));
            return None;
        };
        Some((place, text)).filter(|(_, text)| !text.is_empty())
    }
}
