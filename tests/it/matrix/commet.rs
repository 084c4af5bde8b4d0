//! A rich apply at Commet.

use super::{Subject, is_rich};

const BEFORE: &str = "\
provider: commet
price_changes: reprice
features:
  sso: { name: Single sign-on, type: boolean }
  calls: { name: Calls, type: usage, unit_name: call }
  seats: { name: Seats, type: seats }
  tokens: { name: Tokens, type: usage }
  sms: { name: SMS, type: usage }
  spare: { name: Spare, type: usage }
  gone: { name: Gone, type: boolean }
groups:
  main: { name: Main, plans: [free, basic, pro] }
  side: { name: Side, plans: [creds] }
  gone: { name: Gone }
plans:
  free: { name: Free, free: true, features: { sso: true } }
  basic: { name: Basic, consumption_model: metered, prices: { monthly: 9.00 } }
  bare: { name: Bare }
  pro:
    name: Pro
    consumption_model: metered
    default_price: monthly
    prices: { monthly: 49.00, yearly: 490.00, weekly: 15.00 }
    features:
      sso: true
      calls: { included_amount: 1000, overage: 0.002 }
      seats: { included_amount: 5, overage: 12.00 }
    regions:
      brl: { exchange_rate: 5.40, prices: { monthly: 249.00 } }
      jpy: { exchange_rate: 150 }
  kept:
    name: Kept
    price_changes: grandfather
    consumption_model: metered
    prices: { monthly: 20.00 }
    regions:
      eur: { exchange_rate: 0.92, prices: { monthly: { amount: 19.00, intro_offer: { percentage: 10%, cycles: 1 } } } }
  creds:
    name: Credits
    consumption_model: credits
    prices: { monthly: { amount: 30.00, included_credits: 100 } }
    features: { tokens: { credits_per_unit: 3 } }
  bal:
    name: Balance
    consumption_model: balance
    prices: { monthly: { amount: 30.00, included_balance: 10.00 } }
    features: { tokens: { pricing_mode: ai_model, margin: 15% } }
  old: { name: Old, consumption_model: metered, prices: { monthly: 5.00 }, features: { gone: true } }
addons:
  text: { name: Text, feature: sms, consumption_model: metered, base_price: 15.00, included_units: 1000, overage_rate: 0.03 }
  gone: { name: Gone, feature: calls, consumption_model: metered, base_price: 1.00, included_units: 5, overage_rate: 0.01 }
";

const AFTER: &str = "\
provider: commet
price_changes: reprice
features:
  sso: { name: SSO, type: boolean }
  calls: { name: Calls, type: usage, unit_name: call }
  seats: { name: Seats, type: seats }
  tokens: { name: Tokens, type: usage }
  sms: { name: SMS, type: usage }
  spare: { name: Spare, type: boolean, replace: true }
  fresh: { name: Fresh, type: usage }
groups:
  main: { name: Main plans, plans: [basic, free, fresh] }
  side: { name: Side, plans: [creds, pro] }
  fresh: { name: Fresh }
plans:
  free: { name: Free, free: true, features: { sso: true } }
  basic: { name: Basic, consumption_model: metered, public: false, metadata: { tier: 1 }, prices: { monthly: 9.00 } }
  bare: { name: Bare, consumption_model: metered, replace: true }
  pro:
    name: Pro
    description: For growing teams
    consumption_model: metered
    default_price: yearly
    prices: { monthly: 52.00, yearly: { amount: 490.00, trial_days: 14, intro_offer: { percentage: 20%, cycles: 3 } } }
    features:
      sso: true
      calls: { included_amount: 2500, overage: 0.0015 }
    regions:
      brl: { exchange_rate: 5.62, prices: { monthly: 259.00 } }
  kept:
    name: Kept
    price_changes: grandfather
    consumption_model: metered
    prices: { monthly: 22.00 }
    regions:
      eur: { exchange_rate: 0.92, prices: { monthly: { amount: 20.00, intro_offer: { percentage: 10%, cycles: 1 } } } }
  creds:
    name: Credits
    consumption_model: credits
    prices: { monthly: { amount: 30.00, included_credits: 100 } }
    features: { tokens: { credits_per_unit: 5 } }
  bal:
    name: Balance
    consumption_model: balance
    prices: { monthly: { amount: 30.00, included_balance: 10.00 } }
    features: { tokens: { pricing_mode: ai_model, margin: 20%, replace: true } }
  fresh:
    name: Fresh
    consumption_model: balance
    prices: { monthly: 10.00 }
    features: { fresh: { overage: 0.01 }, tokens: { pricing_mode: ai_model, margin: 5% } }
    regions:
      eur: { exchange_rate: 0.92, prices: { monthly: { amount: 9.00, intro_offer: { percentage: 10%, cycles: 1 } } }, features: { fresh: { overage: 0.009 } } }
addons:
  text: { name: Text, feature: sms, consumption_model: metered, base_price: 16.00, included_units: 1000, overage_rate: 0.02 }
  fresh: { name: Fresh, feature: fresh, consumption_model: boolean, base_price: 2.00 }
";

const COMMET: Subject = Subject { provider: "commet", before: BEFORE, after: AFTER };

/// What the newer version does otherwise or alone: every method and every new kind.
const NEWER: Subject = Subject { provider: "commet@2026-07-31", before: NEWER_BEFORE, after: NEWER_AFTER };

const NEWER_BEFORE: &str = "\
provider: commet
price_changes: reprice
features:
  calls: { name: Calls, type: usage }
plans:
  pro:
    name: Pro
    consumption_model: metered
    prices:
      monthly:
        amount: 49.00
        markets: { south: { ars: 100.00 }, north: { usd: 40.00 } }
        variants:
          loyal: { name: Loyal, markets: { south: { ars: 50.00 } } }
          gone: { name: Gone, markets: { north: { usd: 20.00 } } }
    features: { calls: { included_amount: 5 } }
markets:
  south: { name: South, countries: [AR, UY] }
  north: { name: North, countries: [PE] }
  gone: { name: Gone, countries: [BO] }
offers:
  launch: { name: Launch, phases: [{ free_trial: 14 }] }
  code: { name: Code, phases: [{ percentage: 10% }] }
  gone: { name: Gone, phases: [{ percentage: 5% }] }
credit_packs:
  small: { name: Small, credits: 5, price: 1.00 }
  gone: { name: Gone, credits: 5, price: 1.00 }
promo_codes:
  CODE: { offer: code, plans: [pro] }
  GONE: { offer: code }
";

const NEWER_AFTER: &str = "\
provider: commet
price_changes: reprice
features:
  calls: { name: API calls, type: usage }
plans:
  pro:
    name: Professional
    consumption_model: metered
    prices:
      monthly:
        amount: 52.00
        markets: { south: { ars: 110.00 }, fresh: { usd: 30.00 } }
        variants:
          loyal: { name: Loyal, markets: { south: { ars: 55.00 } } }
          fresh: { name: Fresh, markets: { fresh: { usd: 10.00 } } }
    features: { calls: { included_amount: 6 } }
  fresh: { name: Fresh, prices: { monthly: 5.00 } }
markets:
  south: { name: South, countries: [PE] }
  north: { name: North, countries: [AR, UY] }
  fresh: { name: Fresh, countries: [BO] }
offers:
  launch: { name: Launch, phases: [{ free_trial: 7 }] }
  code: { name: Code, phases: [{ percentage: 10% }] }
  fresh: { name: Fresh, phases: [{ percentage: 15% }] }
credit_packs:
  small: { name: Small, credits: 6, price: 1.00 }
  fresh: { name: Fresh, credits: 5, price: 1.00 }
promo_codes:
  CODE: { offer: code, plans: [pro, fresh], max_redemptions: 5 }
  FRESH: { offer: fresh, plans: [fresh] }
";

#[test]
fn every_call_at_commets_newer_version_and_everything_that_can_go_wrong() {
    let calm = NEWER.calm();
    is_rich(
        &calm,
        &[
            ("POST", &["/prices", "/plans", "/markets", "/offers", "/credit-packs", "/promo-codes"]),
            (
                "PATCH",
                &["/features/", "/plans/", "/prices/", "/markets/", "/offers/", "/credit-packs/", "/promo-codes/"],
            ),
            ("DELETE", &["/prices/", "/markets/", "/offers/", "/credit-packs/"]),
        ],
    );
    calm.each();
}

#[test]
fn every_call_at_commet_and_everything_that_can_go_wrong() {
    let calm = COMMET.calm();
    is_rich(
        &calm,
        &[
            (
                "POST",
                &["/features/manage", "/plans/manage", "/plan-groups", "/prices", "/features", "/addons", "/plans"],
            ),
            (
                "PUT",
                &["/features/sso/manage", "/plans/", "/prices/", "/features/ftr_", "/regional", "/reorder", "/addons/"],
            ),
            ("DELETE", &["/features/gone/manage", "/plans/", "/plan-groups/", "/prices/", "/regional", "/addons/"]),
        ],
    );
    calm.each();
}
