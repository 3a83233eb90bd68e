//! `redress agent add`: makes a desk sign-in.

use super::Database;
use crate::services::desk::hash_password;
use crate::store::desk::Role;
use anyhow::{Context, anyhow};
use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

/// Asks for the password (or reads one line of standard input) and stores the agent.
#[expect(clippy::print_stdout, reason = "the answer is the command's output")]
pub(super) async fn add(name: &str, role: Role, database: &Database) -> anyhow::Result<ExitCode> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(anyhow!("an agent's name has 1 to 80 characters; its first word is what customers see"));
    }
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Password for {name}: ")).context("cannot ask for the password")?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    let hash = hash_password(&password).map_err(|problem| anyhow!(problem))?;
    database.open().await?.put_agent(name, role, &hash, crate::domain::time::wall()).await?;
    println!("{name} can sign in at /desk");
    Ok(ExitCode::SUCCESS)
}
