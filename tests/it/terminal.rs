//! Long work on a terminal: what goes on is drawn, and gone when it is done. The API holds its answers back until the
//! words are there, so that no test waits for a clock.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::PROGRAM;
use crate::workspace::{Folder, Raw, ok, refused};

/// Runs the arguments on a terminal of their own, and copies what is printed there.
const TERMINAL: &str = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// The program on a terminal.
struct Terminal {
    child: Child,
    printed: String,
}

impl Terminal {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let command = folder.command(arguments);
        let mut terminal = Command::new("python3");
        terminal.args(["-c", TERMINAL, PROGRAM]).args(arguments).current_dir(folder.folder.path());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => terminal.env(name, value),
                None => terminal.env_remove(name),
            };
        }
        let child = terminal.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, printed: String::new() }
    }

    /// Reads on until these words were printed.
    #[track_caller]
    fn says(&mut self, words: &str) {
        let mut buffer = [0; 4096];
        while !self.printed.contains(words) {
            let read = self.child.stdout.as_mut().unwrap().read(&mut buffer).unwrap();
            assert!(read > 0, "`{words}` was never printed:\n{}", self.printed);
            self.printed.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    }

    /// All that was printed, when it has ended well.
    #[track_caller]
    fn ended(mut self) -> String {
        let mut rest = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        self.printed.push_str(&String::from_utf8_lossy(&rest));
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.printed);
        std::mem::take(&mut self.printed)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What runs on the terminal ends with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets answers go, one for each word.
type Gate = Arc<Mutex<Receiver<()>>>;

fn gate() -> (Sender<()>, Gate) {
    let (open, opened) = channel();
    (open, Arc::new(Mutex::new(opened)))
}

fn pass(gate: &Gate) {
    // Whoever would open it is gone: the test has failed.
    let _ = gate.lock().unwrap().recv();
}

const CATALOG: &str = "\
provider: commet
features:
  one: { name: One, type: boolean }
  two: { name: Two, type: boolean }
  three: { name: Three, type: boolean }
";

#[test]
fn an_apply_shows_what_is_left_and_what_it_waits_for() {
    let (open, gate) = gate();
    let posts = Mutex::new(0);
    let api = Raw::start(move |line, _| {
        if line.starts_with("GET") {
            return ok(&json!([]));
        }
        let number = {
            let mut posts = posts.lock().unwrap();
            *posts += 1;
            *posts
        };
        // The first one is told to wait for longer than the test takes to look.
        if number == 1 {
            return refused(429, "rate_limited", "retry-after: 3\r\n");
        }
        pass(&gate);
        ok(&json!({ "id": format!("feat_{number}") }))
    });
    let folder = Folder::new(&api.url, CATALOG);
    folder.project(&api.url, ", timeouts: { request: 20, retry_budget: 20 }");
    let mut terminal = Terminal::start(&folder, &["apply", "--yes", "--parallel", "1"]);
    terminal.says("0 on their way · waiting ");
    terminal.says(" s for the API: POST /features/manage");
    terminal.says("3 of 3 calls to go");
    terminal.says("1 on their way · Create feature");
    open.send(()).unwrap();
    terminal.says("2 of 3 calls to go");
    open.send(()).unwrap();
    terminal.says("1 of 3 calls to go");
    open.send(()).unwrap();
    let printed = terminal.ended();
    assert!(printed.contains("Applied: 3 calls made"), "{printed}");
    assert!(!printed.contains("[1/3]"), "lines are for where nothing can be drawn\n{printed}");
    let stays = printed.rsplit("\u{1b}[2K").next().unwrap();
    assert!(stays.contains("Applied") && !stays.contains("to go"), "{stays}");
}

#[test]
fn a_long_reading_shows_itself() {
    let (open, gate) = gate();
    let api = Raw::start(move |line, _| {
        if line.starts_with("GET /features") {
            pass(&gate);
        }
        ok(&json!([]))
    });
    let folder = Folder::new(&api.url, CATALOG);
    let mut terminal = Terminal::start(&folder, &["plan"]);
    terminal.says("reading Commet: 4 requests, ");
    terminal.says(" s; 1 on their way");
    open.send(()).unwrap();
    let printed = terminal.ended();
    assert!(printed.contains("3 calls"), "{printed}");
}

#[test]
fn with_quiet_nothing_is_drawn() {
    let api = Raw::start(move |line, _| match line.starts_with("GET") {
        true => ok(&json!([])),
        false => ok(&json!({ "id": "feat_1" })),
    });
    let folder = Folder::new(&api.url, CATALOG);
    let terminal = Terminal::start(&folder, &["apply", "--yes", "-q"]);
    let printed = terminal.ended();
    assert!(printed.contains("Applied: 3 calls made") && !printed.contains("to go"), "{printed}");
}
