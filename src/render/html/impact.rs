//! Whom a changeset touches today, and what it does to the monthly revenue.

use rust_decimal::Decimal;

use super::card::NAME;
use super::escape::{capital, shortened};
use super::fact::{distance, money};
use crate::changeset::{EffectImpact, Impact, ImpactSource, Revenue};
use crate::model::{Address, grouped};
use crate::render::words::effect;

/// The impact in words and rows.
pub(super) struct ImpactView {
    /// `124 of 1,950 subscriptions are touched, 12 of them in a trial`.
    pub touched: String,
    pub source: String,
    pub rows: Vec<ImpactRow>,
    pub assumptions: Vec<String>,
}

/// Who is touched at one moment, and what they pay each month, in one currency.
pub(super) struct ImpactRow {
    pub when: String,
    pub subscribers: String,
    pub revenue: Vec<Moved>,
    pub total: bool,
}

/// One amount that moves.
pub(super) struct Moved {
    pub before: String,
    pub after: String,
    pub note: String,
}

impl ImpactView {
    /// All of it.
    pub(super) fn of(impact: &Impact) -> Self {
        let mut rows: Vec<ImpactRow> = impact.by_effect.iter().map(row).collect();
        rows.push(ImpactRow {
            when: "All together".into(),
            subscribers: number(impact.subscribers),
            revenue: impact.revenue.iter().map(moved).collect(),
            total: true,
        });
        let trials = match impact.trialing {
            0 => String::new(),
            trials => format!("; {} of them in a trial, paying nothing yet", number(trials)),
        };
        Self {
            touched: format!(
                "{} of {} subscriptions are touched{trials}",
                number(impact.subscribers),
                number(impact.subscriptions)
            ),
            source: match &impact.source {
                ImpactSource::Api => "Read from the billing API.".into(),
                ImpactSource::File { path } => format!("Read from {}.", shortened(path, 200)),
            },
            rows,
            assumptions: impact.assumptions.iter().take(50).map(|text| shortened(text, 500)).collect(),
        }
    }
}

fn row(of: &EffectImpact) -> ImpactRow {
    let words = effect(of.effect);
    ImpactRow {
        when: capital(if words.is_empty() { "nobody is charged anything else" } else { words }),
        subscribers: number(of.subscribers),
        revenue: of.revenue.iter().map(moved).collect(),
        total: false,
    }
}

fn moved(revenue: &Revenue) -> Moved {
    let shown = |text: &str| match text.parse::<Decimal>() {
        Ok(amount) => money(amount, &revenue.currency),
        Err(_) => shortened(text, NAME),
    };
    let note = revenue.before.parse().ok().zip(revenue.after.parse().ok());
    Moved {
        before: shown(&revenue.before),
        after: shown(&revenue.after),
        note: note.map(|(before, after)| distance(before, after)).unwrap_or_default(),
    }
}

fn number(number: u64) -> String {
    grouped(&number.to_string())
}

/// What one change means, in a line; nothing where nothing is known.
pub(super) fn of_change(impact: &Impact, address: &Address) -> String {
    let Some(change) = impact.changes.iter().find(|change| change.address == *address) else { return String::new() };
    let mut parts = Vec::new();
    parts.push(match change.subscribers {
        None => "it is not known how many subscriptions it touches".to_owned(),
        Some(1) => "touches 1 subscription".to_owned(),
        Some(touched) => format!("touches {} subscriptions", number(touched)),
    });
    for revenue in change.revenue.iter().map(moved) {
        parts.push(format!("{} → {} each month ({})", revenue.before, revenue.after, revenue.note));
    }
    if change.depends_on_usage {
        parts.push("what it does to the revenue depends on usage".into());
    }
    parts.join("; ").replace(" ()", "")
}
