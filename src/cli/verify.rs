//! `redress verify`: checks the books against themselves and against the accounts, and the chain of the log of privileged acts.

use super::Database;
use std::process::ExitCode;

/// Prints every problem; the exit status tells whether there was one.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer is the command's output")]
pub(super) async fn run(database: &Database) -> anyhow::Result<ExitCode> {
    let store = database.open().await?;
    let (accounts, mut wrong) = store.check_books().await?;
    let (acts, broken) = store.check_audit().await?;
    if let Some(n) = broken {
        wrong.push(format!("the log of privileged acts is broken at number {n}: it, or one before it, was changed or removed"));
    }
    for problem in &wrong {
        eprintln!("{problem}");
    }
    if wrong.is_empty() {
        println!("the books of {accounts} customers balance and agree with their accounts; the log of {acts} privileged acts is whole");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("redress: there are {} problem(s)", wrong.len());
    Ok(ExitCode::FAILURE)
}
