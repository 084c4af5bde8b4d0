use super::{Mode, Project, Url};
use crate::diagnostic::{Code, Finding, Sink, did_you_mean, one_of};
use crate::load::Document;
use crate::load::project::ApiKey;

/// What the types alone cannot say about a project.
pub(super) fn check(project: &Project, document: &Document, providers: &[&str], sink: &mut Sink) {
    let mut say = |path: &[&str], finding: Finding| sink.push(finding.at(document.locate(path)));
    if project.catalog.trim().is_empty() {
        say(&["catalog"], Finding::new(Code::BadSetting, "the catalog has no path").help("write it like catalog/"));
    }
    for (at, id) in project.lint.allow.iter().enumerate() {
        if let Err(finding) = Code::to_allow(id) {
            say(&["lint", "allow", &at.to_string()], Finding { code: Code::BadSetting, ..*finding });
        }
    }
    for (name, environment) in &project.environments {
        let at = |field| ["environments", name, field];
        if !providers.contains(&environment.provider.as_str()) {
            let finding = Finding::new(Code::ProviderUnknown, format!("unknown provider `{}`", environment.provider))
                .suggest(did_you_mean(&environment.provider, providers.iter().copied()))
                .help(format!("the providers are {}", one_of(providers.iter().copied())));
            say(&at("provider"), finding);
        }
        if matches!(environment.url, Url::Sandbox(_)) && environment.mode == Some(Mode::Live) {
            say(
                &at("mode"),
                Finding::new(Code::BadSetting, "the embedded server is never live").help("write `mode: sandbox`"),
            );
        }
        let times = &environment.timeouts;
        if times.connect == 0 || times.request == 0 || times.key_command == 0 {
            say(&at("timeouts"), Finding::new(Code::BadSetting, "a time-out of 0 seconds never works"));
        }
        if let Some(key) = &environment.api_key {
            let (field, text) = match key {
                ApiKey::Env(text) => ("env", text),
                ApiKey::File(text) => ("file", text),
                ApiKey::Command(text) => ("command", text),
            };
            let path = ["environments", name, "api_key", field];
            if text.trim().is_empty() {
                say(&path, Finding::new(Code::BadSetting, format!("`{field}` is empty")));
            } else if field == "env" && text.starts_with("ck_") {
                // A key where its variable's name should be; the text is not repeated.
                say(
                    &path,
                    Finding::new(Code::LiteralSecret, "this looks like an API key, not the name of a variable")
                        .help("write the variable's name; and replace a key that was committed"),
                );
            }
        }
    }
}
