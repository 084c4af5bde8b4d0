//! One item of a 422 answer (bxb-api.md §2).

use super::json::{Json, Object};

/// What is wrong at one place of a request.
#[derive(Clone, Debug)]
pub(super) struct Issue {
    kind: &'static str,
    place: Vec<Json>,
    message: String,
    input: Json,
    context: Option<Object>,
}

impl Issue {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, place: Vec::new(), message: message.into(), input: Json::Null, context: None }
    }

    pub(super) fn context(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.context = Some(self.context.unwrap_or_default().with(name, value));
        self
    }

    /// Where it is, and what stands there.
    pub(super) fn at(mut self, place: &[Json], input: &Json) -> Self {
        self.place = place.to_vec();
        self.input = input.clone();
        self
    }

    pub(super) fn json(self) -> Json {
        let item = Object::from([
            ("type", self.kind.into()),
            ("loc", self.place.into()),
            ("msg", self.message.into()),
            ("input", self.input),
        ]);
        match self.context {
            Some(context) => item.with("ctx", context).into(),
            None => item.into(),
        }
    }
}
