//! Values that are wiped when dropped, and those that must never be shown besides.

use std::fmt;
use std::ops::{Deref, DerefMut};

use zeroize::{Zeroize, Zeroizing};

/// Bytes that may hold a secret: wiped when dropped.
#[derive(Clone)]
pub struct Wiped<T: Content>(Zeroizing<T>);

/// What can be [`Wiped`].
pub trait Content: Zeroize {
    /// Makes all of its memory spare. `Zeroizing` wipes what is spare at once, but items one by one.
    fn empty(&mut self) {}
}

impl Content for String {
    fn empty(&mut self) {
        self.clear();
    }
}

impl Content for Vec<u8> {
    fn empty(&mut self) {
        self.clear();
    }
}

impl<const N: usize> Content for [u8; N] {}

impl<T: Content> Wiped<T> {
    /// Takes charge of `value`.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl<T: Content> From<T> for Wiped<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Content> fmt::Debug for Wiped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[not shown]")
    }
}

impl<T: Content> Drop for Wiped<T> {
    fn drop(&mut self) {
        self.0.empty();
    }
}

impl<T: Content> Deref for Wiped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Content> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Holds a private key, a token or an encryption key.
///
/// It has no `Serialize`, and `Debug` and `Display` print a placeholder, so a secret can only
/// leave through [`Secret::expose`]: every use of that name is a place to review.
#[derive(Clone)]
pub struct Secret<T: Content>(Wiped<T>);

impl<T: Content> Secret<T> {
    /// Takes charge of `value`.
    pub fn new(value: T) -> Self {
        Self(Wiped::new(value))
    }

    /// Shows the secret. The caller answers for where it goes.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Content> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T: Content> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_a_placeholder() {
        let secret = Secret::new("abcdef.0123456789abcdef".to_owned());
        assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
    }
}
