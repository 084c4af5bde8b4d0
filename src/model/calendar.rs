//! The Gregorian calendar, as far as moments in answers and files need it.

/// Year, month and day of a count of days since 1970 (the Gregorian calendar, eras of 400 years from 1 March).
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The inverse of [`civil`].
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A moment as people write it: `2026-11-20T12:51:09Z`. Seconds since 1970.
pub fn moment(seconds: u64) -> String {
    let (day, left) = (i64::try_from(seconds / 86_400).unwrap_or(0), seconds % 86_400);
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", left / 3600, left / 60 % 60, left % 60)
}

/// The inverse of [`moment`]; nothing for any other text.
pub fn seconds(moment: &str) -> Option<u64> {
    let number = |from: usize, to: usize| moment.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let seconds = u64::try_from(days * 86_400 + hour * 3600 + minute * 60 + second).ok()?;
    (self::moment(seconds) == moment).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_there_and_back() {
        for (at, text) in [(0, "1970-01-01T00:00:00Z"), (1_795_179_069, "2026-11-20T12:51:09Z")] {
            assert_eq!(moment(at), text);
            assert_eq!(seconds(text), Some(at));
        }
        for bad in
            ["", "2026-11-20", "2026-13-20T12:51:09Z", "2026-11-20T12:51:09+01", "äöüäöüäöüäöü", "1969-12-31T23:59:59Z"]
        {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
