//! What has to be done before Talos 1.14 is installed over the version that was asked for.

use std::fmt::Write;

use super::steps::Steps;
use crate::convert::migration::Obstacle;
use crate::report::migration::MigrationReport;
use crate::report::migration::markdown::code;
use crate::talos::machine_config::EncryptionAtRest;

pub(super) fn write(report: &MigrationReport<'_>, steps: &mut Steps<'_>) {
    if report.contract.kubernetes_documents() {
        return;
    }
    let is_off = matches!(report.plan.kubernetes.encryption, EncryptionAtRest::Off);
    let obstacles = &report.plan.obstacles;
    if !is_off && obstacles.is_empty() {
        return;
    }
    steps.page.heading(3, "Before you upgrade Talos to 1.14");
    if is_off {
        encryption(report, steps);
    }
    if !obstacles.is_empty() {
        flags(obstacles, steps);
    }
}

/// Talos 1.14 refuses a configuration without encryption already when it reads that from its disk, and
/// the versions before refuse the document `KubeEtcdEncryptionConfig`, which could say `identity`. Only
/// a key is understood by both.
fn encryption(report: &MigrationReport<'_>, steps: &mut Steps<'_>) {
    steps.page.paragraph(&format!(
        "A node of Talos 1.14 does not start with a configuration that says nothing about encryption at \
         rest, and {} does not know the document in which 1.14 can say that there is none. So let Talos \
         encrypt, when no old control plane is left: `secrets.yaml` has a key for it. What is written \
         from then on is encrypted, and what was there stays readable. Give the key to all control \
         planes at once, with their addresses and commas between them in place of `CONTROL_PLANES`; \
         until their API servers have started again, one cannot read a Secret that another has just \
         written.",
        report.contract
    ));
    steps.page.commands(
        "sed -n 's/^ *secretboxencryptionsecret: \\(.*\\)/cluster: {secretboxEncryptionSecret: \"\\1\"}/p' \\\n\
         \x20   secrets.yaml > encryption.patch.yaml\n\
         talosctl -e \"$NEW\" -n CONTROL_PLANES patch machineconfig --patch @encryption.patch.yaml\n\
         talosctl machineconfig patch controlplane.yaml --patch @encryption.patch.yaml -o controlplane.yaml\n\
         rm encryption.patch.yaml",
    );
}

/// Talos keeps a configuration as it is when it is updated.
fn flags(obstacles: &[Obstacle], steps: &mut Steps<'_>) {
    steps.page.paragraph(
        "Talos 1.14, whose etcd is 3.7, does not start the control plane with these flags. Take them out of \
         `extraArgs`:",
    );
    steps.page.list(obstacles.iter().map(|obstacle| {
        let if_set = if obstacle.is_written {
            ""
        } else {
            ", if you set it"
        };
        let field = format!("cluster.{}", obstacle.field);
        format!(
            "{} of {}{if_set}: {}",
            code(&obstacle.flag),
            code(field),
            obstacle.why
        )
    }));
    let removals = removals(obstacles);
    if removals.is_empty() {
        return;
    }
    steps.page.paragraph(
        "Here for those that the configuration has, with the addresses of all control planes in place of \
         `CONTROL_PLANES`. Then restart the control planes, one by one, and each when the members of etcd are \
         all there, before you upgrade the first:",
    );
    steps.page.commands(&format!(
        "cat > flags.patch.yaml <<'END'\n\
         cluster:\n\
         {removals}\
         END\n\
         talosctl -e \"$NEW\" -n CONTROL_PLANES patch machineconfig --patch @flags.patch.yaml\n\
         talosctl machineconfig patch controlplane.yaml --patch @flags.patch.yaml -o controlplane.yaml\n\
         rm flags.patch.yaml\n\
         talosctl -e \"$NEW\" -n CONTROL_PLANE reboot --wait\n\
         talosctl -e \"$NEW\" -n CONTROL_PLANES etcd status",
    ));
}

/// What takes out the flags that were written, below `cluster`.
fn removals(obstacles: &[Obstacle]) -> String {
    let mut removals = String::new();
    let mut field = "";
    for obstacle in obstacles.iter().filter(|obstacle| obstacle.is_written) {
        // A name from outside may not end what it stands in.
        let is_plain = |one: char| one.is_ascii_alphanumeric() || one == '-';
        if !obstacle.flag.chars().all(is_plain) {
            continue;
        }
        if field != obstacle.field {
            field = obstacle.field;
            let _ = write!(removals, "  {field}:\n    extraArgs:\n");
        }
        let _ = write!(
            removals,
            "      {}:\n        $patch: delete\n",
            obstacle.flag
        );
    }
    removals
}
