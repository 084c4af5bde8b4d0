//! What the executor writes down, and when: before a call leaves, and after its answer.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use pricebook::apply::{Failed, Log, Report, Run, execute};
use pricebook::changeset::{Call, Care};
use pricebook::http::WriteApi;
use pricebook::model::Address;
use serde_json::{Value, json};

use crate::care::{bxb, call};

/// A log that remembers what was on the disk at each sync, and fails from some sync on.
struct Disk {
    new: Vec<String>,
    synced: Vec<Vec<String>>,
    full_after: usize,
}

impl Disk {
    fn new(full_after: usize) -> Self {
        Self { new: Vec::new(), synced: Vec::new(), full_after }
    }
}

impl Log for Disk {
    fn sent(&mut self, call: &Call) {
        self.new.push(format!("sent {}", call.id));
    }

    fn done(&mut self, call: &Call, _: u16, _: u32, _: &BTreeMap<Address, String>) {
        self.new.push(format!("done {}", call.id));
    }

    fn failed(&mut self, failed: &Failed) {
        self.new.push(format!("failed {}", failed.call));
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        if self.synced.len() >= self.full_after {
            return Err(io::Error::other("no space left"));
        }
        self.synced.push(std::mem::take(&mut self.new));
        Ok(())
    }
}

fn tax(number: usize, after: &[&str]) -> Call {
    let code = format!("t{number}");
    let body = json!({ "code": code, "name": code, "rate": "0.2" });
    let after = after.iter().map(|id| (*id).to_owned()).collect();
    Call { id: format!("c{number}"), after, ..call("POST", "/taxes/", body, Care::default()) }
}

async fn run(api: &Arc<WriteApi>, calls: &[Call], parallel: usize, disk: &mut Disk) -> Report {
    let (_keep, stop) = tokio::sync::watch::channel(false);
    execute(calls, &Run::new("d", "n"), Arc::clone(api), &|| parallel, stop, disk, &mut |_| {}).await
}

async fn taxes(api: &WriteApi) -> usize {
    let answer = api.get("/taxes/").await.unwrap();
    serde_json::from_slice::<Value>(&answer.body).unwrap().as_array().unwrap().len()
}

#[tokio::test]
async fn one_sync_for_all_that_happens_at_once() {
    let (running, api) = bxb(None).await;
    let calls = [tax(1, &[]), tax(2, &[]), tax(3, &[]), tax(4, &["c1", "c2", "c3"])];
    let mut disk = Disk::new(usize::MAX);
    let report = run(&api, &calls, 4, &mut disk).await;
    assert!(report.is_whole() && report.unwritten.is_none(), "{report:?}");
    assert_eq!(disk.synced[0], ["sent c1", "sent c2", "sent c3"]);
    // Never more than one for each answer, and one for the start.
    assert!(disk.synced.len() <= calls.len() + 1, "{:?}", disk.synced);
    let all: Vec<&String> = disk.synced.iter().flatten().collect();
    assert_eq!((all.len(), all[6].as_str(), all[7].as_str()), (8, "sent c4", "done c4"));
    assert!(disk.new.is_empty(), "the last answer is on the disk");
    running.shutdown().await;
}

#[tokio::test]
async fn a_full_disk_stops_the_run_before_the_next_call() {
    for (full_after, sent) in [(0, 0), (1, 1), (2, 2), (3, 3)] {
        let (running, api) = bxb(None).await;
        let calls = [tax(1, &[]), tax(2, &["c1"]), tax(3, &["c2"])];
        let mut disk = Disk::new(full_after);
        let report = run(&api, &calls, 4, &mut disk).await;
        assert_eq!(report.unwritten.as_deref(), Some("no space left"), "{full_after}");
        assert_eq!((report.applied.len(), report.skipped.len(), taxes(&api).await), (sent, 3 - sent, sent));
        running.shutdown().await;
    }
}
