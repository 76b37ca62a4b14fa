//! Which CA signed what, as a picture: a box for each CA, and beside it what it issued.

use super::{label, picture};
use crate::cluster::{CaSlot, Cluster};
use crate::report::migration::MigrationReport;
use crate::report::migration::certificates::{self, Kind, Shown};
use crate::report::migration::element::Element;

const WIDTH: i64 = 960;
const BOX_WIDTH: i64 = 312;
const BOX_HEIGHT: i64 = 64;
/// Where the first leaf stands.
const LEAVES: i64 = 360;
const ROW: i64 = 24;
const GAP: i64 = 24;
/// More leaves than these stand in two columns.
const ONE_COLUMN: usize = 16;

/// A box, and what hangs on it.
struct Branch {
    class: &'static str,
    title: String,
    lines: [String; 2],
    leaves: Vec<Leaf>,
}

struct Leaf {
    class: &'static str,
    file: String,
    name: String,
}

pub(super) fn section(report: &MigrationReport<'_>) -> Option<Element> {
    let branches = branches(report.cluster);
    if branches.is_empty() {
        return None;
    }
    let mut shapes = Vec::new();
    let mut y = 2;
    for branch in &branches {
        y += draw(branch, y, &mut shapes) + GAP;
    }
    let described: Vec<String> = branches.iter().map(describe).collect();
    let picture = picture(
        "tree",
        WIDTH,
        y - GAP + 2,
        "The trust of the cluster as a tree",
        &described.join(". "),
    );
    let picture = picture.children(shapes);
    let frame = Element::new("div")
        .with("class", "wide")
        .with("tabindex", 0);
    Some(super::section("tree", "Which CA signed what").child(frame.child(picture)))
}

fn branches(cluster: &Cluster) -> Vec<Branch> {
    let certificates = certificates::all(cluster);
    let mut branches: Vec<Branch> = certificates
        .iter()
        .filter(|one| one.kind == Kind::Authority)
        .map(|authority| of_authority(cluster, authority, &certificates))
        .collect();
    if let Some(account) = &cluster.service_account
        && let Some(key) = &account.key.chosen
    {
        let public = key.value.public_key();
        let leaves = account.public_key.chosen.iter().map(|half| Leaf {
            class: "leaf",
            file: cluster.shown_path(&half.origin.file),
            name: "the public half".to_owned(),
        });
        branches.push(Branch {
            class: "box",
            title: "Service-account key".to_owned(),
            lines: [
                format!(
                    "{}, {}",
                    cluster.shown_path(&key.origin.file),
                    public.algorithm()
                ),
                format!("key id {}", public.key_id()),
            ],
            leaves: leaves.collect(),
        });
    }
    let strangers = certificates.iter().filter(|one| one.slot.is_none());
    let strangers: Vec<Leaf> = strangers.map(leaf).collect();
    if !strangers.is_empty() {
        branches.push(Branch {
            class: "box stranger",
            title: "Another CA".to_owned(),
            lines: ["it is not among these".to_owned(), String::new()],
            leaves: strangers,
        });
    }
    branches
}

fn of_authority(cluster: &Cluster, authority: &Shown<'_>, all: &[Shown<'_>]) -> Branch {
    let slot = authority.slot;
    let has_key = slot
        .and_then(|slot| cluster.authority(slot))
        .is_some_and(|authority| authority.key.chosen.is_some());
    let signed_by = if authority.is_root() {
        String::new()
    } else {
        format!(", signed by {}", authority.issuer())
    };
    let key = if has_key { "" } else { ", key not found" };
    let below = all
        .iter()
        .filter(|one| one.slot == slot && one.kind != Kind::Authority);
    Branch {
        class: if has_key { "box" } else { "box keyless" },
        title: slot.map_or("", CaSlot::title).to_owned(),
        lines: [
            format!("{}{signed_by}", authority.name()),
            format!("{}, {}{key}", authority.file(), authority.algorithm()),
        ],
        leaves: below.map(leaf).collect(),
    }
}

fn leaf(shown: &Shown<'_>) -> Leaf {
    let (class, name) = match shown.kind {
        Kind::AlsoTrusted => (
            "leaf trusted",
            format!("{}, trusted beside it", shown.name()),
        ),
        Kind::Authority | Kind::Leaf | Kind::Client => ("leaf", shown.name()),
    };
    Leaf {
        class,
        file: shown.file().to_owned(),
        name,
    }
}

fn describe(branch: &Branch) -> String {
    let leaves: Vec<&str> = branch
        .leaves
        .iter()
        .map(|leaf| leaf.file.as_str())
        .collect();
    let leaves = match leaves.as_slice() {
        [] => "nothing that was found".to_owned(),
        leaves => leaves.join(", "),
    };
    format!("{} ({}): {leaves}", branch.title, branch.lines[0])
}

/// Draws a branch from `top` on, and gives its height.
fn draw(branch: &Branch, top: i64, shapes: &mut Vec<Element>) -> i64 {
    let columns = if branch.leaves.len() > ONE_COLUMN {
        2
    } else {
        1
    };
    let rows = branch.leaves.len().div_ceil(columns);
    let height = (to_number(rows) * ROW).max(BOX_HEIGHT);
    let middle = top + height / 2;
    let box_top = middle - BOX_HEIGHT / 2;
    shapes.push(
        Element::new("rect")
            .with("class", branch.class)
            .with("x", 1)
            .with("y", box_top)
            .with("width", BOX_WIDTH)
            .with("height", BOX_HEIGHT)
            .with("rx", 8),
    );
    shapes.push(label("title", 14, box_top + 22, &branch.title, 40));
    for (line, y) in branch.lines.iter().zip([40, 55]) {
        shapes.push(label("small", 14, box_top + y, line, 42));
    }
    let column_width = (WIDTH - LEAVES) / to_number(columns);
    for (index, leaf) in branch.leaves.iter().enumerate() {
        let (column, row) = (index / rows, index % rows);
        let x = LEAVES + to_number(column) * column_width;
        let first = top + (height - to_number(rows) * ROW) / 2;
        let y = first + to_number(row) * ROW + ROW / 2;
        if column == 0 {
            shapes.push(line(middle, x - 8, y));
        }
        let mark = Element::new("circle").with("class", leaf.class);
        shapes.push(mark.with("cx", x).with("cy", y).with("r", 4));
        if columns == 1 {
            shapes.push(label("file", x + 12, y + 4, &leaf.file, 34));
            shapes.push(label("small", x + 270, y + 4, &leaf.name, 44));
        } else {
            shapes.push(label("file", x + 12, y + 4, &leaf.file, 36));
        }
    }
    height
}

/// From the middle of a box to a leaf.
fn line(from: i64, x: i64, y: i64) -> Element {
    let start = 1 + BOX_WIDTH;
    let turn = start + 20;
    let path = format!("M{start} {from} H{turn} V{y} H{x}");
    Element::new("path").with("class", "line").with("d", path)
}

fn to_number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
