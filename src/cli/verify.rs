//! `redress verify`: checks the books against themselves and against the accounts.

use super::Database;
use std::process::ExitCode;

/// Prints every problem; the exit status tells whether there was one.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer is the command's output")]
pub(super) async fn run(database: &Database) -> anyhow::Result<ExitCode> {
    let (accounts, wrong) = database.open().await?.check_books().await?;
    for problem in &wrong {
        eprintln!("{problem}");
    }
    if wrong.is_empty() {
        println!("the books of {accounts} customers balance and agree with their accounts");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("redress: the books have {} problem(s)", wrong.len());
    Ok(ExitCode::FAILURE)
}
