//! The hand-over packet of a conversation as it stands now: reads what it is made of and lets `domain::packet` build it. And the transcript.

use super::Service;
use crate::domain::event::{AuthorKind, EventKind, Place};
use crate::domain::ids::ConversationId;
use crate::domain::packet::{Earlier, Given, packet};
use crate::store::StoreError;
use crate::store::search::{Filter, Found};
use serde_json::{Value, json};

/// Events that the packet looks back over.
const EVENTS: i64 = 500;
/// Earlier conversations that it names.
const EARLIER: i64 = 4;

impl Service {
    /// The packet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn packet(&self, conversation: &ConversationId) -> Result<Value, StoreError> {
        let ticket = self.store.newest_ticket(conversation).await?;
        let frozen: Option<Value> = ticket.as_ref().and_then(|ticket| serde_json::from_str(&ticket.packet).ok());
        let events = self.store.last_events(conversation, EVENTS).await?;
        let row = self.row(conversation).await?;
        let customer = row.as_ref().and_then(|row| row.customer.clone());
        let account = match &customer {
            Some(customer) => self.account(customer).await?,
            None => None,
        };
        let mut clocks = Vec::new();
        for clock in self.store.desk_clocks().await?.into_iter().filter(|clock| &clock.conversation == conversation) {
            clocks.push((clock.kind, clock.due_at));
        }
        let mut earlier = Vec::new();
        for found in self.history(conversation).await?.into_iter().take(usize::try_from(EARLIER).unwrap_or(4)) {
            let ticket = self.store.newest_ticket(&found.conversation).await?;
            earlier.push(Earlier { at: found.updated_at, intent: found.intent, code: ticket.and_then(|ticket| ticket.code) });
        }
        let merchants = self.merchants.load();
        let mut packet = packet(&Given {
            ticket: frozen.as_ref(),
            reason: ticket.as_ref().map(|ticket| ticket.reason.as_str()),
            queue: ticket.as_ref().map(|ticket| ticket.queue.as_str()),
            priority: ticket.as_ref().map(|ticket| ticket.priority),
            intent: ticket.as_ref().and_then(|ticket| ticket.intent.as_deref()),
            waiting_since: ticket.as_ref().map(|ticket| ticket.waiting_since),
            events: &events,
            account: account.as_deref(),
            merchants: &merchants,
            locale: row.as_ref().map_or("en", |row| &row.locale),
            clocks: &clocks,
            earlier: &earlier,
            now: self.clock.now(),
        });
        if let Some(summary) = self.last_summary(conversation) {
            packet["model_summary"] = json!(*summary);
        }
        Ok(packet)
    }

    /// The other conversations of the same customer, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(&self, conversation: &ConversationId) -> Result<Vec<Found>, StoreError> {
        let Some(customer) = self.row(conversation).await?.and_then(|row| row.customer.clone()) else { return Ok(Vec::new()) };
        let filter = Filter { customer: Some(customer.to_string()), most: 50, ..Filter::default() };
        let mut found = self.store.find(&filter).await?;
        found.retain(|found| &found.conversation != conversation);
        Ok(found)
    }

    /// What was said, as plain text, a line a message. For the desk with its notes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn transcript(&self, conversation: &ConversationId, desk: bool) -> Result<String, StoreError> {
        let mut text = format!("Conversation {conversation}\n\n");
        let mut after = Place::default();
        loop {
            let events = self.store.events_after(conversation, after, !desk, 500).await?;
            let Some(last) = events.last() else { return Ok(text) };
            after = last.place();
            for event in &events {
                let value = event.value();
                let who = match (event.by.kind, &event.by.name) {
                    (AuthorKind::Customer, _) => "Customer".to_owned(),
                    (AuthorKind::Bot, _) => "AI assistant".to_owned(),
                    (AuthorKind::Agent, name) => name.clone().unwrap_or_else(|| "Agent".to_owned()),
                    (AuthorKind::System, _) => "System".to_owned(),
                };
                let what = match event.kind {
                    EventKind::Message => value["text"].as_str().unwrap_or_default().to_owned(),
                    EventKind::Note => format!("[note] {}", value["text"].as_str().unwrap_or_default()),
                    EventKind::Notice => value["text"].as_str().unwrap_or_default().to_owned(),
                    EventKind::Handoff => format!("[{}]", value["state"].as_str().unwrap_or_default()),
                    EventKind::Closed => "[ended]".to_owned(),
                    EventKind::Rating => format!("[rated {} of 5]", value["score"]),
                    EventKind::Choices | EventKind::Card | EventKind::RatingRequest | EventKind::Decision | EventKind::Action => continue,
                };
                text.push_str(&format!("{}  {who}: {what}\n", event.at.strftime("%Y-%m-%d %H:%M UTC")));
            }
        }
    }
}
