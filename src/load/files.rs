//! Paths → bytes → text.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Location, Sink, Source};

/// No catalog is this large; a device or an endless pipe is.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// The file itself, or the YAML files of a folder, sorted by path.
pub(super) fn discover(path: &Path, sink: &mut Sink) -> Vec<PathBuf> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            sink.push(unreadable(path, &error));
            return Vec::new();
        }
    };
    if !metadata.is_dir() {
        return vec![path.to_owned()];
    }
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    walk(path, &mut seen, &mut found, sink);
    found.sort();
    if found.is_empty() && !sink.has_errors() {
        sink.push(
            Finding::new(Code::NoFiles, format!("there is no YAML file in {}", shown(path)))
                .about(shown(path))
                .help("a catalog is one file, or a folder with *.yaml or *.yml files"),
        );
    }
    found
}

/// `seen` holds real paths, so that a link to a folder above does not send us in circles.
fn walk(folder: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<PathBuf>, sink: &mut Sink) {
    let entries = match fs::canonicalize(folder).and_then(|real| Ok((real, fs::read_dir(folder)?))) {
        Ok((real, entries)) if seen.insert(real.clone()) => entries,
        Ok(_) => return,
        Err(error) => return sink.push(unreadable(folder, &error)),
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => return sink.push(unreadable(folder, &error)),
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        let yaml = Path::new(&name).extension().is_some_and(|ext| ext == "yaml" || ext == "yml");
        if path.is_dir() {
            walk(&path, seen, found, sink);
        } else if yaml && name != "pricebook.yaml" && name != "pricebook.yml" {
            found.push(path);
        }
    }
}

/// Leaves out the files that stand in one of the others, unless the path itself does.
pub(super) fn leave_out(files: &mut Vec<PathBuf>, path: &Path, others: &[PathBuf]) {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let others: Vec<PathBuf> = others.iter().filter_map(|other| real(other)).collect();
    let within = |path: &Path| real(path).is_some_and(|path| others.iter().any(|other| path.starts_with(other)));
    if !others.is_empty() && !within(path) {
        files.retain(|file| !within(file));
    }
}

/// Reads a file into the sink's sources. `None` after a finding.
pub(super) fn read(path: &Path, sink: &mut Sink) -> Option<(u32, Arc<Source>)> {
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    if let Err(error) = result {
        sink.push(unreadable(path, &error));
        return None;
    }
    if bytes.len() as u64 > LARGEST_FILE {
        sink.push(
            Finding::new(Code::TooLarge, format!("{} is larger than 64 MiB", shown(path)))
                .about(shown(path))
                .help("split it into several files in one folder"),
        );
        return None;
    }
    accept(shown(path), bytes, sink)
}

/// Takes bytes as the text of a file, if they are text.
pub(super) fn accept(name: String, bytes: Vec<u8>, sink: &mut Sink) -> Option<(u32, Arc<Source>)> {
    match String::from_utf8(bytes) {
        Ok(text) => {
            let source = Arc::new(Source::new(name, text));
            if source.text().starts_with('\u{feff}') {
                sink.push(
                    Finding::new(Code::ByteOrderMark, "the file begins with a byte order mark")
                        .at(Location::new(&source, 0, 0))
                        .help("save it as UTF-8 without a byte order mark"),
                );
            }
            let file = sink.add_source(Arc::clone(&source));
            Some((file, source))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let byte = bytes.get(at).copied().unwrap_or_default();
            // The replacement character stands where the bad byte was, so that the line can be shown.
            let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |line| at + line);
            let source = Arc::new(Source::new(name, String::from_utf8_lossy(&bytes[..end])));
            let mut finding = Finding::new(Code::NotUtf8, format!("not UTF-8 text: byte 0x{byte:02x}"))
                .at(Location::new(&source, at, at + '\u{fffd}'.len_utf8()));
            finding = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                finding.help("this looks like UTF-16; save the file as UTF-8")
            } else {
                finding.help("save the file as UTF-8")
            };
            sink.push(finding);
            None
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Finding {
    let (code, message) = match error.kind() {
        std::io::ErrorKind::NotFound => (Code::FileMissing, format!("{} does not exist", shown(path))),
        _ => (Code::Unreadable, format!("{} cannot be read: {error}", shown(path))),
    };
    Finding::new(code, message).about(shown(path))
}

/// The path as the user typed it.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
