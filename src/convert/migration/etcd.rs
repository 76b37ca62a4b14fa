//! Flags of etcd.

use super::conversion::Conversion;
use super::flags::{Handling, Row};
use super::item::Outcome;
use super::{Way, authorities};
use crate::settings::{ComponentProcess, Flag};

const TRUST: Handling = Handling::Kept("Talos issues the file by the etcd CA of the bundle");
const OWN_ADDRESS: Handling =
    Handling::Kept("Talos names each member by the addresses of its node");
const MEMBERS: Handling = Handling::By(members);

pub(super) static FLAGS: [Row; 29] = [
    ("advertise-client-urls", OWN_ADDRESS),
    ("cert-file", TRUST),
    ("client-cert-auth", Handling::Default("true")),
    (
        "config-file",
        Handling::Kept("what stands in it is told by itself, if the source has it"),
    ),
    ("data-dir", Handling::By(data)),
    (
        "experimental-initial-corrupt-check",
        Handling::Default("true"),
    ),
    (
        "experimental-watch-progress-notify-interval",
        Handling::Default("5s"),
    ),
    (
        "feature-gates",
        Handling::Default("InitialCorruptCheck=true"),
    ),
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
    ("logger", Handling::Default("zap")),
    ("name", OWN_ADDRESS),
    ("peer-cert-file", TRUST),
    ("peer-client-cert-auth", Handling::Default("true")),
    ("peer-key-file", TRUST),
    ("peer-trusted-ca-file", Handling::By(authorities::of_etcd)),
    ("snapshot-count", Handling::Default("10000")),
    ("strict-reconfig-check", Handling::Default("true")),
    ("tls-min-version", Handling::Default("TLS1.3")),
    ("trusted-ca-file", Handling::By(authorities::of_etcd)),
    ("watch-progress-notify-interval", Handling::Default("5s")),
];

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
