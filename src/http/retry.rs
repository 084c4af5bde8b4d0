use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

/// How long to try.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For a connection to stand.
    pub connect: Duration,
    /// For one request, answer included.
    pub request: Duration,
    /// For all attempts of one request together.
    pub budget: Duration,
    /// The first pause; it doubles from there.
    pub pause: Duration,
    /// The longest answer that is read, in bytes.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(30),
            budget: Duration::from_secs(120),
            pause: Duration::from_millis(500),
            // Ten times what 10,000 plans with prices in ten currencies take.
            answer: 512_000_000,
        }
    }
}

/// Why and how long a request waits before it is sent again.
#[derive(Clone, Debug)]
pub struct Wait {
    /// `POST /plans/manage`.
    pub request: String,
    /// What the last attempt met: `429`, `no answer: …`.
    pub why: String,
    /// How long.
    pub pause: Duration,
    /// The API limits the rate, so that all requests wait, and from then on at most so many are on their way at once.
    pub allowance: Option<usize>,
}

/// Told of every wait, so that it can be shown.
pub type Waiting = std::sync::Arc<dyn Fn(&Wait) + Send + Sync>;

/// Whether a status alone says that the same request may succeed later.
pub(super) fn transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// The longest single pause that we choose ourselves.
const LONGEST: Duration = Duration::from_secs(30);

/// The pause before attempt `attempt + 1`: what the server asks for, else exponential with jitter.
pub(super) fn pause(limits: &Limits, attempt: u32, retry_after: Option<Duration>) -> Duration {
    if let Some(asked) = retry_after {
        return asked;
    }
    let full = limits.pause.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST);
    // Half of it fixed, half of it random: clients that failed together do not come back together.
    full / 2 + (full / 2).mul_f64(random())
}

/// `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(value).ok().map(|at| at.duration_since(now).unwrap_or_default())
}

/// Until when nothing is left of an allowance, as GitHub (`x-ratelimit-…`) and GitLab (`ratelimit-…`) say it: a moment in
/// Unix seconds. What is too small for one is something else at another API, and not believed.
pub(super) fn used_up(header: &dyn Fn(&str) -> Option<String>, now: SystemTime) -> Option<Duration> {
    const EARLIEST: u64 = 1_000_000_000;
    ["x-ratelimit", "ratelimit"].into_iter().find_map(|family| {
        header(&format!("{family}-remaining")).filter(|left| left.trim() == "0")?;
        let at: u64 = header(&format!("{family}-reset"))?.trim().parse().ok()?;
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at)).filter(|_| at >= EARLIEST)?;
        Some(at.duration_since(now).unwrap_or_default())
    })
}

/// Between 0 and 1. Jitter needs no more than the standard library's random hash seeds.
fn random() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_decides_how_long_to_wait() {
        assert_eq!(retry_after("7", SystemTime::UNIX_EPOCH), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:00:09 GMT", SystemTime::UNIX_EPOCH), Some(Duration::from_secs(9)));
        assert_eq!(retry_after("soon", SystemTime::UNIX_EPOCH), None);
        assert_eq!(pause(&Limits::default(), 5, Some(Duration::from_secs(3))), Duration::from_secs(3));
    }

    #[test]
    fn an_allowance_that_is_used_up_says_when_it_is_back() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        let asked = |said: &[(&str, &str)]| {
            let header = |name: &str| said.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
            used_up(&header, now)
        };
        let seconds = |number| Some(Duration::from_secs(number));
        assert_eq!(asked(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2000000040")]), seconds(40));
        assert_eq!(asked(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "1999999999")]), seconds(0));
        assert_eq!(asked(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "2000000040")]), None);
        // Seconds from now: another API's way to say it.
        assert_eq!(asked(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "40")]), None);
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let limits = Limits::default();
        for attempt in 1..40 {
            let full = limits.pause.saturating_mul(1 << (attempt - 1).min(10)).min(LONGEST);
            let pause = pause(&limits, attempt, None);
            assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
        }
    }
}
