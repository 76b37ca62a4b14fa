//! The order in which the encoder writes the names of a Go map: numbers in them count as numbers.

use std::cmp::Ordering;

/// Puts `entries` into the encoder's order of their names.
#[must_use]
pub fn in_order<T>(entries: impl IntoIterator<Item = (String, T)>) -> Vec<(String, T)> {
    let mut ordered: Vec<(String, T)> = Vec::new();
    for (name, value) in entries {
        // Names with numbers of twenty digits have no order that holds; the search needs none.
        let position = ordered.partition_point(|(other, _)| compare(other, &name).is_le());
        ordered.insert(position, (name, value));
    }
    ordered
}

/// `keyList.Less` of the encoder.
fn compare(left: &str, right: &str) -> Ordering {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut pairs = left.iter().zip(&right);
    let Some(start) = pairs.position(|(left, right)| left != right) else {
        return left.len().cmp(&right.len());
    };
    let (first, second) = (left[start], right[start]);
    let after_digit = start > 0 && left[start - 1].is_numeric();
    match (first.is_alphabetic(), second.is_alphabetic()) {
        (true, true) => return first.cmp(&second),
        (true, false) if after_digit => return Ordering::Less,
        (true, false) => return Ordering::Greater,
        (false, true) if after_digit => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero counts for nothing only at the beginning of a number.
    let before = left[..start].iter().rev();
    let mut digits = before.take_while(|character| character.is_numeric());
    let inside_number = (first == '0' || second == '0') && digits.any(|digit| *digit != '0');
    let (left_number, left_length) = number(&left[start..], inside_number);
    let (right_number, right_length) = number(&right[start..], inside_number);
    left_number
        .cmp(&right_number)
        .then(left_length.cmp(&right_length))
        .then(first.cmp(&second))
}

/// The number that `text` begins with, and how many digits it has. Too large a one wraps around, as
/// in Go.
fn number(text: &[char], inside_number: bool) -> (i64, usize) {
    let digits = text.iter().take_while(|character| character.is_numeric());
    let value = |digit: &char| i64::from(u32::from(*digit)).wrapping_sub(i64::from(u32::from('0')));
    digits.fold((i64::from(inside_number), 0), |(sum, count), digit| {
        let sum = sum.wrapping_mul(10).wrapping_add(value(digit));
        (sum, count + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This order is the one that the encoder itself gave.
    #[test]
    fn numbers_count_as_numbers() {
        let ordered = [
            "",
            "-",
            "1",
            "1a",
            "1-",
            "2",
            "02",
            "10",
            "100",
            "a",
            "a-1",
            "a-2",
            "a-10",
            "a-10b",
            "a.b",
            "a@b",
            "ab",
            "admin",
            "admin@prod",
            "admin@prod-1",
            "admin@prod-2",
            "admin@prod-10",
            "prod",
            "é",
        ];
        let mut names: Vec<_> = ordered
            .iter()
            .map(|name| ((*name).to_owned(), ()))
            .collect();
        names.reverse();
        let names = in_order(names).into_iter().map(|(name, ())| name);
        assert_eq!(names.collect::<Vec<_>>(), ordered);
    }
}
