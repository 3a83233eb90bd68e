//! `redress chat`: the same engine in the terminal, on the demo's customers, without a server.

use super::Content;
use crate::dialog::Level;
use crate::domain::event::EventKind;
use crate::domain::merchants::Merchants;
use crate::domain::personas;
use crate::services::rehearsal::Rehearsal;
use crate::services::think::Thought;
use jiff::Timestamp;
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

/// Reads lines until the end of input; a number picks an option.
#[expect(clippy::print_stdout, reason = "the talk is the command's output")]
pub(super) fn run(content: &Content, customer: Option<&str>, level: u8) -> anyhow::Result<ExitCode> {
    let catalog = content.catalog()?;
    let merchants = Merchants::of(personas::load().merchants);
    let accounts = personas::accounts();
    let account = match customer {
        None => None,
        Some(id) => Some(
            accounts
                .into_iter()
                .find(|account| account.customer.id.as_str().eq_ignore_ascii_case(id))
                .ok_or_else(|| anyhow::anyhow!("there is no demo customer '{id}'; use P01 to P28"))?,
        ),
    };
    let level = Level(if account.is_some() { level } else { 0 });
    let now: Timestamp = personas::NOW.parse()?;
    let mut talk = Rehearsal::new(Arc::new(catalog), Arc::new(merchants), account, level, now);
    let prompts = std::io::stdin().is_terminal();
    println!("You talk to an AI assistant. /level N signs in, a number picks an option, Ctrl-D ends.");
    let mut input = std::io::stdin().lock();
    let mut line = String::new();
    loop {
        if prompts {
            print!("> ");
            std::io::stdout().flush()?;
        }
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        let said = line.trim();
        if said.is_empty() {
            continue;
        }
        let picked = said.parse::<usize>().ok().and_then(|number| talk.offered().into_iter().nth(number.checked_sub(1)?));
        let thought = match (said.strip_prefix("/level "), picked) {
            (Some(level), _) => match level.trim().parse::<u8>() {
                Ok(level @ 0..=2) => talk.sign_in(Level(level)),
                Ok(_) | Err(_) => {
                    println!("levels are 0, 1 and 2");
                    continue;
                }
            },
            (None, Some(option)) => talk.choose(&option),
            (None, None) => talk.say(said),
        };
        match thought {
            Some(thought) => show(&thought),
            None if talk.queued().is_some() => println!("(a person would answer now; the bot is silent)"),
            None => {}
        }
    }
}

#[expect(clippy::print_stdout, reason = "the talk is the command's output")]
fn show(thought: &Thought) {
    for event in &thought.events {
        match event.kind {
            EventKind::Message => println!("{}", event.data["text"].as_str().unwrap_or_default()),
            EventKind::Choices => {
                for (index, option) in event.data["options"].as_array().into_iter().flatten().enumerate() {
                    println!("  {}. {}", index + 1, option["label"].as_str().unwrap_or_default());
                }
            }
            EventKind::Card => {
                println!("  [{}]", event.data["title"].as_str().unwrap_or_default());
                for field in event.data["fields"].as_array().into_iter().flatten() {
                    println!("  {}: {}", field["label"].as_str().unwrap_or_default(), field["value"].as_str().unwrap_or_default());
                }
            }
            EventKind::Handoff => println!("(handed over to a person)"),
            EventKind::Action => println!("(done: {})", event.data["action"].as_str().unwrap_or_default()),
            EventKind::Closed => println!("(closed)"),
            EventKind::Notice | EventKind::RatingRequest | EventKind::Rating | EventKind::Note | EventKind::Decision => {}
        }
    }
}
