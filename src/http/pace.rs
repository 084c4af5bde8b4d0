//! How fast requests are sent: one gate, which every request to a target passes, reads and writes alike.
//!
//! As long as the API has nothing against it, the callers decide how many requests are on their way at once. A 429
//! halves that number and holds the gate for all of them; answers that are no 429 widen it again, by one for every
//! round of them, until it is as wide as before (additive increase, multiplicative decrease).
//!
//! A pace that climbs goes on widening beyond what was wanted, to find the most that the API takes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::http::Limits;
use crate::http::retry::pause;

/// The pace of one target. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Gate>);

#[derive(Debug, Default)]
struct Gate {
    state: Mutex<State>,
    /// Something that a waiting request may be waiting for has happened.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Requests that wait to be sent, first come, first served.
    queue: VecDeque<u64>,
    /// The number of the next request.
    next: u64,
    /// Requests on their way.
    in_flight: usize,
    /// The most that were ever on their way at once: what the callers want, and the full allowance.
    wanted: usize,
    /// At most how many may be on their way; none while nothing speaks against what the callers want.
    allowance: Option<usize>,
    /// Good answers since the allowance last changed.
    earned: usize,
    /// Slow-downs so far. Every request knows how many there were when it was sent.
    slowed: u64,
    /// Slow-downs since the last good answer.
    in_a_row: u32,
    /// Since when there was nothing but slow-downs.
    since: Option<Instant>,
    /// Nobody is sent before.
    held: Option<Instant>,
    /// The API never stopped refusing: nothing is sent any more.
    closed: bool,
    /// Where the pace climbs: how wide it may become.
    summit: Option<usize>,
    /// Until when the API is waited for, as far as that is known.
    awaited: Option<Instant>,
    /// What happened, to be told afterwards.
    traffic: Traffic,
}

/// What went through a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that were sent, every attempt of them.
    pub requests: u64,
    /// How many times the API said 429.
    pub refused: u64,
    /// How many times a request was to be sent again for another reason.
    pub again: u64,
    /// The most that were on their way at once.
    pub widest: usize,
    /// The same since the pace climbs: what was on its way before says nothing about what the climb found.
    pub climbed: usize,
    /// How many are on their way now.
    pub now: usize,
    /// How long the gate was held, because the API asked for it.
    pub held: Duration,
    /// How long something waited for the API, to be sent or to be sent again. What overlaps counts once.
    pub waited: Duration,
    /// Bytes of answers.
    pub received: u64,
}

/// What a 429 means for the request that got it.
#[derive(Debug)]
pub(super) struct Slowed {
    /// How long nobody is sent.
    pub(super) pause: Duration,
    /// At most how many requests are on their way at once from now on.
    pub(super) allowance: usize,
    /// Whether it is a new wait. Requests that were on their way together are told the same thing.
    pub(super) news: bool,
    /// Whether that is longer than there is time for.
    pub(super) over: bool,
    /// When.
    pub(super) at: std::time::Instant,
}

/// The API did not stop refusing within the time for retries.
#[derive(Debug)]
pub(super) struct Closed;

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the gate widens by itself: from `from` requests at once, by one for each round of good answers, to at
    /// most `most`.
    pub fn climb(&self, from: usize, most: usize) {
        let mut state = self.state();
        state.summit = Some(most);
        state.wanted = most;
        state.allowance = Some(state.allowance.map_or(from, |allowance| allowance.min(from)).max(1));
        state.earned = 0;
        state.traffic.climbed = state.in_flight;
    }

    /// At most how many requests may be on their way now; none while nothing speaks against what callers want.
    pub fn allowance(&self) -> Option<usize> {
        self.state().allowance
    }

    /// What went through so far.
    pub fn traffic(&self) -> Traffic {
        let state = self.state();
        Traffic { now: state.in_flight, ..state.traffic }
    }

    /// A request waits so long before it is sent again. Nobody waits with it.
    pub(super) fn again(&self, pause: Duration) {
        let mut state = self.state();
        state.traffic.again += 1;
        state.waits(Instant::now(), pause);
    }

    /// Waits for its turn.
    pub(super) async fn enter(&self) -> Result<Pass, Closed> {
        let place = Place::last(self);
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let held = {
                let mut state = self.state();
                if state.closed {
                    return Err(Closed);
                }
                let now = Instant::now();
                let held = state.held.filter(|until| *until > now);
                if held.is_none() && state.has_turn(place.number) {
                    state.in_flight += 1;
                    state.traffic.requests += 1;
                    state.traffic.widest = state.traffic.widest.max(state.in_flight);
                    if state.summit.is_some() {
                        state.traffic.climbed = state.traffic.climbed.max(state.in_flight);
                    }
                    if state.allowance.is_none() {
                        state.wanted = state.wanted.max(state.in_flight);
                    }
                    return Ok(Pass { pace: self.clone(), slowed: state.slowed, sent: now });
                }
                held
            };
            match held {
                Some(until) => {
                    tokio::select! {
                        () = sleep_until(until) => {}
                        () = changed => {}
                    }
                }
                None => changed.await,
            }
        }
    }
}

impl State {
    /// From `now` on the API is waited for.
    fn waits(&mut self, now: Instant, pause: Duration) {
        let Some(until) = now.checked_add(pause) else { return };
        let from = self.awaited.map_or(now, |awaited| awaited.max(now));
        self.traffic.waited += until.saturating_duration_since(from);
        self.awaited = self.awaited.max(Some(until));
    }

    fn has_turn(&self, number: u64) -> bool {
        self.queue.front() == Some(&number) && self.allowance.is_none_or(|most| self.in_flight < most)
    }
}

/// A place in the queue. Leaves it when the request is sent, and when nobody wants it any more.
struct Place<'p> {
    pace: &'p Pace,
    number: u64,
}

impl<'p> Place<'p> {
    fn last(pace: &'p Pace) -> Self {
        let mut state = pace.state();
        let number = state.next;
        state.next += 1;
        state.queue.push_back(number);
        Self { pace, number }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pace.state().queue.retain(|number| *number != self.number);
        self.pace.0.changed.notify_waiters();
    }
}

/// One request on its way, until it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    pace: Pace,
    /// How many slow-downs there were when it was sent.
    slowed: u64,
    sent: Instant,
}

impl Pass {
    /// When it passed the gate.
    pub(super) fn sent(&self) -> std::time::Instant {
        self.sent.into_std()
    }

    /// So many bytes of its answer came.
    pub(super) fn received(&self, bytes: usize) {
        self.pace.state().traffic.received += bytes as u64;
    }

    /// The API took it: no 429, and no failure of its own.
    pub(super) fn good(&self) {
        let mut state = self.pace.state();
        // What was sent before the last slow-down says nothing about the time after it.
        if self.slowed != state.slowed {
            return;
        }
        state.in_a_row = 0;
        state.since = None;
        let Some(most) = state.allowance else { return };
        state.earned += 1;
        if state.earned >= most {
            state.earned = 0;
            state.allowance = match state.summit {
                Some(summit) => Some((most + 1).min(summit)),
                None => Some(most + 1).filter(|most| *most < state.wanted),
            };
        }
    }

    /// The API said 429, and maybe how long to wait. A server that says `0` leaves it to us.
    pub(super) fn limited(&self, limits: &Limits, asked: Option<Duration>) -> Slowed {
        let now = Instant::now();
        let mut state = self.pace.state();
        state.traffic.refused += 1;
        // Answers to requests that were on their way together are one slow-down.
        let first = self.slowed == state.slowed;
        if first {
            state.slowed += 1;
            state.in_a_row += 1;
            state.earned = 0;
            state.allowance = Some((state.in_flight / 2).max(1));
        }
        let since = *state.since.get_or_insert(self.sent);
        let asked = asked.filter(|asked| !asked.is_zero());
        let pause = match asked {
            None if !first => state.held.map_or(Duration::ZERO, |until| until.saturating_duration_since(now)),
            _ => pause(limits, state.in_a_row, asked),
        };
        let over = now.duration_since(since).saturating_add(pause) > limits.budget;
        state.closed |= over;
        let until = now.checked_add(pause).filter(|_| !over);
        let longer = until > state.held.map(|until| until + Duration::from_millis(500));
        if let Some(until) = until {
            let from = state.held.map_or(now, |held| held.max(now));
            state.traffic.held += until.saturating_duration_since(from);
            state.waits(now, pause);
        }
        state.held = state.held.max(until);
        Slowed { pause, allowance: state.allowance.unwrap_or(1), news: first || longer, over, at: now.into_std() }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.pace.state().in_flight -= 1;
        self.pace.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits() -> Limits {
        Limits { pause: SECOND, budget: 100 * SECOND, ..Limits::default() }
    }

    /// As many as may be sent now.
    async fn as_many_as_may(pace: &Pace) -> Vec<Pass> {
        let mut sent = Vec::new();
        while let Ok(pass) = tokio::time::timeout(Duration::from_millis(1), pace.enter()).await {
            sent.push(pass.unwrap());
            assert!(sent.len() <= 8);
            if sent.len() == 8 {
                break;
            }
        }
        sent
    }

    /// The gate of a target at which 8 requests are on their way.
    async fn eight() -> (Pace, Vec<Pass>) {
        let pace = Pace::default();
        let sent = as_many_as_may(&pace).await;
        assert_eq!(sent.len(), 8);
        (pace, sent)
    }

    #[tokio::test(start_paused = true)]
    async fn one_429_halves_and_holds_all() {
        let (pace, sent) = eight().await;
        let begin = Instant::now();
        let slowed = sent[0].limited(&limits(), Some(7 * SECOND));
        assert_eq!((slowed.pause, slowed.allowance, slowed.news, slowed.over), (7 * SECOND, 4, true, false));
        drop(sent);
        let mut waiting = Vec::new();
        for _ in 0..4 {
            waiting.push(pace.enter().await.unwrap());
            assert_eq!(begin.elapsed().as_secs(), 7);
        }
        assert!(as_many_as_may(&pace).await.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_one_slow_down() {
        let (pace, sent) = eight().await;
        let all: Vec<Slowed> = sent.iter().map(|pass| pass.limited(&limits(), None)).collect();
        assert!(all.iter().all(|slowed| slowed.allowance == 4));
        assert_eq!(all.iter().filter(|slowed| slowed.news).count(), 1);
        // One of them is told to wait longer: that is news, and all wait for it.
        let longer = sent[7].limited(&limits(), Some(9 * SECOND));
        assert!(longer.news && longer.allowance == 4);
        let begin = Instant::now();
        drop(sent);
        drop(pace.enter().await);
        assert_eq!(begin.elapsed().as_secs(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn good_answers_widen_it_slowly_to_what_it_was() {
        let (pace, sent) = eight().await;
        sent[0].limited(&limits(), Some(SECOND));
        // They were sent before.
        sent[1..].iter().for_each(Pass::good);
        drop(sent);
        tokio::time::sleep(2 * SECOND).await;
        for wide in [4, 5, 6, 7, 8] {
            let sent = as_many_as_may(&pace).await;
            assert_eq!(sent.len(), wide);
            sent.iter().for_each(Pass::good);
        }
        assert_eq!(pace.state().allowance, None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_climbs_as_long_as_the_api_takes_more() {
        let pace = Pace::default();
        pace.climb(4, 7);
        for wide in [4, 5, 6, 7, 7] {
            let sent = as_many_as_may(&pace).await;
            assert_eq!(sent.len(), wide);
            sent.iter().for_each(Pass::good);
        }
        let sent = as_many_as_may(&pace).await;
        sent[0].limited(&limits(), Some(SECOND));
        drop(sent);
        tokio::time::sleep(2 * SECOND).await;
        for wide in [3, 4, 5, 6, 7, 7] {
            let sent = as_many_as_may(&pace).await;
            assert_eq!(sent.len(), wide);
            sent.iter().for_each(Pass::good);
        }
        let traffic = pace.traffic();
        assert_eq!((traffic.requests, traffic.refused, traffic.widest, traffic.held), (68, 1, 7, SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_climb_finds_is_not_what_was_read_before_it() {
        let (pace, sent) = eight().await;
        drop(sent);
        assert_eq!((pace.traffic().widest, pace.traffic().climbed), (8, 0));
        pace.climb(4, 7);
        for wide in [4, 5] {
            let sent = as_many_as_may(&pace).await;
            assert_eq!(sent.len(), wide);
            sent.iter().for_each(Pass::good);
        }
        assert_eq!((pace.traffic().widest, pace.traffic().climbed), (8, 5));
    }

    #[tokio::test(start_paused = true)]
    async fn it_never_stops_altogether_and_pauses_grow() {
        let (pace, sent) = eight().await;
        drop(sent);
        let mut pauses = Vec::new();
        for _ in 0..5 {
            let pass = pace.enter().await.unwrap();
            let slowed = pass.limited(&limits(), None);
            assert_eq!(slowed.allowance, 1);
            pauses.push(slowed.pause);
        }
        for (at, pause) in pauses.into_iter().enumerate() {
            let full = SECOND * (1 << at);
            assert!(pause >= full / 2 && pause <= full, "{at}: {pause:?}");
        }
        // A server that says `0` is not asked again at once.
        let pass = pace.enter().await.unwrap();
        assert!(pass.limited(&limits(), Some(Duration::ZERO)).pause > SECOND);
        // A good answer in between: from the beginning.
        drop(pass);
        let pass = pace.enter().await.unwrap();
        pass.good();
        assert!(pass.limited(&limits(), None).pause <= SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn first_come_first_served() {
        let (pace, mut sent) = eight().await;
        sent[0].limited(&limits(), Some(SECOND));
        sent.truncate(4);
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in 0..4 {
            let (pace, order) = (pace.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let _pass = pace.enter().await.unwrap();
                order.lock().unwrap().push(number);
            }));
            tokio::task::yield_now().await;
        }
        // Somebody who gives up does not block the others.
        tasks.remove(1).abort();
        drop(sent);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [0, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_counts_once_however_many_wait() {
        let (pace, sent) = eight().await;
        sent[0].limited(&limits(), Some(4 * SECOND));
        tokio::time::sleep(SECOND).await;
        pace.again(2 * SECOND);
        pace.again(5 * SECOND);
        let traffic = pace.traffic();
        assert_eq!((traffic.held, traffic.waited, traffic.again), (4 * SECOND, 6 * SECOND, 2));
        tokio::time::sleep(60 * SECOND).await;
        pace.again(SECOND);
        assert_eq!((pace.traffic().waited, pace.traffic().now), (7 * SECOND, 8));
        drop(sent);
        assert_eq!(pace.traffic().now, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_closes_the_gate() {
        // Longer than there is time for.
        let (pace, sent) = eight().await;
        assert!(sent[0].limited(&limits(), Some(Duration::MAX)).over);
        assert!(pace.enter().await.is_err());
        // Again and again, until the time is over.
        let pace = Pace::default();
        let begin = Instant::now();
        let mut times = 0;
        while let Ok(pass) = pace.enter().await {
            times += 1;
            assert_eq!(pass.limited(&limits(), Some(30 * SECOND)).over, times == 4);
        }
        assert_eq!((times, begin.elapsed().as_secs()), (4, 90));
    }
}
