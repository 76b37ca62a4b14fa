//! Each test changes one thing in a certificate that Go accepts.
//!
//! Far more cases are behind these few: `examples/go_parity.rs` compares all of zlint's test
//! certificates with Go's own verdicts.

mod altered_certificate;

use self::altered_certificate::{
    SERIAL_NUMBER, SIGNATURE, SUBJECT, SUBJECT_PUBLIC_KEY_INFO, VALIDITY, VERSION, certificate,
    element, extension, field, with_extensions, with_field,
};
use super::{CertificateField, ExtensionKind, Refusal, UriFault, refusal};

#[test]
fn accepts_the_certificate_that_the_other_tests_change() {
    assert_eq!(refusal(&certificate()), None);
}

#[test]
fn refuses_what_is_no_certificate() {
    let field = CertificateField::Certificate;
    assert_eq!(refusal(b""), Some(Refusal::Malformed { field }));
    assert_eq!(
        refusal(b"-----BEGIN CERTIFICATE-----"),
        Some(Refusal::Malformed { field })
    );
}

#[test]
fn refuses_every_truncation() {
    let certificate = certificate();
    for end in 0..certificate.len() {
        assert_ne!(refusal(&certificate[..end]), None, "cut to {end} octets");
    }
}

#[test]
fn refuses_trailing_data() {
    let followed = [certificate(), vec![0]].concat();
    assert_eq!(refusal(&followed), Some(Refusal::TrailingData));
}

#[test]
fn refuses_a_length_that_is_not_minimal() {
    let null_with_long_length = [0x05, 0x81, 0x00];
    assert_eq!(
        refusal(&with_field(SERIAL_NUMBER, &null_with_long_length)),
        Some(Refusal::Malformed {
            field: CertificateField::SerialNumber
        })
    );
}

#[test]
fn refuses_a_fourth_version() {
    let version = element(0xa0, &[0x02, 0x01, 0x03]);
    assert_eq!(
        refusal(&with_field(VERSION, &version)),
        Some(Refusal::UnsupportedVersion { number: 3 })
    );
}

#[test]
fn refuses_a_negative_serial_number_and_accepts_zero() {
    assert_eq!(
        refusal(&with_field(SERIAL_NUMBER, &[0x02, 0x01, 0x80])),
        Some(Refusal::NegativeSerialNumber)
    );
    assert_eq!(
        refusal(&with_field(SERIAL_NUMBER, &[0x02, 0x01, 0x00])),
        None
    );
}

#[test]
fn refuses_signature_algorithms_that_differ() {
    let ed25519 = element(0x30, b"\x06\x03\x2b\x65\x70");
    assert_eq!(
        refusal(&with_field(SIGNATURE, &ed25519)),
        Some(Refusal::SignatureAlgorithmsDiffer)
    );
}

#[test]
fn looks_at_the_strings_in_names() {
    let subject = |tag, text: &[u8]| {
        let attribute = [element(0x06, b"\x55\x04\x03"), element(tag, text)].concat();
        let name = element(0x30, &element(0x31, &element(0x30, &attribute)));
        refusal(&with_field(SUBJECT, &name))
    };
    let field = CertificateField::Subject;
    assert_eq!(subject(0x13, b"*.example & co"), None);
    assert_eq!(
        subject(0x13, b"admin@example"),
        Some(Refusal::InvalidString {
            field,
            string_type: "PrintableString"
        })
    );
    assert_eq!(subject(0x1e, b"\x00K\x00\x00"), None);
    assert_eq!(
        subject(0x1e, b"\xd8\x00"),
        Some(Refusal::InvalidString {
            field,
            string_type: "BMPString"
        })
    );
    assert_eq!(
        subject(0x1c, b"\0\0\0K"),
        Some(Refusal::UnsupportedStringType { field, tag: 0x1c })
    );
}

#[test]
fn takes_the_spellings_of_time_that_go_writes() {
    let not_after = |tag, text: &[u8]| {
        let not_before = element(0x17, b"240101000000Z");
        let validity = element(0x30, &[not_before, element(tag, text)].concat());
        refusal(&with_field(VALIDITY, &validity))
    };
    let malformed = Some(Refusal::MalformedTime {
        field: CertificateField::NotAfter,
    });
    for accepted in ["340101000000Z", "3401010000Z", "340101000000+0130"] {
        assert_eq!(not_after(0x17, accepted.as_bytes()), None, "{accepted}");
    }
    for refused in [
        "340101000000+0000",
        "340101000060Z",
        "230229000000Z",
        "34010100Z",
    ] {
        assert_eq!(not_after(0x17, refused.as_bytes()), malformed, "{refused}");
    }
    assert_eq!(not_after(0x18, b"99991231235959Z"), None);
    assert_eq!(not_after(0x18, b"99991231235959.0Z"), malformed);
    assert_eq!(
        not_after(0x16, b"340101000000Z"),
        Some(Refusal::UnsupportedTimeType {
            field: CertificateField::NotAfter
        })
    );
}

#[test]
fn refuses_a_point_that_is_not_on_its_curve() {
    let mut key = field(SUBJECT_PUBLIC_KEY_INFO);
    *key.last_mut().unwrap() ^= 1;
    assert_eq!(
        refusal(&with_field(SUBJECT_PUBLIC_KEY_INFO, &key)),
        Some(Refusal::PointNotOnCurve { curve: "P-256" })
    );
}

#[test]
fn refuses_an_rsa_key_without_null_parameters() {
    let algorithm = element(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
    let key = element(0x03, b"\x00\x30\x06\x02\x01\x0f\x02\x01\x03");
    let information = element(0x30, &[algorithm, key].concat());
    assert_eq!(
        refusal(&with_field(SUBJECT_PUBLIC_KEY_INFO, &information)),
        Some(Refusal::RsaParametersNotNull)
    );
}

#[test]
fn refuses_an_extension_that_comes_twice() {
    let key_usage = extension(15, false, b"\x03\x02\x01\x06");
    assert_eq!(refusal(&with_extensions(&key_usage)), None);
    assert_eq!(
        refusal(&with_extensions(&key_usage.repeat(2))),
        Some(Refusal::RepeatedExtension {
            object_identifier: "2.5.29.15".to_owned()
        })
    );
}

#[test]
fn refuses_a_critical_authority_key_identifier() {
    let identifier = |critical| extension(35, critical, b"\x30\x03\x80\x01\x2a");
    assert_eq!(refusal(&with_extensions(&identifier(false))), None);
    let refusal = refusal(&with_extensions(&identifier(true))).unwrap();
    assert_eq!(
        refusal.to_string(),
        "the authority key identifier extension is marked critical, which it must not be"
    );
    assert_eq!(refusal.rfc5280_section(), "4.2.1.1");
}

#[test]
fn refuses_basic_constraints_with_a_negative_path_length() {
    let constraints = extension(19, true, b"\x30\x06\x01\x01\xff\x02\x01\xff");
    assert_eq!(
        refusal(&with_extensions(&constraints)),
        Some(Refusal::MalformedExtension {
            extension: ExtensionKind::BasicConstraints
        })
    );
}

#[test]
fn looks_at_subject_alternative_names() {
    let name = |tag, content: &[u8]| {
        let names = element(0x30, &element(tag, content));
        refusal(&with_extensions(&extension(17, false, &names)))
    };
    assert_eq!(name(0x82, b"not a host name!"), None);
    assert_eq!(
        name(0x82, "b\u{fc}cher.example".as_bytes()),
        Some(Refusal::NonAsciiAlternativeName { form: "DNS name" })
    );
    assert_eq!(
        name(0x87, &[10, 0, 0]),
        Some(Refusal::WrongAddressLength { octets: 3 })
    );
}

#[test]
fn looks_at_uris_as_go_1_26_does() {
    let fault = |uri: &str| {
        let names = element(0x30, &element(0x86, uri.as_bytes()));
        match refusal(&with_extensions(&extension(17, false, &names))) {
            Some(Refusal::InvalidUri { fault, .. }) => Some(fault),
            None => None,
            Some(other) => panic!("{uri}: {other}"),
        }
    };
    for accepted in [
        "spiffe://cluster.local/ns/a",
        "https://[fe80::1%25eth0]:6443/",
        "mongodb://a:1,b:2/",
        "urn:uuid:1%",
        "/path only?%zz",
        "",
    ] {
        assert_eq!(fault(accepted), None, "{accepted}");
    }
    for (refused, expected) in [
        ("http://a:1,b:2/", UriFault::Port),
        ("http://[10.0.0.1]/", UriFault::SquareBrackets),
        ("http://a..b/", UriFault::HostDomain),
        ("http://a b/", UriFault::HostCharacter),
        ("http://a/%zz", UriFault::PercentEncoding),
        ("http://<a>@b/", UriFault::UserInformation),
        ("http://a/\n", UriFault::ControlCharacter),
        ("10.0.0.1:6443", UriFault::ColonWithoutScheme),
    ] {
        assert_eq!(fault(refused), Some(expected), "{refused}");
    }
}

#[test]
fn looks_at_name_constraints() {
    let permitted = |tag, base: &[u8]| {
        let subtrees = element(0xa0, &element(0x30, &element(tag, base)));
        let constraints = extension(30, true, &element(0x30, &subtrees));
        refusal(&with_extensions(&constraints))
    };
    assert_eq!(permitted(0x82, b".example"), None);
    assert_eq!(permitted(0x81, b"\"a b\"@example"), None);
    assert_eq!(permitted(0x87, &[10, 0, 0, 0, 255, 128, 0, 0]), None);
    assert_eq!(
        permitted(0x87, &[1, 2, 3, 4, 1, 2, 3, 4]),
        Some(Refusal::InvalidAddressMask)
    );
    assert_eq!(
        permitted(0x86, b"fe80::1"),
        Some(Refusal::AddressAsUriConstraint {
            address: "fe80::1".to_owned()
        })
    );
    assert_eq!(
        permitted(0x82, b"example."),
        Some(Refusal::InvalidNameConstraint {
            constraint: "example.".to_owned(),
            form: "DNS name"
        })
    );
    let empty = extension(30, true, &element(0x30, b""));
    assert_eq!(
        refusal(&with_extensions(&empty)),
        Some(Refusal::EmptyNameConstraints)
    );
}

#[test]
fn refuses_a_policy_that_comes_twice_and_accepts_one_with_a_large_arc() {
    let policies = |policies: &[u8]| {
        let value = element(0x30, policies);
        refusal(&with_extensions(&extension(32, false, &value)))
    };
    let policy = element(0x30, b"\x06\x06\x69\x90\x80\x80\x80\x00");
    assert_eq!(policies(&policy), None);
    assert_eq!(
        policies(&policy.repeat(2)),
        Some(Refusal::RepeatedPolicy {
            object_identifier: "2.25.4294967296".to_owned()
        })
    );
}
