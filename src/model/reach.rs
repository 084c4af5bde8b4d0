use crate::model::{Effect, Value};

/// Whom a change reaches and when: for programs, and in a sentence for the person who prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// For programs.
    pub effect: Effect,
    /// For people: small letters at the beginning, no full stop at the end.
    pub words: &'static str,
}

/// Whom a change of a field reaches, by the direction of the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectRule {
    /// The value rises, or becomes another one that is neither more nor less. A flag rises when it is switched on.
    pub up: Reach,
    /// The value falls.
    pub down: Reach,
    /// There was none before.
    pub set: Reach,
    /// There is none any more.
    pub cleared: Reach,
    /// What is so when existing subscribers keep what they have: `price_changes: grandfather`. `{before}` stands for the
    /// old value.
    pub kept: Option<&'static str>,
    /// The API document's section that the rule follows from.
    pub source: &'static str,
}

impl Reach {
    /// Both sides of it.
    pub const fn new(effect: Effect, words: &'static str) -> Self {
        Self { effect, words }
    }
}

impl EffectRule {
    /// The same in every direction.
    pub const fn always(effect: Effect, words: &'static str, source: &'static str) -> Self {
        let reach = Reach::new(effect, words);
        Self { up: reach, down: reach, set: reach, cleared: reach, kept: None, source }
    }

    /// The directions, each with its name.
    pub fn directions(&self) -> [(&'static str, Reach); 4] {
        [("up", self.up), ("down", self.down), ("set", self.set), ("cleared", self.cleared)]
    }

    /// Whom a change from `before` to `after` reaches. Nothing for no change.
    pub fn of(&self, before: Option<&Value>, after: Option<&Value>) -> Option<Reach> {
        Some(match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => self.set,
            (Some(_), None) => self.cleared,
            (Some(before), Some(after)) => match (size(before), size(after)) {
                (Some(before), Some(after)) if after > before => self.up,
                (Some(before), Some(after)) if after < before => self.down,
                // No direction to be seen: the one that reaches customers sooner.
                _ if self.down.effect > self.up.effect => self.down,
                _ => self.up,
            },
        })
    }
}

fn size(value: &Value) -> Option<rust_decimal::Decimal> {
    match value {
        Value::Flag(flag) => Some(i64::from(*flag).into()),
        other => other.number(),
    }
}
