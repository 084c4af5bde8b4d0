//! Arguments in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A large catalog is millions of short texts, which this one holds in less memory and hands out sooner.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    pricebook::cli::main().into()
}
