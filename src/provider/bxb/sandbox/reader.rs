//! Reads JSON as Python's `json` does, down to its words and places when the text is none (bxb-api.md §2, §5).

use std::collections::HashMap;

use super::json::{Json, Object};

/// Deeper nesting is more than the server's stack takes.
const DEEPEST: usize = 500;

/// Why a text is not JSON.
#[derive(Debug, PartialEq)]
pub(super) enum Unreadable {
    /// Where, in characters, and what Python says.
    At(usize, &'static str),
    /// Not UTF-8, or nested too deeply: the server only says that it failed.
    Beyond,
}

type Read<T> = Result<T, Unreadable>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// The one JSON value of a text.
pub(super) fn read(bytes: &[u8]) -> Read<Json> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Beyond)?;
    let mut reader = Reader { text, at: 0 };
    reader.skip_space();
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.wrong(reader.at, "Extra data")) } else { Ok(value) }
}

impl Reader<'_> {
    fn wrong(&self, at: usize, message: &'static str) -> Unreadable {
        Unreadable::At(self.text.get(..at).unwrap_or(self.text).chars().count(), message)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Read<Json> {
        if depth > DEEPEST {
            return Err(Unreadable::Beyond);
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            _ => self.plain(),
        }
    }

    fn plain(&mut self) -> Read<Json> {
        const WORDS: [(&str, Json); 6] = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        let word = WORDS.into_iter().find(|(word, _)| self.take(word));
        word.map(|(_, value)| value).or_else(|| self.number()).ok_or_else(|| self.wrong(self.at, "Expecting value"))
    }

    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`, as far as it matches.
    fn number(&mut self) -> Option<Json> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let start = self.at + usize::from(self.peek() == Some(b'-'));
        let whole = if bytes.get(start) == Some(&b'0') { 1 } else { digits(start) };
        if whole == 0 {
            return None;
        }
        let mut end = start + whole;
        let mut float = false;
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
            float = true;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
                float = true;
            }
        }
        let text = self.text.get(self.at..end)?;
        self.at = end;
        Some(match (float, text) {
            (true, text) => Json::Float(text.parse().unwrap_or(f64::INFINITY)),
            (false, "-0") => Json::Int("0".to_owned()),
            (false, text) => Json::Int(text.to_owned()),
        })
    }

    fn list(&mut self, depth: usize) -> Read<Json> {
        self.at += 1;
        self.skip_space();
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take("]") {
                return Ok(Json::List(items));
            }
            if !self.take(",") {
                return Err(self.wrong(self.at, "Expecting ',' delimiter"));
            }
            self.skip_space();
        }
    }

    fn object(&mut self, depth: usize) -> Read<Json> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        self.at += 1;
        self.skip_space();
        let mut pairs: Vec<(String, Json)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        if self.take("}") {
            return Ok(Json::Object(Object::default()));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong(self.at, NAME));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.take(":") {
                return Err(self.wrong(self.at, "Expecting ':' delimiter"));
            }
            self.skip_space();
            let value = self.value(depth + 1)?;
            // The last of several wins, at the place of the first.
            match known.get(&name).and_then(|at| pairs.get_mut(*at)) {
                Some(pair) => pair.1 = value,
                None => {
                    known.insert(name.clone(), pairs.len());
                    pairs.push((name, value));
                }
            }
            self.skip_space();
            if self.take("}") {
                return Ok(Json::Object(Object::of_distinct(pairs)));
            }
            if !self.take(",") {
                return Err(self.wrong(self.at, "Expecting ',' delimiter"));
            }
            self.skip_space();
        }
    }

    fn string(&mut self) -> Read<String> {
        let opening = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let stop = rest.find(|letter: char| letter == '"' || letter == '\\' || letter < ' ');
            let Some(stop) = stop else { return Err(self.wrong(opening, "Unterminated string starting at")) };
            text.push_str(rest.get(..stop).unwrap_or_default());
            self.at += stop;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape(opening)?),
                _ => return Err(self.wrong(self.at, "Invalid control character at")),
            }
        }
    }

    fn escape(&mut self, opening: usize) -> Read<char> {
        let start = self.at;
        self.at += 2;
        let letter = match self.text.as_bytes().get(start + 1) {
            None => return Err(self.wrong(opening, "Unterminated string starting at")),
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(*letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let wrong = self.wrong(start + 1, "Invalid \\uXXXX escape");
                let high = self.hex().ok_or(wrong)?;
                return Ok(self.pair(high));
            }
            Some(_) => return Err(self.wrong(start, "Invalid \\escape")),
        };
        Ok(letter)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let code = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits)?;
        self.at += 4;
        u32::from_str_radix(code, 16).ok()
    }

    /// The character of an escape and, for half a pair, of the escape that follows. Half a pair alone becomes NUL:
    /// the server's database takes neither.
    fn pair(&mut self, high: u32) -> char {
        if (0xD800..0xDC00).contains(&high) {
            let before = self.at;
            if self.take("\\u")
                && let Some(low) = self.hex()
                && (0xDC00..0xE000).contains(&low)
            {
                return char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).unwrap_or('\0');
            }
            self.at = before;
        }
        char::from_u32(high).unwrap_or('\0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_python_writes_them() {
        for (text, written) in [
            (r#"{"a": 1, "b": 2, "a": 3}"#, r#"{"a":3,"b":2}"#),
            ("[1e3, 1.10, 1e-7, 0.1234567890123456789, -0]", "[1000.0,1.1,1e-7,0.12345678901234568,0]"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            (r#""\u00e9\ud83d\ude00\/""#, "\"é😀/\""),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap().to_string(), written);
        }
    }

    #[test]
    fn errors_are_where_python_sees_them() {
        for (text, at, message) in [
            ("{bad", 1, "Expecting property name enclosed in double quotes"),
            (r#"{"é" 1}"#, 5, "Expecting ':' delimiter"),
            ("[1 2]", 3, "Expecting ',' delimiter"),
            (" ", 1, "Expecting value"),
            ("1 1", 2, "Extra data"),
            ("01", 1, "Extra data"),
            (r#""abc"#, 0, "Unterminated string starting at"),
            (r#""\u12""#, 2, "Invalid \\uXXXX escape"),
            (r#"["\"#, 1, "Unterminated string starting at"),
        ] {
            assert_eq!(read(text.as_bytes()), Err(Unreadable::At(at, message)), "{text}");
        }
        assert_eq!(read("[".repeat(100_000).as_bytes()), Err(Unreadable::Beyond));
        assert_eq!(read(&[0xff]), Err(Unreadable::Beyond));
    }
}
