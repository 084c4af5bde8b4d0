use rust_decimal::Decimal;

use crate::diagnostic::{Code, one_of};
use crate::model::Value;
use crate::provider::bxb::catalog::{Catalog, Charge, ChargeModel};
use crate::provider::bxb::charges::Properties;
use crate::provider::reporter::{Reporter, finding};

/// Each charge model has the properties that its calculator reads, and those that it cannot do without (bxb-api.md
/// §7). The server checks none of them.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (key, charge) in &plan.charges {
            let path = ["plans", code, "charges", key];
            let own = charge.properties();
            foreign(report, &path, charge.charge_model, &own);
            values(report, &path, &own);
            needed(report, &path, charge, &own);
            for (filter, values) in &charge.filters {
                for (value, other) in values {
                    let path = [&path[..], &["filters", filter, value]].concat();
                    let own = other.properties();
                    foreign(report, &path, charge.charge_model, &own);
                    self::values(report, &path, &own);
                }
            }
        }
    }
}

fn foreign(report: &mut Reporter<'_>, path: &[&str], model: ChargeModel, own: &Properties<'_>) {
    let (_, known) = model.properties();
    for name in own.names().filter(|name| !known.contains(name)) {
        let message = format!("a {} charge has no `{name}`", model.word());
        let known = one_of(known.iter().copied()).replace(" or ", " and ");
        report
            .value(&[path, &[name]].concat(), finding(Code::ChargeProperties, message).help(format!("it has {known}")));
    }
}

fn needed(report: &mut Reporter<'_>, path: &[&str], charge: &Charge, own: &Properties<'_>) {
    let model = charge.charge_model;
    let (needed, known) = model.properties();
    let missing = |name: &str| !own.names().any(|own| own == name);
    for name in &known[..needed] {
        if missing(name) && !report.is_spoiled(&[path, &[*name]].concat()) {
            report.key(path, finding(Code::ChargeProperties, format!("a {} charge needs `{name}`", model.word())));
        }
    }
    if model == ChargeModel::Custom && missing("custom_amount") && missing("unit_price") {
        let spoiled = known.iter().any(|name| report.is_spoiled(&[path, &[*name]].concat()));
        if !spoiled {
            let message = "a custom charge needs `custom_amount` or `unit_price`";
            report.key(path, finding(Code::ChargeProperties, message));
        }
    }
    if model == ChargeModel::Percentage {
        for (name, base) in [("rate", "base_amount"), ("fixed_amount", "event_count")] {
            let brings = own.simple.iter().any(|(own, value)| *own == name && !is_zero(value));
            if brings && missing(base) && !report.is_spoiled(&[path, &[base]].concat()) {
                let message = format!("`{name}` brings nothing: the server does not take `{base}` from usage");
                let finding = finding(Code::NothingBilled, message).help(format!("set `{base}`"));
                report.value(&[path, &[name]].concat(), finding);
            }
        }
    }
}

fn is_zero(value: &Value) -> bool {
    value.number() == Some(Decimal::ZERO)
}

/// Values that crash the calculation for every subscriber (§7), or contradict one another.
fn values(report: &mut Reporter<'_>, path: &[&str], own: &Properties<'_>) {
    let get = |name: &str| own.simple.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
    if get("package_size").is_some_and(is_zero) {
        let message = "a package of no units cannot be billed: the server would divide by zero";
        report.value(&[path, &["package_size"]].concat(), finding(Code::ChargeProperties, message));
    }
    for name in ["price_field", "quantity_field"] {
        if get(name).and_then(Value::text).is_some_and(str::is_empty) {
            report
                .value(&[path, &[name]].concat(), finding(Code::BadText, "the name of an event property is not empty"));
        }
    }
    for (least, most) in [("min_price", "max_price"), ("per_transaction_min_amount", "per_transaction_max_amount")] {
        let number = |name| get(name).and_then(Value::number);
        if let (Some(low), Some(high)) = (number(least), number(most))
            && low > high
            && !(most == "max_price" && high.is_zero())
        {
            let message = format!("`{least}` is above `{most}`");
            report.value(&[path, &[least]].concat(), finding(Code::ChargeProperties, message));
        }
    }
}
