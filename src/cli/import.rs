//! `redress import`: loads accounts, all or nothing.

use super::Database;
use crate::domain::account::Account;
use crate::domain::import::parse;
use crate::domain::merchants::Merchants;
use crate::domain::time::wall;
use anyhow::Context;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Reads, checks and stores a JSON Lines file; prints every problem at once and then stores nothing.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer is the command's output")]
pub(super) async fn run(file: &Path, database: &Database) -> anyhow::Result<ExitCode> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    let store = database.open().await?;
    let known = Merchants::of(store.merchants().await?);
    let import = match parse(&bytes, &known) {
        Ok(import) => import,
        Err(problems) => {
            for problem in &problems {
                eprintln!("{}: {problem}", file.display());
            }
            eprintln!("redress: nothing was imported: {} problem(s)", problems.len());
            return Ok(ExitCode::from(1));
        }
    };
    for warning in &import.warnings {
        eprintln!("{}: warning: {warning}", file.display());
    }
    let accounts: Vec<Account> = import.customers.into_iter().map(Account::new).collect();
    store.import(&import.merchants, &accounts, wall()).await?;
    println!("imported {} merchants and {} customers", import.merchants.len(), accounts.len());
    Ok(ExitCode::SUCCESS)
}
