use rust_decimal::Decimal;

use crate::diagnostic::{Code, Finding, Location, Sink};
use crate::load::Document;
use crate::model::{Address, Currency, Desired, Page, Resource};

/// What rules look at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What customers would be offered.
    pub page: &'a Page,
    /// What should exist.
    pub desired: &'a Desired,
    /// The files, for places in them.
    pub document: &'a Document,
    /// How far a manual price may be from the exchange rate, in percent.
    pub tolerance: Decimal,
}

impl Subject<'_> {
    /// Adds a finding about the value at this path below an object. Without that value it is about the deepest part of
    /// the path that stands in the files.
    pub(super) fn say(&self, address: &Address, below: &[&str], finding: Finding, sink: &mut Sink) {
        sink.push(finding.at(self.place(address, below)));
    }

    /// Where the value at this path below an object stands.
    pub(super) fn place(&self, address: &Address, below: &[&str]) -> Option<Location> {
        let path: Vec<&str> = address.segments().chain(below.iter().copied()).collect();
        self.document.locate(&path)
    }

    /// An object of the files.
    pub(super) fn object(&self, address: &Address) -> Option<&Resource> {
        self.desired.objects.get(address).map(|object| &object.resource)
    }

    /// The objects right below one, in this collection.
    pub(super) fn children(&self, parent: &Address, collection: &'static str) -> impl Iterator<Item = &Resource> {
        let below = self.desired.objects.range(parent..).take_while(|(address, _)| address.is_within(parent));
        let own = parent.depth() + 1;
        below
            .filter(move |(address, _)| address.collection() == collection && address.depth() == own)
            .map(|(_, object)| &object.resource)
    }
}

/// A finding, shorter to write.
pub(super) fn finding(code: Code, message: impl Into<String>) -> Finding {
    Finding::new(code, message)
}

/// An amount as people write it: `€45.08`.
pub(super) fn money(amount: Decimal, currency: &str) -> String {
    let Ok(currency) = currency.parse::<Currency>() else { return format!("{currency} {amount}") };
    let mut shown = amount.normalize();
    if shown.scale() < currency.exponent() {
        shown.rescale(currency.exponent());
    }
    format!("{}{shown}", currency.prefix())
}
