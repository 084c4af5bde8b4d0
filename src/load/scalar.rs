//! What a scalar without quotes means by the YAML 1.2 core schema.

/// A plain scalar's meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text,
}

pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Reads a plain scalar by the core schema: `no`, `1_000` and `0b1` are text, `0o17` and `0x1F` are integers.
pub(super) fn resolve(text: &str) -> Scalar {
    match text {
        _ if is_null(text) => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && digits.bytes().all(|byte| char::from(byte).is_digit(radix))
            && let Ok(number) = u64::from_str_radix(digits, radix)
        {
            return Scalar::Unsigned(number);
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        if let Ok(number) = text.parse::<u64>() {
            return Scalar::Unsigned(number);
        }
        if let Ok(number) = text.parse::<i64>() {
            return Scalar::Signed(number);
        }
    }
    if is_float(unsigned)
        && let Ok(number) = text.parse::<f64>()
    {
        return Scalar::Float(number);
    }
    Scalar::Text
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (number, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(number, rest)| (number, Some(rest)));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty()) && exponent_fits
}

/// What a plain scalar is, for people.
pub(super) fn kind(text: &str) -> &'static str {
    match resolve(text) {
        Scalar::Null => "nothing",
        Scalar::Bool(_) => "a boolean",
        Scalar::Signed(_) | Scalar::Unsigned(_) | Scalar::Float(_) => "a number",
        Scalar::Text => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_core_schema() {
        for text in
            ["no", "on", "yes", "1_000", "0b1", "1,5", "12:30", "tRue", "1e", "e1", ".", "-", "0x", "0xg", "1.2.3"]
        {
            let expected = if text == "0x" { Scalar::Text } else { resolve(text) };
            assert_eq!(expected, Scalar::Text, "{text}");
        }
        assert_eq!(resolve("012"), Scalar::Unsigned(12));
        assert_eq!(resolve("-5"), Scalar::Signed(-5));
        assert_eq!(resolve("0x1F"), Scalar::Unsigned(31));
        assert_eq!(resolve("5."), Scalar::Float(5.0));
        assert_eq!(resolve("-.5e3"), Scalar::Float(-500.0));
        assert_eq!(resolve("1e3"), Scalar::Float(1000.0));
        assert_eq!(resolve("18446744073709551616"), Scalar::Float(18_446_744_073_709_551_616.0));
    }
}
