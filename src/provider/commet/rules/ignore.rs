use super::reporter::{Reporter, finding};
use crate::diagnostic::{Code, did_you_mean, one_of};
use crate::provider::commet::catalog::Catalog;

/// `ignore` names fields of the object that it stands in. A part of a field is named by its path: `metadata.tier`.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (key, it) in &catalog.features {
        fields(report, &["features", key], &it.ignore, &["name", "type", "description", "unit_name"]);
    }
    for (key, it) in &catalog.groups {
        fields(report, &["groups", key], &it.ignore, &["name", "description", "public", "plans"]);
    }
    for (key, it) in &catalog.addons {
        let known = [
            "name",
            "description",
            "feature",
            "consumption_model",
            "base_price",
            "included_units",
            "overage_rate",
            "credit_cost",
        ];
        fields(report, &["addons", key], &it.ignore, &known);
    }
    for (key, it) in &catalog.offers {
        let known = ["name", "active", "starts_at", "ends_at", "phases", "metadata"];
        fields(report, &["offers", key], &it.ignore, &known);
    }
    for (key, it) in &catalog.markets {
        fields(report, &["markets", key], &it.ignore, &["name", "countries", "metadata"]);
    }
    for (key, it) in &catalog.credit_packs {
        fields(report, &["credit_packs", key], &it.ignore, &["name", "description", "credits", "price", "active"]);
    }
    for (code, it) in &catalog.promo_codes {
        let known = [
            "offer",
            "percentage",
            "amount_off",
            "cycles",
            "billing_interval",
            "max_redemptions",
            "expires_at",
            "plans",
            "active",
        ];
        fields(report, &["promo_codes", code], &it.ignore, &known);
    }
    for (code, plan) in &catalog.plans {
        let known = [
            "name",
            "description",
            "consumption_model",
            "public",
            "free",
            "block_on_exhaustion",
            "metadata",
            "default_price",
        ];
        fields(report, &["plans", code], &plan.ignore, &known);
        for (interval, price) in &plan.prices {
            let known =
                ["amount", "trial_days", "included_balance", "included_credits", "intro_offer", "markets", "metadata"];
            fields(report, &["plans", code, "prices", interval.word()], &price.ignore, &known);
            for (key, variant) in &price.variants {
                let path = ["plans", code, "prices", interval.word(), "variants", key];
                fields(report, &path, &variant.ignore, &["name", "markets", "metadata"]);
            }
        }
        for (key, feature) in &plan.features {
            let known =
                ["enabled", "included_amount", "unlimited", "overage", "credits_per_unit", "pricing_mode", "margin"];
            fields(report, &["plans", code, "features", key], &feature.ignore, &known);
        }
        for (currency, region) in &plan.regions {
            let known = ["exchange_rate", "prices", "features"];
            fields(report, &["plans", code, "regions", currency], &region.ignore, &known);
        }
    }
}

/// Fields that have parts.
const DEEP: &[&str] = &["metadata", "intro_offer", "prices", "features", "markets", "phases"];

fn fields(report: &mut Reporter<'_>, path: &[&str], ignore: &[String], known: &[&str]) {
    for (at, name) in ignore.iter().enumerate() {
        let field = match name.split_once('.') {
            Some((field, part)) if DEEP.contains(&field) && !part.is_empty() => field,
            _ => name,
        };
        if !known.contains(&field) {
            let finding = finding(Code::IgnoredField, format!("there is no field `{name}` to ignore here"))
                .suggest(did_you_mean(name, known.iter().copied()))
                .help(format!("the fields are {}", one_of(known.iter().copied()).replace(" or ", " and ")));
            report.value(&[path, &["ignore", &at.to_string()]].concat(), finding);
        }
    }
}
