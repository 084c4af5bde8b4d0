//! Live state as what should exist elsewhere: what `diff` and `promote` compare another environment with. Pure.

use crate::diff::{Memory, Unverifiable};
use crate::ledger::Ledger;
use crate::model::{Address, Desired, DesiredObject, Directives, Live, LiveObject, Mutability, Readability};

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
    moot: impl Fn(&LiveObject) -> Vec<&'static str>,
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
                    resource.fields.extend(written.map(|(path, value)| (path.clone().into(), value.clone())));
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
