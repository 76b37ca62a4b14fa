//! Whether files that are given together are of one cluster.

use super::{everything_at, let_through, told};
use crate::check::finding::Finding;
use crate::check::rule::{Family, Judge, Rule, Severity};
use crate::cluster::{CaSlot, Located, Origin};
use crate::talos::encoded_pem::REDACTED;
use crate::talos::file::{FileKind, PemContent, PemUse, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: several together",
    rules: &[&FILES_DISAGREE, &FILE_OF_ANOTHER_CLUSTER],
    judge: Judge::Files(check),
};

static FILES_DISAGREE: Rule = let_through(
    "files-disagree",
    "Two files are of one cluster, and do not agree about its secrets",
    "Talos looks at one file at a time. A node with another CA or token is refused by the others, one with \
     another service-account key refuses their tokens, and one with another encryption key cannot read \
     the Secrets that they wrote",
    "make every file from the bundle that the cluster runs with (talos-pki gen config --with-secrets); while \
     a CA is rotated, each side has to accept the other's",
);

static FILE_OF_ANOTHER_CLUSTER: Rule = told(
    Severity::Warning,
    "file-of-another-cluster",
    "A file shares nothing with those that were given before it",
    "It is of another cluster, or was made from another bundle: its machine cannot join the others, and its \
     talosconfig is refused by them",
    "nothing, if these are the files of several clusters; else make them from one bundle",
);

/// What is the same text in all files of a cluster: in a bundle, in fields of a machine configuration, or in
/// the documents of Talos 1.14.
const TEXTS: [(&str, &[&str]); 6] = [
    (
        "cluster ID",
        &["cluster.id", "DiscoveryIdentityConfig.clusterID"],
    ),
    (
        "cluster secret",
        &["cluster.secret", "DiscoveryIdentityConfig.clusterSecret"],
    ),
    (
        "bootstrap token",
        &["secrets.bootstraptoken", "cluster.token"],
    ),
    ("trustd token", &["trustdinfo.token", "machine.token"]),
    (
        "secretbox key",
        &[
            "secrets.secretboxencryptionsecret",
            "cluster.secretboxEncryptionSecret",
            "KubeEtcdEncryptionConfig.config.resources[].providers[].secretbox.keys[].secret",
        ],
    ),
    (
        "AES-CBC key",
        &[
            "secrets.aescbcencryptionsecret",
            "cluster.aescbcEncryptionSecret",
            "KubeEtcdEncryptionConfig.config.resources[].providers[].aescbc.keys[].secret",
        ],
    ),
];

/// Something that all files of a cluster have alike, as one of them has it.
struct Shared<'a> {
    what: &'static str,
    /// What it is here.
    own: Vec<&'a [u8]>,
    /// What else is taken for as good.
    accepted: Vec<&'a [u8]>,
    origin: Origin,
}

impl Shared<'_> {
    fn agrees_with(&self, other: &Self) -> bool {
        self.accepts(other) || other.accepts(self)
    }

    fn accepts(&self, other: &Self) -> bool {
        let mut taken = self.own.iter().chain(&self.accepted);
        taken.any(|value| other.own.contains(value))
    }
}

/// All that a file says of its cluster.
type Identity<'a> = Vec<Shared<'a>>;

fn check(files: &[TalosFile], findings: &mut [Vec<Finding>]) {
    let identities: Vec<_> = files.iter().map(identity).collect();
    for (index, identity) in identities.iter().enumerate() {
        let earlier = files.iter().zip(&identities[..index]);
        let compared: Vec<_> = earlier
            .map(|(file, other)| (file, compare(identity, other)))
            .collect();
        let mut disagreeing = compared
            .iter()
            .filter(|(_, (same, different))| !same.is_empty() && !different.is_empty());
        let finding = match disagreeing.next() {
            Some((file, (same, different))) => Some(disagreement(file, same, different)),
            None => of_another_cluster(&files[index], &compared)
                .map(|(file, different)| stranger(file, different)),
        };
        findings[index].extend(finding);
    }
}

/// The first of the earlier files with another identity, if `file` shares nothing with any that counts. A
/// talosconfig may be for several clusters, and does not make them one: it counts where there is nothing else.
fn of_another_cluster<'f, 'c, 'a, 'b>(
    file: &TalosFile,
    compared: &'c [(&'f TalosFile, Comparison<'a, 'b>)],
) -> Option<(&'f TalosFile, &'c [&'b Shared<'a>])> {
    let is_for_several = |file: &TalosFile| file.kind == FileKind::Talosconfig;
    let counts = |earlier: &TalosFile| is_for_several(file) || !is_for_several(earlier);
    let is_any = compared.iter().any(|(earlier, _)| counts(earlier));
    let mut counting = compared
        .iter()
        .filter(|(earlier, _)| counts(earlier) || !is_any);
    if counting.clone().any(|(_, (same, _))| !same.is_empty()) {
        return None;
    }
    counting
        .find(|(_, (_, different))| !different.is_empty())
        .map(|(earlier, (_, different))| (*earlier, different.as_slice()))
}

/// What two files agree about, and what they do not, as the first of them has it.
type Comparison<'a, 'b> = (Vec<&'b Shared<'a>>, Vec<&'b Shared<'a>>);

fn compare<'a, 'b>(one: &'b Identity<'a>, other: &'b Identity<'a>) -> Comparison<'a, 'b> {
    let both = one.iter().filter_map(|mine| {
        let theirs = other.iter().find(|theirs| theirs.what == mine.what)?;
        Some((mine, theirs))
    });
    let (same, different): (Vec<_>, Vec<_>) =
        both.partition(|(mine, theirs)| mine.agrees_with(theirs));
    let mine = |pairs: Vec<(_, _)>| pairs.into_iter().map(|(mine, _)| mine).collect();
    (mine(same), mine(different))
}

fn disagreement(file: &TalosFile, same: &[&Shared<'_>], different: &[&Shared<'_>]) -> Finding {
    let message = format!(
        "`{}` is of this cluster, too, and has another {}",
        file.name,
        names(different)
    );
    FILES_DISAGREE
        .finding(message)
        .at_each(different.iter().map(|shared| &shared.origin))
        .found(Some(format!("the same in both: {}", names(same))))
}

fn stranger(file: &TalosFile, different: &[&Shared<'_>]) -> Finding {
    let message = format!(
        "`{}` is of another cluster: it has another {}",
        file.name,
        names(different)
    );
    let place = different.first().map(|shared| &shared.origin);
    FILE_OF_ANOTHER_CLUSTER.finding(message).at_each(place)
}

fn names(shared: &[&Shared<'_>]) -> String {
    let names: Vec<_> = shared.iter().map(|shared| shared.what).collect();
    names.join(", ")
}

fn identity(file: &TalosFile) -> Identity<'_> {
    let texts = TEXTS.iter().map(|(what, places)| text(file, what, places));
    let authorities = CaSlot::ALL.into_iter().map(|slot| authority(file, slot));
    let all = texts.chain(authorities).chain([service_account(file)]);
    all.flatten().collect()
}

fn text<'a>(file: &'a TalosFile, what: &'static str, places: &[&str]) -> Option<Shared<'a>> {
    let nodes: Vec<_> = places
        .iter()
        .flat_map(|place| everything_at(file, place))
        .filter_map(|node| Some((node.text().filter(|text| *text != REDACTED)?, node.origin())))
        .collect();
    let own = nodes.iter().map(|(text, _)| text.as_bytes()).collect();
    let (_, origin) = nodes.into_iter().next()?;
    Some(Shared {
        what,
        own,
        accepted: Vec::new(),
        origin,
    })
}

/// The CA in `slot`. A talosconfig may be for several clusters, and has the Talos CA of each; a file that
/// has none of its own has those that it accepts.
fn authority(file: &TalosFile, slot: CaSlot) -> Option<Shared<'_>> {
    let of = |purpose| {
        let fields = file.pem_fields_for(purpose);
        fields.flat_map(|field| {
            let certificates = field.certificates();
            certificates.map(move |certificate| (certificate.der(), &field.origin))
        })
    };
    let issuing = of(PemUse::Certificate(slot)).take(1);
    let trusted = of(PemUse::ServerAuthority).filter(|_| slot == CaSlot::Os);
    let mut own: Vec<_> = issuing.chain(trusted).collect();
    let mut accepted: Vec<_> = of(PemUse::Accepted(slot)).collect();
    if own.is_empty() {
        own = std::mem::take(&mut accepted);
    }
    let (_, origin) = *own.first()?;
    let ders = |located: Vec<_>| located.into_iter().map(|(der, _)| der).collect();
    Some(Shared {
        what: slot.title(),
        own: ders(own),
        accepted: ders(accepted),
        origin: origin.clone(),
    })
}

fn service_account(file: &TalosFile) -> Option<Shared<'_>> {
    let account = file.cluster.service_account.as_ref()?;
    let Located { value, origin } = account.key.chosen.as_ref()?;
    let fields = file.pem_fields_for(PemUse::ServiceAccountPublicKey);
    let blocks = fields
        .filter_map(|field| field.blocks.as_ref().ok())
        .flatten();
    let accepted = blocks.filter_map(|block| match &block.content {
        PemContent::PublicKey(key) => Some(key.spki()),
        _ => None,
    });
    Some(Shared {
        what: "service-account key",
        own: vec![value.public_key().spki()],
        accepted: accepted.collect(),
        origin: origin.clone(),
    })
}
