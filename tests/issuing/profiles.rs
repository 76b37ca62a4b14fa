//! The library: authorities of every algorithm, and leaves below them.

use getrandom::SysRng;
use jiff::{SignedDuration, Timestamp};
use talos_pki::pki::{
    AuthorityProfile, CaPair, Certificate, CertificateRequest, Curve, IssueError, KeyAlgorithm,
    KeyGeneration, LeafProfile, PrivateKey, Purpose, RequestProfile, RequestedLeaf, Subject,
    Validity, generate_key, pem,
};

use crate::fixture::fixtures;

const KINDS: [KeyGeneration; 5] = [
    KeyGeneration::EcdsaP256,
    KeyGeneration::EcdsaP384,
    KeyGeneration::EcdsaP521,
    KeyGeneration::Ed25519,
    KeyGeneration::Rsa(1_024),
];

fn a_day() -> Validity {
    let not_before: Timestamp = crate::fixture::NOW.parse().unwrap();
    Validity {
        not_before,
        not_after: not_before + SignedDuration::from_hours(24),
    }
}

fn authority(kind: KeyGeneration) -> CaPair {
    let profile = AuthorityProfile {
        subject: Subject {
            common_name: None,
            organizations: &["talos"],
        },
        dns_names: &[],
        ip_addresses: &[],
        validity: a_day(),
    };
    let key = generate_key(kind, &mut SysRng).unwrap();
    profile.issue(key, &mut SysRng).unwrap()
}

fn client() -> LeafProfile<'static> {
    LeafProfile {
        subject: Subject {
            common_name: None,
            organizations: &["os:reader", "os:etcd:backup"],
        },
        dns_names: &[],
        ip_addresses: &[],
        key_encipherment: false,
        purpose: Purpose::Client,
        validity: a_day(),
    }
}

/// The pair of a fixture, such as `kubeadm/rsa-2048/pki/ca`.
fn fixture_authority(name: &str) -> CaPair {
    let block = |ending: &str| {
        let text = std::fs::read(fixtures().join(format!("{name}.{ending}"))).unwrap();
        pem::read(&text).blocks.remove(0)
    };
    let certificate = Certificate::from_der(block("crt").contents.expose()).unwrap();
    let (key, _) = PrivateKey::from_block(&block("key"), None).unwrap();
    CaPair::prove(certificate, key).unwrap()
}

#[test]
fn an_authority_of_every_algorithm_signs_itself() {
    for kind in KINDS {
        let ca = authority(kind);
        let certificate = ca.certificate();
        assert_eq!(*certificate.public_key.algorithm(), kind.algorithm());
        assert!(certificate.verify_self_signature().is_ok(), "{kind:?}");
        assert!(certificate.is_authority(), "{kind:?}");
        assert_eq!(certificate.subject.to_string(), "O=talos");
    }
}

#[test]
fn every_key_of_a_family_gets_a_leaf_of_every_authority_of_it() {
    for authority_kind in KINDS {
        let ca = authority(authority_kind);
        for leaf_kind in KINDS {
            let key = generate_key(leaf_kind, &mut SysRng).unwrap();
            let issued = client().issue(&ca, key.public_key(), &mut SysRng);
            let families =
                [authority_kind, leaf_kind].map(|kind| std::mem::discriminant(&kind.algorithm()));
            if families[0] == families[1] {
                let leaf = issued.unwrap();
                assert!(leaf.is_issued_by(ca.certificate()));
                assert!(!leaf.is_authority());
                assert_eq!(leaf.public_key, *key.public_key());
                assert_eq!(
                    leaf.authority_key_identifier,
                    ca.certificate().subject_key_identifier
                );
                let roles = leaf.subject.organizations();
                assert_eq!(roles, ["os:reader", "os:etcd:backup"]);
            } else {
                assert!(matches!(issued, Err(IssueError::Family { .. })));
            }
        }
    }
}

#[test]
fn the_authorities_of_kubeadm_issue_for_fresh_keys() {
    let cases = [
        ("rsa-2048", KeyAlgorithm::Rsa(4_096)),
        ("ecdsa-p256", KeyAlgorithm::Ecdsa(Curve::P256)),
        ("ecdsa-p384", KeyAlgorithm::Ecdsa(Curve::P256)),
    ];
    for (folder, algorithm) in cases {
        let ca = fixture_authority(&format!("kubeadm/{folder}/pki/ca"));
        let (leaf, key) = client().issue_with_fresh_key(&ca, &mut SysRng).unwrap();
        assert!(leaf.is_issued_by(ca.certificate()), "{folder}");
        assert_eq!(leaf.issuer.to_string(), "CN=kubernetes");
        assert_eq!(leaf.public_key, *key.public_key());
        assert_eq!(*key.public_key().algorithm(), algorithm);
    }
}

#[test]
fn an_authority_that_talos_cannot_issue_with_is_refused_by_what_is_wrong() {
    let reason = |fixture: &str| {
        let ca = fixture_authority(&format!("broken/{fixture}/pki/ca"));
        let issued = client().issue_with_fresh_key(&ca, &mut SysRng);
        issued.unwrap_err().to_string()
    };
    let sha1 = "Talos makes no keys under a CA that is signed as RSA with SHA-1; it cannot issue \
                certificates";
    assert_eq!(reason("sha1-signed-ca"), sha1);
    assert!(reason("rsa-pss-signed-ca").contains("signed as RSA-PSS with SHA-256"));
    assert!(reason("leaf-as-ca").ends_with("is not a CA; it cannot issue certificates"));
    let usage = "`CN=kubernetes` has a key usage without keyCertSign; it cannot issue certificates";
    assert_eq!(reason("no-key-cert-sign"), usage);
}

#[test]
fn names_that_a_certificate_cannot_hold_are_refused() {
    let ca = authority(KeyGeneration::Ed25519);
    let profile = LeafProfile {
        dns_names: &["münchen.example"],
        ..client()
    };
    let error = profile.issue_with_fresh_key(&ca, &mut SysRng).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a certificate cannot hold the name `münchen.example`: a DNS name is ASCII, else in punycode"
    );
}

/// Made by OpenSSL with `-sha1`. Its key protected nothing and is gone.
const SHA1_REQUEST: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIIBUjCBvAIBADATMREwDwYDVQQKDAhvczphZG1pbjCBnzANBgkqhkiG9w0BAQEF
AAOBjQAwgYkCgYEAthMN/1oO5qMfqJZCZcaq3EzgaSsV/fMOmL+SYtPZ2On63Kws
ale6ZQDVoyG8sPz7cxezGrLBccEstw5j3me3SHv4V1BBe3tk1I1SAOYvysLA3nqA
i0RW+oTDKTIYx34or9Dx5vSQLsxLQDQ68u1lCRlAKj8bjdx1J1bFXPYhne8CAwEA
AaAAMA0GCSqGSIb3DQEBBQUAA4GBAHKMVv6Z7n3IKjvOaxUwNiq95n2vBw4aHrIx
Kee8LhOYHpKydiNFKxVrB8lCeTRIjy5uO3MvTuGQ9JIj1BeX1OIP+XxArK9nefLl
aeC+TkHKCSnryBnUeAJyGWtd+mMe12+9kSkTADM2pUdmBG3Wn0MlW1/7gS1QyNwz
A2rGEjv7
-----END CERTIFICATE REQUEST-----
";

#[test]
fn a_request_that_is_signed_with_sha_1_is_refused() {
    let block = pem::read(SHA1_REQUEST.as_bytes()).blocks.remove(0);
    let request = CertificateRequest::from_der(block.contents.expose()).unwrap();
    assert!(request.verify().is_ok());
    let profile = RequestedLeaf {
        key_encipherment: false,
        keep_organizations: true,
        purpose: Purpose::Client,
        validity: a_day(),
    };
    let ca = authority(KeyGeneration::Rsa(1_024));
    let error = profile.issue(&ca, &request, &mut SysRng).unwrap_err();
    let reason = "it is signed as RSA with SHA-1, and the certificate would be too";
    assert_eq!(error.to_string(), reason);
}

#[test]
fn a_request_with_any_bit_changed_is_not_granted() {
    let key = generate_key(KeyGeneration::EcdsaP256, &mut SysRng).unwrap();
    let profile = RequestProfile {
        subject: Subject {
            common_name: Some("node"),
            organizations: &["os:admin"],
        },
        dns_names: &["node.example.org"],
        ip_addresses: &["192.0.2.1".parse().unwrap()],
    };
    let request = profile.sign(&key).unwrap();
    assert!(request.verify().is_ok());
    for position in 0..request.der().len() {
        for bit in 0..8 {
            let mut altered = request.der().to_vec();
            altered[position] ^= 1 << bit;
            if let Ok(altered) = CertificateRequest::from_der(&altered) {
                assert!(altered.verify().is_err(), "bit {bit} of byte {position}");
            }
        }
    }
}
