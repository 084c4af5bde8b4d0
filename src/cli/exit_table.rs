//! What each exit code means, for `explain`.

/// A row: the code, what it says, and what to do.
pub(crate) static EXITS: &[(u8, &str, &str)] = &[
    (0, "done", "Everything that was asked for is so. Warnings do not change that."),
    (
        1,
        "error",
        "Something that is neither the catalog nor a refusal of the API went wrong: the network, a file that cannot be \
         written, a ledger that cannot be read. The message says what. Running it again is safe.",
    ),
    (
        2,
        "there are changes",
        "Only where it was asked for: `plan --detailed-exitcode`, and commands with `--check`. It is an answer, not an \
         error. Objects that are only adopted or renamed in the files do not count.",
    ),
    (
        3,
        "the catalog or the command line is invalid; nothing was sent",
        "A finding about the files, an unknown flag, environment or code, or a saved changeset that is not what was \
         saved. Findings say file, line and column; `pricebook validate` lists all of them without a network.",
    ),
    (
        4,
        "a guard refused; nothing was sent",
        "The changeset is printed first, then the guards. Each has a code: `pricebook explain CODE` says what it means. \
         Change the files, or run it again with `--ack CODE` where the guard allows it.",
    ),
    (
        5,
        "the saved changeset is stale; nothing was sent",
        "Between `plan --out` and `apply FILE` somebody changed an object that the changeset touches. The message names \
         object and field. Plan again, and review what is different.",
    ),
    (
        6,
        "applied in part",
        "Some calls succeeded and some did not. The report says which, with the API's own words. What waited for a \
         failed call was not tried. Run apply again: it goes on from what is live.",
    ),
    (
        7,
        "the lock is held by somebody else",
        "Another apply runs on the same environment. The message says who holds the lock and since when. Wait for it; \
         nothing was sent.",
    ),
    (
        8,
        "the API refused the credentials",
        "The key is missing, wrong, or may not do this. The message names the variable that should hold it.",
    ),
    (
        130,
        "interrupted; calls in flight were finished",
        "Ctrl-C, or a signal from CI. What was done is remembered; run apply again to go on.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit;

    #[test]
    fn every_exit_code_of_the_help_is_explained() {
        let codes: Vec<u8> =
            exit::HELP.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
        assert!(codes.len() >= 9, "{codes:?}");
        for code in codes {
            let (_, title, text) = EXITS.iter().find(|(known, ..)| *known == code).unwrap();
            assert!(!title.ends_with('.') && text.ends_with('.'), "{code}");
        }
    }
}
