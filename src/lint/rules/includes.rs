use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding};
use crate::model::{Item, PlanCard, PriceTag};

/// Of two neighbours in a group, the dearer one has less of something.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for (_, lower, higher) in super::steps(subject) {
        let dearer = super::same_interval(lower, higher).find(|(cheap, dear)| dear.amount > cheap.amount);
        if dearer.is_none() && !(lower.free && higher.prices.iter().any(|tag| !tag.amount.is_zero())) {
            continue;
        }
        for item in lower.items.iter().filter(|item| item.enabled) {
            let other =
                higher.items.iter().find(|other| other.of == item.of && same_kind(item, other) && other.enabled);
            let Some(what) = less(item, other) else { continue };
            let message = format!("`{}` is dearer than `{}` and {what}", higher.address.key(), lower.address.key());
            let there = subject.place(&item.address, &[]);
            let found = finding(Code::IncludesLess, message).related(there, "what the cheaper plan has");
            let stands = higher.items.iter().find(|other| other.of == item.of && same_kind(item, other));
            match stands {
                Some(stands) if stands.included.is_some() && stands.enabled => {
                    subject.say(&stands.address, &["included_amount"], found, sink);
                }
                Some(stands) => subject.say(&stands.address, &[], found, sink),
                None => subject.say(&higher.address, &[item.address.collection()], found, sink),
            }
        }
        if let Some(tags) = dearer {
            prepaid(subject, lower, higher, tags, sink);
        }
    }
}

fn same_kind(one: &Item, other: &Item) -> bool {
    one.address.collection() == other.address.collection()
}

/// What a plan has less of, in words.
fn less(cheap: &Item, dear: Option<&Item>) -> Option<String> {
    let Some(dear) = dear else { return Some(format!("has no `{}`", cheap.of)) };
    if dear.unlimited || cheap.switch {
        return None;
    }
    let (has, wants) = (dear.included.unwrap_or(0), cheap.included.unwrap_or(0));
    if cheap.unlimited {
        return Some(format!("includes {has} of `{}` instead of any number", cheap.of));
    }
    (has < wants).then(|| format!("includes {has} of `{}` instead of {wants}", cheap.of))
}

/// Credits and balance that come with the price.
fn prepaid(
    subject: &Subject<'_>,
    lower: &PlanCard,
    higher: &PlanCard,
    (cheap, dear): (&PriceTag, &PriceTag),
    sink: &mut Sink,
) {
    let names = (higher.address.key(), lower.address.key());
    let mut say = |field: &str, has: String, wants: String| {
        let message = format!("`{}` is dearer than `{}` and includes {has} instead of {wants}", names.0, names.1);
        let there = subject.place(&cheap.address, &[field]);
        let found = finding(Code::IncludesLess, message).related(there, "what the cheaper plan has");
        subject.say(&dear.address, &[field], found, sink);
    };
    if let (Some(has), Some(wants)) = (dear.included_credits, cheap.included_credits)
        && has < wants
    {
        say("included_credits", format!("{has} credits"), wants.to_string());
    }
    if let (Some(has), Some(wants)) = (dear.included_balance, cheap.included_balance)
        && has < wants
    {
        let words = |amount| crate::lint::subject::money(amount, &dear.currency);
        say("included_balance", format!("a balance of {}", words(has)), words(wants));
    }
}
