//! Which Kubernetes a cluster runs.

use std::fmt;
use std::str::FromStr;

/// A version of Kubernetes as it stands in the names of its images, such as `1.37.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesVersion {
    text: String,
    minor: u32,
}

/// A text that is no version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a version of Kubernetes; write it with three numbers, such as 1.37.0")]
pub struct KubernetesVersionError(String);

impl KubernetesVersion {
    /// The minor version: 37 in `1.37.0`.
    #[must_use]
    pub fn minor(&self) -> u32 {
        self.minor
    }
}

impl Default for KubernetesVersion {
    /// The version that Talos 1.14 runs unless told otherwise.
    fn default() -> Self {
        Self {
            text: "1.37.0".to_owned(),
            minor: 37,
        }
    }
}

impl FromStr for KubernetesVersion {
    type Err = KubernetesVersionError;

    /// Reads a version with or without a `v` before it. What follows the third number may be
    /// anything that an image tag may have.
    fn from_str(given: &str) -> Result<Self, KubernetesVersionError> {
        let wrong = || KubernetesVersionError(given.to_owned());
        let text = given.strip_prefix('v').unwrap_or(given);
        let (numbers, suffix) = match text.find('-') {
            Some(dash) => text.split_at(dash),
            None => (text, ""),
        };
        let in_tag = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !suffix.bytes().all(in_tag) {
            return Err(wrong());
        }
        let numbers: Vec<u32> = numbers
            .split('.')
            .map(|digits| {
                digits
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
                    .then(|| digits.parse())
            })
            .map(|number| number.and_then(Result::ok).ok_or_else(wrong))
            .collect::<Result<_, _>>()?;
        let [1, minor, _] = numbers[..] else {
            return Err(wrong());
        };
        Ok(Self {
            text: text.to_owned(),
            minor,
        })
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
