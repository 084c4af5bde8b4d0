//! Taxes and where they apply (bxb-api.md §6.9).

use std::cmp::Reverse;

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{FREE, Field, Kind, Missing, SIGNED, UP_TO_255, optional, or, required, settable};
use super::issue::Issue;
use super::json::{Json, Object};
use super::organizations::DEFAULT;
use super::plans::counts;
use super::resource::{Key, Resource};

const CATEGORY: Kind = Kind::Text(0, 100);

pub(super) static TAXES: Resource = Resource {
    table: "taxes",
    title: "Tax",
    audited: Some("tax"),
    key: Key::Code,
    create: &[
        required("code", UP_TO_255),
        required("name", UP_TO_255),
        required("rate", SIGNED),
        optional("description", FREE),
        optional("category", CATEGORY),
        or("applied_to_organization", Kind::Flag, Missing::Flag(false)),
    ],
    update: &[
        settable("name", UP_TO_255),
        settable("rate", SIGNED),
        settable("description", FREE),
        settable("category", CATEGORY),
        settable("applied_to_organization", Kind::Flag),
    ],
};

const APPLY: &[Field] =
    &[required("tax_code", UP_TO_255), required("taxable_type", Kind::Text(0, 50)), required("taxable_id", Kind::Id)];
const APPLIED: &str = "applied_taxes";

fn view(call: &Call<'_>, applied: &Object) -> Json {
    let tax = call.db.find(TAXES.table, applied.text("tax_id"));
    let of_tax = |name: &str| tax.map_or(Json::Null, |tax| tax.at(name).clone());
    let mut shown = call.view(APPLIED, applied);
    shown.remove("updated_at");
    shown.with("tax_name", of_tax("name")).with("tax_code", of_tax("code")).into()
}

/// The code is looked up in the default organization, whoever asks (§1); what it is applied to is not looked up.
pub(super) fn apply(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(APPLY)?;
    let code = body.text("tax_code");
    let tax = call.db.by(TAXES.table, "code", code).find(|tax| tax.text("organization_id") == DEFAULT);
    let tax = tax.ok_or_else(|| Failure::not_found(&format!("Tax '{code}'")))?;
    let applied = Object::from([
        ("tax_id", tax.id().into()),
        ("taxable_type", body.at("taxable_type").clone()),
        ("taxable_id", body.at("taxable_id").clone()),
        ("tax_rate", tax.at("rate").clone()),
        ("tax_amount_cents", "0".into()),
    ]);
    let row = call.insert(APPLIED, &applied)?;
    Ok(Reply::created(view(call, &row)))
}

/// Of one object, in whatever organization. Both parameters are needed.
pub(super) fn applied(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let mut needed = |name: &str, kind: Kind| {
        let value = call.typed_query(name, kind, &mut issues);
        if call.query(name).is_none() {
            let issue = Issue::new("missing", "Field required");
            issues.push(issue.at(&["query".into(), name.into()], &Json::Null));
        }
        value.unwrap_or_default()
    };
    let (kind, id) = (needed("taxable_type", FREE), needed("taxable_id", Kind::Id));
    Failure::unless_empty(issues)?;
    let rows = call.db.by(APPLIED, "taxable_id", id.as_text().unwrap_or_default());
    let rows = rows.filter(|row| row.at("taxable_type") == &kind);
    Ok(Reply::ok(rows.map(|row| view(call, row)).collect::<Vec<_>>()))
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let id = call.only_id(0, "applied_tax_id")?;
    call.db.find(APPLIED, &id).ok_or_else(|| Failure::not_found("Applied tax"))?;
    call.db.delete(APPLIED, &id)?;
    Ok(Reply::gone())
}

/// Newest first; what is applied is found with [`applied`].
pub(super) fn applied_entities(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let tax = TAXES.named(call)?;
    let mut rows: Vec<_> = call.db.by(APPLIED, "tax_id", tax.id()).collect();
    rows.sort_by_key(|row| Reverse(row.int("created_at")));
    let entity = |row: &Object| {
        let shown = call.view(APPLIED, row);
        let named = ["taxable_type", "taxable_id", "created_at"];
        Json::Object(named.map(|name| (name.to_owned(), shown.at(name).clone())).into_iter().collect())
    };
    Ok(Reply::ok(rows.into_iter().map(entity).collect::<Vec<_>>()))
}

/// Over all organizations (§1).
pub(super) fn application_counts(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::ok(counts(call.db.all(APPLIED), "tax_id")))
}
