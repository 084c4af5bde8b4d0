mod lines;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserializer, Serialize};

use self::lines::Lines;
use crate::ledger::{Entry, FORMAT, Ledger};
use crate::model::Address;

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

/// Reads a map as a list first: made of that, it has no gaps, and there are very many objects.
pub(super) fn all_at_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Address, Entry>, D::Error> {
    struct List;
    impl<'de> Visitor<'de> for List {
        type Value = BTreeMap<Address, Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of objects")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut objects = Vec::new();
            while let Some(object) = map.next_entry()? {
                objects.push(object);
            }
            Ok(objects.into_iter().collect())
        }
    }
    deserializer.deserialize_map(List)
}

impl Ledger {
    /// Reads a ledger of this format or an older one. What an older one did not keep yet gets its first value.
    /// `place` is for the message.
    pub fn read(bytes: &[u8], place: &str) -> Result<Self, LedgerError> {
        let unreadable =
            |why: serde_json::Error| LedgerError::Unreadable { place: place.to_owned(), why: why.to_string() };
        let newer = |format: u64| LedgerError::Newer { place: place.to_owned(), format };
        match serde_json::from_slice::<Self>(bytes) {
            Ok(ledger) if ledger.format > FORMAT => Err(newer(ledger.format.into())),
            Ok(ledger) => Ok(Self { format: FORMAT, ..ledger }),
            // A newer one may be of another form altogether.
            Err(why) => match serde_json::from_slice::<serde_json::Value>(bytes)
                .ok()
                .and_then(|raw| raw.get("format")?.as_u64())
            {
                Some(format) if format > u64::from(FORMAT) => Err(newer(format)),
                _ => Err(unreadable(why)),
            },
        }
    }

    /// The same as text that people can read and that two versions can be compared in: a line for each object.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Lines::default());
        self.serialize(&mut serializer).map_err(|why| why.to_string())?;
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
