//! A plan's charges: always the whole list, because the server replaces it (bxb-api.md §6.2).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde_json::{Map, Value as Json, json};

use super::Lowering;
use crate::changeset::{Among, Learns, Unchanged, placeholder, placeholder_address};
use crate::diff::Action;
use crate::model::{Address, Fields, Value, path_key, path_segment};
use crate::provider::bxb::charges::ChargeModel;
use crate::provider::bxb::matching::MARK;
use crate::provider::bxb::properties::to_json;
use crate::provider::bxb::table::{CHARGE, METRIC_FILTER};

/// The list as it goes into a body.
pub(super) struct Charges {
    pub(super) json: Json,
    /// Where ids stand that are not known yet, as JSON pointers into the body.
    pub(super) ids: Vec<String>,
    /// The ids that the answer tells.
    pub(super) learns: Vec<Learns>,
}

impl<'a> Lowering<'a> {
    /// Existing plans whose charges are written: one of them changes, or a filter that one of them uses is made anew.
    pub(super) fn rewritten(&self) -> BTreeSet<Address> {
        let stays = |plan: &Address| {
            self.live.objects.contains_key(plan)
                && !matches!(self.action(plan), Some(Action::Create | Action::Replace | Action::Delete))
        };
        let mut plans: BTreeSet<Address> = self
            .changes
            .values()
            .filter(|change| change.kind == CHARGE)
            .map(|change| change.address.root())
            .filter(stays)
            .collect();
        for change in self.changes.values().filter(|change| change.kind == METRIC_FILTER) {
            let Some(metric) = change.address.parent() else { continue };
            if change.action != Action::Replace {
                continue;
            }
            let path = format!("filters.{}", path_segment(change.address.key()));
            let users: Vec<Address> = self
                .plans_with(metric.key())
                .filter(|plan| stays(plan) && self.desired.objects.contains_key(plan))
                .filter(|plan| self.charges_of(plan).values().any(|fields| fields.contains_key(path.as_str())))
                .collect();
            plans.extend(users);
        }
        plans
    }

    /// What the charges of a plan say afterwards, by key. What is not among the changes stays as it is live.
    pub(super) fn charges_of(&self, plan: &Address) -> BTreeMap<&'a str, &'a Fields> {
        let mut charges: BTreeMap<&str, &Fields> = BTreeMap::new();
        let is_ours = |address: &Address| address.collection() == "charges" && address.parent().as_ref() == Some(plan);
        for object in self.parts(plan).filter(|object| is_ours(&object.resource.address)) {
            charges.insert(object.resource.address.key(), &object.resource.fields);
        }
        let inside = self
            .changes
            .range::<Address, _>((Bound::Included(plan), Bound::Unbounded))
            .take_while(|(address, _)| address.is_within(plan));
        for (address, change) in inside.filter(|(address, _)| is_ours(address)) {
            match change.action {
                Action::Delete => {
                    charges.remove(address.key());
                }
                _ => {
                    charges.insert(address.key(), self.wanted(address));
                }
            }
        }
        charges
    }

    /// The whole list.
    pub(super) fn charge_list(&self, plan: &Address) -> Charges {
        let mut out = Charges { json: Json::Null, ids: Vec::new(), learns: Vec::new() };
        let mut list = Vec::new();
        let exponent = self.exponent(plan);
        for (key, fields) in self.charges_of(plan) {
            let at = format!("/charges/{}", list.len());
            let Some(model) = fields.get("charge_model").and_then(Value::text).and_then(ChargeModel::from_word) else {
                continue;
            };
            list.push(self.charge(key, fields, model, exponent, &at, &mut out.ids));
            out.learns.push(Learns {
                address: plan.child("charges", key),
                from: "/id".into(),
                among: Some(Among {
                    list: "/charges".into(),
                    at: format!("/properties/{MARK}/key"),
                    value: key.into(),
                }),
            });
        }
        out.json = Json::Array(list);
        out
    }

    fn charge(
        &self,
        key: &str,
        fields: &Fields,
        model: ChargeModel,
        exponent: u32,
        at: &str,
        ids: &mut Vec<String>,
    ) -> Json {
        let metric =
            Address::new("billable_metrics", fields.get("billable_metric").and_then(Value::text).unwrap_or_default());
        let mut noted = |id: String, place: String| {
            if placeholder_address(&id).is_some() {
                ids.push(place);
            }
            Json::from(id)
        };
        // A charge of somebody else's may be for a metric that nothing names.
        let known = self.created(&metric) || self.live.objects.contains_key(&metric);
        let metric_id = if known { self.id(&metric) } else { metric.key().to_owned() };
        let metric_id = noted(metric_id, format!("{at}/billable_metric_id"));
        let mut properties = to_json(fields, "", model, exponent);
        let (mut filters, mut copies) = (Vec::new(), Vec::new());
        for (filter, values) in filter_values(fields) {
            let address = metric.child("filters", &filter);
            let id = if self.created(&metric) { placeholder(&address) } else { self.id(&address) };
            for value in values {
                let prefix = format!("filters.{}.{}.", path_segment(&filter), path_segment(&value));
                let own = to_json(fields, &prefix, model, exponent);
                let name = fields.get(format!("{prefix}invoice_display_name").as_str()).and_then(Value::text);
                let place = filters.len();
                let sent = noted(id.clone(), format!("{at}/filters/{place}/billable_metric_filter_id"));
                let kept = noted(id.clone(), format!("{at}/properties/{MARK}/filters/{place}/filter"));
                filters.push(json!({
                    "billable_metric_filter_id": sent,
                    "values": [value],
                    "properties": own,
                    "invoice_display_name": name,
                }));
                let mut copy = Map::new();
                copy.insert("filter".into(), kept);
                copy.insert("key".into(), Json::from(filter.as_str()));
                copy.insert("value".into(), Json::from(value.as_str()));
                copy.insert("properties".into(), Json::Object(own));
                if let Some(name) = name {
                    copy.insert("invoice_display_name".into(), name.into());
                }
                copies.push(Json::Object(copy));
            }
        }
        let mut mark = Map::new();
        mark.insert("key".into(), key.into());
        if !copies.is_empty() {
            mark.insert("filters".into(), Json::Array(copies));
        }
        properties.insert(MARK.into(), Json::Object(mark));
        json!({
            "billable_metric_id": metric_id,
            "charge_model": model.word(),
            "properties": properties,
            "filters": filters,
        })
    }

    /// The charges that a write is made from: nobody else may have written them since (§10, 8).
    pub(super) fn unchanged_charges(&self, plan: &Address) -> Unchanged {
        let mut names: Vec<String> = self
            .parts(plan)
            .filter(|object| object.resource.kind == CHARGE)
            .filter_map(|object| object.id.clone())
            .collect();
        names.sort_unstable();
        Unchanged {
            path: format!("/plans/{}", self.live_id(plan)),
            list: "/charges".into(),
            item: "/id".into(),
            names,
            what: format!("the charges of {plan}"),
        }
    }
}

/// The filters of a charge with their values.
fn filter_values(fields: &Fields) -> Vec<(String, Vec<String>)> {
    fields
        .iter()
        .filter_map(|(path, value)| {
            let Value::List(values) = value else { return None };
            let key = path.strip_prefix("filters.")?;
            let key = path_key(key)?.into_owned();
            Some((key, values.iter().filter_map(|value| value.text().map(str::to_owned)).collect()))
        })
        .collect()
}
