//! Everything that is particular to one billing API, a folder each, behind one trait.

pub mod bxb;
pub mod commet;
mod instant;
mod limits;
mod mirror;
mod registry;
mod reporter;
mod upgrade;
mod writing;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::changeset::{Billing, Draft, Guard};
use crate::diagnostic::Sink;
use crate::diff::{Change, Diff, Requirement};
use crate::http::{ApiError, Failure, Headers, ReadApi};
use crate::ledger::Ledger;
use crate::load::{Document, Language, partial};
use crate::model::{Address, Desired, KindSpec, Live, Objects, Page, Subscriptions};
use crate::sandbox::api::Api;

pub use mirror::{Between, Mirror};
pub use registry::{PROVIDERS, by_name, names};
pub use upgrade::{Gone, Upgrade};
pub use writing::{Section, Written};

/// A future that a provider returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One billing API and its catalog language. At its heart is the table of kinds; around it, reading the live state
/// is the only part that is not pure.
pub trait Provider: Send + Sync {
    /// As files write it: `commet`.
    fn name(&self) -> &'static str;
    /// As people write it: `Commet`.
    fn title(&self) -> &'static str;
    /// The table of kinds and fields.
    fn kinds(&self) -> &'static [KindSpec];
    /// The versions of the API that are spoken; the first is the one that is meant when none is named.
    fn api_versions(&self) -> &'static [&'static str];
    /// The same provider, speaking one of these versions.
    fn at(&self, version: &str) -> Option<&'static dyn Provider>;
    /// The environment variable that holds the key when no project file names one.
    fn key_variable(&self) -> &'static str;
    /// Credentials and version, as headers of every request.
    fn headers(&self, key: &str, api_version: &str) -> Headers;
    /// Refuses a key that can be seen to be wrong before anything is sent. The words never hold the key.
    fn check_key(&self, key: &str) -> Result<(), String>;
    /// Whether the key itself says that real money moves.
    fn key_livemode(&self, key: &str) -> Option<bool>;
    /// How long the API remembers idempotency keys. `None` where calls do without them.
    fn remembers_keys(&self) -> Option<Duration> {
        None
    }
    /// Reads an error answer.
    fn failure(&self) -> fn(status: u16, body: &[u8]) -> Failure;
    /// Reads and checks the files: what should exist, or findings that are errors. Pure.
    fn read(&self, document: &Document, sink: &mut Sink) -> Option<Desired>;
    /// The catalog's JSON Schema.
    fn schema(&self) -> serde_json::Value;
    /// The JSON Schema of one catalog: it knows that catalog's codes. Nothing after findings that are errors.
    fn schema_of(&self, document: &Document, sink: &mut Sink) -> Option<serde_json::Value>;
    /// What a guard or an effect, by its code, means at this API: for `explain`.
    fn notes(&self) -> &'static [(&'static str, &'static str)];
    /// The field that a scalar in place of an object stands for, by collection: `plans.prices` and `amount`.
    fn short_forms(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// Where the language's objects stand: what overlays and defaults are merged by.
    fn language(&self) -> Language {
        Language::new(&self.schema(), self.short_forms())
    }
    /// The JSON Schema of an environment's overlay.
    fn overlay_schema(&self) -> serde_json::Value {
        partial::overlay(self.schema(), &format!("Pricebook overlay for {}", self.title()))
    }
    /// A small catalog to begin with.
    fn starter(&self) -> &'static str;
    /// An environment at the real API for a new project file: a YAML flow map.
    fn starter_environment(&self) -> &'static str;
    /// The embedded server, empty.
    fn sandbox(&self) -> Box<dyn Api>;
    /// A key that the embedded server accepts.
    fn sandbox_key(&self) -> &'static str;
    /// Reads the live state. Only reads. Before anything else is read it makes sure that the credentials lead where the
    /// environment means.
    fn observe<'a>(
        &'a self,
        api: &'a ReadApi,
        destination: &'a Destination,
        desired: &'a Desired,
        ledger: &'a Ledger,
    ) -> BoxFuture<'a, Result<Live, ObserveError>>;
    /// Reads who subscribes to what is live. Only reads.
    fn subscriptions<'a>(&'a self, api: &'a ReadApi, live: &'a Live) -> BoxFuture<'a, Result<Subscriptions, ApiError>>;
    /// How a subscription is billed. Pure.
    fn billing(&self) -> &'static dyn Billing;
    /// Live state as what should exist elsewhere. Pure.
    fn mirror(&self, live: &Live, ledger: &Ledger) -> Mirror;
    /// What files in the terms of an older version, and what this version shows of the same live state, come to in
    /// this version's terms. Pure.
    fn upgrade(&self, _: &Desired, _: &Live) -> Upgrade {
        Upgrade::default()
    }
    /// Live state that was read without files, as these files want it to be compared. Pure.
    fn align(&self, _: &mut Live, _: &Desired) {}
    /// Live state → the catalog that says it, in the order in which people read it: the way back of `read`. Objects
    /// that the language cannot say are written as well as can be; the rules refuse them afterwards. Pure.
    fn write(&self, live: &Live) -> Written;
    /// What customers can buy, of one side: live state, or what it will be. With `before` this is what it will be, and what
    /// the API derives from values that move is worked out. Pure.
    fn page(&self, objects: &Objects<'_>, before: Option<&Objects<'_>>) -> Page;
    /// Collections of top-level objects of which a change shows on the page where they themselves are drawn, and in the
    /// plan group around them, and nowhere else.
    fn drawn_alone(&self) -> &'static [&'static str];
    /// What changes mean for their neighbours, by this API's rules. Pure.
    fn settle(&self, diff: &mut Diff, desired: &Desired, live: &Live);
    /// Which changes cannot be made without which others, beyond what an object is built on: for `--only`. Pure.
    fn requires(&self, _: &[Change], _: &Live) -> Vec<Requirement> {
        Vec::new()
    }
    /// Changes → calls. Pure.
    fn lower(&self, changes: &[Change], desired: &Desired, live: &Live) -> Lowered;
    /// Guards that only this API needs. Pure.
    fn guards(&self, changes: &[Change], desired: &Desired, live: &Live) -> Vec<Guard>;
}

/// Where an environment says that it leads.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    /// The environment's name.
    pub environment: String,
    /// Its `organization:`.
    pub organization: Option<String>,
    /// Whether it stands in the project file, which can say more than a URL on the command line.
    pub stated: bool,
    /// Whether it is the embedded server.
    pub embedded: bool,
}

/// What changes come to in calls.
#[derive(Debug, Default)]
pub struct Lowered {
    /// The calls, named, not yet ordered.
    pub drafts: Vec<Draft>,
    /// Live objects that a call needs the id of, and whose id nothing tells.
    pub unknown_ids: Vec<Address>,
}

/// Why live state cannot be read or matched with the files.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The API did not answer as it should.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The credentials lead elsewhere than the environment says, or it does not say where.
    #[error("{0}")]
    Elsewhere(String),
    /// Several live objects could be the one that the file names.
    #[error(
        "{address} could be any of {}: they share its name. Say which one with `id:` in its block",
        ids.join(", ")
    )]
    Ambiguous {
        /// The object in the file.
        address: Address,
        /// The live objects' ids.
        ids: Vec<String>,
    },
    /// The file binds a key to an id that is not live.
    #[error(
        "{address} is bound to `id: {id}`, which the API does not have. Correct the id, or remove it to create a new object"
    )]
    Unbound {
        /// The object in the file.
        address: Address,
        /// The id in the file.
        id: String,
    },
}
