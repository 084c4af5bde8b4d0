//! The calls of an apply: a live bar on a terminal, a line per call elsewhere.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::apply::Event;
use crate::cli::common::Style;
use crate::cli::progress::line::{Beside, Shown, draws};
use crate::cli::progress::words::{Far, Pulse, Rate, waiting};
use crate::cli::{complain, wait_line};
use crate::http::{Pace, Wait, Waiting};
use crate::render::clean;

/// Progress of an apply.
pub(crate) struct Calls {
    style: Style,
    /// Whether there is a terminal to draw on.
    drawn: bool,
    state: Arc<Mutex<State>>,
}

struct State {
    began: Instant,
    settled: u64,
    total: u64,
    rate: Rate,
    pulse: Pulse,
    /// What was begun last.
    begun: String,
    /// Until when the API is waited for, and why.
    wait: Option<(Instant, String)>,
}

impl Calls {
    /// The progress, and what draws it until it is dropped.
    pub(crate) fn new(total: usize, pace: &Pace, style: &Style) -> (Self, Option<Shown>) {
        let total = total as u64;
        let state = State {
            began: Instant::now(),
            settled: 0,
            total,
            rate: Rate::default(),
            pulse: Pulse::default(),
            begun: String::new(),
            wait: None,
        };
        let state = Arc::new(Mutex::new(state));
        let drawn = draws() && total > 0;
        let shown = drawn.then(|| {
            let (state, pace) = (Arc::clone(&state), pace.clone());
            Shown::bar(total, move || locked(&state).live(pace.traffic().now, Instant::now()))
        });
        (Self { style: style.clone(), drawn, state }, shown)
    }

    pub(crate) fn event(&self, event: &Event<'_>) {
        match event {
            Event::Started(call) if self.drawn => locked(&self.state).begun = clean(&call.summary),
            Event::Started(_) => {}
            Event::Done(_) if self.drawn => locked(&self.state).settled += 1,
            Event::Done(call) => self.line(&call.summary, ""),
            Event::Failed(call, failed) if self.drawn => {
                locked(&self.state).settled += 1;
                complain(&format!("  failed: {}: {}", clean(&call.summary), clean(&failed.message)));
            }
            Event::Failed(call, failed) => self.line(&call.summary, &format!(": failed: {}", failed.message)),
        }
    }

    fn line(&self, summary: &str, outcome: &str) {
        let mut state = locked(&self.state);
        state.settled += 1;
        if self.style.quiet {
            return;
        }
        complain(&clean(&format!("[{}/{}] {summary}{outcome}", state.settled, state.total)));
        if let Some(line) = state.summary(Instant::now()) {
            complain(&line);
        }
    }

    /// Waits are shown where the progress is.
    pub(crate) fn waiting(&self) -> Waiting {
        let (style, state, drawn) = (self.style.clone(), Arc::clone(&self.state), self.drawn);
        Arc::new(move |wait: &Wait| {
            if drawn {
                locked(&state).waits(wait, Instant::now());
            } else if !style.quiet {
                complain(&wait_line(wait, &style));
            }
        })
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn far(&mut self, spent: Duration) -> Far {
        Far { settled: self.settled, total: self.total, rate: self.rate.at(spent, self.settled) }
    }

    /// The line between the lines of calls, when it is time for one.
    fn summary(&mut self, now: Instant) -> Option<String> {
        let spent = now.duration_since(self.began);
        let far = self.far(spent);
        let due = self.pulse.is_due(spent) && self.settled < self.total;
        due.then(|| format!("… {}", far.line()))
    }

    fn waits(&mut self, wait: &Wait, now: Instant) {
        let Some(until) = now.checked_add(wait.pause) else { return };
        if self.wait.as_ref().is_none_or(|(known, _)| *known < until) {
            self.wait = Some((until, clean(&format!("{}: {}", wait.request, wait.why))));
        }
    }

    /// What stands beside the bar, and below it.
    fn live(&mut self, on_their_way: usize, now: Instant) -> Beside {
        let far = self.far(now.duration_since(self.began)).left();
        let doing = match &self.wait {
            Some((until, why)) if *until > now => &waiting(until.duration_since(now), why),
            _ => &self.begun,
        };
        let apart = if doing.is_empty() { "" } else { " · " };
        Beside { done: self.settled, far, doing: format!("{on_their_way} on their way{apart}{doing}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn state(total: u64) -> State {
        let (rate, pulse) = (Rate::default(), Pulse::default());
        State { began: Instant::now(), settled: 0, total, rate, pulse, begun: "Create plan Pro".into(), wait: None }
    }

    #[test]
    fn a_long_run_says_how_far_it_is_between_the_calls() {
        let mut state = state(1000);
        let began = state.began;
        let said: Vec<String> = (1..=30)
            .filter_map(|second| {
                state.settled = 20 * second;
                state.summary(began + SECOND * second as u32)
            })
            .collect();
        assert_eq!(
            said,
            [
                "… 200 of 1000 calls, 20 a second, about 40 s left",
                "… 400 of 1000 calls, 20 a second, about 30 s left",
                "… 600 of 1000 calls, 20 a second, about 20 s left",
            ]
        );
        // The end says itself.
        state.settled = 1000;
        assert_eq!(state.summary(began + 50 * SECOND), None);
    }

    #[test]
    fn a_wait_is_shown_as_long_as_it_lasts() {
        let mut state = state(10);
        let began = state.began;
        let shown = |state: &mut State, on_their_way, second| {
            let Beside { far, doing, .. } = state.live(on_their_way, began + SECOND * second);
            format!("{far} | {doing}")
        };
        assert_eq!(shown(&mut state, 4, 0), "10 of 10 calls to go | 4 on their way · Create plan Pro");
        let wait = |pause| Wait { request: "POST /plans".into(), why: "429".into(), pause, allowance: Some(2) };
        state.waits(&wait(4 * SECOND), began);
        // A shorter one beside it does not hide it.
        state.waits(&wait(SECOND), began);
        let waits = "10 of 10 calls to go | 0 on their way · waiting 3 s for the API: POST /plans: 429";
        assert_eq!(shown(&mut state, 0, 1), waits);
        state.settled = 5;
        let after = "5 of 10 calls to go, 1.0 a second, about 5 s left | 1 on their way · Create plan Pro";
        assert_eq!(shown(&mut state, 1, 5), after);
        // Longer than anybody can say.
        state.waits(&wait(Duration::MAX), began);
        assert_eq!(shown(&mut state, 1, 5), after);
    }
}
