//! bxb: open-source usage billing. The contract is bxb-api.md.

mod billing;
pub mod catalog;
mod charges;
mod desired;
mod effects;
mod explain;
mod fields;
mod guards;

mod keys;
mod live;
mod lower;
mod matching;
mod mirror;
mod observe;
mod page;
mod preflight;
mod properties;
mod rules;
pub mod sandbox;
pub mod schema;
mod settle;
mod short;
pub mod table;
mod wire;
mod write;

use crate::changeset::{Billing, Guard};
use crate::diagnostic::Sink;
use crate::diff::{Change, Diff};
use crate::http::{ApiError, Failure, Headers, ReadApi};
use crate::ledger::Ledger;
use crate::load::{self, Document};
use crate::model::{Desired, KindSpec, Live, Objects, Page, Subscriptions};
use crate::provider::bxb::catalog::Catalog;
use crate::provider::{BoxFuture, Destination, Lowered, Mirror, ObserveError, Provider, Written};

/// The provider of bxb.
#[derive(Debug)]
pub struct Bxb;

/// What every key begins with (bxb-api.md §1).
const KEY: &str = "bxb_live_";

impl Provider for Bxb {
    fn name(&self) -> &'static str {
        "bxb"
    }

    fn title(&self) -> &'static str {
        "bxb"
    }

    fn kinds(&self) -> &'static [KindSpec] {
        &table::TABLE
    }

    fn api_versions(&self) -> &'static [&'static str] {
        &["v1"]
    }

    fn at(&self, version: &str) -> Option<&'static dyn Provider> {
        self.api_versions().contains(&version).then_some(&Bxb as &dyn Provider)
    }

    fn key_variable(&self) -> &'static str {
        "BXB_API_KEY"
    }

    fn headers(&self, key: &str, _: &str) -> Headers {
        vec![("authorization", format!("Bearer {key}"))]
    }

    /// §1: any other key is not refused by the server: it reads and writes the default organization.
    fn check_key(&self, key: &str) -> Result<(), String> {
        let rest = key.strip_prefix(KEY).unwrap_or_default();
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!(
                "a bxb key begins with `{KEY}` and goes on with letters and digits, and this one does not. The server would not refuse it: it would read and write the default organization"
            ));
        }
        Ok(())
    }

    fn key_livemode(&self, _: &str) -> Option<bool> {
        None
    }

    fn failure(&self) -> fn(u16, &[u8]) -> Failure {
        wire::failure
    }

    fn notes(&self) -> &'static [(&'static str, &'static str)] {
        explain::NOTES
    }

    fn observe<'a>(
        &'a self,
        api: &'a ReadApi,
        destination: &'a Destination,
        desired: &'a Desired,
        ledger: &'a Ledger,
    ) -> BoxFuture<'a, Result<Live, ObserveError>> {
        Box::pin(async move {
            let organization = preflight::organization(api, destination).await?;
            let scope = observe::Scope { desired, ledger };
            let snapshot = observe::snapshot(api, organization, &scope).await?;
            Ok(live::resolve(&snapshot, &scope))
        })
    }

    fn subscriptions<'a>(&'a self, api: &'a ReadApi, live: &'a Live) -> BoxFuture<'a, Result<Subscriptions, ApiError>> {
        Box::pin(billing::subscriptions(api, live))
    }

    fn billing(&self) -> &'static dyn Billing {
        &billing::Rules
    }

    fn mirror(&self, live: &Live, ledger: &Ledger) -> Mirror {
        mirror::of(live, ledger)
    }

    /// What a tax was applied to and is gone does not matter while the tax stays (§6.9).
    fn align(&self, live: &mut Live, desired: &Desired) {
        live.objects
            .retain(|address, _| address.collection() != "applied" || !desired.objects.contains_key(&address.root()));
    }

    fn write(&self, live: &Live) -> Written {
        write::write(live)
    }

    fn page(&self, objects: &Objects<'_>, _: Option<&Objects<'_>>) -> Page {
        page::page(objects)
    }

    fn drawn_alone(&self) -> &'static [&'static str] {
        &["plans", "add_ons"]
    }

    fn settle(&self, diff: &mut Diff, desired: &Desired, live: &Live) {
        settle::settle(diff, desired, live);
    }

    fn lower(&self, changes: &[Change], desired: &Desired, live: &Live) -> Lowered {
        lower::lower(changes, desired, live)
    }

    fn guards(&self, changes: &[Change], desired: &Desired, live: &Live) -> Vec<Guard> {
        guards::guards(changes, desired, live)
    }

    fn schema(&self) -> serde_json::Value {
        schema::catalog()
    }

    fn schema_of(&self, document: &Document, sink: &mut Sink) -> Option<serde_json::Value> {
        read(document, sink).map(|catalog| schema::of_catalog(&catalog))
    }

    fn starter(&self) -> &'static str {
        include_str!("starter.yaml")
    }

    fn starter_environment(&self) -> &'static str {
        "{ provider: bxb, url: https://bxb.example.com/v1, api_key: { env: BXB_API_KEY }, organization: my-company }"
    }

    fn sandbox(&self) -> Box<dyn crate::sandbox::api::Api> {
        Box::new(sandbox::Bxb::default())
    }

    /// No key of the real form: it opens the default organization, the only one in which taxes can be applied (§1).
    fn sandbox_key(&self) -> &'static str {
        "embedded"
    }

    fn read(&self, document: &Document, sink: &mut Sink) -> Option<Desired> {
        let catalog = read(document, sink)?;
        Some(desired::desired(&catalog, &|path| document.line_of(path)))
    }
}

/// Stage 2: a loaded document as a checked catalog. `None` after findings that are errors.
///
/// All findings come at once: what could be decoded is checked even if something else could not.
pub fn read(document: &Document, sink: &mut Sink) -> Option<Catalog> {
    let before = sink.has_errors();
    let mut found = Sink::with_sources(document.sources());
    let spread = load::spread(document, || Bxb.language(), &mut found);
    let document = spread.as_ref().map_or(document, |spread| &spread.document);
    let decoded = load::decode_partial::<Catalog>(document.root(), &mut found);
    if let Some(catalog) = &decoded.value {
        rules::check(catalog, document, &decoded.spoiled, &mut found);
    }
    if let Some(spread) = &spread {
        found.once_at(&spread.places);
    }
    let sound = !before && !found.has_errors();
    sink.append(found);
    decoded.value.filter(|_| sound)
}
