//! What tells that a new API server reads all that the old one wrote, and is trusted as it was.

use super::steps::Steps;
use crate::convert::migration::Way;
use crate::report::migration::MigrationReport;
use crate::report::migration::landmarks::{Landmarks, encrypted_resources};
use crate::report::migration::markdown::{Markdown, code, shell_word};

/// Leaves witnesses in the old cluster. They are counted, too, so the count comes last.
pub(super) fn make(report: &MigrationReport<'_>, distribution: &str, page: &mut Markdown) {
    page.paragraph(
        "Witnesses, by which each step is checked: a Secret that the old cluster wrote, the token of a \
         service account that it signed, and the count of all Secrets.",
    );
    let counted = for_other_resources(
        report,
        "old get RESOURCE -A -o name | wc -l > RESOURCE.count",
    );
    page.commands(&format!(
        "old -n kube-system create secret generic before-talos --from-literal=by={}\n\
         old -n default create token default --duration=24h > old.token\n\
         old get secrets -A -o name | wc -l > secrets.count\n\
         {counted}",
        shell_word(distribution)
    ));
}

/// Secrets and tokens on a new API server.
pub(super) fn check(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let line = "new get RESOURCE -A -o name | wc -l; cat RESOURCE.count";
    let counted = for_other_resources(report, line);
    steps.check(
        &format!(
            "the new API server reads every Secret: it counts no fewer than before (Talos adds some of \
             its own), and prints {}. One that it could not decrypt would fail the whole list:",
            code(landmarks.operations.name)
        ),
        &format!(
            "new get --raw /readyz; echo\n\
             new get secrets -A -o name | wc -l; cat secrets.count\n\
             {counted}\
             new -n kube-system get secret before-talos -o jsonpath='{{.data.by}}' | base64 -d"
        ),
    );
    if landmarks.way == Way::Join {
        steps.check(
            "the old API server reads what the new one writes; it prints `talos`:",
            "new -n kube-system create secret generic after-talos --from-literal=by=talos\n\
             old -n kube-system get secret after-talos -o jsonpath='{.data.by}' | base64 -d",
        );
    }
    let issuer = landmarks.issuers();
    let issuer = issuer.first().map_or_else(String::new, |issuer| {
        format!(", and new ones are issued by {}", code(issuer))
    });
    steps.check(
        &format!(
            "the token that the old cluster signed is accepted as \
             `system:serviceaccount:default:default`{issuer}:"
        ),
        "bearer auth whoami\n\
         new get --raw /.well-known/openid-configuration",
    );
}

/// The front proxy of a new API server, once that reaches pods.
pub(super) fn check_extensions(steps: &mut Steps<'_>) {
    steps.check(
        "extension API servers, such as metrics-server, are `True`: they trust the front proxy:",
        "new get apiservices",
    );
}

/// A line for each resource that is encrypted at rest beside `secrets`, and that kubectl can list by
/// its name: not `*.*`, nor `*.apps`.
fn for_other_resources(report: &MigrationReport<'_>, line: &str) -> String {
    let resources = encrypted_resources(report).into_iter();
    let resources = resources.filter(|name| !name.contains('*') && name != "secrets");
    let lines = resources.map(|name| line.replace("RESOURCE", &shell_word(&name)) + "\n");
    lines.collect()
}
