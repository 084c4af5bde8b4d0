//! Where the time of a command goes: for `-v`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::DecimalBytes;

use crate::http::Traffic;

/// Phases in the order in which they began, each with the time that it took altogether.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Arc<Mutex<Vec<(&'static str, Duration)>>>);

/// A phase that goes on until this is dropped.
#[derive(Debug)]
pub(crate) struct Lap {
    clock: Clock,
    phase: &'static str,
    began: Instant,
}

/// When the program began.
static START: OnceLock<Instant> = OnceLock::new();

/// The program begins.
pub(crate) fn start() {
    START.get_or_init(Instant::now);
}

impl Clock {
    /// A clock whose first phase is all that was before it.
    pub(crate) fn since_start(phase: &'static str) -> Self {
        let clock = Self::default();
        clock.add(phase, START.get_or_init(Instant::now).elapsed());
        clock
    }

    /// A phase begins, or goes on.
    pub(crate) fn lap(&self, phase: &'static str) -> Lap {
        self.add(phase, Duration::ZERO);
        Lap { clock: self.clone(), phase, began: Instant::now() }
    }

    /// Time that was measured elsewhere.
    pub(crate) fn add(&self, phase: &'static str, spent: Duration) {
        let mut phases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match phases.iter_mut().find(|(known, _)| *known == phase) {
            Some((_, total)) => *total += spent,
            None => phases.push((phase, spent)),
        }
    }

    /// `time: files 12 ms · live state 230 ms · …; 5 requests, at most 4 at once`.
    pub(crate) fn summary(&self, traffic: Traffic) -> String {
        let phases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let phases: Vec<String> = phases.iter().map(|(phase, spent)| format!("{phase} {}", words(*spent))).collect();
        let Traffic { requests, refused, again, widest, held, waited, received, .. } = traffic;
        let mut out = format!("time: {}; {requests} requests, at most {widest} at once", phases.join(" · "));
        if received > 0 {
            out.push_str(&format!(", {} read", DecimalBytes(received)));
        }
        if refused > 0 {
            out.push_str(&format!("; {refused} times 429, {} held back for it", words(held)));
        }
        if again > 0 {
            out.push_str(&format!("; {again} sent again, {} of waiting in all", words(waited)));
        }
        out
    }
}

impl Drop for Lap {
    fn drop(&mut self) {
        self.clock.add(self.phase, self.began.elapsed());
    }
}

/// `12 ms`, `4.2 s`.
pub(crate) fn words(spent: Duration) -> String {
    if spent < Duration::from_secs(1) {
        format!("{} ms", spent.as_millis())
    } else {
        format!("{:.1} s", spent.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up_and_429_is_told() {
        let clock = Clock::default();
        clock.add("files", Duration::from_millis(12));
        clock.add("calls", Duration::from_millis(4000));
        clock.add("calls", Duration::from_millis(250));
        let calm = Traffic { requests: 5, widest: 4, ..Traffic::default() };
        assert_eq!(clock.summary(calm), "time: files 12 ms · calls 4.2 s; 5 requests, at most 4 at once");
        let refused = Traffic { refused: 2, held: Duration::from_secs(3), ..calm };
        assert!(clock.summary(refused).ends_with("; 2 times 429, 3.0 s held back for it"));
        let again = Traffic { again: 3, waited: Duration::from_secs(4), received: 3_400_000, ..refused };
        let words = "at most 4 at once, 3.40 MB read; 2 times 429, 3.0 s held back for it; 3 sent again, 4.0 s of waiting in all";
        assert!(clock.summary(again).ends_with(words), "{}", clock.summary(again));
    }
}
