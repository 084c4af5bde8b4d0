//! Ids: UUIDs, read in every usual form, shown in lower case with dashes (bxb-api.md §5).

use std::hash::{BuildHasher, RandomState};

/// Where the dashes are.
const DASHES: [usize; 4] = [8, 13, 18, 23];

/// Reads a UUID, or says what is wrong with it as the server's parser does.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let braced = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let urn = text.strip_prefix("urn:uuid:");
    let inner = braced.or(urn).unwrap_or(text);
    let dashes: Vec<usize> = inner.match_indices('-').map(|(at, _)| at).collect();
    let hex = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    if inner.chars().all(hex) {
        let plain = dashes.is_empty() && inner.len() == 32;
        if plain || (dashes == DASHES && inner.len() == 36) {
            let digits: String = inner.chars().filter(char::is_ascii_hexdigit).collect();
            return Ok(dashed(&digits.to_ascii_lowercase()));
        }
    }
    Err(complaint(text, inner, &dashes))
}

fn complaint(text: &str, inner: &str, dashes: &[usize]) -> String {
    let offset = text.find(inner).unwrap_or_default();
    if let Some((at, letter)) = inner.char_indices().find(|(_, letter)| !letter.is_ascii_hexdigit() && *letter != '-') {
        let place = at + offset + 1;
        return format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{letter}` at {place}"
        );
    }
    if dashes.is_empty() && text.len() == inner.len() {
        return format!("invalid length: expected length 32 for simple format, found {}", text.len());
    }
    if dashes.len() != 4 {
        return format!("invalid group count: expected 5, found {}", dashes.len() + 1);
    }
    let lengths = inner.split('-').map(str::len).zip([8, 4, 4, 4, 12]).enumerate();
    let wrong = lengths.into_iter().find(|(_, (found, expected))| found != expected);
    let (group, (found, expected)) = wrong.unwrap_or((4, (0, 12)));
    format!("invalid group length in group {group}: expected {expected}, found {found}")
}

fn dashed(digits: &str) -> String {
    let mut text = digits.to_owned();
    for at in DASHES {
        text.insert(at, '-');
    }
    text
}

/// Makes ids and secrets that differ from one sandbox to the next.
#[derive(Default)]
pub(super) struct Random {
    state: RandomState,
    count: u64,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.state.hash_one(self.count)
    }

    /// A random UUID, version 4.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (high, low) = ((high & !0xf000) | 0x4000, (low >> 2) | (1 << 63));
        dashed(&format!("{high:016x}{low:016x}"))
    }

    /// 64 hex digits.
    pub(super) fn secret(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.next())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_complaints() {
        let known = "0189d6a0-1234-4abc-8def-0123456789ab";
        for form in [
            known,
            "0189d6a012344abc8def0123456789ab",
            "{0189d6a0-1234-4abc-8def-0123456789ab}",
            "urn:uuid:0189D6A0-1234-4ABC-8DEF-0123456789AB",
        ] {
            assert_eq!(parse(form).as_deref(), Ok(known));
        }
        for (bad, complaint) in [
            ("abc", "invalid length: expected length 32 for simple format, found 3"),
            ("", "invalid length: expected length 32 for simple format, found 0"),
            ("a-b", "invalid group count: expected 5, found 2"),
            ("0189d6a0-1234-4abc-8def-0123456789a", "invalid group length in group 4: expected 12, found 11"),
            (
                "é",
                "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `é` at 1",
            ),
        ] {
            assert_eq!(parse(bad), Err(complaint.to_owned()));
        }
        let mut random = Random::default();
        let made = random.uuid();
        assert_eq!(parse(&made), Ok(made.clone()));
        assert_ne!(made, random.uuid());
        assert_eq!(random.secret().len(), 64);
    }
}
