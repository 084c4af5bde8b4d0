use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox does not start. The text is for the person who must fix it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No provider has this name.
    #[error("there is no sandbox for the provider `{0}`; known are: {1}")]
    UnknownProvider(String, String),
    /// The address can be reached from outside.
    #[error(
        "{0} is not a loopback address: a sandbox has no real protection, so it only listens on this machine (127.0.0.1)"
    )]
    NotLoopback(SocketAddr),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Where it should have listened.
        address: SocketAddr,
        /// The operating system's word.
        reason: io::Error,
    },
    /// Another process has the data folder open.
    #[error("the data folder {} is in use by another sandbox; stop it, or give this one a folder of its own", .folder.display())]
    DataInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The data folder cannot be read or written.
    #[error("the data folder {} cannot be used: {reason}", .folder.display())]
    Data {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The access log cannot be written.
    #[error("cannot write the access log {}: {reason}", .path.display())]
    AccessLog {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        reason: io::Error,
    },
    /// The fault specification is wrong.
    #[error("cannot read the faults: {0}")]
    Faults(String),
    /// The seed file is wrong, or the API refused one of its requests.
    #[error("cannot apply the seed {}: {reason}", .path.display())]
    Seed {
        /// The file.
        path: PathBuf,
        /// Which request, and the answer it got.
        reason: String,
    },
}
