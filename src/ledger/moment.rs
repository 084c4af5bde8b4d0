use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::{civil, days};

/// A moment, in whole seconds since 1970, written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// What this machine's clock says.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or_default())
    }

    /// So much later. A part of a second counts as a whole one.
    pub fn after(self, time: Duration) -> Self {
        let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
        Self(self.0.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }

    /// `3 minutes`: how long ago this was.
    pub fn ago(self, now: Self) -> String {
        let seconds = now.0.saturating_sub(self.0).max(0);
        let (number, unit) = match seconds {
            0..120 => (seconds, "second"),
            120..7200 => (seconds / 60, "minute"),
            7200..172_800 => (seconds / 3600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
    }

    fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
        let three = |text: &str, mark| -> Option<[i64; 3]> {
            let parts: Option<Vec<i64>> =
                text.split(mark).map(|part| part.parse::<u32>().ok().map(Into::into)).collect();
            parts?.try_into().ok()
        };
        let ([year, month, day], [hours, minutes, seconds]) = (three(date, '-')?, three(clock, ':')?);
        let fits = year <= 9999
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hours < 24
            && minutes < 60
            && seconds < 61;
        fits.then(|| Self(days(year, month, day) * 86_400 + (hours * 60 + minutes) * 60 + seconds))
    }
}

impl fmt::Display for Moment {
    /// `2026-11-20 09:48:52 UTC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month, day), clock) = (civil(self.0.div_euclid(86_400)), self.0.rem_euclid(86_400));
        let (hours, minutes, seconds) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02} UTC")
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string().replacen(' ', "T", 1).replace(" UTC", "Z"))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("a moment is written 2026-11-20T09:48:52Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-20T09:48:52Z"] {
            let json = format!("\"{text}\"");
            let moment: Moment = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&moment).unwrap(), json);
        }
        for bad in
            ["", "2026-11-20", "2026-13-01T00:00:00Z", "2026-11-20T25:00:00Z", "99999-01-01T00:00:00Z", "-1-1-1T0:0:0Z"]
        {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn how_long_ago() {
        let ago = |seconds| Moment(0).ago(Moment(seconds));
        assert_eq!(
            [ago(-5), ago(1), ago(119), ago(120), ago(7200), ago(200_000)],
            ["0 seconds", "1 second", "119 seconds", "2 minutes", "2 hours", "2 days"]
        );
    }
}
