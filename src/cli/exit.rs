//! The exit codes, the same for every command and in every format.

/// Done.
pub(crate) const DONE: u8 = 0;
/// Something that is neither the user's catalog nor the API went wrong.
pub(crate) const ERROR: u8 = 1;
/// There are changes: `plan --detailed-exitcode`, `--check`.
pub(crate) const CHANGES: u8 = 2;
/// The catalog or the command line is invalid; nothing was sent.
pub(crate) const INVALID: u8 = 3;
/// A guard refused; nothing was sent.
pub(crate) const REFUSED: u8 = 4;
/// The saved changeset is stale; nothing was sent.
pub(crate) const STALE: u8 = 5;
/// Applied in part; the journal's path is printed.
pub(crate) const PARTIAL: u8 = 6;
/// The lock is held by somebody else.
pub(crate) const LOCKED: u8 = 7;
/// The API refused the credentials.
pub(crate) const CREDENTIALS: u8 = 8;
/// Interrupted; calls in flight were finished and journaled.
pub(crate) const INTERRUPTED: u8 = 130;

/// The table for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    error
  2    there are changes (plan --detailed-exitcode, drift, diff; --check of pull, fmt, schema)
  3    the catalog or the command line is invalid; nothing was sent
  4    a guard refused; nothing was sent
  5    the saved changeset is stale; nothing was sent
  6    applied in part; the journal's path is printed
  7    the lock is held by somebody else
  8    the API refused the credentials
  130  interrupted; calls in flight were finished and journaled";
