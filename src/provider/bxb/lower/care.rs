//! What each call needs because there are no idempotency keys and ignored fields are answered with 200 (bxb-api.md
//! §4, §10).

use serde_json::{Map, Value as Json};

use crate::changeset::{Care, Expect, Lookup, Pages};
use crate::provider::bxb::observe::segment;

/// The answer says what was asked. Parts of a body that are objects or lists of them are not compared: charges come
/// back in any order and with ids of their own.
pub(super) fn expect(body: &Map<String, Json>) -> Vec<Expect> {
    let compared = |value: &Json| match value {
        Json::Object(_) => false,
        Json::Array(items) => items.iter().all(Json::is_string),
        _ => true,
    };
    body.iter()
        .filter(|(key, value)| key.as_str() != "charges" && compared(value))
        .map(|(key, value)| Expect::new(format!("/{key}"), value.clone()))
        .collect()
}

/// An update: the answer is compared.
pub(super) fn update(body: &Map<String, Json>) -> Option<Care> {
    Some(Care { expect: expect(body), ..Care::default() })
}

/// A create of something with a code that reads can name: `GET /features/sso`.
pub(super) fn by_code(collection: &str, code: &str, body: &Map<String, Json>) -> Option<Care> {
    let lookup = Lookup {
        path: format!("/{collection}/{}", segment(code)),
        pages: None,
        fields: vec![Expect::new("/code", code)],
    };
    Some(Care { lookup: Some(lookup), expect: expect(body), unchanged: None })
}

/// A create of something with a code that only the list shows (§6, identity summary).
pub(super) fn listed(collection: &str, code: &str, body: &Map<String, Json>) -> Option<Care> {
    let lookup = Lookup {
        path: format!("/{collection}/?order_by=code:asc&limit=1000"),
        pages: Some(Pages { skip: "skip".into(), size: 1000 }),
        fields: vec![Expect::new("/code", code)],
    };
    Some(Care { lookup: Some(lookup), expect: expect(body), unchanged: None })
}

/// A create of something in a short list without pages, known by some of its fields.
pub(super) fn among(path: String, fields: Vec<Expect>, body: &Map<String, Json>) -> Option<Care> {
    Some(Care { lookup: Some(Lookup { path, pages: None, fields }), expect: expect(body), unchanged: None })
}
