use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};

use crate::changeset::{self, CatalogRef};
use crate::cli::common::{Format, Style};
use crate::cli::environments::{Both, Pair};
use crate::cli::failure::Stop;
use crate::cli::{exit, plan};
use crate::diff::{Reason, Unverifiable};
use crate::model::{Address, Desired, PriceChanges};

/// What `promote` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pair: Pair,
    /// What a changed price does to existing subscribers, instead of what the catalog says
    #[arg(long, value_enum, value_name = "WORD")]
    price_changes: Option<Word>,
    /// Save the changeset, to be shown and applied later
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to print the changeset
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// End with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
}

/// What a changed price does to existing subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Word {
    /// They keep what they have
    Grandfather,
    /// They pay the new amount
    Reprice,
}

impl From<Word> for PriceChanges {
    fn from(word: Word) -> Self {
        match word {
            Word::Grandfather => Self::Grandfather,
            Word::Reprice => Self::Reprice,
        }
    }
}

/// Shows what would make one environment like another. Sends nothing but reads.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let mut both = arguments.pair.observe(style).await?;
    let outcome = promote(&mut both, arguments, style);
    both.to.close().await;
    outcome
}

fn promote(both: &mut Both, arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let (from, to) = (both.from.name.clone(), both.to.environment.name.clone());
    let said = both.price_changes.as_deref().and_then(|word| Word::from_str(word, true).ok());
    for object in both.to.desired.objects.values_mut() {
        let directives = &mut object.directives;
        directives.price_changes =
            arguments.price_changes.map(Into::into).or(directives.price_changes).or(said.map(Into::into));
    }
    let session = &mut both.to;
    session.catalog = CatalogRef {
        path: from.clone(),
        digest: digest(&session.desired),
        overlay: None,
        from: Some(from.clone()),
        revision: None,
        partial: None,
    };
    let against = contradicted(&session.desired, &both.files);
    if !against.is_empty() {
        session.warnings.push(format!(
            "the files say otherwise for {to} in {}. The next plan for {to} would change that back",
            listed(&against)
        ));
    }
    session.warnings.extend(unknown(&both.unknown, &from, &to));
    let mut document = session.changeset(&both.live)?.document;
    // It is not files that do not name it.
    for change in document.changes.iter_mut().filter(|change| change.reason == Reason::NotInFile) {
        change.reason = Reason::NotIn { environment: from.clone() };
    }
    document.digest = changeset::digest(&document);
    if let Some(path) = &arguments.out {
        plan::save(&document, path)?;
    }
    plan::show(&document, arguments.format, style);
    Ok(if arguments.detailed_exitcode && document.has_changes() { exit::CHANGES } else { exit::DONE })
}

/// Of what is promoted: the same state, the same digest.
fn digest(desired: &Desired) -> String {
    let mut hash = Sha256::new();
    for (address, object) in &desired.objects {
        hash.update(format!("{address}\n"));
        for (path, value) in &object.resource.fields {
            hash.update(format!(" {path}\0{value}\n"));
        }
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Objects of which the files of the target want something else, or nothing at all.
fn contradicted(wanted: &Desired, files: &Desired) -> Vec<Address> {
    let differs = |address: &&Address| {
        let (one, other) = (wanted.objects.get(*address), files.objects.get(*address));
        let (Some(one), Some(other)) = (one, other) else { return true };
        let (ours, theirs) = (&one.resource.fields, &other.resource.fields);
        let paths = ours.keys().chain(theirs.keys()).filter(|path| !one.ignores(path));
        // What was not said of one that no read shows has no meaning there.
        let moot = |path: &str| one.moot.iter().any(|row| one.resource.kind.field(path).is_some_and(|(_, s)| s.path == *row));
        paths.filter(|path| !moot(path)).any(|path| ours.get(path) != theirs.get(path))
    };
    // What the files do not name at all is nothing that they contradict.
    let named = |address: &&Address| files.objects.contains_key(&address.root());
    let all: std::collections::BTreeSet<&Address> = wanted.objects.keys().chain(files.objects.keys()).collect();
    let found: Vec<Address> = all.into_iter().filter(named).filter(differs).cloned().collect();
    // An object stands for what is inside it where one side lacks it.
    let lacking = |address: &Address| {
        let up = std::iter::successors(address.parent(), Address::parent);
        up.into_iter().any(|up| wanted.objects.contains_key(&up) != files.objects.contains_key(&up))
    };
    found.iter().filter(|address| !lacking(address)).cloned().collect()
}

fn listed(addresses: &[Address]) -> String {
    const LISTED: usize = 5;
    let named = addresses.iter().take(LISTED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let more = addresses.len().saturating_sub(LISTED);
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// What cannot be carried over.
fn unknown(unknown: &[Unverifiable], from: &str, to: &str) -> Option<String> {
    let fields: usize = unknown.iter().map(|one| one.fields.len()).sum();
    let addresses: Vec<Address> = unknown.iter().map(|one| one.address.clone()).collect();
    (fields > 0).then(|| {
        format!(
            "{fields} {} of {from} are not known, because the API never shows them and the ledger of {from} has no record: {}. They stay as they are in {to}",
            if fields == 1 { "field" } else { "fields" },
            listed(&addresses)
        )
    })
}
