//! How files are written. What is odd is made regular; what is left out or used is said.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use super::validity::day;
use crate::cluster::{Authority, Cluster, Located, Material, Quirk};
use crate::pki::{Certificate, PrivateKey, PublicKey};

pub(super) static FAMILY: Family = Family {
    title: "Encoding",
    rules: &[
        &EXTRA_CERTIFICATES,
        &CERTIFICATE_ORDER,
        &EXTRA_KEYS,
        &KEY_IN_CERTIFICATE_FILE,
        &BROKEN_BLOCK,
        &CERTIFICATE_IN_KEY_FILE,
        &EC_PARAMETERS,
        &PKCS8_KEY,
        &PEM_LABEL,
        &DER_FILE,
        &DECRYPTED_KEY,
        &BYTE_ORDER_MARK,
        &CARRIAGE_RETURNS,
        &TEXT_OUTSIDE_PEM,
        &NO_FINAL_NEWLINE,
    ],
    judge: Judge::Import(check),
};

static EXTRA_CERTIFICATES: Rule = Rule {
    name: "extra-certificates",
    severity: Severity::Warning,
    summary: "The CA file holds several certificates, and the bundle takes one",
    why: "The old cluster trusts all of them. The bundle has room for one, the one that issues; with \
          the bundle alone, certificates of the others are refused",
    help: "`convert` lets Talos accept the others; for a bundle alone, if anything of theirs is still in \
           use, add them to Talos's accepted CAs (`cluster.acceptedCAs`, from 1.14 \
           KubeAPIServerCAConfig and KubeAggregatorCAConfig). etcd has none: issue all of its \
           certificates by one CA first",
    allow: Allow::NotNeeded,
};

/// Why certificates of one CA are no trouble.
const ONE_CA: &str = "They are one CA, issued again with the same key and name: what it issued under \
                      one of them holds under each";
/// What becomes of them.
const TAKES_LONGEST: &str = "nothing has to be done: of those that Go takes for a CA the bundle has the one that holds longest";

static CERTIFICATE_ORDER: Rule = Rule {
    name: "certificate-order",
    severity: Severity::Warning,
    summary: "The CA that issues is not the first in its file",
    why: "Talos reads the first certificate alone, which has another key or another name. The \
          bundle has the certificate that the key belongs to",
    help: "nothing has to be done for the bundle; where files are used, put that one first",
    allow: Allow::NotNeeded,
};

static EXTRA_KEYS: Rule = Rule {
    name: "extra-keys",
    severity: Severity::Warning,
    summary: "The key file holds several private keys, and the bundle takes one",
    why: "Talos reads the first key alone. The bundle has the one that belongs to the certificate",
    help: "see that the right key was taken: its fingerprint is in the table",
    allow: Allow::NotNeeded,
};

static KEY_IN_CERTIFICATE_FILE: Rule = Rule {
    name: "key-in-certificate-file",
    severity: Severity::Warning,
    summary: "A private key stands in a certificate file",
    why: "Certificate files are copied everywhere. Taken as it is, Talos up to 1.13 would put the \
          CA's key on every worker. The bundle has the certificate alone",
    help: "take the key out of the file, everywhere; if it was ever given out, rotate the CA",
    allow: Allow::NotNeeded,
};

static BROKEN_BLOCK: Rule = Rule {
    name: "broken-block",
    severity: Severity::Warning,
    summary: "A part of the file cannot be read",
    why: "It is left out. If it was a CA that the cluster trusts, that trust is lost",
    help: "compare the file with that of another control-plane node",
    allow: Allow::NotNeeded,
};

/// A note that something is made regular.
const fn note(name: &'static str, summary: &'static str, why: &'static str) -> Rule {
    Rule {
        name,
        severity: Severity::Note,
        summary,
        why,
        help: "nothing has to be done: the bundle has it in the form that Talos reads",
        allow: Allow::NotNeeded,
    }
}

static CERTIFICATE_IN_KEY_FILE: Rule = note(
    "certificate-in-key-file",
    "A certificate stands in the key file",
    "Talos reads the first block alone: \"unsupported key type: CERTIFICATE\"",
);

static EC_PARAMETERS: Rule = note(
    "ec-parameters",
    "An EC PARAMETERS block stands before the key, as `openssl ecparam -genkey` writes it",
    "Talos reads the first block alone: \"unsupported key type: EC PARAMETERS\"",
);

static PKCS8_KEY: Rule = note(
    "pkcs8-key",
    "The key is PKCS#8, as OpenSSL 3 writes it",
    "Talos before 1.10.3 cannot read it",
);

static PEM_LABEL: Rule = note(
    "pem-label",
    "The PEM label is not the one for what is inside",
    "Go chooses the parser by the label, and would refuse it or leave it out of a pool of CAs",
);

static DER_FILE: Rule = note(
    "der-file",
    "The file is DER, not PEM",
    "Talos reads PEM alone: \"failed to parse PEM block\"",
);

static DECRYPTED_KEY: Rule = note(
    "decrypted-key",
    "The key was encrypted",
    "The bundle holds it in plain, as Talos needs it: guard the bundle accordingly",
);

static BYTE_ORDER_MARK: Rule = note(
    "byte-order-mark",
    "The file begins with a byte order mark",
    "It hides the first block from Go: \"failed to parse PEM block\"",
);

static CARRIAGE_RETURNS: Rule = note(
    "carriage-returns",
    "Lines end in CR LF",
    "Go reads them, but they end up in configurations as quoted text",
);

static TEXT_OUTSIDE_PEM: Rule = note(
    "text-outside-pem",
    "There is text around the PEM blocks",
    "Go skips it, but Talos would copy it into every configuration",
);

static NO_FINAL_NEWLINE: Rule = note(
    "no-final-newline",
    "The last line has no line feed",
    "Talos joins CAs without a separator: two such certificates make each other unreadable",
);

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for authority in &cluster.authorities {
        findings.extend(of_certificates(authority));
        findings.extend(extra_keys(&authority.key, |key| {
            format!("key {}", key.fingerprint())
        }));
    }
    if let Some(account) = &cluster.service_account {
        findings.extend(extra_token_keys(&account.key));
    }
    findings.extend(quirks(cluster));
}

fn of_certificates(authority: &Authority) -> Vec<Finding> {
    let material = &authority.certificate;
    let Some(chosen) = &material.chosen else {
        return Vec::new();
    };
    let file = &chosen.origin.file;
    let place = |certificate: &Located<Certificate>, what: &str| {
        let key = certificate.value.public_key.fingerprint();
        format!(
            "{}: {}, key {key} ({what})",
            certificate.origin, certificate.value
        )
    };
    let mut findings = Vec::new();
    // A CA in a file of its own is the business of `split-authority`.
    let in_file = || {
        material
            .others
            .iter()
            .filter(|other| other.origin.file == *file)
    };
    let is_copy = |other: &Located<Certificate>| other.value.der() == chosen.value.der();
    let is_stranger = |other: &Located<Certificate>| !other.value.is_same_authority(&chosen.value);
    let strangers = || in_file().filter(|other| is_stranger(other));
    if material.position > 0 && strangers().next().is_some() {
        let message = format!(
            "the CA that issues is block {} of `{file}`",
            material.position + 1
        );
        findings.push(
            CERTIFICATE_ORDER
                .finding(message)
                .at(place(chosen, "taken")),
        );
    }
    if in_file().next().is_some() {
        let count = in_file().count() + 1;
        let message = format!("`{file}` holds {count} certificates");
        let copies = in_file().filter(|other| is_copy(other));
        let renewals = in_file().filter(|other| !is_copy(other) && !is_stranger(other));
        let renewals = renewals.map(|other| {
            let end = day(other.value.validity.not_after);
            place(other, &format!("the same CA, left out: it ends {end}"))
        });
        let finding = EXTRA_CERTIFICATES
            .finding(message)
            .at(place(chosen, "taken"))
            .at_each(copies.map(|copy| place(copy, "the same again")))
            .at_each(renewals)
            .at_each(strangers().map(|other| place(other, "left out")));
        findings.push(if strangers().next().is_some() {
            finding
        } else {
            finding.why(ONE_CA).help(TAKES_LONGEST)
        });
    }
    findings
}

fn extra_keys(material: &Material<PrivateKey>, name: fn(&PublicKey) -> String) -> Option<Finding> {
    let chosen = material.chosen.as_ref()?;
    if material.others.is_empty() {
        return None;
    }
    let place = |key: &Located<PrivateKey>, what: &str| {
        format!("{}: {} ({what})", key.origin, name(key.value.public_key()))
    };
    let message = format!(
        "`{}` holds {} private keys",
        chosen.origin.file,
        material.others.len() + 1
    );
    let others = material.others.iter().map(|other| place(other, "left out"));
    Some(
        EXTRA_KEYS
            .finding(message)
            .at(place(chosen, "taken"))
            .at_each(others),
    )
}

/// The same of service-account keys, which have no certificate: the others may verify tokens in use.
fn extra_token_keys(material: &Material<PrivateKey>) -> Option<Finding> {
    let finding = extra_keys(material, |key| format!("kid {}", key.key_id()))?;
    Some(
        finding
            .why(
                "Each token names the key that signed it (`kid`), and the bundle has room for one \
                 key. With the bundle alone, every token of the others is refused, and pods that \
                 have one cannot reach the API server",
            )
            .help(
                "`convert` lets Talos accept the others, too; for a bundle alone, add their public \
                 halves to KubeServiceAccountConfig.accepted.publicKeys (Talos 1.14), or wait until \
                 no token of them is left",
            ),
    )
}

/// One finding a kind of oddity, with every file that has it.
fn quirks(cluster: &Cluster) -> Vec<Finding> {
    let mut all: Vec<(&Quirk, String)> = Vec::new();
    for authority in &cluster.authorities {
        all.extend(quirks_of(&authority.certificate));
        all.extend(quirks_of(&authority.key));
    }
    if let Some(account) = &cluster.service_account {
        all.extend(quirks_of(&account.key));
        all.extend(quirks_of(&account.public_key));
    }
    let rules = FAMILY.rules.iter().copied();
    let findings = rules.filter_map(|rule| {
        let of_rule = all
            .iter()
            .filter(|(quirk, _)| std::ptr::eq(rule_of(quirk), rule));
        let mut places: Vec<_> = of_rule.map(|(_, place)| place.clone()).collect();
        places.dedup();
        let message = match places.as_slice() {
            [] => return None,
            [_] => lower_first(rule.summary),
            many => format!("{} ({} files)", lower_first(rule.summary), many.len()),
        };
        Some(rule.finding(message).at_each(places))
    });
    findings.collect()
}

fn quirks_of<T>(material: &Material<T>) -> Vec<(&Quirk, String)> {
    let file = material
        .chosen
        .as_ref()
        .map(|chosen| chosen.origin.file.as_str());
    let file = file.unwrap_or_default();
    let described = material.quirks.iter().map(|quirk| {
        let place = match quirk {
            Quirk::BrokenBlock(origin, reason) => format!("{origin}: {reason}"),
            Quirk::Label(label) => format!("{file}: labelled `{label}`"),
            _ => file.to_owned(),
        };
        (quirk, place)
    });
    described.collect()
}

fn rule_of(quirk: &Quirk) -> &'static Rule {
    match quirk {
        Quirk::ByteOrderMark => &BYTE_ORDER_MARK,
        Quirk::CarriageReturns => &CARRIAGE_RETURNS,
        Quirk::TextOutsideBlocks => &TEXT_OUTSIDE_PEM,
        Quirk::NoFinalNewline => &NO_FINAL_NEWLINE,
        Quirk::Der => &DER_FILE,
        Quirk::EcParametersFirst => &EC_PARAMETERS,
        Quirk::CertificateInKeyFile => &CERTIFICATE_IN_KEY_FILE,
        Quirk::KeyInCertificateFile => &KEY_IN_CERTIFICATE_FILE,
        Quirk::Pkcs8 => &PKCS8_KEY,
        Quirk::Label(_) => &PEM_LABEL,
        Quirk::Decrypted => &DECRYPTED_KEY,
        Quirk::BrokenBlock(..) => &BROKEN_BLOCK,
    }
}

fn lower_first(text: &str) -> String {
    let is_word = text.chars().nth(1).is_some_and(char::is_lowercase);
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if is_word => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}
