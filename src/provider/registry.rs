use crate::provider::Provider;
use crate::provider::bxb::sandbox::Bxb;
use crate::provider::commet::Commet;
use crate::sandbox::api::Api;

/// Every provider: a line each.
pub static PROVIDERS: &[&dyn Provider] = &[&Commet];

/// A provider by its name in files.
pub fn by_name(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.name() == name)
}

type Make = fn() -> Box<dyn Api>;

/// Embedded servers whose provider is not in [`PROVIDERS`] yet.
const SANDBOXES: &[(&str, Make)] = &[("bxb", || Box::new(Bxb::default()))];

/// The embedded server of a provider, empty.
pub fn sandbox(name: &str) -> Option<Box<dyn Api>> {
    let alone = || SANDBOXES.iter().find(|(known, _)| *known == name).map(|(_, make)| make());
    by_name(name).map(Provider::sandbox).or_else(alone)
}

/// The names that a sandbox can have.
pub fn sandboxes() -> Vec<&'static str> {
    let mut names = names();
    names.extend(SANDBOXES.iter().map(|(name, _)| *name).filter(|name| by_name(name).is_none()));
    names
}

/// The names that `provider:` can have.
pub fn names() -> Vec<&'static str> {
    PROVIDERS.iter().map(|provider| provider.name()).collect()
}
