//! Talosconfigs as Talos writes them, through the library.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;
use talos_pki::talos::{Talosconfig, TalosconfigError};

/// What Talos itself wrote, with every field that it knows.
const WRITTEN_BY_TALOS: &str = "\
context: admin@prod
contexts:
    admin@prod:
        endpoints:
            - 10.0.0.1
            - fd00::1
            - \"2001\"
        nodes:
            - 10.0.0.9
        ca: Y2E=
        crt: Y3J0
        key: a2V5
    admin@prod-2:
        endpoints: []
        ca: Y2E=
        crt: Y3J0
        key: a2V5
    admin@prod-10:
        endpoints: []
        ca: Y2E=
        crt: Y3J0
        key: a2V5
    omni:
        endpoints:
            - https://example.omni.siderolabs.io
        auth:
            basic:
                username: jane
                password: \"0123\"
            siderov1:
                identity: jane@example.org
        cluster: talos-default
        proxy-url: socks5://127.0.0.1:1080
";

fn written(text: &str) -> String {
    let config = Talosconfig::read(text.as_bytes()).unwrap();
    config.to_secret_yaml().expose().clone()
}

#[test]
fn what_talos_wrote_stays_as_it_is() {
    let empty = "context: \"\"\ncontexts: {}\n";
    for text in [WRITTEN_BY_TALOS, empty] {
        assert_eq!(written(text), text);
    }
}

#[test]
fn contexts_are_put_in_order_of_their_names() {
    let text = "contexts:\n  c-10: {}\n  c-2: {}\ncontext: c-2\n";
    let expected = "\
context: c-2
contexts:
    c-2:
        endpoints: []
    c-10:
        endpoints: []
";
    assert_eq!(written(text), expected);
}

#[test]
fn fields_that_talos_does_not_know_are_kept_behind_the_others() {
    let text = "\
theme: dark
contexts:
  prod:
    color: 0x1F
    tags: [yes, 1.10, ~, {a: true}]
    key: a2V5
    nodes: []
    target: 10.0.0.2
    endpoints: [10.0.0.1]
    ca: ''
";
    let expected = "\
context: \"\"
contexts:
    prod:
        endpoints:
            - 10.0.0.1
            - 10.0.0.2
        key: a2V5
        color: 0x1F
        tags:
            - 'yes'
            - 1.10
            - null
            - a: true
theme: dark
";
    assert_eq!(written(text), expected);
    assert_eq!(written(expected), expected);
}

#[test]
fn a_merged_context_gets_a_number_if_its_name_is_taken() {
    let one = |context: &str| {
        let text = format!("context: {context}\ncontexts:\n  {context}:\n    endpoints: [x]\n");
        Talosconfig::read(text.as_bytes()).unwrap()
    };
    let mut config = one("prod");
    for (name, expected) in [
        ("prod", "prod-1"),
        ("prod", "prod-2"),
        ("prod-1", "prod-1-1"),
    ] {
        let renames = config.merge(one(name));
        assert_eq!(renames.len(), 1);
        assert_eq!((&*renames[0].from, &*renames[0].to), (name, expected));
        assert_eq!(config.current(), expected);
    }
    assert_eq!(config.merge(one("other")), []);
    assert_eq!(config.contexts().count(), 5);
}

/// As Go's decoder does.
#[test]
fn an_empty_item_of_a_list_is_left_out() {
    let nodes = |list: &str| {
        let text = format!("context: a\ncontexts:\n    a:\n        nodes: {list}\n");
        let config = Talosconfig::read(text.as_bytes()).unwrap();
        let nodes = config.context("a").unwrap().nodes().into_iter();
        nodes.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(nodes("[~]").is_empty());
    assert_eq!(nodes("[~, 10.0.0.1, null]"), ["10.0.0.1"]);
}

#[test]
fn everything_that_is_wrong_is_told_and_nothing_quoted() {
    let kind = |field: &str, expected| TalosconfigError::Kind {
        field: field.to_owned(),
        expected,
    };
    let text = "\
context: [SECRET]
contexts:
  a:
    endpoints: SECRET
    key: {SECRET: SECRET}
    key: SECRET
  b:
  c: SECRET
";
    let problems = Talosconfig::read(text.as_bytes()).unwrap_err();
    assert_eq!(
        problems,
        [
            TalosconfigError::Duplicate("contexts.a.key".to_owned()),
            kind("context", "a text"),
            kind("contexts.a.endpoints", "a list of texts"),
            kind("contexts.a.key", "a text"),
            kind("contexts.b", "a mapping"),
            kind("contexts.c", "a mapping"),
        ]
    );
    for (text, expected) in [
        ("", TalosconfigError::Empty),
        (
            "apiVersion: v1\nkind: Config\n",
            TalosconfigError::NotATalosconfig,
        ),
        (
            "contexts:\n  a: &a {}\n  b: {<<: *a}\n",
            TalosconfigError::Name("a merge key (`<<`)"),
        ),
        ("- context: SECRET\n", TalosconfigError::NotATalosconfig),
    ] {
        let problems = Talosconfig::read(text.as_bytes()).unwrap_err();
        assert_eq!(problems, [expected]);
    }
    let problems = Talosconfig::read(b"context: [SECRET\n").unwrap_err();
    assert!(matches!(problems[..], [TalosconfigError::Syntax(_)]));
    assert!(!problems[0].to_string().contains("SECRET"));
}

/// A value in JSON, which is YAML too.
fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Words that YAML takes for something else, and any others.
fn text() -> impl Strategy<Value = String> {
    let odd = "(yes|~|null|0x1F|1e3|2026-12-01|a: b|- a|#a|'a'|\"a\"| a|a |1_000|\\*a|&a|!a|)";
    prop_oneof![odd, "[a-z@.-]{1,8}[0-9]{0,3}", "\\PC{0,12}"].prop_filter("a merge key", |text| {
        // It has a meaning of its own, and is refused.
        text != "<<"
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_and_what_is_written_stays(
        contexts in btree_map(text(), (vec(text(), 0..3), btree_map("x[a-z]{1,4}", value(), 0..4)), 0..5),
        current in text(),
    ) {
        let contexts: serde_json::Map<_, _> = contexts
            .iter()
            .map(|(name, (endpoints, unknown))| {
                let mut fields: serde_json::Map<_, _> = unknown.clone().into_iter().collect();
                fields.insert("endpoints".to_owned(), endpoints.clone().into());
                (name.clone(), Value::Object(fields))
            })
            .collect();
        let original = serde_json::json!({"context": current, "contexts": contexts}).to_string();
        // JSON has these as they are, and for YAML 1.1 they end a line, which no name may do.
        let original = original.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        let once = written(&original);
        prop_assert_eq!(&written(&once), &once);
        let read: Value = serde_yaml::from_str(&once).unwrap();
        prop_assert_eq!(read, serde_yaml::from_str::<Value>(&original).unwrap());
    }
}
