use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding};
use crate::model::{Address, Item};

/// Something that is on, of which nothing is included and nothing is sold. What is billed by usage is not looked at: a
/// rule of the provider's does.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for plan in &subject.page.plans {
        for item in plan.items.iter().filter(|item| item.enabled && !item.switch && !item.unlimited) {
            let feature = subject.object(&Address::new("features", &item.of));
            let kind = feature.and_then(|feature| feature.text("type").or_else(|| feature.text("feature_type")));
            let nothing = match kind {
                Some("seats" | "quota") => nothing_counted(item),
                Some("quantity") => item.value.as_deref() == Some("0"),
                _ => false,
            };
            if nothing {
                let message = format!("`{}` has `{}`, but none of it", plan.address.key(), item.of);
                let found = finding(Code::LimitOfZero, message);
                let help = if kind == Some("quantity") {
                    "write how many, or leave the feature out"
                } else {
                    "add `included_amount`, `unlimited` or `overage`, or write `false`"
                };
                subject.say(&item.address, &["included_amount"], found.help(help), sink);
            }
        }
    }
}

fn nothing_counted(item: &Item) -> bool {
    item.included.unwrap_or(0) == 0 && item.rates.is_empty() && item.credits.is_none()
}
