//! Where in a text the fields of its documents stand.
//!
//! The library that reads a [`Tree`](super::Tree) is the one whose sibling Talos uses, and so it is
//! the judge of what a document says; but it tells no positions. Another parser is asked for them,
//! and for nothing else: if it disagrees about a text, a finding has no line, and is no other.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser};

use super::{Place, Utf8, join};

/// The places of all fields of one document, by path as in [`Tree::paths_of`](super::Tree::paths_of).
#[derive(Debug, Default)]
pub struct Positions(HashMap<String, Vec<Place>>);

impl Positions {
    /// The positions in each document of `text`, which must have been read as
    /// [`Tree`](super::Tree)s before: its guards against hostile texts are there. Nothing if there
    /// are not exactly `count` documents.
    #[must_use]
    pub fn of_documents(text: &[u8], count: usize) -> Option<Vec<Self>> {
        let text = Utf8::of(text)?;
        let text = std::str::from_utf8(&text).ok()?;
        let mut documents = Vec::new();
        let mut walk = Walk::default();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            match event {
                Event::DocumentStart(_) => walk = Walk::default(),
                Event::DocumentEnd => documents.push(Self(std::mem::take(&mut walk.places))),
                event => walk.take(event, span.start),
            }
        }
        (documents.len() == count).then_some(documents)
    }

    /// Where the field at `path` stands: the first, if it stands there twice.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Place> {
        self.0.get(path)?.first().copied()
    }

    /// Where the field at `path` stands for the last time.
    #[must_use]
    pub fn last_of(&self, path: &str) -> Option<Place> {
        self.0.get(path)?.last().copied()
    }
}

/// A collection that is being read.
enum Open {
    /// A list, and the index of its next item.
    Sequence(String, usize),
    /// A mapping, and the name whose value comes next.
    Mapping(String, Option<String>),
    /// A collection that is a name, or stands in one: nobody can ask for what is in it.
    Nameless,
}

#[derive(Default)]
struct Walk {
    open: Vec<Open>,
    places: HashMap<String, Vec<Place>>,
}

impl Walk {
    fn take(&mut self, event: Event<'_>, at: Marker) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(Open::Mapping(path, name @ None)) = self.open.last_mut() {
                    *name = Some(join(path, &text));
                    let path = name.clone().unwrap_or_default();
                    self.places.entry(path).or_default().push(place(at));
                } else {
                    self.value(at);
                }
            }
            Event::Alias(_) => {
                self.value(at);
            }
            Event::SequenceStart(..) => {
                let opened = self.value(at);
                self.open
                    .push(opened.map_or(Open::Nameless, |path| Open::Sequence(path, 0)));
            }
            Event::MappingStart(..) => {
                let opened = self.value(at);
                self.open
                    .push(opened.map_or(Open::Nameless, |path| Open::Mapping(path, None)));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
            }
            _ => {}
        }
    }

    /// Notes that a value begins here. Gives its path; nothing if it has none.
    fn value(&mut self, at: Marker) -> Option<String> {
        match self.open.last_mut() {
            None => {
                self.places
                    .entry(String::new())
                    .or_default()
                    .push(place(at));
                Some(String::new())
            }
            Some(Open::Sequence(path, next)) => {
                let path = format!("{path}[{next}]");
                *next += 1;
                self.places.entry(path.clone()).or_default().push(place(at));
                Some(path)
            }
            // A field stands where its name stands.
            Some(Open::Mapping(_, name)) => {
                let path = name.take();
                if path.is_none() {
                    // A collection as a name: what follows is its value.
                    *name = Some(String::new());
                }
                path
            }
            Some(Open::Nameless) => None,
        }
    }
}

fn place(marker: Marker) -> Place {
    Place {
        line: marker.line(),
        column: marker.col() + 1,
    }
}
