//! Add-ons (commet-api.md §3.7): one per feature.

use serde_json::{Value, json};

use super::body::Body;
use super::call::{Call, Reply};
use super::failure::{Detail, Failure};
use super::page::Page;
use super::rows::Addon;
use super::rules::{COUNT, Field, Kind, NAME, optional, required};
use super::state::State;

const NAMED: Kind = Kind::Text(1, 100);
const DESCRIBED: Kind = Kind::Text(0, 255);

const CREATE: &[Field] = &[
    required("name", NAMED),
    optional("description", DESCRIBED),
    required("basePrice", COUNT),
    required("featureId", NAME),
    required("consumptionModel", Kind::OneOf(&["boolean", "metered", "credits", "balance"])),
    optional("includedUnits", COUNT),
    optional("overageRate", COUNT),
    optional("creditCost", COUNT),
];

/// The description cannot be null, and creditCost cannot be written any more.
const UPDATE: &[Field] = &[
    optional("name", NAMED),
    optional("description", DESCRIBED),
    optional("basePrice", COUNT),
    optional("includedUnits", COUNT),
    optional("overageRate", COUNT),
];

/// What each consumption model needs; it takes nothing else.
fn terms(model: &str) -> &'static [&'static str] {
    match model {
        "metered" => &["includedUnits", "overageRate"],
        "credits" => &["creditCost"],
        "balance" => &["overageRate"],
        _ => &[],
    }
}

fn check_terms(model: &str, body: &Body, complete: bool) -> Result<(), Failure> {
    let needed = terms(model);
    let details = ["includedUnits", "overageRate", "creditCost"].into_iter().filter_map(|field| {
        match (needed.contains(&field), body.has(field)) {
            (true, false) if complete => Some(Detail::new(field, format!("Required for the model {model}"))),
            (false, true) => Some(Detail::new(field, format!("Does not go with the model {model}"))),
            _ => None,
        }
    });
    Failure::unless_empty(details.collect())
}

pub(super) fn view(call: &Call<'_>, addon: &Addon) -> Value {
    let feature = call.state.features.get_any(&addon.feature);
    call.object(
        "addon",
        json!({
            "id": addon.id,
            "name": addon.name,
            "slug": addon.slug,
            "description": addon.description,
            "basePrice": addon.base_price,
            "consumptionModel": addon.model,
            "featureCode": feature.map(|feature| &feature.code),
            "featureName": feature.map(|feature| &feature.name),
            "includedUnits": addon.included_units,
            "overageRate": addon.overage_rate,
            "creditCost": addon.credit_cost,
            "createdAt": addon.created.iso(),
            "updatedAt": addon.updated.iso(),
        }),
    )
}

/// `HIPAA Pack` becomes `hipaa-pack`, the next one `hipaa-pack-2`. It stays when the add-on is renamed.
fn slug(state: &State, name: &str) -> String {
    let letters = name.to_lowercase();
    let words = letters.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let base = words.collect::<Vec<_>>().join("-");
    let base = if base.is_empty() { "addon".to_owned() } else { base };
    let numbered = (2u64..).map(|number| format!("{base}-{number}"));
    let mut candidates = std::iter::once(base.clone()).chain(numbered);
    candidates.find(|slug| !state.addons.taken("slug", slug, None)).unwrap_or(base)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let page = Page::of(call)?;
    Ok(page.reply(&call.state.addons, |_| true, |addon| view(call, addon)))
}

/// By public id or slug.
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, call.state.addon(call.arg(0))?)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    let model = body.text("consumptionModel");
    check_terms(&model, &body, true)?;
    let feature = call.state.feature_or_code(&body.text("featureId"))?;
    if let Some(other) = call.state.addons.by("feature", &feature.id).next() {
        let message = format!("The feature `{}` already has the add-on `{}`", feature.code, other.slug);
        return Err(Failure::new("feature_already_exists", message).about("featureId"));
    }
    let addon = Addon {
        feature: feature.id.clone(),
        id: call.state.new_id("adn_"),
        name: body.text("name"),
        slug: slug(call.state, &body.text("name")),
        description: body.opt_text("description"),
        base_price: body.int("basePrice"),
        model,
        included_units: body.opt_int("includedUnits"),
        overage_rate: body.opt_int("overageRate"),
        credit_cost: body.opt_int("creditCost"),
        created: call.now,
        updated: call.now,
        deleted: false,
    };
    let reply = Reply::created(view(call, &addon));
    call.state.addons.put(addon);
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut addon = call.state.addon(call.arg(0))?.clone();
    check_terms(&addon.model, &body, false)?;
    body.set_text("name", &mut addon.name);
    body.set_opt_text("description", &mut addon.description);
    body.set_int("basePrice", &mut addon.base_price);
    body.set_opt_int("includedUnits", &mut addon.included_units);
    body.set_opt_int("overageRate", &mut addon.overage_rate);
    addon.updated = call.now;
    let reply = Reply::one(view(call, &addon));
    call.state.addons.put(addon);
    Ok(reply)
}

/// By public id only.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let missing = || Failure::new("addon_not_found", format!("No add-on `{}`", call.arg(0)));
    let mut addon = call.state.addons.get(call.arg(0)).cloned().ok_or_else(missing)?;
    if call.state.subscriptions.by("addon", &addon.id).next().is_some() {
        let message = format!("The add-on `{}` is active on a subscription", addon.slug);
        return Err(Failure::new("addon_has_activations", message));
    }
    addon.deleted = true;
    let reply = call.deleted("addon", &addon.id);
    call.state.addons.put(addon);
    Ok(reply)
}
