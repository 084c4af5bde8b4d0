use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::diagnostic::Code;

/// A named target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Which billing API it speaks, such as `commet`.
    pub provider: String,
    /// Where it is: `https://HOST/PATH`, or `sandbox:FOLDER` for the embedded server, which keeps its data in that
    /// folder.
    pub url: Url,
    /// The version of the API to speak. The provider's own choice when left out.
    #[serde(default)]
    pub api_version: Option<String>,
    /// Where the API key is kept. The provider's own environment variable, such as `COMMET_API_KEY`, when left out.
    #[serde(default)]
    pub api_key: Option<ApiKey>,
    /// What the API must say it is before anything is written.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// A file that changes the catalog for this environment. Relative to this file.
    #[serde(default)]
    pub overlay: Option<String>,
    /// The organization that the key must belong to, for APIs that have them.
    #[serde(default)]
    pub organization: Option<String>,
    /// How long to wait for the API.
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// Whether real customers are charged there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nobody is charged.
    Sandbox,
    /// Real customers are charged.
    Live,
}

/// How long to wait, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// For a connection, in seconds.
    pub connect: u32,
    /// For one request, in seconds.
    pub request: u32,
    /// For all retries of one call together, in seconds.
    pub retry_budget: u32,
    /// For the command that prints the API key, in seconds.
    pub key_command: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: 10, request: 30, retry_budget: 120, key_command: 60 }
    }
}

/// Where an environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Url {
    /// The embedded server, with the folder (as written, relative to the project file) that holds its data.
    Sandbox(String),
    /// An API, without a slash at the end.
    Http(String),
}

impl std::str::FromStr for Url {
    type Err = String;

    /// The error is a message that begins with its code. It never repeats credentials.
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = |why: &str, help: &str| Err(format!("{}: {why}\n{help}", Code::BadUrl));
        let shape = "write https://HOST/PATH, or sandbox:FOLDER for the embedded server";
        if let Some(folder) = text.strip_prefix("sandbox:") {
            return match folder.trim() {
                "" => bad("the embedded server needs a folder for its data", "write it like sandbox:.pricebook/local"),
                folder => Ok(Self::Sandbox(folder.to_owned())),
            };
        }
        let Ok(url) = reqwest::Url::parse(text) else { return bad("this is not a URL", shape) };
        if !matches!(url.scheme(), "http" | "https") || !text.contains("://") {
            return bad("this is neither an http(s) URL nor a sandbox", shape);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!(
                "{}: a URL in git must not hold credentials\nname where the key is kept under `api_key`",
                Code::LiteralSecret
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return bad("a base URL has no `?` and no `#`", shape);
        }
        let host = url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let here = host == "localhost"
            || host.ends_with(".localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if url.scheme() == "http" && !here {
            return Err(format!(
                "{}: plain http to {host} would show the API key to everybody in between\nuse https",
                Code::InsecureUrl
            ));
        }
        Ok(Self::Http(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox(folder) => write!(f, "sandbox:{folder}"),
            Self::Http(url) => f.write_str(url),
        }
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Url {
    fn schema_name() -> Cow<'static, str> {
        "Url".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`https://HOST/PATH`, or `sandbox:FOLDER` for the embedded server",
            "type": "string",
            "pattern": "^(https?://|sandbox:).+$"
        })
    }
}

/// Where an API key is kept. The key itself never stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKey {
    /// In an environment variable of this name.
    Env(String),
    /// In a file, which holds nothing else. Relative to the project file.
    File(String),
    /// Printed by a command, such as that of a password manager.
    Command(String),
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            #[serde(default)]
            env: Option<String>,
            #[serde(default)]
            file: Option<String>,
            #[serde(default)]
            command: Option<String>,
        }

        const HOW: &str = "write { env: NAME }, { file: PATH } or { command: \"...\" }";
        struct Place;
        impl<'de> Visitor<'de> for Place {
            type Value = ApiKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map with env, file or command")
            }

            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<ApiKey, E> {
                let what = "a key in this file is a key in git";
                Err(E::custom(format!("{}: {what}\n{HOW}; and replace a key that was committed", Code::LiteralSecret)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ApiKey, A::Error> {
                let Long { env, file, command } = Long::deserialize(MapAccessDeserializer::new(map))?;
                let places = [env.map(ApiKey::Env), file.map(ApiKey::File), command.map(ApiKey::Command)];
                let mut places = places.into_iter().flatten();
                match (places.next(), places.next()) {
                    (Some(place), None) => Ok(place),
                    _ => Err(A::Error::custom(format!(
                        "{}: a key is kept in exactly one place\n{HOW}",
                        Code::BadSetting
                    ))),
                }
            }
        }
        deserializer.deserialize_struct("ApiKey", &[], Place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_safe_to_use() {
        for good in
            ["https://commet.co/api/v1/", "http://127.0.0.1:8787/api/v1", "http://localhost", "http://[::1]:1/x"]
        {
            assert!(matches!(good.parse::<Url>(), Ok(Url::Http(url)) if !url.ends_with('/')), "{good}");
        }
        assert_eq!("sandbox:.pricebook/x".parse::<Url>().unwrap().to_string(), "sandbox:.pricebook/x");
        for (bad, code) in [
            ("", "PB-E202"),
            ("commet.co", "PB-E202"),
            ("ftp://x", "PB-E202"),
            ("https:x", "PB-E202"),
            ("sandbox:", "PB-E202"),
            ("https://user:secret@commet.co", "PB-E204"),
            ("http://commet.co", "PB-E203"),
            ("http://127.0.0.1.evil.example", "PB-E203"),
        ] {
            let error = bad.parse::<Url>().unwrap_err();
            assert!(error.starts_with(code) && !error.contains("secret"), "{bad}: {error}");
        }
    }
}
