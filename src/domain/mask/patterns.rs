//! How personal data is written, in the countries of the markets and their neighbours.

use super::Kind;
use regex::Regex;
use std::sync::LazyLock;

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed expression, a test uses it")
}

/// What looks like one of our own placeholders.
pub(super) static OWN_MARK: LazyLock<Regex> = LazyLock::new(|| constant(r"\[([A-Z]+_\d{1,4})\]"));

/// Digits in groups: 7 of them are a phone, an account, a parcel …
pub(super) static LONG_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| constant(r"[+＋]?\(?\d(?:[\s\-./()_\u{2010}-\u{2015}\u{A0}]{0,3}\d){5,}"));

/// A date with its year.
pub(super) static YEAR: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^(?:(\d{4})[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]{1,2}\d{1,2}[-./ ]{1,2}(\d{4}))$"));

const STREET: &str = "street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|square|sq|terrace|crescent|boulevard|blvd|gardens|grove|hill|row|mews|walk|parkway|highway";
const STRASSE: &str = "straße|strasse|str\\.|gasse|weg|platz|allee|damm|ufer|gatan|gata|vägen|väg|gränd|stigen|torget|straat|laan|plein|gracht|kade|katu|tie|kuja|vej|gade|veien|gate";

/// Kinds with what they look like.
pub(super) fn kinds() -> &'static [(Kind, Regex)] {
    static KINDS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
        [
            // What `redact` has left of cards and accounts.
            (Kind::Card, r"•{3,}(?:[ •]*[0-9]{4})?".to_owned()),
            (Kind::Iban, r"(?i)\b[a-z]{2}••[ •]*[0-9a-z]{0,4}".to_owned()),
            (Kind::Contact, r"[\p{L}\p{N}._%+'-]{1,64}\s?[@＠]\s?[\p{L}\p{N}-]+(?:\s?[.。]\s?[\p{L}\p{N}-]{2,})+".to_owned()),
            (Kind::Contact, r"(?i)[\p{L}\p{N}._%+-]{1,64}\s?(?:\(at\)|\[at\]|\{at\}|\sat\s)\s?[\p{L}\p{N}-]+\s?(?:\(dot\)|\[dot\]|\sdot\s|\.)\s?(?:com|org|net|io|co|se|de|uk|nl|fi|fr|es|it|no|dk|eu|at|ch|test|example)\b".to_owned()),
            (Kind::Contact, r"(?:^|\s)[@＠][\p{L}\p{N}_.]{3,}".to_owned()),
            (Kind::Link, r"(?i)\b(?:https?://|www\.)\S+".to_owned()),
            // Sweden, Denmark, Finland; Great Britain; USA; Spain; Italy; the Netherlands and others have long numbers, see there.
            (Kind::NationalId, r"\b(?:\d{2})?\d{6}\s?[-+]\s?\d{4}\b".to_owned()),
            (Kind::NationalId, r"(?i)\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b".to_owned()),
            (Kind::NationalId, r"\b\d{3}[- ]\d{2}[- ]\d{4}\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[XYZ]?\d{7,8}[- ]?[A-Z]\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[A-Z]{1,3}\d{6,9}\b".to_owned()),
            (Kind::NationalId, r"(?i)\b(?:ssn|nino|bsn|personnummer|henkilötunnus|hetu|cpr|dni|nie|steuer-?id|(?:passport|passnummer|social security|national insurance|tax|id card|ausweis)\s?(?:no|number|nummer|id|nr)?)[\s.:#]*(?:is|är|ist|on)?[\s:#]*[\p{L}\d-]*\d[\p{L}\d -]{3,}".to_owned()),
            (Kind::Birth, r"(?i)\b(?:born(?: on)?|dob|date of birth|birthday|geboren(?: am)?|född|geburtsdatum|födelsedatum|né(?:e)? le|nacid[oa] el)\b[\s:,is]*\d{1,4}[\s./-]+(?:\p{L}+|\d{1,2})[\s./,-]+\d{2,4}".to_owned()),
            (Kind::Address, format!(r"(?i)\b(?:(?:flat|apt|apartment|unit|lgh|whg)\.?\s?\d{{1,5}}[a-z]?,?\s+)?\d{{1,5}}\s?[a-z]?,?\s+(?:[\p{{L}}'.-]+\s+){{1,3}}(?:{STREET})\b\.?")),
            (Kind::Address, format!(r"(?i)\b[\p{{L}}-]*(?:\p{{L}}\s)?(?:{STRASSE})\s?\d{{1,4}}\s?[a-z]?\b")),
            (Kind::Address, r"(?i)\b\d{1,4}(?:\s?bis)?,?\s(?:rue|avenue|boulevard|place|allée|chemin|impasse|quai)\s(?:d[eu]s?\s|de la\s|l'|d')?[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+)?".to_owned()),
            (Kind::Address, r"(?i)\b(?:calle|avenida|carrer|via|viale|piazza|corso|rua)\s(?:\p{L}+\s){0,3}\p{L}+,?\s(?:n[.º°]?\s?)?\d{1,4}\b".to_owned()),
            (Kind::Address, r"(?i)\b(?:p\.?\s?o\.?\s?box|postfach|box)\s?\d{2,6}\b".to_owned()),
            (Kind::Address, r"(?i)\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b".to_owned()),
            (Kind::Address, r"\b(?:[A-Z]-)?\d{3}\s?\d{2}\s\p{Lu}\p{L}+".to_owned()),
            (Kind::Address, r"\b\d{4}\s?[A-Z]{2}\b(?:\s\p{Lu}\p{L}+)?".to_owned()),
            (Kind::Address, r"\b(?:[\p{Lu}][\p{L}]+,?\s)?[A-Z]{2}\s\d{5}(?:-\d{4})?\b".to_owned()),
        ]
        .into_iter()
        .map(|(kind, pattern)| (kind, constant(&pattern)))
        .collect()
    });
    &KINDS
}

/// Names behind the words that introduce them: one to three words that begin with a capital, or any two behind "my name is".
pub(super) static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let given = r"my name(?:'s| is)|my full name is|name:|mein name ist|ich heiße|ich heisse|jag heter|mitt namn är|je m'appelle|mon nom est|me llamo|mi nombre es|mi chiamo|ik heet|mijn naam is|nimeni on|jeg heter|mit navn er|signed,?|regards,?|sincerely,?|mvh,?|hälsningar,?|grüße,?|gruß,?|cordialement,?";
    let titles = r"mr|mrs|ms|miss|dr|prof|herr|frau|fru|señora?|monsieur|madame|mme|mevrouw|meneer|signora?";
    constant(&format!(
        r"(?x)(?i:\b(?:{})[\s\n]+)((?:\p{{L}}[\p{{L}}'’-]*)(?:\s\p{{Lu}}[\p{{L}}'’-]*){{0,3}})
        | (?i:\b(?:{titles})\.?\s)(\p{{Lu}}[\p{{L}}'’-]+(?:\s\p{{Lu}}[\p{{L}}'’-]+){{0,2}})
        | (?i:\b(?:i\ am|i'm|this\ is|ich\ bin|jag\ är|je\ suis|soy|sono|ik\ ben)\s)(\p{{Lu}}\p{{Ll}}[\p{{L}}'’-]+\s\p{{Lu}}[\p{{L}}'’-]+(?:\s\p{{Lu}}[\p{{L}}'’-]+)?)",
        given.replace(' ', r"\s")
    ))
});
