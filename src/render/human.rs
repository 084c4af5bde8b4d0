use std::collections::BTreeSet;
use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use crate::changeset::{ChangeDoc, Document, FieldDoc, Mode};
use crate::diff::{Action, Reason};
use crate::model::{Address, FieldKind};
use crate::render::Paint;
use crate::render::impact::impact;
use crate::render::notes::{guards, notes};
use crate::render::words::{change, clean, effect, phrase, reach, reason, value};

/// How many lines a list takes before the rest is only counted.
const LONGEST: usize = 40;

/// The changeset as a person reads it: grouped by object, most important last.
pub fn human(document: &Document, paint: Paint, verbose: bool) -> String {
    let mut out = String::new();
    header(document, paint, &mut out);
    let rows = rows(document, verbose);
    let widths = Widths::of(&rows);
    let width = heading_width(document);
    if !rows.is_empty() {
        out.push('\n');
    }
    let mut shown: Option<Address> = None;
    for row in &rows {
        let root = row.change.address.root();
        if shown.as_ref() != Some(&root) {
            heading(row.change, &root, width, paint, &mut out);
            shown = Some(root);
        }
        row.write(&widths, paint, &mut out);
    }
    adoptions(document, &mut out);
    calls(document, verbose, paint, &mut out);
    impact(document, verbose, paint, &mut out);
    notes(document, verbose, paint, &mut out);
    guards(document, paint, &mut out);
    summary(document, paint, &mut out);
    out
}

fn header(document: &Document, paint: Paint, out: &mut String) {
    let environment = &document.environment;
    let summary = &document.summary;
    let mode = if environment.mode == Some(Mode::Live) { paint.red(" (live)") } else { String::new() };
    let changed = summary.create + summary.update + summary.replace + summary.delete + summary.moved;
    let objects = changed + summary.adopt + summary.unchanged;
    let overlay = document.catalog.overlay.iter().map(|path| format!(" + {}", clean(path)));
    let _ = writeln!(
        out,
        "{}{} → {}{mode} · {} {} · {}, {} unchanged",
        clean(&document.catalog.path),
        overlay.collect::<String>(),
        paint.bold(&clean(&environment.name)),
        environment.title,
        environment.api_version,
        count(objects, "object"),
        if changed == 0 { "all".to_owned() } else { (summary.unchanged + summary.adopt).to_string() },
    );
    if let Some(partial) = &document.catalog.partial {
        let _ = writeln!(out, "{}", paint.yellow(&format!("partial: {} Nothing is deleted.", clean(partial))));
    }
}

/// The heading of a top-level object, from the first change in it: its own comes before its children's.
fn heading(first: &ChangeDoc, root: &Address, width: usize, paint: Paint, out: &mut String) {
    let own = Some(first).filter(|change| change.address == *root);
    let action = own.map_or(Action::Update, |change| change.action);
    let name = own.map_or(&first.within, |change| &change.name);
    let title = title(root, name);
    let mut said: Vec<String> = Vec::new();
    if let Some(own) = own {
        if own.action == Action::Create {
            said.push(holds(own));
        }
        said.push(reason(own));
        said.extend(own.consequence.clone());
        if own.effect.reaches_subscribers() && own.fields.is_empty() {
            said.push(paint.yellow(effect(own.effect)));
        }
    }
    said.retain(|part| !part.is_empty());
    let gap = " ".repeat(width.saturating_sub(title.chars().count()) + 3);
    let shown = title.replacen(&root.to_string(), &paint.bold(&root.to_string()), 1);
    let line = format!("  {} {shown}{}", symbol(action, paint), if said.is_empty() { String::new() } else { gap });
    let _ = writeln!(out, "{}{}", line, said.join("; "));
}

fn title(root: &Address, name: &str) -> String {
    if name.is_empty() { root.to_string() } else { format!("{root} · {}", clean(name)) }
}

/// How wide the headings are that say something behind their title.
fn heading_width(document: &Document) -> usize {
    document
        .changes
        .iter()
        .filter(|change| change.address.is_root() && change.action != Action::Adopt)
        .map(|change| title(&change.address, &change.name).chars().count())
        .filter(|width| *width <= 44)
        .max()
        .unwrap_or(0)
}

/// One line of the table.
struct Row<'d> {
    change: &'d ChangeDoc,
    /// `prices.monthly`; the field itself for a field of the top-level object; empty where the line above says it.
    object: String,
    field: String,
    text: String,
    reach: String,
    /// Lines of a text that is too long for the table.
    below: Vec<(ChangeTag, String)>,
}

fn rows(document: &Document, verbose: bool) -> Vec<Row<'_>> {
    let born: BTreeSet<&Address> = document
        .changes
        .iter()
        .filter(|change| change.action == Action::Create)
        .map(|change| &change.address)
        .collect();
    let mut rows = Vec::new();
    for change in document.changes.iter().filter(|change| change.action != Action::Adopt) {
        let is_root = change.address.is_root();
        let first = rows.len();
        match change.action {
            Action::Create if is_root => {}
            Action::Create => {
                let text = Some(holds(change)).filter(|text| !text.is_empty()).unwrap_or_else(|| "added".into());
                // A child of something new has nobody to reach.
                let reach = if born.contains(&change.address.root()) { String::new() } else { why(change, verbose) };
                rows.push(Row::of(change, text, reach));
            }
            Action::Delete if is_root => {}
            Action::Delete => {
                rows.push(Row::of(change, reason(change), change.consequence.clone().unwrap_or_default()))
            }
            _ => {
                for field in &change.fields {
                    rows.push(Row::field(change, field, verbose));
                }
                let own_words = matches!(change.reason, Reason::Grandfather { because: None } | Reason::Differs);
                if !is_root && (change.fields.is_empty() || change.action == Action::Replace && !own_words) {
                    rows.push(Row::of(change, reason(change), String::new()));
                }
            }
        }
        if is_root {
            for row in &mut rows[first..] {
                row.object = std::mem::take(&mut row.field);
            }
            // The heading stands even where no line follows it.
            if rows.len() == first {
                rows.push(Row::of(change, String::new(), String::new()));
            }
        } else if let Some(row) = rows.get_mut(first) {
            row.object = change.address.below_root();
        }
    }
    rows
}

/// What a new object says, on one line; what is at its default is left out.
fn holds(change: &ChangeDoc) -> String {
    let is_root = change.address.is_root();
    let mut said: Vec<String> = change
        .fields
        .iter()
        .filter(|field| !(field.is_default || field.after_derived || is_root && field.field == "name"))
        .map(|field| match (field.kind, &field.after) {
            (FieldKind::Flag, serde_json::Value::Bool(true)) => field.field.clone(),
            (FieldKind::Flag, _) => format!("not {}", field.field),
            _ => format!("{} {}", field.field, value(&field.after, field)),
        })
        .collect();
    let derived = change.fields.iter().filter(|field| field.after_derived).count();
    if derived > 0 {
        said.push(format!("{derived} more derived at that rate"));
    }
    said.join(", ")
}

fn why(change: &ChangeDoc, verbose: bool) -> String {
    let reaches = verbose || change.effect.reaches_subscribers();
    let reached = if reaches { phrase(&change.words, change.effect, verbose) } else { String::new() };
    let mut parts = vec![reason(change), reached];
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

impl<'d> Row<'d> {
    fn of(change: &'d ChangeDoc, text: String, reach: String) -> Self {
        Self { change, object: String::new(), field: String::new(), text, reach, below: Vec::new() }
    }

    fn field(change_doc: &'d ChangeDoc, field: &'d FieldDoc, verbose: bool) -> Self {
        let reach = reach(change_doc, field, verbose);
        let mut row = Self { field: field.field.clone(), ..Self::of(change_doc, change(field), reach) };
        let long = |value: &serde_json::Value| {
            value.as_str().is_some_and(|text| text.contains('\n') || text.chars().count() > 50)
        };
        if field.kind == FieldKind::Text
            && (long(&field.before) || long(&field.after))
            && let (Some(before), Some(after)) = (field.before.as_str(), field.after.as_str())
        {
            row.text = "text changed:".into();
            row.below = TextDiff::from_lines(before, after)
                .iter_all_changes()
                .filter(|line| line.tag() != ChangeTag::Equal)
                .map(|line| (line.tag(), clean(line.value().trim_end_matches('\n'))))
                .collect();
        }
        row
    }

    fn write(&self, widths: &Widths, paint: Paint, out: &mut String) {
        if self.text.is_empty() {
            return;
        }
        let is_root = self.change.address.is_root();
        let symbol = if self.object.is_empty() || is_root { " ".into() } else { symbol(self.change.action, paint) };
        let mut line = format!("      {symbol} {}  ", pad(&self.object, widths.object));
        // What a whole object says starts where its fields would.
        if widths.field > 0 && !(self.field.is_empty() && self.reach.is_empty()) {
            let _ = write!(line, "{}  ", pad(&self.field, widths.field));
        }
        if self.reach.is_empty() {
            line.push_str(&self.text);
        } else {
            let _ = write!(line, "{}   {}", pad(&self.text, widths.text), paint.yellow(&self.reach));
        }
        let _ = writeln!(out, "{}", line.trim_end());
        for (tag, text) in &self.below {
            let (sign, text) = match tag {
                ChangeTag::Delete => ("-", paint.red(text)),
                _ => ("+", paint.green(text)),
            };
            let _ = writeln!(out, "          {sign} {text}");
        }
    }
}

struct Widths {
    object: usize,
    field: usize,
    text: usize,
}

impl Widths {
    fn of(rows: &[Row<'_>]) -> Self {
        let widest = |of: fn(&Row<'_>) -> usize, most: usize| {
            rows.iter().map(of).filter(|width| *width <= most).max().unwrap_or(0)
        };
        Self {
            object: widest(|row| row.object.chars().count(), 36),
            field: widest(|row| row.field.chars().count(), 36),
            text: widest(|row| if row.reach.is_empty() { 0 } else { row.text.chars().count() }, 48),
        }
    }
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

fn symbol(action: Action, paint: Paint) -> String {
    match action {
        Action::Create => paint.green("+"),
        Action::Update => paint.yellow("~"),
        Action::Replace => paint.red("±"),
        Action::Delete => paint.red("-"),
        Action::Adopt => paint.dim("="),
        Action::Move => paint.dim(">"),
    }
}

fn adoptions(document: &Document, out: &mut String) {
    let adopted: Vec<String> = document
        .changes
        .iter()
        .filter(|change| change.action == Action::Adopt)
        .map(|change| change.address.to_string())
        .collect();
    if adopted.is_empty() {
        return;
    }
    let more = adopted.len().saturating_sub(8);
    let mut named = adopted.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(named, " and {more} more");
    }
    let _ = writeln!(
        out,
        "\n  = {} found live as {}, managed here from the next apply on: {named}",
        count(adopted.len(), "object"),
        match &document.catalog.from {
            Some(from) => format!("in {}", clean(from)),
            None => "the files say".to_owned(),
        }
    );
}

fn calls(document: &Document, verbose: bool, paint: Paint, out: &mut String) {
    if document.calls.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  Calls, in order");
    let most = if verbose { usize::MAX } else { LONGEST };
    let number = document.calls.len().to_string().len();
    let summary = document.calls.iter().take(most).map(|call| call.summary.chars().count()).max().unwrap_or(0).min(60);
    for (at, call) in document.calls.iter().take(most).enumerate() {
        let request = format!("{} {}", call.method, clean(&call.path));
        let _ =
            writeln!(out, "    {:>number$}  {}  {}", at + 1, pad(&clean(&call.summary), summary), paint.dim(&request));
    }
    if let Some(more) = document.calls.len().checked_sub(most).filter(|more| *more > 0) {
        let _ = writeln!(out, "    … and {more} more (-v shows all)");
    }
}

fn summary(document: &Document, paint: Paint, out: &mut String) {
    let summary = &document.summary;
    let mut parts: Vec<String> = Vec::new();
    let actions: Vec<String> = [
        (summary.create, "to create"),
        (summary.update, "to update"),
        (summary.replace, "to replace"),
        (summary.delete, "to delete"),
        (summary.adopt, "to adopt"),
        (summary.moved, "to rename"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, words)| format!("{number} {words}"))
    .collect();
    if actions.is_empty() {
        let like = match &document.catalog.from {
            Some(from) => format!("like {}", clean(from)),
            None => "as the files say".to_owned(),
        };
        parts.push(format!("Nothing to do: {} is {like}", clean(&document.environment.name)));
    } else {
        parts.push(actions.join(", "));
        parts.push(count(summary.calls, "call"));
        let reached = document
            .changes
            .iter()
            .filter(|change| change.effect.reaches_subscribers() && !is_new(document, change))
            .count();
        if reached > 0 {
            parts.push(format!(
                "{} existing subscribers",
                if reached == 1 { "1 change reaches".to_owned() } else { format!("{reached} changes reach") }
            ));
        }
    }
    if !document.unmanaged.is_empty() {
        parts.push(format!("{} not managed here", count(document.unmanaged.len(), "object")));
    }
    let _ = writeln!(out, "\n{}", paint.bold(&parts.join(" · ")));
}

/// A child of something new has no subscribers yet.
pub(super) fn is_new(document: &Document, change: &ChangeDoc) -> bool {
    change.action == Action::Create
        && change.reason == Reason::NotLive
        && change.address.parent().is_some()
        && document.changes.iter().any(|c| c.action == Action::Create && c.address == change.address.root())
}

pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
