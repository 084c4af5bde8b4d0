//! What a card says, in short lines that each have a counterpart on the other side.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::card::TEXT;
use super::escape::{capital, shortened};
use crate::model::{Currency, FieldKind, Item, Offer, PriceTag, Term, Tier};
use crate::render::words::{moved, shown};

/// One thing that a card says.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// What it is about: the same on both sides.
    pub slot: String,
    /// The currency it is in, where the reader's choice decides whether it is shown.
    pub currency: Option<String>,
    /// The words.
    pub text: String,
    /// The number in it, where it can be said how far it moves.
    pub number: Option<Decimal>,
}

/// Whether a line says something that the other side does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Same,
    /// Before: it changes or goes.
    Was,
    /// After: it is new.
    Now,
}

/// A fact beside its counterpart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub currency: Option<String>,
    pub text: String,
    pub mark: Mark,
    /// `+20.4 %`.
    pub note: String,
}

impl Fact {
    pub(super) fn new(slot: impl Into<String>, text: impl Into<String>) -> Self {
        Self { slot: slot.into(), currency: None, text: text.into(), number: None }
    }
}

/// One side's facts, marked where the other side says something else. Without another side nothing is marked: then all
/// of it is new, or gone.
pub(super) fn lines(own: &[Fact], other: Option<&[Fact]>, mark: Mark) -> Vec<Line> {
    own.iter()
        .map(|fact| {
            let line = Line {
                currency: fact.currency.clone(),
                text: shortened(&fact.text, TEXT),
                mark: Mark::Same,
                note: String::new(),
            };
            let Some(other) = other else { return line };
            match other.iter().find(|one| one.slot == fact.slot && one.currency == fact.currency) {
                Some(one) if one.text == fact.text => line,
                Some(one) if mark == Mark::Now => {
                    let note = one.number.zip(fact.number).map(|(before, after)| distance(before, after));
                    Line { mark, note: note.unwrap_or_default(), ..line }
                }
                _ => Line { mark, ..line },
            }
        })
        .collect()
}

/// `+20.4 %`.
pub(super) fn distance(before: Decimal, after: Decimal) -> String {
    let text = |number: Decimal| Json::from(number.to_string());
    moved(&text(before), &text(after), FieldKind::UnitPrice).unwrap_or_default()
}

/// `$49.00`, `€0.0008`: at least the currency's decimals.
pub(super) fn money(amount: Decimal, currency: &str) -> String {
    let decimals = currency.parse::<Currency>().map_or(2, Currency::exponent);
    let mut amount = amount.normalize();
    if amount.scale() < decimals {
        amount.rescale(decimals);
    }
    shown(&Json::from(amount.to_string()), FieldKind::Money, Some(currency))
}

fn count(number: i64) -> String {
    shown(&Json::from(number), FieldKind::Count, None)
}

fn percent(number: Decimal) -> String {
    format!("{number} %")
}

/// What belongs to a price beside its amount. `several`: whether the plan has other intervals.
pub(super) fn extras(tag: &PriceTag, several: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    if tag.derived {
        facts.push(Fact::new("derived", "Converted at the exchange rate"));
    }
    if tag.is_default && several {
        facts.push(Fact::new("default", "Offered by default"));
    }
    if let Some(days) = tag.trial_days {
        let word = if days == 1 { "day" } else { "days" };
        facts.push(Fact::new("trial", format!("{} {word} free to try", count(days))));
    }
    if let Some(offer) = &tag.offer {
        facts.push(Fact::new("offer", self::offer(offer, &tag.currency)));
    }
    if let Some(balance) = tag.included_balance {
        let text = format!("{} of usage included", money(balance, &tag.currency));
        facts.push(Fact { number: Some(balance), ..Fact::new("balance", text) });
    }
    if let Some(credits) = tag.included_credits {
        let word = if credits == 1 { "credit" } else { "credits" };
        facts.push(Fact::new("credits", format!("{} {word} included", count(credits))));
    }
    facts
}

fn offer(offer: &Offer, currency: &str) -> String {
    let off = match (offer.percentage, offer.amount) {
        (Some(percentage), _) => percent(percentage),
        (None, Some(amount)) => money(amount, currency),
        (None, None) => "Something".to_owned(),
    };
    let periods =
        if offer.cycles == 1 { "the first period".to_owned() } else { format!("the first {} periods", offer.cycles) };
    format!("{off} off {periods}")
}

/// What an item says. `currency` is the plan's own; `switched` says whether the plan has several, so that a rate is
/// shown only in the one that the reader chose.
pub(super) fn item(item: &Item, currency: &str, switched: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    let unit = item.unit.as_deref().filter(|unit| !unit.trim().is_empty());
    let each = unit.map_or_else(|| "each".to_owned(), |unit| format!("per {unit}"));
    if item.switch || !item.enabled {
        facts.push(Fact::new("on", if item.enabled { "Included" } else { "Not included" }));
        return facts;
    }
    if let Some(value) = &item.value {
        facts.push(Fact::new("on", value.as_str()));
    } else if item.unlimited {
        facts.push(Fact::new("on", "Unlimited"));
    } else if let Some(included) = item.included {
        match included {
            // What it costs then says it.
            0 if !item.rates.is_empty() || !item.tiers.is_empty() => {}
            0 => facts.push(Fact::new("on", "None included")),
            included => facts.push(Fact::new("on", format!("{} included", count(included)))),
        }
    }
    let begins = if facts.is_empty() { "" } else { "then " };
    for rate in &item.rates {
        let per = match rate.units {
            1 => each.clone(),
            units => format!("per {}", count(units)),
        };
        facts.push(Fact {
            currency: switched.then(|| rate.currency.clone()),
            number: Some(rate.amount),
            ..Fact::new("rate", format!("{begins}{} {per}", money(rate.amount, &rate.currency)))
        });
    }
    let model = item.model.as_deref().map(|model| match model {
        "graduated" => "Each step at its own price".to_owned(),
        "graduated_percentage" => "Each step at its own rate".to_owned(),
        "volume" => "All at the price of the step reached".to_owned(),
        "dynamic" => "Charged as each event says".to_owned(),
        other => capital(&other.replace('_', " ")),
    });
    facts.extend(model.map(|text| Fact::new("model", text)));
    let mut from = 0;
    for (at, tier) in item.tiers.iter().enumerate() {
        facts.push(Fact {
            number: tier.per_unit.or(tier.rate),
            ..Fact::new(format!("tier {at}"), self::tier(tier, from, currency))
        });
        from = tier.up_to.unwrap_or(from);
    }
    if let Some(credits) = item.credits {
        let word = if credits == 1 { "credit" } else { "credits" };
        facts.push(Fact::new("credits", format!("{} {word} {each}", count(credits))));
    }
    facts
}

fn tier(tier: &Tier, from: i64, currency: &str) -> String {
    let range = match (from, tier.up_to) {
        (0, None) => String::new(),
        (0, Some(to)) => format!("Up to {}: ", count(to)),
        (from, Some(to)) => format!("{}–{}: ", count(from.saturating_add(1)), count(to)),
        (from, None) => format!("Over {}: ", count(from)),
    };
    let mut charged: Vec<String> = Vec::new();
    charged.extend(tier.per_unit.map(|amount| format!("{} each", money(amount, currency))));
    charged.extend(tier.rate.map(percent));
    charged.extend(tier.flat.filter(|flat| !flat.is_zero()).map(|flat| format!("{} flat", money(flat, currency))));
    if charged.is_empty() {
        charged.push("nothing".into());
    }
    format!("{range}{}", charged.join(" + "))
}

/// What a term says.
pub(super) fn term(term: &Term, currency: &str) -> Vec<Fact> {
    let number = term.amount.or(term.percentage);
    let text = match (term.amount, term.percentage) {
        (Some(amount), _) => money(amount, currency),
        (None, Some(percentage)) => percent(percentage),
        (None, None) => String::new(),
    };
    let parts: Vec<&str> = [text.as_str(), &term.name].into_iter().filter(|part| !part.is_empty()).collect();
    let text = parts.join(" · ");
    vec![Fact { number, ..Fact::new("term", text) }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(text: &str, number: &str) -> Fact {
        Fact { number: number.parse().ok(), ..Fact::new("rate", text) }
    }

    #[test]
    fn what_differs_is_marked_and_measured() {
        let (old, new) = ([fact("$49.00", "49")], [fact("$59.00", "59")]);
        let now = &lines(&new, Some(&old), Mark::Now)[0];
        assert_eq!((now.mark, now.note.as_str()), (Mark::Now, "+20.4 %"));
        let was = &lines(&old, Some(&new), Mark::Was)[0];
        assert_eq!((was.mark, was.note.as_str()), (Mark::Was, ""));
        assert_eq!(lines(&new, Some(&new), Mark::Now)[0].mark, Mark::Same);
        assert_eq!(lines(&new, None, Mark::Now)[0].mark, Mark::Same);
        assert_eq!(lines(&new, Some(&[]), Mark::Now)[0].mark, Mark::Now);
    }

    #[test]
    fn tiers_are_ranges() {
        let of = |up_to, per_unit: &str| Tier { up_to, per_unit: per_unit.parse().ok(), rate: None, flat: None };
        assert_eq!(tier(&of(Some(1000), "0"), 0, "EUR"), "Up to 1,000: €0.00 each");
        assert_eq!(tier(&of(Some(5000), "0.002"), 1000, "EUR"), "1,001–5,000: €0.002 each");
        assert_eq!(tier(&of(None, "0.001"), 5000, "EUR"), "Over 5,000: €0.001 each");
    }
}
