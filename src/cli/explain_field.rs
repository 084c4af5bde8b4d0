//! `explain price.amount`: what a field of a kind is, how it changes, and whom a change reaches, in words.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::diagnostic::did_you_mean;
use crate::model::{EffectRule, FieldKind, FieldSpec, KindSpec, Mutability, Readability, Remade, path_segments};
use crate::provider::Provider;
use crate::render::{Paint, wrapped};

/// How wide lines of text are.
const WIDTH: usize = 88;

/// A kind, or one of its fields, at one provider.
pub(super) struct Subject {
    provider: &'static dyn Provider,
    kind: &'static KindSpec,
    /// Every field, when none was named.
    field: Option<&'static FieldSpec>,
}

/// What a text names: a kind (`price`, `prices`), a field of one (`price.amount`), or either by an address
/// (`plans.pro.prices.monthly.amount`), at each of these providers that has it.
pub(super) fn find(text: &str, providers: &[&'static dyn Provider]) -> Vec<Subject> {
    let parts: Vec<&str> = path_segments(text.trim()).collect();
    let Some((first, rest)) = parts.split_first() else { return Vec::new() };
    let word = first.to_ascii_lowercase().replace(['_', '-'], " ");
    let subject = |provider: &'static dyn Provider| {
        let kinds = provider.kinds();
        let by_name = kinds.iter().filter(|kind| kind.name.replace('-', " ") == word);
        let by_name = by_name.filter_map(|kind| below(kinds, kind, rest, &|_| false));
        // `features` is a collection at the top and on plans: the first that has what is named is meant.
        let by_collection = kinds.iter().filter(|kind| kind.collection.replace('_', " ") == word);
        let by_collection = by_collection
            .filter_map(|kind| below(kinds, kind, rest, &|key| kind.parent.is_none() || kind.keys.contains(&key)));
        let (kind, field) = by_name.chain(by_collection).next()?;
        Some(Subject { provider, kind, field })
    };
    providers.iter().filter_map(|provider| subject(*provider)).collect()
}

/// What could have been meant.
pub(super) fn like(text: &str, providers: &[&'static dyn Provider]) -> Option<String> {
    let kinds = providers.iter().flat_map(|provider| provider.kinds());
    let known: Vec<String> = kinds
        .flat_map(|kind| {
            let name = kind.name.replace(' ', "_");
            let fields = kind.fields.iter().map(|field| format!("{name}.{}", field.path)).collect::<Vec<_>>();
            fields.into_iter().chain([name])
        })
        .collect();
    did_you_mean(text.trim(), known.iter().map(String::as_str)).map(str::to_owned)
}

type Found = (&'static KindSpec, Option<&'static FieldSpec>);

/// What stands below a kind: nothing, a field, a part of it, or a key of one of them (where that can be one) and then any
/// of these.
fn below(
    kinds: &'static [KindSpec],
    kind: &'static KindSpec,
    rest: &[&str],
    is_key: &dyn Fn(&str) -> bool,
) -> Option<Found> {
    let Some((first, more)) = rest.split_first() else { return Some((kind, None)) };
    let path = rest.join(".");
    let field = kind.fields.iter().find(|spec| spec.path == path).or_else(|| Some(kind.field(&path)?.1));
    let part = kinds.iter().find(|part| part.parent == Some(kind.name) && part.collection == *first);
    let inside = || part.and_then(|part| below(kinds, part, more, &|_| true));
    let keyed = || is_key(first).then(|| below(kinds, kind, more, &|_| false)).flatten();
    field.map(|field| (kind, Some(field))).or_else(inside).or_else(keyed)
}

impl Subject {
    pub(super) fn human(&self, paint: Paint) -> String {
        let Self { provider, kind, field } = self;
        let place = kind.parent.map_or_else(String::new, |parent| format!(" of {}", a(parent)));
        let Some(field) = field else {
            let title = format!("{}{place} · {}", kind.name, provider.title());
            let mut text = format!("{}\n\n", paint.bold(&title));
            for (what, words) in self.lives() {
                paragraph(&mut text, &format!("{what}: {words}"));
            }
            let wide = kind.fields.iter().map(|field| field.path.chars().count()).max().unwrap_or(0);
            for field in kind.fields {
                let versions = field.versions.words().map_or_else(String::new, |words| format!(" ({words})"));
                let _ = write!(text, "\n  {:wide$}  {}{versions}", field.path, first(&field.effect));
            }
            if let Some(field) = kind.fields.first() {
                let name = kind.name.replace(' ', "_");
                let _ = write!(text, "\n\n`pricebook explain {name}.{}` says more about one of them", field.path);
            }
            text.push('\n');
            return text;
        };
        let title = format!("{} · field of {}{place} · {}", field.path, a(kind.name), provider.title());
        let mut text = format!("{}\n\n", paint.bold(&title));
        for (what, says) in facts(kind, field) {
            let _ = writeln!(text, "  {what:<14} {says}");
        }
        if let Some(words) = field.versions.words().or_else(|| kind.versions.words()) {
            let _ = writeln!(text, "  {:<14} {words}", "API version");
        }
        text.push_str("\nWhom a change reaches\n");
        for (direction, words) in directions(&field.effect) {
            let _ = writeln!(text, "  {direction:<14} {words}");
        }
        let _ = writeln!(text, "\nSource: {}", field.sources());
        text
    }

    pub(super) fn json(&self) -> Json {
        let fields: Vec<Json> = match self.field {
            Some(field) => vec![document(field)],
            None => self.kind.fields.iter().map(document).collect(),
        };
        let lives: serde_json::Map<String, Json> =
            self.lives().into_iter().map(|(what, words)| (what.replace(' ', "_"), words.into())).collect();
        json!({
            "provider": self.provider.name(),
            "kind": self.kind.name,
            "collection": self.kind.collection,
            "parent": self.kind.parent,
            "reaches": lives,
            "source": self.kind.source,
            "fields": fields,
        })
    }

    fn lives(&self) -> Vec<(&'static str, &'static str)> {
        let kind = self.kind;
        let lives = [("new", kind.created.words), ("removed", kind.removed.words), ("made anew", kind.anew)];
        lives.into_iter().filter(|(_, words)| !words.is_empty()).collect()
    }
}

fn a(name: &str) -> String {
    format!("{} {name}", if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

fn paragraph(text: &mut String, words: &str) {
    text.push_str(&wrapped(words, WIDTH));
}

fn facts(kind: &KindSpec, field: &FieldSpec) -> [(&'static str, String); 4] {
    let changed = match (field.change, kind.remade) {
        (Mutability::InPlace, _) => "in place",
        (Mutability::Replace, Remade::Asked) => {
            "not by the API: only with `replace: true`, which deletes and makes anew"
        }
        (Mutability::Replace, Remade::Always) => "not by the API: a change deletes and makes anew",
        (Mutability::Replace, Remade::Never) => "never: only a new object, under a new key, has another",
    };
    let shown = match field.read {
        Readability::Returned => "yes",
        Readability::WriteOnly => "never: compared with what Pricebook wrote last",
    };
    [
        ("holds", holds(field.kind).to_owned()),
        ("default", field.default.to_owned()),
        ("changed", changed.to_owned()),
        ("shown", shown.to_owned()),
    ]
}

/// What a field holds, and its unit.
fn holds(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Money => "money, in major units: 49.00",
        FieldKind::UnitPrice => "the price of one unit, in major units: 0.002",
        FieldKind::Percent => "a percentage: 20%",
        FieldKind::Rate => "an exchange rate: units of the currency for 1 USD",
        FieldKind::Count => "a whole number",
        FieldKind::Text => "text",
        FieldKind::Choice => "one of a set of words",
        FieldKind::Flag => "true or false",
        FieldKind::List => "a list",
        FieldKind::Any => "any value",
    }
}

/// The words by direction; directions that say the same stand together.
fn directions(rule: &EffectRule) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for (direction, reach) in rule.directions() {
        match rows.iter_mut().find(|(_, words)| *words == reach.words) {
            Some((directions, _)) => {
                directions.push_str(", ");
                directions.push_str(direction);
            }
            None => rows.push((direction.to_owned(), reach.words.to_owned())),
        }
    }
    if let [(directions, _)] = rows.as_mut_slice() {
        "always".clone_into(directions);
    }
    rows.extend(rule.kept.map(|kept| ("kept".to_owned(), kept.replace("{before}", "the old amount"))));
    rows
}

fn first(rule: &EffectRule) -> &'static str {
    rule.up.words
}

fn document(field: &FieldSpec) -> Json {
    let reaches: serde_json::Map<String, Json> = field
        .effect
        .directions()
        .into_iter()
        .map(|(direction, reach)| {
            (direction.to_owned(), json!({ "effect": reach.effect.word(), "words": reach.words }))
        })
        .collect();
    let mut out = json!({
        "field": field.path,
        "holds": field.kind,
        "default": field.default,
        "changes_in_place": field.change == Mutability::InPlace,
        "shown": field.read == Readability::Returned,
        "reaches": reaches,
        "source": field.sources(),
    });
    if let Some(words) = field.versions.words() {
        out["versions"] = words.into();
    }
    if let Some(kept) = field.effect.kept {
        out["kept"] = kept.replace("{before}", "the old amount").into();
    }
    out
}
