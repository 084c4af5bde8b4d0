//! Changesets for the pages: the examples with an edit, and one whose every text is hostile.

use std::fs;
use std::path::Path;
use std::process::Command;

use pricebook::changeset::{ChangeImpact, Document, EffectImpact, Guard, Impact, ImpactSource, Revenue, digest};
use pricebook::model::{Address, Effect, Page};
use serde_json::json;
use tempfile::TempDir;

use crate::readme::copy;
use crate::support::PROGRAM;

/// An example that is live, and then edited.
pub(super) struct Example {
    pub(super) folder: TempDir,
}

impl Example {
    #[track_caller]
    pub(super) fn edited(name: &str, file: &str, edits: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name), folder.path());
        let this = Self { folder };
        this.run(&["apply", "--env", "local", "--yes", "--quiet"]);
        let file = this.folder.path().join("catalog").join(file);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, crate::small::edited(&text, edits)).unwrap();
        this
    }

    /// A price, an allowance and a rate change, a plan is new, a feature goes, a currency comes.
    pub(super) fn saas() -> Self {
        let team = "  team:\n    name: Team\n    description: For several teams under one roof\n    consumption_model: metered\n    default_price: monthly\n    prices: { monthly: 129.00, yearly: { amount: 1290.00, trial_days: 14 } }\n    features:\n      projects: { included_amount: 100 }\n      seats: { included_amount: 20, overage: 8.00 }\n      audit_log: true\n    regions: { eur: { exchange_rate: 0.92 }, brl: { exchange_rate: 5.40 } }\n\n  scale:\n";
        Self::edited(
            "saas",
            "plans.yaml",
            &[
                ("plans: [free, pro]", "plans: [free, pro, team]"),
                ("monthly: 49.00", "monthly: 59.00"),
                ("included_amount: 100000, overage: 0.0008", "included_amount: 150000, overage: 0.001"),
                (
                    "      brl: { exchange_rate: 5.40 }\n",
                    "      brl: { exchange_rate: 5.40 }\n      mxn: { exchange_rate: 18.20 }\n",
                ),
                ("      sso: true\n", ""),
                ("  scale:\n", team),
            ],
        )
    }

    /// Amounts, steps and a package change; an add-on goes.
    pub(super) fn usage() -> Self {
        Self::edited(
            "usage-billing",
            "plans.yaml",
            &[
                ("amount: 49.00", "amount: 59.00"),
                ("per_unit: 0.002 }", "per_unit: 0.003 }"),
                ("amount: 5.00", "amount: 6.50"),
            ],
        )
    }

    /// What the program prints.
    #[track_caller]
    pub(super) fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(PROGRAM).current_dir(self.folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The changeset, as it would be saved.
    #[track_caller]
    pub(super) fn document(&self) -> Document {
        serde_json::from_str(&self.run(&["plan", "--env", "local", "--format", "json"])).unwrap()
    }

    /// What the program makes of a changeset that was saved.
    #[track_caller]
    pub(super) fn of_saved(&self, document: &mut Document, arguments: &[&str]) -> String {
        document.digest = digest(document);
        fs::write(self.folder.path().join("saved.json"), document.to_json()).unwrap();
        self.run(&[&arguments[..1], &["saved.json"], &arguments[1..]].concat())
    }
}

/// What names hold when somebody means harm.
pub(super) const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "' onmouseover='alert(3)' x='",
    "</style><script>alert(4)</script><style>",
    "**bold** | `code` [x](javascript:alert(5)) @team",
    "\u{1b}[31mred\u{1b}[0m\u{7}\u{0}",
    "\u{202e}cod.exe\u{2066} \u{200f}",
    "{{ 7 * 7 }} {% raw %} ${alert(6)} <!-- -->",
    "שלום עולם",
    "&lt;b&gt; &#60;",
];

/// The same changeset with hostile text wherever text can come from outside, and names of 10,000 characters.
pub(super) fn hostile(mut document: Document) -> Document {
    let mut at = 0;
    let mut next = || {
        at += 1;
        match at % 7 {
            0 => format!("{}<b>", "A".repeat(10_000)),
            _ => HOSTILE[at % HOSTILE.len()].to_owned(),
        }
    };
    document.environment.name = next();
    document.environment.title = next();
    document.catalog.path = next();
    document.catalog.partial = Some(next());
    document.catalog.revision = Some(next());
    document.warnings = vec![next(), next(), next(), "a `b` c `d".into()];
    let about = vec![Address::new("plans", &next()), Address::new("plans", &next())];
    document.guards.push(Guard { code: next(), message: next(), addresses: about, acknowledgeable: true });
    for change in &mut document.changes {
        (change.name, change.within, change.words, change.kind) = (next(), next(), next(), next());
        if let Some(source) = &mut change.source {
            source.file = next().into();
        }
        for field in &mut change.fields {
            (field.field, field.words, field.after) = (next(), next(), json!(next()));
        }
    }
    for call in &mut document.calls {
        (call.summary, call.path) = (next(), next());
    }
    let pages = document.page.as_mut().unwrap();
    for page in [&mut pages.before, &mut pages.after] {
        for ladder in &mut page.ladders {
            ladder.name = next();
        }
        for plan in &mut page.plans {
            (plan.name, plan.description) = (next(), Some(next()));
            for item in &mut plan.items {
                (item.name, item.unit, item.model) = (next(), Some(next()), Some(next()));
                item.value = at_random(&item.name);
            }
            for tag in &mut plan.prices {
                if tag.currency == "BRL" {
                    tag.currency = "<b>".into();
                }
                if tag.interval == "yearly" {
                    tag.interval = "\"><script>alert(7)</script>".into();
                }
            }
        }
        for add_on in &mut page.add_ons {
            (add_on.name, add_on.description) = (next(), Some(next()));
        }
    }
    document
}

fn at_random(name: &str) -> Option<String> {
    name.len().is_multiple_of(2).then(|| name.to_owned())
}

/// The same changeset with this many plans, of which a third change.
pub(super) fn large(mut document: Document, plans: usize) -> Document {
    let pages = document.page.as_mut().unwrap();
    let of = |page: &mut Page, bump: bool| {
        let model = page.plans.iter().find(|plan| plan.address.key() == "pro").unwrap().clone();
        page.ladders.clear();
        page.plans = (0..plans)
            .map(|at| {
                let mut plan = model.clone();
                (plan.address, plan.name) = (Address::new("plans", &format!("p{at}")), format!("Plan {at}"));
                for tag in &mut plan.prices {
                    tag.amount = if bump && at % 3 == 0 { 120.into() } else { 100.into() };
                }
                plan
            })
            .collect();
    };
    of(&mut pages.before, false);
    let item = pages.before.plans[0].items.clone();
    of(&mut pages.after, true);
    pages.after.plans.iter_mut().for_each(|plan| plan.items.clone_from(&item));
    document
}

/// What `plan --impact` adds.
pub(super) fn with_impact(mut document: Document) -> Document {
    let usd =
        |before: &str, after: &str| Revenue { currency: "USD".into(), before: before.into(), after: after.into() };
    let address = document.changes[0].address.clone();
    document.impact = Some(Impact {
        source: ImpactSource::Api,
        subscriptions: 1950,
        subscribers: 1240,
        trialing: 12,
        revenue: vec![usd("60760.00", "73160.00")],
        by_effect: vec![
            EffectImpact {
                effect: Effect::AtRenewal,
                subscribers: 1200,
                trialing: 12,
                revenue: vec![usd("58800.00", "70800.00")],
            },
            EffectImpact { effect: Effect::Now, subscribers: 40, trialing: 0, revenue: Vec::new() },
        ],
        changes: vec![ChangeImpact {
            address,
            subscribers: Some(1240),
            trialing: 12,
            revenue: vec![usd("60760.00", "73160.00")],
            by_effect: Vec::new(),
            depends_on_usage: true,
        }],
        assumptions: vec!["Nobody cancels because of it.".into()],
    });
    document
}
