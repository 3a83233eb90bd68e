//! The keys of `prompts/replies.yaml`: the wording of repair, and the variables that each may use besides `today` and `locale`.

/// Every key with the variables that its templates may use.
pub const REPLY_KEYS: &[(&str, &[&str])] = &[
    // Small talk.
    ("greet", &["name"]),
    ("thanks", &[]),
    ("goodbye", &[]),
    ("all_right", &[]),
    ("say_more", &[]),
    ("are_you_bot", &[]),
    ("help", &["examples"]),
    ("help_open", &["title"]),
    // Not understood.
    ("not_understood", &["examples"]),
    ("not_understood_handover", &[]),
    ("clarify", &[]),
    ("article", &["text", "title", "link"]),
    ("article_by_model", &["text", "title", "link"]),
    ("rephrase", &[]),
    ("choice_gone", &[]),
    ("nothing_to_repeat", &[]),
    ("nothing_to_cancel", &[]),
    // Options.
    ("option_else", &[]),
    ("option_person", &[]),
    ("yes_label", &[]),
    ("no_label", &[]),
    // The answer did not fit.
    ("wrong_kind", &[]),
    ("wrong_kind_again", &[]),
    ("confirm_again", &[]),
    ("wrong_text", &[]),
    ("wrong_yes_no", &[]),
    ("wrong_choice", &[]),
    ("one_of_these", &[]),
    ("wrong_date", &[]),
    ("wrong_date_past", &[]),
    ("wrong_date_future", &[]),
    ("wrong_money", &[]),
    ("wrong_number", &["min", "max"]),
    ("wrong_reference", &[]),
    ("meant", &["day", "amount_minor", "currency", "thing"]),
    // The course of a flow.
    ("cancelled", &["title"]),
    ("nothing_changed", &[]),
    ("corrected", &[]),
    ("back_to", &["title"]),
    ("also_asked", &["title"]),
    ("too_deep", &["title"]),
    ("flow_changed", &["title"]),
    ("flow_gone", &["title"]),
    ("sign_in", &["title"]),
    ("step_up", &["title"]),
    ("still_there", &[]),
    // Languages.
    ("no_language", &[]),
    ("topic_not_in_language", &[]),
    ("language_changed", &[]),
    ("by_machine", &[]),
    // People.
    ("handover", &[]),
    ("flow_error", &[]),
    ("action_failed", &["why"]),
    ("returned", &[]),
    ("returned_open", &["title"]),
    // Told unasked: what time and facts from outside did to the account.
    ("told_dispute_moved", &["public_no", "merchant", "text"]),
    ("told_evidence_needed", &["public_no", "merchant", "due_on"]),
    ("told_payment_tomorrow", &["amount_minor", "currency", "merchant", "due_on", "autopay", "method"]),
    ("told_payment_failed", &["amount_minor", "currency", "merchant", "next_try_on", "ours"]),
    ("told_fee_charged", &["fee_minor", "open_minor", "currency", "merchant"]),
    ("told_refund_posted", &["amount_minor", "back_minor", "currency", "merchant", "left", "paused"]),
    ("told_parcel_late", &["merchant", "ref", "promised_on"]),
    ("told_offer_made", &["amount_minor", "disputed_minor", "currency", "merchant", "public_no"]),
    ("told_promise_late", &["due_on"]),
    ("evidence_received", &["name", "public_no", "merchant", "files"]),
];

/// Said when a reply itself cannot be rendered, which a checked catalog rules out.
pub(super) const LAST_RESORT: &str = "Sorry, something went wrong on my side. You can ask for a person at any time.";

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dialog::flow::TextId;
    use crate::dialog::texts;
    use minijinja::Environment;
    use std::collections::{BTreeMap, BTreeSet, HashMap};

    /// The replies of `prompts/replies.yaml`, whose lines are `key:` and `  language: "JSON string"`.
    pub(in crate::dialog) fn load(env: &mut Environment<'static>) -> HashMap<String, TextId> {
        let mut replies = HashMap::new();
        for (key, languages) in read() {
            for (language, text) in languages {
                let id = TextId(format!("reply/{key}.{language}"));
                texts::add_text(env, &id, &text).expect(&key);
                replies.insert(format!("{key}.{language}"), id);
            }
        }
        replies
    }

    fn read() -> BTreeMap<String, BTreeMap<String, String>> {
        let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut key = String::new();
        for line in include_str!("../../prompts/replies.yaml").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix("  ") {
                None => key = line.trim_end_matches(':').to_owned(),
                Some(entry) => {
                    let (language, text) = entry.split_once(": ").expect(line);
                    let text = serde_json::from_str(text).expect(line);
                    all.entry(key.clone()).or_default().insert(language.to_owned(), text);
                }
            }
        }
        all
    }

    #[test]
    fn every_key_is_worded_in_three_languages_and_uses_only_its_variables() {
        let mut env = texts::environment();
        load(&mut env);
        let all = read();
        let keys: BTreeSet<&str> = REPLY_KEYS.iter().map(|(key, _)| *key).collect();
        assert_eq!(all.keys().map(String::as_str).collect::<BTreeSet<_>>(), keys);
        for (key, variables) in REPLY_KEYS {
            assert!(["de", "en", "sv"].iter().all(|language| all[*key].contains_key(*language)), "{key}");
            for language in all[*key].keys() {
                let template = env.get_template(&format!("reply/{key}.{language}")).map(|template| template.undeclared_variables(false));
                for name in template.expect("was added") {
                    assert!(variables.contains(&name.as_str()), "{key}.{language} uses {name}");
                }
            }
        }
    }
}
