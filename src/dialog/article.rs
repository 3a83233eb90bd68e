//! What the company's articles say, offered in place of "I did not understand": never in place of a flow or of a person, who both stay on offer.

use super::Article;
use super::turn::Turn;
use crate::domain::ids::IntentId;
use minijinja::Value;

/// So many intents of an article are offered below it.
const MOST_OFFERED: usize = 2;

impl Turn<'_> {
    /// Shows what an article says, with its title, and offers what belongs to it.
    pub(super) fn show_article(&mut self, article: &Article) {
        self.rule("article");
        let key = if article.by_model { "article_by_model" } else { "article" };
        let link = article.link.as_deref().unwrap_or_default();
        self.reply(key, &[("text", Value::from(&*article.text)), ("title", Value::from(&*article.title)), ("link", Value::from(link))]);
        let known: Vec<IntentId> =
            article.intents.iter().filter(|intent| self.flows.flows.contains_key(*intent)).take(MOST_OFFERED).cloned().collect();
        self.offer_intents(&known, true);
    }
}
