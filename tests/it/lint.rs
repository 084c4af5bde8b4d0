//! Pricing smells: each is found, is not found where it is not, and can be allowed.

use std::fs;
use std::path::Path;
use std::process::Command;

use pricebook::diagnostic::Code;
use pricebook::lint::RULES;
use serde_json::Value;
use tempfile::TempDir;

use crate::small::edited;
use crate::support::PROGRAM;

/// A catalog that smells of nothing.
const COMMET: &str = "\
provider: commet
features:
  sso: { name: SSO, type: boolean }
  seats: { name: Seats, type: seats }
  api: { name: API calls, type: usage }
groups:
  main: { name: Main, plans: [free, pro, max] }
plans:
  free:
    name: Free
    free: true
    features: { seats: { included_amount: 1 } }
  pro:
    name: Pro
    consumption_model: metered
    default_price: monthly
    prices: { monthly: 49.00, yearly: 490.00 }
    features:
      seats: { included_amount: 5, overage: 9.00 }
      api: { included_amount: 1000, overage: 0.01 }
      sso: true
    regions:
      eur: { exchange_rate: 0.90, prices: { monthly: 45.00, yearly: 450.00 }, features: { seats: { overage: 8.00 } } }
  max:
    name: Max
    consumption_model: metered
    default_price: monthly
    prices: { monthly: 100.00, yearly: 1000.00 }
    features:
      seats: { unlimited: true }
      api: { included_amount: 5000, overage: 0.01 }
      sso: true
    regions:
      eur: { exchange_rate: 0.90 }
";

const BXB: &str = "\
provider: bxb
billable_metrics:
  calls: { name: API calls, aggregation_type: count }
features:
  sso: { name: SSO, feature_type: boolean }
  projects: { name: Projects, feature_type: quantity }
plans:
  pro:
    name: Pro
    interval: monthly
    amount: 49.00
    charges: { calls: { billable_metric: calls, charge_model: standard, amount: 0.002 } }
    entitlements: { sso: true, projects: 5 }
  team: { name: Team, interval: monthly, amount: 20.00 }
";

/// A smell: what makes it of the catalog, where it is found, and words of the message.
struct Smell {
    code: &'static str,
    catalog: &'static str,
    edits: &'static [(&'static str, &'static str)],
    place: &'static str,
    words: &'static str,
}

const SMELLS: &[Smell] = &[
    Smell {
        code: "PB-L01",
        catalog: COMMET,
        edits: &[("monthly: 45.00, yearly: 450.00", "monthly: 36.00")],
        place: "23:54",
        words: "in EUR `pro` costs €441.00 yearly, more than 12 x €36.00 monthly",
    },
    Smell {
        code: "PB-L01",
        catalog: COMMET,
        edits: &[("yearly: 450.00", "yearly: 541.00")],
        place: "23:69",
        words: "in EUR `pro` costs €541.00 yearly, more than 12 x €45.00 monthly",
    },
    Smell {
        code: "PB-L02",
        catalog: COMMET,
        edits: &[("included_amount: 5000", "included_amount: 500")],
        place: "31:31",
        words: "`max` is dearer than `pro` and includes 500 of `api` instead of 1000",
    },
    Smell {
        code: "PB-L02",
        catalog: COMMET,
        edits: &[(
            "      api: { included_amount: 5000, overage: 0.01 }\n      sso: true\n",
            "      api: { included_amount: 5000, overage: 0.01 }\n",
        )],
        place: "29:5",
        words: "`max` is dearer than `pro` and has no `sso`",
    },
    Smell {
        code: "PB-L02",
        catalog: COMMET,
        edits: &[("seats: { included_amount: 1 }", "seats: { unlimited: true }")],
        place: "19:33",
        words: "`pro` is dearer than `free` and includes 5 of `seats` instead of any number",
    },
    Smell {
        code: "PB-L03",
        catalog: COMMET,
        edits: &[
            ("[free, pro, max]", "[free, max, pro]"),
            ("included_amount: 5000", "included_amount: 1000"),
            ("{ unlimited: true }", "{ included_amount: 5 }"),
        ],
        place: "7:42",
        words: "`pro` stands above `max` and costs less: $49.00 monthly instead of $100.00",
    },
    Smell {
        code: "PB-L03",
        catalog: COMMET,
        edits: &[("[free, pro, max]", "[pro, max, free]")],
        place: "7:41",
        words: "`free` is free and stands above `max`",
    },
    Smell {
        code: "PB-L04",
        catalog: COMMET,
        edits: &[("monthly: 45.00", "monthly: 29.00"), ("yearly: 450.00", "yearly: 348.00")],
        place: "23:54",
        words: "`pro` costs €29.00 in EUR, 34 % less than $49.00 at the exchange rate, €44.10",
    },
    Smell {
        code: "PB-L04",
        catalog: COMMET,
        edits: &[("overage: 8.00", "overage: 80.00")],
        place: "23:109",
        words: "one more `seats` on `pro` costs €80.00 in EUR, 888 % more than $9.00 at the exchange rate, €8.10",
    },
    Smell {
        code: "PB-L05",
        catalog: COMMET,
        edits: &[(
            "  api: { name: API calls, type: usage }\n",
            "  api: { name: API calls, type: usage }\n  audit: { name: Audit log, type: boolean }\n",
        )],
        place: "6:3",
        words: "`audit`: no plan has it, and no add-on sells it",
    },
    Smell {
        code: "PB-L05",
        catalog: COMMET,
        edits: &[("plans:\n", "markets:\n  south: { name: South, countries: [AR] }\nplans:\n")],
        place: "9:3",
        words: "`south`: no price names it",
    },
    Smell {
        code: "PB-L01",
        catalog: COMMET,
        edits: &[
            (
                "    prices: { monthly: 49.00, yearly: 490.00 }\n",
                "    prices:\n      monthly: { amount: 49.00, markets: { south: { usd: 10.00 } } }\n      yearly: { amount: 490.00, markets: { south: { usd: 130.00 } } }\n",
            ),
            ("plans:\n", "markets:\n  south: { name: South, countries: [AR] }\nplans:\n"),
        ],
        place: "21:33",
        words: "in South `pro` costs $130.00 yearly, more than 12 x $10.00 monthly",
    },
    Smell {
        code: "PB-L05",
        catalog: BXB,
        edits: &[("sso: true, ", "")],
        place: "5:3",
        words: "`sso`: no plan has it, and no add-on sells it",
    },
    Smell {
        code: "PB-L05",
        catalog: BXB,
        edits: &[("    charges: { calls: { billable_metric: calls, charge_model: standard, amount: 0.002 } }\n", "")],
        place: "3:3",
        words: "`calls`: no plan charges it",
    },
    Smell {
        code: "PB-L06",
        catalog: COMMET,
        edits: &[("seats: { included_amount: 1 }", "seats: { included_amount: 0 }")],
        place: "12:43",
        words: "`free` has `seats`, but none of it",
    },
    Smell {
        code: "PB-L06",
        catalog: BXB,
        edits: &[("projects: 5", "projects: 0")],
        place: "13:42",
        words: "`pro` has `projects`, but none of it",
    },
    Smell {
        code: "PB-L07",
        catalog: COMMET,
        edits: &[
            (
                "      eur: { exchange_rate: 0.90 }\n",
                "      eur: { exchange_rate: 0.90 }\n      brl: { exchange_rate: 5.402 }\n",
            ),
            (
                "      eur: { exchange_rate: 0.90, prices",
                "      brl: { exchange_rate: 5.40, prices: { monthly: 259.00, yearly: 2590.00 } }\n      eur: { exchange_rate: 0.90, prices",
            ),
        ],
        place: "36:7",
        words: "`max` ends oddly in BRL: R$540.20 monthly (from $100.00)",
    },
    Smell {
        code: "PB-L08",
        catalog: COMMET,
        edits: &[("sso: { name: SSO", "sso: { name: api  Calls")],
        place: "3:16",
        words: "the name of `sso` looks like that of `api`",
    },
    Smell {
        code: "PB-L08",
        catalog: BXB,
        edits: &[("name: Team", "name: \"p\\u200bro\"")],
        place: "14:17",
        words: "the name of `team` looks like that of `pro`",
    },
];

/// A project with this catalog, and more words in its project file.
fn project(catalog: &str, more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pricebook.yaml"), format!("catalog: catalog.yaml\n{more}")).unwrap();
    fs::write(folder.path().join("catalog.yaml"), catalog).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(PROGRAM).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Code, place and message of everything that is found.
fn found(folder: &Path, arguments: &[&str]) -> Vec<(String, String, String)> {
    let (code, stdout, stderr) = run(folder, &[&["validate", "--format", "json"], arguments].concat());
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |one: &Value| {
        assert_eq!(one["severity"], "warning");
        (text(&one["code"]), format!("{}:{}", one["line"], one["column"]), text(&one["message"]))
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_catalog_that_smells_of_nothing() {
    for catalog in [COMMET, BXB] {
        assert_eq!(found(project(catalog, "").path(), &["--lint"]), []);
    }
}

#[test]
fn every_smell_is_found_at_its_place() {
    let mut wrong = Vec::new();
    for smell in SMELLS {
        let folder = project(&edited(smell.catalog, smell.edits), "");
        let findings = found(folder.path(), &["--lint"]);
        let here = |(code, place, words): &(String, String, String)| {
            code == smell.code && place == smell.place && words.contains(smell.words)
        };
        if !findings.iter().any(here) || !findings.iter().all(|(code, ..)| code == smell.code) {
            wrong.push(format!("{} {} {}: {findings:?}", smell.code, smell.place, smell.words));
        }
        // Only with the flag.
        assert_eq!(found(folder.path(), &[]), []);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_smell_can_be_allowed() {
    for smell in SMELLS {
        let catalog = edited(smell.catalog, smell.edits);
        let folder = project(&catalog, "");
        let findings = found(folder.path(), &["--lint"]);
        // On the line above each, from the last one.
        let mut lines: Vec<String> = catalog.lines().map(str::to_owned).collect();
        let mut places: Vec<usize> =
            findings.iter().map(|(_, place, _)| place.split_once(':').unwrap().0.parse().unwrap()).collect();
        places.sort_unstable();
        places.dedup();
        for line in places.iter().rev() {
            lines.insert(line - 1, format!("      # pricebook: allow {} (so it is meant)", smell.code));
        }
        fs::write(folder.path().join("catalog.yaml"), lines.join("\n") + "\n").unwrap();
        assert_eq!(found(folder.path(), &["--lint"]), [], "{}", lines.join("\n"));

        let folder = project(&catalog, &format!("lint: {{ allow: [{}] }}\n", smell.code));
        assert_eq!(found(folder.path(), &["--lint"]), [], "{}", smell.code);
    }
}

#[test]
fn the_table_says_who_has_which_smell() {
    for rule in RULES {
        for (provider, catalog) in [("commet", COMMET), ("bxb", BXB)] {
            let tested = SMELLS.iter().any(|smell| smell.code == rule.code.id() && smell.catalog == catalog);
            assert_eq!(tested, rule.providers.contains(&provider), "{} on {provider}", rule.code);
        }
    }
}

#[test]
fn a_year_that_is_too_dear_at_home_is_said_once() {
    let catalog =
        edited(COMMET, &[("yearly: 490.00", "yearly: 590.00"), (", prices: { monthly: 45.00, yearly: 450.00 }", "")]);
    let codes: Vec<String> = found(project(&catalog, "").path(), &["--lint"]).into_iter().map(|one| one.0).collect();
    assert_eq!(codes, ["PB-W102", "PB-L07"], "the second for what is derived now");
}

#[test]
fn the_tolerance_is_a_setting() {
    let catalog = edited(COMMET, &[("monthly: 45.00", "monthly: 40.00")]);
    let settings = |text: &str| project(&catalog, &format!("lint: {{ exchange_rate_tolerance: {text} }}\n"));
    assert_eq!(found(settings("5%").path(), &["--lint"]).len(), 1);
    assert_eq!(found(settings("10%").path(), &["--lint"]), []);
}

#[test]
fn settings_that_mean_nothing_are_errors() {
    let folder = project(COMMET, "lint: { allow: [PB-L77, PB-E101] }\n");
    let (code, _, stderr) = run(folder.path(), &["validate"]);
    assert_eq!(code, Some(3));
    for words in
        ["there is no code `PB-L77`", "pricebook.yaml:2:17", "PB-E101 is an error, and errors cannot be allowed"]
    {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
}

#[test]
fn a_comment_works_on_its_block_and_nothing_else() {
    let smell = edited(
        COMMET,
        &[("seats: { included_amount: 1 }", "seats: {}"), ("sso: { name: SSO", "sso: { name: api calls")],
    );
    let codes = |text: &str| {
        let findings = found(project(text, "").path(), &["--lint"]);
        findings.into_iter().map(|(code, place, _)| format!("{code} {place}")).collect::<Vec<_>>()
    };
    let names = "PB-L08 3:16";
    assert_eq!(codes(&smell), [names, "PB-L06 12:17"]);
    // On the line itself, on a block around it, and above that block.
    assert_eq!(codes(&edited(&smell, &[("seats: {} }", "seats: {} } # pricebook: allow PB-L06")])), [names]);
    assert_eq!(codes(&edited(&smell, &[("  free:\n", "  free: # pricebook: allow PB-L06\n")])), [names]);
    assert_eq!(
        codes(&edited(
            &smell,
            &[("plans:\n  free", "# pricebook: allow PB-L06, PB-W104: no seats yet\nplans:\n  free")]
        )),
        [names, "PB-W003 8:28"]
    );
    // On another block, and of another code.
    let other = edited(&smell, &[("  pro:\n", "  pro: # pricebook: allow PB-L06\n")]);
    assert_eq!(codes(&other), [names, "PB-L06 12:17", "PB-W003 13:27"]);
    // In a text it is no comment.
    let text = edited(&smell, &[("name: Free\n", "name: Free\n    description: \"# pricebook: allow PB-L06\"\n")]);
    assert_eq!(codes(&text), [names, "PB-L06 13:17"]);
}

#[test]
fn a_comment_that_cannot_be_followed_is_a_finding() {
    let cases = [
        ("# pricebook: allow PB-L99", "PB-W002", "there is no code `PB-L99`"),
        ("# pricebook: allow PB-E101", "PB-W002", "PB-E101 is an error, and errors cannot be allowed"),
        ("# pricebook: allow", "PB-W002", "this comment names no code"),
        ("# pricebook: alow PB-L01", "PB-W002", "after `pricebook:` comes `allow` and a code"),
        ("# pricebook: allow PB-L01", "PB-W003", "there is no PB-L01 here that could be allowed"),
        ("#pricebook: allow pb-l01, because", "PB-W003", "there is no PB-L01 here"),
    ];
    for (comment, code, words) in cases {
        let folder = project(&edited(COMMET, &[("    name: Free\n", &format!("    name: Free   {comment}\n"))]), "");
        let findings = found(folder.path(), &["--lint"]);
        assert_eq!(findings.len(), 1, "{comment}: {findings:?}");
        assert!(findings[0].0 == code && findings[0].2.contains(words), "{comment}: {findings:?}");
        // What silences nothing is known only when all smells were looked for.
        assert_eq!(found(folder.path(), &[]).len(), usize::from(code == "PB-W002"), "{comment}");
    }
    let folder = project(&format!("{COMMET}# pricebook: allow PB-L01\n"), "");
    assert!(found(folder.path(), &[])[0].2.contains("stands on no block"));
}

#[test]
fn other_warnings_can_be_allowed_in_every_command() {
    let catalog = edited(COMMET, &[("yearly: 490.00", "yearly: 590.00")]);
    let (code, _, stderr) = run(project(&catalog, "").path(), &["validate"]);
    assert!(code == Some(0) && stderr.contains("PB-W102"), "{stderr}");
    let allowed =
        edited(&catalog, &[("yearly: 590.00 }", "yearly: 590.00 } # pricebook: allow PB-W102 (a longer notice)")]);
    let folder = project(&allowed, "");
    fs::write(
        folder.path().join("pricebook.yaml"),
        "catalog: catalog.yaml\nenvironments: { local: { provider: commet, url: \"sandbox:.pricebook/local\" } }\n",
    )
    .unwrap();
    for arguments in [&["validate"][..], &["validate", "--lint"], &["plan"]] {
        let (code, _, stderr) = run(folder.path(), arguments);
        assert!(code == Some(0) && !stderr.contains("PB-"), "{stderr}");
    }
}

#[test]
fn a_comment_may_be_needed_in_one_environment_only() {
    let more = "environments:\n  a: { provider: commet, url: \"sandbox:x\", overlay: a.yaml }\n  b: { provider: commet, url: \"sandbox:y\", overlay: b.yaml }\n";
    let catalog = edited(COMMET, &[("  free:\n", "  free: # pricebook: allow PB-L06\n")]);
    let folder = project(&catalog, more);
    let overlay = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    overlay("a.yaml", "plans: { pro: { name: Professional } }\n");
    overlay("b.yaml", "plans: { pro: { name: Professional } }\n");
    assert_eq!(found(folder.path(), &["--lint"])[0].0, "PB-W003");
    // The finding is in the overlay's file, where the comment of the catalog does not stand.
    overlay("b.yaml", "plans: { free: { features: { seats: { included_amount: 0 } } } }\n");
    let codes: Vec<_> = found(folder.path(), &["--lint"]).into_iter().map(|one| one.0).collect();
    assert_eq!(codes, ["PB-L06", "PB-W003"]);
    overlay("b.yaml", "plans: { free: { features: { seats: { included_amount: 0 } } } } # pricebook: allow PB-L06\n");
    let codes: Vec<_> = found(folder.path(), &["--lint"]).into_iter().map(|one| one.0).collect();
    assert_eq!(codes, ["PB-W003"], "the catalog's own comment");
    // The catalog smells only under one of the overlays.
    let rates = edited(COMMET, &[("monthly: 45.00", "monthly: 45.00 # pricebook: allow PB-L04\n       ")]);
    fs::write(folder.path().join("catalog.yaml"), rates).unwrap();
    overlay("b.yaml", "plans: { pro: { regions: { eur: { exchange_rate: 0.50 } } } }\n");
    let codes: Vec<_> =
        found(folder.path(), &["--lint"]).into_iter().map(|(code, place, _)| format!("{code} {place}")).collect();
    assert!(!codes.iter().any(|code| code.starts_with("PB-W003")), "{codes:?}");
}

#[test]
fn warnings_can_be_denied() {
    let folder = project(&edited(COMMET, &[("seats: { included_amount: 1 }", "seats: {}")]), "");
    for format in ["human", "json", "github", "gitlab", "sarif"] {
        let (code, stdout, stderr) = run(folder.path(), &["validate", "--lint", "--format", format]);
        assert_eq!(code, Some(0), "{format}");
        assert!(format!("{stdout}{stderr}").contains("PB-L06"), "{format}: {stdout}");
        let (code, denied, stderr) = run(folder.path(), &["validate", "--lint", "--deny-warnings", "--format", format]);
        assert_eq!((code, denied), (Some(3), stdout), "{format}");
        assert!(stderr.contains("warnings are denied here"), "{stderr}");
        assert_eq!(run(folder.path(), &["validate", "--deny-warnings", "--format", format]).0, Some(0), "{format}");
    }
}

#[test]
fn every_smell_is_explained() {
    for code in Code::ALL.iter().filter(|code| code.is_lint()) {
        let (exit, stdout, _) = run(Path::new("."), &["explain", code.id()]);
        assert!(exit == Some(0) && stdout.starts_with(&format!("{code} · warning: {}", code.title())), "{stdout}");
    }
}

#[test]
fn the_examples_smell_of_nothing() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for example in fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()) {
        if example.join("pricebook.yaml").exists() {
            seen += 1;
            assert_eq!(found(&example, &["--lint"]), [], "{}", example.display());
        }
    }
    assert!(seen >= 5);
}
