//! What the company's articles say, offered in place of "I did not understand": never in place of a flow or of a person, who both stay on offer.

use super::Article;
use super::turn::Turn;
use crate::domain::ids::IntentId;
use minijinja::Value;

/// So many intents of an article are offered below it.
const MOST_OFFERED: usize = 2;

impl Turn<'_> {
    /// Shows what an article says, with its title, and offers what may be meant instead: these intents, or those that the article belongs to.
    pub(super) fn show_article(&mut self, article: &Article, meant: &[IntentId]) {
        self.rule("article");
        let key = if article.by_model { "article_by_model" } else { "article" };
        let link = article.link.as_deref().unwrap_or_default();
        self.reply(key, &[("text", Value::from(&*article.text)), ("title", Value::from(&*article.title)), ("link", Value::from(link))]);
        let own = article.intents.iter().filter(|intent| self.flows.flows.contains_key(*intent)).take(MOST_OFFERED);
        let offered: Vec<IntentId> = if meant.is_empty() { own.cloned().collect() } else { meant.to_vec() };
        self.offer_intents(&offered, true);
    }
}
