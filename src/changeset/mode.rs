//! Whether an environment is what it says it is. The same check for every command that talks to an API.

use crate::changeset::{EnvironmentRef, Guard, Mode};

/// The guard against credentials of another mode. `answers` are whether real money moves, as the API and as the key
/// say; nothing where they do not say.
pub fn mode_mismatch(environment: &EnvironmentRef, answers: [Option<bool>; 2]) -> Option<Guard> {
    let said = environment.mode?;
    let mode = |livemode| if livemode { Mode::Live } else { Mode::Sandbox };
    let found = answers.into_iter().flatten().map(mode).find(|found| *found != said)?;
    let word = |mode| if mode == Mode::Live { "live" } else { "sandbox" };
    let message = format!(
        "the environment {} says `mode: {}`, but the API answers as {}: the key is another one's",
        environment.name,
        word(said),
        word(found)
    );
    Some(Guard::new("PB-G12", message, Vec::new()))
}
