//! The command line.

pub mod bench;

/// Runs the command line and returns the exit status.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
