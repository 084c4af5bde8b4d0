mod ci;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::common::Style;
use crate::cli::failure::Stop;
use crate::cli::{exit, print};
use crate::load::{project, schema};
use crate::provider::{self, Provider};

use ci::Ci;

/// What `init` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder to make it in; this one when left out
    #[arg(value_name = "DIR", conflicts_with = "folder")]
    path: Option<PathBuf>,
    /// The folder to make it in
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Whose API the catalog is for
    #[arg(long, value_name = "NAME", default_value = "commet")]
    provider: String,
    /// Whose CI is to review and apply it
    #[arg(long, value_enum, default_value_t = Ci::Github)]
    ci: Ci,
}

/// What does not belong into git.
pub(super) const GITIGNORE: &str = "# What belongs to this machine. Ledgers (.pricebook/*.ledger.json) belong into git.\n/.pricebook/*\n!/.pricebook/*.ledger.json\n/.pricebook/local.ledger.json\n";

/// Makes a project whose first `plan` and `apply` work at once, on the embedded server.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let Some(provider) = provider::by_name(&arguments.provider) else {
        return Err(Stop::invalid(format!("there is no provider `{}`", arguments.provider))
            .help(format!("the providers are {}", provider::names().join(", "))));
    };
    let folder = arguments.path.as_deref().or(arguments.folder.as_deref()).unwrap_or(Path::new("."));
    let files = files(provider, arguments.ci);
    let own = |name: &str| name == project::FILE_NAME || name.starts_with("catalog/");
    let there: Vec<&str> =
        files.iter().map(|(name, _)| name.as_str()).filter(|name| folder.join(name).exists()).collect();
    if let Some(name) = there.iter().find(|name| own(name)) {
        return Err(Stop::invalid(format!("{} is there already; nothing was written", folder.join(name).display()))
            .help("init makes a new project; `pricebook plan` goes on with this one"));
    }
    let mut said = String::new();
    for (name, text) in &files {
        let path = folder.join(name);
        // A repository has some of the rest already; it knows best.
        if there.contains(&name.as_str()) {
            said.push_str(&format!("  {name} (kept as it is)\n"));
            continue;
        }
        let write = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&path, text)
        };
        write().map_err(|why| Stop::new(exit::ERROR, format!("{} cannot be written: {why}", path.display())))?;
        said.push_str(&format!("  {name}\n"));
    }
    let here = folder == Path::new(".");
    let place = if here { String::new() } else { format!(" -C {}", folder.display()) };
    print(
        &format!(
            "A project for {}:\n{said}\nNext:\n  pricebook plan{place} --env local     see what would be created, on the embedded server\n  pricebook apply{place} --env local    create it there\n{}",
            provider.title(),
            if arguments.ci == Ci::None {
                ""
            } else {
                "In the CI file, write the repository that you got Pricebook from where OWNER/pricebook stands\n"
            }
        ),
        style,
    );
    Ok(exit::DONE)
}

fn files(provider: &dyn Provider, ci: Ci) -> Vec<(String, String)> {
    let name = provider.name();
    // A new project begins with today's version, everywhere the same.
    let version = match provider.api_versions() {
        [_, .., newest] => format!(", api_version: {newest}"),
        _ => String::new(),
    };
    let schema_file = format!("schemas/{name}.schema.json");
    let files = [
        (
            project::FILE_NAME,
            format!(
                "# yaml-language-server: $schema=schemas/pricebook.schema.json\n\
                 catalog: catalog/\n\
                 environments:\n  \
                 # The embedded server: it starts by itself and keeps its data in this folder.\n  \
                 local: {{ provider: {name}, url: \"sandbox:.pricebook/local\"{version} }}\n  \
                 sandbox: {}\n\
                 guards: {{ max_price_increase: 25%, max_price_decrease: 50% }}\n",
                provider.starter_environment()
            ),
        ),
        ("catalog/catalog.yaml", provider.starter().to_owned()),
        (".gitignore", GITIGNORE.to_owned()),
        (".vscode/settings.json", include_str!("init/settings.json").replace("PROVIDER", name)),
        (schema_file.as_str(), format!("{:#}\n", provider.schema())),
        ("schemas/pricebook.schema.json", format!("{:#}\n", schema::of::<project::Project>("Pricebook project file"))),
    ];
    files.into_iter().chain(ci.file(provider)).map(|(name, text)| (name.to_owned(), text)).collect()
}
