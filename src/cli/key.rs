use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::load::project::ApiKey;
use crate::provider::Provider;

/// Reads the API key from where the environment says it is kept. No message ever holds it.
/// `patience` is how long a command may take.
pub(crate) fn read(
    place: Option<&ApiKey>,
    provider: &dyn Provider,
    root: &Path,
    patience: Duration,
) -> Result<SecretString, Stop> {
    let missing = |message: String, help: String| Stop::new(exit::CREDENTIALS, message).help(help);
    let variable = |name: &str| match std::env::var(name) {
        Ok(key) if !key.trim().is_empty() => Ok(SecretString::from(key.trim())),
        _ => Err(missing(
            format!("there is no API key: the environment variable {name} is not set"),
            format!("set {name} to a key of this environment"),
        )),
    };
    match place {
        None => variable(provider.key_variable()),
        Some(ApiKey::Env(name)) => variable(name),
        Some(ApiKey::File(path)) => {
            let path = root.join(path);
            match std::fs::read_to_string(&path) {
                Ok(key) if !key.trim().is_empty() => Ok(SecretString::from(key.trim())),
                Ok(_) => {
                    Err(missing(format!("the key file {} is empty", path.display()), "put the key into it".into()))
                }
                Err(why) => Err(missing(
                    format!("the key file {} cannot be read: {why}", path.display()),
                    "correct `api_key` in pricebook.yaml".into(),
                )),
            }
        }
        Some(ApiKey::Command(command)) => super::key_command::run(command, provider, root, patience),
    }
}
