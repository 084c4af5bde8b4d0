use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The catalog cannot be used.
    Error,
    /// It can be used, but a person should look.
    Warning,
}

impl Severity {
    /// The word that output uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One row per code: its name in the program, the code that users see and may search for, a title and the long
/// form that `explain` prints. A code is never given another meaning; a retired one is not used again.
macro_rules! codes {
    ($($name:ident $id:literal $title:literal $explanation:literal)*) => {
        /// What kind of finding it is: `PB-E…` are errors, `PB-W…` warnings, and `PB-L…` warnings of `validate --lint`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name that users see: `PB-E101`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// One line that says what this code is about.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The long form: why it is refused, and the way out.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => $explanation,)* }
            }
        }
    };
}

impl Code {
    /// The code that a user typed, in either case.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }

    /// Whether only `validate --lint` finds it.
    pub fn is_lint(self) -> bool {
        self.id().starts_with("PB-L")
    }

    /// Whether findings with this code are errors.
    pub fn severity(self) -> Severity {
        if self.id().starts_with("PB-E") { Severity::Error } else { Severity::Warning }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

codes! {
    // Files
    FileMissing "PB-E001" "no such file or folder"
        "The path does not exist. Check its spelling, and that it is given relative to the folder you are in (or to the project's folder when it stands in pricebook.yaml)."
    Unreadable "PB-E002" "a file cannot be read"
        "The operating system refused to read the file, or it is neither a file nor a folder. The message has the system's own words."
    NotUtf8 "PB-E003" "a file is not UTF-8 text"
        "Catalog files are UTF-8 text. The position is that of the first byte that is not. Save the file as UTF-8; a file that begins with FF FE or FE FF is UTF-16."
    Empty "PB-E004" "a file says nothing"
        "The file is empty or has only comments. An empty catalog is never what was meant: applied, it would say that nothing exists. Remove the file, or write `provider:` into it."
    NoFiles "PB-E005" "a folder has no YAML files"
        "The catalog folder and the folders in it hold no *.yaml or *.yml file. Hidden files and folders, and pricebook.yaml itself, are not part of a catalog."
    ControlCharacter "PB-E006" "a control character in a file"
        "YAML text has no NUL and no control characters except tab and line breaks. They are invisible in most editors; delete the one at the position shown."
    TooLarge "PB-E007" "a file is too large"
        "A catalog file may have 64 MiB. Split it: the files of a folder are merged."
    // YAML
    Syntax "PB-E010" "not valid YAML"
        "The text at the position cannot be read as YAML. Often the mistake is on the line before: a missing quote, bracket or colon, or an indentation that fits no line above."
    Tab "PB-E011" "a tab where YAML wants spaces"
        "YAML is indented with spaces only. Replace the tab; most editors can insert spaces when the tab key is pressed."
    DuplicateKey "PB-E012" "a key stands twice in one map"
        "YAML parsers commonly keep only one of two equal keys and drop the other one silently. Both places are shown: keep one."
    SeveralDocuments "PB-E013" "several YAML documents in one file"
        "A catalog file is one document. Remove the `---` in the middle, or put the second document into a file of its own: the files of a folder are merged."
    NotAMap "PB-E014" "the top level is not a map"
        "A file begins with keys such as `provider:`, `features:` and `plans:`. A list or a plain text at the top level means nothing here."
    BadKey "PB-E015" "a key that is not text"
        "Keys are plain text such as `pro` or `monthly`. A list, a map or nothing at all cannot be a key."
    CustomTag "PB-E016" "a YAML tag"
        "Tags such as `!ref` or `!!python/object` have no meaning in a catalog. Write the value without the tag."
    BadAlias "PB-E017" "an alias without its anchor"
        "`*name` repeats the value that was marked with `&name` above it in the same file. An alias cannot stand before its anchor, in another file, or inside the value it repeats."
    AliasBomb "PB-E018" "aliases make the file too large"
        "Aliases of aliases multiply. This file would become far larger than any catalog; repeat less, or write it out."
    TooDeep "PB-E019" "nested too deeply"
        "Nothing in a catalog is nested more than 64 levels deep. Often this is a bracket that was not closed."
    BadMerge "PB-E020" "a merge key without a map"
        "`<<:` takes the fields of another map: `<<: *anchor` or a list of such aliases."
    SetTwice "PB-E021" "an address is set in two places"
        "The files of a catalog are merged, and each object may stand in one of them only. Both places are shown: keep one."
    Conflict "PB-E022" "two files disagree"
        "Settings of the whole catalog, such as `provider` and `price_changes`, may stand in several files only if they say the same."
    // Which catalog
    ProviderMissing "PB-E030" "the catalog names no provider"
        "One of the files must say which billing API the catalog is for, such as `provider: commet`."
    ProviderUnknown "PB-E031" "an unknown provider"
        "The catalog or an environment names a billing API that this version of Pricebook does not know."
    // Overlays
    OverlayProvider "PB-E040" "an overlay for another provider"
        "An environment's overlay is a patch over the catalog, so it is for the same billing API. Leave `provider` out of it, or write the catalog's own."
    OverlayRemoves "PB-E041" "an overlay takes away what is not there"
        "`null` in an overlay takes away what the catalog's files say. There is nothing at that place, so either the key is misspelled or the catalog has changed since: correct the key, or remove the line. A value that comes from `defaults` is changed by another value."
    OverlayChanges "PB-E042" "an overlay changes what is not there"
        "The overlay has an object that the catalog does not have and that lacks fields which every such object needs. Its key is almost that of an object of the catalog, so it is probably misspelled."
    // Shape
    UnknownField "PB-E101" "an unknown field"
        "The object has no such field. Unknown fields are errors because the API ignores them silently: a misspelled field would be a change that never happens."
    MissingField "PB-E102" "a required field is missing"
        "The object cannot exist without this field, and it has no default."
    WrongType "PB-E103" "the wrong kind of value"
        "A map, a list, text, a number, true or false: the message says which one is wanted there and which one was found. Only `true` and `false` are booleans; `yes`, `no`, `on` and `off` are text."
    UnknownWord "PB-E104" "a word that is not allowed there"
        "The field takes one of a few words; the message lists them."
    BadNumber "PB-E105" "not a number that can be used"
        "Money is written in major units, as digits with at most one dot: 49, 49.00 and \"49.00\" are the same. Signs, exponents, thousands separators, currency symbols, hexadecimal and NaN are refused, because each of them has been a wrong price somewhere. Counts are plain digits; percentages end with %."
    // Project file
    NoProject "PB-E200" "no project file"
        "There is no pricebook.yaml in this folder or in one above it. `pricebook init` makes one; `-C DIR` names a project elsewhere."
    UnknownEnvironment "PB-E201" "an unknown environment"
        "The environment is not in pricebook.yaml. The message lists those that are."
    BadUrl "PB-E202" "not a URL that can be used"
        "An environment's url is http(s)://HOST/PATH, or sandbox:FOLDER for the embedded server. Credentials belong into api_key, not into the URL."
    InsecureUrl "PB-E203" "an API key over plain http"
        "Plain http to another machine would show the API key to everybody in between. Use https; http is for this machine only (localhost, 127.0.0.1, [::1])."
    LiteralSecret "PB-E204" "an API key in the file"
        "pricebook.yaml is in git, and so would be the key. Treat a key that was committed as stolen: make a new one, and name where it is kept: { env: NAME }, { file: PATH } or { command: \"...\" }."
    BadLedger "PB-E205" "not a ledger that can be used"
        "`ledger` is file, git, or an object store such as s3://bucket/prefix, gs://bucket/prefix or az://container/prefix."
    BadSetting "PB-E206" "a setting that cannot be used"
        "A setting in pricebook.yaml has a value that means nothing; the message says what is wanted."
    // Rules of the billing APIs
    BadCode "PB-E301" "not a code that the API takes"
        "Codes are identities: they cannot be changed later without making a new object. In Commet they are lower-case letters, digits and underscores ([a-z0-9_]); in bxb letters, digits, underscores, hyphens and dots, not beginning with a dot, and no word that the API has another use for."
    BadText "PB-E302" "a text that the API refuses"
        "Names cannot be empty, and some texts have a greatest length; the message says which one."
    NameTaken "PB-E303" "a name that is used twice"
        "Names of plans and names of features are unique. Two objects with one name could not be told apart in the dashboard, and the API refuses the second."
    UnknownReference "PB-E304" "a reference to something that is not in the catalog"
        "The name refers to another object that must stand in the catalog too. If it exists only in the live account, add it here (`pricebook pull` writes it)."
    GroupMembership "PB-E305" "a plan in more than one place of the groups"
        "A plan belongs to at most one group, once: its place there decides what is an upgrade."
    DefaultPrice "PB-E306" "the default price"
        "With several prices, `default_price` says which one is selected first. It names one of the plan's own prices."
    FreePlan "PB-E307" "a free plan that costs money"
        "A free plan has no prices, no overage and no prices in other currencies. Remove them, or remove `free: true`."
    OneTimeTrial "PB-E308" "a trial on a one-time price"
        "A one-time price is charged once and never renews, so it has no trial."
    FeatureValues "PB-E309" "values that this feature cannot have on a plan"
        "A boolean feature is only on or off. `unlimited` excludes `included_amount` and `overage`: there is nothing beyond unlimited."
    Overage "PB-E310" "overage that cannot be charged"
        "Overage for a usage feature is charged on plans with consumption_model metered or balance. A free plan charges none."
    ModelMissing "PB-E311" "a plan with usage and no consumption model"
        "A plan that has a usage feature must say how usage is charged: consumption_model metered, credits or balance. It cannot be changed later."
    ModelField "PB-E312" "a field of another consumption model"
        "Each consumption model has its own fields. credits: included_credits on prices and credits_per_unit on features. balance: included_balance on prices, block_on_exhaustion on the plan, pricing_mode and margin on features."
    IntroOffer "PB-E313" "an introductory offer that cannot be"
        "An offer takes off either a percentage (0 to 100 %, at most two decimals) or an amount (not more than the price), for at least one billing cycle."
    AddonFields "PB-E314" "fields that do not fit the add-on's model"
        "boolean: none. metered: included_units and overage_rate. credits: credit_cost. balance: overage_rate. Others are refused."
    AddonTaken "PB-E315" "two add-ons for one feature"
        "The API holds one add-on for each feature: the feature is the add-on's identity."
    Decimals "PB-E316" "more decimals than the field holds"
        "An amount holds the decimals of its currency (2 for USD, 0 for JPY), a unit price holds 4, a percentage 2 and an exchange rate 6. Nothing is rounded silently."
    OutOfRange "PB-E317" "a number that is too large"
        "The API counts this in a number that cannot be as large. Commet counts money in minor units up to 2^53-1, days, cycles and credits up to 2^31-1; bxb counts a plan's amount and days up to 2^31-1, and other amounts below one million."
    BadCurrency "PB-E318" "not a currency that the API takes"
        "Commet's regions are named by lower-case currency codes from its list, and its prices are in US dollars. bxb takes any three characters; write an ISO 4217 code in capitals, so that the amount means something."
    ExchangeRate "PB-E319" "an exchange rate that cannot be"
        "An exchange rate is how many units of the currency one US dollar buys, above zero and with at most 6 decimals."
    RegionValues "PB-E320" "a region that the API cannot hold"
        "A region belongs to a plan with prices. The API takes an included balance or an introductory offer in a currency only together with a price in that currency, and a unit price only for a feature with overage."
    IgnoredField "PB-E321" "`ignore` names no field of the object"
        "`ignore` lists fields of this object that are left to the dashboard. Required identities cannot be ignored."
    Absent "PB-E322" "an object that must exist and must not exist"
        "`absent` lists what must not exist; the same catalog also says that it should, or lists it twice. Remove one of the two."
    Metadata "PB-E323" "metadata that the API cannot hold"
        "Metadata is sent as JSON and must come back the same: no NaN or infinity, and not more than 64 KiB for one plan."
    Previously "PB-E324" "a rename that cannot be"
        "`previously` is the key that the object had before. That key must no longer be in the catalog, and only one object can have had it."
    IdTaken "PB-E325" "two objects with one id"
        "`id` binds a key to one live object; two keys cannot be bound to the same one."
    OtherVersion "PB-E326" "what this version of the API does not have"
        "An environment speaks one dated version of the API (`api_version`), and this came with another one or went with it. The message names the version that has it. `pricebook upgrade --to 2026-07-31` rewrites a catalog from Commet's 2026-07-11 to 2026-07-31."
    OfferPhases "PB-E327" "phases that an offer cannot have"
        "An offer has 1 to 10 phases, one after the other. Each is one of `free_trial` (days, only as the first), `percentage`, `amount_off` and `fixed_price` (amounts by currency, `usd` among them). Only the last phase may go on for ever; every other one says `cycles`."
    Market "PB-E328" "markets that cannot be"
        "A market has at least one country (two capitals, ISO 3166), and a country is in one market at most. A price has one currency in a market, and a variant only changes markets in which its price has a price, in the same currency."
    PromoCode "PB-E329" "a promo code that cannot be"
        "A promo code gives exactly one thing: an `offer` (from 2026-07-31 on), or a `percentage` (below 100 %) or an `amount_off`, with `cycles` (up to 2026-07-11)."
    // Rules of bxb alone
    ChargeProperties "PB-E401" "properties that do not fit the charge model"
        "Each charge model reads properties of its own, and needs some of them. The server checks none of them: what is missing or does not belong there breaks or changes billing for every subscriber of the plan, so it is refused here."
    Ranges "PB-E402" "ranges that have gaps or cannot be billed"
        "Ranges go from low to high, each with an `up_to` above the one before; the last one is open and has none. `up_to: 10000` on the first range bills exactly 10,000 units there: graduated ranges are sent as 1..10000, 10001.. because the server counts to_value - from_value + 1 units, graduated percentage ranges as 0..10000, 10000.. because there it counts to_value - from_value."
    FilterValues "PB-E403" "charge filters that cannot match"
        "A charge's filters are those of its own metric, and their values are among the metric filter's values, unless that list is empty. The server looks at one filter at a time and compares exact texts."
    MetricFields "PB-E404" "metric fields that do not go together"
        "sum, max, unique_count, weighted_sum and latest need `field_name`; custom needs `expression`; `recurring` goes with count, max and latest only; `rounding_precision` (0 to 15) needs `rounding_function`. The server checks this on create and not on update, so it is checked here."
    Twice "PB-E405" "the same thing twice"
        "The server would keep and bill both: two commitments of one kind are two true-ups, two thresholds of one amount two invoices, and a tax that is applied twice is an error."
    CouponFields "PB-E406" "coupon fields that do not go together"
        "fixed_amount needs `amount` and takes no `rate`; percentage needs `rate` and takes no `amount`; recurring needs `duration`; a time limit needs `expiration_at`. The server checks none of this, and what a coupon takes off can never be changed."
    EntitlementValue "PB-E407" "an entitlement that does not fit the feature"
        "A boolean feature takes `true`, a quantity a whole number, a custom feature any text. The server takes any text for all of them."
    BadMoment "PB-E408" "not a date or a moment"
        "Write a date such as 2030-01-31, or a moment such as 2030-01-31T18:00:00+01:00. Without an offset it is UTC."
    // Warnings
    ByteOrderMark "PB-W001" "a byte order mark"
        "The file begins with a byte order mark. It is skipped here, but other tools may stumble over it; save the file as UTF-8 without it."
    BadAllow "PB-W002" "an allow comment that cannot be followed"
        "`# pricebook: allow PB-L04` silences a warning for the block that it stands on: the one that begins on its line, or, if it has the line for itself, on the next one. It names one or more codes of warnings (PB-W… or PB-L…), and a reason may follow. Errors cannot be silenced."
    UnusedAllow "PB-W003" "an allow comment that silences nothing"
        "The block has no such warning any more, or never had it. Remove the comment, or move it to the block that the warning is about. Only `validate --lint` says this, because only it finds everything that can be silenced."
    GroupCurrencies "PB-W101" "plans of one group are sold in different currencies"
        "Customers switch between the plans of a group, in their own currency. The API wants all of them to have the same set of currencies."
    DearerByTheYear "PB-W102" "a longer interval costs more than the shorter ones it replaces"
        "Usually the longer commitment is cheaper per month. This may be a slip of a digit."
    GroupModels "PB-W103" "plans of one group charge in different ways"
        "Switching between plans with different consumption models is not something that the API promises to do well."
    NothingBilled "PB-W401" "a charge that brings nothing"
        "The server takes the base of a percentage charge from `base_amount` and the events from `event_count`, not from usage: without them, the rate and the fixed amount are charged on nothing."
    EntitledToFalse "PB-W402" "an entitlement that says false"
        "The server takes any entitlement for access, whatever its value is. To keep a plan's customers out, leave the feature out of its entitlements."
    PromoPhases "PB-W105" "a promo code whose offer the API may refuse"
        "Commet's documentation of 2026-07-31 lets a promo code give an offer with exactly one phase, a percentage below 100 % or an amount off; later documentation allows several phases. What the API does not take is refused while the changeset is applied, after everything before it."
    NothingIncluded "PB-W104" "a usage feature that nobody can use"
        "Nothing is included, it is not unlimited and no overage is charged: usage stops at zero."
    // Pricing smells: `validate --lint`
    LongerIntervalAbroad "PB-L01" "a longer interval costs more in one currency or market"
        "In this currency, or this market of Commet, a year costs more than twelve months, or a quarter more than three, although it does not in the base currency. A price was set by hand for one interval and derived, or forgotten, for the other. PB-W102 says the same of the base currency."
    IncludesLess "PB-L02" "a dearer plan includes less"
        "Of two neighbours in a group, the one that costs more lacks a feature that the cheaper one has, or includes less of it. Who upgrades pays more and loses something. If that is meant, allow it with the reason."
    OrderAgainstPrice "PB-L03" "the order of upgrades goes against the prices"
        "The order of a group's plans decides what is an upgrade, and so when a change takes effect. A plan that stands above another one costs less for the same interval: moving down to it counts as an upgrade."
    FarFromRate "PB-L04" "a price in another currency is far from the exchange rate"
        "A price that is set by hand differs from the base price times the region's exchange rate by more than the tolerance: 25 %, or what `lint: { exchange_rate_tolerance: 40% }` in pricebook.yaml says. It may be a forgotten update, a slip, or a price that is meant for that market; then allow it with the reason."
    UnusedFeature "PB-L05" "a feature, metric or market that no plan has"
        "Nobody can get it: no plan includes it and no add-on sells it. In bxb, a metric that no plan charges is counted for nothing, and so is a market of Commet that no price names. Remove it, or add it where it belongs."
    LimitOfZero "PB-L06" "a limit of zero on something that is on"
        "The plan has the feature, includes none of it, and sells none: it is listed and cannot be used. Write `false`, or an amount. PB-W104 says the same of features that are billed by usage."
    OddEnding "PB-L07" "a derived price with an odd ending"
        "The base price ends as prices do (49.00, 49.99, 49.95), and what the exchange rate makes of it does not (264.60). Customers of that region see the odd one. Set the price by hand, or allow it with the reason."
    NamesAlike "PB-L08" "names that differ only in case or space"
        "Two objects of one kind have names that people take for the same. On a pricing page or an invoice nobody can tell them apart."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_explained() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for code in Code::ALL {
            let digits = if code.is_lint() { 2 } else { 3 };
            assert!(["PB-E", "PB-W", "PB-L"].contains(&&code.id()[..4]) && code.id().len() == 4 + digits, "{code}");
            assert!(!code.title().ends_with('.') && code.explanation().ends_with('.'), "{code}");
            assert_eq!(Code::from_id(&code.id().to_lowercase()), Some(*code));
        }
    }
}
