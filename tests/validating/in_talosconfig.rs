//! Defects of talosconfigs.

use crate::defect::{Defect, change, defect, without};
use crate::talos_files::{encoded, talosconfig};

pub(crate) fn defects() -> Vec<Defect> {
    let sound = talosconfig("admin");
    vec![
        defect("sound", sound.clone(), &[]),
        defect(
            "no such context",
            change(&sound, "context: prod", "context: staging"),
            &["context-missing"],
        ),
        defect(
            "no current context",
            without(&sound, "context: prod"),
            &["context-missing"],
        ),
        defect(
            "no certificate",
            without(&without(&sound, "crt:"), "key:"),
            &["context-incomplete"],
        ),
        defect(
            "no endpoints",
            change(&sound, "\n            - 10.0.0.1", " []"),
            &["without-endpoints"],
        ),
        defect(
            "the key of another certificate",
            change(
                &sound,
                &encoded("talosconfig/admin.key"),
                &encoded("talosconfig/other.key"),
            ),
            &["client-key-mismatch"],
        ),
        defect(
            "the certificate of another CA",
            talosconfig("of-another-ca"),
            &["client-of-another-ca"],
        ),
        defect("ended", talosconfig("expired"), &["client-expired"]),
        defect("not yet", talosconfig("early"), &["client-not-yet-valid"]),
        defect("soon", talosconfig("ending"), &["client-ends-soon"]),
        defect(
            "client and server",
            talosconfig("client-and-server"),
            &["client-usage"],
        ),
        defect(
            "client and e-mail",
            talosconfig("client-and-email"),
            &["client-usage"],
        ),
        defect("server", talosconfig("server"), &["client-usage"]),
        defect("any use", talosconfig("without-usage"), &["client-usage"]),
        defect(
            "an unknown role",
            talosconfig("unknown-role"),
            &["unknown-role"],
        ),
        defect("no role", talosconfig("without-role"), &["without-role"]),
        defect(
            "no role that Talos knows",
            talosconfig("without-known-role"),
            &["without-role"],
        ),
        defect(
            "a CA that has ended",
            change(
                &sound,
                &encoded("talosconfig/ca.crt"),
                &encoded("talosconfig/ended-ca.crt"),
            ),
            &["context-ca-unusable"],
        ),
        defect(
            "not base64",
            change(&sound, &encoded("talosconfig/admin.crt"), "no base64!"),
            &["field-unreadable"],
        ),
        defect(
            "redacted",
            change(&sound, &encoded("talosconfig/admin.key"), "'******'"),
            &["redacted-field"],
        ),
        defect(
            "a name twice",
            change(&sound, "        ca: ", "        ca: again\n        ca: "),
            &["duplicate-name", "field-unreadable"],
        ),
        defect(
            "Omni's, by name",
            without(&without(&without(&sound, "ca:"), "crt:"), "key:")
                + "        auth:\n            siderov1:\n                identity: a@example.org\n",
            &[],
        ),
    ]
}
