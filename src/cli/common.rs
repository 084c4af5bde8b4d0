//! Options that many commands take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Which project, environment and catalog.
#[derive(Clone, Debug, Args)]
pub(crate) struct Scope {
    /// The folder with pricebook.yaml
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The environment, by its name in pricebook.yaml
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// The base URL of the API, instead of the environment's
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The version of the API, instead of the environment's
    #[arg(long, value_name = "VERSION")]
    pub(crate) api_version: Option<String>,
    /// Only these addresses, and what they need: plans.pro, plans.*.prices. Nothing is deleted
    #[arg(long, value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// Everything but these addresses. Nothing is deleted
    #[arg(long, value_name = "GLOB")]
    pub(crate) except: Vec<String>,
    /// Send fields that the API never shows, although they cannot be compared
    #[arg(long)]
    pub(crate) write_unreadable: bool,
}

impl Scope {
    /// The flags that say the same again. `named`: the environment, also where it is the only one.
    pub(crate) fn flags(&self, named: Option<&str>) -> Vec<String> {
        let mut flags = Vec::new();
        let mut add = |name: &str, value: &str| flags.extend([name.to_owned(), value.to_owned()]);
        if let Some(folder) = &self.folder {
            add("-C", &folder.display().to_string());
        }
        for (name, value) in
            [("--env", named), ("--url", self.url.as_deref()), ("--api-version", self.api_version.as_deref())]
        {
            value.into_iter().for_each(|value| add(name, value));
        }
        self.only.iter().for_each(|glob| add("--only", glob));
        self.except.iter().for_each(|glob| add("--except", glob));
        if self.write_unreadable {
            flags.push("--write-unreadable".to_owned());
        }
        flags
    }
}

/// How to print.
#[derive(Clone, Debug, Args)]
pub(crate) struct Style {
    /// When to use colour; NO_COLOR is obeyed
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: Color,
    /// Say less on stderr
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Show more: every call, every field
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// How to print findings about files on stderr
    #[arg(long, value_enum, default_value_t = Findings::Human, value_name = "FORMAT", global = true)]
    pub(crate) findings: Findings,
}

/// How findings stand on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Findings {
    /// For people
    Human,
    /// GitHub workflow commands: annotations on the changed lines
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// In which form to print a changeset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    Human,
    /// For programs
    Json,
    /// For a comment on a pull or merge request
    Markdown,
    /// For a browser: one page with the plans before and after, and whom each change reaches
    Html,
}

/// In which form to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}
