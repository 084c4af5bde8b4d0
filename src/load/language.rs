//! What merging needs to know of a catalog language: where its objects stand, which fields they have, and what a
//! scalar in place of an object is short for. Read from the language's own JSON Schema, so that nothing is said twice.

use serde_json::Value as Json;

/// Where the objects of a catalog language stand.
#[derive(Clone, Debug, Default)]
pub struct Language {
    blocks: Vec<Block>,
}

/// One collection of objects: `plans`, `plans.prices`.
#[derive(Clone, Debug)]
pub struct Block {
    /// The collections on the way, joined by dots: `plans.prices`.
    pub path: String,
    /// Its key in what holds it: `prices`.
    pub name: String,
    /// How many maps or lists lie around an object: 1 for `plans: { pro: { … } }`.
    pub depth: usize,
    /// The fields of an object, collections inside it among them.
    pub fields: Vec<String>,
    /// Those that it cannot do without.
    pub required: Vec<String>,
    /// The field that a scalar in place of the object stands for.
    pub short: Option<&'static str>,
    /// The collections inside an object.
    pub children: Vec<Block>,
}

/// No language nests its collections as deeply.
const DEEPEST: usize = 8;

impl Language {
    /// Reads a language's schema. `short` names the field that a scalar stands for, by collection.
    pub fn new(schema: &Json, short: &[(&'static str, &'static str)]) -> Self {
        Self { blocks: Reader { schema, short }.blocks(schema, "", DEEPEST) }
    }

    /// The outermost collections.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Every collection, outer ones before those inside them.
    pub fn all(&self) -> Vec<&Block> {
        fn add<'b>(blocks: &'b [Block], all: &mut Vec<&'b Block>) {
            for block in blocks {
                all.push(block);
                add(&block.children, all);
            }
        }
        let mut all = Vec::new();
        add(&self.blocks, &mut all);
        all
    }

    /// The collection with this path.
    pub fn block(&self, path: &str) -> Option<&Block> {
        self.all().into_iter().find(|block| block.path == path)
    }
}

impl Block {
    /// Whether this key holds a collection inside the object.
    pub fn has_child(&self, key: &str) -> bool {
        self.children.iter().any(|child| child.name == key)
    }
}

struct Reader<'s> {
    schema: &'s Json,
    short: &'s [(&'static str, &'static str)],
}

impl Reader<'_> {
    fn blocks(&self, object: &Json, prefix: &str, deepest: usize) -> Vec<Block> {
        let Some(properties) = object.get("properties").and_then(Json::as_object).filter(|_| deepest > 0) else {
            return Vec::new();
        };
        properties.iter().filter_map(|(name, property)| self.block(name, property, prefix, deepest)).collect()
    }

    fn block(&self, name: &str, property: &Json, prefix: &str, deepest: usize) -> Option<Block> {
        let (mut node, mut depth) = (resolved(self.schema, property), 0);
        while let Some(inside) = ["additionalProperties", "items"].iter().find_map(|word| node.get(*word)) {
            // A closed object says `additionalProperties: false`.
            if !inside.is_object() || depth == DEEPEST {
                break;
            }
            (node, depth) = (resolved(self.schema, inside), depth + 1);
        }
        let object = object(self.schema, node).filter(|_| depth > 0)?;
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        let fields = object.get("properties").and_then(Json::as_object)?.keys().cloned().collect();
        let required = object.get("required").and_then(Json::as_array).into_iter().flatten();
        Some(Block {
            name: name.to_owned(),
            depth,
            fields,
            required: required.filter_map(Json::as_str).map(str::to_owned).collect(),
            short: self.short.iter().find(|(of, _)| *of == path).map(|(_, field)| *field),
            children: self.blocks(object, &path, deepest - 1),
            path,
        })
    }
}

/// The schema that a reference leads to.
pub(super) fn resolved<'s>(schema: &'s Json, node: &'s Json) -> &'s Json {
    let target = node.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix('#'));
    target.and_then(|pointer| schema.pointer(pointer)).unwrap_or(node)
}

/// The schema of an object: this one, or the one beside a short form.
pub(super) fn object<'s>(schema: &'s Json, node: &'s Json) -> Option<&'s Json> {
    if node.get("properties").is_some() {
        return Some(node);
    }
    let choices = node.get("anyOf").and_then(Json::as_array).into_iter().flatten();
    choices.map(|choice| resolved(schema, choice)).find(|choice| choice.get("properties").is_some())
}
