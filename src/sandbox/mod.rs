//! The shell of the embedded server: it listens, keeps the data, injects faults and writes the access log. What a
//! billing API does is its provider's: [`api::Api`] is the seam.

mod access_log;
pub mod api;
mod core;
mod error;
mod faults;
mod idempotency;
mod listener;
mod seed;
mod server;
mod store;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use error::SandboxError;

/// How long open connections may take to end after a stop.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose API it speaks: `commet` or `bxb`.
    pub provider: String,
    /// A loopback address; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The folder that keeps the data; without one, they are forgotten.
    pub data: Option<PathBuf>,
    /// Requests that are applied before the first one from outside, if there are no data yet.
    pub seed: Option<PathBuf>,
    /// Which faults to inject: rules, or the path of a YAML file of rules.
    pub faults: Option<String>,
    /// The only key that is accepted; without one, every key of the provider's form is.
    pub api_key: Option<String>,
    /// A file that gets one JSON line per request.
    pub access_log: Option<PathBuf>,
    /// What answers say in `livemode`, whatever the key says.
    pub livemode: Option<bool>,
}

impl Options {
    /// A sandbox of this provider on a free port of 127.0.0.1, without anything else.
    pub fn new(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            seed: None,
            faults: None,
            api_key: None,
            access_log: None,
            livemode: None,
        }
    }
}

/// A sandbox that accepts connections. Dropping it stops it, without waiting.
pub struct Running {
    base_url: String,
    shell: Arc<server::Shell>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Running {
    /// What stands before every path of the API: `http://127.0.0.1:49213/api/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Answers what has begun, then stops and lets go of the data folder.
    pub async fn shutdown(self) {
        let Self { shell, stop, mut serving, .. } = self;
        let _ = stop.send(true);
        if tokio::time::timeout(PATIENCE, &mut serving).await.is_err() {
            serving.abort();
        }
        shell.core().close();
    }
}

/// Starts a sandbox; when this returns, connections are accepted.
pub async fn start(options: Options) -> Result<Running, SandboxError> {
    let Options { provider, listen, data, seed, faults, api_key, access_log, livemode } = options;
    let api = crate::provider::by_name(&provider)
        .ok_or_else(|| SandboxError::UnknownProvider(provider.clone(), crate::provider::names().join(", ")))?
        .sandbox();
    if !listen.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(listen));
    }
    let faults = faults.as_deref().map(faults::Faults::read).transpose()?.unwrap_or_default();
    let log = access_log.as_deref().map(access_log::AccessLog::open).transpose()?;
    let (store, stored) = match &data {
        Some(folder) => store::Store::open(folder, &provider).map(|(store, stored)| (Some(store), stored))?,
        None => (None, store::Stored::default()),
    };
    let empty = stored.objects.is_empty();
    let (base_path, request_id_header, patience) = (api.base_path(), api.request_id_header(), api.patience());
    let mut core = core::Core::new(api, store, stored)
        .map_err(|reason| SandboxError::Data { folder: data.unwrap_or_default(), reason })?;
    if let Some(path) = seed.filter(|_| empty) {
        seed::apply(&mut core, &path, livemode.unwrap_or(false))?;
    }

    let failed = |reason| SandboxError::Listen { address: listen, reason };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (stop, stopping) = watch::channel(false);
    let shell = Arc::new(server::Shell {
        core: Mutex::new(core),
        faults: Mutex::new(faults),
        log,
        api_key,
        livemode,
        base_path,
        request_id_header,
        ids: server::Ids::default(),
        stopping: stopping.clone(),
    });
    let service = server::router(Arc::clone(&shell)).into_make_service_with_connect_info::<listener::Cut>();
    let serving = axum::serve(listener::CuttableListener { listener, patience }, service)
        .with_graceful_shutdown(stopped(stopping));
    let serving = tokio::spawn(async move {
        // It only ends when it is told to: accepting goes on after an error.
        let _ = serving.await;
    });
    Ok(Running { base_url: format!("http://{address}{base_path}"), shell, stop, serving })
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
