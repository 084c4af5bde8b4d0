use crate::ledger::Ledger;
use crate::model::{Desired, Live, Readability};

/// Leaves ignored fields to whoever set them: what should exist takes them over from what exists. Then nothing that
/// is compared, written whole or remembered can touch them. An object that is not live yet is made as the file says.
pub fn leave_ignored(desired: &mut Desired, live: &Live, ledger: &Ledger) {
    for (address, wanted) in &mut desired.objects {
        if wanted.directives.ignore.is_empty() {
            continue;
        }
        let Some(found) = live.objects.get(address) else { continue };
        let kind = wanted.resource.kind;
        let left: Vec<_> = wanted.resource.fields.keys().filter(|path| wanted.ignores(path)).cloned().collect();
        for path in left {
            wanted.resource.fields.remove(&path);
        }
        for (path, value) in &found.resource.fields {
            if wanted.ignores(path) {
                wanted.resource.fields.insert(path.clone(), value.clone());
            }
        }
        // What no read shows is as it was written last.
        for (path, value) in ledger.objects.get(address).into_iter().flat_map(|entry| &entry.written) {
            let write_only = kind.field(path).is_some_and(|(_, spec)| spec.read == Readability::WriteOnly);
            if write_only && wanted.ignores(path) {
                wanted.resource.fields.insert(path.clone(), value.clone());
            }
        }
    }
}
