//! Moments, in microseconds since 1970 (bxb-api.md §5).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{civil, days};

const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or_default()
}

/// `2026-11-20T07:12:13.960353Z`; a whole second has no fraction.
pub(super) fn iso(moment: i64) -> String {
    let (days, rest) = (moment.div_euclid(DAY), moment.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (seconds, micros) = (rest / SECOND, rest % SECOND);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if micros > 0 { format!(".{micros:06}") } else { String::new() };
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}{fraction}Z")
}

/// Reads RFC 3339, a date alone, a moment without an offset (UTC), or seconds since 1970.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return of_seconds(seconds);
    }
    let (date, clock) = match text.find(['T', 't', ' ', '_']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, "00:00:00"),
    };
    let days = days_of(date)?;
    let (clock, offset) = match clock.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, 0),
        None => match clock.rfind(['+', '-']) {
            Some(at) => (clock.get(..at)?, minutes_of(clock.get(at..)?)?),
            None => (clock, 0),
        },
    };
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    let parts = clock.split(':').map(|part| number(part, 2)).collect::<Option<Vec<_>>>()?;
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes] => (*hours, *minutes, 0),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    let micros = format!("{fraction:0<6}");
    let micros = number(micros.get(..6)?, 6)?;
    let fits = hours < 24 && minutes < 60 && seconds < 60;
    fits.then(|| days * DAY + ((hours * 60 + minutes - offset) * 60 + seconds) * SECOND + micros)
}

/// Seconds since 1970; numbers too large for that are milliseconds.
pub(super) fn of_seconds(seconds: f64) -> Option<i64> {
    /// The years 1 to 9999: there, microseconds are exact enough in a double.
    const YEARS: std::ops::RangeInclusive<f64> = -62_135_596_800.0..=253_402_300_799.0;
    let seconds = if seconds.abs() > 2e10 { seconds / 1000.0 } else { seconds };
    YEARS.contains(&seconds).then(|| (seconds * 1e6).round() as i64)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let sound = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

fn days_of(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let days = days(year, month, day);
    // 30 February is another day when it comes back.
    (parts.next().is_none() && year > 0 && civil(days) == (year, month, day)).then_some(days)
}

fn minutes_of(offset: &str) -> Option<i64> {
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset.chars().skip(1).filter(|letter| *letter != ':').collect();
    let (hours, minutes) = (number(digits.get(..2)?, 2)?, number(digits.get(2..)?, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_every_form() {
        for (text, shown) in [
            ("2030-01-02T03:04:05+02:00", Some("2030-01-02T01:04:05Z")),
            ("2030-01-02", Some("2030-01-02T00:00:00Z")),
            ("2030-01-02 03:04:05.5", Some("2030-01-02T03:04:05.500000Z")),
            ("2030-01-02T03:04Z", Some("2030-01-02T03:04:00Z")),
            ("1893553445", Some("2030-01-02T03:04:05Z")),
            ("2024-02-29T23:59:59.9999999-0100", Some("2024-03-01T00:59:59.999999Z")),
            ("2023-02-29", None),
            ("2030-01-02T25:00:00Z", None),
            ("soon", None),
            ("", None),
            ("1e300", None),
        ] {
            assert_eq!(parse(text).map(iso).as_deref(), shown, "{text}");
        }
    }
}
