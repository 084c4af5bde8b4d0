//! Whom a changeset touches and what that does to the monthly revenue, on a few lines.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::changeset::{ChangeImpact, Document, EffectImpact, Impact, ImpactSource, Revenue};
use crate::model::{Effect, FieldKind, grouped};
use crate::render::Paint;
use crate::render::words::{clean, moved, shown};

/// How many changes are listed before the rest is only counted.
const LONGEST: usize = 12;

/// The impact as a person reads it; nothing where none was asked for.
pub(super) fn impact(document: &Document, verbose: bool, paint: Paint, out: &mut String) {
    let Some(impact) = &document.impact else { return };
    let _ = writeln!(out, "\n  {}{}", paint.bold("Impact: "), headline(impact));
    if impact.by_effect.len() > 1 {
        table(impact.by_effect.iter().map(moment).collect(), out);
    }
    // One change that reaches at one moment is said by the first line.
    let matters = |change: &&ChangeImpact| change.subscribers != Some(0);
    if impact.changes.len() > 1 || impact.changes.iter().any(|change| change.depends_on_usage || !matters(&change)) {
        let most = if verbose { usize::MAX } else { LONGEST };
        table(impact.changes.iter().take(most).map(row).collect(), out);
        if let Some(more) = impact.changes.len().checked_sub(most).filter(|more| *more > 0) {
            let _ = writeln!(out, "    … and {more} more (-v shows all)");
        }
    }
    if verbose {
        for assumption in &impact.assumptions {
            let _ = writeln!(out, "    {}", paint.dim(&format!("assumed: {}", clean(assumption))));
        }
    } else if let Some(first) = impact.assumptions.first() {
        let rest = match impact.assumptions.len() - 1 {
            0 => String::new(),
            more => format!(" (-v shows {more} more)"),
        };
        let _ = writeln!(out, "    {}", paint.dim(&format!("assumed: {}{rest}", clean(first))));
    }
}

/// `1,240 of 1,310 subscribers · MRR $60,760.00 → $73,160.00 (+20.4 %), from their next renewal`.
fn headline(impact: &Impact) -> String {
    let read = match &impact.source {
        ImpactSource::Api => String::new(),
        ImpactSource::File { path } => format!(" in {}", clean(path)),
    };
    if impact.subscribers == 0 {
        return format!("none of {} subscribers{read} is touched", number(impact.subscriptions));
    }
    let mut text = format!("{} of {} subscribers{read}", number(impact.subscribers), number(impact.subscriptions));
    if impact.trialing > 0 {
        let _ = write!(text, " ({} in a trial)", number(impact.trialing));
    }
    if impact.revenue.is_empty() {
        text.push_str(" · MRR as it is");
    } else {
        let _ = write!(text, " · MRR {}", money(&impact.revenue));
    }
    if let [only] = impact.by_effect.as_slice() {
        let _ = write!(text, ", {}", when(only.effect));
    }
    text
}

fn moment(one: &EffectImpact) -> [String; 3] {
    [when(one.effect).to_owned(), counted(Some(one.subscribers), one.trialing), money(&one.revenue)]
}

fn row(change: &ChangeImpact) -> [String; 3] {
    let mut said: Vec<String> = Vec::new();
    if !change.revenue.is_empty() {
        said.push(money(&change.revenue));
    }
    if change.depends_on_usage {
        said.push("depends on usage".into());
    }
    [change.address.to_string(), counted(change.subscribers, change.trialing), said.join("; ")]
}

fn counted(subscribers: Option<u64>, trialing: u64) -> String {
    match (subscribers, trialing) {
        (None, _) => "not known".into(),
        (Some(all), 0) => number(all),
        (Some(all), trialing) => format!("{} ({} in a trial)", number(all), number(trialing)),
    }
}

fn table(rows: Vec<[String; 3]>, out: &mut String) {
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for [what, count, money] in &rows {
        let gap = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.chars().count()));
        let line = format!("    {what}{}  {}{count}  {money}", gap(what, first), gap(count, second));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// `$60,760.00 → $73,160.00 (+20.4 %)`, for each currency.
fn money(revenue: &[Revenue]) -> String {
    let one = |line: &Revenue| {
        let (before, after) = (Json::from(line.before.as_str()), Json::from(line.after.as_str()));
        let value = |amount| shown(amount, FieldKind::Money, Some(&line.currency));
        let percent = moved(&before, &after, FieldKind::Money).map_or_else(String::new, |moved| format!(" ({moved})"));
        format!("{} → {}{percent}", value(&before), value(&after))
    };
    revenue.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn when(effect: Effect) -> &'static str {
    match effect {
        Effect::AtRenewal => "from their next renewal",
        Effect::NextPeriod => "from their next billing period",
        Effect::Now => "now",
        Effect::NewCustomers | Effect::None => "not at all",
    }
}

fn number(number: u64) -> String {
    grouped(&number.to_string())
}
