//! One S3-compatible server for all tests of this process; it ends with it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Ends when its input does, so that it never outlives the tests.
const SERVE: &str = "\
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', '0'])
";

struct Server {
    url: String,
    /// Keeps its input open.
    _child: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/s3/bin/python");
        assert!(python.is_file(), "the S3-compatible server is not installed: run `tests/prepare`");
        let mut child = Command::new(python)
            .args(["-u", "-c", SERVE])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else { panic!("the S3-compatible server does not start:\n{said}") };
            if let Some((_, url)) = line.split_once("Running on ") {
                break url.trim().to_owned();
            }
            said += &line;
        };
        // What it says later is not wanted, and must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Server { url, _child: child }
    })
}

/// Where it is.
pub(super) fn url() -> String {
    server().url.clone()
}

/// What the program needs to find it.
pub(super) fn environment() -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", server().url.clone()),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIATEST".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "aws-s3cr3t".to_owned()),
    ]
}

/// A new bucket.
pub(super) fn bucket() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("ledgers-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let body =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let (status, said) = send(reqwest::Method::PUT, &name, body.into());
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
    name
}

/// An object, as it stands there.
pub(super) fn get(key: &str) -> Option<Vec<u8>> {
    let (status, body) = send(reqwest::Method::GET, key, Vec::new());
    (status == 200).then_some(body)
}

/// Writes an object whatever stands there, or deletes it.
pub(super) fn put(key: &str, bytes: Option<Vec<u8>>) {
    let method = if bytes.is_some() { reqwest::Method::PUT } else { reqwest::Method::DELETE };
    let (status, said) = send(method, key, bytes.unwrap_or_default());
    assert!(status == 200 || status == 204, "{status} {}", String::from_utf8_lossy(&said));
}

fn send(method: reqwest::Method, path: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
    // It takes any signature; the region in it says where a bucket is made.
    const SIGNED: &str =
        "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    super::block(async {
        let client = crate::support::Client::new(&server().url);
        client.bytes(method, path, SIGNED, body).await
    })
}
