//! The style sheet of a page, and what lets the browser use it and nothing else.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::choice::Choices;

const SHEET: &str = include_str!("style.css");

/// The style sheet for a page with these choices. What the reader did not choose is hidden by the style sheet alone, so
/// the page needs no script; a browser that does not know `:has()` shows everything.
pub(super) fn sheet(choices: &Choices) -> String {
    let mut out = SHEET.to_owned();
    for (letter, switch) in [("c", &choices.currencies), ("i", &choices.intervals)] {
        if switch.is_needed() {
            for at in 0..switch.options.len() {
                // The bar is small: a `:has()` that looks through the whole page makes long ones slow.
                let chosen = format!(".bar:has(#{letter}{at}:checked)");
                let _ = writeln!(out, "{chosen} + .plans .{letter}:not(.{letter}{at}) {{ display: none; }}");
            }
        }
    }
    out
}

/// The page may load nothing, run nothing and send nothing; only this style sheet counts.
pub(super) fn policy(sheet: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(sheet.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}
