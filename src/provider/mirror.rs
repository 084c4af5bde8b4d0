//! Live state as what should exist elsewhere: what `diff` and `promote` compare another environment with. Pure.

use crate::diff::{Memory, Unverifiable};
use crate::ledger::Ledger;
use crate::model::{
    Address, Desired, DesiredObject, Directives, FieldSpec, KindSpec, Live, LiveObject, Mutability, Readability,
    Versions,
};

/// One environment's live state, as what should exist.
#[derive(Debug, Default)]
pub struct Mirror {
    /// What should exist.
    pub desired: Desired,
    /// Fields that no read shows and that the environment's ledger does not know: they are left as they are elsewhere.
    pub unknown: Vec<Unverifiable>,
}

/// Mirrors what a provider's rules let through. `counts` says whether a live object is one that could be wanted, `moot`
/// which fields that no read shows have no meaning on it.
pub(in crate::provider) fn mirror(
    live: &Live,
    ledger: &Ledger,
    counts: impl Fn(&LiveObject) -> bool,
    moot: impl Fn(&LiveObject) -> &'static [&'static str],
) -> Mirror {
    let memory = Memory::new(ledger, live);
    let mut out = Mirror::default();
    for (address, object) in live.objects.iter().filter(|(_, object)| counts(object)) {
        let mut resource = object.resource.clone();
        resource.address = address.clone();
        // The code is a field only while a rename is on its way.
        resource.fields.remove("code");
        let last = memory.of(object);
        let (mut ignore, moot) = (Vec::new(), moot(object));
        let mut unknown = Vec::new();
        for spec in resource.kind.fields.iter().filter(|spec| spec.read == Readability::WriteOnly) {
            match last.filter(|last| !last.unknown.contains(spec.path)) {
                Some(last) => {
                    let written = last.written.iter().filter(|(path, _)| spec.matches(path));
                    resource.fields.extend(written.map(|(path, value)| (path.clone(), value.clone())));
                }
                None => {
                    ignore.push(spec.path.to_owned());
                    unknown.extend((!moot.contains(&spec.path)).then(|| spec.path.to_owned()));
                }
            }
        }
        if !unknown.is_empty() {
            out.unknown.push(Unverifiable { address: address.clone(), fields: unknown });
        }
        // What the API cannot update at all is made anew without a word.
        let fixed = resource.kind.fields.iter().all(|spec| spec.change == Mutability::Replace);
        let directives = Directives { ignore, replace: fixed && address.parent().is_some(), ..Directives::default() };
        let needs: Vec<Address> = address.parent().into_iter().collect();
        out.desired.objects.insert(address.clone(), DesiredObject { resource, source: None, directives, needs, moot });
    }
    out
}

/// The versions of an API that two environments speak: what one says is asked of the other.
#[derive(Clone, Copy, Debug)]
pub struct Between<'v> {
    /// The version that the mirror was read in.
    pub from: &'v str,
    /// The version of the environment that is compared with it.
    pub to: &'v str,
}

impl Between<'_> {
    fn both(self, versions: Versions) -> bool {
        versions.has(self.from) && versions.has(self.to)
    }

    /// Takes out of a mirror what the other version has no words for, and leaves alone there what this one has none for.
    /// Gives the objects that lost something. Before the other environment is read.
    pub fn narrow(self, mirror: &mut Mirror) -> Vec<Address> {
        if self.from == self.to {
            return Vec::new();
        }
        let mut lost = Vec::new();
        mirror.desired.objects.retain(|address, object| {
            let kind: &KindSpec = object.resource.kind;
            if !kind.versions.has(self.to) {
                lost.push(address.clone());
                return false;
            }
            let lacks = |spec: &&FieldSpec| !self.both(spec.versions);
            let fields = &mut object.resource.fields;
            let before = fields.len();
            fields.retain(|path, _| kind.field(path).is_none_or(|(_, spec)| !lacks(&spec)));
            if fields.len() < before {
                lost.push(address.clone());
            }
            object.directives.ignore.extend(kind.fields.iter().filter(lacks).map(|spec| spec.path.to_owned()));
            object.needs.retain(|need| need.parent().is_some() || !lost.contains(need));
            true
        });
        for one in &mut mirror.unknown {
            let kind = mirror.desired.objects.get(&one.address).map(|object| object.resource.kind);
            let row = |path: &str| kind.and_then(|kind| kind.fields.iter().find(|spec| spec.path == path));
            one.fields.retain(|path| row(path).is_some_and(|spec| self.both(spec.versions)));
        }
        mirror.unknown.retain(|one| !one.fields.is_empty());
        lost
    }

    /// Keeps what lives in the other environment and has no words in the version of the mirror. Gives the objects that
    /// cannot be made there, because what they would be made with was lost; they are taken out.
    pub fn keep(self, desired: &mut Desired, live: &Live, lost: &[Address]) -> Vec<Address> {
        let cannot = |address: &Address, object: &DesiredObject| {
            let fixed = object.resource.kind.fields.iter().any(|spec| {
                spec.change == Mutability::Replace && spec.versions != Versions::ALL && spec.versions.has(self.to)
            });
            fixed && lost.contains(address) && !live.objects.contains_key(address)
        };
        let never: Vec<Address> = desired
            .objects
            .iter()
            .filter(|(address, object)| cannot(address, object))
            .map(|(a, _)| a.clone())
            .collect();
        desired.objects.retain(|address, _| !never.iter().any(|gone| address.is_within(gone)));
        for (address, object) in &live.objects {
            let parent = address.parent();
            let here = parent.as_ref().is_none_or(|parent| desired.objects.contains_key(parent));
            if object.resource.kind.versions.has(self.from) || !here {
                continue;
            }
            let kept = DesiredObject {
                resource: object.resource.clone(),
                source: None,
                directives: Directives::default(),
                needs: parent.into_iter().collect(),
                moot: &[],
            };
            desired.objects.insert(address.clone(), kept);
        }
        never
    }
}
