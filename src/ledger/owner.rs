use std::env;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A process, named so that no other one that ever ran on any machine has the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The machine since its last start, and the space that process numbers are counted in: two containers on one
    /// machine have a process 7 each.
    pub space: String,
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's own count.
    pub started: String,
}

impl Process {
    /// This one, where the system says enough (Linux). Elsewhere only time tells whether a lock is left over.
    pub fn this() -> Option<Self> {
        let pid = std::process::id();
        Some(Self { space: space()?, pid, started: started(pid)? })
    }

    /// Whether it is gone for certain. Of another machine, nothing is certain.
    pub fn is_gone(&self) -> bool {
        // Some systems hide the processes of others; then not to see one means nothing.
        let sees_all = Path::new("/proc/1/stat").exists();
        sees_all
            && space().as_deref() == Some(self.space.as_str())
            && match fs::read_to_string(format!("/proc/{}/stat", self.pid)) {
                Ok(stat) => parse(&stat).is_some_and(|(state, started)| state == "Z" || started != self.started),
                Err(why) => why.kind() == std::io::ErrorKind::NotFound,
            }
    }
}

fn space() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let pids = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), pids.display()))
}

fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse(&stat).map(|(_, started)| started.to_owned())
}

/// State and start time. The second field is the program's name in brackets, and may hold anything.
fn parse(stat: &str) -> Option<(&str, &str)> {
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
    let state = fields.next()?;
    Some((state, fields.nth(18)?))
}

/// `ana@laptop`: who runs this program, as far as the environment says.
pub(super) fn name() -> String {
    const USERS: [&str; 7] = [
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "CIRCLE_USERNAME",
        "BUILDKITE_BUILD_CREATOR",
        "USER",
        "LOGNAME",
        "USERNAME",
    ];
    let user = first(&USERS).unwrap_or_else(|| "somebody".to_owned());
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .or_else(|| first(&["HOSTNAME", "HOST", "COMPUTERNAME"]))
        .unwrap_or_else(|| "a machine without a name".to_owned());
    format!("{user}@{host}")
}

/// The page of the CI run that this is, as the CI system's variables say.
pub(super) fn run_url() -> Option<String> {
    if let (Some(server), Some(repository), Some(run)) =
        (variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY"), variable("GITHUB_RUN_ID"))
    {
        return Some(format!("{server}/{repository}/actions/runs/{run}"));
    }
    if let (Some(server), Some(project), Some(run)) =
        (variable("SYSTEM_COLLECTIONURI"), variable("SYSTEM_TEAMPROJECT"), variable("BUILD_BUILDID"))
    {
        return Some(format!("{server}{project}/_build/results?buildId={run}"));
    }
    first(&["CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "TRAVIS_BUILD_WEB_URL", "BUILD_URL"])
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

fn first(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| variable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_in_it() {
        let stat = "7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(parse(stat), Some(("S", "4711")));
        for bad in ["", "7 (x", "7 (x) S 1 2", ")"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_is_gone() {
        let this = Process::this().unwrap();
        assert!(!this.is_gone());
        assert!(Process { started: "1".into(), ..this.clone() }.is_gone(), "the number was given to another one");
        assert!(!Process { space: "elsewhere".into(), pid: u32::MAX, ..this.clone() }.is_gone());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        let of = Process { pid, started: started(pid).unwrap(), ..this };
        child.wait().unwrap();
        assert!(of.is_gone());
    }
}
