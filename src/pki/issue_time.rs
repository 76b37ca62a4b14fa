//! When certificates are made, and when they begin.

use jiff::{SignedDuration, Timestamp};

use super::Validity;

/// When certificates are made. They may begin earlier, for machines whose clocks are slow, but they
/// hold from now on as long as others: none has ended when it is made, and none is yet to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueTime {
    now: Timestamp,
    not_before: Timestamp,
}

/// Certificates would begin after they are made: nobody accepts them until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what begins at {not_before} is accepted by nobody now, at {now}")]
pub struct BeginsLater {
    not_before: Timestamp,
    now: Timestamp,
}

impl IssueTime {
    /// They are made, and begin, at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            not_before: now,
        }
    }

    /// The same, but they begin at `not_before`, which is not after they are made.
    pub fn beginning_at(self, not_before: Timestamp) -> Result<Self, BeginsLater> {
        let now = self.now;
        if not_before > now {
            return Err(BeginsLater { not_before, now });
        }
        Ok(Self { now, not_before })
    }

    /// From the beginning until `lifetime` from now.
    #[must_use]
    pub fn validity(self, lifetime: SignedDuration) -> Validity {
        let not_after = self.now.saturating_add(lifetime);
        Validity {
            not_before: self.not_before,
            not_after: not_after.unwrap_or(Timestamp::MAX),
        }
    }
}
