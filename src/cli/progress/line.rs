//! The lines at the bottom of a terminal, about one thing at a time. What else is printed goes above them.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::common::Style;

/// Whether there is a terminal to draw on, and nobody asked for quiet.
static DRAWS: AtomicBool = AtomicBool::new(false);
/// What is drawn now.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// How long work goes on before it shows itself.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often its words are made anew.
const TICK: Duration = Duration::from_millis(200);

/// The program begins.
pub(crate) fn begin(style: &Style) {
    DRAWS.store(std::io::stderr().is_terminal() && !style.quiet, Ordering::Relaxed);
}

pub(super) fn draws() -> bool {
    DRAWS.load(Ordering::Relaxed)
}

/// Prints something while what is drawn is out of the way.
pub(crate) fn aside<T>(print: impl FnOnce() -> T) -> T {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match drawn {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

/// What stands beside a bar.
pub(super) struct Beside {
    /// Steps that are done.
    pub(super) done: u64,
    pub(super) far: String,
    pub(super) doing: String,
}

/// Something that is drawn until this is dropped. Nothing where there is no terminal.
#[derive(Debug)]
pub(crate) struct Shown(Option<(Sender<()>, JoinHandle<()>)>);

impl Shown {
    /// Work that shows itself when it takes long.
    pub(crate) fn patient(say: impl Fn() -> String + Send + 'static) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self::drawn(bar, "  {spinner} {wide_msg}", PATIENCE, move |bar| bar.set_message(say()))
    }

    /// A bar of so many steps that is there at once: beside it how far it is, below it what is going on.
    pub(super) fn bar(steps: u64, say: impl Fn() -> Beside + Send + 'static) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::hidden());
        Self::drawn(bar, "  {bar:20} {prefix}\n  {wide_msg}", Duration::ZERO, move |bar| {
            let Beside { done, far, doing } = say();
            bar.set_position(done);
            bar.set_prefix(far);
            bar.set_message(doing);
        })
    }

    fn drawn(bar: ProgressBar, look: &str, after: Duration, say: impl Fn(&ProgressBar) + Send + 'static) -> Self {
        if !draws() {
            return Self(None);
        }
        if let Ok(look) = ProgressStyle::with_template(look) {
            bar.set_style(look);
        }
        let (end, ended) = mpsc::channel();
        let goes_on = move |pause| matches!(ended.recv_timeout(pause), Err(RecvTimeoutError::Timeout));
        let thread = thread::spawn(move || {
            if !goes_on(after) {
                return;
            }
            bar.set_draw_target(ProgressDrawTarget::stderr());
            *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
            loop {
                say(&bar);
                bar.tick();
                if !goes_on(TICK) {
                    break;
                }
            }
            *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
            bar.finish_and_clear();
        });
        Self(Some((end, thread)))
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            let _ = thread.join();
        }
    }
}
