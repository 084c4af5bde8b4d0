/// Ctrl-C, and what service managers and CI runners send.
pub(crate) struct Signals {
    #[cfg(unix)]
    both: Option<[tokio::signal::unix::Signal; 2]>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(unix)]
            both: {
                use tokio::signal::unix::{SignalKind, signal};
                signal(SignalKind::interrupt()).and_then(|one| Ok([one, signal(SignalKind::terminate())?])).ok()
            },
        }
    }

    /// Waits for one. False when none can come any more.
    pub(crate) async fn next(&mut self) -> bool {
        #[cfg(unix)]
        if let Some([interrupt, terminate]) = &mut self.both {
            return tokio::select! {
                came = interrupt.recv() => came.is_some(),
                came = terminate.recv() => came.is_some(),
            };
        }
        tokio::signal::ctrl_c().await.is_ok()
    }
}

/// Ends when this program is asked to end.
pub(crate) async fn interrupted() {
    Signals::new().next().await;
}
