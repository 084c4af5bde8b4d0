//! What the JSON Schema of a catalog says about its looks: the order of fields, and short forms.

use serde_json::Value;

/// The language of one provider's catalogs.
#[derive(Debug)]
pub struct Language {
    schema: Value,
}

impl Language {
    /// Takes the catalog's JSON Schema; its properties stand in the order in which they are documented.
    pub fn new(schema: Value) -> Self {
        Self { schema }
    }

    /// Whether a field is a word about managing an object, not one of its attributes.
    pub(super) fn is_about_managing(field: &str) -> bool {
        matches!(field, "protect" | "ignore" | "previously" | "replace" | "price_changes" | "id")
    }

    /// The whole catalog.
    pub(super) fn catalog(&self) -> Shape<'_> {
        Shape { root: &self.schema, node: Some(&self.schema) }
    }
}

/// What may stand at one place. Unknown where the schema says nothing, as inside metadata.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'l> {
    root: &'l Value,
    node: Option<&'l Value>,
}

impl<'l> Shape<'l> {
    fn resolve(self, node: &'l Value) -> &'l Value {
        let Some(name) = node.get("$ref").and_then(Value::as_str) else { return node };
        name.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)).unwrap_or(node)
    }

    fn alternatives(self) -> Vec<&'l Value> {
        let Some(node) = self.node.map(|node| self.resolve(node)) else { return Vec::new() };
        match node.get("anyOf").and_then(Value::as_array) {
            Some(choices) => choices.iter().map(|choice| self.resolve(choice)).collect(),
            None => vec![node],
        }
    }

    fn step(self, find: impl Fn(&'l Value) -> Option<&'l Value>) -> Self {
        Self { node: self.alternatives().into_iter().find_map(find).filter(|node| node.is_object()), ..self }
    }

    /// The value under a key.
    pub(super) fn child(self, key: &str) -> Self {
        self.step(|node| {
            node.get("properties").and_then(|fields| fields.get(key)).or_else(|| node.get("additionalProperties"))
        })
    }

    /// An item of a list.
    pub(super) fn item(self) -> Self {
        self.step(|node| node.get("items"))
    }

    /// The fields that may stand here, in the documented order; empty where keys are the user's own.
    pub(super) fn order(self) -> Vec<&'l str> {
        let fields = self.alternatives().into_iter().find_map(|node| node.get("properties")?.as_object());
        fields.map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    /// The field that a value without braces stands for: `49.00` is `{ amount: 49.00 }`. It is the first field that
    /// holds what the short form is.
    pub(super) fn short(self) -> Option<&'l str> {
        let node = self.resolve(self.node?);
        let choices = node.get("anyOf")?.as_array()?;
        let object = choices.iter().find_map(|choice| self.resolve(choice).get("properties")?.as_object())?;
        let short = choices.iter().filter_map(kind).find(|kind| *kind != "null" && *kind != "object")?;
        object.iter().find(|(_, field)| kind(field) == Some(short)).map(|(name, _)| name.as_str())
    }
}

/// The name of what a place holds, whether it may be left out or not.
fn kind(node: &Value) -> Option<&str> {
    if let Some(name) = node.get("$ref") {
        return name.as_str();
    }
    if let Some(choices) = node.get("anyOf").and_then(Value::as_array) {
        return choices.iter().filter_map(kind).find(|kind| *kind != "null");
    }
    match node.get("type")? {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    }
}
