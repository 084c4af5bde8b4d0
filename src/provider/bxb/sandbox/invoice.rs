//! What a subscription's next invoice would be (bxb-api.md §8): usage, commitments, taxes, coupons; not the plan's own
//! amount.

use rust_decimal::Decimal;

use super::calculate::number;
use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{Field, Kind, required};
use super::json::{Json, Object};
use super::usage::{self, money};

const OF: &[Field] = &[required("subscription_id", Kind::Id)];

struct Fee {
    description: String,
    units: Decimal,
    cents: Decimal,
    model: Json,
    metric: Json,
    taxes: Decimal,
}

fn sum(cents: impl Iterator<Item = Decimal>) -> Decimal {
    cents.fold(Decimal::ZERO, Decimal::saturating_add)
}

/// A column that the database has checked.
fn stored(row: &Object, column: &str) -> Decimal {
    number(row.at(column)).unwrap_or_default()
}

/// The rates of the first of these objects that has any tax, else those of the organization; as they are now.
fn rate(call: &Call<'_>, levels: &[(&str, &str)]) -> Decimal {
    for (kind, id) in levels {
        let applied = call.db.by("applied_taxes", "taxable_id", id).filter(|row| row.text("taxable_type") == *kind);
        let taxes: Vec<_> = applied.filter_map(|row| call.db.find("taxes", row.text("tax_id"))).collect();
        if !taxes.is_empty() {
            return sum(taxes.into_iter().map(|tax| stored(tax, "rate")));
        }
    }
    let general = call.db.all("taxes").filter(|tax| call.owns(tax));
    sum(general.filter(|tax| tax.at("applied_to_organization") == &Json::Bool(true)).map(|tax| stored(tax, "rate")))
}

fn fees(call: &Call<'_>, subscription: &Object, plan: &Object) -> Result<Vec<Fee>, Failure> {
    let levels = [("plan", plan.id()), ("customer", subscription.text("customer_id"))];
    let taxed = |cents: Decimal, levels: &[(&str, &str)]| cents.saturating_mul(rate(call, levels));
    let mut fees = Vec::new();
    for line in usage::lines(call, subscription)? {
        let of_charge = [("charge", line.charge.id()), levels[0], levels[1]];
        fees.push(Fee {
            description: line.display_name.unwrap_or(line.metric.text("name")).to_owned(),
            units: line.units,
            cents: line.cents,
            model: line.charge.at("charge_model").clone(),
            metric: line.metric.at("code").clone(),
            taxes: taxed(line.cents, &of_charge),
        });
    }
    fees.retain(|fee| !fee.units.is_zero() || !fee.cents.is_zero());
    let used = sum(fees.iter().map(|fee| fee.cents));
    // Each commitment is billed in full, whatever the others are.
    for commitment in call.db.by("commitments", "plan_id", plan.id()) {
        let missing = stored(commitment, "amount_cents").saturating_sub(used);
        if commitment.text("commitment_type") == "minimum_commitment" && missing > Decimal::ZERO {
            fees.push(Fee {
                description: commitment.at("invoice_display_name").as_text().unwrap_or("Minimum commitment").to_owned(),
                units: Decimal::ONE,
                cents: missing,
                model: Json::Null,
                metric: Json::Null,
                taxes: taxed(missing, &levels),
            });
        }
    }
    Ok(fees)
}

/// What the customer's coupons take off.
fn coupons(call: &Call<'_>, customer: &str, subtotal: Decimal) -> Decimal {
    let applied = call.db.by("applied_coupons", "customer_id", customer).filter(|row| row.text("status") == "active");
    let coupons = applied.filter_map(|row| call.db.find("coupons", row.text("coupon_id")));
    let off = sum(coupons.map(|coupon| match coupon.text("coupon_type") {
        "percentage" => subtotal.saturating_mul(stored(coupon, "percentage_rate")) / Decimal::ONE_HUNDRED,
        _ => stored(coupon, "amount_cents"),
    }));
    off.min(subtotal)
}

pub(super) fn preview(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(OF)?;
    let call = &*call;
    let subscription = call.db.find("subscriptions", body.text("subscription_id")).filter(|row| call.owns(row));
    let subscription = subscription.ok_or_else(|| Failure::not_found("Subscription"))?;
    let plan = call.db.find("plans", subscription.text("plan_id")).ok_or(Failure::Crash)?;
    let fees = fees(call, subscription, plan)?;
    let (subtotal, taxes) = (sum(fees.iter().map(|fee| fee.cents)), sum(fees.iter().map(|fee| fee.taxes)));
    let off = coupons(call, subscription.text("customer_id"), subtotal);
    let shown = fees.iter().map(|fee| {
        let each = fee.cents.checked_div(fee.units).unwrap_or_default();
        Json::from([
            ("description", fee.description.as_str().into()),
            ("units", fee.units.normalize().to_string().into()),
            ("unit_amount_cents", money(each)),
            ("amount_cents", money(fee.cents)),
            ("charge_model", fee.model.clone()),
            ("metric_code", fee.metric.clone()),
        ])
    });
    Ok(Reply::ok([
        ("subtotal_cents", money(subtotal)),
        ("tax_amount_cents", money(taxes)),
        ("coupons_amount_cents", money(off)),
        ("prepaid_credit_amount_cents", money(Decimal::ZERO)),
        ("total_cents", money(subtotal.saturating_add(taxes).saturating_sub(off))),
        ("currency", plan.at("currency").clone()),
        ("fees", shown.collect::<Vec<_>>().into()),
    ]))
}
