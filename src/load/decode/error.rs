use std::fmt;

use serde::de::{Expected, Unexpected};

use crate::diagnostic::{Code, Finding, did_you_mean, one_of};

/// Why a node could not be decoded.
#[derive(Debug)]
pub(super) struct Error {
    kind: Kind,
    /// Whether a finding was made of it already, so that it is only on its way out.
    pub(super) handled: bool,
}

#[derive(Debug)]
enum Kind {
    Number(String),
    Type(String),
    UnknownField(String, &'static [&'static str]),
    UnknownWord(String, &'static [&'static str]),
    Missing(&'static str),
    /// A message that came with its own code; further lines say what to do.
    Coded(Code, String),
}

impl Error {
    fn new(kind: Kind) -> Self {
        Self { kind, handled: false }
    }

    /// Says that something failed of which a finding was made.
    pub(super) fn handled() -> Self {
        Self { kind: Kind::Type(String::new()), handled: true }
    }

    pub(super) fn number(message: impl Into<String>) -> Self {
        Self::new(Kind::Number(message.into()))
    }

    pub(super) fn wrong(expected: &str, found: &str) -> Self {
        Self::new(Kind::Type(format!("expected {expected}, found {found}")))
    }

    pub(super) fn missing(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Missing(field) => Some(field),
            _ => None,
        }
    }

    /// `subject` is the key whose value it is about.
    pub(super) fn finding(self, subject: Option<&str>) -> Finding {
        let about = |message: &str| subject.map_or_else(|| message.to_owned(), |key| format!("`{key}`: {message}"));
        match self.kind {
            Kind::Number(message) => match message.split_once("; write it like ") {
                Some((message, example)) => {
                    Finding::new(Code::BadNumber, about(message)).help(format!("write it like {example}"))
                }
                None => Finding::new(Code::BadNumber, about(&message)),
            },
            Kind::Type(message) => {
                let boolean = message.starts_with("expected true or false, found");
                let finding = Finding::new(Code::WrongType, about(&message));
                if boolean { finding.help("write `true` or `false`, without quotes") } else { finding }
            }
            Kind::UnknownField(field, known) => Finding::new(Code::UnknownField, format!("unknown field `{field}`"))
                .suggest(did_you_mean(&field, known.iter().copied()))
                .help(if known.is_empty() {
                    "there are no fields here".to_owned()
                } else {
                    format!("the fields are {}", one_of(known.iter().copied()).replace(" or ", " and "))
                }),
            Kind::UnknownWord(word, known) => {
                Finding::new(Code::UnknownWord, about(&format!("`{word}` is not one of its words")))
                    .suggest(did_you_mean(&word, known.iter().copied()))
                    .help(format!("write {}", one_of(known.iter().copied())))
            }
            Kind::Coded(code, message) => {
                let mut lines = message.lines();
                let finding = Finding::new(code, about(lines.next().unwrap_or_default()));
                lines.fold(finding, Finding::help)
            }
            Kind::Missing(field) => Finding::new(
                Code::MissingField,
                subject.map_or_else(|| format!("`{field}` is missing"), |key| format!("`{key}` has no `{field}`")),
            )
            .help(format!("add `{field}: ...`")),
        }
    }
}

impl serde::de::Error for Error {
    /// Custom errors come from the exact numbers; any other type begins its message with a code, as in
    /// `PB-E202: what is wrong`, and may say on a further line what to do.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        if let Some((code, rest)) = message.split_once(": ")
            && let Some(code) = Code::from_id(code)
        {
            return Self::new(Kind::Coded(code, rest.to_owned()));
        }
        Self::number(message)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            text if text.starts_with("struct ") => "a map",
            "a sequence" => "a list",
            "a string" => "text",
            text => text,
        };
        let found = match found {
            Unexpected::Map | Unexpected::StructVariant => "a map".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
            Unexpected::Bool(flag) => format!("`{flag}`"),
            Unexpected::Str(text) => super::de::quote(text),
            other => other.to_string(),
        };
        Self::wrong(expected, &found)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownWord(variant.to_owned(), expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownField(field.to_owned(), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Kind::Missing(field))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(message) | Kind::Type(message) | Kind::Coded(_, message) => f.write_str(message),
            Kind::UnknownField(field, _) => write!(f, "unknown field `{field}`"),
            Kind::UnknownWord(word, _) => write!(f, "unknown word `{word}`"),
            Kind::Missing(field) => write!(f, "`{field}` is missing"),
        }
    }
}

impl std::error::Error for Error {}
