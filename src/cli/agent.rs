//! `redress agent add`: makes a desk sign-in.

use super::Database;
use crate::domain::handoff::QUEUES;
use crate::services::signin::hash_password;
use crate::store::desk::{Role, Skills};
use anyhow::{Context, anyhow};
use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

/// Asks for the password (or reads one line of standard input) and stores the agent.
#[expect(clippy::print_stdout, reason = "the answer is the command's output")]
pub(super) async fn add(name: &str, role: Role, skills: &Skills, database: &Database) -> anyhow::Result<ExitCode> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(anyhow!("an agent's name has 1 to 80 characters; its first word is what customers see"));
    }
    if let Some(unknown) = skills.skills.iter().find(|skill| !QUEUES.contains(&skill.as_str())) {
        return Err(anyhow!("'{unknown}' is no queue. --skills takes {}", QUEUES.join(", ")));
    }
    if let Some(wrong) = skills.languages.iter().find(|language| language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase())) {
        return Err(anyhow!("'{wrong}' is no language. --languages takes two letters each, such as en,sv"));
    }
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Password for {name}: ")).context("cannot ask for the password")?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    let hash = hash_password(&password).map_err(|problem| anyhow!(problem))?;
    database.open().await?.put_agent(name, role, skills, &hash, crate::domain::time::wall()).await?;
    println!("{name} can sign in at /desk");
    Ok(ExitCode::SUCCESS)
}
