//! When a certificate holds.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::error::IssuingError;
use crate::cli::duration;
use crate::pki::Validity;

/// Most hours that are taken: a thousand years, as for `--ttl`.
const MAX_HOURS: i64 = 1_000 * 365 * 24;

/// When a certificate holds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Validity")]
pub(super) struct Lifetime {
    /// How long it holds, in hours [default: 24; for `gen ca` 87600]
    #[arg(long, value_name = "HOURS", allow_negative_numbers = true)]
    hours: Option<i64>,

    /// How long it holds, such as 8h, 90d or 1y
    #[arg(long, value_name = "TIME", value_parser = duration::parse_lifetime, conflicts_with = "hours")]
    ttl: Option<SignedDuration>,

    /// When it begins, instead of now, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    now: Option<Timestamp>,
}

impl Lifetime {
    /// From now, or the moment given, for the time given, or else for `default` hours. Certificates
    /// count whole seconds.
    pub(super) fn validity(&self, default: i64) -> Result<Validity, IssuingError> {
        let hours = self.hours.unwrap_or(default);
        if !(1..=MAX_HOURS).contains(&hours) {
            return Err(IssuingError::Flag {
                flag: "--hours",
                reason: format!("a certificate cannot hold for {hours} hours"),
            });
        }
        let length = self.ttl.unwrap_or(SignedDuration::from_hours(hours));
        let not_before = self.now.unwrap_or_else(Timestamp::now);
        let not_before = Timestamp::from_second(not_before.as_second()).unwrap_or(not_before);
        let not_after = not_before
            .checked_add(length)
            .map_err(|_| IssuingError::Flag {
                flag: "--ttl",
                reason: "the certificate would end after the year 9999".to_owned(),
            })?;
        Ok(Validity {
            not_before,
            not_after,
        })
    }
}
