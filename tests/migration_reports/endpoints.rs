//! What the runbook makes of the endpoint: a name of many control planes, or the address of one.

use talos_pki::report::migration;

use crate::clusters::{Read, replace};
use crate::fixture::copy_of;

/// kubeadm without `controlPlaneEndpoint`: everybody has the address of the only control plane.
fn of_one_node(endpoint: Option<&str>, talos: &str) -> Read {
    let copy = copy_of("kubeadm/rsa-2048");
    for file in ["admin.conf", "super-admin.conf"] {
        replace(copy.path(), file, "kube.example.org", "192.0.2.10");
    }
    Read::with_endpoint(copy.path(), talos, &[], endpoint)
}

fn runbook(read: &Read) -> String {
    migration::runbook(&read.report())
}

/// The titles of the steps.
fn steps(text: &str) -> Vec<&str> {
    let titles = text.lines().filter(|line| line.starts_with("### Step "));
    titles
        .map(|line| line.split_once(": ").unwrap().1)
        .collect()
}

/// Only the block of commands in the step with this title.
fn step<'a>(text: &'a str, title: &str) -> &'a str {
    let begin = text.find(&format!(": {title}\n")).unwrap();
    let step = &text[begin..];
    &step[..step.find("\n### ").unwrap_or(step.len())]
}

#[test]
fn the_node_that_has_the_endpoint_goes_last_and_leaves_its_address() {
    let text = runbook(&of_one_node(None, "v1.14"));
    assert_eq!(
        steps(&text)[1..6],
        [
            "the first Talos control plane",
            "the other Talos control planes",
            "the workers",
            "the old control planes",
            "the address of the endpoint",
        ]
    );
    // When it is reset, its address answers no more.
    let last = step(&text, "the old control planes");
    assert!(last.contains("NODE=cp-1 OLD=192.0.2.10\nnew drain") && !last.contains("\nkubectl"));
    let address = step(&text, "the address of the endpoint");
    for words in [
        "ssh root@192.0.2.10 shutdown -h now",
        "kind: Layer2VIPConfig\nname: 192.0.2.10\nlink: LINK",
        "patch machineconfig --patch @virtual-ip.yaml",
    ] {
        assert!(address.contains(words), "{address}");
    }
    // The decision is for the time before the first step.
    let decision = text.find("P2: the address of the endpoint").unwrap();
    assert!(decision < text.find("### Step 1").unwrap());

    // Talos 1.11 has no such document, and runs no Kubernetes as new as this.
    let copy = copy_of("kubeadm/rsa-2048");
    for component in ["apiserver", "controller-manager", "scheduler"] {
        let manifest = format!("manifests/kube-{component}.yaml");
        replace(copy.path(), &manifest, "v1.36.3", "v1.33.3");
    }
    for file in ["admin.conf", "super-admin.conf"] {
        replace(copy.path(), file, "kube.example.org", "192.0.2.10");
    }
    let older = runbook(&Read::of(copy.path(), "v1.11"));
    assert!(step(&older, "the address of the endpoint").contains("vip:\n        ip: 192.0.2.10"));
}

#[test]
fn with_another_endpoint_old_workers_go_before_the_node_that_they_lead_to() {
    let text = runbook(&of_one_node(Some("https://lb.example.org:6443"), "v1.14"));
    let order = steps(&text);
    let place = |title| order.iter().position(|known| *known == title).unwrap();
    assert!(place("the endpoint") < place("the workers"));
    assert!(place("the workers") < place("the old control planes"));
    assert!(!order.contains(&"the address of the endpoint"));
    let last = step(&text, "the old control planes").replace('\n', " ");
    assert!(
        last.contains("lead to `https://192.0.2.10:6443` lose the API"),
        "{last}"
    );
    // admin.conf leads to the node that goes, so kubectl is told where the API is from now on.
    assert!(text.contains("config set-cluster"), "{text}");
    assert!(
        text.contains("--server=https://lb.example.org:6443\nOLD="),
        "{text}"
    );
}

/// Before the name is in the old certificates, `kubectl` refuses them.
#[test]
fn a_new_endpoint_is_asked_when_old_certificates_have_its_name() {
    let text = runbook(&of_one_node(Some("https://lb.example.org:6443"), "v1.14"));
    let demands = &text[..text.find("What needs a person").unwrap()];
    let demands = demands.replace("\n      ", " ");
    let tasks = text.lines();
    let mut tasks = tasks.filter_map(|line| line.strip_prefix("- [ ] ")?.split_once(": "));
    let (task, _) = tasks
        .find(|(_, what)| what.starts_with("the missing name"))
        .unwrap();
    let asked = format!("after {task} `kubectl get --raw /readyz`");
    assert!(demands.contains(&asked), "{demands}");
    assert!(demands.contains("`old get nodes`"), "{demands}");
    assert!(
        text.contains("`old -n kube-system edit configmap kubeadm-config`"),
        "{text}"
    );
    let copy = copy_of("kubeadm/rsa-2048");
    let known = runbook(&Read::of(copy.path(), "v1.14"));
    assert!(!known.contains("after P"), "{known}");
}

const EDIT_KUBE_PROXY: &str = "\nkubectl -n kube-system edit configmap kube-proxy\n";

/// kubeadm wrote the old address into its ConfigMap, which comes along in etcd.
#[test]
fn kube_proxy_gets_another_endpoint_before_the_old_one_goes() {
    let elsewhere = Some("https://lb.example.org:6443");
    let text = runbook(&of_one_node(elsewhere, "v1.14"));
    let leave = step(&text, "the old control planes");
    let edit = leave.find(EDIT_KUBE_PROXY).unwrap();
    assert!(
        edit < leave.find("kubeadm reset --force\n").unwrap(),
        "{leave}"
    );
    // The address stays.
    let text = runbook(&of_one_node(None, "v1.14"));
    assert!(!text.contains(EDIT_KUBE_PROXY), "{text}");

    for (fixture, rule) in [
        ("kubeadm/external-etcd", "missing-etcd-ca-key"),
        ("kubeadm/external-ca", "missing-kubernetes-ca-key"),
    ] {
        let copy = copy_of(fixture);
        replace(copy.path(), "admin.conf", "kube.example.org", "192.0.2.10");
        let text = runbook(&Read::with_endpoint(
            copy.path(),
            "v1.14",
            &[rule],
            elsewhere,
        ));
        assert!(
            step(&text, "the endpoint").contains(EDIT_KUBE_PROXY),
            "{text}"
        );
    }
}

/// kube-vip and the like: the address goes with the last control plane that has the pod.
#[test]
fn talos_takes_the_address_of_a_static_pod_before_the_last_one_goes() {
    let copy = copy_of("kubeadm/rsa-2048");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-vip, namespace: kube-system}\nspec:\n  \
               hostNetwork: true\n  containers:\n  - name: kube-vip\n    image: \
               ghcr.io/kube-vip/kube-vip:v0.8.7\n    args: [manager]\n";
    std::fs::write(copy.path().join("manifests/kube-vip.yaml"), pod).unwrap();
    let virtual_ip = Some("https://192.0.2.100:6443");
    let text = runbook(&Read::with_endpoint(copy.path(), "v1.14", &[], virtual_ip));
    assert!(step(&text, "the endpoint").contains("`kube-vip`"), "{text}");
    let leave = step(&text, "the old control planes");
    let take = leave
        .find("kind: Layer2VIPConfig\nname: 192.0.2.100\n")
        .unwrap();
    assert!(leave[..take].contains("`kube-vip`"), "{leave}");
    assert!(take < leave.find("new drain").unwrap(), "{leave}");
}

/// A machine that is off cannot be reached to switch it off.
#[test]
fn machines_that_are_off_are_not_switched_off_again() {
    let copy = copy_of("kubeadm/external-ca");
    let rules = ["missing-kubernetes-ca-key"];
    let own = Some("https://192.0.2.10:6443");
    let text = runbook(&Read::with_endpoint(copy.path(), "v1.14", &rules, own));
    assert!(
        step(&text, "the old nodes").contains("shutdown -h now"),
        "{text}"
    );
    let address = step(&text, "the address of the endpoint");
    assert!(
        !address.contains("shutdown") && address.contains("Leave the machine off"),
        "{address}"
    );
    let others = step(&text, "the other control planes");
    assert!(others.contains("--patch @virtual-ip.yaml"), "{others}");
    assert!(!others.contains("Node deleted"), "{others}");
}

/// Three control planes, of which etcd's manifest names the other two.
fn of_three_nodes(server: &str, endpoint: Option<&str>) -> String {
    let copy = copy_of("kubeadm/rsa-2048");
    for file in ["admin.conf", "super-admin.conf"] {
        replace(copy.path(), file, "kube.example.org", server);
    }
    let member = "--initial-cluster=cp-1=https://192.0.2.10:2380";
    let all = format!("{member},cp-2=https://192.0.2.11:2380,cp-3=https://192.0.2.12:2380");
    replace(copy.path(), "manifests/etcd.yaml", member, &all);
    runbook(&Read::with_endpoint(copy.path(), "v1.14", &[], endpoint))
}

/// `kubeadm reset` on the others asks the API for their member of etcd, and the last resort needs the
/// node whose files were read.
#[test]
fn the_control_plane_that_others_count_on_leaves_last() {
    let turn = |nodes: [&str; 3]| {
        let again = "\n# when it is gone, all of this again with: ";
        format!("```sh\n{}\nnew drain \"$NODE\"", nodes.join(again))
    };
    let [first, second, third] = [
        "NODE=cp-1 OLD=192.0.2.10",
        "NODE=cp-2 OLD=192.0.2.11",
        "NODE=cp-3 OLD=192.0.2.12",
    ];
    let elsewhere = Some("https://lb.example.org:6443");
    for (server, endpoint, order) in [
        ("192.0.2.10", None, [second, third, first]),
        ("192.0.2.10", elsewhere, [second, third, first]),
        ("kube.example.org", None, [second, third, first]),
        // The files that were read are not those of the node with the endpoint.
        ("192.0.2.12", None, [second, first, third]),
        ("192.0.2.12", elsewhere, [second, first, third]),
    ] {
        let text = of_three_nodes(server, endpoint);
        let leave = step(&text, "the old control planes");
        assert!(leave.contains(&turn(order)), "{leave}");
        let last = order[2].split([' ', '=']).nth(1).unwrap();
        let told = leave.find(&format!("`{last} (")).unwrap();
        assert!(told < leave.find(&turn(order)).unwrap(), "{leave}");
        // By then `OLD` is another.
        let resort = &text[text.find("## Last resort").unwrap()..];
        assert!(resort.contains("OLD=192.0.2.10 "), "{resort}");
    }
}

/// Where Talos begins with a snapshot, control planes come when the address has been taken over.
#[test]
fn control_planes_that_come_later_get_the_virtual_ip_too() {
    let copy = copy_of("kubeadm/external-etcd");
    let allow = ["missing-etcd-ca-key"];
    let own = Some("https://192.0.2.10:6443");
    let text = runbook(&Read::with_endpoint(copy.path(), "v1.14", &allow, own));
    let patch = "patch machineconfig --patch @virtual-ip.yaml";
    assert!(step(&text, "the address of the endpoint").contains(patch));
    assert!(step(&text, "the other control planes").contains(patch));
    let text = runbook(&Read::allowing(copy.path(), "v1.14", &allow));
    assert!(!text.contains(patch));
}

#[test]
fn the_endpoint_of_all_is_left_as_it_is() {
    let copy = copy_of("kubeadm/rsa-2048");
    let text = runbook(&Read::of(copy.path(), "v1.14"));
    assert!(!text.contains("set-cluster") && !text.contains("virtual-ip.yaml"));
    let order = steps(&text);
    let place = |title| order.iter().position(|known| *known == title).unwrap();
    assert!(place("the old control planes") < place("the workers"));
}

/// The kubeconfigs of kubeadm's components lead to their own node.
#[test]
fn without_the_kubeconfig_of_the_administrator_nobody_takes_one_node_for_all() {
    let copy = copy_of("kubeadm/rsa-2048");
    for file in ["admin.conf", "super-admin.conf"] {
        std::fs::remove_file(copy.path().join(file)).unwrap();
    }
    let read = Read::of(copy.path(), "v1.14");
    let mut items = read.plan.items.iter();
    let item = items.find(|item| item.what == "the address of the endpoint");
    assert!(item.unwrap().outcome.needs_a_person());
    // A kubelet of older kubeadm has the address of all.
    replace(
        copy.path(),
        "kubelet.conf",
        "192.0.2.10",
        "kube.example.org",
    );
    let read = Read::of(copy.path(), "v1.14");
    let endpoint = read.plan.endpoint.as_ref().unwrap();
    assert_eq!(endpoint.as_str(), "https://kube.example.org:6443");
}

/// A kubeconfig is served by control planes alone, and so are upgrades of Kubernetes.
#[test]
fn nothing_is_asked_of_a_worker_that_control_planes_answer() {
    let text = runbook(&of_one_node(None, "v1.14"));
    let workers = step(&text, "the workers");
    assert!(workers.contains("WORKER=ADDRESS") && !workers.contains("NEW=ADDRESS"));
    for line in text.lines().filter(|line| line.contains("$WORKER")) {
        assert!(
            line.contains("apply-config") || line.contains("reset --graceful"),
            "{line}"
        );
    }
}

/// What is made after the count would be missing in it.
#[test]
fn the_witnesses_are_counted_when_all_of_them_are_there() {
    let text = runbook(&of_one_node(None, "v1.14"));
    let count = text.find("wc -l > secrets.count").unwrap();
    assert!(text.find("create secret generic before-talos").unwrap() < count);
    assert!(
        text.replace('\n', " ")
            .contains("counts no fewer than before")
    );
}
