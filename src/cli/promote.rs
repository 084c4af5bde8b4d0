use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};

use crate::changeset::{self, CatalogRef, ChangeDoc, Document};
use crate::cli::common::{Form, Style};
use crate::cli::environments::{Both, Pair, listed};
use crate::cli::failure::Stop;
use crate::cli::{exit, plan};
use crate::diff::{Action, Reason, Unverifiable};
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
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
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
        flags: Vec::new(),
        path: from.clone(),
        digest: digest(&session.desired),
        overlay: None,
        from: Some(from.clone()),
        revision: None,
        partial: None,
    };
    session.warnings.extend(unknown(&both.unknown, &from, &to));
    let mut document = session.changeset(&both.live)?.document;
    // What the files do not name is not taken over: the next plan would find it gone from them, and delete it.
    let named = |address: &Address| both.files.objects.contains_key(address);
    let all = document.changes.len();
    document.changes.retain(|change| change.action != Action::Adopt || named(&change.address));
    let left = all - document.changes.len();
    document.summary.adopt -= left;
    document.summary.unchanged += left;
    document.warnings.extend(contradicted(&document, &session.desired, &both.files, &to));
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

/// What the next plan for the target would change back: its files want something else of an object, or do not name one
/// that becomes managed here by being written.
fn contradicted(document: &Document, wanted: &Desired, files: &Desired, to: &str) -> Vec<String> {
    if files.objects.is_empty() {
        return Vec::new();
    }
    let written = |change: &&ChangeDoc| !matches!(change.action, Action::Adopt | Action::Move | Action::Delete);
    let roots: BTreeSet<Address> =
        document.changes.iter().filter(written).map(|change| change.address.root()).collect();
    let unnamed: Vec<Address> = roots.into_iter().filter(|root| !files.objects.contains_key(root)).collect();
    let differs = |address: &&Address| {
        let (one, other) = (wanted.objects.get(*address), files.objects.get(*address));
        let (Some(one), Some(other)) = (one, other) else { return true };
        let (ours, theirs) = (&one.resource.fields, &other.resource.fields);
        // What no read shows and has no meaning on the object is no difference.
        let moot = |path: &str| {
            let row = one.resource.kind.field(path).map(|(_, spec)| spec.path);
            row.is_some_and(|row| one.moot.contains(&row))
        };
        let paths = ours.keys().chain(theirs.keys()).filter(|path| !one.ignores(path) && !moot(path));
        paths.into_iter().any(|path| ours.get(path) != theirs.get(path))
    };
    let all: BTreeSet<&Address> = wanted.objects.keys().chain(files.objects.keys()).collect();
    let found = all.into_iter().filter(|address| files.objects.contains_key(&address.root())).filter(differs);
    // An object that one side lacks stands for what is inside it.
    let lacking = |address: &&Address| {
        let mut up = std::iter::successors(address.parent(), Address::parent);
        up.any(|up| wanted.objects.contains_key(&up) != files.objects.contains_key(&up))
    };
    let otherwise: Vec<Address> = found.filter(|address| !lacking(address)).cloned().collect();
    let mut said = Vec::new();
    if !otherwise.is_empty() {
        said.push(format!(
            "the files say otherwise for {to} in {}. The next plan for {to} would change that back",
            listed(&otherwise)
        ));
    }
    if !unnamed.is_empty() {
        said.push(format!(
            "the files for {to} do not name {}, which this writes. The next plan for {to} would delete that again: write it into the files first",
            listed(&unnamed)
        ));
    }
    said
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
