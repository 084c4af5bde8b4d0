use std::collections::BTreeMap;
use std::io;

use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::changeset::{
    CatalogRef, ChangeDoc, Cycle, Document, Draft, EnvironmentRef, FORMAT, FieldDoc, Guard, Summary, Touched, order,
    words,
};
use crate::diff::{Action, Change, Diff, FieldChange};
use crate::model::{Address, Currency, FieldKind, Pages, Value};

/// What a changeset is made of.
#[derive(Debug)]
pub struct Inputs {
    /// What the calls go to.
    pub environment: EnvironmentRef,
    /// What asked for them.
    pub catalog: CatalogRef,
    /// What must happen.
    pub diff: Diff,
    /// The calls.
    pub drafts: Vec<Draft>,
    /// What the calls touch beside the changes.
    pub also_touched: Vec<Touched>,
    /// What refuses.
    pub guards: Vec<Guard>,
    /// What else is worth saying.
    pub warnings: Vec<String>,
    /// What people call the top-level objects that something changes in.
    pub names: BTreeMap<Address, String>,
    /// What customers can buy, before and after, as far as it changes.
    pub page: Option<Pages>,
}

/// Writes the document, and gives the changes back. Fails only on calls that wait for one another, which no lowering should produce.
pub fn build(inputs: Inputs) -> Result<(Document, Vec<Change>), Cycle> {
    let Inputs { environment, catalog, diff, drafts, also_touched, mut guards, mut warnings, names, page } = inputs;
    let calls = order(drafts)?;
    let changes: Vec<ChangeDoc> = diff.changes.iter().map(|one| change(one, &names)).collect();
    guards.sort_by(|a, b| (&a.code, &a.message).cmp(&(&b.code, &b.message)));
    warnings.extend(diff.remarks);
    let mut document = Document {
        format: FORMAT.to_owned(),
        environment,
        catalog,
        digest: String::new(),
        summary: summary(&changes, diff.unchanged, calls.len()),
        changes,
        calls,
        also_touched,
        unmanaged: diff.unmanaged,
        unverifiable: diff.unverifiable,
        guards,
        warnings,
        page,
        impact: None,
    };
    document.digest = digest(&document);
    Ok((document, diff.changes))
}

/// The digest of the typed effects, the guards, the page and the target: what is done to what, not how the files or we
/// put it.
pub fn digest(document: &Document) -> String {
    let environment = &document.environment;
    let silent = |field: &FieldDoc| FieldDoc { words: String::new(), ..field.clone() };
    let typed = |change: &ChangeDoc| ChangeDoc {
        source: None,
        words: String::new(),
        fields: change.fields.iter().map(silent).collect(),
        ..change.clone()
    };
    let mut text = io::BufWriter::with_capacity(64 * 1024, Hashed(Sha256::new()));
    let mut serializer = serde_json::Serializer::new(&mut text);
    let written = (|| {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", FORMAT)?;
        map.serialize_entry("provider", &environment.provider)?;
        map.serialize_entry("api_version", &environment.api_version)?;
        map.serialize_entry("url", &environment.url)?;
        map.serialize_entry("mode", &environment.mode)?;
        map.serialize_entry("changes", &Each(&document.changes, typed))?;
        map.serialize_entry("calls", &document.calls)?;
        map.serialize_entry("also_touched", &document.also_touched)?;
        map.serialize_entry("guards", &document.guards)?;
        map.serialize_entry("page", &document.page)?;
        map.end()
    })();
    // Every key of a changeset is text, and a hash takes all that is written.
    debug_assert!(written.is_ok());
    let hash = text.into_inner().map(|Hashed(hash)| hash.finalize());
    let hex: String = hash.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A list of which each item is written as something else, one at a time: a changeset can be very long.
struct Each<'a, T, F>(&'a [T], F);

impl<T, U: Serialize, F: Fn(&T) -> U> Serialize for Each<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// Takes what is written without keeping it.
struct Hashed(Sha256);

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn summary(changes: &[ChangeDoc], unchanged: usize, calls: usize) -> Summary {
    let mut summary = Summary { unchanged, calls, ..Summary::default() };
    for change in changes {
        match change.action {
            Action::Create => summary.create += 1,
            Action::Update => summary.update += 1,
            Action::Replace => summary.replace += 1,
            Action::Delete => summary.delete += 1,
            Action::Adopt => summary.adopt += 1,
            Action::Move => summary.moved += 1,
        }
        if !matches!(change.action, Action::Adopt | Action::Move) {
            *summary.effects.entry(change.effect).or_default() += 1;
        }
    }
    summary
}

fn change(change: &Change, names: &BTreeMap<Address, String>) -> ChangeDoc {
    let fields: Vec<FieldDoc> = change.fields.iter().map(|one| field(one, change)).collect();
    ChangeDoc {
        address: change.address.clone(),
        kind: change.kind.name.to_owned(),
        name: change.name.clone(),
        within: change.address.parent().and_then(|_| names.get(&change.address.root()).cloned()).unwrap_or_default(),
        action: change.action,
        reason: change.reason.clone(),
        effect: change.effect,
        words: words::of_change(change, &fields),
        consequence: (change.action == Action::Delete).then(|| change.kind.removed.words.to_owned()),
        price_changes: change.price_changes.filter(|_| change.fields.iter().any(|field| field.spec.priced)),
        source: change.source.clone(),
        fingerprint: change.fingerprint.clone(),
        fields,
    }
}

fn field(field: &FieldChange, of: &Change) -> FieldDoc {
    let kind = field.spec.kind;
    let currency = field.spec.currency(&field.field, of.currency);
    let money = matches!(kind, FieldKind::Money | FieldKind::UnitPrice);
    let derived = |value: &Option<Value>| matches!(value, Some(Value::Derived(_)));
    let before = value(field.before.as_ref(), kind, currency);
    let after = value(field.after.as_ref(), kind, currency);
    let currency = currency.filter(|_| money);
    FieldDoc {
        words: words::of_field(field, of.action, &before, currency),
        field: field.field.to_string(),
        before,
        after,
        kind,
        currency: currency.map(|currency| currency.code().to_owned()),
        origin: field.origin,
        effect: field.effect,
        before_derived: derived(&field.before),
        after_derived: derived(&field.after),
        immutable: field.blocked,
        is_default: field.after.as_ref().is_some_and(|value| value.to_string() == field.spec.default),
        unknown: field.unknown,
    }
}

/// A value as a document writes it.
pub(super) fn value(value: Option<&Value>, kind: FieldKind, currency: Option<Currency>) -> Json {
    match value {
        None | Some(Value::Null) => Json::Null,
        Some(Value::Flag(flag)) => Json::Bool(*flag),
        Some(Value::Count(count)) => Json::from(*count),
        Some(Value::Text(text)) => Json::from(&**text),
        Some(Value::List(items)) => items.iter().map(|item| self::value(Some(item), kind, currency)).collect(),
        Some(Value::Map(map)) => {
            map.iter().map(|(key, item)| (key.clone(), self::value(Some(item), kind, currency))).collect()
        }
        // The user's own data stays what it is in JSON.
        Some(Value::Decimal(number)) if kind == FieldKind::Any => {
            number.normalize().to_string().parse::<serde_json::Number>().map_or(Json::Null, Json::Number)
        }
        Some(Value::Decimal(number) | Value::Derived(number)) => Json::from(decimal(*number, kind, currency)),
    }
}

/// The exact number in text, with at least the decimals that its kind is written with.
fn decimal(number: Decimal, kind: FieldKind, currency: Option<Currency>) -> String {
    let mut number = number.normalize();
    let places = match kind {
        FieldKind::Money | FieldKind::UnitPrice => Some(currency.map_or(2, Currency::exponent)),
        FieldKind::Rate => Some(2),
        _ => None,
    };
    if let Some(places) = places.filter(|places| number.scale() < *places) {
        number.rescale(places);
    }
    if kind == FieldKind::Percent { format!("{number}%") } else { number.to_string() }
}
