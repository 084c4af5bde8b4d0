//! Every malformed file ends in exit 3 with a position, and never in a panic.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use pricebook::provider::bxb::catalog::ChargeModel;

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
pub(crate) fn refused<'a>(cases: impl IntoIterator<Item = (&'a str, &'a [u8], &'a str)>) {
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

const BXB_HEAD: &str = "provider: bxb\n\
    taxes: { vat: { name: VAT, rate: 21% } }\n\
    billable_metrics: { calls: { name: Calls, aggregation_type: count, filters: { region: [eu, us] } } }\n\
    features: { sso: { name: SSO, feature_type: boolean }, seats: { name: Seats, feature_type: quantity } }\n";

#[test]
fn wrong_shapes_of_bxb() {
    let cases = [
        ("plans: []", "PB-E103 5:8"),
        ("plan: {}", "PB-E101 5:1"),
        ("plans: { p: }", "PB-E103 5:10"),
        ("plans: { p: {} }", "PB-E102 5:10"),
        ("plans: { p: { name: P } }", "PB-E102 5:10"),
        ("plans: { p: { name: P, interval: monthlyy } }", "PB-E104 5:34"),
        ("plans: { p: { name: P, interval: monthly, amount: $49 } }", "PB-E105 5:51"),
        ("plans: { p: { name: P, interval: monthly, amount: 1.001 } }", "PB-E316 5:51"),
        ("plans: { p: { name: P, interval: monthly, amount: 1.5, currency: JPY } }", "PB-E316 5:51"),
        ("plans: { p: { name: P, interval: monthly, currency: usd } }", "PB-E318 5:53"),
        ("plans: { p: { name: P, interval: monthly, currency: XQX } }", "PB-E318 5:53"),
        ("plans: { p: { name: P, interval: monthly, trial_period_days: -1 } }", "PB-E105 5:62"),
        ("plans: { p: { name: P, interval: monthly, taxes: [vta] } }", "PB-E304 5:51"),
        ("plans: { p: { name: P, interval: monthly, taxes: [vat, vat] } }", "PB-E405 5:56"),
        ("plans: { p: { name: P, interval: monthly, taxes: vat } }", "PB-E103 5:50"),
        ("plans: { p: { name: \"\", interval: monthly } }", "PB-E302 5:21"),
        ("plans: { \"p/q\": { name: P, interval: monthly } }", "PB-E301 5:10"),
        ("plans: { p: { name: P, interval: monthly, charges: [c] } }", "PB-E103 5:52"),
        ("plans: { p: { name: P, interval: monthly, charges: { c: { charge_model: dynamic } } } }", "PB-E102 5:54"),
        (
            "plans: { p: { name: P, interval: monthly, charges: { c: { billable_metric: cals, charge_model: dynamic } } } }",
            "PB-E304 5:76",
        ),
        ("plans: { p: { name: P, interval: monthly, entitlements: { sos: true } } }", "PB-E304 5:59"),
        ("plans: { p: { name: P, interval: monthly, entitlements: { seats: many } } }", "PB-E407 5:66"),
        ("plans: { p: { name: P, interval: monthly, commitments: { amount: 1 } } }", "PB-E103 5:56"),
        ("plans: { p: { name: P, interval: monthly, commitments: [{ amount: -1 }] } }", "PB-E105 5:67"),
        (
            "plans: { p: { name: P, interval: monthly, usage_thresholds: [{ amount: 1 }, { amount: \"1.00\" }] } }",
            "PB-E405 5:77",
        ),
        ("plans: { p: { name: P, interval: monthly, usage_thresholds: [{ recurring: true }] } }", "PB-E102 5:62"),
        ("plans: { p: { name: P, interval: monthly, ignore: [amuont] } }", "PB-E321 5:52"),
        ("add_ons: { a: { name: A } }", "PB-E102 5:12"),
        ("add_ons: { a: { name: A, amount: free } }", "PB-E105 5:34"),
        ("coupons: { c: { name: C, coupon_type: percentage, frequency: once } }", "PB-E406 5:12"),
        ("coupons: { c: { name: C, coupon_type: percentage, rate: 120%, frequency: once } }", "PB-E406 5:57"),
        (
            "coupons: { c: { name: C, coupon_type: fixed_amount, amount: 1, rate: 1%, frequency: once } }",
            "PB-E406 5:70",
        ),
        ("coupons: { c: { name: C, coupon_type: percentage, rate: 1%, frequency: recurring } }", "PB-E406 5:12"),
        (
            "coupons: { c: { name: C, coupon_type: percentage, rate: 1%, frequency: once, expiration_at: tomorrow } }",
            "PB-E408 5:93",
        ),
        ("absent: { plan: [x] }", "PB-E101 5:11"),
        ("absent: { taxes: [vat] }", "PB-E322 5:19"),
        ("absent: { features: \"\" }", "PB-E103 5:21"),
        ("price_changes: never", "PB-E104 5:16"),
    ];
    let texts = cases.map(|(body, _)| format!("{BXB_HEAD}{body}\n"));
    refused(cases.iter().zip(&texts).map(|((body, expected), text)| (*body, text.as_bytes(), *expected)));
}

#[test]
fn wrong_taxes_metrics_and_features_of_bxb() {
    let cases = [
        ("taxes: { t: { name: T, rate: 21 } }", "PB-E105 2:30"),
        ("taxes: { t: { name: T, rate: 5.555% } }", "PB-E316 2:30"),
        ("billable_metrics: { m: { name: M, aggregation_type: sum } }", "PB-E404 2:21"),
        ("billable_metrics: { m: { name: M, aggregation_type: custom } }", "PB-E404 2:21"),
        ("billable_metrics: { m: { name: M, aggregation_type: custom, expression: a ^ b } }", "PB-E404 2:73"),
        ("billable_metrics: { m: { name: M, aggregation_type: sum, field_name: x, recurring: true } }", "PB-E404 2:84"),
        ("billable_metrics: { m: { name: M, aggregation_type: count, rounding_precision: 2 } }", "PB-E404 2:80"),
        (
            "billable_metrics: { m: { name: M, aggregation_type: count, rounding_function: ceil, rounding_precision: 16 } }",
            "PB-E317 2:105",
        ),
        ("billable_metrics: { m: { name: M, aggregation_type: count, filters: { k: [a, a] } } }", "PB-E405 2:78"),
        ("billable_metrics: { m: { name: M, aggregation_type: count, filters: { k: a } } }", "PB-E103 2:74"),
        ("features: { f: { name: F, feature_type: bool } }", "PB-E104 2:41"),
    ];
    let texts = cases.map(|(body, _)| format!("provider: bxb\n{body}\n"));
    refused(cases.iter().zip(&texts).map(|((body, expected), text)| (*body, text.as_bytes(), *expected)));
}

/// The server validates none of it, and a bad value breaks billing for every subscriber of the plan: every model is
/// held to its own properties here.
#[test]
fn wrong_charges_of_bxb() {
    let cases = [
        ("tiered", "PB-E104 5:97"),
        ("standard", "PB-E401 5:54"),
        ("standard, amount: 1, ranges: []", "PB-E401 5:118"),
        ("standard, amount: 1e3", "PB-E105 5:115"),
        ("standard, amount: 1, min_price: 3, max_price: 2", "PB-E401 5:129"),
        ("graduated", "PB-E401 5:54"),
        ("graduated, ranges: []", "PB-E402 5:108"),
        ("graduated, ranges: [{ up_to: 10, per_unit: 1 }]", "PB-E402 5:126"),
        ("graduated, ranges: [{ per_unit: 1 }, { per_unit: 2 }]", "PB-E402 5:117"),
        (
            "graduated, ranges: [{ up_to: 10, per_unit: 1 }, { up_to: 5, per_unit: 1 }, { per_unit: 2 }]",
            "PB-E402 5:154",
        ),
        ("volume, ranges: [{ rate: 1% }]", "PB-E402 5:122"),
        ("volume, ranges: [{}]", "PB-E402 5:114"),
        ("volume, amount: 1, ranges: [{ per_unit: 1 }]", "PB-E401 5:113"),
        ("package, amount: 1, package_size: 0", "PB-E401 5:131"),
        ("package, package_size: 10", "PB-E401 5:54"),
        ("package, amount: 1, package_size: 1.5", "PB-E105 5:131"),
        ("percentage", "PB-E401 5:54"),
        ("percentage, rate: 2.9, base_amount: 1", "PB-E105 5:115"),
        ("graduated_percentage, ranges: [{ per_unit: 1 }]", "PB-E402 5:140"),
        ("graduated_percentage, ranges: { rate: 1% }", "PB-E103 5:127"),
        ("custom", "PB-E401 5:54"),
        ("custom, unit_price: NaN", "PB-E105 5:117"),
        ("custom, unit_price: 1, amount: 1", "PB-E401 5:128"),
        ("dynamic, price_field: \"\"", "PB-E302 5:119"),
        ("dynamic, amount: 1", "PB-E401 5:114"),
        ("dynamic, filters: { regoin: { eu: {} } }", "PB-E403 5:117"),
        ("dynamic, filters: { region: { de: {} } }", "PB-E403 5:127"),
        ("dynamic, filters: { region: {} }", "PB-E403 5:117"),
        ("dynamic, filters: { region: [eu] }", "PB-E103 5:125"),
        ("standard, amount: 1, filters: { region: { eu: { rate: 1% } } }", "PB-E401 5:151"),
    ];
    let text = |body: &str| {
        format!(
            "{BXB_HEAD}plans: {{ p: {{ name: P, interval: monthly, charges: {{ c: {{ billable_metric: calls, charge_model: {body} }} }} }} }}\n"
        )
    };
    let texts = cases.map(|(body, _)| text(body));
    refused(cases.iter().zip(&texts).map(|((body, expected), text)| (*body, text.as_bytes(), *expected)));
    for model in ChargeModel::ALL {
        let held = |(body, _): &(&str, &str)| body.split([',', ' ']).next() == Some(model.word());
        assert!(cases.iter().filter(|case| held(case)).count() >= 2, "{}", model.word());
    }
}

/// The same amounts are no amounts on every field that holds one.
#[test]
fn bad_numbers_of_bxb() {
    let wrong =
        ["1e1", "$49", "49 USD", "1_000", "\"1,000\"", "0x31", "-1", "+1", "NaN", ".inf", "49.", ".5", "\"\"", "true"];
    let mut cases = Vec::new();
    for number in wrong {
        for (body, at) in [
            ("plans: { p: { name: P, interval: monthly, amount: # } }", 51),
            ("plans: { p: { name: P, interval: monthly, commitments: [{ amount: # }] } }", 67),
            ("plans: { p: { name: P, interval: monthly, usage_thresholds: [{ amount: # }] } }", 72),
            ("add_ons: { a: { name: A, amount: # } }", 34),
        ] {
            let text = format!("{BXB_HEAD}{}\n", body.replace('#', number));
            cases.push((format!("{number} in {body}"), text, format!("PB-E105 5:{at}")));
        }
    }
    refused(cases.iter().map(|(name, text, expected)| (name.as_str(), text.as_bytes(), expected.as_str())));
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
    fs::create_dir(folder.path().join("shop/overlays")).unwrap();
    fs::write(folder.path().join("shop/overlays/live.yaml"), "plans: { scale: { name: Scale up } }").unwrap();
    let live = "; also with the overlay of live";
    for (arguments, more) in [(&["validate", "-C", "shop"][..], live), (&["validate", "shop/catalog/"], "")] {
        let output =
            Command::cargo_bin("pricebook").unwrap().current_dir(folder.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("shop/catalog/ is valid: 4 features, 1 plan group, 3 plans, 1 add-on{more}\n")
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
