//! Moments, in milliseconds since 1970, shown as ISO 8601 in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::model::{civil, days};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Time(pub(super) i64);

impl Time {
    pub(super) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or_default())
    }

    pub(super) fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    pub(super) fn days_until(self, later: Self) -> i64 {
        (later.0 - self.0).max(0).div_euclid(DAY)
    }

    /// `2026-11-20T09:48:52.123Z`.
    pub(super) fn iso(self) -> String {
        let (days, rest) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let (year, month, day) = civil(days);
        let (hours, minutes, seconds, millis) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
        format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
    }

    /// Reads what [`Time::iso`] writes, with or without fractions, ending in `Z`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
        let numbers = |text: &str, mark: char| -> Option<Vec<i64>> {
            text.split(mark).map(|part| part.parse().ok().filter(|number| *number >= 0)).collect()
        };
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let ([year, month, day], [hours, minutes, seconds]) =
            (<[i64; 3]>::try_from(numbers(date, '-')?).ok()?, <[i64; 3]>::try_from(numbers(clock, ':')?).ok()?);
        let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let fits = year <= 9999
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hours < 24
            && minutes < 60
            && seconds < 60;
        fits.then(|| Self(days(year, month, day) * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "2000-02-29T23:59:59.999Z",
            "2026-11-20T09:48:52.123Z",
            "2100-03-01T00:00:00.000Z",
        ] {
            assert_eq!(Time::parse(text).unwrap().iso(), text);
        }
        assert_eq!(Time::parse("2026-11-20T09:48:52Z").unwrap().iso(), "2026-11-20T09:48:52.000Z");
        for bad in ["", "2026-11-20", "2026-13-01T00:00:00Z", "2026-11-20T25:00:00Z", "2026-11-20T00:00:00"] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }
}
