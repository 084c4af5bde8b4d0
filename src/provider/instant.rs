//! Moments as the APIs write them: UTC with `Z` (bxb-api.md §5; commet-api.md §3).

use crate::model::{civil, days};

/// `2030-01-02`, `2030-01-02T03:04:05`, with or without fractions of a second and an offset → the same moment as
/// the server returns it. `None` for anything else.
pub(in crate::provider) fn normalized(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok()).flatten()
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    // 30 February is another day when it comes back.
    if year == 0 || civil(days(year, month, day)) != (year, month, day) {
        return None;
    }
    let (mut seconds, mut fraction) = (0, String::new());
    if bytes.len() > 10 {
        if !matches!(bytes[10], b'T' | b't' | b' ') || bytes.get(13) != Some(&b':') {
            return None;
        }
        let (hour, minute) = (number(11, 13)?, number(14, 16)?);
        let mut rest = text.get(16..)?;
        let mut second = 0;
        if let Some(after) = rest.strip_prefix(':') {
            second = number(17, 19)?;
            rest = after.get(2..)?;
        }
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            // Microseconds are what the database keeps.
            fraction = after.get(..end.min(6))?.trim_end_matches('0').to_owned();
            rest = after.get(end..)?;
            if end == 0 {
                return None;
            }
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        seconds = hour * 3600 + minute * 60 + second - offset(rest)?;
    }
    let whole = days(year, month, day) * 86_400 + seconds;
    let (year, month, day) = civil(whole.div_euclid(86_400));
    let left = whole.rem_euclid(86_400);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let fraction = if fraction.is_empty() { fraction } else { format!(".{fraction:0<6}") };
    Some(format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z", left / 3600, left / 60 % 60, left % 60))
}

/// Seconds east of Greenwich. No offset is UTC.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes() {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_as_the_server_writes_them() {
        for (given, expected) in [
            ("2030-01-02", "2030-01-02T00:00:00Z"),
            ("2030-01-02T03:04:05+02:00", "2030-01-02T01:04:05Z"),
            ("2030-01-01T00:30:00+02:00", "2029-12-31T22:30:00Z"),
            ("2028-02-29T23:59:59-0100", "2028-03-01T00:59:59Z"),
            ("2030-01-02T03:04:05.120Z", "2030-01-02T03:04:05.120000Z"),
            ("2030-01-02T03:04:05.000000Z", "2030-01-02T03:04:05Z"),
            ("2030-01-02 03:04", "2030-01-02T03:04:00Z"),
        ] {
            assert_eq!(normalized(given).as_deref(), Some(expected), "{given}");
        }
        for bad in [
            "",
            "soon",
            "2030-13-01",
            "2030-02-30",
            "2030-1-2",
            "2030-01-02T25:00:00Z",
            "2030-01-02Z",
            "2030-01-02T03:04:05+2",
        ] {
            assert_eq!(normalized(bad), None, "{bad}");
        }
    }
}
