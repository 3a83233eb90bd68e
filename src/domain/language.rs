//! Languages: what stands in several of them, and which one a person gets. English is always there; the rest falls back to it.

/// The language of a BCP 47 tag, without region and script: `sv` of `sv-SE`.
pub fn primary(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or_default()
}

/// Whether two tags name the same language, whatever the region.
pub fn same(one: &str, other: &str) -> bool {
    primary(one).eq_ignore_ascii_case(primary(other))
}

/// The name of a language in English, for the languages that are told apart; the tag itself for any other.
pub fn english_name(locale: &str) -> &str {
    match primary(locale) {
        "en" => "English",
        "sv" => "Swedish",
        "de" => "German",
        "da" => "Danish",
        "nb" => "Norwegian",
        "fi" => "Finnish",
        "nl" => "Dutch",
        "fr" => "French",
        "es" => "Spanish",
        "it" => "Italian",
        "pt" => "Portuguese",
        "pl" => "Polish",
        other => other,
    }
}

/// The languages in which the domain has its own sentences, month names and number signs. All others read English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Swedish.
    Swedish,
    /// German.
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::Swedish, Self::German];

    /// The language of a locale.
    pub fn of(locale: &str) -> Self {
        match primary(locale).to_ascii_lowercase().as_str() {
            "sv" => Self::Swedish,
            "de" => Self::German,
            _ => Self::English,
        }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Swedish => "sv",
            Self::German => "de",
        }
    }

    /// What stands in this language, of English, Swedish and German.
    pub fn pick<T>(self, english: T, swedish: T, german: T) -> T {
        match self {
            Self::English => english,
            Self::Swedish => swedish,
            Self::German => german,
        }
    }
}

/// Something that stands in English and perhaps in other languages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ByLanguage<T> {
    /// In English.
    pub english: T,
    /// In other languages, each with its code (`sv`).
    pub others: Vec<(String, T)>,
}

impl<T> ByLanguage<T> {
    /// In English only.
    pub fn english(english: T) -> Self {
        Self { english, others: Vec::new() }
    }

    /// In the languages of the domain, made in each.
    pub fn said(make: impl Fn(Language) -> T) -> Self {
        let other = |language: Language| (language.code().to_owned(), make(language));
        Self { english: make(Language::English), others: vec![other(Language::Swedish), other(Language::German)] }
    }

    /// In the language of that locale, or in English.
    pub fn get(&self, locale: &str) -> &T {
        self.others.iter().find(|(language, _)| same(language, locale)).map_or(&self.english, |(_, other)| other)
    }

    /// Whether it stands in that language.
    pub fn has(&self, language: &str) -> bool {
        same(language, "en") || self.others.iter().any(|(other, _)| same(other, language))
    }

    /// The same in each language, made of what stands there.
    pub fn map<U>(&self, make: impl Fn(&T) -> U) -> ByLanguage<U> {
        ByLanguage {
            english: make(&self.english),
            others: self.others.iter().map(|(language, other)| (language.clone(), make(other))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_gets_its_language_or_english() {
        let text = ByLanguage { english: "yes", others: vec![("sv".to_owned(), "ja"), ("pl".to_owned(), "tak")] };
        for (locale, expected) in
            [("sv", "ja"), ("sv-SE", "ja"), ("SV", "ja"), ("pl_PL", "tak"), ("en-GB", "yes"), ("de", "yes"), ("", "yes"), ("svx", "yes")]
        {
            assert_eq!(*text.get(locale), expected, "{locale}");
        }
        assert!(text.has("en-US") && text.has("sv") && !text.has("de"));
    }
}
