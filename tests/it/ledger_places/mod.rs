//! The three places of a ledger and its lock: files, a ref in a git remote, objects in a bucket.

mod commands;
mod git;
mod lock;
mod object;
mod races;
mod remembered;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pricebook::ledger::{Contents, FilePlace, GitPlace, Moment, Place, Replaced};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::workspace::{Ended, SHOP, World, ended};

/// Which place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Git,
    S3,
}

pub(super) const KINDS: [Kind; 3] = [Kind::File, Kind::Git, Kind::S3];

/// An API, a place for the ledger, and machines that apply to it.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) kind: Kind,
    elsewhere: TempDir,
    bucket: String,
}

/// A folder with the project, as one person or CI job has it.
pub(super) struct Machine {
    pub(super) folder: PathBuf,
    env: Vec<(&'static str, String)>,
    names: Vec<(String, &'static str)>,
}

impl Scene {
    pub(super) fn new(kind: Kind) -> Self {
        Self::of(kind, World::new(SHOP))
    }

    pub(super) fn of(kind: Kind, world: World) -> Self {
        let url = world.url.clone();
        Self::at(kind, world, &url)
    }

    /// The same for another API than the world's own.
    pub(super) fn at(kind: Kind, world: World, url: &str) -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let bucket = match kind {
            Kind::S3 => server::bucket(),
            _ => String::new(),
        };
        world.project(
            url,
            &match kind {
                Kind::File => String::new(),
                Kind::Git => "ledger: git\n".to_owned(),
                Kind::S3 => format!("ledger: s3://{bucket}/team\n"),
            },
        );
        let scene = Self { world, kind, elsewhere, bucket };
        if kind == Kind::Git {
            scene.share();
        }
        scene
    }

    /// A bare repository that holds the project.
    fn share(&self) {
        let folder = self.world.path("");
        git(&folder, &["init", "--quiet", "--bare", "--initial-branch=main", self.remote().to_str().unwrap()]);
        git(&folder, &["init", "--quiet", "--initial-branch=main"]);
        git(&folder, &["add", "catalog.yaml", "pricebook.yaml"]);
        git(&folder, &["commit", "--quiet", "-m", "One"]);
        git(&folder, &["commit", "--quiet", "--allow-empty", "-m", "Two"]);
        git(&folder, &["remote", "add", "origin", &self.url()]);
        git(&folder, &["push", "--quiet", "origin", "main"]);
    }

    pub(super) fn remote(&self) -> PathBuf {
        self.elsewhere.path().join("remote.git")
    }

    fn url(&self) -> String {
        format!("file://{}", self.remote().display())
    }

    /// The folder that the world is in.
    pub(super) fn here(&self) -> Machine {
        self.machine_in(self.world.path(""))
    }

    /// Another machine. With files there is only one place, so it is the same folder.
    pub(super) fn another(&self, name: &str) -> Machine {
        if self.kind == Kind::File {
            return self.here();
        }
        let folder = self.elsewhere.path().join(name);
        if self.kind == Kind::Git {
            let arguments = ["clone", "--quiet", "--depth", "1", &self.url(), folder.to_str().unwrap()];
            git(self.elsewhere.path(), &arguments);
        } else {
            fs::create_dir(&folder).unwrap();
        }
        for file in ["catalog.yaml", "pricebook.yaml"] {
            fs::copy(self.world.path(file), folder.join(file)).unwrap();
        }
        self.machine_in(folder)
    }

    fn machine_in(&self, folder: PathBuf) -> Machine {
        let folder = folder.canonicalize().unwrap();
        let mut env = vec![("USER", "ana".to_owned())];
        if self.kind == Kind::S3 {
            env.extend(server::environment());
        }
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let names = vec![
            (folder.display().to_string(), "HERE"),
            (self.elsewhere.path().canonicalize().unwrap().display().to_string(), "ELSEWHERE"),
            (self.bucket.clone(), "BUCKET"),
            (self.world.url.clone(), "URL"),
            (format!("ana@{}", host.trim()), "ana@HOST"),
        ];
        Machine { folder, env, names }
    }

    /// The place itself, without the program.
    fn place(&self) -> Place {
        let folder = self.world.path("");
        match self.kind {
            Kind::Git => Place::Git(block(GitPlace::open(&folder, "test")).unwrap()),
            _ => Place::File(FilePlace::new(&folder.join(".pricebook"), "test")),
        }
    }

    pub(super) fn read(&self) -> Contents {
        if self.kind == Kind::S3 {
            let lock = server::get(&self.key("lock"));
            let lock = lock.filter(|bytes| !String::from_utf8_lossy(bytes).contains("\"free\": true"));
            return Contents { ledger: server::get(&self.key("ledger")), lock };
        }
        block(self.place().read()).unwrap().contents
    }

    fn key(&self, what: &str) -> String {
        format!("{}/team/test.{what}.json", self.bucket)
    }

    /// What is remembered.
    pub(super) fn ledger(&self) -> Value {
        serde_json::from_slice(&self.read().ledger.expect("a ledger")).unwrap()
    }

    pub(super) fn lock(&self) -> Option<Value> {
        self.read().lock.map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    /// Changes what stands in the place, as somebody without manners could.
    #[track_caller]
    pub(super) fn put(&self, change: impl Fn(&mut Contents)) {
        if self.kind == Kind::S3 {
            let mut next = self.read();
            change(&mut next);
            server::put(&self.key("lock"), next.lock.or(Some(b"{\"free\": true}".to_vec())));
            return server::put(&self.key("ledger"), next.ledger);
        }
        // Whoever has the lock may renew it in between.
        for _ in 0..100 {
            let before = block(self.place().read()).unwrap();
            let mut next = before.contents.clone();
            change(&mut next);
            if matches!(block(self.place().replace(&next, &before)).unwrap(), Replaced::Done(_)) {
                return;
            }
        }
        panic!("it is never as it was read");
    }

    /// Somebody else's lock, which ends in so many seconds.
    pub(super) fn locked_by_another(&self, seconds: i64) {
        let lock = json!({
            "id": "b0b0000000000001",
            "owner": "bo@ci-7",
            "run_url": "https://ci.example/runs/7",
            "command": "apply",
            "started": "2026-01-02T03:04:05Z",
            "expires": Moment(Moment::now().0 + seconds),
        });
        self.put(|contents| contents.lock = Some(lock.to_string().into_bytes()));
    }
}

impl Machine {
    pub(super) fn command(&self, world: &World, arguments: &[&str]) -> Command {
        let mut command = world.command(arguments);
        command.current_dir(&self.folder).envs(self.env.iter().map(|(name, value)| (name, value)));
        for name in ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CIRCLE_USERNAME", "BUILDKITE_BUILD_CREATOR"] {
            command.env_remove(name);
        }
        for name in ["GITHUB_RUN_ID", "BUILD_BUILDID", "CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL"] {
            command.env_remove(name);
        }
        command.env_remove("TRAVIS_BUILD_WEB_URL").env_remove("BUILD_URL");
        // No name, no e-mail address, no credential helper: what a fresh machine has.
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command
    }

    #[track_caller]
    pub(super) fn run(&self, world: &World, arguments: &[&str]) -> Ended {
        run(&mut self.command(world, arguments))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A text with what differs from run to run named: folders, moments, ids.
    pub(super) fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in self.names.iter().filter(|(from, _)| !from.is_empty()) {
            text = text.replace(from.as_str(), to);
        }
        moments(&crate::readme::ids(&text))
    }
}

#[track_caller]
pub(super) fn run(command: &mut Command) -> Ended {
    ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// `MOMENT`, `SOME TIME ago` and `LOCK` for moments, ages and ids of locks.
fn moments(text: &str) -> String {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        while let Some(end) = line.find(" UTC") {
            line.replace_range(end - 19..end + 4, "MOMENT");
        }
        if let Some(end) = line.find(" ago") {
            let start = line[..end].rfind(", ").unwrap() + 2;
            line.replace_range(start..end, "SOME TIME");
        }
        let words: Vec<&str> = line
            .split(' ')
            .map(|word| match (word.len(), word.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                (16, true) if word != "b0b0000000000001" => "LOCK",
                (40, true) => "COMMIT",
                _ => word,
            })
            .collect();
        out.push(words.join(" "));
    }
    out.join("\n")
}

/// Git as somebody with a name uses it, with no settings of this machine.
#[track_caller]
pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@b"), ("GIT_COMMITTER_NAME", "A")])
        .env("GIT_COMMITTER_EMAIL", "a@b")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

pub(super) fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Looks again and again until it is so. What never becomes so fails.
#[track_caller]
pub(super) fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("never: {what}");
}
