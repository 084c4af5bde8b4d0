use std::fmt::Write as _;

use crate::changeset::{ComparedField, Comparison, Side};
use crate::render::Paint;
use crate::render::table::{Entry, count, table};
use crate::render::words::{clean, shown};

/// How many objects are listed under a note before the rest is only counted.
const LISTED: usize = 5;

/// Two environments side by side, as a person reads it.
pub fn comparison(document: &Comparison, paint: Paint, verbose: bool) -> String {
    let (from, to) = (clean(&document.from.name), clean(&document.to.name));
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} and {} · {} {} · {} the same in both",
        paint.bold(&from),
        paint.bold(&to),
        document.to.title,
        document.to.api_version,
        count(document.equal, "object"),
    );
    let entries: Vec<Entry<'_>> = document
        .differences
        .iter()
        .map(|one| Entry {
            address: &one.address,
            name: &one.name,
            within: &one.within,
            sign: match one.side {
                Side::Both => paint.yellow("~"),
                Side::OnlyFrom => paint.green("<"),
                Side::OnlyTo => paint.red(">"),
            },
            whole: match one.side {
                Side::Both => String::new(),
                Side::OnlyFrom => format!("only in {from}"),
                Side::OnlyTo => format!("only in {to}"),
            },
            fields: one.fields.iter().map(|field| (field.field.clone(), cells(field, &from, &to))).collect(),
        })
        .collect();
    if !entries.is_empty() {
        let _ = write!(out, "\n{}", table(&entries, &paint.yellow("~")));
    }
    let fields: usize = document.incomparable.iter().map(|one| one.fields.len()).sum();
    if fields > 0 {
        let _ = writeln!(
            out,
            "\n  {}  {} cannot be compared: the API never shows them, and not both ledgers know them",
            paint.yellow("note"),
            count(fields, "field")
        );
        let most = if verbose { usize::MAX } else { LISTED };
        for one in document.incomparable.iter().take(most) {
            let _ = writeln!(out, "        {}: {}", one.address, one.fields.join(", "));
        }
        if let Some(more) = document.incomparable.len().checked_sub(most).filter(|more| *more > 0) {
            let _ = writeln!(out, "        … and {} (-v shows all)", count(more, "more object"));
        }
    }
    for remark in &document.remarks {
        let _ = writeln!(out, "\n  {}  {}", paint.yellow("note"), clean(remark));
    }
    let number = |side| document.differences.iter().filter(|one| one.side == side).count();
    let parts = [
        (number(Side::Both), if number(Side::Both) == 1 { "differs".to_owned() } else { "differ".to_owned() }),
        (number(Side::OnlyFrom), format!("only in {from}")),
        (number(Side::OnlyTo), format!("only in {to}")),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, words)| format!("{number} {words}")).collect();
    let said = if said.is_empty() { format!("{from} and {to} say the same") } else { said.join(" · ") };
    let _ = writeln!(out, "\n{}", paint.bold(&said));
    out
}

fn cells(field: &ComparedField, from: &str, to: &str) -> Vec<String> {
    let value = |value, derived: bool| {
        let derived = if derived { " (derived)" } else { "" };
        format!("{}{derived}", shown(value, field.kind, field.currency.as_deref()))
    };
    vec![
        format!("{from} {}", value(&field.from, field.from_derived)),
        format!("{to} {}", value(&field.to, field.to_derived)),
    ]
}
