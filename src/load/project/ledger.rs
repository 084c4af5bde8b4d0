use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::diagnostic::Code;

/// Where the ledger is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ledger {
    /// A file beside the project file.
    #[default]
    File,
    /// A ref in the repository's own remote.
    Git,
    /// Amazon S3 or what speaks its protocol.
    S3 {
        /// The bucket.
        bucket: String,
        /// What the keys begin with; may be empty.
        prefix: String,
    },
    /// Google Cloud Storage.
    Gcs {
        /// The bucket.
        bucket: String,
        /// What the keys begin with; may be empty.
        prefix: String,
    },
    /// Azure Blob Storage.
    Azure {
        /// The container.
        container: String,
        /// What the keys begin with; may be empty.
        prefix: String,
    },
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, bucket, prefix) = match self {
            Self::File => return f.write_str("file"),
            Self::Git => return f.write_str("git"),
            Self::S3 { bucket, prefix } => ("s3", bucket, prefix),
            Self::Gcs { bucket, prefix } => ("gs", bucket, prefix),
            Self::Azure { container, prefix } => ("az", container, prefix),
        };
        write!(f, "{scheme}://{bucket}")?;
        if prefix.is_empty() { Ok(()) } else { write!(f, "/{prefix}") }
    }
}

impl FromStr for Ledger {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "file" => return Ok(Self::File),
            "git" => return Ok(Self::Git),
            _ => {}
        }
        let Some((scheme @ ("s3" | "gs" | "az"), rest)) = text.split_once("://") else {
            return Err(format!("`{text}` is not a ledger"));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let name = bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if bucket.is_empty() || !name {
            return Err(format!("`{text}` names no bucket"));
        }
        let (bucket, prefix) = (bucket.to_owned(), prefix.trim_matches('/').to_owned());
        Ok(match scheme {
            "s3" => Self::S3 { bucket, prefix },
            "gs" => Self::Gcs { bucket, prefix },
            _ => Self::Azure { container: bucket, prefix },
        })
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|why| {
            D::Error::custom(format!(
                "{}: {why}\nwrite `file`, `git`, or a place such as s3://bucket/prefix, gs://bucket/prefix or az://container/prefix",
                Code::BadLedger
            ))
        })
    }
}

impl serde::Serialize for Ledger {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Ledger {
    fn schema_name() -> Cow<'static, str> {
        "Ledger".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`file`, `git`, or an object store such as `s3://bucket/prefix`",
            "anyOf": [{ "enum": ["file", "git"] }, { "type": "string", "pattern": "^(s3|gs|az)://[A-Za-z0-9._-]+(/.*)?$" }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["file", "git", "s3://b/p/q", "gs://b", "az://c/x"] {
            assert_eq!(text.parse::<Ledger>().unwrap().to_string(), text);
        }
        for bad in ["", "s3", "s3://", "ftp://x", "s3:///p", "Git", "s3://b b"] {
            assert!(bad.parse::<Ledger>().is_err(), "{bad}");
        }
    }
}
