use std::path::{Path, PathBuf};

use clap::Args;

use crate::changeset::{Document, FORMAT, digest};
use crate::cli::common::{Form, Style};
use crate::cli::failure::Stop;
use crate::cli::{exit, plan};

/// What `show` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A changeset that `plan --out` saved
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
}

/// Prints a saved changeset as `plan` printed it.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    plan::show(&read(&arguments.file)?, arguments.format, style);
    Ok(exit::DONE)
}

/// Reads a saved changeset, and refuses one that is not what was saved.
pub(crate) fn read(path: &Path) -> Result<Document, Stop> {
    let shown = path.display();
    let text = std::fs::read(path).map_err(|why| Stop::invalid(format!("{shown} cannot be read: {why}")))?;
    let raw: serde_json::Value = serde_json::from_slice(&text).map_err(|why| {
        Stop::invalid(format!("{shown} is not a changeset: {why}")).help("save one with `pricebook plan --out FILE`")
    })?;
    let format = raw.get("format").and_then(serde_json::Value::as_str).unwrap_or("none");
    if format != FORMAT {
        return Err(Stop::invalid(format!("{shown} has the format {format}, this Pricebook reads {FORMAT}"))
            .help("plan again, and use the same Pricebook for both"));
    }
    let document: Document = serde_json::from_value(raw)
        .map_err(|why| Stop::invalid(format!("{shown} is not a changeset: {why}")).help("plan again"))?;
    if digest(&document) != document.digest {
        return Err(Stop::invalid(format!("{shown} was changed after it was saved: its digest does not fit"))
            .help("plan again"));
    }
    Ok(document)
}
