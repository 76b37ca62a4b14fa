//! A cluster whose every name means something to HTML, Markdown or a shell.

use std::fs;

use tempfile::TempDir;

use crate::clusters::{Read, add_flags, replace};
use crate::fixture::copy_of;

/// Texts from outside that mean something to HTML, Markdown or a shell.
pub(crate) const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=http://evil.example/x onerror=alert(1)>",
    "`$(reboot)`|<b>x",
    "x'; reboot; '$(reboot)",
    "[a](http://evil.example)",
    "\n# heading\n```\n- <i>x\n\u{1b}[31m",
];

/// etcd is outside of the control planes, at addresses that are hostile.
pub(crate) fn with_hostile_etcd_outside() -> Read {
    let copy = copy_of("kubeadm/external-etcd");
    let flag = format!("--etcd-servers=https://x,{}", HOSTILE.concat());
    add_flags(
        copy.path(),
        "kube-apiserver",
        &[&serde_json::to_string(&flag).unwrap()],
    );
    Read::allowing(copy.path(), "v1.14", &["missing-etcd-ca-key"])
}

/// A cluster whose every name is hostile.
pub(crate) fn hostile() -> TempDir {
    let copy = copy_of("kubeadm/rsa-2048");
    let folder = copy.path();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let flags: Vec<String> = HOSTILE
        .iter()
        .map(|text| quoted(&format!("--event-ttl={text}")))
        .collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    add_flags(folder, "kube-apiserver", &flags);
    let everything = HOSTILE.concat();
    let name = quoted(&format!("--name={everything}"));
    let members = quoted(&format!(
        "--initial-cluster=a=https://a:2380,{everything}=b"
    ));
    let data = quoted(&format!("--data-dir=/{everything}"));
    replace(
        folder,
        "manifests/etcd.yaml",
        "- --name=cp-1",
        &format!("- {name}"),
    );
    replace(
        folder,
        "manifests/etcd.yaml",
        "- --data-dir=/var/lib/etcd",
        &format!("- {data}"),
    );
    replace(
        folder,
        "manifests/etcd.yaml",
        "- --initial-cluster=cp-1=https://192.0.2.10:2380",
        &format!("- {members}"),
    );
    add_flags(
        folder,
        "kube-apiserver",
        &["--encryption-provider-config=/etc/kubernetes/encryption.yaml"],
    );
    let resources: Vec<String> = HOSTILE.iter().map(|text| quoted(text)).collect();
    fs::write(
        folder.join("encryption.yaml"),
        format!(
            "resources:\n- resources: [secrets, {}]\n  providers:\n  - aescbc: {{keys: [{{name: x, secret: MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=}}]}}\n",
            resources.join(", ")
        ),
    )
    .unwrap();
    fs::write(
        folder.join("manifests/<b>`x`.yaml"),
        format!(
            "kind: Pod\nmetadata:\n  name: {}\nspec:\n  containers:\n  - name: x\n",
            quoted(&everything)
        ),
    )
    .unwrap();
    fs::write(
        folder.join("kubeadm-config.yaml"),
        format!(
            "kind: ClusterConfiguration\nclusterName: {0}\n{0}: {0}\nnetworking:\n  dnsDomain: {0}\n",
            quoted(&everything)
        ),
    )
    .unwrap();
    copy
}
