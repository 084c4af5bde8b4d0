use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::apply::Event;
use crate::cli::common::Style;
use crate::cli::{complain, wait_line};
use crate::http::{Wait, Waiting};
use crate::render::clean;

/// Progress of an apply: a live bar on a terminal, a line per call elsewhere.
pub(crate) struct Show {
    bar: Option<ProgressBar>,
    style: Style,
    total: usize,
    settled: AtomicUsize,
}

impl Show {
    pub(crate) fn new(total: usize, style: &Style) -> Self {
        let live = std::io::stderr().is_terminal() && !style.quiet && total > 0;
        let bar = live.then(|| {
            let bar = ProgressBar::new(total as u64);
            if let Ok(look) = ProgressStyle::with_template("  {bar:24} {pos}/{len} calls · {rate} · {wide_msg}") {
                bar.set_style(look.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = write!(out, "{:.0}/s", state.per_sec());
                }));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, style: style.clone(), total, settled: AtomicUsize::new(0) }
    }

    pub(crate) fn event(&self, event: &Event<'_>) {
        match (event, &self.bar) {
            (Event::Started(call), Some(bar)) => bar.set_message(clean(&call.summary)),
            (Event::Started(_), None) => {}
            (Event::Done(_), Some(bar)) => bar.inc(1),
            (Event::Done(call), None) => self.line(&call.summary, ""),
            (Event::Failed(call, failed), Some(bar)) => {
                bar.println(format!("  failed: {}: {}", clean(&call.summary), clean(&failed.message)));
                bar.inc(1);
            }
            (Event::Failed(call, failed), None) => self.line(&call.summary, &format!(": failed: {}", failed.message)),
        }
    }

    fn line(&self, summary: &str, outcome: &str) {
        let settled = self.settled.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.style.quiet {
            complain(&clean(&format!("[{settled}/{}] {summary}{outcome}", self.total)));
        }
    }

    /// Waits are shown where the progress is.
    pub(crate) fn waiting(self: &Arc<Self>) -> Waiting {
        let show = Arc::clone(self);
        Arc::new(move |wait: &Wait| match &show.bar {
            Some(bar) => bar.set_message(wait_line(wait, &show.style)),
            None if show.style.quiet => {}
            None => complain(&wait_line(wait, &show.style)),
        })
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
