use crate::cli::common::Scope;
use crate::cli::failure::Stop;
use crate::load::project;
use crate::provider::Provider;

/// The environment that was chosen, by name or by URL.
pub(crate) struct Chosen<'p> {
    pub(crate) name: String,
    pub(crate) url: project::Url,
    pub(crate) environment: Option<&'p project::Environment>,
}

impl<'p> Chosen<'p> {
    /// `provider` is the catalog's, where there is one.
    pub(crate) fn of(
        scope: &Scope,
        read: Option<&'p project::Loaded>,
        provider: Option<&dyn Provider>,
    ) -> Result<Self, Stop> {
        let given = scope.url.as_deref().map(str::parse::<project::Url>).transpose().map_err(|why| {
            let words = why.split_once(": ").map_or(why.as_str(), |(_, words)| words);
            let (what, help) = words.split_once('\n').unwrap_or((words, ""));
            Stop::invalid(format!("--url: {what}")).help(help)
        })?;
        let named = match (&scope.env, read) {
            (Some(name), Some(read)) => {
                let Some(project) = &read.project else { return Err(Stop::invalid("pricebook.yaml is invalid")) };
                let environment = project
                    .environment(name, read.document.as_ref())
                    .map_err(|finding| Stop::Findings(vec![*finding]))?;
                Some((name.clone(), environment))
            }
            (Some(name), None) => {
                return Err(Stop::invalid(format!("there is no pricebook.yaml, so there is no environment `{name}`")));
            }
            (None, Some(read)) if given.is_none() => {
                let Some(project) = &read.project else { return Err(Stop::invalid("pricebook.yaml is invalid")) };
                let mut environments = project.environments.iter();
                match (environments.next(), environments.next()) {
                    (Some((name, environment)), None) => Some((name.clone(), environment)),
                    (None, _) => {
                        return Err(Stop::invalid("pricebook.yaml has no environments").help("add one, or give --url"));
                    }
                    _ => {
                        let names: Vec<&str> = project.environments.keys().map(String::as_str).collect();
                        return Err(Stop::invalid("which environment is meant?")
                            .help(format!("say --env with one of {}", names.join(", "))));
                    }
                }
            }
            _ => None,
        };
        if let (Some((name, environment)), Some(provider)) = (&named, provider)
            && environment.provider != provider.name()
        {
            return Err(Stop::invalid(format!(
                "the catalog is for {}, but the environment {name} is {}",
                provider.name(),
                environment.provider
            )));
        }
        match (given, named) {
            (Some(url), Some((name, environment))) => Ok(Self { name, url, environment: Some(environment) }),
            (Some(url), None) => Ok(Self { name: host(&url), url, environment: None }),
            (None, Some((name, environment))) => {
                Ok(Self { name, url: environment.url.clone(), environment: Some(environment) })
            }
            (None, None) => Err(Stop::invalid("there is no pricebook.yaml, and no URL was given")
                .help("give --url URL, or make a project with `pricebook init`")),
        }
    }
}

/// `127.0.0.1:8787` of a URL: what an environment without a name is called.
fn host(url: &project::Url) -> String {
    match url {
        project::Url::Sandbox(folder) => folder.clone(),
        project::Url::Http(url) => {
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            rest.split('/').next().unwrap_or(rest).to_owned()
        }
    }
}
