//! Stage 1: files → one located tree → typed values. Every problem becomes a finding with its place.

mod build;
mod decode;
mod defaults;
mod document;
mod files;
mod language;
mod node;
mod offsets;
mod overlay;
pub mod partial;
pub mod project;
mod scalar;
pub mod schema;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Sink, did_you_mean, one_of};

pub use decode::{Decoded, decode, decode_partial};
pub use defaults::{Defaults, Spread, spread};
pub use document::Document;
pub use language::{Block, Language};
pub use node::{Entry, Key, Map, Node, Value};

/// What came of reading files.
#[derive(Debug)]
pub struct Loaded {
    /// The merged files; `None` if not a single one could be read.
    pub document: Option<Document>,
    /// What was found on the way. With errors in it, the document may lack parts.
    pub sink: Sink,
}

/// Reads one catalog file, or every `*.yaml` and `*.yml` file in a folder, and merges them.
pub fn catalog(path: &Path) -> Loaded {
    catalog_without(path, &[])
}

/// The same, without what stands in one of these files or folders: overlays may lie inside the catalog's folder.
pub fn catalog_without(path: &Path, others: &[PathBuf]) -> Loaded {
    let mut sink = Sink::new();
    let mut files = files::discover(path, &mut sink);
    files::leave_out(&mut files, path, others);
    let document = from_files(&files, &mut sink);
    Loaded { document, sink }
}

/// Applies an environment's overlay, one file or a folder of them, to a catalog. `sink` is the one that came with the
/// document: it knows the files.
pub fn overlaid(document: Document, path: &Path, language: &Language, sink: &mut Sink) -> Document {
    let files = files::discover(path, sink);
    let read: Vec<_> = files.iter().filter_map(|file| files::read(file, sink)).collect();
    patched(document, read, files.len(), language, sink)
}

/// The same for text, as if it stood in a file of this name.
pub fn overlaid_text(document: Document, name: &str, text: &str, language: &Language, sink: &mut Sink) -> Document {
    overlaid_texts(document, [(name, text)], language, sink)
}

/// The same for several texts, which are one overlay.
pub fn overlaid_texts<'a>(
    document: Document,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    language: &Language,
    sink: &mut Sink,
) -> Document {
    let mut wanted = 0;
    let mut read = Vec::new();
    for (name, text) in files {
        wanted += 1;
        read.extend(files::accept(name.to_owned(), text.as_bytes().to_vec(), sink));
    }
    patched(document, read, wanted, language, sink)
}

fn patched(
    document: Document,
    files: Vec<(u32, Arc<crate::diagnostic::Source>)>,
    wanted: usize,
    language: &Language,
    sink: &mut Sink,
) -> Document {
    let roots = build::all(&files, sink);
    let complete = document.is_complete() && roots.len() == wanted;
    let patch = Document::merge(roots, sink);
    document.patched(patch, complete, sink, |base, patch, sink| overlay::merge(base, patch, language, sink))
}

/// Reads text as if it stood in a file of this name.
pub fn text(name: &str, text: &str) -> Loaded {
    texts([(name, text)])
}

/// Reads several texts as if each stood in a file of that name.
pub fn texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Loaded {
    let mut sink = Sink::new();
    let documents = files
        .into_iter()
        .filter_map(|(name, text)| files::accept(name.to_owned(), text.as_bytes().to_vec(), &mut sink))
        .collect::<Vec<_>>();
    let document = merge(documents, &mut sink);
    Loaded { document, sink }
}

fn from_files(files: &[PathBuf], sink: &mut Sink) -> Option<Document> {
    let read = files.iter().filter_map(|file| files::read(file, sink)).collect::<Vec<_>>();
    merge(read, sink)
}

fn merge(files: Vec<(u32, Arc<crate::diagnostic::Source>)>, sink: &mut Sink) -> Option<Document> {
    Document::merge(build::all(&files, sink), sink)
}

/// Which provider a catalog is for: its `provider:` key, checked against the names that exist.
pub fn provider<'a>(document: &Document, known: &[&'a str], sink: &mut Sink) -> Option<&'a str> {
    let Some(node) = document.get(&["provider"]) else {
        sink.push(
            Finding::new(Code::ProviderMissing, "the catalog does not say which billing API it is for")
                .at(document.locate(&[]))
                .help(format!("add `provider:` with one of {}", one_of(known.iter().copied()))),
        );
        return None;
    };
    let text = node.text().unwrap_or_default();
    let found = known.iter().copied().find(|name| *name == text);
    if found.is_none() {
        let message =
            if text.is_empty() { "the provider is missing".into() } else { format!("unknown provider `{text}`") };
        sink.push(
            Finding::new(Code::ProviderUnknown, message)
                .at(document.locate(&["provider"]))
                .suggest(did_you_mean(text, known.iter().copied()))
                .help(format!("the providers are {}", one_of(known.iter().copied()))),
        );
    }
    found
}
