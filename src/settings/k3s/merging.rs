//! What k3s was told in several places: what is set later counts. The order is the variables of the
//! unit, `config.yaml`, `config.yaml.d` in the order of names, the command line of the unit. `name+`
//! adds to a list.
//!
//! Source: "Configuration file" in the documentation of k3s, `pkg/configfilearg` in k3s-io/k3s.

use super::super::command_line;
use super::super::distribution::Entry;
use super::super::systemd_unit::Unit;
use super::Program;
use crate::talos::yaml_tree;

/// Short names, and one of before.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("-c", "--config"),
    ("-d", "--data-dir"),
    ("-s", "--server"),
    ("-t", "--token"),
    ("-v", "--v"),
    ("--kube-controller-arg", "--kube-controller-manager-arg"),
];

/// Variables that are not called after their setting.
const VARIABLES: [(&str, &str); 4] = [
    ("CONFIG_FILE", "config"),
    ("KUBECONFIG_MODE", "write-kubeconfig-mode"),
    ("KUBECONFIG_OUTPUT", "write-kubeconfig"),
    ("URL", "server"),
];

/// Settings, those of later files in the place of earlier ones.
#[derive(Default)]
pub(super) struct Merging(Vec<Entry>);

impl Merging {
    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.0
    }

    pub(super) fn take_environment(&mut self, unit: &Unit, program: &Program) {
        for (variable, value) in &unit.environment {
            let own = variable.strip_prefix(program.prefix);
            let called = VARIABLES.iter().find(|(name, _)| own == Some(name));
            let name = match (called, own) {
                (Some((_, setting)), _) => (*setting).to_owned(),
                (None, Some(own)) => own.to_lowercase().replace('_', "-"),
                (None, None) => variable.clone(),
            };
            self.set(&unit.path, &name, std::slice::from_ref(value));
        }
    }

    pub(super) fn take_file(&mut self, path: &str, document: &yaml_tree::Tree) {
        for (name, value) in document.entries() {
            let values = match value {
                yaml_tree::Tree::Sequence(items) => items.iter().collect(),
                one => vec![one],
            };
            let text = |value: &yaml_tree::Tree| value.text().unwrap_or_default().to_owned();
            let values: Vec<String> = values.into_iter().map(text).collect();
            let other = OTHER_NAMES.iter().find(|(other, _)| other[2..] == **name);
            self.set(path, other.map_or(name, |(_, today)| &today[2..]), &values);
        }
    }

    pub(super) fn take_command(&mut self, unit: &Unit) {
        let words = unit.command.iter().skip(2);
        let words: Vec<String> = words
            .map(|word| {
                let mut names = OTHER_NAMES.iter();
                let today = names.find(|(other, _)| other == word);
                today.map_or(word.as_str(), |(_, today)| today).to_owned()
            })
            .collect();
        let flags = command_line::flags(&words);
        let mut names: Vec<&str> = flags.iter().map(|flag| flag.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let values = flags.iter().filter(|flag| flag.name == name);
            let values: Vec<String> = values.map(|flag| flag.value.clone()).collect();
            self.set(&unit.path, name, &values);
        }
    }

    fn set(&mut self, origin: &str, name: &str, values: &[String]) {
        let (name, adds) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let others = self
            .0
            .iter_mut()
            .filter(|entry| entry.name == name && !adds);
        for other in others {
            other.replaced_by.get_or_insert_with(|| origin.to_owned());
        }
        let entries = values.iter().map(|value| Entry::new(origin, name, value));
        self.0.extend(entries);
    }
}
