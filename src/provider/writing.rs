//! Values → YAML, by the table: the same for every provider. A field that is in a table has its way into a file.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::edit::{Entry, Map, Tree};
use crate::model::{Address, Currency, FieldKind, FieldSpec, Fields, KindSpec, Live, LiveObject, Resource, Value};

/// Live state in the words of the catalog.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Comments for the head of the file: what a person has to decide.
    pub head: Vec<&'static str>,
    /// The sections, in the order in which they are read.
    pub sections: Vec<Section>,
    /// Top-level objects that hold something that the language has no words for, and what.
    pub unsayable: Vec<(Address, String)>,
}

/// The objects of one collection.
#[derive(Clone, Debug)]
pub struct Section {
    /// The collection: `plans`.
    pub collection: &'static str,
    /// The objects by their keys, in the order in which they are read.
    pub objects: Map,
}

impl Section {
    pub(in crate::provider) fn new(collection: &'static str, objects: impl IntoIterator<Item = Entry>) -> Self {
        Self { collection, objects: Map { entries: objects.into_iter().collect(), ..Map::block() } }
    }
}

/// An object's block.
pub(in crate::provider) fn object(address: &Address, map: impl Into<Tree>) -> Entry {
    Entry { key: address.key().to_owned(), value: map.into(), remark: None, above: Vec::new() }
}

/// The objects of a top-level collection, by address.
pub(in crate::provider) fn all<'l>(live: &'l Live, collection: &'l str) -> impl Iterator<Item = &'l LiveObject> {
    let its = move |object: &&LiveObject| {
        let address = &object.resource.address;
        address.is_root() && address.collection() == collection
    };
    live.objects.values().filter(its)
}

/// The objects of one collection inside an object: in their kind's own order of keys, then by address.
pub(in crate::provider) fn children<'l>(live: &'l Live, of: &Address, collection: &str) -> Vec<&'l LiveObject> {
    let below = live.objects.range(of.clone()..).take_while(|(address, _)| address.is_within(of));
    let its = |address: &Address| address.collection() == collection && address.parent().as_ref() == Some(of);
    let mut found: Vec<&LiveObject> = below.filter(|(address, _)| its(address)).map(|(_, object)| object).collect();
    found.sort_by_key(|object| object.resource.kind.key_rank(object.resource.address.key()));
    found
}

/// What the table says of a default in words.
const NO_VALUES: &[&str] = &["none", "required", "derived", "the only price"];

/// The fields of an object in the table's order, without those at their default, those in `except`, and those whose
/// path holds a key.
pub(in crate::provider) fn fields(resource: &Resource, except: &[&str]) -> Map {
    let mut map = Map::default();
    let plain = |spec: &&FieldSpec| !spec.path.contains('*') && !except.contains(&spec.path);
    for spec in resource.kind.fields.iter().filter(plain) {
        let Some(value) = resource.fields.get(spec.path) else { continue };
        let is_default = !NO_VALUES.contains(&spec.default) && value.to_string() == spec.default;
        if !is_default {
            let path: Vec<&str> = spec.path.split('.').collect();
            map.put_at(&path, tree(spec.kind, value, resource.currency));
        }
    }
    map
}

/// One of the fields that stand under a path with keys in it, by the row's last word: `amount` of
/// `prices.*.amount`.
pub(in crate::provider) fn part(
    kind: &KindSpec,
    fields: &Fields,
    path: &str,
    currency: Option<Currency>,
) -> Option<Tree> {
    let value = fields.get(path)?;
    let (_, spec) = kind.field(path)?;
    Some(tree(spec.kind, value, currency))
}

/// A value as files write it: money with its currency's decimals, everything else in its shortest exact form.
pub(in crate::provider) fn tree(kind: FieldKind, value: &Value, currency: Option<Currency>) -> Tree {
    match (kind, value) {
        (FieldKind::Money, value) if value.number().is_some() => {
            Tree::plain(money(value.number().unwrap_or_default(), currency))
        }
        (FieldKind::Percent, value) if value.number().is_some() => Tree::plain(format!("{value}%")),
        (_, Value::Text(text)) => Tree::text(&**text),
        (_, Value::List(items)) => items.iter().map(|item| tree(kind, item, currency)).collect::<Vec<_>>().into(),
        (_, Value::Map(entries)) => {
            let mut map = Map::default();
            for (key, value) in entries.as_ref() {
                map.put(key, tree(kind, value, currency));
            }
            map.into()
        }
        (_, value) => Tree::plain(value.to_string()),
    }
}

/// `49.00`, and `500` in a currency without decimals; more decimals than it has stay, so that nothing is lost.
fn money(amount: Decimal, currency: Option<Currency>) -> String {
    let mut amount = amount.normalize();
    let decimals = currency.map_or(2, Currency::exponent);
    if amount.scale() < decimals {
        amount.rescale(decimals);
    }
    amount.to_string()
}

/// JSON of the user's own.
pub(in crate::provider) fn json(value: &Json) -> Tree {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => Tree::plain(value.to_string()),
        Json::String(text) => Tree::text(text),
        Json::Array(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        Json::Object(entries) => {
            let mut map = Map::default();
            for (key, value) in entries {
                map.put(key, json(value));
            }
            map.into()
        }
    }
}

/// What a code stands for, where the code does not say it: `sso` is `Single sign-on`, `api_calls` is plain enough.
pub(in crate::provider) fn said(live: &Live, collection: &str, code: &str) -> Option<String> {
    let object = live.objects.get(&Address::new(collection, code))?;
    let name = object.resource.name.as_str();
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    (letters(code) != letters(name)).then(|| name.to_owned())
}

/// The same for a list of codes: all names, if one of them is needed.
pub(in crate::provider) fn said_of_all<'c>(
    live: &Live,
    collection: &str,
    codes: impl IntoIterator<Item = &'c str> + Clone,
) -> Option<String> {
    codes.clone().into_iter().find_map(|code| said(live, collection, code))?;
    let name = |code: &str| {
        let object = live.objects.get(&Address::new(collection, code));
        object.map_or_else(|| code.to_owned(), |object| object.resource.name.clone())
    };
    Some(codes.into_iter().map(name).collect::<Vec<_>>().join(", "))
}
