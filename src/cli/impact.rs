//! `plan --impact` and `--impact-file`: who subscribes, from the API or from a file.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::changeset::{self, Document, ImpactSource, State};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::diagnostic::did_you_mean;
use crate::http::{ApiError, Problem};
use crate::model::{Address, Currency, Live, Standing, Subscription, Subscriptions};
use crate::pipeline::Planned;

/// Whether and from where subscriptions are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Wanted {
    /// Count whom the changes touch, and what they pay before and after: reads subscriptions. Sends nothing but reads
    #[arg(long)]
    impact: bool,
    /// The same from a file instead of the API: JSON, YAML or CSV, a row each for plan, interval, currency, status, count
    #[arg(long, value_name = "FILE")]
    impact_file: Option<PathBuf>,
}

/// Plans: reads the live state, computes the changeset, and adds the impact where it was asked for.
pub(crate) async fn planned(session: &mut Session, wanted: &Wanted) -> Result<Document, Stop> {
    let live = session.observe_and_recover().await?;
    let mut planned = session.changeset(&live)?;
    add(wanted, session, &live, &mut planned).await?;
    // Nothing but printing follows; taking a large catalog apart first is a tenth of the whole run.
    std::mem::forget(live);
    Ok(planned.document)
}

/// Adds the impact to a changeset. A key that may not read subscriptions is no error.
async fn add(wanted: &Wanted, session: &Session, live: &Live, planned: &mut Planned) -> Result<(), Stop> {
    let billing = session.provider.billing();
    let (subscriptions, source) = match &wanted.impact_file {
        Some(path) => {
            let source = ImpactSource::File { path: path.display().to_string() };
            (read(path, session, live)?, source)
        }
        None if wanted.impact => match session.subscriptions(live).await? {
            Ok(subscriptions) => (subscriptions, ImpactSource::Api),
            Err(refused) => {
                planned.document.warnings.push(unreadable(&refused));
                return Ok(());
            }
        },
        None => return Ok(()),
    };
    planned.document.impact = Some(changeset::impact(billing, live, &planned.changes, &subscriptions, source));
    Ok(())
}

/// Whether an answer means that this key may not read subscriptions, or that this API has none to read.
pub(crate) fn is_refusal(error: &ApiError) -> bool {
    matches!(error.problem, Problem::Refused { .. } | Problem::Credentials { .. })
        && matches!(error.status(), Some(401 | 403 | 404))
}

fn unreadable(refused: &ApiError) -> String {
    format!(
        "no impact is shown, because subscriptions cannot be read: {}. A key that may read them shows it; --impact-file takes them from a file",
        refused.reason()
    )
}

/// A row of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    plan: String,
    #[serde(default)]
    interval: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    status: Option<String>,
    count: u64,
}

/// More than there are people: a slip of the pen.
const MOST: u64 = 1_000_000_000_000;

fn read(path: &Path, session: &Session, live: &Live) -> Result<Subscriptions, Stop> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|why| Stop::invalid(format!("{shown} cannot be read: {why}")))?;
    let wrong = |why: String| {
        Stop::invalid(format!("{shown} is not a list of subscriptions: {why}"))
            .help("rows have plan, interval, currency, status (active, trialing, ending) and count")
    };
    let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let rows: Vec<Row> = if is_csv {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        reader.deserialize().collect::<Result<_, _>>().map_err(|why| wrong(why.to_string()))?
    } else {
        // YAML reads JSON, too.
        serde_yaml::from_str(&text).map_err(|why| wrong(why.to_string()))?
    };
    let mut found = Subscriptions::default();
    for (at, row) in rows.iter().enumerate() {
        let subscription = subscription(row, session, live);
        let subscription = subscription.map_err(|why| wrong(format!("row {}: {why}", at + 1)))?;
        found.add(subscription, row.count);
    }
    Ok(found)
}

/// A row, checked against what is live.
fn subscription(row: &Row, session: &Session, live: &Live) -> Result<Subscription, String> {
    let plan = Address::new("plans", &row.plan);
    if !live.objects.contains_key(&plan) {
        let known = live.objects.keys().filter(|address| address.is_root() && address.collection() == "plans");
        let known: Vec<&str> = known.map(Address::key).collect();
        let meant = did_you_mean(&row.plan, known.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        return Err(format!("no plan `{}` is live{meant}", row.plan));
    }
    if row.count > MOST {
        return Err(format!("the count {} is more than anybody has", row.count));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let intervals = session.provider.billing().intervals(&plan, live);
    let interval = match (given(&row.interval), intervals.as_slice()) {
        (Some(given), known) if known.contains(&given) => Some(given),
        (Some(given), []) => return Err(format!("the plan `{}` has no prices, and no interval `{given}`", row.plan)),
        (Some(given), known) => {
            return Err(format!("the plan `{}` has no interval `{given}`; it has {}", row.plan, known.join(", ")));
        }
        (None, []) => None,
        (None, [only]) => Some(only.clone()),
        (None, known) => {
            return Err(format!("the plan `{}` has several intervals; say which: {}", row.plan, known.join(", ")));
        }
    };
    let currency = given(&row.currency).map(|code| {
        code.parse::<Currency>().map_err(|()| format!("`{code}` is not a currency of ISO 4217, such as USD"))
    });
    let currency = currency.transpose()?;
    let standing = match given(&row.status).as_deref() {
        None | Some("active") => Standing::Paying,
        Some("trialing") => Standing::Trialing,
        Some("ending") => Standing::Ending,
        Some(other) => return Err(format!("the status `{other}` is none of active, trialing, ending")),
    };
    let subscription = Subscription { plan, interval, currency, standing, archived: false };
    let paid = session.provider.billing().pays(&subscription, &State::live(live)).map(|(paid, _)| paid);
    match (currency, paid) {
        (Some(given), Some(paid)) if given != paid => {
            Err(format!("the plan `{}` is paid in {paid}, not in {given}", row.plan))
        }
        (Some(given), None) => Err(format!("the plan `{}` has no price in {given}", row.plan)),
        _ => Ok(subscription),
    }
}
