//! The CI files that `init` writes.

use clap::ValueEnum;

use crate::provider::Provider;

/// Where the project will be reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ci {
    /// A GitHub workflow
    Github,
    /// A GitLab pipeline
    Gitlab,
    /// No CI file
    None,
}

/// The environment of a new project that CI works on.
const ENVIRONMENT: &str = "sandbox";

impl Ci {
    /// The file's name and text.
    pub(super) fn file(self, provider: &dyn Provider) -> Option<(&'static str, String)> {
        let (name, text) = match self {
            Self::Github => (".github/workflows/pricebook.yml", include_str!("workflow.yml")),
            Self::Gitlab => (".gitlab-ci.yml", include_str!("gitlab.yml")),
            Self::None => return None,
        };
        let text = text.replace("secrets.KEY", &format!("secrets.{}", key(provider)));
        let text = text
            .replace("{ KEY:", &format!("{{ {}:", key(provider)))
            .replace("variables: KEY,", &format!("variables: {},", key(provider)));
        Some((name, text.replace("ENVIRONMENT", ENVIRONMENT)))
    }
}

/// The variable that holds the key of that environment.
fn key(provider: &dyn Provider) -> &'static str {
    let named = provider.starter_environment().split_once("env: ").map(|(_, rest)| rest);
    named.and_then(|rest| rest.split([' ', '}']).next()).unwrap_or(provider.key_variable())
}
