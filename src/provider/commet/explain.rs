//! What a guard or an effect means at this API, for `explain`. Sections are those of commet-api.md.

/// Every code that there is something to say about.
pub(super) static NOTES: &[(&str, &str)] = &[
    (
        "PB-G01",
        "`grandfather` archives the price and adds a new one of the same interval, which carries all currencies (§3.3, \
         §6); existing subscribers keep the archived one. `reprice` updates the price: existing subscribers pay the new \
         amount from their next renewal. An offer that the dashboard attached to a price (2026-07-31) stays with the \
         archived one: attach it to the new one. Unit prices, add-ons and exchange rates can only be repriced: dearer units \
         count from the next period, cheaper ones at once.",
    ),
    (
        "PB-G03",
        "Base prices, also those of a region, can be grandfathered. Unit prices (`overage`, an add-on's \
         `overage_rate`), an add-on's `base_price` and a region's `exchange_rate` cannot.",
    ),
    (
        "PB-G05",
        "Deleting a plan or a price stops new subscriptions only: existing ones go on. A plan group that goes leaves \
         its plans; their customers can no longer switch. An add-on is refused by the API while a subscription has it.",
    ),
    (
        "PB-G11",
        "A feature's `type` and code, a plan's `consumption_model`, `free`, `block_on_exhaustion` and code, an add-on's \
         `feature`, `consumption_model` and `credit_cost`, and a plan feature's `pricing_mode` and `margin`.",
    ),
    ("PB-G12", "The answers say `livemode`, and keys begin with `ck_live_`, `ck_sandbox_` or `ck_test_`."),
    ("PB-G13", "The version 2026-07-11 does not show the ids of prices; 2026-07-31 does, and is asked for them."),
    ("at_renewal", "Base prices in both directions, exchange rates, and less of what is included."),
    ("next_period", "Units that become dearer."),
    ("now", "Units that become cheaper, more of what is included, an added feature, a group's order."),
    (
        "new_customers",
        "New plans and prices, trials, introductory offers (2026-07-11), offers (2026-07-31), \
         visibility, and a grandfathered price.",
    ),
    ("none", "Names, descriptions and metadata."),
];
