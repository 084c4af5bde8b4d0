//! A changeset, or the whole pricing page before and after, as one HTML file: no script, nothing from elsewhere.

mod card;
mod changes;
mod choice;
pub(crate) mod escape;
mod fact;
mod headline;
mod impact;
mod page;
mod price;
mod style;

use askama::Template;

use self::changes::{Group, groups};
use self::escape::{capital, shortened, with_code};
use self::impact::ImpactView;
use self::page::PageView;
use self::style::{policy, sheet};
use crate::changeset::{Document, Guard, Mode};
use crate::model::{Pages, grouped};
use crate::render::human::{count, is_new};

/// Calls, guards and notes beyond these are only counted.
const LONGEST: usize = 1000;

/// The changeset for people who decide about prices: the plans before and after, and the changes with whom they reach.
pub fn html(document: &Document) -> String {
    let pages = document.page.clone().unwrap_or_default();
    write(document, &pages, Some(Review::of(document)), false)
}

/// What customers can buy, before and after, and nothing else. `pages` is the whole of it; without it, what the changeset
/// holds: the plans that change, and those of their groups.
pub fn preview(document: &Document, pages: Option<&Pages>) -> String {
    match pages {
        Some(pages) => write(document, pages, None, true),
        None => write(document, &document.page.clone().unwrap_or_default(), None, false),
    }
}

fn write(document: &Document, pages: &Pages, review: Option<Review>, whole: bool) -> String {
    let view = PageView::of(pages);
    let style = sheet(&view.choices);
    let environment = &document.environment;
    let report = Report {
        policy: policy(&style),
        style,
        environment: shortened(&environment.name, card::NAME),
        title: shortened(&environment.title, card::NAME),
        live: environment.mode == Some(Mode::Live),
        sandbox: environment.mode == Some(Mode::Sandbox),
        source: source(document),
        partial: shortened(document.catalog.partial.as_deref().unwrap_or_default(), 500),
        page: view,
        whole,
        review,
    };
    // Writing into a String does not fail, and no value here fails to be written.
    report.render().unwrap_or_default() + "\n"
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report {
    policy: String,
    style: String,
    environment: String,
    /// The provider, as people write it.
    title: String,
    live: bool,
    sandbox: bool,
    /// What asked for it.
    source: String,
    partial: String,
    page: PageView,
    /// All plans and add-ons, and not only those that change.
    whole: bool,
    review: Option<Review>,
}

/// What a reviewer of a changeset reads beside the page.
struct Review {
    facts: Vec<Tile>,
    groups: Vec<Group>,
    impact: Option<ImpactView>,
    adopted: String,
    guards: Vec<GuardView>,
    /// Whether a guard stands that nobody can acknowledge.
    walled: bool,
    notes: Vec<Vec<(bool, String)>>,
    calls: Vec<CallView>,
    calls_left_out: usize,
    has_changes: bool,
    digest: String,
    command: String,
}

struct Tile {
    number: String,
    words: &'static str,
    class: &'static str,
}

struct GuardView {
    code: String,
    /// In pieces: whether it is code, and the text.
    message: Vec<(bool, String)>,
    about: String,
    acknowledgeable: bool,
}

struct CallView {
    summary: String,
    request: String,
}

impl Review {
    fn of(document: &Document) -> Self {
        let mut calls: Vec<CallView> = Vec::new();
        for call in document.calls.iter().take(LONGEST) {
            calls.push(CallView {
                summary: shortened(&call.summary, 200),
                request: shortened(&format!("{} {}", call.method, call.path), 200),
            });
        }
        Self {
            facts: tiles(document),
            groups: groups(document),
            impact: document.impact.as_ref().map(ImpactView::of),
            adopted: adopted(document),
            guards: document.guards.iter().take(LONGEST).map(guard).collect(),
            walled: document.guards.iter().any(|guard| !guard.acknowledgeable),
            notes: notes(document).iter().map(|note| with_code(&capital(note))).collect(),
            calls_left_out: document.calls.len() - calls.len(),
            calls,
            has_changes: document.has_changes(),
            digest: shortened(&document.digest, card::NAME),
            command: command(document),
        }
    }
}

fn source(document: &Document) -> String {
    let catalog = &document.catalog;
    let mut text = match &catalog.from {
        Some(from) => format!("what is live in {from}"),
        None => catalog.path.clone(),
    };
    if let Some(overlay) = &catalog.overlay {
        text = format!("{text} + {overlay}");
    }
    let text = shortened(&text, 200);
    match &catalog.revision {
        Some(revision) => format!("{text} at {}", revision.chars().take(10).collect::<String>()),
        None => text,
    }
}

/// What stands in large figures: how much there is to decide.
fn tiles(document: &Document) -> Vec<Tile> {
    let summary = &document.summary;
    let reached =
        document.changes.iter().filter(|one| one.effect.reaches_subscribers() && !is_new(document, one)).count();
    let changed = summary.update + summary.replace;
    let mut tiles = Vec::new();
    let mut add = |number: usize, one: &'static str, many: &'static str, class: &'static str| {
        if number > 0 {
            let words = if number == 1 { one } else { many };
            tiles.push(Tile { number: grouped(&number.to_string()), words, class });
        }
    };
    if let Some(impact) = &document.impact {
        let touched = usize::try_from(impact.subscribers).unwrap_or(usize::MAX);
        add(touched, "subscription touched", "subscriptions touched", "reaches");
    }
    add(reached, "change reaches existing subscribers", "changes reach existing subscribers", "reaches");
    add(summary.delete, "deletion", "deletions", "gone");
    add(document.guards.len(), "point to decide", "points to decide", "reaches");
    add(summary.create, "new object", "new objects", "new");
    add(changed, "changed object", "changed objects", "changed");
    tiles
}

fn adopted(document: &Document) -> String {
    match document.summary.adopt {
        0 => String::new(),
        number => {
            format!("{} found live as the files say, managed here from the next apply on.", count(number, "object"))
        }
    }
}

fn guard(guard: &Guard) -> GuardView {
    let about: Vec<String> = guard.addresses.iter().take(5).map(ToString::to_string).collect();
    let said = about.iter().all(|address| guard.message.contains(address.as_str()));
    let more = guard.addresses.len().saturating_sub(5);
    let about = if said { String::new() } else { about.join(", ") };
    GuardView {
        code: shortened(&guard.code, card::NAME),
        message: with_code(&capital(&shortened(&guard.message, 1000))),
        about: if more > 0 && !about.is_empty() { format!("{about} and {more} more") } else { about },
        acknowledgeable: guard.acknowledgeable,
    }
}

fn notes(document: &Document) -> Vec<String> {
    let mut out: Vec<String> = document.warnings.iter().take(LONGEST).map(|text| shortened(text, 1000)).collect();
    let fields: usize = document.unverifiable.iter().map(|entry| entry.fields.len()).sum();
    if fields > 0 {
        out.push(format!(
            "{} cannot be compared: this API never shows them, and Pricebook has not written them yet. \
             --write-unreadable sends what the files say.",
            count(fields, "field")
        ));
    }
    if !document.unmanaged.is_empty() {
        out.push(format!("{} live and not managed here: left alone.", count(document.unmanaged.len(), "object")));
    }
    out
}

/// What applies exactly this, with everything acknowledged that has to be.
fn command(document: &Document) -> String {
    let mut codes: Vec<&str> = document.guards.iter().map(|guard| guard.code.as_str()).collect();
    codes.dedup();
    let acks: String = codes.iter().map(|code| format!(" --ack {code}")).collect();
    // A name that nobody can read is nobody's to copy.
    let command = format!("pricebook apply --env {}{acks}", quoted(&document.environment.name));
    if command.chars().count() > LONGEST { String::new() } else { command }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
