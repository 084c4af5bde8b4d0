//! What a guard or an effect means at this API, for `explain`. Sections are those of bxb-api.md.

/// Every code that there is something to say about.
pub(super) static NOTES: &[(&str, &str)] = &[
    (
        "PB-G01",
        "There are no versions and no archive (§6): subscribers read their plan's current values, so `reprice` reaches \
         them at once, and it is the only thing that the API can do. `grandfather` is refused by PB-G03; grandfathering \
         here is a new plan code: leave `pro` as it is, add `pro_2` with the new amount, and sell that one.",
    ),
    (
        "PB-G03",
        "No price can be grandfathered. Leave the plan as it is, add a plan under a new code with the new amount, and \
         sell that one; a plan that nobody ever subscribed to can be deleted later.",
    ),
    (
        "PB-G05",
        "A plan that has ever had a subscription cannot be deleted (PB-G14). A coupon is terminated: who has it keeps \
         it, and its code stays taken for ever.",
    ),
    (
        "PB-G11",
        "A metric's `aggregation_type`, a feature's `feature_type`, a plan's `interval`, and most of a coupon. The \
         server would answer 200 and ignore the change.",
    ),
    ("PB-G15", "Charge filters: the server replaces all charges of a plan with each write and never shows filters."),
    ("PB-G17", "Taxes can be applied to plans and charges in the default organization only."),
    ("now", "Everything that changes on a plan or on what it is built of: nothing has versions."),
    ("new_customers", "New plans, add-ons and coupons, and what changes on a coupon: who has it keeps what it was."),
    ("none", "Names and descriptions."),
];
