//! The floor under `pricebook plan`: the same bytes fetched and parsed with the same libraries, and nothing else done.
//!
//! ```text
//! floor FOLDER [URL [HEADER: VALUE]...]
//! ```
//!
//! Every YAML file under FOLDER goes through the parser's events, and every answer (or a `snapshot.json` of them) becomes a
//! `serde_json::Value`; each is dropped before the next. The requests are those that `plan` makes for a Commet catalog of
//! this form, one after another. Prints what was read.

#![allow(clippy::print_stdout, reason = "what was read is its output")]

use std::error::Error;
use std::path::Path;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use saphyr_parser::{Event, Parser};

/// What `plan` reads at version 2026-07-11: the lists, and the plans once more in the version that shows price ids.
const LISTS: [(&str, Option<&str>); 5] = [
    ("/features", None),
    ("/plans?includePrivate=true", None),
    ("/plan-groups?limit=100", None),
    ("/addons?limit=100", None),
    ("/plans?includePrivate=true", Some("2026-07-31")),
];

#[derive(Default)]
struct Read {
    yaml: usize,
    json: usize,
    requests: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds a flag of its own.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(folder) = arguments.next() else { return Ok(()) };
    let mut read = Read::default();
    files(Path::new(&folder), &mut read)?;
    if let Some(url) = arguments.next() {
        let mut headers = HeaderMap::new();
        for header in arguments {
            let (name, value) = header.split_once(':').ok_or("a header is NAME: VALUE")?;
            headers.insert(name.trim().parse::<HeaderName>()?, value.trim().parse()?);
        }
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(fetch(&url, headers, &mut read))?;
    }
    println!("{} bytes of YAML, {} bytes of JSON, {} requests", read.yaml, read.json, read.requests);
    Ok(())
}

fn files(folder: &Path, read: &mut Read) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            files(&path, read)?;
        } else if name == "snapshot.json" {
            let bytes = std::fs::read(&path)?;
            read.json += bytes.len();
            serde_json::from_slice::<serde_json::Value>(&bytes)?;
        } else if name.ends_with(".yaml") {
            let text = std::fs::read_to_string(&path)?;
            read.yaml += text.len();
            yaml(&text)?;
        }
    }
    Ok(())
}

/// All events of a text. Returns the bytes of its scalars, so that none of them is optimised away.
fn yaml(text: &str) -> Result<usize, Box<dyn Error>> {
    let mut scalars = 0;
    for event in Parser::new_from_str(text) {
        if let (Event::Scalar(text, ..), _) = event? {
            scalars += text.len();
        }
    }
    Ok(std::hint::black_box(scalars))
}

async fn fetch(url: &str, headers: HeaderMap, read: &mut Read) -> Result<(), Box<dyn Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().default_headers(headers).no_proxy().build()?;
    for (list, version) in LISTS {
        let mut cursor: Option<String> = None;
        loop {
            let after = cursor.take().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let mut request = client.get(format!("{url}{list}{after}"));
            if let Some(version) = version {
                request = request.header("commet-version", HeaderValue::from_static(version));
            }
            let answer = request.send().await?.error_for_status()?.bytes().await?;
            read.json += answer.len();
            read.requests += 1;
            let body: serde_json::Value = serde_json::from_slice(&answer)?;
            match (body["hasMore"].as_bool(), body["nextCursor"].as_str()) {
                (Some(true), Some(next)) => cursor = Some(next.to_owned()),
                _ => break,
            }
        }
    }
    Ok(())
}
