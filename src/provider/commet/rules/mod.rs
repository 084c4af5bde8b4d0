use super::catalog::Catalog;
use crate::diagnostic::Sink;
use crate::load::Document;
pub(super) fn check(_: &Catalog, _: &Document, _: &[Vec<String>], _: &mut Sink) {}
