//! A text as one YAML value on one line, so that it can be pasted into a file.

/// What YAML reads as something else than a text when it stands alone.
const NO_TEXT: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

/// The text as it is where nothing in it means anything to YAML, else in double quotes.
pub(crate) fn scalar(text: &str) -> String {
    let plain_sign = |c: char| c.is_alphanumeric() || " ,.;!?'’()/%£€$&+@=-_".contains(c);
    let is_plain = text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(plain_sign)
        && !NO_TEXT.contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cases::cases;
    use crate::yaml::diagnostic::Report;
    use crate::yaml::node::Content;
    use crate::yaml::read::tree;
    use proptest::prelude::*;

    fn read_back(value: &str) -> Option<String> {
        let mut report = Report::on("one.yaml");
        let root = tree(&format!("list:\n  - {value}\n"), &mut report)?;
        let Content::Map(entries) = root.content else { return None };
        let Content::List(items) = &entries.first()?.value.content else { return None };
        match &items.first()?.content {
            Content::Scalar { text, .. } => Some(text.clone()),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    #[test]
    fn quotes_stand_where_they_are_needed_only() {
        for (text, expected) in [
            ("where is my £20", "where is my £20"),
            ("it's late, isn't it?", "it's late, isn't it?"),
            ("order #12 never came", "\"order #12 never came\""),
            ("look: here", "\"look: here\""),
            ("- my money", "\"- my money\""),
            ("say \"hello\" \\", "\"say \\\"hello\\\" \\\\\""),
            ("[NAME_1] wrote", "\"[NAME_1] wrote\""),
            ("No", "\"No\""),
            ("12 days", "\"12 days\""),
        ] {
            assert_eq!(scalar(text), expected);
            assert_eq!(read_back(&scalar(text)).as_deref(), Some(text));
        }
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn what_is_written_is_read(words in prop::collection::vec("[^\\s\\p{C}]{1,12}", 1..8)) {
            let text = words.join(" ");
            prop_assert_eq!(read_back(&scalar(&text)), Some(text));
        }
    }
}
