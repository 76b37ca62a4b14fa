//! From when until when each certificate holds, as a picture, and the same as a table.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::contents::scrolling;
use super::{label, picture, table_head};
use crate::check::validity::{day, distance};
use crate::report::migration::MigrationReport;
use crate::report::migration::certificates::{self, Shown};
use crate::report::migration::element::Element;

const WIDTH: i64 = 960;
/// Where the chart begins and how wide it is; names stand before it, ends behind it.
const CHART: i64 = 270;
const CHART_WIDTH: i64 = 540;
const ROW: i64 = 24;
const TOP: i64 = 30;
/// A certificate that ends within this time is marked.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Farther from now nothing is drawn: some certificates hold until the year 9999.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 365 * 20);
/// At most so many years are marked.
const MOST_TICKS: i64 = 10;

/// The time that is shown.
struct Scale {
    start: i64,
    end: i64,
}

impl Scale {
    fn of(certificates: &[Shown<'_>], now: Timestamp) -> Self {
        let farthest = |moment: Timestamp| {
            let (first, last) = (
                now.as_second() - FARTHEST.as_secs(),
                now.as_second() + FARTHEST.as_secs(),
            );
            moment.as_second().clamp(first, last)
        };
        let starts = certificates
            .iter()
            .map(|one| farthest(one.validity().not_before));
        let ends = certificates
            .iter()
            .map(|one| farthest(one.validity().not_after));
        let start = starts.chain([now.as_second()]).min().unwrap_or_default();
        let end = ends.chain([now.as_second()]).max().unwrap_or_default();
        // Room before the first and behind the last.
        let margin = (end - start) / 40 + 1;
        Self {
            start: start - margin,
            end: end + margin,
        }
    }

    fn x(&self, second: i64) -> i64 {
        let second = second.clamp(self.start, self.end);
        CHART + (second - self.start) * CHART_WIDTH / (self.end - self.start)
    }

    /// The beginnings of years, each with its second.
    fn years(&self) -> Vec<(i16, i64)> {
        let year = |second| {
            let moment = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
            TimeZone::UTC.to_datetime(moment).year()
        };
        let (first, last) = (year(self.start), year(self.end));
        let count = i64::from(last - first);
        let steps = [1_i16, 2, 5, 10];
        let step = steps
            .into_iter()
            .find(|step| count / i64::from(*step) <= MOST_TICKS);
        let step = step.unwrap_or(10);
        let years = (first..=last).filter(|year| year % step == 0);
        let second = |year| {
            let date = jiff::civil::Date::new(year, 1, 1).ok()?;
            let midnight = date.to_datetime(jiff::civil::Time::midnight());
            let moment = TimeZone::UTC.to_timestamp(midnight).ok()?.as_second();
            (self.start..=self.end)
                .contains(&moment)
                .then_some((year, moment))
        };
        years.filter_map(second).collect()
    }
}

/// How a certificate stands at a moment, for the colour and in words.
fn state(shown: &Shown<'_>, now: Timestamp) -> (&'static str, String) {
    let validity = shown.validity();
    let (class, word) = if validity.not_before > now {
        return (
            "ended",
            format!("begins {}", distance(now, validity.not_before)),
        );
    } else if validity.not_after < now {
        ("ended", "ended")
    } else if validity.not_after.duration_since(now) <= SOON {
        ("soon", "ends")
    } else {
        ("fine", "ends")
    };
    (
        class,
        format!("{word} {}", distance(now, validity.not_after)),
    )
}

pub(super) fn section(report: &MigrationReport<'_>) -> Option<Element> {
    let mut certificates = certificates::all(report.cluster);
    certificates.extend(certificates::made(report));
    if certificates.is_empty() {
        return None;
    }
    let now = report.now;
    let scale = Scale::of(&certificates, now);
    let height = TOP + ROW * i64::try_from(certificates.len()).unwrap_or(i64::MAX / ROW) + 8;
    let mut shapes = Vec::new();
    for (year, second) in scale.years() {
        let x = scale.x(second);
        shapes.push(vertical("tick", x, height));
        shapes.push(label("small", x + 3, 12, &year.to_string(), 4));
    }
    for (index, shown) in certificates.iter().enumerate() {
        let y = TOP + ROW * i64::try_from(index).unwrap_or_default();
        shapes.extend(row(shown, &scale, now, y));
    }
    let x = scale.x(now.as_second());
    shapes.push(vertical("now", x, height));
    shapes.push(label("now-text", x + 4, 26, "now", 3));
    let picture = picture(
        "times",
        WIDTH,
        height,
        "When the certificates end",
        "Each certificate is a bar from its first day to its last. The same is told in the table \
         below",
    );
    let frame = Element::new("div")
        .with("class", "wide")
        .with("tabindex", 0);
    Some(
        super::section("times", "When certificates end")
            .child(frame.child(picture.children(shapes)))
            .child(Element::new("p").text(
                "Talos issues new certificates by itself, for a year, and for etcd for ten. It does \
                 not renew a CA.",
            ))
            .child(table(&certificates, now)),
    )
}

fn row(shown: &Shown<'_>, scale: &Scale, now: Timestamp, y: i64) -> Vec<Element> {
    let validity = shown.validity();
    let start = scale.x(validity.not_before.as_second());
    let end = scale.x(validity.not_after.as_second());
    let (class, words) = state(shown, now);
    let (thickness, style) = if shown.kind.is_authority() {
        (14, format!("bar authority {class}"))
    } else {
        (8, format!("bar {class}"))
    };
    let bar = Element::new("rect")
        .with("class", style)
        .with("x", start)
        .with("y", y + (ROW - thickness) / 2)
        .with("width", (end - start).max(2))
        .with("height", thickness)
        .with("rx", 3)
        .child(Element::new("title").text(format!(
            "{}: {} to {}",
            shown.label(),
            day(validity.not_before),
            day(validity.not_after)
        )));
    let indent = if shown.kind.is_authority() { 0 } else { 14 };
    let name = if shown.kind.is_authority() {
        "file strong"
    } else {
        "file"
    };
    vec![
        label(name, 1 + indent, y + 16, shown.label(), 34),
        bar,
        label("small", CHART + CHART_WIDTH + 10, y + 16, &words, 22),
    ]
}

fn vertical(class: &'static str, x: i64, height: i64) -> Element {
    let line = Element::new("line").with("class", class);
    line.with("x1", x)
        .with("y1", 2)
        .with("x2", x)
        .with("y2", height)
}

fn table(certificates: &[Shown<'_>], now: Timestamp) -> Element {
    let rows = certificates.iter().map(|shown| {
        let validity = shown.validity();
        let (class, words) = state(shown, now);
        let cell = |text: String| Element::new("td").text(text);
        Element::new("tr")
            .child(
                Element::new("th")
                    .with("scope", "row")
                    .child(Element::new("code").text(shown.file())),
            )
            .child(cell(shown.name()))
            .child(cell(
                shown
                    .slot
                    .map_or("another CA", |slot| slot.title())
                    .to_owned(),
            ))
            .child(cell(day(validity.not_before)))
            .child(cell(day(validity.not_after)))
            .child(cell(words).with("class", class))
    });
    let table = Element::new("table")
        .child(table_head(&["file", "subject", "CA", "from", "until", ""]))
        .child(Element::new("tbody").children(rows));
    Element::new("details")
        .child(Element::new("summary").text("The same as a table"))
        .child(scrolling(table))
}
