use crate::model::{FieldPath, Fields, Value};

/// Fields under construction, on either side: what is at "nothing" stays out.
#[derive(Default)]
pub(super) struct FieldsOf(pub(super) Fields);

impl FieldsOf {
    pub(super) fn put(mut self, path: impl Into<FieldPath>, value: impl Into<Value>) -> Self {
        self.0.insert(path.into(), value.into());
        self
    }

    pub(super) fn maybe<V: Into<Value>>(self, path: &'static str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.put(path, value),
            None => self,
        }
    }

    /// An empty text is no text: nobody could see a difference.
    pub(super) fn text(self, path: &'static str, text: Option<&str>) -> Self {
        self.maybe(path, text.filter(|text| !text.is_empty()))
    }
}
