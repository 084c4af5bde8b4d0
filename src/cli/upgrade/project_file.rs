//! `api_version` of environments in pricebook.yaml, comments kept.

use super::choice::Choice;
use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::edit::{File, Language, Map, Object, Tree, patch};
use crate::load::{self, Node, Value, project, schema};

/// The project file before and after.
pub(super) struct Rewritten {
    pub(super) before: File,
    pub(super) after: File,
}

pub(super) fn rewritten(choice: &Choice) -> Result<Rewritten, Stop> {
    let name = choice.project.display().to_string();
    let text = std::fs::read_to_string(&choice.project)
        .map_err(|why| Stop::new(exit::ERROR, format!("{name} cannot be read: {why}")))?;
    let before = File { name, text };
    let after = with_version(&before, &choice.changing().collect::<Vec<_>>(), &choice.to).map_err(|why| {
        Stop::new(exit::ERROR, format!("{} cannot be edited safely: {why}; nothing was written", before.name))
            .help(format!("write `api_version: {}` there by hand, and run this again", choice.to))
    })?;
    Ok(Rewritten { before, after })
}

/// The file with another version in these environments.
fn with_version(file: &File, environments: &[&str], version: &str) -> Result<File, String> {
    let read = |files: &[File]| files.first().map_or_else(|| Ok(Vec::new()), versions);
    let mut goal = versions(file)?;
    for object in goal.iter_mut().filter(|object| environments.contains(&object.key.as_str())) {
        object.tree = said(Some(version));
    }
    let language = Language::new(schema::of::<project::Project>("Pricebook project file"));
    let patched = patch(std::slice::from_ref(file), &goal, &language, &read, true)?;
    match (patched.refused.first(), patched.files.into_iter().next()) {
        (None, Some(file)) => Ok(file),
        (Some(refusal), _) => Err(refusal.why.clone()),
        (None, None) => Err("it is empty".into()),
    }
}

/// What a project file says of every environment's version.
fn versions(file: &File) -> Result<Vec<Object>, String> {
    let loaded = load::text(&file.name, &file.text);
    let document = loaded.document.filter(|_| !loaded.sink.has_errors()).ok_or("it cannot be read")?;
    let Some(Value::Map(environments)) = document.get(&["environments"]).map(|node| &node.value) else {
        return Ok(Vec::new());
    };
    let object = |key: &str| Object {
        collection: "environments".into(),
        key: key.to_owned(),
        tree: said(document.get(&["environments", key, "api_version"]).and_then(Node::text)),
    };
    Ok(environments.entries().iter().map(|entry| object(&entry.key.text)).collect())
}

fn said(version: Option<&str>) -> Tree {
    let mut map = Map::default();
    if let Some(version) = version {
        map.put("api_version", Tree::plain(version));
    }
    map.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(before: &str, after: &str) {
        let file = File { name: "pricebook.yaml".into(), text: before.into() };
        assert_eq!(with_version(&file, &["one", "two"], "2026-07-31").unwrap().text, after);
    }

    #[test]
    fn only_the_version_changes() {
        becomes(
            "catalog: catalog/ # here\nenvironments:\n  one:  { provider: commet, url: \"sandbox:a\" }   # local\n  two:\n    provider: commet # that one\n    url: https://commet.co/api/v1\n    api_version: 2026-07-11   # pinned\n    mode: live\n  three: { provider: commet, url: \"sandbox:b\" }\nguards: { max_price_increase: 25% }\n",
            "catalog: catalog/ # here\nenvironments:\n  one:  { provider: commet, url: \"sandbox:a\", api_version: 2026-07-31 } # local\n  two:\n    provider: commet # that one\n    url: https://commet.co/api/v1\n    api_version: 2026-07-31   # pinned\n    mode: live\n  three: { provider: commet, url: \"sandbox:b\" }\nguards: { max_price_increase: 25% }\n",
        );
        becomes(
            "environments:\n  one:\n    provider: commet\n    url: sandbox:a\n\n  # the other\n  three: { provider: commet, url: sandbox:b }\n",
            "environments:\n  one:\n    provider: commet\n    url: sandbox:a\n    api_version: 2026-07-31\n\n  # the other\n  three: { provider: commet, url: sandbox:b }\n",
        );
    }
}
