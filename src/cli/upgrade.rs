//! A catalog from one version of the API to a newer one: rewritten only when both versions agree that nothing is to do.

mod choice;
mod defaults;
mod others;
mod project_file;
mod summary;

use std::path::PathBuf;

use clap::Args;

use crate::cli::catalog::{self, Meant};
use crate::cli::common::{Format, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::rewrite::{Change, rewrite};
use crate::cli::session::{Access, Session};
use crate::cli::upgrade::choice::Choice;
use crate::cli::upgrade::summary::Done;
use crate::cli::{complain, environments, exit, print, pull_in_place};
use crate::diagnostic::{Severity, Sink};
use crate::edit::File;
use crate::model::Address;
use crate::provider::Gone;
use crate::pull::{self, Existing, InPlace, in_place};

/// What `upgrade` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The version of the API to go to, such as 2026-07-31
    #[arg(long, value_name = "VERSION")]
    to: String,
    /// The folder with pricebook.yaml
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// An environment, by its name in pricebook.yaml; more than once for several that share the catalog
    #[arg(short, long, value_name = "NAME", conflicts_with = "all")]
    env: Vec<String>,
    /// Every environment of the catalog's provider
    #[arg(long)]
    all: bool,
    /// Only show what would change, write nothing, and end with 2 if there is something
    #[arg(long, visible_alias = "dry-run")]
    check: bool,
    /// How to print what changed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// An environment that is upgraded.
struct Target {
    session: Session,
    overlay: Vec<File>,
}

/// Rewrites catalog and project file. Sends nothing but reads.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let choice = Choice::of(arguments.folder.as_deref(), &arguments.to, &arguments.env, arguments.all)?;
    if choice.chosen.is_empty() {
        print(&Done::nothing(&choice).text(arguments.format, true), style);
        return Ok(exit::DONE);
    }
    let mut targets = Vec::new();
    let outcome = async {
        let files = open(&mut targets, &choice, arguments, style).await?;
        upgrade(&mut targets, &choice, files, arguments, style).await
    }
    .await;
    for target in targets {
        target.session.close().await;
    }
    outcome
}

/// Opens every environment, and gives the catalog's files.
async fn open(
    targets: &mut Vec<Target>,
    choice: &Choice,
    arguments: &Arguments,
    style: &Style,
) -> Result<Vec<File>, Stop> {
    let access = if arguments.check { Access::Read } else { Access::Write("upgrade") };
    let mut catalog = Vec::new();
    for name in &choice.chosen {
        let mut files = catalog::files(arguments.folder.as_deref(), None, Meant::environment(name))?;
        let texts = std::mem::take(&mut files.texts);
        if !targets.is_empty() {
            // They were said with the first one.
            files.sink = Sink::new();
        }
        let scope: Scope = environments::whole(arguments.folder.clone(), Some(name.clone()));
        let session = Session::of(files, &scope, access, style).await?;
        targets.push(Target { session, overlay: catalog::texts(&texts.overlay) });
        catalog = catalog::texts(&texts.catalog);
    }
    Ok(catalog)
}

async fn upgrade(
    targets: &mut [Target],
    choice: &Choice,
    before: Vec<File>,
    arguments: &Arguments,
    style: &Style,
) -> Result<u8, Stop> {
    for target in targets.iter_mut() {
        in_sync(&mut target.session).await?;
    }
    let mut done = Done::new(choice);
    let mut files = before.clone();
    for target in targets.iter_mut() {
        let (pulled, gone) = rewritten(target, choice, &files).await?;
        if !pulled.refused.is_empty() || !pulled.left_out.is_empty() {
            pull_in_place::complain_refused(&pulled.refused);
            for one in &pulled.left_out {
                complain(&format!("error: {} ({}) cannot be said in a file: {}", one.address, one.name, one.why));
            }
            return Err(Stop::new(exit::ERROR, "the catalog cannot be rewritten by itself, so nothing was written")
                .help("edit these objects by hand, and `api_version` in pricebook.yaml with them"));
        }
        done.take(&pulled, gone);
        files.clone_from(&pulled.files);
        target.session.ledger = pulled.ledger;
    }
    for target in targets.iter_mut() {
        verified(target, choice, &files).await?;
    }
    others::check(choice, &before, &files)?;
    let project = project_file::rewritten(choice)?;

    let pairs = before.iter().zip(&files).chain(std::iter::once((&project.before, &project.after)));
    let changes: Vec<Change<'_>> = pairs
        .filter(|(before, after)| before.text != after.text)
        .map(|(before, after)| Change { path: &before.name, before: &before.text, after: &after.text })
        .collect();
    if !arguments.check {
        for target in targets.iter() {
            if let Some(lock) = &target.session.lock {
                lock.is_ours().await?;
            }
        }
        rewrite(&changes).map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
        for Target { session, .. } in targets.iter() {
            session.record(&session.ledger).await.map_err(|stop| {
                stop.and("the files were written: the next apply writes into the ledger what they name now")
            })?;
        }
    }
    done.files(&changes);
    print(&done.text(arguments.format, arguments.check), style);
    Ok(if arguments.check { exit::CHANGES } else { exit::DONE })
}

/// Before anything is rewritten the live state is as the files say, in the version that they are written for.
async fn in_sync(session: &mut Session) -> Result<(), Stop> {
    let live = session.observe_and_recover().await?;
    environments::check_mode(session, &live)?;
    let document = session.changeset(&live)?.document;
    if !document.has_changes() {
        return Ok(());
    }
    let name = &session.environment.name;
    let differ: Vec<Address> = document.changes.iter().map(|change| change.address.clone()).collect();
    Err(Stop::new(
        exit::ERROR,
        format!(
            "{name} is not as the files say on {}: {} differ; nothing was written",
            session.environment.api_version,
            environments::listed(&differ)
        ),
    )
    .help(format!(
        "`pricebook plan -e {name}` shows it: `pricebook apply` makes {name} say what the files say, `pricebook pull` the other way round; then upgrade"
    )))
}

/// The files in the new version's terms, for one environment.
async fn rewritten(target: &mut Target, choice: &Choice, files: &[File]) -> Result<(InPlace, Vec<Gone>), Stop> {
    let Target { session, overlay } = target;
    session.speak(choice.provider, &choice.to);
    // The rewritten files are verified against the same live state.
    session.ask_once();
    // What the files refer to by now may be what they do not name yet.
    session.desired.whole = true;
    let live = session.observe().await?;
    let more = choice.provider.upgrade(&session.desired, &live);
    let files = &defaults::without(choice.any, &choice.to, files, overlay);
    let ours = &session.desired.objects;
    let chosen = |address: &Address| ours.contains_key(&address.root()) || more.named.contains(&address.root());
    let pulled = in_place(Existing {
        // It reads the terms of both versions.
        provider: choice.any,
        files,
        overlay,
        live: &live,
        ledger: &session.ledger,
        chosen: &chosen,
        partial: false,
        version: &choice.to,
    })
    .map_err(|why| Stop::new(exit::ERROR, why.to_string()).help("this is a mistake in Pricebook: please report it"))?;
    Ok((pulled, more.gone))
}

/// The rewritten files are valid in the new version, and nothing is to do there. Read and planned like any others.
async fn verified(target: &mut Target, choice: &Choice, files: &[File]) -> Result<(), Stop> {
    let session = &mut target.session;
    session.desired = pull::read(choice.provider, files, &[&target.overlay]).map_err(|findings| {
        complain(&format!(
            "error: what is left after the rewrite is not valid on {} and has to be edited by hand; nothing was written",
            choice.to
        ));
        Stop::Findings(findings.into_iter().filter(|finding| finding.severity() == Severity::Error).collect())
    })?;
    let live = session.observe().await?;
    let document = session.changeset(&live)?.document;
    if !document.has_changes() {
        return Ok(());
    }
    let differ: Vec<Address> = document.changes.iter().map(|change| change.address.clone()).collect();
    Err(Stop::new(
        exit::ERROR,
        format!(
            "after the rewrite {} would still differ on {} in {}; nothing was written",
            session.environment.name,
            choice.to,
            environments::listed(&differ)
        ),
    )
    .help("environments that differ there need overlays that say so, before the upgrade or by hand"))
}
