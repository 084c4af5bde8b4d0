use crate::provider::Provider;
use crate::provider::bxb::Bxb;
use crate::provider::commet::Commet;

/// Every provider: a line each.
pub static PROVIDERS: &[&dyn Provider] = &[&Commet(None), &Bxb];

/// A provider by its name in files.
pub fn by_name(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.name() == name)
}

/// The names that `provider:` can have.
pub fn names() -> Vec<&'static str> {
    PROVIDERS.iter().map(|provider| provider.name()).collect()
}
