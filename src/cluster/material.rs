//! What was found for one half of a slot: the piece to use, the others, and what is odd about them.

use super::origin::{Located, Origin};

/// The certificate, private key or public key found for a slot.
#[derive(Debug)]
pub struct Material<T> {
    /// The file where it is or should be, if a name is known.
    pub file: Option<String>,
    /// The piece to use.
    pub chosen: Option<Located<T>>,
    /// Which of the readable pieces in the file it is, from 0.
    pub position: usize,
    /// The other readable pieces of the same kind, in the order of the file.
    pub others: Vec<Located<T>>,
    /// Pieces that cannot be read.
    pub failures: Vec<Failure>,
    /// What is odd and will be normalised.
    pub quirks: Vec<Quirk>,
    /// Whether it was found by what it is, since its usual name is missing.
    pub by_content: bool,
}

impl<T> Default for Material<T> {
    fn default() -> Self {
        Self {
            file: None,
            chosen: None,
            position: 0,
            others: Vec::new(),
            failures: Vec::new(),
            quirks: Vec::new(),
            by_content: false,
        }
    }
}

impl<T> Material<T> {
    /// Whether there is neither a readable nor an unreadable piece.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.chosen.is_none() && self.failures.is_empty()
    }

    /// Every readable piece: the one to use, and the others.
    pub fn pieces(&self) -> impl Iterator<Item = &Located<T>> {
        self.chosen.iter().chain(&self.others)
    }

    /// Whether a passphrase could open it.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        let mut failures = self.failures.iter();
        failures.any(|failure| failure.cause == FailureCause::Encrypted)
    }
}

/// A piece that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it is.
    pub origin: Origin,
    /// Why, as the kind of trouble.
    pub cause: FailureCause,
    /// Why, in words that complete "cannot be used: ".
    pub reason: String,
}

/// The kinds of trouble with a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureCause {
    /// Talos cannot read this algorithm.
    Algorithm,
    /// It is encrypted, and there is no passphrase.
    Encrypted,
    /// It is encrypted in a way that no passphrase opens here.
    EncryptedOtherwise,
    /// It is not what it should be.
    Unreadable,
    /// It is encrypted, and the passphrase is wrong.
    WrongPassphrase,
}

/// Something odd about a file, which writing it anew removes. In the order in which it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quirk {
    /// A UTF-8 byte order mark hides the first block from Go.
    ByteOrderMark,
    /// Lines end in CR LF.
    CarriageReturns,
    /// Text before, between or after the blocks.
    TextOutsideBlocks,
    /// The last line has no line feed.
    NoFinalNewline,
    /// It is DER, not PEM.
    Der,
    /// An `EC PARAMETERS` block stands before the key.
    EcParametersFirst,
    /// A certificate stands in the key file.
    CertificateInKeyFile,
    /// A private key stands in the certificate file.
    KeyInCertificateFile,
    /// The key is PKCS#8.
    Pkcs8,
    /// The label is not the one for what is inside; it is this.
    Label(String),
    /// The key had to be decrypted.
    Decrypted,
    /// A block that cannot be read stands beside the one that is used; where and why.
    BrokenBlock(Origin, String),
}
