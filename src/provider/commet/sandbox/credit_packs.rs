//! Credit packs (commet-api.md §3.8). The list shows the active ones only; there is no single read.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::rows::CreditPack;
use super::rules::{COUNT, Field, Kind, NAME, TEXT, optional, required};

const CREATE: &[Field] = &[
    required("name", NAME),
    required("credits", COUNT),
    required("price", COUNT),
    optional("description", TEXT),
    optional("isActive", Kind::Flag),
];

const UPDATE: &[Field] = &[
    optional("name", NAME),
    optional("credits", COUNT),
    optional("price", COUNT),
    optional("description", TEXT),
    optional("isActive", Kind::Flag),
];

fn view(call: &Call<'_>, pack: &CreditPack) -> Value {
    call.object(
        "credit_pack",
        json!({
            "id": pack.id,
            "name": pack.name,
            "description": pack.description,
            "credits": pack.credits,
            "price": pack.price,
            "isActive": pack.is_active,
            "createdAt": pack.created.iso(),
            "updatedAt": pack.updated.iso(),
        }),
    )
}

fn find(call: &Call<'_>) -> Result<CreditPack, Failure> {
    let missing = || Failure::new("credit_pack_not_found", format!("No credit pack `{}`", call.arg(0)));
    call.state.credit_packs.get(call.arg(0)).cloned().ok_or_else(missing)
}

fn free_name(call: &Call<'_>, name: &str, except: Option<&str>) -> Result<(), Failure> {
    if call.state.credit_packs.taken("name", name, except) {
        let message = format!("A credit pack with the name `{name}` already exists");
        return Err(Failure::new("duplicate", message).about("name"));
    }
    Ok(())
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let active = call.state.credit_packs.live().filter(|pack| pack.is_active).map(|pack| {
        let view = json!({
            "id": pack.id,
            "name": pack.name,
            "description": pack.description,
            "credits": pack.credits,
            "price": pack.price,
            "currency": "usd",
        });
        call.object("credit_pack", view)
    });
    Ok(Reply::list(active.collect::<Vec<_>>()))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    free_name(call, &body.text("name"), None)?;
    let pack = CreditPack {
        id: call.state.new_id("cpk_"),
        name: body.text("name"),
        description: body.opt_text("description"),
        credits: body.int("credits"),
        price: body.int("price"),
        is_active: body.opt_flag("isActive").unwrap_or(true),
        created: call.now,
        updated: call.now,
        deleted: false,
    };
    let reply = Reply::created(view(call, &pack));
    call.state.credit_packs.put(pack);
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut pack = find(call)?;
    free_name(call, &body.text("name"), Some(&pack.id))?;
    body.set_text("name", &mut pack.name);
    body.set_int("credits", &mut pack.credits);
    body.set_int("price", &mut pack.price);
    body.set_opt_text("description", &mut pack.description);
    body.set_flag("isActive", &mut pack.is_active);
    pack.updated = call.now;
    let reply = Reply::one(view(call, &pack));
    call.state.credit_packs.put(pack);
    Ok(reply)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut pack = find(call)?;
    pack.deleted = true;
    let reply = call.deleted("credit_pack", &pack.id);
    call.state.credit_packs.put(pack);
    Ok(reply)
}
