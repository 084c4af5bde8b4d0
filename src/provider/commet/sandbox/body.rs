//! A body that has passed its rules. What it lacks reads as the documented default.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::rules::decimal;

/// The known fields of a request.
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn opt_text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.opt_text(name).unwrap_or_default()
    }

    pub(super) fn opt_int(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    pub(super) fn int(&self, name: &str) -> i64 {
        self.opt_int(name).unwrap_or_default()
    }

    pub(super) fn opt_flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.opt_flag(name).unwrap_or_default()
    }

    pub(super) fn decimal(&self, name: &str) -> Decimal {
        self.0.get(name).and_then(Value::as_number).and_then(decimal).unwrap_or_default()
    }

    pub(super) fn map(&self, name: &str) -> Option<Map<String, Value>> {
        self.0.get(name)?.as_object().cloned()
    }

    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.map(name).map(Self)
    }

    pub(super) fn objects(&self, name: &str) -> Vec<Self> {
        let items = self.0.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_object).cloned().map(Self).collect()
    }

    /// The items of a list, as they were checked.
    pub(super) fn list(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_else(|| Value::Array(Vec::new()))
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let items = self.0.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    // What an update sends replaces, null clears, what it leaves out stays.

    pub(super) fn set_text(&self, name: &str, field: &mut String) {
        if let Some(text) = self.opt_text(name) {
            *field = text;
        }
    }

    pub(super) fn set_int(&self, name: &str, field: &mut i64) {
        if let Some(number) = self.opt_int(name) {
            *field = number;
        }
    }

    pub(super) fn set_flag(&self, name: &str, field: &mut bool) {
        if let Some(flag) = self.opt_flag(name) {
            *field = flag;
        }
    }

    pub(super) fn set_opt_text(&self, name: &str, field: &mut Option<String>) {
        if self.has(name) {
            *field = self.opt_text(name);
        }
    }

    pub(super) fn set_opt_int(&self, name: &str, field: &mut Option<i64>) {
        if self.has(name) {
            *field = self.opt_int(name);
        }
    }
}
