//! Elements of HTML and SVG that cannot be broken from outside: text and attributes enter escaped,
//! and every element is closed. What is written is HTML and well-formed XML at once.

use std::fmt::{self, Display, Formatter, Write};

use crate::printable::is_hidden;

/// Elements that HTML never closes.
const VOID: [&str; 2] = ["br", "meta"];

/// An element with what is in it.
#[derive(Debug, Clone)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Debug, Clone)]
enum Node {
    Element(Element),
    Text(String),
    /// A style sheet of ours, in which HTML escapes nothing.
    Style(&'static str),
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    /// A style sheet. It must not have `<`, `>` or `&` in it.
    pub(super) fn style(sheet: &'static str) -> Self {
        let mut style = Self::new("style");
        style.children.push(Node::Style(sheet));
        style
    }

    /// An attribute.
    pub(super) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Text as it is.
    pub(super) fn text(mut self, text: impl Display) -> Self {
        self.children.push(Node::Text(text.to_string()));
        self
    }

    /// A sentence of ours, where literals stand between backticks.
    pub(super) fn prose(mut self, sentence: &str) -> Self {
        for (index, part) in sentence.split('`').enumerate() {
            self = match index % 2 {
                0 if part.is_empty() => self,
                0 => self.text(part),
                _ => self.child(Self::new("code").text(part)),
            };
        }
        self
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    pub(super) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        let children = children.into_iter().map(Node::Element);
        self.children.extend(children);
        self
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", Escaped(value))?;
        }
        if VOID.contains(&self.name) {
            return f.write_str(" />");
        }
        f.write_char('>')?;
        for child in &self.children {
            match child {
                Node::Element(element) => element.fmt(f)?,
                Node::Text(text) => Escaped(text).fmt(f)?,
                Node::Style(sheet) => f.write_str(sheet)?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}

/// Text that means nothing to HTML. Characters that neither HTML nor XML may have become U+FFFD.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(' ')?,
                '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                other if is_hidden(other) => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
