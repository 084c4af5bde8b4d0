//! Commet: hosted SaaS billing. The contract is commet-api.md, in the versions of [`dialect`].

mod billing;
pub mod catalog;
mod desired;
pub mod dialect;
mod effects;
mod explain;
mod guards;
mod identity;
mod live;
mod lower;
mod markets;
mod metadata;
mod mirror;
mod observe;
mod page;
mod requires;
mod rules;
pub mod sandbox;
pub mod schema;
mod settle;
mod short;
pub mod table;
mod upgrade;
mod wire;
mod write;

use std::time::Duration;

use crate::changeset::{Billing, Guard};
use crate::diagnostic::Sink;
use crate::diff::{Change, Diff, Requirement};
use crate::http::{ApiError, Failure, Headers, ReadApi};
use crate::ledger::Ledger;
use crate::load::{self, Document};
use crate::model::{Desired, KindSpec, Live, Objects, Page, Subscriptions};
use crate::provider::commet::catalog::Catalog;
use crate::provider::{BoxFuture, Destination, Lowered, Mirror, ObserveError, Provider, Upgrade, Written};

use desired::desired;
use dialect::Dialect;

/// The provider of Commet, in one version of its API; none is the first version, for files that no environment was named
/// for.
#[derive(Debug)]
pub struct Commet(pub Option<Dialect>);

impl Commet {
    fn dialect(&self) -> Dialect {
        self.0.unwrap_or(Dialect::ALL[0])
    }
}

impl Provider for Commet {
    fn name(&self) -> &'static str {
        "commet"
    }

    fn title(&self) -> &'static str {
        "Commet"
    }

    fn kinds(&self) -> &'static [KindSpec] {
        &table::TABLE
    }

    fn api_versions(&self) -> &'static [&'static str] {
        const VERSIONS: &[&str] = &["2026-07-11", "2026-07-31"];
        VERSIONS
    }

    fn at(&self, version: &str) -> Option<&'static dyn Provider> {
        static SPOKEN: [Commet; 2] = [Commet(Some(Dialect::July11)), Commet(Some(Dialect::July31))];
        let spoken = SPOKEN.iter().find(|commet| commet.dialect().version() == version);
        spoken.map(|commet| commet as &dyn Provider)
    }

    fn key_variable(&self) -> &'static str {
        "COMMET_API_KEY"
    }

    fn headers(&self, key: &str, api_version: &str) -> Headers {
        vec![("x-api-key", key.to_owned()), ("commet-version", api_version.to_owned())]
    }

    fn check_key(&self, key: &str) -> Result<(), String> {
        if key.starts_with("ck_") {
            Ok(())
        } else {
            Err("a Commet key begins with `ck_`, and this one does not".into())
        }
    }

    /// §2.5.
    fn remembers_keys(&self) -> Option<Duration> {
        Some(Duration::from_secs(24 * 3600))
    }

    fn key_livemode(&self, key: &str) -> Option<bool> {
        if key.starts_with("ck_live_") {
            Some(true)
        } else if key.starts_with("ck_sandbox_") || key.starts_with("ck_test_") {
            Some(false)
        } else {
            None
        }
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
        _: &'a Destination,
        desired: &'a Desired,
        ledger: &'a Ledger,
    ) -> BoxFuture<'a, Result<Live, ObserveError>> {
        Box::pin(async move {
            let snapshot = observe::snapshot(api, observe::Asked::of(desired, ledger), self.dialect()).await?;
            live::resolve(snapshot, desired, ledger)
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

    fn upgrade(&self, desired: &Desired, live: &Live) -> Upgrade {
        upgrade::upgrade(desired, live, self.dialect())
    }

    fn align(&self, live: &mut Live, desired: &Desired) {
        live::align(live, desired);
    }

    fn write(&self, live: &Live) -> Written {
        write::write(live)
    }

    fn page(&self, objects: &Objects<'_>, before: Option<&Objects<'_>>) -> Page {
        page::page(objects, before)
    }

    fn drawn_alone(&self) -> &'static [&'static str] {
        &["plans", "groups", "addons"]
    }

    fn settle(&self, diff: &mut Diff, desired: &Desired, live: &Live) {
        settle::settle(diff, desired, live);
    }

    fn requires(&self, changes: &[Change], live: &Live) -> Vec<Requirement> {
        requires::requires(changes, live)
    }

    fn lower(&self, changes: &[Change], desired: &Desired, live: &Live) -> Lowered {
        lower::lower(changes, desired, live, self.dialect())
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

    fn short_forms(&self) -> &'static [(&'static str, &'static str)] {
        short::FORMS
    }

    fn starter(&self) -> &'static str {
        include_str!("starter.yaml")
    }

    fn starter_environment(&self) -> &'static str {
        "{ provider: commet, url: https://commet.co/api/v1, api_version: 2026-07-31, \
         api_key: { env: COMMET_SANDBOX_KEY }, mode: sandbox }"
    }

    fn sandbox(&self) -> Box<dyn crate::sandbox::api::Api> {
        Box::new(sandbox::Commet::default())
    }

    fn sandbox_key(&self) -> &'static str {
        "ck_sandbox_embedded"
    }

    fn read(&self, document: &Document, sink: &mut Sink) -> Option<Desired> {
        let catalog = read_for(document, self.0, sink)?;
        Some(desired(catalog, &|path| document.line_of(path)))
    }
}

/// Stage 2: a loaded document as a checked catalog. `None` after findings that are errors.
///
/// All findings come at once: what could be decoded is checked even if something else could not.
pub fn read(document: &Document, sink: &mut Sink) -> Option<Catalog> {
    read_for(document, None, sink)
}

fn read_for(document: &Document, dialect: Option<Dialect>, sink: &mut Sink) -> Option<Catalog> {
    let before = sink.has_errors();
    let mut found = Sink::with_sources(document.sources());
    let spread = load::spread(document, || Commet(None).language(), &mut found);
    let document = spread.as_ref().map_or(document, |spread| &spread.document);
    let decoded = load::decode_partial::<Catalog>(document.root(), &mut found);
    if let Some(catalog) = &decoded.value {
        rules::check(catalog, document, dialect, &decoded.spoiled, &mut found);
    }
    if let Some(spread) = &spread {
        found.once_at(&spread.places);
    }
    let sound = !before && !found.has_errors();
    sink.append(found);
    decoded.value.filter(|_| sound)
}
