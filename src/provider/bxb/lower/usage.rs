//! Billable metrics, their filters, and features.

use serde_json::{Map, Value as Json};

use super::body::{As, Row, create, update};
use super::{Lowering, care};
use crate::changeset::{Draft, Expect, Learns};
use crate::diff::{Action, Change};
use crate::model::{Address, Value};
use crate::provider::bxb::observe::segment;
use crate::provider::bxb::table::{CHARGE, ENTITLEMENT};

const METRIC: &[Row] = &[
    ("name", "name", As::Plain),
    ("description", "description", As::Plain),
    ("aggregation_type", "aggregation_type", As::Plain),
    ("field_name", "field_name", As::Plain),
    ("recurring", "recurring", As::Plain),
    ("rounding_function", "rounding_function", As::Plain),
    ("rounding_precision", "rounding_precision", As::Plain),
    ("expression", "expression", As::Plain),
];

const FEATURE: &[Row] = &[
    ("name", "name", As::Plain),
    ("description", "description", As::Plain),
    ("feature_type", "feature_type", As::Plain),
];

impl<'a> Lowering<'a> {
    /// Metrics are addressed by id (§6.1).
    pub(super) fn metric(&mut self, change: &'a Change) {
        let address = &change.address;
        let code = address.key();
        if self.removed(address) {
            let path = format!("/billable_metrics/{}", self.live_id(address));
            let mut draft = self.delete(address, address, path, &format!("billable metric {}", change.name));
            // Refused while a charge uses it (§9).
            draft.after =
                self.plans_with(code).flat_map(|plan| [format!("{plan}:update"), format!("{plan}:delete")]).collect();
            self.push(draft);
        }
        if self.created(address) {
            let mut body = with_code(code);
            body.extend(create(self.wanted(address), METRIC, 0));
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/billable_metrics/");
            draft.care = care::listed("billable_metrics", code, &body);
            draft.body = Some(Json::Object(body));
            draft.learns = Some(Learns::new(address, "/id"));
            draft.after = vec![format!("{address}:delete")];
            draft.summary = format!("Create billable metric {}", change.name);
            self.push(draft);
        }
        if change.action == Action::Update {
            let path = format!("/billable_metrics/{}", self.live_id(address));
            self.update(change, "PUT", path, update(change, METRIC, 0));
        }
    }

    /// An update in place, if anything is left to send.
    pub(super) fn update(&mut self, change: &'a Change, method: &'static str, path: String, body: Map<String, Json>) {
        if body.is_empty() {
            return;
        }
        let mut draft = Draft::new(format!("{}:update", change.address), &change.address, method, path);
        draft.care = care::update(&body);
        draft.body = Some(Json::Object(body));
        draft.summary = format!("Update {} {}", change.kind.name, change.name);
        self.push(draft);
    }

    /// Filters have no update: they are deleted and created, and the plans whose charges use them are written again
    /// after that (§6.1).
    pub(super) fn metric_filter(&mut self, change: &'a Change) {
        let address = &change.address;
        let Some(metric) = address.parent() else { return };
        let code = segment(metric.key());
        // A metric that goes takes its filters along.
        let with_metric = self.removed(&metric);
        if self.removed(address) && !with_metric {
            let path = format!("/billable_metrics/{code}/filters/{}", self.live_id(address));
            let mut draft = self.delete(address, address, path, &format!("filter {} of {}", change.name, metric.key()));
            if change.action == Action::Delete {
                draft.after = self.plans_with(metric.key()).map(|plan| format!("{plan}:update")).collect();
            }
            self.push(draft);
        }
        if self.created(address) {
            let path = format!("/billable_metrics/{code}/filters");
            let mut body = Map::new();
            body.insert("key".into(), address.key().into());
            let values = self.wanted(address).get("values");
            body.insert(
                "values".into(),
                values.map_or_else(|| Json::Array(Vec::new()), |v| super::body::json(v, As::Plain, 0)),
            );
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", path.clone());
            draft.care = care::among(path, vec![Expect::new("/key", address.key())], &body);
            draft.body = Some(Json::Object(body));
            draft.learns = Some(Learns::new(address, "/id"));
            draft.after = vec![format!("{metric}:create"), format!("{address}:delete")];
            draft.summary = format!("Create filter {} of {}", change.name, metric.key());
            self.push(draft);
        }
    }

    /// Live plans with a charge for a metric.
    pub(super) fn plans_with(&self, metric: &str) -> impl Iterator<Item = Address> + use<'a> {
        let metric = Value::from(metric);
        self.live
            .objects
            .values()
            .filter(move |object| {
                object.resource.kind == CHARGE && object.resource.fields.get("billable_metric") == Some(&metric)
            })
            .map(|object| object.resource.address.root())
    }

    /// Features are addressed by code (§6.5).
    pub(super) fn feature(&mut self, change: &'a Change) {
        let address = &change.address;
        let code = address.key();
        let path = format!("/features/{}", segment(code));
        if self.removed(address) {
            let mut draft = self.delete(address, address, path.clone(), &format!("feature {}", change.name));
            // Refused while a plan entitles to it.
            draft.after = self
                .live
                .objects
                .values()
                .filter(|object| object.resource.kind == ENTITLEMENT && object.resource.address.key() == code)
                .map(|object| format!("{}:delete", object.resource.address))
                .collect();
            self.push(draft);
        }
        if self.created(address) {
            let mut body = with_code(code);
            body.extend(create(self.wanted(address), FEATURE, 0));
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/features/");
            draft.care = care::by_code("features", code, &body);
            draft.body = Some(Json::Object(body));
            draft.learns = Some(Learns::new(address, "/id"));
            draft.after = vec![format!("{address}:delete")];
            draft.summary = format!("Create feature {}", change.name);
            self.push(draft);
        }
        if change.action == Action::Update {
            self.update(change, "PATCH", path, update(change, FEATURE, 0));
        }
    }
}

/// A body that begins with a code.
pub(super) fn with_code(code: &str) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("code".into(), code.into());
    body
}
