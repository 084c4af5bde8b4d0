//! The pages as bytes and as text.

use std::fs;

use crate::html::made::{Example, HOSTILE, hostile, large};
use crate::small::{BXB, COMMET, bxb, commet, edited};

#[test]
fn one_changeset_is_one_page() {
    let saas = Example::saas();
    let first = saas.run(&["plan", "--env", "local", "--format", "html"]);
    assert!(first.starts_with("<!doctype html>") && first.ends_with("</html>\n"));
    let again = saas.run(&["plan", "--env", "local", "--format", "html", "--out", "saved.json"]);
    assert!(first == again, "not the same bytes twice");
    assert!(first == saas.run(&["show", "saved.json", "--format", "html"]), "show prints something else");
}

#[test]
fn a_preview_is_the_whole_page_and_that_of_a_file_what_changes() {
    let project = commet();
    project.write_text(&edited(COMMET, &[("monthly: 49.00", "monthly: 59.00")]));
    let out = project.path("page.html");
    let wrote = project.run(&["preview", "--out", out.to_str().unwrap()]).exits(0);
    assert!(wrote.stdout.is_empty() && wrote.stderr.contains("page.html: open it in a browser"), "{}", wrote.stderr);
    let page = fs::read_to_string(&out).unwrap();
    assert!(page == project.run(&["preview"]).exits(0).stdout);
    for name in ["Pro", "Team", "More calls"] {
        assert!(page.contains(&format!("<h4><bdi>{name}</bdi></h4>")), "{name}");
    }
    let saved = project.path("saved.json");
    project.run(&["plan", "--out", saved.to_str().unwrap()]).exits(0);
    let part = project.run(&["preview", saved.to_str().unwrap()]).exits(0).stdout;
    assert!(part.contains("<h4><bdi>Team</bdi></h4>") && !part.contains("More calls"));
    assert!(part.contains("Only the plans that change"));
    // Nothing was sent, and what was tampered with is not shown.
    project.run(&["plan", "--detailed-exitcode"]).exits(2);
    let tampered = fs::read_to_string(&saved).unwrap().replace("59.00", "9.00");
    fs::write(&saved, tampered).unwrap();
    let refused = project.run(&["preview", saved.to_str().unwrap()]).exits(3);
    assert!(refused.stdout.is_empty() && refused.stderr.contains("digest"), "{}", refused.stderr);
}

#[test]
fn a_page_of_nothing() {
    let project = commet();
    let page = text(&project.run(&["plan", "--format", "html"]).exits(0).stdout);
    assert!(page.contains("Nothing to do: test is as it should be."), "{page}");
    let page = text(&project.run(&["preview"]).exits(0).stdout);
    assert!(page.contains("Nothing changes"), "{page}");
    let empty = crate::project::Project::new();
    empty.write_text("provider: commet\n");
    assert!(text(&empty.run(&["preview"]).exits(0).stdout).contains("There are no plans"));
}

#[test]
fn what_commet_shows() {
    let project = commet();
    let catalog = edited(
        COMMET,
        &[
            ("    name: Pro\n", "    name: Pro\n    default_price: monthly\n"),
            (
                "monthly: 49.00 }",
                "monthly: 59.00, yearly: { amount: 590.00, trial_days: 14, intro_offer: { percentage: 20%, cycles: 2 } } }",
            ),
            ("included_amount: 1000, overage: 0.002", "included_amount: 2000, overage: 0.0015"),
            ("    features: { sso: true }\n", "    public: false\n"),
            ("base_price: 15.00", "base_price: 12.00"),
        ],
    );
    project.write_text(&catalog);
    insta::assert_snapshot!(page(&project));
}

#[test]
fn what_bxb_shows() {
    let project = bxb();
    let charges = "      calls: { billable_metric: calls, charge_model: graduated, ranges: [{ up_to: 1000, per_unit: 0 }, { per_unit: 0.002, flat: 5.00 }] }\n    commitments: [{ amount: 100.00 }]\n";
    let catalog = edited(
        BXB,
        &[
            ("      calls: { billable_metric: calls, charge_model: standard, amount: 0.002 }\n", charges),
            (
                "  team: { name: Team, interval: monthly, amount: 99.00, currency: EUR }\n",
                "  team: { name: Crew, interval: monthly, amount: 89.00, currency: EUR }\n",
            ),
            ("amount: 250.00", "amount: 200.00"),
        ],
    );
    project.write_text(&catalog);
    insta::assert_snapshot!(page(&project));
}

#[test]
fn hostile_text_stays_text() {
    let saas = Example::saas();
    let mut document = hostile(saas.document());
    for arguments in [&["show", "--format", "html"][..], &["preview"]] {
        let page = saas.of_saved(&mut document, arguments);
        let (head, body) = page.split_once("</head>").unwrap();
        for words in ["<script", "<img", "onerror=alert(2)>", "' onmouse", "</style><"] {
            assert!(!body.contains(words) && !head.split("<style>").next().unwrap().contains(words), "{words}");
        }
        assert_eq!(page.matches("</style>").count(), 1);
        let unseen = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{200f}' | '\u{202e}' | '\u{2066}');
        assert!(!page.contains(unseen), "{:?}", page.chars().find(|c| unseen(*c)));
        assert!(page.contains("\\u{202e}cod.exe"), "what acts unseen is shown");
        assert!(page.contains(HOSTILE[8]), "other scripts stay");
        assert!(!page.contains(&"A".repeat(1001)) && page.len() < 400_000, "{} bytes", page.len());
    }
}

#[test]
fn many_plans_stay_one_file_that_opens() {
    let saas = Example::saas();
    let mut document = large(saas.document(), 3000);
    let page = saas.of_saved(&mut document, &["preview"]);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<article").count(), 200);
    assert!(page.contains("2800 more plans and add-ons are not shown here"));
    assert!(page.contains("and 188 more</li>"), "those that change come first");
}

fn page(project: &crate::project::Project) -> String {
    let outcome = project.run(&["plan", "--format", "html"]).exits(0);
    crate::small::plain(project, &text(&outcome.stdout))
}

/// The text of a page, a line for each block: what somebody hears who has it read out.
fn text(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1;
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&before.replace('\n', " "));
        let (tag, after) = after.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        match name {
            "del" if tag.starts_with('/') => out.push(']'),
            "del" => out.push_str("[was: "),
            "ins" if tag.starts_with('/') => out.push(']'),
            "ins" => out.push_str("[now: "),
            "p" | "li" | "h1" | "h2" | "h3" | "h4" | "article" | "section" | "label" | "header" | "summary" => {
                out.push('\n')
            }
            _ => {}
        }
        rest = after;
    }
    let digest = |line: &str| line.contains("sha256:");
    let lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines = lines.filter(|line| !line.is_empty() && !digest(line));
    lines.map(|line| line.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"") + "\n").collect()
}
