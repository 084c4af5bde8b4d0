//! Trouble on request: `rate=0.05,kinds=429|500|lost;nth=3,kind=timeout,on=POST`, or a YAML file with the same words.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::error::SandboxError;

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 429 with `retry-after`.
    RateLimited,
    /// 429 without it.
    RateLimitedBare,
    /// 500, 502, 503 or 504; nothing is done.
    Status(u16),
    /// Nothing is done and no answer comes.
    Timeout,
    /// The work is done and no answer comes.
    Stall,
    /// The work is done and the connection dropped.
    Lost,
    /// The connection is dropped before the work.
    Reset,
    /// The answer is late.
    Slow,
}

const KINDS: [(&str, Kind); 11] = [
    ("429", Kind::RateLimited),
    ("429-bare", Kind::RateLimitedBare),
    ("500", Kind::Status(500)),
    ("502", Kind::Status(502)),
    ("503", Kind::Status(503)),
    ("504", Kind::Status(504)),
    ("timeout", Kind::Timeout),
    ("stall", Kind::Stall),
    ("lost", Kind::Lost),
    ("reset", Kind::Reset),
    ("slow", Kind::Slow),
];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS.iter().find(|(_, kind)| kind == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        KINDS.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind).ok_or_else(|| {
            let known: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is no kind of fault; known are {}", known.join(", "))
        })
    }
}

/// A fault that hits one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    /// Seconds, for a 429.
    pub(super) retry_after: u64,
    /// How long a slow answer takes, or how long a client is kept waiting for none.
    pub(super) delay: Duration,
}

/// One rule as it is written; every value is text, so that a file and a command line say the same.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    rate: Option<String>,
    nth: Option<String>,
    #[serde(alias = "kind")]
    kinds: Option<String>,
    on: Option<String>,
    path: Option<String>,
    first: Option<String>,
    seed: Option<String>,
    retry_after: Option<String>,
    delay_ms: Option<String>,
}

#[derive(Debug)]
enum When {
    Rate(f64),
    Nth(Vec<u64>),
}

#[derive(Debug)]
struct Rule {
    when: When,
    kinds: Vec<Kind>,
    methods: Vec<String>,
    path: Option<String>,
    /// The requests so far, where those that are sent again are left out.
    seen: Option<HashSet<u64>>,
    retry_after: u64,
    delay: Option<Duration>,
    calls: u64,
    random: u64,
}

/// All rules; the first that hits decides.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Rule>);

impl Faults {
    /// Reads a specification: rules of `name=value` pairs, apart by `;`, or the path of a YAML file.
    pub(super) fn read(spec: &str) -> Result<Self, SandboxError> {
        let spec = spec.trim();
        let from_file = !spec.contains('=') || Path::new(spec).is_file();
        let written = if from_file { read_file(spec) } else { spec.split(';').map(read_rule).collect() };
        written
            .and_then(|rules| rules.into_iter().map(Rule::new).collect::<Result<_, _>>())
            .map(Self)
            .map_err(SandboxError::Faults)
    }

    /// Counts this call and says what hits it.
    pub(super) fn next(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Fault> {
        // Every rule counts every call that it looks at, whether or not an earlier one hit.
        let mut hit = None;
        for rule in &mut self.0 {
            let fault = rule.next(method, path, body);
            hit = hit.or(fault);
        }
        hit
    }
}

fn read_file(path: &str) -> Result<Vec<Written>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    serde_yaml::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

fn read_rule(text: &str) -> Result<Written, String> {
    let mut map = serde_yaml::Mapping::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(format!("`{pair}` is not name=value"))?;
        if map.insert(name.trim().into(), value.trim().into()).is_some() {
            return Err(format!("`{name}` is set twice"));
        }
    }
    serde_yaml::from_value(map.into()).map_err(|error| error.to_string())
}

fn number<T: FromStr>(name: &str, text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not a number that `{name}` can be"))
}

fn flag(name: &str, text: &str) -> Result<bool, String> {
    text.trim().parse().map_err(|_| format!("`{name}` is true or false, not `{text}`"))
}

impl Rule {
    fn new(written: Written) -> Result<Self, String> {
        let when = match (&written.rate, &written.nth) {
            (Some(rate), None) => {
                let rate = number::<f64>("rate", rate)?;
                if !(0.0..=1.0).contains(&rate) {
                    return Err(format!("a rate is between 0 and 1, not {rate}"));
                }
                When::Rate(rate)
            }
            (None, Some(nth)) => {
                let calls = nth.split('|').map(|one| number::<u64>("nth", one)).collect::<Result<Vec<_>, _>>()?;
                if calls.contains(&0) {
                    return Err("calls are counted from 1".into());
                }
                When::Nth(calls)
            }
            _ => return Err("a rule says either `rate` or `nth`".into()),
        };
        let kinds = written.kinds.as_deref().ok_or("a rule says which `kind` of fault it makes")?;
        let kinds = match kinds {
            "all" => KINDS.iter().map(|(_, kind)| *kind).collect(),
            kinds => kinds.split('|').map(|kind| kind.trim().parse()).collect::<Result<_, _>>()?,
        };
        let delay = written.delay_ms.as_deref().map(|text| number("delay_ms", text)).transpose()?;
        let first = written.first.as_deref().map_or(Ok(false), |text| flag("first", text))?;
        Ok(Self {
            when,
            kinds,
            methods: written.on.iter().flat_map(|on| on.split('|')).map(|one| one.trim().to_uppercase()).collect(),
            path: written.path,
            seen: first.then(HashSet::new),
            retry_after: written.retry_after.as_deref().map_or(Ok(1), |text| number("retry_after", text))?,
            delay: delay.map(Duration::from_millis),
            calls: 0,
            random: written.seed.as_deref().map_or(Ok(0), |text| number("seed", text))?,
        })
    }

    fn next(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Fault> {
        let methods = self.methods.is_empty() || self.methods.iter().any(|one| one == method);
        if !methods || self.path.as_ref().is_some_and(|part| !path.contains(part.as_str())) {
            return None;
        }
        if let Some(seen) = &mut self.seen {
            let mut request = DefaultHasher::new();
            (method, path, body).hash(&mut request);
            if !seen.insert(request.finish()) {
                return None;
            }
        }
        self.calls += 1;
        let hit = match &self.when {
            When::Nth(calls) => calls.contains(&self.calls),
            When::Rate(rate) => {
                let rate = *rate;
                // 53 random bits: every step a double can tell apart between 0 and 1.
                let unit = (random(&mut self.random) >> 11) as f64 / (1u64 << 53) as f64;
                unit < rate
            }
        };
        if !hit {
            return None;
        }
        let kind = match self.kinds.as_slice() {
            [one] => *one,
            kinds => kinds[(random(&mut self.random) % kinds.len().max(1) as u64) as usize],
        };
        let default = if kind == Kind::Slow { Duration::from_millis(500) } else { Duration::from_secs(60) };
        Some(Fault { kind, retry_after: self.retry_after, delay: self.delay.unwrap_or(default) })
    }
}

/// SplitMix64: the same seed, the same trouble.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_deterministic_and_about_right() {
        let hits = |spec: &str| {
            let mut faults = Faults::read(spec).unwrap();
            (0..10_000).filter(|_| faults.next("GET", "/plans", b"").is_some()).count()
        };
        let first = hits("rate=0.05,kinds=429|500|lost,seed=7");
        assert_eq!(first, hits("rate=0.05,kinds=429|500|lost,seed=7"));
        assert!((400..600).contains(&first), "{first}");
    }

    #[test]
    fn the_nth_call_of_a_method() {
        let mut faults = Faults::read("nth=2,kind=lost,on=POST").unwrap();
        let hits: Vec<_> =
            ["POST", "GET", "POST", "POST"].map(|method| faults.next(method, "/x", b"").is_some()).into();
        assert_eq!(hits, [false, false, true, false]);
    }

    #[test]
    fn what_is_sent_again_is_not_counted() {
        let mut faults = Faults::read("nth=1|2,kind=lost,first=true").unwrap();
        let bodies = ["a", "a", "b", "a", "b", "c"];
        let hits: Vec<_> = bodies.map(|body| faults.next("POST", "/x", body.as_bytes()).is_some()).into();
        assert_eq!(hits, [true, false, true, false, false, false]);
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "rate=2,kind=500",
            "kind=500",
            "nth=1",
            "nth=1,kind=418",
            "rate=0.1,nth=1,kind=500",
            "nth=0,kind=500",
            "nth=1,kind=500,wen=1",
            "nth=1,kind=500,first=1",
            "missing.yaml",
        ] {
            assert!(Faults::read(bad).is_err(), "{bad}");
        }
    }
}
