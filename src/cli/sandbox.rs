use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::signal;

use super::{complain, exit};
use crate::sandbox::{Options, Running, SandboxError, start};

/// Serves a billing API on this machine, to try and test a catalog against.
///
/// Prints its base URL as the first line once it accepts connections, and stops on SIGTERM or Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Whose API to speak
    #[arg(long, default_value = "commet")]
    provider: String,

    /// A loopback address; port 0 lets the system choose
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Keep the data in this folder; without it they are forgotten
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Requests to apply when there are no data yet: a YAML or JSON list
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,

    /// Faults to inject, such as `rate=0.05,kinds=429|500|lost` or `nth=3,kind=lost,on=POST`, or a YAML file
    #[arg(long, value_name = "SPEC")]
    faults: Option<String>,

    /// The only API key to accept; without it, every key of the provider's form
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,

    /// Write one JSON line per request to this file
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub(crate) async fn run(arguments: Arguments) -> u8 {
    let Arguments { provider, listen, data, seed, faults, api_key, access_log } = arguments;
    let options = Options { provider, listen, data, seed, faults, api_key, access_log, livemode: None };
    // Listening for the signal comes first: whoever reads the URL may send it at once.
    let stop = match stop_signal() {
        Ok(stop) => stop,
        Err(error) => {
            complain(&format!("error: cannot listen for signals: {error}"));
            return exit::ERROR;
        }
    };
    match start(options).await {
        Ok(running) => {
            announce(&running);
            stop.await;
            running.shutdown().await;
            exit::DONE
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            let usage = matches!(
                error,
                SandboxError::UnknownProvider(..) | SandboxError::NotLoopback(_) | SandboxError::Faults(_)
            );
            if usage { exit::INVALID } else { exit::ERROR }
        }
    }
}

/// The base URL, as the first line of stdout. Nobody has to read it.
fn announce(running: &Running) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{}", running.base_url());
    let _ = stdout.flush();
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = signal::ctrl_c().await;
    })
}
