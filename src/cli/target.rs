//! What requests are sent to, in which version of the API, and how long they may take.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::common::{Scope, Style};
use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::http::{Limits as Timeouts, Wait, Waiting};
use crate::load::project;
use crate::provider::Provider;
use crate::sandbox;

/// The provider in the version that is meant.
pub(crate) fn in_version(
    scope: &Scope,
    environment: Option<&project::Environment>,
    provider: &'static dyn Provider,
) -> Result<(&'static dyn Provider, String), Stop> {
    let known = provider.api_versions();
    let version = scope
        .api_version
        .clone()
        .or_else(|| environment.and_then(|environment| environment.api_version.clone()))
        .unwrap_or_else(|| known[0].to_owned());
    if let Some(provider) = provider.at(&version) {
        return Ok((provider, version));
    }
    Err(unspoken(provider, &version))
}

/// For a version that nobody speaks.
pub(crate) fn unspoken(provider: &dyn Provider, version: &str) -> Stop {
    Stop::invalid(format!("this Pricebook does not speak version {version} of {}", provider.title()))
        .help(format!("it speaks {}", provider.api_versions().join(", ")))
}

/// Where to send requests to; the embedded server is started for it.
pub(crate) async fn connect(
    url: &project::Url,
    provider: &dyn Provider,
    root: &Path,
) -> Result<(String, Option<sandbox::Running>), Stop> {
    match url {
        project::Url::Sandbox(folder) => {
            let mut options = sandbox::Options::new(provider.name());
            options.data = Some(root.join(folder));
            options.livemode = Some(false);
            let running = sandbox::start(options).await.map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
            Ok((running.base_url().to_owned(), Some(running)))
        }
        project::Url::Http(url) => Ok((url.clone(), None)),
    }
}

/// How long to wait for the API.
pub(crate) fn timeouts(environment: Option<&project::Environment>) -> Timeouts {
    let mut limits = Timeouts::default();
    if let Some(environment) = environment {
        limits.connect = Duration::from_secs(environment.timeouts.connect.into());
        limits.request = Duration::from_secs(environment.timeouts.request.into());
        limits.budget = Duration::from_secs(environment.timeouts.retry_budget.into());
    }
    // For tests, and for people who know their API: the first pause between attempts.
    if let Some(pause) = std::env::var("PRICEBOOK_RETRY_PAUSE_MS").ok().and_then(|text| text.parse().ok()) {
        limits.pause = Duration::from_millis(pause);
    }
    limits
}

/// Says on stderr that a request waits, and why.
pub(crate) fn waiting(style: &Style) -> Waiting {
    let style = style.clone();
    Arc::new(move |wait: &Wait| {
        if !style.quiet {
            super::complain(&super::wait_line(wait, &style));
        }
    })
}
