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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Effect, KindSpec, Mutability, Reach, Remade};

    /// What the words must and must not say, so that nobody reads another effect than the one that is computed.
    fn agree(reach: Reach) -> Result<(), String> {
        let Reach { effect, words } = reach;
        let says = |any: &[&str]| any.iter().any(|part| words.contains(part));
        let (soon, renewal, period) =
            (says(&[" now", "no longer", "any more", "lose"]), says(&["renewal"]), says(&["period"]));
        let right = match effect {
            Effect::None => !renewal && !period && says(&["nobody", "no ", "reaches"]),
            Effect::NewCustomers => !renewal && !period && says(&["customer", "who ", "no new", "it can"]),
            Effect::AtRenewal => renewal && !period,
            Effect::NextPeriod => period && !renewal,
            Effect::Now => !renewal && !period && (soon || words.contains("from now on")),
        };
        let form = words.chars().next().is_some_and(char::is_lowercase) && !words.ends_with('.') && words.len() <= 130;
        if right && form { Ok(()) } else { Err(format!("{}: {words:?}", effect.word())) }
    }

    #[test]
    fn every_row_of_every_table_says_in_words_what_it_computes() {
        let mut wrong = Vec::new();
        for provider in PROVIDERS {
            for kind in provider.kinds() {
                let mut check = |what: String, checked: Result<(), String>| {
                    wrong.extend(checked.err().map(|why| format!("{} {} {what}: {why}", provider.name(), kind.name)));
                };
                check("created".into(), agree(kind.created));
                check("removed".into(), agree(kind.removed));
                let anew = kind.remade != Remade::Never || kind.grandfathers;
                check("anew".into(), if anew && kind.anew.is_empty() { Err("no words".into()) } else { Ok(()) });
                for field in kind.fields {
                    for (direction, reach) in field.effect.directions() {
                        check(format!("{} {direction}", field.path), agree(reach));
                    }
                    let source = if field.effect.source.starts_with('§') { Ok(()) } else { Err("no source".into()) };
                    check(field.path.into(), source);
                    let kept = !(kind.grandfathers && field.priced) || field.effect.kept.is_some();
                    check(field.path.into(), if kept { Ok(()) } else { Err("nothing said of who keeps it".into()) });
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn a_block_may_say_replace_where_its_kind_is_made_anew_for_it() {
        fn path(kinds: &[KindSpec], kind: &KindSpec) -> String {
            match kinds.iter().find(|parent| Some(parent.name) == kind.parent) {
                Some(parent) => format!("{}.{}", path(kinds, parent), kind.collection),
                None => kind.collection.to_owned(),
            }
        }
        for provider in PROVIDERS {
            let (kinds, language) = (provider.kinds(), provider.language());
            for kind in kinds {
                let block = language.block(&path(kinds, kind));
                let may = block.is_some_and(|block| block.fields.iter().any(|field| field == "replace"));
                assert_eq!(may, kind.remade == Remade::Asked, "{} {}", provider.name(), kind.name);
                let fixed = kind.fields.iter().any(|field| field.change == Mutability::Replace);
                assert!(fixed || kind.remade == Remade::Never, "{} {}", provider.name(), kind.name);
            }
        }
    }
}
