//! Bootstrap tokens, by which the kubelets of Talos nodes join.

use super::conversion::Conversion;
use super::item::Outcome;

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    let Some(tokens) = &conversion.settings.bootstrap_tokens else {
        return;
    };
    for token in tokens {
        // The first half of a token is its name, and no secret.
        let id = token.expose().split('.').next().unwrap_or_default();
        let what = format!("the bootstrap token {id}");
        let outcome = if conversion.wishes.has_token {
            Outcome::kept("it stays in the cluster")
        } else {
            Outcome::kept("it stays in the cluster; Talos gets a token of its own")
        };
        conversion.note("the cluster", what, outcome);
    }
}
