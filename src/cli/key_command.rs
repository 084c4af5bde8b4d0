//! A key that a command prints, such as that of a password manager.

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::provider::Provider;

/// No key is as long; a command that prints more prints something else.
const LONGEST: u64 = 64 * 1024;
/// Lines of a failing command's own words that are shown.
const SHOWN: usize = 10;
/// How often is looked whether the command has ended.
const GLANCE: Duration = Duration::from_millis(10);
/// How long is waited for what an ended command printed: a child of its own may hold the pipe open for ever.
const REST: Duration = Duration::from_secs(2);

/// Runs the command and takes the one line that it prints for the key. Its words on stderr are shown as they come where
/// a person sees them (it may ask for a fingerprint), and when it fails. They are never the key, nor is the key in them.
pub(super) fn run(
    command: &str,
    provider: &dyn Provider,
    root: &Path,
    patience: Duration,
) -> Result<SecretString, Stop> {
    let failed = |why: String| {
        Stop::new(exit::CREDENTIALS, format!("the command for the API key failed: {why}"))
            .help(format!("try it by hand: {}", masked(command, provider)))
    };
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let seen = std::io::stderr().is_terminal();
    let mut child = Command::new(shell)
        .args([flag, command])
        .current_dir(if root.as_os_str().is_empty() { Path::new(".") } else { root })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(if seen { Stdio::inherit() } else { Stdio::piped() })
        .spawn()
        .map_err(|why| failed(why.to_string()))?;
    let printed = drain(child.stdout.take());
    let said = drain(child.stderr.take());
    let ended = wait(&mut child, patience).map_err(|why| failed(why.to_string()))?;
    let Some(status) = ended else {
        let seconds = patience.as_secs();
        return Err(Stop::new(
            exit::CREDENTIALS,
            format!("the command for the API key did not end within {seconds} s, and was ended"),
        )
        .help(format!(
            "try it by hand: {}; `timeouts: {{ key_command: SECONDS }}` of the environment gives it longer",
            masked(command, provider)
        )));
    };
    if !status.success() {
        let words = said.recv_timeout(REST).unwrap_or_default();
        return Err(failed(format!("{status}{}", own_words(&words, provider))));
    }
    let text = String::from_utf8(printed.recv_timeout(REST).unwrap_or_default()).unwrap_or_default();
    match text.trim() {
        "" => Err(failed("it printed no key".into())),
        key if key.lines().count() > 1 => {
            Err(failed(format!("it printed {} lines, and a key is one line", key.lines().count())))
        }
        key => Ok(SecretString::from(key)),
    }
}

/// Reads to the end on the side, so that a full pipe stops nobody.
fn drain(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let mut rest = pipe.take(LONGEST);
            let _ = rest.read_to_end(&mut bytes);
            let _ = std::io::copy(&mut rest.into_inner(), &mut std::io::sink());
        }
        let _ = send.send(bytes);
    });
    receive
}

/// How it ended; nothing if it had to be ended.
fn wait(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(GLANCE);
    }
}

/// What the command said on stderr, a line each, indented.
fn own_words(bytes: &[u8], provider: &dyn Provider) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(SHOWN)..];
    last.iter().map(|line| format!("\n  {}", masked(line, provider))).collect()
}

/// Text without control characters and without what could be a key of this provider.
fn masked(text: &str, provider: &dyn Provider) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut out = String::new();
    let mut rest = clean.as_str();
    while let Some(at) = rest.find(part) {
        let end = rest[at..].find(|c| !part(c)).map_or(rest.len(), |end| at + end);
        let word = &rest[at..end];
        out.push_str(&rest[..at]);
        out.push_str(if provider.check_key(word).is_ok() { "***" } else { word });
        rest = &rest[end..];
    }
    out + rest
}
