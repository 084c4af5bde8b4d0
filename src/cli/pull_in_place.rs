//! `pull` where there is a catalog: edits inside its files.

use std::path::Path;

use serde::Serialize;

use crate::cli::catalog::{self, Meant};
use crate::cli::common::{Format, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::rewrite::{Change, rewrite, unified};
use crate::cli::session::{Access, Session, Texts};
use crate::cli::{complain, environments, exit, paint, print};
use crate::diff::Selection;
use crate::edit::Refusal;
use crate::ledger::Ledger;
use crate::model::Address;
use crate::pull::{Existing, InPlace, LeftOut, in_place};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Request<'r> {
    pub(crate) scope: &'r Scope,
    pub(crate) catalog: Option<&'r Path>,
    pub(crate) check: bool,
    pub(crate) format: Format,
}

/// Edits the catalog's files so that they say what is live. Sends nothing but reads.
pub(crate) async fn run(request: &Request<'_>, style: &Style) -> Result<u8, Stop> {
    let mut files = catalog::files(request.scope.folder.as_deref(), request.catalog, Meant::of(request.scope))?;
    let texts = std::mem::take(&mut files.texts);
    let access = if request.check { Access::Read } else { Access::Write("pull") };
    let mut session = Session::of(files, request.scope, access, style).await?;
    let outcome = pull(&mut session, request, &texts, style).await;
    session.close().await;
    outcome
}

async fn pull(session: &mut Session, request: &Request<'_>, texts: &Texts, style: &Style) -> Result<u8, Stop> {
    let live = session.observe_and_recover().await?;
    environments::check_mode(session, &live)?;
    let files = &catalog::texts(&texts.catalog);
    let selection = Selection { only: request.scope.only.clone(), except: request.scope.except.clone() };
    let chosen = |address: &Address| selection.chooses(address);
    let pulled = in_place(Existing {
        provider: session.provider,
        files,
        overlay: &catalog::texts(&texts.overlay),
        live: &live,
        ledger: &session.ledger,
        chosen: &chosen,
        partial: session.is_partial(),
        version: &session.environment.api_version,
    })
    .map_err(|why| Stop::new(exit::ERROR, why.to_string()).help("this is a mistake in Pricebook: please report it"))?;
    let changes: Vec<Change<'_>> = files
        .iter()
        .zip(&pulled.files)
        .filter(|(before, after)| before.text != after.text)
        .map(|(before, after)| Change { path: &before.name, before: &before.text, after: &after.text })
        .collect();
    if !request.check {
        if let Some(lock) = &session.lock {
            lock.is_ours().await?;
        }
        rewrite(&changes).map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
        let ledger = Ledger { run: None, ..pulled.ledger.clone() };
        session.record(&ledger).await.map_err(|stop| stop.and("the files were written: run pull again"))?;
    }
    show(session, request, &pulled, &changes, style);
    let differs = !changes.is_empty() || !pulled.refused.is_empty();
    Ok(match (request.check, pulled.refused.is_empty()) {
        (true, _) if differs => exit::CHANGES,
        (false, false) => exit::ERROR,
        _ => exit::DONE,
    })
}

#[derive(Serialize)]
struct Summary<'s> {
    environment: &'s str,
    files: Vec<&'s str>,
    added: &'s [Address],
    changed: &'s [Address],
    removed: &'s [Address],
    refused: Vec<Refused<'s>>,
    left_out: &'s [LeftOut],
    unwanted: &'s [Address],
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

#[derive(Serialize)]
struct Refused<'s> {
    address: Address,
    why: &'s str,
    block: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    into: Option<&'s str>,
}

fn show(session: &Session, request: &Request<'_>, pulled: &InPlace, changes: &[Change<'_>], style: &Style) {
    let diff: String = changes.iter().map(|change| unified(change.path, change.before, change.after)).collect();
    let name = &session.environment.name;
    if request.format == Format::Json {
        let summary = Summary {
            environment: name,
            files: changes.iter().map(|change| change.path).collect(),
            added: &pulled.added,
            changed: &pulled.changed,
            removed: &pulled.removed,
            refused: pulled
                .refused
                .iter()
                .map(|refusal| Refused {
                    address: Address::new(&refusal.collection, &refusal.key),
                    why: &refusal.why,
                    block: refusal.block.as_deref(),
                    into: refusal.into.as_deref(),
                })
                .collect(),
            left_out: &pulled.left_out,
            unwanted: &pulled.unwanted,
            diff: request.check.then_some(diff),
        };
        return print(&format!("{}\n", serde_json::to_string_pretty(&summary).unwrap_or_default()), style);
    }
    let mut out = String::new();
    if request.check {
        let paint = paint(style);
        for line in diff.lines() {
            let line = match line.chars().next() {
                Some('+') => paint.green(line),
                Some('-') => paint.red(line),
                _ => line.to_owned(),
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    for (word, addresses) in
        [("added", &pulled.added), ("changed", &pulled.changed), ("removed, not live any more", &pulled.removed)]
    {
        for address in addresses {
            out.push_str(&format!("  {word}: {address}\n"));
        }
    }
    for address in &pulled.unwanted {
        out.push_str(&format!(
            "  live, and listed under `absent:`: {address}. It stays listed; the next apply deletes it\n"
        ));
    }
    for one in &pulled.left_out {
        out.push_str(&format!("  cannot be said in a file: {} ({}): {}\n", one.address, one.name, one.why));
    }
    match (changes.len(), request.check) {
        (0, _) if pulled.refused.is_empty() => out.push_str(&format!("The files say what is live in {name}\n")),
        (0, _) => {}
        (count, true) => out.push_str(&format!("{} would change\n", files(count))),
        (count, false) => out.push_str(&format!("{} changed: the files say what is live in {name}\n", files(count))),
    }
    print(&out, style);
    complain_refused(&pulled.refused);
}

/// Says of each object that could not be edited what a person has to write, and where.
pub(crate) fn complain_refused(refused: &[Refusal]) {
    for refusal in refused {
        let address = Address::new(&refusal.collection, &refusal.key);
        complain(&format!("error: {address} cannot be edited safely: {}", refusal.why));
        match (&refusal.block, &refusal.into) {
            (Some(block), Some(file)) => complain(&format!(
                "help: merge this into {file} by hand; where the catalog itself says nothing, leave out instead of `null`:\n{block}"
            )),
            (Some(block), None) => complain(&format!("help: make it say this by hand:\n{block}")),
            (None, Some(file)) => complain(&format!("help: it is not live any more: remove it from {file} by hand")),
            (None, None) => complain("help: it is not live any more: remove its block by hand"),
        }
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".into() } else { format!("{count} files") }
}
