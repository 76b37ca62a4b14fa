//! The page: well-formed, whole by itself, and safe against every name from outside.

use std::collections::BTreeSet;

use roxmltree::{Document, Node, ParsingOptions};
use talos_pki::report::migration;

use crate::clusters::{self, Read};
use crate::hostile::{self, HOSTILE};

/// All that a page is made of. What a hostile name brought in would not be among it.
const ELEMENTS: [&str; 40] = [
    "a", "article", "body", "circle", "code", "dd", "desc", "details", "div", "dl", "dt", "footer",
    "h1", "h2", "h3", "head", "header", "html", "li", "line", "main", "meta", "p", "path", "rect",
    "section", "span", "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "th",
    "thead", "title", "tr", "ul",
];

/// A strict parser of XML reads it: nothing is left open or closed twice.
fn parse(html: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(html, options).unwrap()
}

fn text_of(node: Node<'_, '_>) -> String {
    let texts = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text());
    texts.collect()
}

#[test]
fn every_page_is_well_formed_and_has_no_script_and_nothing_from_outside() {
    for (name, read) in clusters::all() {
        let html = migration::html(&read.report());
        let page = parse(&html);
        let mut ids = BTreeSet::new();
        for node in page.descendants().filter(Node::is_element) {
            let element = node.tag_name().name();
            assert!(ELEMENTS.contains(&element), "{name}: <{element}>");
            for attribute in node.attributes() {
                let (key, value) = (attribute.name(), attribute.value());
                assert!(
                    !key.starts_with("on") && key != "src" && key != "style",
                    "{name}: {key}"
                );
                assert!(key != "href" || value.starts_with('#'), "{name}: {value}");
                assert!(
                    key != "id" || ids.insert(value.to_owned()),
                    "{name}: {value} twice"
                );
            }
        }
        let style = page.descendants().find(|node| node.has_tag_name("style"));
        let sheet = style.unwrap().text().unwrap();
        assert!(!sheet.contains("url(") && !sheet.contains("@import"));
        for link in page.descendants().filter(|node| node.has_tag_name("a")) {
            let target = &link.attribute("href").unwrap()[1..];
            let count = link.descendants().find(|node| node.has_tag_name("strong"));
            let is_empty = count.is_some_and(|count| text_of(count) == "0");
            assert!(
                is_empty || ids.contains(target),
                "{name}: #{target} is not there"
            );
        }
    }
}

#[test]
fn every_item_is_there_once_with_its_outcome() {
    for (name, read) in clusters::all() {
        let html = migration::html(&read.report());
        let page = parse(&html);
        for (index, item) in read.plan.items.iter().enumerate() {
            let id = format!("item-{}", index + 1);
            let rows = page
                .descendants()
                .filter(|node| node.attribute("id") == Some(&id));
            let rows: Vec<_> = rows.collect();
            assert_eq!(rows.len(), 1, "{name}: {id}");
            let text = text_of(rows[0]);
            if name != "hostile" {
                assert!(
                    text.contains(&item.what),
                    "{name}: {text} is not {}",
                    item.what
                );
            }
        }
        let count = page.descendants().filter(|node| {
            let id = node.attribute("id");
            id.is_some_and(|id| id.starts_with("item-"))
        });
        assert_eq!(count.count(), read.plan.items.len(), "{name}");
    }
}

#[test]
fn a_person_who_does_not_see_the_pictures_is_told_what_is_in_them() {
    let read = clusters::fixture("rsa-2048", "v1.14");
    let html = migration::html(&read.report());
    let page = parse(&html);
    let pictures: Vec<_> = page
        .descendants()
        .filter(|node| node.has_tag_name("svg"))
        .collect();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        assert_eq!(picture.attribute("role"), Some("img"));
        let ids = picture.attribute("aria-labelledby").unwrap();
        for id in ids.split(' ') {
            let mut named = picture.children();
            assert!(named.any(|child| child.attribute("id") == Some(id)), "{id}");
        }
    }
    for table in page.descendants().filter(|node| node.has_tag_name("table")) {
        let mut heads = table.descendants().filter(|node| node.has_tag_name("th"));
        assert!(heads.all(|head| head.attribute("scope").is_some()));
    }
}

#[test]
fn names_from_outside_stay_text() {
    let read = Read::of(hostile::hostile().path(), "v1.14");
    let html = migration::html(&read.report());
    for text in HOSTILE {
        assert!(!html.contains(text) || !text.contains('<'), "{text}");
    }
    let page = parse(&html);
    assert!(text_of(page.root()).contains("<script>alert(1)</script>"));
}

#[test]
fn many_certificates_still_fit() {
    let mut read = clusters::fixture("rsa-2048", "v1.14");
    for _ in 0..5 {
        let again = clusters::fixture("rsa-2048", "v1.14");
        read.cluster.leaves.extend(again.cluster.leaves);
        read.cluster.kubeconfigs.extend(again.cluster.kubeconfigs);
    }
    let html = migration::html(&read.report());
    let page = parse(&html);
    let tree = page
        .descendants()
        .find(|node| node.has_tag_name("svg"))
        .unwrap();
    let height: i64 = tree
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .nth(3)
        .unwrap()
        .parse()
        .unwrap();
    let number = |node: &Node<'_, '_>, name| node.attribute(name)?.parse::<i64>().ok();
    let lowest = tree
        .descendants()
        .filter_map(|node| number(&node, "cy"))
        .max();
    assert!(lowest.unwrap() < height);
    let rightmost = tree
        .descendants()
        .filter_map(|node| number(&node, "cx"))
        .max();
    assert!(rightmost.unwrap() < 960);
    let leaves = tree
        .descendants()
        .filter(|node| node.has_tag_name("circle"));
    assert_eq!(leaves.count(), 6 * 12 + 1);
}
