use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding, money};

/// A plan stands above another one in its group and costs less.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for (place, lower, higher) in super::steps(subject) {
        let at = place.at.to_string();
        let help = "the order decides what is an upgrade: put the plans low to high, or correct the price";
        if higher.free && lower.prices.iter().any(|tag| !tag.amount.is_zero()) {
            let message = format!("`{}` is free and stands above `{}`", higher.address.key(), lower.address.key());
            let found = finding(Code::OrderAgainstPrice, message).help(help);
            subject.say(&place.ladder.address, &["plans", &at], found, sink);
            continue;
        }
        let Some((above, below)) = super::same_interval(lower, higher)
            .find(|(cheap, dear)| dear.amount < cheap.amount)
            .map(|(cheap, dear)| (dear, cheap))
        else {
            continue;
        };
        let message = format!(
            "`{}` stands above `{}` and costs less: {} {} instead of {}",
            higher.address.key(),
            lower.address.key(),
            money(above.amount, &above.currency),
            above.interval,
            money(below.amount, &below.currency)
        );
        let found = finding(Code::OrderAgainstPrice, message)
            .related(subject.place(&above.address, &["amount"]), "the price of the plan above")
            .related(subject.place(&below.address, &["amount"]), "the price of the plan below")
            .help(help);
        subject.say(&place.ladder.address, &["plans", &at], found, sink);
    }
}
