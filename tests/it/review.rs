//! `--format markdown`: what a reviewer reads on a pull request. It says everything, fits, and nothing in a name gets out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pricebook::changeset::Document;
use pricebook::render::markdown;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Map, Value, json};

use crate::project::{Project, everything, with};
use crate::readme::{copy, ids};
use crate::subject::{BXB, JULY11, JULY31};
use crate::support::PROGRAM;

/// The longest comment at GitHub, in characters.
const LONGEST: usize = 65_536;

fn catalog(edits: &[(&str, Value)]) -> Value {
    let catalog = json!({
        "provider": "commet",
        "price_changes": "reprice",
        "features": {
            "sso": { "name": "Single sign-on", "type": "boolean" },
            "calls": { "name": "Calls", "type": "usage" },
        },
        "plans": {
            "pro": {
                "name": "Pro", "consumption_model": "metered", "default_price": "monthly",
                "prices": { "monthly": "49.00", "yearly": "490.00" },
                "features": { "sso": true, "calls": { "included_amount": 1000, "overage": "0.01" } },
                "regions": { "brl": { "exchange_rate": "5.40" }, "eur": { "exchange_rate": "0.92", "prices": { "monthly": "45.00" } } },
            },
            "old": { "name": "Old", "prices": { "monthly": "9.00" } },
        },
        "addons": {
            "more": { "name": "More", "feature": "calls", "consumption_model": "metered", "base_price": "15.00", "included_units": 10, "overage_rate": "0.02" },
        },
    });
    with(&catalog, edits)
}

/// A bit of everything.
const EDITS: &[(&str, &str)] = &[
    ("plans.pro.prices.monthly", "\"59.00\""),
    ("plans.pro.features.sso", "null"),
    ("plans.pro.features.calls.included_amount", "5000"),
    ("plans.pro.description", "\"For teams\""),
    ("plans.pro.regions.mxn", "{\"exchange_rate\": \"18.20\"}"),
    ("plans.old", "null"),
    (
        "plans.team",
        "{\"name\": \"Team\", \"consumption_model\": \"metered\", \"default_price\": \"yearly\", \"prices\": {\"yearly\": {\"amount\": \"990.00\", \"trial_days\": 14, \"intro_offer\": {\"amount\": \"90.00\", \"cycles\": 1}}}, \"features\": {\"sso\": true, \"calls\": {\"included_amount\": 9000, \"overage\": \"0.008\"}}}",
    ),
    ("addons.more.base_price", "\"19.00\""),
    ("features.sso.name", "\"SSO\""),
];

fn edited() -> Value {
    let edits: Vec<(&str, Value)> =
        EDITS.iter().map(|(path, value)| (*path, serde_json::from_str(value).unwrap())).collect();
    catalog(&edits)
}

fn project() -> Project {
    let project = Project::with(&catalog(&[]));
    project.write(&edited());
    project
}

/// What differs from run to run, in its place.
fn steady(text: &str) -> String {
    let line = |line: &str| {
        let line = ids(line);
        match line.find("`sha256:") {
            Some(at) => format!("{}`sha256:…`", &line[..at]),
            None => line,
        }
    };
    text.lines().map(|one| line(one) + "\n").collect()
}

#[test]
fn what_a_reviewer_reads() {
    let project = project();
    let before = project.writes();
    let said = project.run(&["plan", "--format", "markdown"]).exits(0);
    let folder = project.path("").display().to_string();
    let text = steady(&said.stdout).replace(folder.trim_end_matches('/'), "DIR");
    insta::assert_snapshot!(text);
    assert_eq!(project.writes(), before);
}

/// What `plan` prints and what `show` prints are the same bytes, and so for a changeset of nothing.
#[test]
fn a_saved_changeset_reads_the_same() {
    let project = project();
    for catalog in [edited(), catalog(&[])] {
        project.write(&catalog);
        let planned = project.run(&["plan", "--format", "markdown", "--out", "saved.json"]).exits(0);
        let shown = project.run_plain(&["show", "saved.json", "--format", "markdown"]).exits(0);
        assert_eq!(planned.stdout, shown.stdout);
        assert_eq!(project.run(&["plan", "--format", "markdown"]).exits(0).stdout, shown.stdout);
    }
}

#[test]
fn the_command_at_the_end_applies_it() {
    let project = project();
    let said = project.run(&["plan", "--format", "markdown", "--only", "plans.team"]).exits(0).stdout;
    let command = said.rsplit("```sh\n").next().unwrap().lines().next().unwrap().to_owned();
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "pricebook");
    assert!(command.contains("--env test --only plans.team"), "{command}");
    project.run_plain(&[&words[1..], &["--yes"]].concat()).exits(0);
    assert_eq!(project.live_plan("team")["name"], "Team");
    assert_eq!(project.live_plan("old")["name"], "Old");
}

/// Live is said loudly, and what refuses is said with the way out of it.
#[test]
fn live_is_said_loudly() {
    let mut document = saved(&project());
    document["environment"]["mode"] = json!("live");
    let text = markdown(&serde_json::from_value(document).unwrap(), LONGEST);
    assert!(
        text.starts_with("### Pricing changes for `test` · LIVE\n\n⚠️ **Live: real customers pay these prices.**"),
        "{text}"
    );
    assert!(text.contains("  - If this is wanted: apply with `--ack PB-G05`"), "{text}");
}

/// A changeset as it is saved.
fn saved(project: &Project) -> Value {
    project.run(&["plan", "--out", "saved.json"]).exits(0);
    serde_json::from_slice(&fs::read(project.path("saved.json")).unwrap()).unwrap()
}

fn events(text: &str) -> Vec<Event<'_>> {
    Parser::new_ext(text, Options::all() - Options::ENABLE_SMART_PUNCTUATION).collect()
}

/// How the text is built, without its words.
fn built(text: &str) -> Vec<String> {
    let words = |event: &Event<'_>| matches!(event, Event::Text(_) | Event::Code(_) | Event::SoftBreak);
    events(text).iter().filter(|event| !words(event)).map(|event| format!("{event:?}")).collect()
}

/// Nothing in it is a link, an image, a formula, HTML of anybody else's, a mention, or a reference.
#[track_caller]
fn harmless(text: &str) {
    let mut in_code = false;
    for event in events(text) {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::FootnoteDefinition(_) | Tag::MetadataBlock(_))
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::HardBreak
            | Event::TaskListMarker(_) => panic!("{event:?}\n{text}"),
            Event::Html(html) => {
                let own = html.trim().is_empty()
                    || html.starts_with("</details>")
                    || html.starts_with("<details><summary>") && html.trim_end().ends_with("</summary>");
                let words = html
                    .replace("<details>", "")
                    .replace("<summary>", "")
                    .replace("</summary>", "")
                    .replace("</details>", "");
                assert!(own && !words.contains(['<', '@', '#', '&']), "{html}");
            }
            Event::Text(words) if !in_code => {
                for bad in
                    ['@', '#', '<', '>', '`', '[', ']', '~', '_', '!', '\\', '&', '^', '\u{202e}', '\u{1b}', '\u{2028}']
                {
                    assert!(!words.contains(bad), "{bad:?} in {words:?}\n{text}");
                }
                for bad in ["www.", "://", ":smile", "GH-", "\u{9}"] {
                    assert!(!words.contains(bad), "{bad:?} in {words:?}\n{text}");
                }
            }
            _ => {}
        }
    }
    // GitLab reads a line that begins so as an order.
    assert!(text.lines().all(|line| !line.trim_start().starts_with('/')), "{text}");
}

/// Names that mean something to somebody.
fn hostile() -> Vec<String> {
    let mut names: Vec<String> = [
        "`",
        "``",
        "a`b``c```d",
        "| a | b |",
        "|",
        "\\|",
        "<script>alert(1)</script>",
        "<!-- x",
        "-->",
        "</details>",
        "@team",
        "@org/team",
        "#1",
        "GH-1",
        "acme/shop#1",
        "!1",
        "[x](https://evil.example)",
        "![x](https://evil.example/x.png)",
        "https://evil.example",
        "www.evil.example",
        "me@evil.example",
        "\n# Title",
        "\n\n| a |\n| - |\n",
        "\r\n/close",
        "/close",
        "*b*",
        "_b_",
        "~~b~~",
        "**",
        "$x$",
        "$$x$$",
        "\u{1b}[31mred",
        "\u{202e}evil",
        "\u{2066}x\u{2069}",
        "&lt;",
        "&#64;team",
        ":smile:",
        "[^1]",
        "[ ] x",
        "- x",
        "1. x",
        "> x",
        "```\nx\n```",
        "\t",
        "    x",
        "\u{0}",
        "\u{2028}x",
        "\\",
        "\\`",
        "` @team `",
        "{% raw %}",
        "--- \n",
        "===",
        "0123456789abcdef0123456789abcdef01234567",
        " ",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("x".repeat(10_000));
    names.push("`".repeat(10_000));
    names.push("|".repeat(10_000));
    names.push("😀".repeat(10_000));
    names.push("\u{202e}".repeat(10_000));
    names
}

/// Puts another text where these stand, in every value and key but in words of the format.
fn replaced(value: &Value, names: &[&str], other: &str) -> Value {
    match value {
        Value::String(text) => {
            let mut text = text.clone();
            for name in names {
                text = text.replace(name, other);
            }
            Value::String(text)
        }
        Value::Array(items) => items.iter().map(|item| replaced(item, names, other)).collect(),
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, item)| (key.clone(), replaced(item, names, other))).collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}

#[test]
fn nothing_in_a_name_gets_out() {
    let mut document = saved(&project());
    // Where else text from outside stands.
    document["environment"]["name"] = json!("Name0");
    document["catalog"]["path"] = json!("Name0/catalog");
    document["catalog"]["overlay"] = json!("Name0/overlay");
    document["catalog"]["partial"] = json!("only Name0 was chosen.");
    document["catalog"]["flags"] = json!(["--env", "Name0"]);
    document["warnings"] = json!(["Name0 looks like Name0"]);
    document["unmanaged"] = json!(["plans.theirs"]);
    document["unverifiable"] = json!([{ "address": "plans.pro", "fields": ["Name0"] }]);
    document["impact"] = json!({
        "source": { "is": "file", "path": "Name0" }, "subscriptions": 1000, "subscribers": 10, "revenue":
        [{ "currency": "USD", "before": "490.00", "after": "590.00" }],
        "by_effect": [{ "effect": "now", "subscribers": 3 }],
        "changes": [{ "address": "plans.pro", "subscribers": 3 }, { "address": "plans.old", "depends_on_usage": true }],
        "assumptions": ["of Name0"],
    });
    document["changes"][0]["words"] = json!("for Name0");
    let guard = json!({ "code": "PB-G99", "message": "about Name0", "addresses": [], "acknowledgeable": true });
    document["guards"].as_array_mut().unwrap().push(guard);
    let names = ["Name0", "Pro", "Old", "Team", "Single sign-on", "SSO", "For teams", "Calls", "More"];
    let render = |other: &str| {
        let document: Document = serde_json::from_value(replaced(&document, &names, other)).unwrap();
        markdown(&document, LONGEST)
    };
    let benign = render("Plain");
    harmless(&benign);
    let wanted = built(&benign);
    for name in hostile() {
        let text = render(&name);
        harmless(&text);
        // A text without letters is no text: then its key stands there, and a description is left out.
        assert_eq!(built(&text), wanted, "{name:?}\n{text}");
        assert!(text.len() <= LONGEST);
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}') && !text.contains('\u{0}'), "{name:?}");
    }
}

/// Whom it touches and what it does to the money of a month, where that was asked for.
#[test]
fn the_impact_stands_in_it() {
    let project = project();
    let rows = "plan,interval,currency,status,count\npro,monthly,usd,active,1200\npro,yearly,usd,active,30\n";
    fs::write(project.path("subscriptions.csv"), rows).unwrap();
    let file = project.path("subscriptions.csv");
    let said = project.run(&["plan", "--format", "markdown", "--impact-file", file.to_str().unwrap()]).exits(0).stdout;
    harmless(&said);
    let impact = said.split("#### Impact\n\n").nth(1).unwrap().split("<details>").next().unwrap();
    insta::assert_snapshot!(impact);
}

/// Every catalog that the tests have: no markup of its own goes wrong, and every object that changes is named.
#[test]
fn every_kind_of_object_is_said() {
    for subject in [JULY11, JULY31, BXB] {
        let full = (subject.everything)();
        let project = subject.empty();
        project.write(&full);
        let document: Document = serde_json::from_value(saved(&project)).unwrap();
        let text = markdown(&document, LONGEST);
        harmless(&text);
        let roots: BTreeSet<&str> = document
            .changes
            .iter()
            .filter(|change| change.address.parent().is_none())
            .map(|change| change.name.as_str())
            .collect();
        for name in roots {
            assert!(text.contains(&format!("`{name}`")), "{name} is not there\n{text}");
        }
    }
}

/// Hundreds of changes and no end of text: it still fits, and says how much there is, what goes and what refuses.
#[test]
fn it_always_fits() {
    let document = saved(&project());
    let many = |count: usize, name: &str, long: &str| {
        let mut document = document.clone();
        let grown = |list: &Value| -> Value {
            let of = |number: usize| {
                list.as_array().unwrap().iter().map(move |one| {
                    let text = one.to_string();
                    let text = ["pro", "old", "team"].iter().fold(text, |text, plan| {
                        text.replace(&format!("plans.{plan}"), &format!("plans.{plan}{number}"))
                    });
                    replaced(&serde_json::from_str(&text).unwrap(), &["Pro", "Team", "Old", "For teams"], name)
                })
            };
            (0..count).flat_map(of).collect()
        };
        for list in ["changes", "calls", "guards"] {
            document[list] = grown(&document[list]);
        }
        for side in ["before", "after"] {
            document["page"][side]["plans"] = grown(&document["page"][side]["plans"]);
        }
        document["warnings"] = (0..count).map(|_| json!(long)).collect();
        document["summary"]["delete"] = json!(count * 2);
        document["summary"]["create"] = json!(count);
        serde_json::from_value::<Document>(document).unwrap()
    };
    let long = "word @team ".repeat(1000);
    let (endless, odd) = ("x".repeat(10_000), "😀`|".repeat(100));
    for (count, names) in
        [(1, &[endless.as_str()][..]), (10, &[&endless]), (40, &["Name", &odd]), (300, &["Name", &odd])]
    {
        for name in names {
            let document = many(count, name, &long);
            let text = markdown(&document, LONGEST - 200);
            assert!(text.len() <= LONGEST - 200, "{count}: {}", text.len());
            harmless(&text);
            assert!(text.contains(&format!("**{} removed, {count} added", count * 2)), "{text}");
            let removed =
                document.changes.iter().filter(|change| change.action == pricebook::diff::Action::Delete).count();
            assert!(text.contains(&format!("#### Removed ({removed})")), "{text}");
            assert!(text.contains("PB-G05") && text.contains("sha256:") && text.contains("pricebook apply"), "{text}");
            // As much as there is room for.
            assert!(count < 40 || text.len() > LONGEST / 4, "{count}: only {} are used", text.len());
        }
    }
    // However little room there is, it says the numbers and what refuses.
    let text = markdown(&many(300, "Name", &long), 2_000);
    assert!(text.len() < 2_000 && text.contains("600 removed") && text.contains("PB-G05"), "{text}");
}

/// The example's review, as a committed file: what the documentation shows.
#[test]
fn the_example_reads_as_committed() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/saas");
    let folder = tempfile::tempdir().unwrap();
    copy(&example, folder.path());
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(PROGRAM).current_dir(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let plans = folder.path().join("catalog/plans.yaml");
    let now = fs::read_to_string(&plans).unwrap();
    let edit = |edits: &[(&str, &str)]| {
        let text = edits.iter().fold(now.clone(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replace(from, to)
        });
        fs::write(&plans, text).unwrap();
    };
    // What is live has a plan more.
    let starter = "plans:\n  starter_2023:\n    name: Starter (2023)\n    prices: { monthly: 19.00 }\n    features: { projects: { included_amount: 3 } }\n\n  free:";
    edit(&[("plans:\n  free:", starter)]);
    run(&["apply", "--env", "local", "--yes"]);
    edit(&[
        ("monthly: 49.00", "monthly: 59.00"),
        ("{ included_amount: 100000, overage: 0.0008 }", "{ included_amount: 250000, overage: 0.0006 }"),
        ("      audit_log: true\n      sso: true", "      sso: true"),
        (
            "      brl: { exchange_rate: 5.40 }",
            "      brl: { exchange_rate: 5.40 }\n      mxn: { exchange_rate: 18.20 }",
        ),
        ("For a first project", "For a first project, for as long as you like"),
    ]);
    let text = steady(&run(&["plan", "--env", "local", "--format", "markdown"]));
    let golden = example.join("review.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    let committed = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(committed, text, "run `UPDATE_DOCS=1 cargo test --test it review`");
}

/// Every field that `everything` has, changed: the table of prices has each currency.
#[test]
fn prices_stand_in_every_currency() {
    let project = Project::with(&everything());
    project.write(&with(&everything(), &[("plans.bal.prices.monthly.amount", json!("31.00"))]));
    let text = project.run(&["plan", "--format", "markdown"]).exits(0).stdout;
    for row in [
        "| monthly | USD | $30.00 | $31.00 | **+$1.00 (+3.3 %)** |",
        "| monthly | BRL | R$162.00 (by the exchange rate) | R$167.40 (by the exchange rate) |",
    ] {
        assert!(text.contains(row), "{row}\n{text}");
    }
    assert!(!text.contains("| monthly | EUR |"), "set by hand, it stays\n{text}");
}
