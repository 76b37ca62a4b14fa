//! A certificate that Go accepts, and what the tests do to it.

use super::super::der_cursor::{DerCursor, Tag};

/// The certificate with one field of its signed part replaced.
pub(super) fn with_field(position: usize, replacement: &[u8]) -> Vec<u8> {
    let mut fields = fields();
    fields[position] = replacement.to_vec();
    let to_be_signed = element(0x30, &fields.concat());
    let original = certificate();
    let mut content = DerCursor::new(&original).enter(Tag::SEQUENCE).unwrap();
    content.read(Tag::SEQUENCE).unwrap();
    let algorithm = content.read_any().unwrap().encoding;
    let signature = content.read_any().unwrap().encoding;
    element(0x30, &[&to_be_signed, algorithm, signature].concat())
}

pub(super) fn with_extensions(extensions: &[u8]) -> Vec<u8> {
    with_field(EXTENSIONS, &element(0xa3, &element(0x30, extensions)))
}

/// An extension under `id-ce`, 2.5.29.
pub(super) fn extension(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let identifier = element(0x06, &[0x55, 0x1d, number]);
    let critical = if critical {
        element(0x01, &[0xff])
    } else {
        Vec::new()
    };
    element(0x30, &[identifier, critical, element(0x04, value)].concat())
}

pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = match (high, low) {
        (0, 0..0x80) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag], length.as_slice(), content].concat()
}

pub(super) fn field(position: usize) -> Vec<u8> {
    fields().swap_remove(position)
}

/// The fields of the signed part, each with its tag and length.
fn fields() -> Vec<Vec<u8>> {
    let certificate = certificate();
    let mut content = DerCursor::new(&certificate).enter(Tag::SEQUENCE).unwrap();
    let mut to_be_signed = content.enter(Tag::SEQUENCE).unwrap();
    std::iter::from_fn(|| Some(to_be_signed.read_any()?.encoding.to_vec())).collect()
}

pub(super) fn certificate() -> Vec<u8> {
    let digits: String = CERTIFICATE.split_ascii_whitespace().collect();
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

pub(super) const VERSION: usize = 0;
pub(super) const SERIAL_NUMBER: usize = 1;
pub(super) const SIGNATURE: usize = 2;
pub(super) const VALIDITY: usize = 4;
pub(super) const SUBJECT: usize = 5;
pub(super) const SUBJECT_PUBLIC_KEY_INFO: usize = 6;
const EXTENSIONS: usize = 7;

/// A self-signed P-256 CA certificate, made with OpenSSL for these tests; its key is gone.
const CERTIFICATE: &str = "
3082014a3081f2a0030201020214134d01e7534ab5a88ec1867360405775e20246bd300a06082a8648ce3d040302300c
310a3008060355040a0c016b301e170d3236313132343037323430335a170d3336313132313037323430335a300c310a
3008060355040a0c016b3059301306072a8648ce3d020106082a8648ce3d03010703420004ba1efe93c9c61e52bbd9bc
30435d2043ee1a9e458a6b06c6b5350674ce7de9476eaf59dc637fb3a45e4dd5b2dce1892622b64f24aeba4edc3c8728
7dd5b86098a3323030300f0603551d130101ff040530030101ff301d0603551d0e04160414fda721ce28d08365b575bf
3e1114e0efc2552305300a06082a8648ce3d0403020347003044022042e5bfa8ba1c7ebe36552c2508f30085c4e6c41f
51040cbdc0173b7acd6eac7502203564b52f7a64b3875e82acae615b7c08fa2f1932e32bd83d8356c3b1b0a91ae3
";
