//! What an expression gives, and whether its parts go together.

use super::environment::Environment;
use super::kind::Kind::{self, Any, Bool, Bytes, Double, Duration, Int, Text, Uint};
use super::parser::Expression;

/// Functions of every environment: by their name, what they give.
static FUNCTIONS: [(&str, Kind); 11] = [
    ("bool", Bool),
    ("bytes", Bytes),
    ("double", Double),
    ("duration", Duration),
    ("dyn", Any),
    ("has", Bool),
    ("int", Int),
    ("size", Int),
    ("string", Text),
    ("type", Any),
    ("uint", Uint),
];

/// Methods of texts: how many arguments they have, which are texts, and what they give.
static OF_TEXTS: [(&str, usize, Kind); 5] = [
    ("contains", 1, Bool),
    ("endsWith", 1, Bool),
    ("matches", 1, Bool),
    ("size", 0, Int),
    ("startsWith", 1, Bool),
];

/// Methods that go through a list, with a name for each item.
const MACROS: [&str; 5] = ["all", "exists", "exists_one", "filter", "map"];

const ORDERED: [Kind; 7] = [Bool, Int, Uint, Double, Text, Bytes, Duration];

/// The names that macros have given so far.
type Given = Vec<String>;

/// What `expression` gives, or why it cannot.
pub(super) fn kind_of(
    expression: &Expression,
    environment: &Environment,
    given: &mut Given,
) -> Result<Kind, String> {
    if let Expression::Name(name) = expression
        && given.contains(name)
    {
        return Ok(Any);
    }
    let mut kind = |part: &Expression| kind_of(part, environment, given);
    match expression {
        Expression::Value(value) => Ok(value.clone()),
        Expression::Name(name) => environment
            .name(name)
            .ok_or_else(|| format!("`{name}` is nothing that can be asked there")),
        Expression::Not(inner) => {
            let inner = kind(inner)?;
            if inner.is_among(&[Bool]) {
                Ok(Bool)
            } else {
                Err(format!("`!` stands before {inner}"))
            }
        }
        Expression::Minus(inner) => {
            let inner = kind(inner)?;
            if inner.is_among(&[Int, Double]) {
                Ok(inner)
            } else {
                Err(format!("`-` stands before {inner}"))
            }
        }
        Expression::Binary(operator, left, right) => {
            let (left, right) = (kind(left)?, kind(right)?);
            binary(operator, &left, &right)
                .ok_or_else(|| format!("`{operator}` stands between {left} and {right}"))
        }
        Expression::Choice(condition, yes, no) => {
            let (condition, yes, no) = (kind(condition)?, kind(yes)?, kind(no)?);
            if !condition.is_among(&[Bool]) {
                return Err(format!("`?` stands behind {condition}"));
            }
            if !yes.agrees(&no) {
                return Err(format!("`:` stands between {yes} and {no}"));
            }
            Ok(if yes == Any { no } else { yes })
        }
        Expression::Field(of, name) => field(&kind(of)?, name),
        Expression::Item(of, index) => {
            let (of, _) = (kind(of)?, kind(index)?);
            match of {
                Kind::List(item) | Kind::Map(_, item) => Ok(*item),
                Any => Ok(Any),
                other => Err(format!("`[` stands behind {other}")),
            }
        }
        Expression::List(items) => {
            let kinds: Result<Vec<_>, _> = items.iter().map(kind).collect();
            let kinds = kinds?;
            let first = kinds.first().cloned().unwrap_or(Any);
            let is_one = kinds.iter().all(|other| *other == first);
            Ok(Kind::List(Box::new(if is_one { first } else { Any })))
        }
        Expression::Map(entries) => {
            for (key, value) in entries {
                kind(key)?;
                kind(value)?;
            }
            Ok(Kind::Map(Box::new(Any), Box::new(Any)))
        }
        Expression::Call(None, name, arguments) => function(name, arguments, environment, given),
        Expression::Call(Some(of), name, arguments) => {
            let of = kind(of)?;
            method(&of, name, arguments, environment, given)
        }
    }
}

fn binary(operator: &str, left: &Kind, right: &Kind) -> Option<Kind> {
    let agree = left.agrees(right);
    let known = if *left == Any { right } else { left };
    match operator {
        "&&" | "||" => (left.is_among(&[Bool]) && right.is_among(&[Bool])).then_some(Bool),
        "==" | "!=" => (agree || *left == Kind::Null || *right == Kind::Null).then_some(Bool),
        "<" | "<=" | ">" | ">=" => {
            let are_ordered = left.is_among(&ORDERED) && right.is_among(&ORDERED);
            (agree && are_ordered).then_some(Bool)
        }
        "in" => match right {
            Kind::List(item) => left.agrees(item).then_some(Bool),
            Kind::Map(key, _) => left.agrees(key).then_some(Bool),
            Any => Some(Bool),
            _ => None,
        },
        "+" => {
            let is_list = matches!(known, Kind::List(_));
            let kinds = [Int, Uint, Double, Text, Bytes, Duration];
            (agree && (is_list || known.is_among(&kinds))).then(|| known.clone())
        }
        "-" => (agree && known.is_among(&[Int, Uint, Double, Duration])).then(|| known.clone()),
        "*" | "/" => (agree && known.is_among(&[Int, Uint, Double])).then(|| known.clone()),
        _ => (agree && known.is_among(&[Int, Uint])).then(|| known.clone()),
    }
}

fn field(of: &Kind, name: &str) -> Result<Kind, String> {
    match of {
        Kind::Thing(fields) => {
            let found = fields.iter().find(|(known, _)| *known == name);
            let missing = || format!("`{name}` is no field that can be asked there");
            found.map(|(_, kind)| kind.clone()).ok_or_else(missing)
        }
        Any | Kind::Map(..) => Ok(Any),
        other => Err(format!("`.{name}` stands behind {other}")),
    }
}

fn all(
    arguments: &[Expression],
    environment: &Environment,
    given: &mut Given,
) -> Result<Vec<Kind>, String> {
    arguments
        .iter()
        .map(|one| kind_of(one, environment, given))
        .collect()
}

fn function(
    name: &str,
    arguments: &[Expression],
    environment: &Environment,
    given: &mut Given,
) -> Result<Kind, String> {
    let kinds = all(arguments, environment, given)?;
    let wrong = || format!("`{name}` does not take what it is given");
    let own = environment
        .functions
        .iter()
        .find(|(known, ..)| *known == name);
    if let Some((_, wanted, gives)) = own {
        let fits = kinds.len() == wanted.len()
            && kinds
                .iter()
                .zip(*wanted)
                .all(|(kind, wanted)| kind.agrees(wanted));
        return if fits {
            Ok(gives.clone())
        } else {
            Err(wrong())
        };
    }
    if name == "matches" {
        let fits = kinds.len() == 2 && kinds.iter().all(|kind| kind.is_among(&[Text]));
        return if fits { Ok(Bool) } else { Err(wrong()) };
    }
    if name == "timestamp" {
        return Ok(Any);
    }
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, gives)) if kinds.len() == 1 => Ok(gives.clone()),
        Some(_) => Err(wrong()),
        None => Err(format!("`{name}` is no function that can be called there")),
    }
}

fn method(
    of: &Kind,
    name: &str,
    arguments: &[Expression],
    environment: &Environment,
    given: &mut Given,
) -> Result<Kind, String> {
    if MACROS.contains(&name) {
        if let [Expression::Name(item), rest @ ..] = arguments {
            given.push(item.clone());
            let kinds = all(rest, environment, given);
            given.pop();
            kinds?;
        }
        let gives_list = ["filter", "map"].contains(&name);
        return Ok(if gives_list {
            Kind::List(Box::new(Any))
        } else {
            Bool
        });
    }
    let kinds = all(arguments, environment, given)?;
    if *of != Text {
        let is_simple = [Bool, Int, Uint, Double].contains(of);
        let wrong = || format!("`.{name}` stands behind {of}");
        return if is_simple { Err(wrong()) } else { Ok(Any) };
    }
    let found = OF_TEXTS
        .iter()
        .find(|(known, count, _)| *known == name && *count == kinds.len());
    match found {
        Some((_, _, gives)) if kinds.iter().all(|kind| kind.is_among(&[Text])) => Ok(gives.clone()),
        _ if name.starts_with("get") => Ok(Any),
        _ => Err(format!(
            "`.{name}` does not go with {of} and what it is given"
        )),
    }
}
