//! What `--format html` and `preview` write: read as bytes and as text, and looked at in a browser.

mod browser;
mod made;
mod pages;
