//! The published client, unmodified, against the sandbox.

use std::path::Path;
use std::process::Command;

use crate::support::Process;

#[test]
fn the_published_client_works_against_the_sandbox() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    assert!(
        folder.join("node_modules/@commet/node/package.json").is_file(),
        "the published client is not installed: run `tests/prepare`"
    );
    let process = Process::start(&["--api-key", "ck_sandbox_published_client"]);
    let run = Command::new("node").arg(folder.join("run.mjs")).arg(&process.base).output();
    let run = run.expect("node is installed");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && out.contains("checks passed"), "{out}\n{err}");
    assert_eq!(process.terminate(), Some(0));
}
