//! Flags of etcd.

use super::authorities;
use super::flags::{Handling, Row};

const TRUST: Handling = Handling::Kept("Talos issues the file by the etcd CA of the bundle");
const OWN_ADDRESS: Handling =
    Handling::Kept("Talos names each member by the addresses of its node");
const MEMBERS: Handling =
    Handling::Kept("a new member asks the cluster who is in it, and joins as a learner");

pub(super) static FLAGS: [Row; 29] = [
    ("advertise-client-urls", OWN_ADDRESS),
    ("cert-file", TRUST),
    ("client-cert-auth", Handling::Default("true")),
    (
        "config-file",
        Handling::Kept("what stands in it is told by itself, if the source has it"),
    ),
    (
        "data-dir",
        Handling::Kept(
            "Talos keeps etcd at /var/lib/etcd; the data comes over from the other members",
        ),
    ),
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
