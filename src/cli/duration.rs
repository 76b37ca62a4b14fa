//! Lengths of time and moments, as a person writes them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::check::validity::day;
use crate::pki::Validity;

/// `1y`, `90d`, `8760h`, `1y6w`: a year has 365 days, as in `8760h`.
pub(super) fn parse(text: &str) -> Result<SignedDuration, String> {
    const HINT: &str = "write it as 1y, 6w, 90d or 8760h";
    let mut hours: i64 = 0;
    let mut number: Option<i64> = None;
    for character in text.chars() {
        if let Some(digit) = character.to_digit(10) {
            let longer = number.unwrap_or_default().checked_mul(10);
            number = longer.and_then(|longer| longer.checked_add(i64::from(digit)));
            if number.is_none() {
                return Err("it is too long".to_owned());
            }
            continue;
        }
        let unit = match character {
            'h' => 1,
            'd' => 24,
            'w' => 7 * 24,
            'y' => 365 * 24,
            other => return Err(format!("`{other}` is no unit of time; {HINT}")),
        };
        let amount = number
            .take()
            .ok_or_else(|| format!("`{character}` has no number; {HINT}"))?;
        let sum = amount
            .checked_mul(unit)
            .and_then(|amount| hours.checked_add(amount));
        // A thousand years is more than any certificate holds, and far from every overflow.
        hours = sum
            .filter(|sum| *sum <= 1_000 * 365 * 24)
            .ok_or("it is too long")?;
    }
    if number.is_some() || text.is_empty() {
        return Err(format!("a unit is missing; {HINT}"));
    }
    Ok(SignedDuration::from_hours(hours))
}

/// How long a certificate holds: as [`parse`] reads it, or Go's notation, `8760h0m0s`.
pub(super) fn parse_lifetime(text: &str) -> Result<SignedDuration, String> {
    let duration = parse(text).or_else(|error| text.parse().map_err(|_| error))?;
    let longest = SignedDuration::from_hours(1_000 * 365 * 24);
    if duration < SignedDuration::from_secs(1) || duration > longest {
        return Err("it is not between a second and 1,000 years".to_owned());
    }
    Ok(duration)
}

/// When a certificate ends: on which day, or, if it holds for less than a week, at which minute.
pub(super) fn end_in_words(validity: Validity) -> String {
    let end = validity.not_after;
    let length = validity.not_before.duration_until(end);
    if length < SignedDuration::from_hours(7 * 24) {
        end.strftime("%Y-%m-%d %H:%M UTC").to_string()
    } else {
        day(end)
    }
}

/// A date, which begins at midnight UTC, or a moment (RFC 3339).
pub(super) fn parse_moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    // A parser of dates would pass over a time behind one.
    let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    date.and_then(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok())
        .ok_or_else(|| no_moment(text))
}

/// Why a text is no moment.
fn no_moment(text: &str) -> String {
    let day = text.get(..10).unwrap_or_default();
    let is_written_as_day = day.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let last = TimeZone::UTC.to_datetime(Timestamp::MAX).date();
    match day.parse::<Date>() {
        Ok(day) if day >= last => {
            format!("it is too late: the last moment is {:.0}", Timestamp::MAX)
        }
        Err(_) if is_written_as_day && !day.is_empty() => "there is no such day".to_owned(),
        _ => "write it as 2027-01-01 or 2027-01-01T12:00:00Z".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(parse("1y").unwrap(), SignedDuration::from_hours(8_760));
        assert_eq!(
            parse("1w2d3h").unwrap(),
            SignedDuration::from_hours(7 * 24 + 2 * 24 + 3)
        );
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in [
            "",
            "1",
            "d",
            "1m",
            "-1d",
            "99999999999999999999y",
            "9999999999999999y",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_lifetime_may_be_written_as_go_writes_it() {
        let year = SignedDuration::from_hours(8_760);
        for text in ["8760h", "8760h0m0s", "365d", "1y"] {
            assert_eq!(parse_lifetime(text), Ok(year), "{text}");
        }
        assert_eq!(parse_lifetime("90m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(parse_lifetime("1.5h"), Ok(SignedDuration::from_mins(90)));
        for text in ["", "0", "0h", "-1h", "5", "soon", "9999999h"] {
            assert!(parse_lifetime(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_is_a_moment() {
        assert_eq!(
            parse_moment("2027-01-01"),
            parse_moment("2027-01-01T00:00:00Z")
        );
        let told = |text| parse_moment(text).unwrap_err();
        for text in ["tomorrow", "", "2027-1-1", "2027-01-01T12:00"] {
            assert!(told(text).starts_with("write it as"), "{text}");
        }
        for text in ["9999-12-31", "9999-12-31T00:00:00Z"] {
            assert_eq!(
                told(text),
                "it is too late: the last moment is 9999-12-30T22:00:00Z"
            );
        }
        assert_eq!(told("2027-02-30"), "there is no such day");
    }
}
