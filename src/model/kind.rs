use crate::model::{Currency, Effect, EffectRule, FieldKind, Reach, path_segments};

/// One kind of object that a provider manages: a row of the provider's table. Diff, effects, documentation and
/// the every-field tests read it; nothing else states what a field is.
#[derive(Debug)]
pub struct KindSpec {
    /// The word for one of them: `price`.
    pub name: &'static str,
    /// The collection that holds them in an address: `prices`.
    pub collection: &'static str,
    /// The kind that they are inside of, by name.
    pub parent: Option<&'static str>,
    /// The order of keys where it is not alphabetical: billing intervals from short to long.
    pub keys: &'static [&'static str],
    /// Whom a new one reaches (on an existing parent).
    pub created: Reach,
    /// Whom the removal of one reaches; the words say what it means for who already subscribes.
    pub removed: Reach,
    /// What it means for customers that one is archived or deleted and made anew. Empty where that never happens.
    pub anew: &'static str,
    /// Whether a removal is a matter for the guard that asks before anything sold is withdrawn.
    pub sold: bool,
    /// Whether a changed amount can be made as a new object that leaves the old one to its subscribers.
    pub grandfathers: bool,
    /// When one is deleted and created again under its key, because a field changes that the API cannot change.
    pub remade: Remade,
    /// Whether its key can change.
    pub renaming: Renaming,
    /// Whether the API gives it another id with every write: then what was written is known by its key alone.
    pub fleeting: bool,
    /// Which versions of the API have it.
    pub versions: Versions,
    /// The API document's section that says so.
    pub source: &'static str,
    /// Its fields, in the order in which they are shown.
    pub fields: &'static [FieldSpec],
}

/// One field of a kind.
#[derive(Debug)]
pub struct FieldSpec {
    /// Its path in the YAML; `*` stands for one key: `metadata.*`, `prices.*.amount`.
    pub path: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// What leaving it out means.
    pub default: &'static str,
    /// How it can be changed.
    pub change: Mutability,
    /// Whether the API shows it.
    pub read: Readability,
    /// Whom a change reaches.
    pub effect: EffectRule,
    /// Whether changing it changes what existing customers are charged, so that `price_changes` must be said.
    pub priced: bool,
    /// Which versions of the API have it.
    pub versions: Versions,
    /// The API document's section that says so.
    pub source: &'static str,
}

/// Dated versions of an API, as its headers write them: `2026-07-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first one.
    pub since: Option<&'static str>,
    /// The last one.
    pub until: Option<&'static str>,
}

impl Versions {
    /// Every version.
    pub const ALL: Self = Self { since: None, until: None };

    /// From this version on.
    pub const fn since(version: &'static str) -> Self {
        Self { since: Some(version), until: None }
    }

    /// Up to and with this version.
    pub const fn until(version: &'static str) -> Self {
        Self { since: None, until: Some(version) }
    }

    /// Which ones, in words: `from 2026-07-31 on`. Nothing for every version.
    pub fn words(self) -> Option<String> {
        match (self.since, self.until) {
            (None, None) => None,
            (Some(since), None) => Some(format!("from {since} on")),
            (None, Some(until)) => Some(format!("up to {until}")),
            (Some(since), Some(until)) => Some(format!("from {since} to {until}")),
        }
    }

    /// Whether a version is one of them. Dates compare as text.
    pub fn has(self, version: &str) -> bool {
        self.since.is_none_or(|since| since <= version) && self.until.is_none_or(|until| version <= until)
    }
}

/// Whether the key of an object can change while it stays the same object (`previously:`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renaming {
    /// The language has no word for it.
    Never,
    /// The key is ours: it changes without a call.
    Free,
    /// The key is the API's code, which cannot change.
    Fixed,
}

/// When an object is deleted and created again under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remade {
    /// Never: only a new object, under a new key, has what the API cannot change.
    Never,
    /// When its block says `replace: true`.
    Asked,
    /// With every change: the API has no update for it.
    Always,
}

/// How a field can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// By an update of the object.
    InPlace,
    /// Not by the API. Whether the object can be made anew instead, its kind says (`KindSpec::remade`).
    Replace,
}

/// Whether the API ever shows a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readability {
    /// Reads return it.
    Returned,
    /// No read returns it: it is compared with what the ledger says was written last.
    WriteOnly,
}

impl PartialEq for KindSpec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl KindSpec {
    /// What most kinds are: on their own, without words yet, never sold, never made anew. A row says what it has beside
    /// that.
    pub const PLAIN: Self = Self {
        name: "",
        collection: "",
        parent: None,
        keys: &[],
        created: Reach::new(Effect::None, ""),
        removed: Reach::new(Effect::None, ""),
        anew: "",
        sold: false,
        grandfathers: false,
        remade: Remade::Never,
        renaming: Renaming::Never,
        fleeting: false,
        versions: Versions::ALL,
        source: "",
        fields: &[],
    };

    /// The row for a field path, and its place in the table.
    pub fn field(&self, path: &str) -> Option<(usize, &'static FieldSpec)> {
        self.fields.iter().enumerate().find(|(_, spec)| spec.matches(path))
    }

    /// Where a key stands among its siblings: by the kind's own order, then by name.
    pub fn key_rank<'k>(&self, key: &'k str) -> (usize, &'k str) {
        (self.keys.iter().position(|known| *known == key).unwrap_or(self.keys.len()), key)
    }
}

impl FieldSpec {
    /// The unit of a money field: that of the object, unless the path ends with a currency (`phases.*.amount_off.*`).
    pub fn currency(&self, path: &str, of_object: Option<Currency>) -> Option<Currency> {
        if self.kind != FieldKind::Money || !self.path.ends_with(".*") {
            return of_object;
        }
        path_segments(path).last().and_then(|code| code.parse().ok()).or(of_object)
    }

    /// The sections that say what the field is and whom it reaches.
    pub fn sources(&self) -> String {
        let rule = self.effect.source;
        if self.source.contains(rule) { self.source.to_owned() } else { format!("{}; {rule}", self.source) }
    }

    /// Whether a concrete path is this field's: `metadata.tier` is `metadata.*`.
    pub fn matches(&self, path: &str) -> bool {
        if !self.path.contains('*') {
            return self.path == path;
        }
        // Nearly every question is about a path that differs before the first star or after the last one.
        let differ = |(want, have): (u8, u8)| (want != have || want == b'*').then_some(want != b'*');
        let (want, have) = (self.path.bytes(), path.bytes());
        if want.clone().zip(have.clone()).find_map(differ) == Some(true)
            || want.rev().zip(have.rev()).find_map(differ) == Some(true)
        {
            return false;
        }
        // A trailing star takes the rest: metadata may nest.
        if let Some(prefix) = self.path.strip_suffix(".*")
            && !prefix.contains('*')
        {
            return path.strip_prefix(prefix).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'));
        }
        let (mut pattern, mut given) = (path_segments(self.path), path_segments(path));
        loop {
            match (pattern.next(), given.next()) {
                (None, None) => return true,
                (Some(want), Some(have)) if want == "*" || want == have => {}
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_keys() {
        let spec = |path| FieldSpec {
            path,
            kind: FieldKind::Any,
            default: "",
            change: Mutability::InPlace,
            read: Readability::Returned,
            effect: EffectRule::always(crate::model::Effect::None, "", ""),
            priced: false,
            versions: Versions::ALL,
            source: "",
        };
        assert!(spec("metadata.*").matches("metadata.a.b"));
        assert!(!spec("metadata.*").matches("metadata"));
        assert!(spec("prices.*.amount").matches("prices.monthly.amount"));
        assert!(!spec("prices.*.amount").matches("prices.monthly.included_balance"));
        assert!(spec("filters.*.*.amount").matches(r#"filters.region."eu.west".amount"#));
    }
}
