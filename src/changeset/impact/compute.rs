//! Subscriptions × changes → impact. Pure: no clock, no network, and no number that is not in either.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::changeset::impact::{Billing, ChangeImpact, EffectImpact, Impact, ImpactSource, Revenue, State};
use crate::diff::{Action, Change, FieldChange, Reason};
use crate::model::{Address, Currency, Effect, Live, Standing, Subscription, Subscriptions};

/// Counts whom the changes touch, and what they pay before and after.
pub fn impact(
    billing: &dyn Billing,
    live: &Live,
    changes: &[Change],
    subscriptions: &Subscriptions,
    source: ImpactSource,
) -> Impact {
    let work = Work { billing, live, counts: &subscriptions.counts };
    let parts: Vec<Part<'_>> = changes.iter().flat_map(parts).collect();
    let rows = changes.iter().filter(|change| matters(change)).map(|change| work.change(change)).collect();
    let (total, by_effect) = work.over(&parts);
    let mut impact = Impact {
        source,
        subscriptions: subscriptions
            .counts
            .values()
            .fold(subscriptions.elsewhere, |sum, count| sum.saturating_add(*count)),
        subscribers: total.subscribers,
        trialing: total.trialing,
        revenue: total.revenue(),
        by_effect,
        changes: rows,
        assumptions: Vec::new(),
    };
    impact.assumptions = assumptions(billing, subscriptions, &impact, total.without_price);
    impact
}

fn assumptions(billing: &dyn Billing, given: &Subscriptions, impact: &Impact, without_price: u64) -> Vec<String> {
    let any = |is: fn(&Subscription) -> bool| given.counts.keys().any(is);
    let mut said: Vec<String> = vec![
        "list prices by the month, without discounts, offers, add-ons, usage, taxes and one-time prices".into(),
        "a weekly price counts × 52 ÷ 12, a quarterly one ÷ 3, a yearly one ÷ 12".into(),
        "nobody subscribes, cancels or changes plan meanwhile".into(),
    ];
    if impact.trialing > 0 {
        said.push("who is in a trial is counted, and pays nothing yet: no revenue is counted for them".into());
    }
    if any(|who| who.standing == Standing::Ending) {
        said.push("subscriptions that end with their period get nothing that comes later, and count no revenue".into());
    }
    if any(|who| who.archived) {
        said.push("who has an archived price keeps it, and its amount is not in the revenue".into());
    }
    if given.elsewhere > 0 {
        said.push(format!(
            "{} on plans that the API does not list any more, which nothing here touches",
            given.elsewhere
        ));
    }
    if without_price > 0 {
        said.push(format!(
            "{without_price} are left without a price: what they pay then is not known, nor in the revenue"
        ));
    }
    if impact.changes.iter().any(|change| change.depends_on_usage) {
        said.push(
            "what a change of usage prices and of what is included comes to depends on usage: no number is given"
                .into(),
        );
    }
    said.extend(billing.assumptions().iter().map(|one| (*one).to_owned()));
    said.extend(given.assumptions.iter().cloned());
    said
}

/// Changes that touch subscribers, or that somebody could think did: a grandfathered price, a plan that is withdrawn.
fn matters(change: &Change) -> bool {
    let withdrawn = change.action == Action::Delete && change.kind.sold;
    let grandfathered = matches!(change.reason, Reason::Grandfather { .. });
    parts(change).next().is_some() || withdrawn || grandfathered
}

/// A part of a change that reaches subscribers at one moment: a field, or the object as a whole.
#[derive(Clone, Copy)]
struct Part<'a> {
    change: &'a Change,
    field: Option<&'a FieldChange>,
    effect: Effect,
}

fn parts(change: &Change) -> impl Iterator<Item = Part<'_>> {
    let by_field = change.action == Action::Update || matches!(change.reason, Reason::Grandfather { .. });
    let whole = (change.is_effective() && !by_field).then_some(Part { change, field: None, effect: change.effect });
    let fields = change.fields.iter().filter(move |field| by_field && !field.blocked);
    let fields = fields.map(move |field| Part { change, field: Some(field), effect: field.effect });
    whole.into_iter().chain(fields).filter(|part| part.effect.reaches_subscribers())
}

struct Work<'a> {
    billing: &'a dyn Billing,
    live: &'a Live,
    counts: &'a BTreeMap<Subscription, u64>,
}

impl Work<'_> {
    fn change(&self, change: &Change) -> ChangeImpact {
        let parts: Vec<Part<'_>> = parts(change).collect();
        let known = self
            .counts
            .keys()
            .all(|who| parts.iter().all(|part| self.billing.concerns(who, change, part.field, self.live).is_some()));
        let (total, by_effect) = self.over(&parts);
        ChangeImpact {
            address: change.address.clone(),
            subscribers: known.then_some(total.subscribers),
            trialing: total.trialing,
            revenue: total.revenue(),
            by_effect,
            depends_on_usage: parts.iter().any(|part| self.billing.by_usage(change, part.field, self.live)),
        }
    }

    /// What some parts mean together, and at each moment.
    fn over(&self, parts: &[Part<'_>]) -> (Sum, Vec<EffectImpact>) {
        let before = State::live(self.live);
        let after = self.state(parts, None);
        let by_plan = ByPlan::of(parts);
        let moments: BTreeSet<Effect> = parts.iter().map(|part| part.effect).collect();
        let mut moments: Vec<(Effect, State<'_>, Sum)> =
            moments.into_iter().map(|effect| (effect, self.state(parts, Some(effect)), Sum::default())).collect();
        let mut total = Sum::default();
        for (who, count) in self.candidates(&by_plan) {
            let mut reached: BTreeSet<Effect> = BTreeSet::new();
            for part in by_plan.about(&who.plan) {
                if !reached.contains(&part.effect) && self.touches(part, who) {
                    reached.insert(part.effect);
                }
            }
            if reached.is_empty() {
                continue;
            }
            total.add(who, *count, self.billing.pays(who, &before), self.billing.pays(who, &after));
            for (effect, state, sum) in moments.iter_mut().filter(|(effect, ..)| reached.contains(effect)) {
                debug_assert!(effect.reaches_subscribers());
                sum.add(who, *count, self.billing.pays(who, &before), self.billing.pays(who, state));
            }
        }
        let by_effect = moments.into_iter().filter(|(.., sum)| sum.subscribers > 0).map(|(effect, _, sum)| {
            EffectImpact { effect, subscribers: sum.subscribers, trialing: sum.trialing, revenue: sum.revenue() }
        });
        (total, by_effect.collect())
    }

    /// Subscriptions that the parts could touch: those on their plans, or all.
    fn candidates(&self, parts: &ByPlan<'_, '_>) -> impl Iterator<Item = (&Subscription, &u64)> {
        let all = (!parts.outside.is_empty()).then_some(self.counts).into_iter().flatten();
        let plans = parts.inside.keys().filter(|_| parts.outside.is_empty());
        let on_plans = plans.flat_map(|plan| {
            let first = Subscription {
                plan: plan.clone(),
                interval: None,
                currency: None,
                standing: Standing::Paying,
                archived: false,
            };
            self.counts.range(first..).take_while(|(who, _)| who.plan == *plan)
        });
        all.chain(on_plans)
    }

    fn touches(&self, part: &Part<'_>, who: &Subscription) -> bool {
        let later = matches!(part.effect, Effect::AtRenewal | Effect::NextPeriod);
        let goes_on = who.standing != Standing::Ending && who.interval.as_deref() != Some("one_time");
        (goes_on || !later) && self.billing.concerns(who, part.change, part.field, self.live) == Some(true)
    }

    /// What is live with these parts made; at one moment, those of that moment.
    fn state<'s>(&'s self, parts: &[Part<'s>], at: Option<Effect>) -> State<'s> {
        let mut state = State::live(self.live);
        for part in parts.iter().filter(|part| at.is_none_or(|effect| effect == part.effect)) {
            let change = part.change;
            match part.field {
                Some(field) => state.change(&change.address, field),
                None if change.action == Action::Delete => state.remove(&change.address),
                None => change.fields.iter().for_each(|field| state.change(&change.address, field)),
            }
        }
        state
    }
}

/// Parts by the plan that they are in; those that are in none are about all.
struct ByPlan<'p, 'a> {
    inside: BTreeMap<Address, Vec<&'p Part<'a>>>,
    outside: Vec<&'p Part<'a>>,
}

impl<'p, 'a> ByPlan<'p, 'a> {
    fn of(parts: &'p [Part<'a>]) -> Self {
        let mut by_plan = Self { inside: BTreeMap::new(), outside: Vec::new() };
        for part in parts {
            let root = part.change.address.root();
            match root.collection() {
                "plans" => by_plan.inside.entry(root).or_default().push(part),
                _ => by_plan.outside.push(part),
            }
        }
        by_plan
    }

    fn about(&self, plan: &Address) -> impl Iterator<Item = &'p Part<'a>> {
        self.inside.get(plan).into_iter().flatten().chain(&self.outside).copied()
    }
}

/// Money by currency and by the interval that it is for: divided only at the end, so that nothing is rounded twice.
type Money = BTreeMap<(Currency, String), Decimal>;

#[derive(Default)]
struct Sum {
    subscribers: u64,
    trialing: u64,
    before: Money,
    after: Money,
    /// Who pays something before and has no price after.
    without_price: u64,
}

impl Sum {
    fn add(
        &mut self,
        who: &Subscription,
        count: u64,
        before: Option<(Currency, Decimal)>,
        after: Option<(Currency, Decimal)>,
    ) {
        self.subscribers = self.subscribers.saturating_add(count);
        match who.standing {
            Standing::Trialing => self.trialing = self.trialing.saturating_add(count),
            Standing::Ending => {}
            Standing::Paying => match (before, after, &who.interval) {
                (Some(before), Some(after), Some(interval)) => {
                    plus(&mut self.before, before, interval, count);
                    plus(&mut self.after, after, interval, count);
                }
                (Some(_), None, _) => self.without_price = self.without_price.saturating_add(count),
                _ => {}
            },
        }
    }

    /// A line for each currency in which something moves.
    fn revenue(&self) -> Vec<Revenue> {
        let (before, after) = (monthly(&self.before), monthly(&self.after));
        let currencies: BTreeSet<Currency> = before.keys().chain(after.keys()).copied().collect();
        let line = |currency: Currency| {
            let of = |money: &BTreeMap<Currency, Decimal>| money.get(&currency).copied().unwrap_or_default();
            (of(&before) != of(&after)).then(|| Revenue {
                currency: currency.code().to_owned(),
                before: written(of(&before), currency),
                after: written(of(&after), currency),
            })
        };
        let mut lines: Vec<Revenue> = currencies.into_iter().filter_map(line).collect();
        lines.sort_by(|one, other| one.currency.cmp(&other.currency));
        lines
    }
}

fn plus(money: &mut Money, (currency, amount): (Currency, Decimal), interval: &str, count: u64) {
    let sum = money.entry((currency, interval.to_owned())).or_default();
    *sum = sum.saturating_add(amount.saturating_mul(Decimal::from(count)));
}

/// Month by month: a week is 12/52 of a month, what is paid once is not recurring.
fn monthly(money: &Money) -> BTreeMap<Currency, Decimal> {
    let mut months: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for ((currency, interval), amount) in money {
        let (times, parts) = match interval.as_str() {
            "weekly" => (52, 12),
            "monthly" => (1, 1),
            "quarterly" => (1, 3),
            "yearly" => (1, 12),
            _ => continue,
        };
        let sum = months.entry(*currency).or_default();
        *sum = sum.saturating_add(amount.saturating_mul(Decimal::from(times)) / Decimal::from(parts));
    }
    months
}

fn written(amount: Decimal, currency: Currency) -> String {
    let places = currency.exponent();
    let mut amount = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(places);
    amount.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(interval: &str, standing: Standing) -> Subscription {
        Subscription {
            plan: Address::new("plans", "pro"),
            interval: Some(interval.into()),
            currency: None,
            standing,
            archived: false,
        }
    }

    fn lines(sum: &Sum) -> Vec<String> {
        let line = |one: &Revenue| format!("{} {} → {}", one.currency, one.before, one.after);
        sum.revenue().iter().map(line).collect()
    }

    fn dollars(amount: &str) -> Option<(Currency, Decimal)> {
        Some((Currency::USD, amount.parse().unwrap()))
    }

    #[test]
    fn a_month_of_every_interval() {
        for (interval, count, before, after, says) in [
            ("monthly", 1240, "49.00", "59.00", "USD 60760.00 → 73160.00"),
            ("yearly", 3, "490.00", "500.00", "USD 122.50 → 125.00"),
            ("quarterly", 1, "100.00", "200.00", "USD 33.33 → 66.67"),
            ("weekly", 3, "10.00", "20.00", "USD 130.00 → 260.00"),
        ] {
            let mut sum = Sum::default();
            sum.add(&who(interval, Standing::Paying), count, dollars(before), dollars(after));
            assert_eq!(lines(&sum), [says]);
        }
        // Thirds are added before they are rounded.
        let mut sum = Sum::default();
        for _ in 0..3 {
            sum.add(&who("quarterly", Standing::Paying), 1, dollars("0.01"), dollars("0.02"));
        }
        assert_eq!(lines(&sum), ["USD 0.01 → 0.02"]);
        let mut sum = Sum::default();
        sum.add(&who("one_time", Standing::Paying), 9, dollars("1.00"), dollars("2.00"));
        assert_eq!((lines(&sum).len(), sum.subscribers), (0, 9));
    }

    #[test]
    fn currencies_trials_and_lost_prices() {
        let yen = |amount: i64| Some(("JPY".parse().unwrap(), Decimal::from(amount)));
        let mut sum = Sum::default();
        sum.add(&who("monthly", Standing::Paying), 2, yen(5000), yen(6000));
        sum.add(&who("monthly", Standing::Paying), 1, dollars("49.00"), dollars("49.00"));
        sum.add(&who("monthly", Standing::Trialing), 4, dollars("49.00"), dollars("59.00"));
        sum.add(&who("monthly", Standing::Ending), 5, dollars("49.00"), dollars("59.00"));
        sum.add(&who("monthly", Standing::Paying), 6, yen(5000), None);
        assert_eq!(lines(&sum), ["JPY 10000 → 12000"]);
        assert_eq!((sum.subscribers, sum.trialing, sum.without_price), (18, 4, 6));
    }

    #[test]
    fn what_is_too_much_does_not_panic() {
        let mut sum = Sum::default();
        for _ in 0..3 {
            sum.add(&who("weekly", Standing::Paying), u64::MAX, dollars("90000000000000"), dollars("1.00"));
        }
        assert_eq!((sum.subscribers, sum.revenue().len()), (u64::MAX, 1));
    }
}
