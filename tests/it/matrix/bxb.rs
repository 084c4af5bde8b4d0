//! A rich apply at bxb.

use super::{Subject, is_rich};

const BEFORE: &str = "\
provider: bxb
price_changes: reprice
taxes:
  vat: { name: VAT, rate: 21% }
  extra: { name: Extra, rate: 1.5% }
  gone: { name: Gone, rate: 1% }
billable_metrics:
  calls: { name: Calls, aggregation_type: count, filters: { region: [eu, us], tier: [] } }
  storage: { name: Storage, aggregation_type: max, field_name: gb }
  spare: { name: Spare, aggregation_type: count }
  gone: { name: Gone, aggregation_type: count }
features:
  sso: { name: Single sign-on, feature_type: boolean }
  seats: { name: Seats, feature_type: quantity }
  support: { name: Support, feature_type: custom }
  gone: { name: Gone, feature_type: boolean }
plans:
  pro:
    name: Pro
    interval: monthly
    amount: 49.00
    currency: EUR
    taxes: [vat]
    charges:
      calls:
        billable_metric: calls
        charge_model: graduated
        ranges: [{ up_to: 10000, per_unit: 0 }, { per_unit: 0.002 }]
        taxes: [vat]
      regional:
        billable_metric: calls
        charge_model: standard
        amount: 0.001
        filters: { region: { eu: { amount: 0.0012 }, us: {} } }
    entitlements: { sso: true, seats: 5, gone: true }
    commitments: [{ amount: 100.00 }]
    usage_thresholds: [{ amount: 500.00 }, { amount: 700.00 }]
  old: { name: Old, interval: yearly, amount: 10.00, currency: EUR }
  other: { name: Other, interval: monthly, amount: 10.00, currency: EUR }
add_ons:
  setup: { name: Set-up, amount: 250.00, currency: EUR }
  gone: { name: Gone, amount: 2.00, currency: EUR }
coupons:
  launch: { name: Launch, coupon_type: percentage, rate: 20%, frequency: recurring, duration: 3 }
  gone: { name: Gone, coupon_type: percentage, rate: 5%, frequency: once }
";

const AFTER: &str = "\
provider: bxb
price_changes: reprice
taxes:
  vat: { name: VAT, rate: 22% }
  extra: { name: Extra, rate: 1.5%, applied_to_organization: true }
  fresh: { name: Fresh, rate: 2% }
billable_metrics:
  calls: { name: API calls, aggregation_type: count, filters: { region: [eu, us, ap], tier: [] } }
  storage: { name: Storage, aggregation_type: max, field_name: gb }
  spare: { name: Spare, aggregation_type: sum, field_name: n, replace: true }
  fresh: { name: Fresh, aggregation_type: count, filters: { size: [big] } }
features:
  sso: { name: SSO, feature_type: boolean }
  seats: { name: Seats, feature_type: quantity }
  support: { name: Support, feature_type: custom }
  fresh: { name: Fresh, feature_type: boolean }
plans:
  pro:
    name: Pro
    description: For growing teams
    interval: monthly
    amount: 59.00
    currency: EUR
    taxes: [vat]
    charges:
      calls:
        billable_metric: calls
        charge_model: graduated
        ranges: [{ up_to: 10000, per_unit: 0 }, { per_unit: 0.003 }]
        taxes: [vat, extra]
      regional:
        billable_metric: calls
        charge_model: standard
        amount: 0.001
        filters: { region: { eu: { amount: 0.0014 }, ap: {} } }
      stored: { billable_metric: storage, charge_model: standard, amount: 0.10, taxes: [fresh] }
    entitlements: { sso: true, seats: 10, support: fast }
    commitments: [{ amount: 120.00, invoice_display_name: Minimum }]
    usage_thresholds: [{ amount: 500.00, recurring: true }]
  other: { name: Other, interval: yearly, amount: 100.00, currency: EUR, replace: true }
  fresh:
    name: Fresh
    interval: monthly
    amount: 5.00
    currency: EUR
    taxes: [vat]
    charges:
      calls:
        billable_metric: calls
        charge_model: standard
        amount: 0.01
        filters: { region: { eu: { amount: 0.02 } } }
    entitlements: { fresh: true }
    commitments: [{ amount: 7.00 }]
add_ons:
  setup: { name: Set-up fee, amount: 260.00, currency: EUR }
  fresh: { name: Fresh, amount: 2.00, currency: EUR }
coupons:
  launch: { name: Launch offer, coupon_type: percentage, rate: 20%, frequency: recurring, duration: 3 }
  fresh: { name: Fresh, coupon_type: fixed_amount, amount: 5.00, frequency: once }
";

const BXB: Subject = Subject { provider: "bxb", before: BEFORE, after: AFTER };

#[test]
fn every_call_at_bxb_and_everything_that_can_go_wrong() {
    let calm = BXB.calm();
    is_rich(
        &calm,
        &[
            ("POST", &["/taxes/", "/taxes/apply", "/billable_metrics/", "/filters", "/features/", "/plans/"]),
            ("POST", &["/entitlements/", "/commitments", "/usage_thresholds", "/add_ons/", "/coupons/"]),
            ("PUT", &["/taxes/", "/billable_metrics/", "/plans/", "/commitments/", "/add_ons/", "/coupons/"]),
            ("PATCH", &["/features/", "/entitlements/"]),
            ("DELETE", &["/taxes/", "/billable_metrics/", "/filters/", "/features/", "/plans/", "/entitlements/"]),
            ("DELETE", &["/usage_thresholds/", "/add_ons/", "/coupons/"]),
        ],
    );
    calm.each();
}
