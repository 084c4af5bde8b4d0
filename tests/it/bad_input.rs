//! Every malformed file ends in exit 3 with a position, and never in a panic.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// `validate` on these bytes: exit code and what it wrote to stderr.
fn validate(bytes: &[u8]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.yaml");
    fs::write(&path, bytes).unwrap();
    run(folder.path(), &["validate", "bad.yaml"])
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::cargo_bin("pricebook").unwrap().current_dir(folder).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Runs all cases and says of each that is not refused with this code at this place (`code line:column`), without a
/// panic and without a flood. A place may be left open: `code `.
#[track_caller]
fn refused<'a>(cases: impl IntoIterator<Item = (&'a str, &'a [u8], &'a str)>) {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in cases {
        let (code, stderr) = validate(bytes);
        let clean = !stderr.contains("panicked") && !stderr.contains("thread 'main'") && stderr.len() < 5_000;
        let printable = !stderr.contains(|char: char| char.is_control() && char != '\n');
        let (finding, place) = expected.split_once(' ').unwrap();
        let (head, place) = (format!("error[{finding}]: "), format!("bad.yaml:{place}"));
        let place = if place.ends_with(':') { place } else { place + "\n" };
        let found = stderr.split("\n\n").any(|block| block.contains(&head) && block.contains(&place));
        if code != Some(3) || !clean || !printable || !found {
            wrong.push(format!("{name}: expected {expected}, got {code:?}\n{stderr:.600}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const HEAD: &str =
    "provider: commet\nfeatures:\n  api: { name: API, type: usage }\n  sso: { name: SSO, type: boolean }\n";

#[test]
fn malformed_files() {
    let deep_flow = "[".repeat(20_000);
    let deep_map = format!("{}x", "{a: ".repeat(20_000));
    let deep_block = (0..20_000).fold(String::new(), |out, _| out + "- ") + "x";
    let deep_lines = (0..200).map(|at| format!("{}k:\n", " ".repeat(at))).collect::<String>();
    let huge = format!("provider: commet\nplans: {{ {} }}\n", "x".repeat(1_000_000));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let one = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![one; 10].join(", "));
    }
    let chain = (1..80).fold("a0: &a0 x\n".to_owned(), |out, at| out + &format!("a{at}: &a{at} [*a{}]\n", at - 1));
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty", b"", "PB-E004 1:1"),
        ("blank", b"\n \n\n", "PB-E004 1:1"),
        ("comments only", b"# nothing\n# here\n", "PB-E004 1:1"),
        ("document marker only", b"---\n", "PB-E004 1:1"),
        ("null", b"null\n", "PB-E004 1:1"),
        ("only a byte order mark", b"\xef\xbb\xbf", "PB-E004 1:1"),
        ("invalid UTF-8", b"provider: commet\nplans: \xff\xfe\n", "PB-E003 2:8"),
        ("latin-1", b"provider: commet\nfeatures: { a: { name: caf\xe9, type: boolean } }\n", "PB-E003 2:27"),
        ("truncated UTF-8", b"provider: comm\xc3", "PB-E003 1:15"),
        ("UTF-16", b"\xff\xfep\0r\0o\0", "PB-E003 1:1"),
        ("binary", b"\x7fELF\x02\x01\x01\0\0\0\0\0", "PB-E006 1:1"),
        ("NUL", b"provider: commet\nplans: \0\n", "PB-E006 2:8"),
        ("NUL after the end", b"provider: commet\n\0", "PB-E006 2:1"),
        ("escape character", b"provider: \x1b[31mcommet\n", "PB-E006 1:11"),
        ("text", b"hello\n", "PB-E014 1:1"),
        ("number", b"42\n", "PB-E014 1:1"),
        ("list", b"- provider: commet\n", "PB-E014 1:1"),
        ("JSON list", b"[1, 2]\n", "PB-E014 1:1"),
        ("tab indentation", b"provider: commet\nplans:\n\tpro:\n", "PB-E011 3:1"),
        ("tab after spaces", b"provider: commet\nplans:\n  pro:\n  \tname: x\n", "PB-E011 4:3"),
        ("unclosed quote", b"provider: \"commet\n", "PB-E010 1:11"),
        ("unclosed bracket", b"provider: commet\nplans: { pro: { name: x }\n", "PB-E010 2:25"),
        ("unopened bracket", b"provider: commet\nplans: ]\n", "PB-E010 2:8"),
        ("two colons", b"provider: commet\na: b: c\n", "PB-E010 2:5"),
        ("reserved indicator", b"provider: @commet\n", "PB-E010 1:11"),
        ("bad escape", b"provider: \"\\q\"\n", "PB-E010 1:11"),
        ("bad indentation", b"provider: commet\nplans:\n    pro:\n      name: x\n   y: 1\n", "PB-E010 5:4"),
        ("a list in a map", b"provider: commet\nplans:\n  pro:\n  - x\n  y: 1\n", "PB-E103 4:5"),
        ("missing colon", b"provider: commet\nplans\n", "PB-E010 2:5"),
        ("directive", b"%YAML 9.9\n%YAML 1.2\n---\nprovider: commet\n", "PB-E010 2:1"),
        ("several documents", b"provider: commet\n---\nplans: {}\n", "PB-E013 2:1"),
        ("after the end marker", b"provider: commet\n...\nplans: {}\n", "PB-E013 3:1"),
        ("duplicate top-level key", b"provider: commet\nplans: {}\nplans: {}\n", "PB-E012 3:1"),
        ("duplicate plan", b"provider: commet\nplans:\n  p: { name: A }\n  p: { name: B }\n", "PB-E012 4:3"),
        ("duplicate field", b"provider: commet\nplans:\n  p: { name: A, name: B }\n", "PB-E012 3:17"),
        ("duplicate key in quotes", b"provider: commet\nplans:\n  p: { name: A, \"name\": B }\n", "PB-E012 3:17"),
        ("list as key", b"provider: commet\n? [a]\n: b\n", "PB-E015 2:3"),
        ("map as key", b"provider: commet\n{a: b}: c\n", "PB-E015 2:1"),
        ("no key", b"provider: commet\n: c\n", "PB-E015 2:1"),
        ("empty key", b"provider: commet\nplans: { \"\": { name: x } }\n", "PB-E015 2:10"),
        ("custom tag", b"provider: !vendor commet\n", "PB-E016 1:11"),
        ("python tag", b"provider: commet\nplans: !!python/object {}\n", "PB-E016 2:8"),
        ("unknown anchor", b"provider: commet\nplans: *nope\n", "PB-E017 2:8"),
        ("alias in its own anchor", b"provider: commet\nplans: &a { x: *a }\n", "PB-E017 2:16"),
        ("alias bomb", bomb.as_bytes(), "PB-E018 6:20"),
        ("chain of aliases", chain.as_bytes(), "PB-E019 65:12"),
        ("deep lists", deep_flow.as_bytes(), "PB-E019 1:256"),
        ("deep maps", deep_map.as_bytes(), "PB-E019 1:1021"),
        ("deep block lists", deep_block.as_bytes(), "PB-E019 1:129"),
        ("deep block maps", deep_lines.as_bytes(), "PB-E019 65:65"),
        ("bad merge", b"provider: commet\nplans:\n  p:\n    <<: 3\n    name: x\n", "PB-E020 4:9"),
        ("huge line", huge.as_bytes(), "PB-E103 2:"),
        ("no provider", b"plans: {}\n", "PB-E030 1:1"),
        ("empty provider", b"provider:\n", "PB-E031 1:1"),
        ("unknown provider", b"provider: comet\n", "PB-E031 1:11"),
        ("provider as a list", b"provider: [commet]\n", "PB-E031 1:1"),
        ("CRLF", b"provider: commet\r\nplans:\r\n  p: { nam: A }\r\n", "PB-E101 3:8"),
        (
            "CRLF and multibyte",
            "provider: commet\r\nplans:\r\n  p: { name: \"ü→😀\", x: 1 }\r\n".as_bytes(),
            "PB-E101 3:21",
        ),
        ("byte order mark", b"\xef\xbb\xbfprovider: comet\n", "PB-E031 1:11"),
    ];
    refused(cases.iter().copied());
    assert!(cases.len() >= 55, "{}", cases.len());
}

#[test]
fn wrong_shapes() {
    let cases = [
        ("plans: []", "PB-E103 5:8"),
        ("plans: 3", "PB-E103 5:8"),
        ("plan: {}", "PB-E101 5:1"),
        ("plans: { pro: }", "PB-E103 5:10"),
        ("plans: { pro: Pro }", "PB-E103 5:15"),
        ("plans: { pro: {} }", "PB-E102 5:10"),
        ("plans: { pro: { name: } }", "PB-E103 5:17"),
        ("plans: { pro: { name: [x] } }", "PB-E103 5:23"),
        ("plans: { pro: { name: x, public: yes } }", "PB-E103 5:34"),
        ("plans: { pro: { name: x, public: \"true\" } }", "PB-E103 5:34"),
        ("plans: { pro: { name: x, free: 1 } }", "PB-E103 5:32"),
        ("plans: { pro: { name: x, prices: [49] } }", "PB-E103 5:34"),
        ("plans: { pro: { name: x, prices: { mnthly: 49 } } }", "PB-E104 5:36"),
        ("plans: { pro: { name: x, prices: { monthly: { trial_days: 3 } } } }", "PB-E102 5:36"),
        ("plans: { pro: { name: x, prices: { monthly: { amount: 1, trial_days: \"3\" } } } }", "PB-E103 5:70"),
        ("plans: { pro: { name: x, consumption_model: meterd } }", "PB-E104 5:45"),
        ("plans: { pro: { name: x, features: { sso: yes } } }", "PB-E103 5:43"),
        ("plans: { pro: { name: x, features: { sso: [true] } } }", "PB-E103 5:43"),
        ("plans: { pro: { name: x, features: { ssso: true } } }", "PB-E304 5:38"),
        ("plans: { pro: { name: x, metadata: { a: .nan } } }", "PB-E105 5:41"),
        ("plans: { pro: { name: x, ignore: description } }", "PB-E103 5:34"),
        ("groups: { g: { name: G, plans: { pro: 1 } } }", "PB-E103 5:32"),
        ("groups: { g: { name: G, plans: [[pro]] } }", "PB-E103 5:33"),
        ("groups: { g: { name: G, plans: [nope] } }", "PB-E304 5:33"),
        ("addons: { a: { name: A, feature: nope, consumption_model: boolean, base_price: 1 } }", "PB-E304 5:34"),
        ("absent: { planes: [x] }", "PB-E101 5:11"),
        ("price_changes: grandfathered", "PB-E104 5:16"),
    ];
    let texts = cases.map(|(body, _)| format!("{HEAD}{body}\n"));
    refused(cases.iter().zip(&texts).map(|((body, expected), text)| (*body, text.as_bytes(), *expected)));
}

#[test]
fn bad_numbers() {
    let money = [
        "1e1",
        "$49",
        "49 USD",
        "1_000",
        "\"1,000\"",
        "0x31",
        "0o61",
        "-1",
        "+1",
        "NaN",
        ".nan",
        ".inf",
        "-.inf",
        "49.001",
        "49.",
        ".5",
        "\"\"",
        "12:30",
        "true",
        "49€",
        "9007199254740993",
        "١٢",
        "1'000",
        "1e400",
        "2026-01-01",
    ];
    for money in money {
        let (code, stderr) =
            validate(format!("{HEAD}plans: {{ pro: {{ name: x, prices: {{ monthly: {money} }} }} }}\n").as_bytes());
        assert!(code == Some(3) && stderr.contains(":5:45\n") && !stderr.contains("panicked"), "{money}: {stderr}");
    }
    let counts = [
        "1_000",
        "0x10",
        "1e3",
        "12.0",
        "-1",
        "+1",
        "\"12\"",
        "007",
        "99999999999999999999",
        "many",
        "3d",
        "~",
        "true",
    ];
    for count in counts {
        let text = format!(
            "{HEAD}plans: {{ pro: {{ name: x, prices: {{ monthly: {{ amount: 1, trial_days: {count} }} }} }} }}\n"
        );
        let (code, stderr) = validate(text.as_bytes());
        assert!(code == Some(3) && stderr.contains(":5:70\n") && !stderr.contains("panicked"), "{count}: {stderr}");
    }
    for percent in ["20", "20.001%", "101%", "%", "-5%", "1e1%", "20 %", "20%%"] {
        let text = format!(
            "{HEAD}plans: {{ pro: {{ name: x, prices: {{ monthly: {{ amount: 1, intro_offer: {{ cycles: 1, percentage: \"{percent}\" }} }} }} }} }}\n"
        );
        let (code, stderr) = validate(text.as_bytes());
        assert!(code == Some(3) && stderr.contains(":5:96\n") && !stderr.contains("panicked"), "{percent}: {stderr}");
    }
    let yen = format!(
        "{HEAD}plans: {{ pro: {{ name: x, prices: {{ monthly: 1 }}, regions: {{ jpy: {{ exchange_rate: 150, prices: {{ monthly: 1.5 }} }} }} }} }}\n"
    );
    refused([("yen", yen.as_bytes(), "PB-E316 5:107")]);
}

#[test]
fn paths_and_arguments() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::create_dir_all(folder.path().join("hidden/.git")).unwrap();
    fs::write(folder.path().join("hidden/.git/x.yaml"), "provider: commet\n").unwrap();
    fs::write(folder.path().join("hidden/notes.txt"), "provider: commet\n").unwrap();
    fs::create_dir_all(folder.path().join("odd/plans.yaml")).unwrap();
    for (arguments, expected) in [
        (&["validate", "missing.yaml"][..], "missing.yaml"),
        (&["validate", "missing/"], "missing/"),
        (&["validate", "empty"], "empty"),
        (&["validate", "hidden"], "hidden"),
        (&["validate", "odd"], "odd"),
        (&["validate", "-C", "empty"], "pricebook.yaml"),
        (&["validate"], "pricebook.yaml"),
        (&["validate", "a", "--catalog", "b"], "--catalog"),
        (&["validate", "--format", "xml"], "xml"),
        (&["validate", "--nope"], "--nope"),
        (&["nope"], "nope"),
        (&[], "Usage"),
    ] {
        let (code, stderr) = run(folder.path(), arguments);
        assert_eq!(code, Some(3), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected) && !stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
    for arguments in [["--help"], ["--version"]] {
        assert_eq!(run(folder.path(), &arguments).0, Some(0));
    }
}

#[test]
fn a_good_project_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("shop/catalog/.hidden")).unwrap();
    fs::write(folder.path().join("shop/pricebook.yaml"), include_str!("../fixtures/pricebook.yaml")).unwrap();
    fs::write(folder.path().join("shop/catalog/all.yml"), include_str!("../fixtures/commet.yaml")).unwrap();
    fs::write(folder.path().join("shop/catalog/.hidden/x.yaml"), "nonsense: [").unwrap();
    for arguments in [&["validate", "-C", "shop"][..], &["validate", "shop/catalog/"]] {
        let output =
            Command::cargo_bin("pricebook").unwrap().current_dir(folder.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "shop/catalog/ is valid: 4 features, 1 plan group, 3 plans, 1 add-on\n"
        );
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn everything_is_said_at_once() {
    let text = format!(
        "{HEAD}plans:\n  a: {{ name: A, prices: {{ monthly: $1 }}, nope: 1 }}\n  b: {{ nmae: B, public: no }}\n  c: {{ name: C, features: {{ zzz: true }} }}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), text).unwrap();
    let output = Command::cargo_bin("pricebook")
        .unwrap()
        .current_dir(folder.path())
        .args(["validate", "--format", "json", "c.yaml"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {}:{}", finding["code"].as_str().unwrap(), finding["line"], finding["column"]))
        .collect();
    assert_eq!(found, ["PB-E105 6:36", "PB-E101 6:42", "PB-E101 7:8", "PB-E103 7:25", "PB-E304 8:29"]);
    assert_eq!(report["errors"], 5);
    assert_eq!(report["findings"][2]["suggestion"], "name");
}

#[test]
fn very_many_mistakes_end_soon() {
    let fields = (0..30_000).map(|at| format!("k{at}: 1\n")).collect::<String>();
    let twice = "provider: commet\nplans:\n".to_owned() + &"  p: { name: P }\n".repeat(30_000);
    for text in [format!("provider: commet\n{fields}"), twice] {
        let (code, stderr) = validate(text.as_bytes());
        assert!(code == Some(3) && stderr.contains("more findings") && stderr.len() < 400_000, "{}", stderr.len());
    }
}
