use crate::diagnostic::Sink;
use crate::load::Document;
use super::catalog::Catalog;
pub(super) fn check(_: &Catalog, _: &Document, _: &[Vec<String>], _: &mut Sink) {}
