//! Customers, as far as a catalog has to do with them.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::page::Page;
use super::rows::Customer;
use super::rules::{Field, Kind, NAME, TEXT, optional, required};

const CREATE: &[Field] = &[
    required("email", NAME),
    optional("id", NAME),
    optional("externalId", NAME),
    optional("fullName", TEXT),
    optional("address", Kind::Object(&[required("country", Kind::Text(2, 2))])),
    optional("metadata", Kind::Map),
];

fn view(call: &Call<'_>, customer: &Customer) -> Value {
    call.object(
        "customer",
        json!({
            "id": customer.id,
            "externalId": customer.external_id,
            "fullName": customer.full_name,
            "email": customer.email,
            "taxDocument": null,
            "documentType": null,
            "timezone": null,
            "metadata": customer.metadata,
            "createdAt": customer.created.iso(),
            "updatedAt": customer.created.iso(),
        }),
    )
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let page = Page::of(call)?;
    let wanted = call.query("externalId");
    let passes = |customer: &Customer| wanted.is_none() || customer.external_id.as_deref() == wanted;
    Ok(page.reply(&call.state.customers, passes, |customer| view(call, customer)))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, call.state.customer(call.arg(0))?)))
}

/// The maker's own id (`externalId`, or `id`) is unique and can stand wherever a customer is named.
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    let external_id = body.opt_text("externalId").or_else(|| body.opt_text("id"));
    if let Some(id) = external_id.as_ref().filter(|id| call.state.customers.taken("external", id, None)) {
        let message = format!("A customer with the id `{id}` already exists");
        return Err(Failure::new("duplicate", message).about("externalId"));
    }
    let customer = Customer {
        id: call.state.new_id("cus_"),
        external_id,
        email: body.text("email"),
        full_name: body.opt_text("fullName"),
        country: body.object("address").map(|address| address.text("country").to_uppercase()),
        metadata: body.map("metadata"),
        created: call.now,
    };
    let reply = Reply::created(view(call, &customer));
    call.state.customers.put(customer);
    Ok(reply)
}
