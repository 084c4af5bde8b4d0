//! The ledger and the live objects by their ids: which live object is which written one.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::ledger::{Entry, Ledger};
use crate::model::{Address, Live, LiveObject};

/// What is remembered, by address and by id. A key of ours may have changed hands: an object may stand under another
/// address than when it was written, and another object under its old one. The id says.
pub(crate) struct Memory<'a> {
    ledger: &'a Ledger,
    live: &'a Live,
    /// By id; worked out when an address says too little, which is rare.
    written: OnceCell<HashMap<&'a str, &'a Entry>>,
    live_ids: OnceCell<HashSet<&'a str>>,
    /// The top-level object that was asked for last, and what was written to it.
    root: RefCell<Option<(Address, Option<&'a Entry>)>>,
}

impl<'a> Memory<'a> {
    pub(crate) fn new(ledger: &'a Ledger, live: &'a Live) -> Self {
        Self { ledger, live, written: OnceCell::new(), live_ids: OnceCell::new(), root: RefCell::new(None) }
    }

    /// Whether something was written under this address.
    pub(super) fn owns(&self, address: &Address) -> bool {
        self.ledger.owns(address)
    }

    /// What was written last to a live object. Nothing, when it is not the object that was written but another one
    /// with the same key; then that holds for what is inside it, too.
    pub(crate) fn of(&self, object: &LiveObject) -> Option<&'a Entry> {
        let address = &object.resource.address;
        if !address.is_root() {
            self.of_root(address)?;
        }
        if object.resource.kind.fleeting {
            return self.ledger.objects.get(address);
        }
        self.entry(address, object.id.as_deref())
    }

    /// What was written last to the top-level object that an object is inside of. Objects come in the order of their
    /// addresses, so it is mostly that of the object before.
    fn of_root(&self, address: &Address) -> Option<&'a Entry> {
        if let Some((root, entry)) = &*self.root.borrow()
            && address.is_within(root)
        {
            return *entry;
        }
        let root = address.root();
        let id = self.live.objects.get(&root).and_then(|root| root.id.as_deref());
        let entry = self.entry(&root, id);
        self.root.replace(Some((root, entry)));
        entry
    }

    fn entry(&self, address: &Address, id: Option<&str>) -> Option<&'a Entry> {
        let here = self.ledger.objects.get(address);
        let Some(id) = id else { return here };
        match here.map(|entry| entry.id.as_deref()) {
            Some(None) => here,
            Some(Some(known)) if known == id => here,
            _ => self.by_id(id),
        }
    }

    fn by_id(&self, id: &str) -> Option<&'a Entry> {
        let entries = || self.ledger.objects.values().filter_map(|entry| Some((entry.id.as_deref()?, entry)));
        self.written.get_or_init(|| entries().collect()).get(id).copied()
    }

    /// Whether what was written under this address is live nowhere.
    pub(super) fn is_gone(&self, address: &Address) -> bool {
        let ids = || self.live.objects.values().filter_map(|object| object.id.as_deref());
        let live_ids = self.live_ids.get_or_init(|| ids().collect());
        self.ledger.id(address).is_none_or(|id| !live_ids.contains(id))
    }
}
