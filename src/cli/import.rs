//! `redress import`: loads accounts, all or nothing.

use super::Database;
use crate::domain::import::parse;
use anyhow::{Context, anyhow};
use std::collections::HashSet;
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
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        anyhow!("{}:{line}: this is not UTF-8. Save the file as UTF-8", file.display())
    })?;
    let store = database.open().await?;
    let known: HashSet<String> = store.merchants().await?.into_iter().map(|merchant| merchant.id).collect();
    let import = match parse(&text, &known) {
        Ok(import) => import,
        Err(problems) => {
            for problem in &problems {
                eprintln!("{}:{problem}", file.display());
            }
            eprintln!("redress: nothing was imported: {} problem(s)", problems.len());
            return Ok(ExitCode::from(1));
        }
    };
    store.import(&import.merchants, &import.customers).await?;
    println!("imported {} merchants and {} customers", import.merchants.len(), import.customers.len());
    Ok(ExitCode::SUCCESS)
}
