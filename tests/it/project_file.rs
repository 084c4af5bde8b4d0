//! pricebook.yaml: what it may say, and what it may not.

use std::fs;

use pricebook::load::project::{self, ApiKey, Ledger, Mode, Url};

const PROVIDERS: &[&str] = &["commet", "bxb"];

fn read(text: &str) -> (Option<project::Project>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pricebook.yaml");
    fs::write(&path, text).unwrap();
    let loaded = project::read(&path, PROVIDERS);
    let places = loaded.sink.into_findings().into_iter().map(|finding| {
        let at = finding.location.unwrap();
        format!("{} {}:{}", finding.code, at.line, at.column)
    });
    (loaded.project, places.collect::<Vec<_>>().join(", "))
}

#[test]
fn the_designs_example() {
    let (project, findings) = read(include_str!("../fixtures/pricebook.yaml"));
    assert_eq!(findings, "");
    let project = project.unwrap();
    assert_eq!(project.catalog, "catalog/");
    assert_eq!(project.ledger, Ledger::Git);
    assert_eq!(project.guards.max_price_increase.unwrap().decimal().to_string(), "25");
    let live = project.environment("live", None).unwrap();
    assert_eq!(live.mode, Some(Mode::Live));
    assert_eq!(live.api_key, Some(ApiKey::Env("COMMET_LIVE_KEY".into())));
    assert_eq!(live.api_version.as_deref(), Some("2026-07-11"));
    assert_eq!(project.environment("local", None).unwrap().url, Url::Sandbox(".pricebook/local".into()));
    let finding = project.environment("lvie", None).unwrap_err();
    assert_eq!(finding.suggestion.as_deref(), Some("live"));
    assert_eq!(finding.help, ["the environments are `live`, `local` and `sandbox`"]);
}

#[test]
fn what_is_wrong_is_found_where_it_is() {
    let environment = |fields: &str| format!("environments:\n  live: {{ {fields} }}\n");
    for (text, expected) in [
        (String::new(), "PB-E004 1:1"),
        ("catlog: x\n".into(), "PB-E101 1:1"),
        ("catalog: [x]\n".into(), "PB-E103 1:10"),
        ("catalog: \"\"\n".into(), "PB-E206 1:10"),
        ("ledger: postgres\n".into(), "PB-E205 1:9"),
        ("ledger: s3://\n".into(), "PB-E205 1:9"),
        ("guards: { max_price_increase: 25 }\n".into(), "PB-E105 1:31"),
        ("guards: { max_increase: 25% }\n".into(), "PB-E101 1:11"),
        (environment("provider: commet"), "PB-E102 2:3"),
        (environment("url: https://x.dev"), "PB-E102 2:3"),
        (environment("provider: comet, url: https://x.dev"), "PB-E031 2:21"),
        (environment("provider: commet, url: x.dev"), "PB-E202 2:34"),
        (environment("provider: commet, url: http://x.dev"), "PB-E203 2:34"),
        (environment("provider: commet, url: \"sandbox:\""), "PB-E202 2:34"),
        (environment("provider: commet, url: \"sandbox:x\", mode: live"), "PB-E206 2:53"),
        (environment("provider: commet, url: https://x.dev, mode: prod"), "PB-E104 2:55"),
        (environment("provider: commet, url: https://x.dev, api_key: ck_live_secret"), "PB-E204 2:58"),
        (environment("provider: commet, url: https://x.dev, api_key: { env: ck_live_secret }"), "PB-E204 2:65"),
        (environment("provider: commet, url: https://x.dev, api_key: { env: A, file: b }"), "PB-E206 2:58"),
        (environment("provider: commet, url: https://x.dev, api_key: { evn: A }"), "PB-E206 2:58, PB-E101 2:60"),
        (environment("provider: commet, url: https://x.dev, timeouts: { request: 0 }"), "PB-E206 2:49"),
    ] {
        let (project, findings) = read(&text);
        assert!(project.is_none(), "{text}");
        assert_eq!(findings, expected, "{text}");
    }
}

#[test]
fn a_secret_is_never_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pricebook.yaml");
    fs::write(&path, "environments:\n  live: { provider: commet, url: https://x.dev, api_key: ck_live_secret }\n")
        .unwrap();
    let findings = project::read(&path, PROVIDERS).sink.into_findings();
    assert!(!pricebook::diagnostic::json(&findings).to_string().contains("ck_live"), "{findings:?}");
    assert!(!pricebook::diagnostic::human(&findings, false).contains("ck_live"), "{findings:?}");
}
