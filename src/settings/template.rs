//! The flags that a distribution gives a component, as rows of a table: a name, and a value with
//! `{variables}` in it.

use super::Flag;

/// A row: the flag and its value. One with a variable that has no value is left out.
pub(super) type Row = (&'static str, &'static str);

/// The value of a variable.
pub(super) struct Variable {
    /// The value.
    pub(super) text: String,
    /// The file that sets it; nothing if the distribution does.
    pub(super) origin: Option<String>,
}

impl Variable {
    /// What the distribution sets by itself.
    pub(super) fn default(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            origin: None,
        }
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
        rest = after;
    }
    flag.value.push_str(rest);
    Some(flag)
}

/// Sets `name` to `values`, which are from `origin`, in the place of what it was.
pub(super) fn set(flags: &mut Vec<Flag>, name: &str, values: &[&str], origin: &str) {
    flags.retain(|flag| flag.name != name);
    flags.extend(values.iter().map(|value| Flag {
        origin: Some(origin.to_owned()),
        ..Flag::new(name, *value)
    }));
}
