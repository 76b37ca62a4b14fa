//! Flags of etcd.

use super::conversion::Conversion;
use super::flags::{Handling, Row, argument};
use super::item::Outcome;
use super::{Way, authorities, obstacle};
use crate::settings::{Component, ComponentProcess, Flag};
use crate::talos::etcd_flags;

const TRUST: Handling = Handling::Kept("Talos issues the file by the etcd CA of the bundle");
const OWN_ADDRESS: Handling =
    Handling::Kept("Talos names each member by the addresses of its node");
const MEMBERS: Handling = Handling::By(members);
const CHECKED: Handling =
    Handling::Kept("Talos has etcd check its data in this way, and nothing else can be set");
const PROGRESS: Handling = Handling::Kept(
    "Talos has etcd tell watchers every 5 s how far it is, and nothing else can be set",
);
const GONE: Handling = Handling::Kept("etcd 3.6, which Talos runs, no longer has it");

/// What Talos sets can mostly not be set by a configuration, which etcd would then not be started with:
/// [`etcd_flags`] says which.
pub(super) static FLAGS: [Row; 44] = [
    ("advertise-client-urls", OWN_ADDRESS),
    ("auto-tls", TRUST),
    ("cert-file", TRUST),
    ("cipher-suites", Handling::By(cipher_suites)),
    ("client-cert-auth", Handling::Fixed("true")),
    (
        "config-file",
        Handling::Kept("what stands in it is told by itself, if the source has it"),
    ),
    ("data-dir", Handling::By(data)),
    ("debug", GONE),
    ("enable-v2", Handling::By(version_2)),
    ("experimental-compact-hash-check-enabled", CHECKED),
    ("experimental-initial-corrupt-check", CHECKED),
    ("experimental-watch-progress-notify-interval", PROGRESS),
    ("feature-gates", Handling::By(gates)),
    (
        "force-new-cluster",
        Handling::Kept("it was for a recovery of the old cluster"),
    ),
    ("initial-advertise-peer-urls", OWN_ADDRESS),
    ("initial-cluster", MEMBERS),
    ("initial-cluster-state", MEMBERS),
    ("initial-cluster-token", MEMBERS),
    ("key-file", TRUST),
    ("listen-client-http-urls", OWN_ADDRESS),
    ("listen-client-urls", OWN_ADDRESS),
    (
        "listen-metrics-urls",
        Handling::Kept("Talos serves no metrics of etcd unless asked to; see differences"),
    ),
    ("listen-peer-urls", OWN_ADDRESS),
    ("log-output", GONE),
    ("log-package-levels", GONE),
    ("logger", Handling::Default("zap")),
    ("name", OWN_ADDRESS),
    ("peer-auto-tls", TRUST),
    ("peer-cert-file", TRUST),
    ("peer-client-cert-auth", Handling::Fixed("true")),
    ("peer-key-file", TRUST),
    ("peer-trusted-ca-file", Handling::By(authorities::of_etcd)),
    ("proxy", GONE),
    ("proxy-dial-timeout", GONE),
    ("proxy-failure-wait", GONE),
    ("proxy-read-timeout", GONE),
    ("proxy-refresh-interval", GONE),
    ("proxy-write-timeout", GONE),
    ("snapshot-count", Handling::Default("10000")),
    ("strict-reconfig-check", Handling::Default("true")),
    ("tls-max-version", Handling::By(tls_max_version)),
    ("tls-min-version", Handling::By(tls_min_version)),
    ("trusted-ca-file", Handling::By(authorities::of_etcd)),
    ("watch-progress-notify-interval", PROGRESS),
];

/// The gates that Talos itself opens.
const OPENED: [&str; 2] = ["InitialCorruptCheck=true", "CompactHashCheck=true"];

/// A flag that is in no row.
pub(super) fn unlisted(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    if flag.name.starts_with("discovery") {
        return Outcome::kept("it told the first members of the old cluster of each other");
    }
    let Some(plain) = etcd_flags::plain_name(&flag.name) else {
        return argument(conversion, Component::Etcd, flag);
    };
    let gate = etcd_flags::gate(&flag.name);
    // etcd 3.6 knows them with and without that.
    if conversion.contract().etcd_minor() < 6 {
        let instead = match gate {
            Some(gate) => {
                format!("a feature gate of etcd is in its place, `{gate}`, which Talos sets")
            }
            None => format!("from Talos 1.11 on you can have `{plain}` in its place"),
        };
        return until_update(
            conversion,
            flag,
            &format!("etcd 3.7 has no such flag: {instead}"),
        );
    }
    if let Some(gate) = gate {
        return of_gate(&format!("{gate}={}", flag.value));
    }
    let mut renamed = flag.clone();
    plain.clone_into(&mut renamed.name);
    argument(conversion, Component::Etcd, &renamed)
}

/// `--feature-gates`
fn gates(_: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    let mut gates = flag.value.split(',');
    match gates.find(|gate| !OPENED.contains(gate)) {
        Some(gate) => of_gate(gate),
        None => Outcome::same(),
    }
}

fn of_gate(gate: &str) -> Outcome {
    Outcome::needs_person(format!(
        "Talos sets the feature gates of etcd, and others cannot be set: see that you can do without \
         {gate}"
    ))
}

/// Hands a flag on with which the etcd of Talos 1.14 does not start.
fn until_update(conversion: &mut Conversion<'_>, flag: &Flag, why: &str) -> Outcome {
    obstacle::argument_until_update(conversion, Component::Etcd, flag, why)
}

/// `--tls-min-version`
fn tls_min_version(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if conversion.contract().demands_tls_1_3() {
        return Outcome::kept("Talos sets TLS1.3, which members and API servers speak");
    }
    if flag.value == "TLS1.2" {
        return Outcome::kept("etcd speaks no older TLS by itself");
    }
    until_update(
        conversion,
        flag,
        "Talos sets it to TLS1.3 by itself, and refuses any other word about it",
    )
}

/// `--cipher-suites`: "cannot be configured when only TLS1.3 is enabled", says etcd, and ends.
fn cipher_suites(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if conversion.contract().demands_tls_1_3() {
        return Outcome::kept("Talos has etcd speak TLS 1.3 alone, whose ciphers nobody chooses");
    }
    let why = "etcd speaks TLS 1.3 alone there, whose ciphers nobody chooses";
    obstacle::note(conversion, Component::Etcd, flag, false, why);
    Outcome::needs_person(
        "the etcd of Talos 1.14 does not start with it, since it speaks TLS 1.3 alone: set it in \
         `cluster.etcd.extraArgs` if you need it until then, and take it out before the update",
    )
}

/// `--tls-max-version`
fn tls_max_version(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    let contract = conversion.contract();
    if flag.value != "TLS1.2" {
        return argument(conversion, Component::Etcd, flag);
    }
    if !contract.demands_tls_1_3() {
        let why = "etcd speaks TLS 1.3 alone there, and could not reach members that have it: they have to be \
                   without it before the first is updated";
        return until_update(conversion, flag, why);
    }
    if !conversion.runs_side_by_side() {
        return Outcome::kept("Talos has etcd speak TLS 1.3 alone");
    }
    Outcome::refused(
        format!(
            "Talos {contract} has etcd speak TLS 1.3 alone, and the members that are there speak 1.2: \
             they would not reach each other"
        ),
        "take the flag off the old members first, or choose an older Talos by --talos-version",
    )
}

/// `--enable-v2`, until etcd 3.5
fn version_2(_: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if flag.value == "false" {
        return Outcome::kept("etcd 3.6, which Talos runs, has no other way");
    }
    Outcome::needs_person(
        "etcd 3.6, which Talos runs, no longer serves the API of version 2: see that nothing uses it \
         (Kubernetes does not)",
    )
}

/// `--initial-cluster…`: who the other members are.
fn members(conversion: &mut Conversion<'_>, _: &ComponentProcess, _: &Flag) -> Outcome {
    Outcome::kept(if conversion.runs_side_by_side() {
        "a new member asks the cluster who is in it, and joins as a learner"
    } else {
        "Talos begins with one member of its own, and the others join that"
    })
}

/// `--data-dir`
fn data(conversion: &mut Conversion<'_>, _: &ComponentProcess, _: &Flag) -> Outcome {
    Outcome::kept(match conversion.route.way {
        Way::Join => {
            "Talos keeps etcd at /var/lib/etcd; the data comes over from the other members"
        }
        Way::Restore => "Talos keeps etcd at /var/lib/etcd; the data comes from the snapshot",
        Way::Rebuild => "Talos keeps etcd at /var/lib/etcd, and begins with an empty one",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talos::Contract;

    /// What Talos sets, or its etcd no longer has, is in a row, and in none as a flag that goes on.
    #[test]
    fn what_talos_does_not_take_is_in_the_table() {
        let contracts = ["v1.13", "v1.14"].map(|text| text.parse::<Contract>().expect("a version"));
        for (name, handling) in &FLAGS {
            let is_refused = contracts.iter().any(|contract| {
                etcd_flags::is_set_by_talos(name, *contract) || etcd_flags::is_gone(name, 6)
            });
            let goes_on = matches!(handling, Handling::Argument | Handling::Default(_));
            assert!(!(is_refused && goes_on), "{name}");
        }
    }
}
