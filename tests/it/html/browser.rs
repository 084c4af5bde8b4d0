//! The pages in Chromium: they open quietly, load nothing, fit a phone, can be read by everybody, and their switches work.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::html::made::{Example, hostile, large, with_impact};
use crate::support::PROGRAM;

#[test]
fn the_pages_work_in_a_browser() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    assert!(
        tests.join("node_modules/playwright-core/package.json").is_file(),
        "the driver of the browser is not installed: run `tests/prepare`"
    );
    let found = Command::new(tests.join("chromium")).output().unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let chromium = String::from_utf8(found.stdout).unwrap();

    let pages = tempfile::tempdir().unwrap();
    let write = |name: &str, page: &str| fs::write(pages.path().join(format!("{name}.html")), page).unwrap();
    let (saas, usage) = (Example::saas(), Example::usage());
    write("saas", &saas.run(&["plan", "--env", "local", "--format", "html"]));
    write("saas-preview", &saas.run(&["preview", "--env", "local"]));
    write("usage", &usage.run(&["plan", "--env", "local", "--format", "html"]));
    let mut document = with_impact(saas.document());
    write("impact", &saas.of_saved(&mut document, &["show", "--format", "html"]));
    let mut document = hostile(saas.document());
    write("hostile", &saas.of_saved(&mut document, &["show", "--format", "html"]));
    write("hostile-preview", &saas.of_saved(&mut document, &["preview"]));
    let mut document = large(saas.document(), 400);
    write("large", &saas.of_saved(&mut document, &["show", "--format", "html"]));

    let number = ".panel.after .number";
    let checks = json!({
        "saas": [
            { "choose": [], "at": number, "sees": ["$59.00 +20.4 %", "$129.00", "$499.00"] },
            { "choose": ["EUR", "Yearly"], "at": number, "sees": ["€450.00", "€1,186.80", "€4,590.00"] },
            { "choose": [], "at": ".panel.before .number", "sees": ["€450.00", "€4,590.00"] },
            { "choose": [], "at": ".panel.after .extras li", "sees": ["14 days free to try", "20 % off the first period", "Converted at the exchange rate", "14 days free to try", "Offered by default"] },
            { "choose": ["Monthly", "BRL"], "at": number, "sees": ["R$199.00", "R$696.60", "R$2,694.60"] },
            { "choose": ["MXN"], "at": ".panel.after .none", "sees": ["Not sold in MXN", "Not sold in MXN"] },
            { "choose": ["USD", "Monthly"], "at": ".headlines .move", "sees": ["$49.00 → $59.00 +20.4 % per month; 1 item changes", "$129.00 per month", "now also in MXN; 1 item changes"] }
        ],
        "usage": [{ "choose": [], "at": number, "sees": ["€59.00 +20.4 %"] }]
    });
    fs::write(pages.path().join("checks.json"), checks.to_string()).unwrap();
    // Beside what was built: kept, to be looked at.
    let screenshots = Path::new(PROGRAM).parent().and_then(Path::parent).unwrap().join("screenshots");
    let run = Command::new("node")
        .arg(tests.join("check.mjs"))
        .args([Path::new(chromium.trim()), pages.path(), &screenshots])
        .output();
    let run = run.expect("node is installed");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && out.contains("7 pages looked at, 8 choices checked"), "{out}\n{err}");
}
