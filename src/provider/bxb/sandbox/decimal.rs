//! Decimals of any size, exactly: read as Python reads them, rounded as PostgreSQL rounds them (bxb-api.md §5).

use super::json::Json;

/// Enough digits on either side of the point to decide every column's fate.
const MOST: i64 = 60;

/// What stands for a decimal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parsed {
    /// Plain digits: `-1234.5`. Digits far behind the point are cut off, beyond what any rounding looks at.
    Finite(String),
    NotFinite,
    NoDecimal,
}

/// Reads a text: `1e3`, ` 1_000.5 `, `Infinity`.
pub(super) fn parse(text: &str) -> Parsed {
    let text = text.trim().replace('_', "");
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let lower = rest.to_ascii_lowercase();
    if ["inf", "infinity", "nan", "snan"].contains(&lower.as_str()) {
        return Parsed::NotFinite;
    }
    let (number, exponent) = match lower.split_once('e') {
        None => (lower.as_str(), 0),
        Some((number, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Parsed::NoDecimal;
            }
            // An exponent that does not fit is beyond every column, too.
            let size: i64 = digits.parse().unwrap_or(1_000_000_000).min(1_000_000_000);
            (number, if exponent.starts_with('-') { -size } else { size })
        }
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Parsed::NoDecimal;
    }
    let point = i64::try_from(whole.len()).unwrap_or_default().saturating_add(exponent);
    Parsed::Finite(place(negative, &digits, point))
}

/// Writes digits with the point after the `point`-th of them.
fn place(negative: bool, digits: &str, point: i64) -> String {
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = &digits[leading..];
    let point = point - i64::try_from(leading).unwrap_or_default();
    if digits.is_empty() || point < -MOST {
        return "0".to_owned();
    }
    let point = point.min(i64::try_from(digits.len()).unwrap_or(MOST).max(MOST));
    let at = |place: i64| usize::try_from(place).ok().and_then(|at| digits.get(at..=at)).unwrap_or("0");
    let last = i64::try_from(digits.len()).unwrap_or(MOST).min(point.max(0) + MOST);
    let whole: String = (0..point.max(0)).map(at).collect();
    let fraction: String = (point..last.max(point)).map(|place| if place < 0 { "0" } else { at(place) }).collect();
    let sign = if negative { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { &whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The decimal of a JSON number or text; a double is what its shortest form says.
pub(super) fn of(value: &Json) -> Option<Parsed> {
    match value {
        Json::Int(digits) => Some(parse(digits)),
        Json::Float(number) if !number.is_finite() => Some(Parsed::NotFinite),
        Json::Float(number) => Some(parse(&number.to_string())),
        Json::Text(text) => Some(parse(text)),
        _ => None,
    }
}

pub(super) fn is_negative(plain: &str) -> bool {
    plain.starts_with('-') && plain.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Rounds half up, away from zero, to a column's scale; none when it does not fit its precision.
pub(super) fn fit(plain: &str, precision: usize, scale: usize) -> Option<String> {
    let magnitude = plain.trim_start_matches('-');
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(scale).collect();
    let digits = format!("{}{kept}", whole.trim_start_matches('0'));
    if digits.len() > precision {
        return None;
    }
    let up = fraction.as_bytes().get(scale).is_some_and(|digit| *digit >= b'5');
    let number = digits.parse::<u64>().unwrap_or_default() + u64::from(up);
    let digits = format!("{number:0>width$}", width = scale + 1);
    if digits.len() > precision {
        return None;
    }
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if is_negative(plain) && number > 0 { "-" } else { "" };
    Some(format!("{sign}{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_and_fitting() {
        for (text, fitted) in [
            ("1000", Some("1000.0000")),
            ("1e3", Some("1000.0000")),
            ("0.12345", Some("0.1235")),
            ("1.00005", Some("1.0001")),
            ("-0.00005", Some("-0.0001")),
            ("-0.00004", Some("0.0000")),
            ("0.123449999999999999999999999999999999999999", Some("0.1234")),
            ("99999999.99994", Some("99999999.9999")),
            ("99999999.99995", None),
            ("100000000", None),
            ("1e400", None),
            ("1e999999999999", None),
            ("1e-999999999999", Some("0.0000")),
            ("5e-5", Some("0.0001")),
            (".5", Some("0.5000")),
            ("000123.4", Some("123.4000")),
        ] {
            let Parsed::Finite(plain) = parse(text) else { panic!("{text}") };
            assert_eq!(fit(&plain, 12, 4).as_deref(), fitted, "{text}");
        }
        assert_eq!(fit("9.99995", 5, 4), None);
        assert_eq!(fit("9.99994", 5, 4).as_deref(), Some("9.9999"));
        assert_eq!(fit("12.345", 5, 2).as_deref(), Some("12.35"));
        for bad in ["", "e3", "1e", "1.2.3", "0x1", "-", "."] {
            assert_eq!(parse(bad), Parsed::NoDecimal, "{bad}");
        }
        assert_eq!(parse("-Infinity"), Parsed::NotFinite);
    }
}
