use std::path::Path;
use std::process::Command;

use secrecy::SecretString;

use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::load::project::ApiKey;
use crate::provider::Provider;

/// Reads the API key from where the environment says it is kept. No message ever holds it.
pub(crate) fn read(place: Option<&ApiKey>, provider: &dyn Provider, root: &Path) -> Result<SecretString, Stop> {
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
        Some(ApiKey::Command(command)) => {
            let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
            let failed = |why: String| {
                missing(format!("the command for the API key failed: {why}"), format!("try it by hand: {command}"))
            };
            let output = Command::new(shell)
                .args([flag, command])
                .current_dir(if root.as_os_str().is_empty() { Path::new(".") } else { root })
                .stdin(std::process::Stdio::null())
                .output()
                .map_err(|why| failed(why.to_string()))?;
            if !output.status.success() {
                return Err(failed(output.status.to_string()));
            }
            match String::from_utf8(output.stdout) {
                Ok(key) if !key.trim().is_empty() => Ok(SecretString::from(key.trim())),
                _ => Err(failed("it printed no key".into())),
            }
        }
    }
}
