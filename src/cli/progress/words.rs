//! What is said of work that goes on, and of work that is done. Pure: moments are given.

use std::collections::VecDeque;
use std::time::Duration;

use indicatif::DecimalBytes;

use crate::cli::clock;
use crate::http::Traffic;

/// How far the calls of a run are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Far {
    /// Calls with an end, good or bad.
    pub(super) settled: u64,
    pub(super) total: u64,
    /// In a second.
    pub(super) rate: Option<f64>,
}

impl Far {
    /// `1200 of 10520 calls, 310 a second, about 30 s left`.
    pub(super) fn line(&self) -> String {
        format!("{} of {} calls{}", self.settled, self.total, self.pace())
    }

    /// `9320 of 10520 calls to go, 310 a second, about 30 s left`.
    pub(super) fn left(&self) -> String {
        format!("{} of {} calls to go{}", self.total.saturating_sub(self.settled), self.total, self.pace())
    }

    fn pace(&self) -> String {
        let Some(rate) = self.rate else { return String::new() };
        let left = self.total.saturating_sub(self.settled);
        // A day is as far as anybody looks.
        let seconds = (left as f64 / rate).min(86_400.0);
        format!(", {}, {} left", per_second(rate), about(Duration::from_secs_f64(seconds)))
    }
}

/// `310 a second`; what is slower than one, with a digit after the point.
fn per_second(rate: f64) -> String {
    if rate < 9.95 { format!("{rate:.1} a second") } else { format!("{rate:.0} a second") }
}

/// `about 30 s`, `about 4 min`, `about 2 h 10 min`: no finer than anybody knows.
fn about(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    match seconds {
        0..=10 => format!("about {seconds} s"),
        11..=90 => format!("about {} s", seconds.next_multiple_of(5)),
        91..=3600 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How fast calls come to their end: as seen over the last ten seconds, so that it tells when the API slows down.
#[derive(Debug, Default)]
pub(super) struct Rate(VecDeque<(Duration, u64)>);

impl Rate {
    const WINDOW: Duration = Duration::from_secs(10);
    /// Marks are no closer than this.
    const STEP: Duration = Duration::from_millis(250);

    /// Calls in a second, `at` so long after the begin. None before anything can be said.
    pub(super) fn at(&mut self, at: Duration, settled: u64) -> Option<f64> {
        if self.0.back().is_none_or(|(last, _)| at.saturating_sub(*last) >= Self::STEP) {
            self.0.push_back((at, settled));
        }
        while self.0.get(1).is_some_and(|(second, _)| at.saturating_sub(*second) >= Self::WINDOW) {
            self.0.pop_front();
        }
        let (then, before) = self.0.front()?;
        let spent = at.saturating_sub(*then);
        let made = settled.saturating_sub(*before);
        (spent >= Duration::from_secs(1) && made > 0).then(|| made as f64 / spent.as_secs_f64())
    }
}

/// A line of its own at most every ten seconds.
#[derive(Debug, Default)]
pub(super) struct Pulse(Duration);

impl Pulse {
    const EVERY: Duration = Duration::from_secs(10);

    /// Whether it is time, so long after the begin.
    pub(super) fn is_due(&mut self, at: Duration) -> bool {
        let due = at.saturating_sub(self.0) >= Self::EVERY;
        if due {
            self.0 = at;
        }
        due
    }
}

/// `waiting 4 s for the API: POST /plans/manage: 429`.
pub(super) fn waiting(left: Duration, why: &str) -> String {
    format!("waiting {} s for the API: {why}", left.as_secs_f64().ceil())
}

/// `reading Commet: 12 requests, 3.40 MB, 2 s; 4 on their way`.
pub(crate) fn reading(what: &str, traffic: Traffic, spent: Duration) -> String {
    let Traffic { requests, received, now, .. } = traffic;
    let requests = counted(requests, "request");
    format!("reading {what}: {requests}, {}, {} s; {now} on their way", DecimalBytes(received), spent.as_secs())
}

/// What a run took: `10520 calls in 34.2 s, 307 a second, 2.0 s of waiting for the API`.
pub(crate) fn took(made: u64, spent: Duration, waited: Duration) -> String {
    let rate = made as f64 / spent.as_secs_f64().max(0.001);
    let mut out = format!("{} in {}, {}", counted(made, "call"), clock::words(spent), per_second(rate));
    if !waited.is_zero() {
        out.push_str(&format!(", {} of waiting for the API", clock::words(waited)));
    }
    out
}

fn counted(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn how_far_it_is() {
        let far = Far { settled: 1200, total: 10520, rate: Some(310.4) };
        assert_eq!(far.line(), "1200 of 10520 calls, 310 a second, about 35 s left");
        assert_eq!(far.left(), "9320 of 10520 calls to go, 310 a second, about 35 s left");
        assert_eq!(Far { rate: None, ..far }.line(), "1200 of 10520 calls");
        assert_eq!(Far { rate: Some(0.25), ..far }.line(), "1200 of 10520 calls, 0.2 a second, about 10 h 21 min left");
        let end = Far { settled: 3, total: 3, rate: Some(2.0) };
        assert_eq!(end.line(), "3 of 3 calls, 2.0 a second, about 0 s left");
        // Nobody divides by what is almost nothing.
        assert_eq!(
            Far { rate: Some(1e-300), ..far }.line(),
            "1200 of 10520 calls, 0.0 a second, about 24 h 0 min left"
        );
    }

    #[test]
    fn about_is_as_rough_as_it_is() {
        let said = [0, 9, 10, 11, 31, 90, 91, 600, 3600, 3601, 7260].map(|number| about(seconds(number)));
        let words =
            ["0 s", "9 s", "10 s", "15 s", "35 s", "90 s", "2 min", "10 min", "60 min", "1 h 0 min", "2 h 1 min"];
        assert_eq!(said, words.map(|words| format!("about {words}")));
    }

    #[test]
    fn the_rate_is_that_of_the_last_ten_seconds() {
        let mut rate = Rate::default();
        assert_eq!(rate.at(seconds(0), 0), None);
        assert_eq!(rate.at(Duration::from_millis(500), 50), None, "too early to say");
        for second in 1..=20 {
            assert_eq!(rate.at(seconds(second), 100 * second), Some(100.0));
        }
        // The API lets through nothing for a while.
        assert_eq!(rate.at(seconds(25), 2000), Some(50.0));
        assert_eq!(rate.at(seconds(40), 2000), None);
        // And then less than before.
        for second in 41..=60 {
            rate.at(seconds(second), 2000 + 10 * (second - 40));
        }
        assert_eq!(rate.at(seconds(60), 2200), Some(10.0));
        assert!(rate.0.len() < 50, "{}", rate.0.len());
    }

    #[test]
    fn a_line_every_ten_seconds_and_none_before() {
        let mut pulse = Pulse::default();
        let due: Vec<u64> = (0..=45).filter(|second| pulse.is_due(seconds(*second))).collect();
        assert_eq!(due, [10, 20, 30, 40]);
        // However long nothing happened.
        assert!(pulse.is_due(seconds(100)) && !pulse.is_due(seconds(109)));
    }

    #[test]
    fn reads_and_waits_in_words() {
        let traffic = Traffic { requests: 12, received: 3_400_000, now: 1, ..Traffic::default() };
        assert_eq!(reading("Commet", traffic, seconds(2)), "reading Commet: 12 requests, 3.40 MB, 2 s; 1 on their way");
        let words = waiting(Duration::from_millis(3100), "POST /plans/manage: 429");
        assert_eq!(words, "waiting 4 s for the API: POST /plans/manage: 429");
    }

    #[test]
    fn what_a_run_took() {
        assert_eq!(took(10520, Duration::from_millis(34200), seconds(0)), "10520 calls in 34.2 s, 308 a second");
        assert_eq!(took(1, seconds(4), seconds(2)), "1 call in 4.0 s, 0.2 a second, 2.0 s of waiting for the API");
    }
}
