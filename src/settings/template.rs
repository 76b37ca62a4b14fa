//! The flags that a distribution gives a component, as rows of a table: a name, and a value with
//! `{variables}` in it.

use super::Flag;
use super::distribution::Entry;

/// A row: the flag and its value. One with a variable that has no value is left out.
pub(super) type Row = (&'static str, &'static str);

/// The value of a variable.
pub(super) struct Variable {
    /// The value.
    pub(super) text: String,
    /// The file that sets it; nothing if the distribution does.
    pub(super) origin: Option<String>,
    /// The settings that it follows from.
    pub(super) made_of: Vec<String>,
}

impl Variable {
    /// What the distribution sets by itself.
    pub(super) fn default(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            origin: None,
            made_of: Vec::new(),
        }
    }

    /// What follows from settings; what the distribution sets by itself if there are none.
    pub(super) fn of<'a>(
        text: impl Into<String>,
        entries: impl IntoIterator<Item = &'a Entry>,
    ) -> Self {
        let mut variable = Self::default(text);
        for entry in entries {
            variable.origin = Some(entry.origin.clone());
            variable.made_of.push(entry.name.clone());
        }
        variable
    }
}

/// The flags of `rows`, by the values of their variables.
pub(super) fn fill(rows: &[Row], variable: &dyn Fn(&str) -> Option<Variable>) -> Vec<Flag> {
    let rows = rows.iter();
    rows.filter_map(|(name, template)| flag(name, template, variable))
        .collect()
}

fn flag(name: &str, template: &str, variable: &dyn Fn(&str) -> Option<Variable>) -> Option<Flag> {
    let mut flag = Flag::new(name, "");
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (wanted, after) = behind.split_once('}')?;
        let found = variable(wanted)?;
        flag.value.push_str(before);
        flag.value.push_str(&found.text);
        flag.origin = flag.origin.or(found.origin);
        flag.made_of.extend(found.made_of);
        rest = after;
    }
    flag.value.push_str(rest);
    Some(flag)
}

/// The flag `name` with the value of `entry`, which a person chose.
pub(super) fn chosen(name: &str, value: &str, entry: &Entry) -> Flag {
    Flag {
        origin: Some(entry.origin.clone()),
        made_of: vec![entry.name.clone()],
        ..Flag::new(name, value)
    }
}

/// Sets `name` to the value of `entry`, in the place of what it was.
pub(super) fn set(flags: &mut Vec<Flag>, name: &str, entry: &Entry) {
    flags.retain(|flag| flag.name != name);
    flags.push(chosen(name, entry.value.expose(), entry));
}
