//! Whether the CAs in the slots are those in use: by the certificates that they signed.

mod exhibit;
mod trust;

use self::exhibit::{Bearer, Exhibit, Verdict, exhibits};
use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use super::talos_file::authorities;
use crate::cluster::{CaSlot, Cluster, LeafRole, Slot};
use crate::pki::Certificate;

pub(super) static FAMILY: Family = Family {
    title: "Evidence of use",
    rules: &[
        &SWAPPED_SLOTS,
        &LEAF_OF_ANOTHER_CA,
        &SERVER_OF_ANOTHER_CA,
        &KUBECONFIG_OF_ANOTHER_CA,
        &KUBECONFIG_TRUSTS_ANOTHER_CA,
        &NO_KUBECONFIG_TRUSTS_CA,
        &NO_EVIDENCE,
        &EVIDENCE_NOT_KEPT,
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

/// Why the key of a CA alone is not enough.
const BY_NAME_AND_KEY: &str = "Chains are built by name and key. What the key issued under the one name holds under no \
                               certificate of the other, so neither side would accept the other's";

/// What to do where a CA was renewed with its key and not with its name.
const OF_ANOTHER_NAME: &str = "renew the CA certificate from the one before, whose subject it then has to the byte: openssl \
                               x509 -in old-ca.crt -signkey ca.key -days 3650 -out new-ca.crt. The one before is in \
                               kubeconfigs (certificate-authority-data) and in the ConfigMap kube-root-ca.crt. OpenSSL may \
                               find no fault: it takes names that are written otherwise for equal, and Go, and so \
                               Kubernetes, does not";

/// What to do where the API server may have a CA of its own on purpose.
const OF_THE_API_SERVER: &str = "make it anew by the CA in the slot, as other certificates here were. If API \
                                 servers have a CA of their own on purpose, let this through: Talos issues from the \
                                 CA in the slot, so give that one to every client that trusts the other alone";

/// The same of kubelets, which know the API server as a client.
const OF_KUBELETS: &str = "make it anew by the CA in the slot, as other certificates here were. If kubelets know \
                           the API server by a CA of its own on purpose (`clientCAFile` in their configuration), \
                           let this through: add the CA in the slot to that file on every old node first, or logs \
                           and exec fail there";

static SERVER_OF_ANOTHER_CA: Rule = Rule {
    name: "server-of-another-ca",
    severity: Severity::Warning,
    summary: "The API server has a certificate of another CA, which kubeconfigs trust",
    why: "Talos issues the certificates of its API servers from the Kubernetes CA. Clients that trust \
          the other CA alone refuse them",
    help: "before the first Talos node, give the Kubernetes CA to every kubeconfig and program that \
           trusts the other, beside it",
    allow: Allow::NotNeeded,
};

static KUBECONFIG_OF_ANOTHER_CA: Rule = Rule {
    name: "kubeconfig-of-another-ca",
    severity: Severity::Warning,
    summary: "A kubeconfig presents a certificate of another CA",
    why: "Its user is unknown to every API server that trusts this CA, the new ones included",
    help: "make it anew, with a client of this CA",
    allow: Allow::NotNeeded,
};

/// What to do with a kubeconfig that no distribution made.
const OF_A_PERSON: &str = "if the API servers know the person or program by another CA (--client-ca-file), add \
                           that to Talos's accepted CAs (`cluster.acceptedCAs`, from 1.14 KubeAPIServerCAConfig); or issue \
                           a certificate of this CA, such as by a CertificateSigningRequest. If it is of another \
                           cluster, nothing has to be done";

static KUBECONFIG_TRUSTS_ANOTHER_CA: Rule = Rule {
    name: "kubeconfig-trusts-another-ca",
    severity: Severity::Warning,
    summary: "A kubeconfig trusts another CA than the Kubernetes CA",
    why: "Its user refuses the API servers that Talos runs, since their certificates come from \
          this Kubernetes CA",
    help: "put the Kubernetes CA into it",
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

static EVIDENCE_NOT_KEPT: Rule = Rule {
    name: "evidence-not-kept",
    severity: Severity::Note,
    summary: "The source keeps CAs alone, and nothing that they issued",
    why: "No certificate proves here that the CAs are in use. What a cluster is made from, such as the \
          Secrets of Cluster API or the store of kops, has none, and its nodes get their CAs from there",
    help: "nothing has to be done",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    let mut exhibits = exhibits(cluster, context);
    let swapped = swapped(&mut exhibits);
    // Kubeconfigs then trust the right CA, in the wrong slot.
    let foreign = swapped.is_empty().then(|| trust::foreign_trust(cluster));
    let foreign = foreign.flatten();
    let mut components = foreign.iter();
    let are_told = components.any(|finding| finding.severity == Severity::Error);
    findings.extend(foreign);
    findings.extend(swapped);
    findings.extend(contradictions(cluster, &exhibits, are_told));
    let unproven = unproven(cluster, &exhibits);
    findings.extend(authorities::by_name_alone(cluster, &unproven));
    findings.extend(without_evidence(cluster, &unproven));
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

/// What speaks against the CA of a slot, one finding for each other issuer. What the components of the
/// control plane say of the Kubernetes CA may have been told before.
fn contradictions(cluster: &Cluster, exhibits: &[Exhibit<'_>], are_told: bool) -> Vec<Finding> {
    let is_chosen = cluster.is_given(Slot::Ca(CaSlot::Kubernetes));
    let mut findings = Vec::new();
    let mut told: Vec<(CaSlot, &Verdict)> = Vec::new();
    for Exhibit { slot, verdict, .. } in exhibits {
        let issuer = match verdict {
            Verdict::Confirms | Verdict::Accepted | Verdict::Unknown => continue,
            Verdict::OfBeside(file) => format!("another CA in `{file}`"),
            Verdict::OfSlot(slot) => format!("the {slot}"),
            Verdict::OfAnotherName(name) => format!("its key under another name: {name}"),
            Verdict::OfOther(issuer) => issuer.clone(),
        };
        if told.contains(&(*slot, verdict)) {
            continue;
        }
        told.push((*slot, verdict));
        let of_slot = exhibits.iter().filter(|other| other.slot == *slot);
        let (group, others): (Vec<_>, Vec<_>) =
            of_slot.partition(|other| other.verdict == *verdict);
        let is_decisive = !are_told && !is_chosen && are_strange(&group, &others);
        let (rule, help) = if matches!(verdict, Verdict::OfAnotherName(_)) {
            (&LEAF_OF_ANOTHER_CA, Some(OF_ANOTHER_NAME.to_owned()))
        } else if is_decisive {
            (&LEAF_OF_ANOTHER_CA, None)
        } else {
            judgement(cluster, &group, &others)
        };
        let subject = match group.as_slice() {
            [one] => format!("`{}` was", one.certificate.origin.file),
            many => format!("{} certificates were", many.len()),
        };
        let message = format!("{subject} not issued by the {slot}, but by {issuer}");
        let finding = rule.finding(message).at_each(group.iter().map(|exhibit| {
            let certificate = &exhibit.certificate;
            format!("{}: {}", certificate.origin, certificate.value)
        }));
        let finding = match help {
            Some(help) => finding.help(help),
            None => finding,
        };
        findings.push(match verdict {
            Verdict::OfAnotherName(_) => finding.why(BY_NAME_AND_KEY),
            _ => finding,
        });
    }
    findings
}

/// The rule for certificates that one other CA issued, and what to do if that is not as the rule says.
/// A single stale certificate does not make a CA wrong that others confirm.
fn judgement(
    cluster: &Cluster,
    group: &[&Exhibit<'_>],
    others: &[&Exhibit<'_>],
) -> (&'static Rule, Option<String>) {
    let is = |bearer: Bearer| group.iter().any(|exhibit| exhibit.bearer == bearer);
    let are_all = |bearer: Bearer| group.iter().all(|exhibit| exhibit.bearer == bearer);
    let is_confirmed = others
        .iter()
        .any(|other| other.verdict == Verdict::Confirms);
    if !is_confirmed {
        return (&LEAF_OF_ANOTHER_CA, None);
    }
    if group.iter().all(|exhibit| exhibit.bearer.has_kubeconfig()) {
        let of_persons = is(Bearer::Person).then_some(OF_A_PERSON);
        let help = renewal(cluster, is(Bearer::Component), of_persons);
        return (&KUBECONFIG_OF_ANOTHER_CA, Some(help));
    }
    if are_all(Bearer::Part(LeafRole::ApiServer)) {
        let mut served = group.iter();
        if served.all(|exhibit| is_trusted_by_kubeconfigs(cluster, &exhibit.certificate.value)) {
            return (&SERVER_OF_ANOTHER_CA, None);
        }
        return (&LEAF_OF_ANOTHER_CA, Some(OF_THE_API_SERVER.to_owned()));
    }
    if are_all(Bearer::Part(LeafRole::ApiServerKubeletClient)) {
        return (&LEAF_OF_ANOTHER_CA, Some(OF_KUBELETS.to_owned()));
    }
    (&LEAF_OF_ANOTHER_CA, None)
}

/// Whether the components of the control plane are in `group` and none of them is known otherwise. That CA
/// may be in use, and what lies beside the one in the slot a leftover with it; not where both are trusted.
fn are_strange(group: &[&Exhibit<'_>], others: &[&Exhibit<'_>]) -> bool {
    let are_components = |exhibits: &[&Exhibit<'_>], is: fn(&Verdict) -> bool| {
        let mut exhibits = exhibits.iter();
        exhibits.any(|exhibit| exhibit.bearer == Bearer::Component && is(&exhibit.verdict))
    };
    let is_known = |verdict: &Verdict| matches!(verdict, Verdict::Confirms | Verdict::Accepted);
    let is_strange = |verdict: &Verdict| !matches!(verdict, Verdict::OfBeside(_));
    are_components(group, is_strange) && !are_components(others, is_known)
}

/// What to do with kubeconfigs: those of components, and those of persons.
fn renewal(cluster: &Cluster, of_components: bool, of_persons: Option<&'static str>) -> String {
    let of_components = of_components.then_some(cluster.operations.own_kubeconfigs);
    let all = of_components.into_iter().chain(of_persons);
    all.collect::<Vec<_>>().join(". ")
}

/// Whether kubeconfigs trust the CA that issued `server`, or one that issued this.
fn is_trusted_by_kubeconfigs(cluster: &Cluster, server: &Certificate) -> bool {
    let kubeconfigs = cluster.kubeconfigs.iter();
    let trusted: Vec<&Certificate> = kubeconfigs
        .flat_map(|kubeconfig| &kubeconfig.authorities)
        .map(|trusted| &trusted.value)
        .collect();
    let is_issued = |certificate: &Certificate| {
        let mut trusted = trusted.iter();
        trusted.any(|ca| certificate.is_issued_by(ca))
    };
    let mut between = cluster.other_certificates.iter();
    is_issued(server) || between.any(|one| server.is_issued_by(&one.value) && is_issued(&one.value))
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
        let rule = if cluster.is_store {
            &EVIDENCE_NOT_KEPT
        } else {
            &NO_EVIDENCE
        };
        rule.finding(format!(
            "nothing here was issued by the {}",
            names.join(", the ")
        ))
        .at_each(certificates.map(|certificate| &certificate.origin))
    })
}
