use crate::ledger::{FORMAT, Ledger};

/// Why what is in a place is no ledger that can be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It is not a ledger.
    #[error("{place} is not a ledger: {why}. Move it away to start anew: objects are found again by their keys")]
    Unreadable {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// A newer Pricebook wrote it.
    #[error(
        "{place} was written by a newer Pricebook (ledger format {format}, this one knows {FORMAT}): update Pricebook"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its format.
        format: u64,
    },
}

impl Ledger {
    /// Reads a ledger of this format or an older one. What an older one did not keep yet gets its first value.
    /// `place` is for the message.
    pub fn read(bytes: &[u8], place: &str) -> Result<Self, LedgerError> {
        let unreadable =
            |why: serde_json::Error| LedgerError::Unreadable { place: place.to_owned(), why: why.to_string() };
        let raw: serde_json::Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        if let Some(format) = raw.get("format").and_then(serde_json::Value::as_u64)
            && format > u64::from(FORMAT)
        {
            return Err(LedgerError::Newer { place: place.to_owned(), format });
        }
        let ledger: Self = serde_json::from_value(raw).map_err(unreadable)?;
        Ok(Self { format: FORMAT, ..ledger })
    }

    /// The same as text that people can read and that two versions can be compared in.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|why| why.to_string())?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_one_is_read_as_one_of_today() {
        // As the first versions wrote it: saves were not counted.
        let old = br#"{ "format": 1, "target": "commet http://x", "objects": { "plans.pro": { "id": "p", "written": {} } } }"#;
        let ledger = Ledger::read(old, "x").unwrap();
        assert_eq!((ledger.serial, ledger.format, ledger.objects.len()), (0, FORMAT, 1));
        assert_eq!(Ledger::read(&ledger.bytes().unwrap(), "x").unwrap(), ledger);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let said = |bytes: &[u8]| Ledger::read(bytes, "s3://b/live.ledger.json").unwrap_err().to_string();
        assert!(said(b"{\"format\": 2}").starts_with("s3://b/live.ledger.json was written by a newer Pricebook"));
        for bad in [&b""[..], b"{", b"[]", b"\xff", b"{\"format\": 1}", b"{\"format\": -1}", b"null"] {
            assert!(said(bad).contains("is not a ledger"), "{}", said(bad));
        }
    }
}
