use crate::diagnostic::Code;
use crate::provider::bxb::catalog::{Catalog, ChargeModel, Range};
use crate::provider::limits::SAFE;
use crate::provider::reporter::{Reporter, finding};

/// Ranges have no gaps and go from low to high; the last one is open (bxb-api.md §7).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (key, charge) in &plan.charges {
            let path = ["plans", code, "charges", key];
            let model = charge.charge_model;
            if !model.properties().1.contains(&"ranges") {
                continue;
            }
            if let Some(ranges) = &charge.ranges {
                list(report, &path, model, ranges);
            }
            for (filter, values) in &charge.filters {
                for (value, other) in values {
                    if let Some(ranges) = &other.ranges {
                        list(report, &[&path[..], &["filters", filter, value]].concat(), model, ranges);
                    }
                }
            }
        }
    }
}

fn list(report: &mut Reporter<'_>, path: &[&str], model: ChargeModel, ranges: &[Range]) {
    if report.is_spoiled(&[path, &["ranges"]].concat()) {
        return;
    }
    if ranges.is_empty() {
        let finding = finding(Code::Ranges, "without a range nothing can be billed");
        report.value(
            &[path, &["ranges"]].concat(),
            finding.help("write one open range at least, such as { per_unit: 0 }"),
        );
    }
    let mut before = 0;
    for (at, range) in ranges.iter().enumerate() {
        let number = at.to_string();
        let place = [path, &["ranges", &number]].concat();
        let last = at + 1 == ranges.len();
        match range.up_to {
            None if !last => {
                let finding =
                    finding(Code::Ranges, "only the last range is open: what comes after this one is never reached");
                report.value(&place, finding.help("give it an `up_to`, or move it to the end"));
            }
            Some(up_to) if last => {
                let effect = if model == ChargeModel::Volume {
                    "the server would go on with its price without a word"
                } else {
                    "the server bills nothing for it"
                };
                let finding = finding(Code::Ranges, format!("nothing says what is above {up_to}: {effect}"));
                report
                    .value(&[&place[..], &["up_to"]].concat(), finding.help("add a range without `up_to` at the end"));
            }
            Some(up_to) if up_to <= before => {
                let finding = finding(Code::Ranges, format!("this range ends at {up_to}, but the one before it at {before}"))
                    .help("write ranges from low to high; each holds what is above the one before, up to and with its `up_to`");
                report.value(&[&place[..], &["up_to"]].concat(), finding);
            }
            Some(up_to) if up_to > SAFE => {
                let finding = finding(Code::OutOfRange, format!("{up_to} is larger than {SAFE}"));
                report.value(&[&place[..], &["up_to"]].concat(), finding);
            }
            _ => {}
        }
        before = range.up_to.unwrap_or(before).max(before);
        let (foreign, own, present) = if model.takes_rates() {
            ("per_unit", "rate", range.per_unit.is_some())
        } else {
            ("rate", "per_unit", range.rate.is_some())
        };
        if present {
            let finding = finding(Code::Ranges, format!("a range of a {} charge has no `{foreign}`", model.word()));
            report.value(&[&place[..], &[foreign]].concat(), finding.help(format!("it has `{own}`")));
        } else if range.per_unit.is_none() && range.rate.is_none() && range.flat.is_none() {
            let finding = finding(Code::Ranges, format!("this range has no price: neither `{own}` nor `flat`"));
            report.value(&place, finding.help(format!("write `{own}: 0` if it is free")));
        }
    }
}
