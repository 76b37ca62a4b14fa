//! By which way which cluster comes to Talos, and what that spares and demands.

use talos_pki::cluster::CaSlot;
use talos_pki::convert::migration::{ControlPlane, Way, disagreements};
use talos_pki::pki::{Certificate, pem};
use talos_pki::report::migration;

use crate::clusters::{self, Read};
use crate::fixture::copy_of;
use crate::layouts;

fn outcome<'a>(read: &'a Read, what: &str) -> &'a talos_pki::convert::migration::Outcome {
    let mut items = read.plan.items.iter();
    let item = items.find(|item| item.what.starts_with(what));
    &item.unwrap_or_else(|| panic!("no item {what}")).outcome
}

#[test]
fn each_distribution_has_its_route_and_the_reason() {
    let ways = [
        ("rsa-2048", "join", "trust one CA"),
        ("external-etcd", "restore", "outside of the control planes"),
        (
            "external-ca",
            "restore",
            "Kubernetes CA is not here with its key",
        ),
        ("k3s", "restore", "servers and clients"),
        ("k3s-rotated", "restore", "servers and clients"),
        ("rke2", "restore", "servers and clients"),
        ("k8s-snap", "restore", "servers and clients"),
        ("k3s-on-sqlite", "rebuild", "SQLite (kine)"),
        ("k0s", "restore", "127.0.0.1 alone"),
        ("kops", "restore", "a CA for clients and others for peers"),
        ("rke1", "join", "trust one CA"),
        ("hard-way", "restore", "plain HTTP"),
        (
            "microk8s-with-etcd",
            "restore",
            "signs etcd with the Kubernetes CA",
        ),
    ];
    let all = clusters::all();
    for (name, way, reason) in ways {
        let (_, read) = all.iter().find(|(known, _)| *known == name).unwrap();
        let report = serde_json::to_value(migration::json(&read.report())).unwrap();
        assert_eq!(report["route"]["way"], way, "{name}");
        let told = report["route"]["reason"].as_str().unwrap();
        assert!(told.contains(reason), "{name}: {told}");
        // The person is told the same everywhere.
        let first = told.split_whitespace().next().unwrap();
        let summary = migration::summary(&read.report());
        assert!(
            summary.contains("route: ") && summary.contains(first),
            "{summary}"
        );
        let html = migration::html(&read.report());
        assert!(
            html.contains(&read.plan.route.way.description().replace('\'', "&#39;")),
            "{name}"
        );
        let is_possible = read.findings.is_sound() && read.plan.is_possible();
        if is_possible && way != "join" {
            let runbook = migration::runbook(&read.report()).replace('\n', " ");
            assert!(
                runbook.to_lowercase().contains(&reason.to_lowercase()),
                "{name}"
            );
        }
    }
}

#[test]
fn every_distribution_that_has_a_way_can_go_it() {
    for (name, read) in layouts::all() {
        let report = read.report();
        let errors: Vec<_> = report
            .findings
            .iter()
            .map(|finding| &finding.message)
            .collect();
        let refused = read
            .plan
            .items
            .iter()
            .filter(|item| item.outcome.is_refused());
        let refused: Vec<_> = refused.collect();
        let is_possible = read.findings.is_sound() && refused.is_empty();
        let expected = name != "k3s-on-sqlite-refused";
        assert_eq!(is_possible, expected, "{name}: {errors:#?} {refused:#?}");
    }
}

/// What the steps do, nobody is told to do before the first of them.
#[test]
fn the_steps_alone_take_the_snapshot_of_an_etcd_outside() {
    let copy = copy_of("kubeadm/external-etcd");
    let configuration = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\netcd:\n  external:\n    \
                         endpoints: [https://192.0.2.20:2379]\n";
    std::fs::write(copy.path().join("kubeadm-config.yaml"), configuration).unwrap();
    let read = Read::allowing(copy.path(), "v1.14", &["missing-etcd-ca-key"]);
    assert!(outcome(&read, "--etcd-servers=").is_kept());
    assert!(outcome(&read, "etcd.external").is_kept());
    let runbook = migration::runbook(&read.report());
    let first_step = runbook.find("### Step 1").unwrap();
    assert!(
        !runbook[..first_step].contains("--recover-from"),
        "{runbook}"
    );
    assert!(
        runbook[first_step..].contains("--recover-from"),
        "{runbook}"
    );
    assert!(runbook.contains("etcd, outside"), "{runbook}");
}

#[test]
fn kubeadm_without_the_key_of_etcd_is_restored_and_not_joined() {
    let copy = copy_of("kubeadm/rsa-2048");
    std::fs::remove_file(copy.path().join("pki/etcd/ca.key")).unwrap();
    let read = Read::allowing(copy.path(), "v1.14", &["missing-etcd-ca-key"]);
    assert_eq!(read.plan.route.way, Way::Restore);
    let runbook = migration::runbook(&read.report());
    assert!(runbook.contains("bootstrap --recover-from"), "{runbook}");
    assert!(!runbook.contains("LEARNER"), "{runbook}");
    // etcd's pod is reached by the API server, which therefore stops last.
    let step = &runbook[runbook.find("for the last time").unwrap()..];
    let (saved, stopped) = (step.find("snapshot save"), step.find("manifests.off"));
    assert!(saved.unwrap() < stopped.unwrap(), "{step}");
}

/// What is written after the snapshot is lost.
#[test]
fn etcd_outside_is_saved_when_no_old_api_server_answers_any_more() {
    let runbook = migration::runbook(&clusters::external_etcd().report());
    let step = &runbook[runbook.find("for the last time").unwrap()..];
    let places = [
        "manifests.off",
        "while old get --raw /livez",
        "snapshot save",
    ];
    let places = places.map(|words| step.find(words).unwrap());
    assert!(places.is_sorted(), "{step}");
    // The snapshot is in a block of its own, behind the check.
    let between = &step[places[1]..places[2]];
    assert!(between.contains("Check: no old API server") && between.contains("Only then save"));
}

#[test]
fn in_the_last_resort_data_are_moved_when_nothing_runs_on_them() {
    let (_, read) = clusters::all().swap_remove(0);
    let runbook = migration::runbook(&read.report());
    let last = &runbook[runbook.find("## Last resort").unwrap()..];
    let places = [
        "etcdutl snapshot restore",
        "manifests.off\n",
        "while crictl ps",
        "mv /var/lib/etcd/member",
        "mv /root/restored/member /var/lib/etcd/member",
    ];
    let places = places.map(|words| last.find(words).unwrap());
    assert!(places.is_sorted(), "{last}");
}

#[test]
fn without_the_kubernetes_ca_old_nodes_do_not_come_along() {
    let copy = copy_of("kubeadm/external-ca");
    let read = Read::allowing(copy.path(), "v1.14", &["missing-kubernetes-ca-key"]);
    let runbook = migration::runbook(&read.report());
    assert!(
        runbook.contains("the Kubernetes CA is a new one"),
        "{runbook}"
    );
    assert!(runbook.contains("shutdown -h now") && !runbook.contains("become `Ready` again"));
    // Where it is kept, nobody is told so.
    let (_, kept) = clusters::all().swap_remove(0);
    let runbook = migration::runbook(&kept.report());
    assert!(!runbook.contains("is a new one"));
}

#[test]
fn a_database_that_is_not_etcd_is_told_by_its_flag() {
    let flags = ["etcd-servers=unix:///var/snap/k8s/common/var/lib/k8s-dqlite/k8s-dqlite.sock"];
    // Distributions that have words of their own for it, and one that has none.
    for (name, words) in [("k8s-snap", "k8s-dqlite"), ("kind", "not in etcd")] {
        let copy = copy_of(&format!("layouts/{name}"));
        let read = layouts::read(copy.path(), &flags, "v1.14", &[]);
        assert_eq!(read.plan.route.way, Way::Rebuild, "{name}");
        assert!(read.plan.route.reason.contains(words), "{name}");
        assert!(!read.findings.is_sound(), "{name}");
        let runbook = migration::runbook(&read.report());
        assert!(runbook.contains("Velero"), "{name}: {runbook}");
        assert!(!runbook.contains("Step 1"), "{name}");
        let allowed = layouts::read(copy.path(), &flags, "v1.14", &["other-datastore"]);
        assert!(
            allowed.findings.is_sound() && allowed.plan.is_possible(),
            "{name}"
        );
    }
}

#[test]
fn where_the_old_control_planes_are_gone_their_front_proxies_need_no_name() {
    for (name, read) in layouts::all() {
        let mut items = read.plan.items.iter();
        let item = items.find(|item| item.what.starts_with("--requestheader-allowed-names="));
        let Some(item) = item else { continue };
        let arguments = &read.plan.kubernetes.api_server.arguments;
        let written = arguments
            .iter()
            .find(|(flag, _)| flag == "requestheader-allowed-names");
        if read.plan.route.way == Way::Join {
            assert!(item.outcome.is_converted(), "{name}");
            let names = &written.unwrap().1;
            assert_eq!(names, &["kube-apiserver-proxy-client,front-proxy-client"]);
        } else {
            assert!(item.outcome.is_kept() && written.is_none(), "{name}");
        }
    }
}

/// Other CAs of etcd and of the aggregator count only while old members and front proxies run.
#[test]
fn before_talos_1_14_a_second_aggregator_ca_is_no_reason_to_refuse_a_restore() {
    let copy = copy_of("layouts/k3s-rotated");
    let read = layouts::read(copy.path(), &[], "v1.13", &[]);
    assert!(read.plan.is_possible(), "{:#?}", read.plan.items);
    let others = "another CA that is trusted as Aggregator CA";
    assert!(outcome(&read, others).is_kept());
    let others = "another CA that is trusted as Kubernetes CA";
    assert!(outcome(&read, others).is_converted());
}

/// What the old cluster issued is known by the CA that issues on Talos, or by those that it accepts.
#[test]
fn every_certificate_of_a_split_cluster_is_trusted_on_talos() {
    for name in ["k3s", "k3s-rotated", "rke2", "k8s-snap"] {
        let all = layouts::all();
        let (_, read) = all.iter().find(|(known, _)| *known == name).unwrap();
        let kubernetes = &read.plan.kubernetes;
        let trusted = |slot, accepted: &[String]| -> Vec<Certificate> {
            let accepted = accepted
                .iter()
                .flat_map(|text| pem::read(text.as_bytes()).blocks);
            let accepted =
                accepted.map(|block| Certificate::from_der(block.contents.expose()).unwrap());
            let issuing = read.cluster.certificate(slot).unwrap().value.clone();
            std::iter::once(issuing).chain(accepted).collect()
        };
        let authorities = [
            trusted(CaSlot::Kubernetes, &kubernetes.accepted_authorities),
            trusted(
                CaSlot::Aggregator,
                &kubernetes.accepted_aggregator_authorities,
            ),
        ];
        let leaves = read
            .cluster
            .leaves
            .iter()
            .filter_map(|leaf| leaf.certificate.as_ref().ok());
        let clients = read
            .cluster
            .kubeconfigs
            .iter()
            .filter_map(|one| one.client.as_ref());
        let leaves: Vec<_> = leaves.chain(clients).collect();
        assert!(leaves.len() >= 3, "{name}");
        for leaf in leaves {
            let is_of_etcd = leaf.origin.file.contains("/etcd/");
            let is_known = authorities
                .iter()
                .flatten()
                .any(|ca| leaf.value.is_issued_by(ca));
            assert!(is_known || is_of_etcd, "{name}: {}", leaf.origin);
        }
        assert!(!kubernetes.accepted_authorities.is_empty(), "{name}");
    }
}

#[test]
fn k0s_on_sqlite_is_told_once_that_its_data_are_not_in_etcd() {
    let copy = layouts::k0s_with_sqlite();
    let flags = ["etcd-servers=unix:///run/k0s/kine/kine.sock:2379"];
    let read = layouts::read(copy.path(), &flags, "v1.14", &["other-datastore"]);
    assert_eq!(read.plan.route.way, Way::Rebuild);
    assert!(read.findings.is_sound() && read.plan.is_possible());
}

#[test]
fn controllers_of_k0s_agree_though_each_has_an_aggregator_ca() {
    let first = copy_of("layouts/k0s");
    let second = copy_of("layouts/k0s");
    for end in ["crt", "key"] {
        let from = copy_of("kubeadm/rsa-2048");
        let from = from.path().join(format!("pki/front-proxy-ca.{end}"));
        let to = format!("var/lib/k0s/pki/front-proxy-ca.{end}");
        std::fs::copy(from, second.path().join(to)).unwrap();
    }
    let planes = [first, second].map(|folder| layouts::read(folder.path(), &[], "v1.14", &[]));
    let authority = |read: &Read| {
        read.cluster
            .certificate(CaSlot::Aggregator)
            .unwrap()
            .value
            .clone()
    };
    assert_ne!(authority(&planes[0]).der(), authority(&planes[1]).der());
    let planes: Vec<_> = planes
        .iter()
        .map(|read| ControlPlane {
            name: "a controller",
            cluster: &read.cluster,
            settings: &read.settings,
        })
        .collect();
    assert_eq!(disagreements(&planes), []);
}

#[test]
fn a_missing_aggregator_ca_is_no_error_where_both_planes_never_run() {
    let copy = layouts::k3s();
    let tls = copy.path().join("var/lib/rancher/k3s/server/tls");
    std::fs::remove_file(tls.join("request-header-ca.crt")).unwrap();
    std::fs::remove_file(tls.join("request-header-ca.key")).unwrap();
    let read = layouts::read(copy.path(), &[], "v1.14", &[]);
    assert!(read.findings.is_sound(), "{:#?}", read.findings);
    let mut rules = read.findings.iter().map(|finding| finding.rule.name);
    assert!(rules.any(|name| name == "aggregator-ca-made-anew"));
}

/// The tree shows what the CA of clients issued below the slot in which it is accepted.
#[test]
fn in_the_picture_no_certificate_of_a_split_cluster_is_a_stranger() {
    for (name, read) in layouts::all() {
        let html = migration::html(&read.report());
        let has_stranger = html.contains("it is not among these");
        assert!(!has_stranger || !name.starts_with("k3s"), "{name}");
    }
}

#[test]
fn a_runbook_speaks_of_the_distribution_that_it_is_for() {
    for (name, read) in layouts::all() {
        let text = migration::runbook(&read.report());
        for word in [
            "kubeadm reset --force",
            "/etc/kubernetes/pki/etcd",
            "by=kubeadm",
            "HOST",
        ] {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn k3s_4640_the_old_server_can_come_back_with_its_token() {
    // k3s encrypts what it keeps in etcd with the token, and starts with no other.
    for (name, token) in [("k3s", "k3s/server/token"), ("rke2", "rke2/server/token")] {
        let all = clusters::all();
        let (_, read) = all.iter().find(|(known, _)| *known == name).unwrap();
        let runbook = migration::runbook(&read.report());
        let backup = runbook
            .lines()
            .filter(|line| line.contains("/server/token"));
        assert!(backup.clone().any(|line| line.contains(token)), "{runbook}");
    }
}
