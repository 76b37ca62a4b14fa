//! Whether the CAs in the slots are those in use: by the certificates that they signed.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use super::talos_file::authorities;
use crate::cluster::{CaSlot, Cluster, Located, Slot};
use crate::pki::{Certificate, PublicKey, SignatureError};

pub(super) static FAMILY: Family = Family {
    title: "Evidence of use",
    rules: &[
        &SWAPPED_SLOTS,
        &LEAF_OF_ANOTHER_CA,
        &KUBECONFIG_OF_ANOTHER_CA,
        &KUBECONFIG_TRUSTS_ANOTHER_CA,
        &NO_KUBECONFIG_TRUSTS_CA,
        &NO_EVIDENCE,
    ],
    judge: Judge::Import(check),
};

static SWAPPED_SLOTS: Rule = Rule {
    name: "swapped-slots",
    severity: Severity::Error,
    summary: "Two CAs stand in each other's slot",
    why: "Talos would issue the API server from the one and etcd or the front proxy from the \
          other, the wrong way round; no node of the old cluster would accept them",
    help: "put the files back under their own names, or read them by what they are: --layout \
           by-content",
    allow: Allow::Yes("the CAs are imported as the names say"),
};

static LEAF_OF_ANOTHER_CA: Rule = Rule {
    name: "leaf-of-another-ca",
    severity: Severity::Error,
    summary: "A certificate in use was issued by another CA than the one in its slot",
    why: "The cluster uses, or used until lately, another CA. Its nodes would not accept what \
          Talos issues from this one, nor Talos what they present",
    help: "find the CA in use (on each control-plane node: openssl verify -CAfile ca.crt FILE), \
           and import that one",
    allow: Allow::Yes("the CA in the slot is imported"),
};

static KUBECONFIG_OF_ANOTHER_CA: Rule = Rule {
    name: "kubeconfig-of-another-ca",
    severity: Severity::Warning,
    summary: "A kubeconfig presents a certificate of another CA",
    why: "Its user is unknown to every API server that trusts this CA, the new ones included",
    help: "renew it: kubeadm init phase kubeconfig",
    allow: Allow::NotNeeded,
};

static KUBECONFIG_TRUSTS_ANOTHER_CA: Rule = Rule {
    name: "kubeconfig-trusts-another-ca",
    severity: Severity::Warning,
    summary: "A kubeconfig trusts another CA than the Kubernetes CA",
    why: "Its user refuses the API servers that Talos runs, since their certificates come from \
          this Kubernetes CA",
    help: "renew it: kubeadm init phase kubeconfig",
    allow: Allow::NotNeeded,
};

static NO_KUBECONFIG_TRUSTS_CA: Rule = Rule {
    name: "no-kubeconfig-trusts-ca",
    severity: Severity::Error,
    summary: "No kubeconfig of the control plane trusts the Kubernetes CA",
    why: "What the components of a control plane trust is the CA in use. A PKI that was left on the \
          node is as sound in itself; with it, no node and no client of the cluster would be known",
    help: "find the CA in use (kubectl -n kube-system get configmap kube-root-ca.crt -o yaml), and \
           import that one. If the kubeconfigs are the leftover, give the PKI folder alone",
    allow: Allow::Yes("the CA in the slot is imported"),
};

static NO_EVIDENCE: Rule = Rule {
    name: "no-evidence",
    severity: Severity::Warning,
    summary: "Nothing here was issued by the CA",
    why: "Without a certificate that it issued, nothing proves that the CA is the one in use, or that \
          it is in its own slot",
    help: "read the whole /etc/kubernetes of a control-plane node, not the CA files alone",
    allow: Allow::NotNeeded,
};

/// A certificate that some slot's CA should have issued.
struct Exhibit<'a> {
    slot: CaSlot,
    certificate: &'a Located<Certificate>,
    is_kubeconfig: bool,
    verdict: Verdict,
}

#[derive(Clone, PartialEq, Eq)]
enum Verdict {
    /// Issued by the CA in its slot.
    Confirms,
    /// Issued by another CA that is trusted in its slot, such as the one before a rotation.
    Accepted,
    /// Issued by the CA in another slot.
    OfSlot(CaSlot),
    /// Issued by a CA that stands elsewhere in the tree, or nowhere.
    OfOther(String),
    /// The signature is of a kind that cannot be checked.
    Unknown,
}

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    let mut exhibits = exhibits(cluster, context);
    let swapped = swapped(&mut exhibits);
    // Kubeconfigs then trust the right CA, in the wrong slot.
    if swapped.is_empty() {
        findings.extend(foreign_trust(cluster));
    }
    findings.extend(swapped);
    findings.extend(contradictions(&exhibits));
    let unproven = unproven(cluster, &exhibits);
    findings.extend(authorities::by_name_alone(cluster, &unproven));
    findings.extend(without_evidence(cluster, &unproven));
}

fn exhibits<'a>(cluster: &'a Cluster, context: &Context) -> Vec<Exhibit<'a>> {
    let leaves = cluster
        .leaves
        .iter()
        .filter_map(|leaf| Some((leaf.role.slot(), leaf.certificate.as_ref().ok()?, false)));
    let clients = cluster
        .kubeconfigs
        .iter()
        .filter_map(|kubeconfig| Some((CaSlot::Kubernetes, kubeconfig.client.as_ref()?, true)));
    leaves
        .chain(clients)
        // A slot without a CA is the business of another family.
        .filter(|(slot, ..)| cluster.certificate(*slot).is_some())
        .map(|(slot, certificate, is_kubeconfig)| {
            let verdict = verdict(cluster, context, slot, &certificate.value);
            Exhibit {
                slot,
                certificate,
                is_kubeconfig,
                verdict,
            }
        })
        .collect()
}

fn verdict(cluster: &Cluster, context: &Context, slot: CaSlot, leaf: &Certificate) -> Verdict {
    if let Some(expected) = cluster.certificate(slot)
        && leaf.issuer == expected.value.subject
    {
        match leaf.verify_signature_by(&expected.value.public_key) {
            Ok(()) => return Verdict::Confirms,
            Err(SignatureError::Unsupported(_)) => return Verdict::Unknown,
            Err(SignatureError::Bad) => {}
        }
    }
    // A CA in a file of its own that is accepted beside the one that issues, or one below it.
    let accepted = cluster.authority(slot).is_some_and(|authority| {
        let (mut others, file) = (
            authority.certificate.others.iter(),
            authority.certificate.file.as_ref(),
        );
        let chosen = authority.certificate.chosen.as_ref();
        others.any(|other| {
            let is_below = chosen.is_some_and(|chosen| other.value.is_issued_by(&chosen.value));
            (is_below || Some(&other.origin.file) != file) && leaf.is_issued_by(&other.value)
        })
    });
    if accepted {
        return Verdict::Confirms;
    }
    if let Some(slot) = cluster.issuer_of(leaf) {
        return Verdict::OfSlot(slot);
    }
    let beside = cluster.authority(slot).into_iter();
    let beside = beside.flat_map(|authority| &authority.certificate.others);
    let mut beside = beside.filter(|other| leaf.is_issued_by(&other.value));
    if let Some(other) = beside.next() {
        // A bundle cannot name it; configurations can.
        if !context.writes_bundle {
            return Verdict::Accepted;
        }
        return Verdict::OfOther(format!("another CA in `{}`", other.origin.file));
    }
    let mut elsewhere = cluster.other_certificates.iter();
    let elsewhere = elsewhere.find(|other| leaf.is_issued_by(&other.value));
    Verdict::OfOther(match elsewhere {
        Some(other) => format!("the CA in `{}`", other.origin.file),
        None => format!("a CA that is not here, {}", leaf.issuer),
    })
}

/// Two slots whose every exhibit points at the other. Their exhibits are spent.
fn swapped(exhibits: &mut Vec<Exhibit<'_>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let slots = CaSlot::ALL;
    for (position, &first) in slots.iter().enumerate() {
        for &second in &slots[position + 1..] {
            let all_point = |from: CaSlot, to: CaSlot| {
                let mut of_slot = exhibits
                    .iter()
                    .filter(|exhibit| exhibit.slot == from)
                    .peekable();
                of_slot.peek().is_some()
                    && of_slot.all(|exhibit| exhibit.verdict == Verdict::OfSlot(to))
            };
            if !(all_point(first, second) && all_point(second, first)) {
                continue;
            }
            let is_theirs = |exhibit: &Exhibit<'_>| [first, second].contains(&exhibit.slot);
            let proof = exhibits
                .iter()
                .filter(|exhibit| is_theirs(exhibit))
                .map(|exhibit| {
                    let slot = if exhibit.slot == first { second } else { first };
                    format!(
                        "{}: issued by the CA in the slot {slot}",
                        exhibit.certificate.origin
                    )
                });
            let message = format!("{first} and {second} stand in each other's slot");
            findings.push(SWAPPED_SLOTS.finding(message).at_each(proof));
            exhibits.retain(|exhibit| !is_theirs(exhibit));
        }
    }
    findings
}

/// What speaks against the CA of a slot, one finding for each other issuer.
fn contradictions(exhibits: &[Exhibit<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told: Vec<(CaSlot, &Verdict)> = Vec::new();
    for exhibit in exhibits {
        let issuer = match &exhibit.verdict {
            Verdict::Confirms | Verdict::Accepted | Verdict::Unknown => continue,
            Verdict::OfSlot(slot) => format!("the {slot}"),
            Verdict::OfOther(issuer) => issuer.clone(),
        };
        if told.contains(&(exhibit.slot, &exhibit.verdict)) {
            continue;
        }
        told.push((exhibit.slot, &exhibit.verdict));
        let group: Vec<_> = exhibits
            .iter()
            .filter(|other| other.slot == exhibit.slot && other.verdict == exhibit.verdict)
            .collect();
        let confirmed = exhibits
            .iter()
            .any(|other| other.slot == exhibit.slot && other.verdict == Verdict::Confirms);
        let only_kubeconfigs = group.iter().all(|exhibit| exhibit.is_kubeconfig);
        // A single stale kubeconfig does not make a CA wrong that other certificates confirm.
        let rule = if only_kubeconfigs && confirmed {
            &KUBECONFIG_OF_ANOTHER_CA
        } else {
            &LEAF_OF_ANOTHER_CA
        };
        let subject = match group.as_slice() {
            [one] => format!("`{}` was", one.certificate.origin.file),
            many => format!("{} certificates were", many.len()),
        };
        let message = format!(
            "{subject} not issued by the {}, but by {issuer}",
            exhibit.slot
        );
        findings.push(rule.finding(message).at_each(group.iter().map(|exhibit| {
            let certificate = &exhibit.certificate;
            format!("{}: {}", certificate.origin, certificate.value)
        })));
    }
    findings
}

fn foreign_trust(cluster: &Cluster) -> Option<Finding> {
    let authority = cluster.certificate(CaSlot::Kubernetes)?;
    let strangers: Vec<_> = cluster
        .kubeconfigs
        .iter()
        .filter(|kubeconfig| {
            let mut trusted = kubeconfig.authorities.iter().peekable();
            // The same key is the same trust, however often the CA was renewed.
            trusted.peek().is_some()
                && trusted.all(|trusted| trusted.value.public_key != authority.value.public_key)
        })
        .collect();
    let message = match strangers.as_slice() {
        [] => return None,
        [one] => format!("`{}` does not trust the Kubernetes CA", one.path),
        many => format!("{} kubeconfigs do not trust the Kubernetes CA", many.len()),
    };
    let trusted = strangers
        .iter()
        .flat_map(|kubeconfig| &kubeconfig.authorities);
    let is_chosen = cluster.is_given(Slot::Ca(CaSlot::Kubernetes));
    let rule = if !is_chosen && is_strange_to_all(cluster) {
        &NO_KUBECONFIG_TRUSTS_CA
    } else {
        &KUBECONFIG_TRUSTS_ANOTHER_CA
    };
    Some(rule.finding(message).at_each(trusted.map(|trusted| {
        let key = trusted.value.public_key.fingerprint();
        format!("{}: {}, key {key}", trusted.origin, trusted.value)
    })))
}

/// Whether no kubeconfig of the distribution itself trusts the Kubernetes CA, or one that is trusted
/// beside it: during a rotation some know the old CA alone. One whose client such a CA issued is of
/// this cluster, whatever it trusts: the certificate of a load balancer may be of another CA.
fn is_strange_to_all(cluster: &Cluster) -> bool {
    let authority = cluster.authority(CaSlot::Kubernetes);
    let certificate = authority.map(|authority| &authority.certificate);
    let known = certificate
        .into_iter()
        .flat_map(|it| it.chosen.iter().chain(&it.others));
    let known: Vec<&Certificate> = known.map(|known| &known.value).collect();
    // What stands beside it in the file that a flag names is trusted with it.
    let named = cluster.named.iter();
    let named = named.filter(|named| named.slot == Slot::Ca(CaSlot::Kubernetes));
    let named = named.filter(|named| known.iter().any(|ca| named.keys.contains(&ca.public_key)));
    let beside: Vec<&PublicKey> = named.flat_map(|named| &named.keys).collect();
    let is_known = |trusted: &Certificate| {
        let mut known = known.iter();
        // Whoever trusts the root trusts what is below it.
        known.any(|ca| ca.public_key == trusted.public_key || ca.is_issued_by(trusted))
            || beside.contains(&&trusted.public_key)
    };
    let issued = |client: &Located<Certificate>| {
        let mut known = known.iter();
        known.any(|ca| client.value.is_issued_by(ca))
    };
    let own = cluster.kubeconfigs.iter();
    let own = own.filter(|kubeconfig| kubeconfig.role.is_some());
    let own = own.filter(|kubeconfig| !kubeconfig.authorities.is_empty());
    let mut own = own.peekable();
    own.peek().is_some()
        && own.all(|kubeconfig| {
            let mut trusted = kubeconfig.authorities.iter();
            !trusted.any(|trusted| is_known(&trusted.value))
                && !kubeconfig.client.as_ref().is_some_and(issued)
        })
}

/// Slots with a CA that nothing here speaks for.
fn unproven(cluster: &Cluster, exhibits: &[Exhibit<'_>]) -> Vec<CaSlot> {
    let speaks = |slot: CaSlot, authority: &Certificate| {
        // Where a name is that of a host, the role is unknown and the issuer is not.
        let mut others = cluster.other_certificates.iter();
        exhibits.iter().any(|exhibit| exhibit.slot == slot)
            || cluster.leaves.iter().any(|leaf| leaf.role.slot() == slot)
            || others
                .any(|other| !other.value.is_authority() && other.value.is_issued_by(authority))
    };
    CaSlot::ALL
        .into_iter()
        .filter(|slot| {
            let certificate = cluster.certificate(*slot);
            certificate.is_some_and(|certificate| !speaks(*slot, &certificate.value))
        })
        .collect()
}

/// CAs that a person named one by one are taken at their word, and so is what Talos's machines have.
fn without_evidence(cluster: &Cluster, unproven: &[CaSlot]) -> Option<Finding> {
    cluster.layout?;
    if cluster.talos.is_some() {
        return None;
    }
    let unproven: Vec<_> = CaSlot::OF_KUBERNETES
        .into_iter()
        .filter(|slot| unproven.contains(slot))
        .collect();
    let names: Vec<_> = unproven.iter().map(|slot| slot.title()).collect();
    let certificates = unproven
        .iter()
        .filter_map(|slot| cluster.certificate(*slot));
    (!unproven.is_empty()).then(|| {
        NO_EVIDENCE
            .finding(format!(
                "nothing here was issued by the {}",
                names.join(", the ")
            ))
            .at_each(certificates.map(|certificate| &certificate.origin))
    })
}
