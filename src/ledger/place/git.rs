use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::ledger::place::{Contents, PlaceError, Snapshot, Version, encoded};

/// How long one git command may take before it is ended.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a ref may move between asking where it is and fetching it.
const TRIES: usize = 5;
const LEDGER: &str = "ledger.json";
const LOCK: &str = "lock.json";

/// A ref in the repository's own remote. It names a commit without a parent, so that reading fetches one commit, and
/// is replaced by a push that the remote takes only if the ref is still what was read.
///
/// Nothing of the working repository is touched but its store of objects: no branch, no index, no file, no HEAD.
#[derive(Debug)]
pub struct GitPlace {
    folder: PathBuf,
    remote: String,
    /// The remote's address, without credentials.
    url: String,
    reference: String,
    environment: String,
}

impl GitPlace {
    /// The place of an environment in the repository that this folder is in. Asks no network.
    pub async fn open(folder: &Path, environment: &str) -> Result<Self, PlaceError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut place = Self {
            folder: folder.to_owned(),
            remote: String::new(),
            url: String::new(),
            reference: format!("refs/pricebook/{}", encoded(environment)),
            environment: environment.to_owned(),
        };
        place.remote = place.choose().await?;
        let url = place.git(&["remote", "get-url", &place.remote], None).await?;
        place.url = if url.status.success() { redacted(&text(&url.stdout)) } else { String::new() };
        Ok(place)
    }

    pub(super) fn name(&self) -> String {
        format!("{} in {} ({})", self.reference, self.remote, self.url)
    }

    /// `origin`, else the only remote, else the one that the checked-out branch follows.
    async fn choose(&self) -> Result<String, PlaceError> {
        let listed = self.git(&["remote"], None).await?;
        if !listed.status.success() {
            return Err(self
                .failed("the remotes cannot be listed", &listed)
                .help("`ledger: git` keeps the ledger in the remote of the repository that pricebook.yaml is in"));
        }
        let listed = text(&listed.stdout);
        let remotes: Vec<&str> = listed.lines().collect();
        match remotes[..] {
            [] => {
                return Err(PlaceError::new("`ledger: git` needs a remote, and this repository has none")
                    .help("add one with `git remote add origin URL`, or write `ledger: file`"));
            }
            [only] => return Ok(only.to_owned()),
            _ if remotes.contains(&"origin") => return Ok("origin".to_owned()),
            _ => {}
        }
        let branch = self.git(&["symbolic-ref", "--quiet", "--short", "HEAD"], None).await?;
        let key = format!("branch.{}.remote", text(&branch.stdout));
        let followed = text(&self.git(&["config", "--get", &key], None).await?.stdout);
        if branch.status.success() && remotes.contains(&followed.as_str()) {
            return Ok(followed);
        }
        Err(PlaceError::new(format!(
            "`ledger: git` needs to know the remote, and this repository has {}",
            remotes.join(", ")
        ))
        .help("name one of them origin: `git remote rename NAME origin`"))
    }

    pub(super) async fn read(&self) -> Result<Snapshot, PlaceError> {
        for _ in 0..TRIES {
            let Some(commit) = self.tip().await? else {
                return Ok(Snapshot { contents: Contents::default(), version: Version::Commit(None) });
            };
            if !self.has(&commit).await? {
                let fetched = self.git(&fetch(&self.remote, &self.reference), None).await?;
                if !self.has(&commit).await? {
                    // Somebody moved it between the two; or else it does not come.
                    if fetched.status.success() || self.tip().await?.as_ref() != Some(&commit) {
                        continue;
                    }
                    return Err(self.failed("the ledger cannot be fetched", &fetched));
                }
            }
            let contents =
                Contents { ledger: self.file(&commit, LEDGER).await?, lock: self.file(&commit, LOCK).await? };
            return Ok(Snapshot { contents, version: Version::Commit(Some(commit)) });
        }
        Err(PlaceError::new(format!("{} moves all the time", self.name())).help("try again"))
    }

    pub(super) async fn write(&self, next: &Contents, before: &Snapshot) -> Result<Option<Version>, PlaceError> {
        let Version::Commit(expected) = &before.version else {
            return Err(PlaceError::new("the ledger was not read from git"));
        };
        let mut tree = String::new();
        for (name, bytes) in [(LEDGER, &next.ledger), (LOCK, &next.lock)] {
            if let Some(bytes) = bytes {
                let blob = self.made(&["hash-object", "-w", "--no-filters", "--stdin"], bytes).await?;
                tree.push_str(&format!("100644 blob {blob}\t{name}\n"));
            }
        }
        let tree = self.made(&["mktree"], tree.as_bytes()).await?;
        let subject = format!("Pricebook ledger of {}\n", self.environment);
        let commit = self.made(&["commit-tree", "--no-gpg-sign", &tree], subject.as_bytes()).await?;
        let lease = format!("--force-with-lease={}:{}", self.reference, expected.as_deref().unwrap_or_default());
        let target = format!("{commit}:{}", self.reference);
        let arguments = [
            // Hooks and signatures are for people's branches.
            "-c",
            "core.hooksPath=/dev/null",
            "push",
            "--quiet",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            &lease,
            &self.remote,
            &target,
        ];
        let pushed = self.git(&arguments, None).await?;
        if pushed.status.success() {
            return Ok(Some(Version::Commit(Some(commit))));
        }
        // Git's words depend on who refused; where the ref is now does not.
        if self.tip().await? != *expected {
            return Ok(None);
        }
        Err(self
            .failed("the ledger cannot be pushed", &pushed)
            .help(format!("whoever applies needs to be allowed to push {}", self.reference)))
    }

    /// The commit that the ref names in the remote.
    async fn tip(&self) -> Result<Option<String>, PlaceError> {
        let listed = self.git(&["ls-remote", "--quiet", &self.remote, &self.reference], None).await?;
        if !listed.status.success() {
            return Err(self
                .failed("the remote cannot be asked for the ledger", &listed)
                .help("check the network and what `git fetch` needs here"));
        }
        let lines = text(&listed.stdout);
        let found = lines.lines().find_map(|line| {
            let (commit, name) = line.split_once('\t')?;
            (name == self.reference).then(|| commit.to_owned())
        });
        Ok(found)
    }

    async fn has(&self, commit: &str) -> Result<bool, PlaceError> {
        Ok(self.git(&["cat-file", "-e", &format!("{commit}^{{tree}}")], None).await?.status.success())
    }

    async fn file(&self, commit: &str, name: &str) -> Result<Option<Vec<u8>>, PlaceError> {
        let listed = self.git(&["ls-tree", "--full-tree", commit, name], None).await?;
        if !listed.status.success() {
            return Err(self.failed("the ledger cannot be read", &listed));
        }
        if listed.stdout.is_empty() {
            return Ok(None);
        }
        let read = self.git(&["cat-file", "blob", &format!("{commit}:{name}")], None).await?;
        if read.status.success() { Ok(Some(read.stdout)) } else { Err(self.failed("the ledger cannot be read", &read)) }
    }

    /// Makes an object of what goes in, and gives its name.
    async fn made(&self, arguments: &[&str], input: &[u8]) -> Result<String, PlaceError> {
        let made = self.git(arguments, Some(input)).await?;
        if made.status.success() {
            Ok(text(&made.stdout))
        } else {
            Err(self.failed("the ledger cannot be written into the repository", &made))
        }
    }

    /// An interrupt at the terminal also reaches git. It is for this program, so what it ended is done again.
    async fn git(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Output, PlaceError> {
        let output = self.once(arguments, input).await?;
        if output.status.code().is_some() { Ok(output) } else { self.once(arguments, input).await }
    }

    async fn once(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Output, PlaceError> {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(&self.folder)
            // In a hook these name another repository, or the same one from another folder.
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_OBJECT_DIRECTORY")
            .env_remove("GIT_ALTERNATE_OBJECT_DIRECTORIES")
            .env_remove("GIT_NAMESPACE")
            .env_remove("GIT_PREFIX")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .env("GIT_AUTHOR_NAME", "Pricebook")
            .env("GIT_AUTHOR_EMAIL", "pricebook@localhost")
            .env("GIT_COMMITTER_NAME", "Pricebook")
            .env("GIT_COMMITTER_EMAIL", "pricebook@localhost")
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let name =
            || arguments.iter().find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or(&"").to_owned();
        let mut child = command.spawn().map_err(|why| {
            PlaceError::new(format!("`ledger: git` needs the program git, which does not start: {why}"))
                .help("install git, or write `ledger: file`")
        })?;
        let talk = async {
            if let (Some(bytes), Some(mut stdin)) = (input, child.stdin.take()) {
                // A program that ends without reading says why by itself.
                let _ = stdin.write_all(bytes).await;
            }
            child.wait_with_output().await
        };
        match tokio::time::timeout(PATIENCE, talk).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(why)) => Err(PlaceError::new(format!("git {} does not work: {why}", name()))),
            Err(_) => Err(PlaceError::new(format!("git {} took longer than {} seconds", name(), PATIENCE.as_secs()))
                .help("check the network and what `git fetch` needs here")),
        }
    }

    /// What git says, without credentials and hints.
    fn failed(&self, what: &str, output: &Output) -> PlaceError {
        let words = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<String> = words
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("hint:") && !line.starts_with("To "))
            .map(redacted)
            .collect();
        let said = if lines.is_empty() { "git says nothing".to_owned() } else { lines.join("\n  ") };
        let place = if self.url.is_empty() { self.reference.clone() } else { self.name() };
        PlaceError::new(format!("{what}: {place}\n  {said}"))
    }
}

/// Only this ref, into nothing: no branch, no tag, no FETCH_HEAD, no change of what is shallow.
fn fetch<'a>(remote: &'a str, reference: &'a str) -> [&'a str; 11] {
    [
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--no-prune",
        "--no-filter",
        "--refmap=",
        remote,
        reference,
    ]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// A text without the credentials of the URLs in it, and without control characters.
fn redacted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"').unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(mark) => {
                out.push_str("***");
                &after[mark..]
            }
            None => after,
        };
    }
    out.push_str(rest);
    out.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn no_credentials_in_what_is_said() {
        for (text, said) in [
            (
                "fatal: unable to access 'https://bot:t0k@en@github.com/a/b/': no",
                "fatal: unable to access 'https://***@github.com/a/b/': no",
            ),
            ("https://github.com/a/b@c", "https://github.com/a/b@c"),
            ("ssh://git@host/x and http://u:p@h", "ssh://***@host/x and http://***@h"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
            ("a\u{1b}[31mb", "a[31mb"),
        ] {
            assert_eq!(redacted(text), said);
        }
    }
}
