//! Every guard: its code, what it watches, and the long form that `explain` prints.

/// A row of the table of guards.
#[derive(Debug)]
pub struct GuardSpec {
    /// Its code.
    pub code: &'static str,
    /// What it watches, in one line.
    pub title: &'static str,
    /// What it means, why it exists, an example.
    pub explanation: &'static str,
    /// What to do, and what happens when it is acknowledged.
    pub way_out: &'static str,
    /// Whether `--ack` can let the changeset pass.
    pub acknowledgeable: bool,
}

const fn guard(code: &'static str, title: &'static str, explanation: &'static str, way_out: &'static str) -> GuardSpec {
    GuardSpec { code, title, explanation, way_out, acknowledgeable: true }
}

/// A guard that nobody can let pass: something has to change first.
const fn wall(code: &'static str, title: &'static str, explanation: &'static str, way_out: &'static str) -> GuardSpec {
    GuardSpec { acknowledgeable: false, ..guard(code, title, explanation, way_out) }
}

/// Every guard, in the order of the codes. A code is never given another meaning.
pub static GUARDS: &[GuardSpec] = &[
    guard(
        "PB-G01",
        "an existing price changes, and nothing says what that does to existing subscribers",
        "Somebody already pays the price that changes. Whether they pay the new amount or keep the old one is a \
         decision about people's money, so it stands in the files under review and has no default. \
         `price_changes: reprice` updates the price in place: existing subscribers pay the new amount, when the \
         change says. `price_changes: grandfather` archives the price and adds a new one: existing subscribers keep \
         what they have, and only new ones pay the new amount. Example: `monthly: 49.00` becomes 59.00.",
        "Write `price_changes: reprice` or `price_changes: grandfather` at the top of the catalog, into the plan, or \
         into the price; the innermost one counts. When it is acknowledged instead, the price is updated in place, as \
         with `reprice`.",
    ),
    guard(
        "PB-G02",
        "a price moves by more than the project allows",
        "`guards: { max_price_increase: 25%, max_price_decrease: 50% }` in pricebook.yaml sets how far a price may \
         move in one changeset, in percent of what it was. Without these lines there is no limit. Example: with a \
         limit of 25 %, 49.00 to 59.00 passes (+20.4 %) and 49.00 to 69.00 does not (+40.8 %).",
        "Correct the amount, or acknowledge this one change. The limit stays as it is for the next one.",
    ),
    guard(
        "PB-G03",
        "the files say `grandfather`, and the API cannot do it for this price",
        "`grandfather` means that existing subscribers keep what they have. For some prices the API has no way to do \
         that: it can only update them in place, and then existing subscribers get the new value. The line of the \
         change says when. Example: the price of one more unit (`overage`) of a feature.",
        "To leave existing subscribers what they have, make a new plan (or add-on) under a new key beside the old one, \
         and sell that one. To let the change reach them, write `price_changes: reprice` into the plan or the object, \
         or acknowledge it: then it is updated in place this time, and the next change asks again.",
    ),
    guard(
        "PB-G04",
        "a price becomes ten times as large or as small",
        "That is mostly a slip between major and minor units, or of the decimal point. Amounts are written in major \
         units. Example: `monthly: 4900` is four thousand nine hundred, not 49.00.",
        "Correct the amount. When it is what you mean, acknowledge it: the amount is then sent as the file says.",
    ),
    guard(
        "PB-G05",
        "something that is sold is deleted or archived",
        "A plan, a price, an add-on, a plan group or a coupon that goes can no longer be bought. The line of the \
         change says what happens to those who have it. Mostly its block was deleted from the files, or its key was \
         changed. Example: `plans.legacy` is no longer in the files.",
        "Put the block back to keep it. Under a new key, see the note of the changeset about `previously`. When it is \
         to go, acknowledge it: then it is deleted or archived.",
    ),
    guard(
        "PB-G06",
        "something that Pricebook did not write is removed from an object that the files name",
        "A file is the whole truth about an object that it names, so a price, a feature or a currency that it leaves \
         out is removed. Here somebody else put it there: in the dashboard, or before the object was adopted. \
         Example: the files name `plans.pro` with a monthly price, and live has a weekly one too.",
        "Write it into the file to keep it, or acknowledge it: then it is removed. Whole objects that the files do not \
         name are never touched.",
    ),
    guard(
        "PB-G07",
        "a protected object would be deleted or replaced",
        "`protect: true` stands in its block, or stood there when it was last applied. The ledger remembers it, so \
         deleting the block, in a merge for example, does not take the protection away.",
        "Put the block back. When the object is to go: first apply the block without `protect: true`, in a step of its \
         own that a reviewer sees; then remove the block. Or acknowledge it: then it is deleted or replaced.",
    ),
    guard(
        "PB-G08",
        "the plans of a group do not have the same currencies",
        "Customers switch between the plans of a group in their own currency. A customer whose currency the other plan \
         lacks cannot switch to it. Example: `pro` has regions eur and brl, `scale` only eur.",
        "Give all paid plans of the group the same `regions`. When it is acknowledged, the change is made as it is \
         written, and those customers cannot switch.",
    ),
    guard(
        "PB-G09",
        "a plan is left without a price",
        "A plan that is not free and has no price cannot be bought any more. Mostly the price was to be replaced, not \
         removed.",
        "Give it a price, or write `free: true` where that is meant. When it is acknowledged, the plan stays without a \
         price.",
    ),
    guard(
        "PB-G10",
        "every object of a kind is removed",
        "Mostly a file is missing: a half-finished merge, a wrong folder, an empty file. Example: no plan is in the \
         files any more, and the ledger has all the live ones.",
        "Look for the missing file. When everything of the kind is to go, acknowledge it: then it is deleted.",
    ),
    wall(
        "PB-G11",
        "a field changes that the API cannot change",
        "The API fixes some fields when an object is created; later it ignores them without a word, or refuses. \
         Pricebook neither skips such a change nor deletes the object on its own. Example: the `type` of a feature.",
        "Put the field back. Or make a new object under a new key beside the old one. Or write `replace: true` into \
         its block where the kind allows it: then it is deleted and created again, which the changeset shows. `replace: \
         true` can be taken out again afterwards.",
    ),
    wall(
        "PB-G12",
        "the environment and the API disagree about whether real money moves",
        "`mode: sandbox` or `mode: live` of the environment must be what the API (or the key) says of itself. Example: \
         the live key is in the variable of the sandbox environment.",
        "Correct the key or the environment's `mode:`. Nothing lets this pass.",
    ),
    wall(
        "PB-G13",
        "a call needs an id that nothing tells",
        "This version of the API does not show the id of the object, the newer version that does could not be read, \
         and the ledger does not know it.",
        "Try again later: the newer version is asked each time. Use the ledger of the machine that created the object, \
         or change the object in the dashboard; Pricebook then sees that it is as the files say.",
    ),
    wall(
        "PB-G14",
        "the API would refuse to delete something",
        "The API does not delete what is or has been in use, and some refusals have no reason in them. So Pricebook \
         looks before it sends anything. Example: a plan that has had subscriptions, a metric that a charge uses.",
        "Put its block back into the files. Or free it first: the message names what holds it.",
    ),
    guard(
        "PB-G15",
        "writing an object may lose parts of it that the API never shows",
        "The API replaces a whole list with each write, and never shows a part of what is in it. What Pricebook did not \
         write itself it cannot send again. Example: filters of charges that were made elsewhere.",
        "Write into the files what should be there: then it is sent. When it is acknowledged, the list is written as \
         the files say, and what nobody could see is lost.",
    ),
    guard(
        "PB-G16",
        "an object that is not managed here loses something",
        "What is changed or deleted is used by an object that the files do not name. Example: a metric's filter that a \
         charge of somebody else's plan uses.",
        "Bring that object into the files, so that it is written again too. When it is acknowledged, the change is made, \
         and the other object loses what the message says.",
    ),
    wall(
        "PB-G17",
        "the API cannot do this for the organization that the key leads to",
        "The API offers it to some organizations only, and answers with an error elsewhere.",
        "The message says what to write instead.",
    ),
    wall(
        "PB-G18",
        "a part of the catalog was chosen that cannot be applied alone",
        "With `--only` or `--except` nothing is deleted. Something that was chosen needs a delete first: the name that \
         it takes, or the place that it takes, is another object's that is to go. The API would refuse the call.",
        "Apply without `--only` and `--except`, or choose other addresses. The message names both objects.",
    ),
    guard(
        "PB-G19",
        "what is made anew loses what no call can give it back",
        "Some things are attached to an object outside of the API, and stay with the old one when a new one takes its place. \
         Example: an introductory offer that was attached to a price in the dashboard.",
        "Change the object in place instead, if the API can. When it is acknowledged, the new object comes without it until \
         somebody attaches it there again: the message says what it is.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_guard_is_unique_and_explained() {
        let codes: BTreeSet<_> = GUARDS.iter().map(|guard| guard.code).collect();
        assert_eq!(codes.len(), GUARDS.len());
        assert!(GUARDS.is_sorted_by_key(|guard| guard.code));
        for guard in GUARDS {
            assert!(guard.code.len() == 6 && guard.code.starts_with("PB-G"), "{}", guard.code);
            assert!(!guard.title.ends_with('.'), "{}", guard.code);
            for text in [guard.explanation, guard.way_out] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}", guard.code);
            }
            // What happens then is said where it can be acknowledged.
            assert_eq!(guard.way_out.contains("acknowledge"), guard.acknowledgeable, "{}", guard.code);
        }
    }
}
