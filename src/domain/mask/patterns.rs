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
pub(super) static LONG_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"[+＋]?\(?\d(?:[\s\-./()_*·•|~\u{2010}-\u{2015}\u{2212}\u{30FC}\u{FF0D}\u{A0}]{0,3}\d){5,}(?i:\s?(?:ext|extension|x|durchwahl|dw|anknytning|toestel)\.?\s?\d{1,6}\b)?",
    )
});

/// A word of letters and digits that is long enough for a number of papers.
pub(super) static MIXED: LazyLock<Regex> = LazyLock::new(|| constant(r"\b[\p{L}\d]{8,}\b"));

/// A date with its year.
pub(super) static YEAR: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^(?:(\d{4})[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]{1,2}\d{1,2}[-./ ]{1,2}(\d{4}))$"));

const STREET: &str = "street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|square|sq|terrace|crescent|boulevard|blvd|gardens|grove|hill|row|mews|walk|parkway|highway";
const STRASSE: &str = "straße|strasse|str\\.?|gasse|weg|platz|allee|damm|ufer|chaussee|gatan|gata|vägen|väg|gränd|stigen|torget|strand|backen|gården|kajen|straat|laan|plein|gracht|kade|singel|dijk|burgwal|waal|steeg|dreef|katu|tie|kuja|polku|ranta|bulevardi|aukio|vej|gade|veien|gate|allé";
/// What may stand behind a number of a house: a stair, a floor, a flat.
const BEHIND: &str = r"(?:\s?[a-z]\b|[-\u{2013}/][IVX]{1,4}\b|\s?[-\u{2013}/]\s?\d{1,4}\s?[a-z]?\b)?(?:,?\s(?:lgh|whg|wohnung|hs|tr|og|eg|etage|bis|bst|as|stock)\b\.?\s?\d{0,4}|,?\s\d{1,2}\s?tr\b|\s\d{1,3}\b)?";
const STATES: &str = "ak|az|ar|ca|ct|dc|fl|ga|il|ia|ks|ky|md|mi|mn|mt|nv|nh|nj|nm|ny|nc|nd|oh|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy";

/// Kinds with what they look like.
pub(super) fn kinds() -> &'static [(Kind, Regex)] {
    static KINDS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
        [
            // What `redact` has left of cards and accounts.
            (Kind::Card, r"•{3,}(?:[ •]*[0-9]{4})?".to_owned()),
            (Kind::Iban, r"(?i)\b[a-z]{2}••[ •]*[0-9a-z]{0,4}".to_owned()),
            (Kind::Contact, r"[\p{L}\p{N}._%+'-]{1,64}\s?[@＠]\s?[\p{L}\p{N}-]+(?:\s?[.。]\s?[\p{L}\p{N}-]{2,})+".to_owned()),
            (Kind::Contact, r"(?i)[\p{L}\p{N}._%+-]{1,64}\s?(?:\(at\)|\[at\]|\{at\}|\sat\s)\s?[\p{L}\p{N}-]+\s?(?:\(dot\)|\[dot\]|\sdot\s|\.)\s?(?:com|org|net|io|co|se|de|uk|nl|fi|fr|es|it|no|dk|eu|at|ch|test|example)\b".to_owned()),
            (Kind::Contact, r"(?i)\b[\p{L}\p{N}._%+-]{1,64}\s(?:at|ät|arroba|kukka|chez)\s[\p{L}\p{N}-]+(?:\s(?:dot|punkt|punt|punto|piste)\s[\p{L}\p{N}-]{2,})+".to_owned()),
            (Kind::Contact, r"[\p{L}\p{N}._%+-]{2,64}[@＠][\p{L}\p{N}-]{2,}(?:[.,][\p{L}\p{N}-]{2,})*".to_owned()),
            (Kind::Contact, r"(?i)\b(?:insta|instagram|telegram|whatsapp|snap|snapchat|tiktok|skype|facebook|discord|line id)(?:\s(?:is|name|id|handle|user))*\s?[:=]?\s+[\p{L}\p{N}]*[\p{N}_.][\p{L}\p{N}_.]*[\p{L}\p{N}_]".to_owned()),
            (Kind::Contact, r"(?:^|[\s(:,;])[@＠][\p{L}\p{N}_.]{3,}".to_owned()),
            (Kind::Link, r"(?i)\b(?:https?://|www\.)\S+|\b(?:t|wa|fb|line)\.me/\S+|\b(?:facebook|instagram|linkedin|tiktok|twitter|x)\.com/\S+".to_owned()),
            // An account number that does not pass its check is one all the same.
            (Kind::Iban, r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b".to_owned()),
            // Sweden, Denmark, Finland; Great Britain; USA; Spain; Italy; the Netherlands and others have long numbers, see there.
            (Kind::NationalId, r"\b(?:\d{2})?\d{6}\s?[-+]\s?\d{4}\b".to_owned()),
            (Kind::NationalId, r"(?i)\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b".to_owned()),
            (Kind::NationalId, r"\b\d{3}[- ]\d{2}[- ]\d{4}\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[XYZ]?\d{7,8}[- ]?[A-Z]\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b".to_owned()),
            (Kind::NationalId, r"(?i)\b[A-Z]{1,3}\d{6,9}\b".to_owned()),
            (Kind::NationalId, r"\b\d{2}\s?\d{6}\s?[A-Z]\s?\d{3}\b".to_owned()),
            (Kind::NationalId, r"(?i)\b(?:ssn|nino|bsn|personnummer|henkilötunnus|hetu|cpr|fødselsnummer|itin|マイナンバー|dni|nie|steuer-?id|(?:passport|passnummer|social security|national insurance|tax|id card|ausweis|personalausweis|reisepass|paspoort|rijbewijs|körkort|driving licen[cs]e|driver.?s licen[cs]e)\s?(?:no|number|nummer|id|nr)?)[\s.:#]*(?:is|är|ist|on)?[\s:#]*[\p{L}\d-]*\d[\p{L}\d -]{3,}".to_owned()),
            (Kind::Birth, r"(?i)\b(?:born(?: on)?|dob|date of birth|birthday|geboren(?: am)?|född|geburtsdatum|födelsedatum|né(?:e)? le|nacid[oa] el)\b[\s:,is]*\d{1,4}[\s./-]+(?:\p{L}+|\d{1,2})[\s./,-]+\d{2,4}".to_owned()),
            (Kind::Birth, r"(?i)\b(?:born(?: on)?|dob|date of birth|birthday|geboren(?: am)?|född|geburtsdatum|födelsedatum|syntynyt|geboortedatum)\b[\s:,is]*\d{6}\b".to_owned()),
            (Kind::Address, format!(r"(?i)\b(?:(?:flat|apt|apartment|unit|suite|lgh|whg)\.?\s?[a-z]?\d{{0,5}}[a-z]?,?\s+)?\d{{1,5}}\s?[a-z]?(?:-\d{{1,4}})?,?\s+(?:[\p{{L}}\d'.-]+\s+){{1,3}}(?:{STREET})\b\.?(?:\s(?:n|s|e|w|nw|ne|sw|se)\b\.?)?(?:,?\s(?:flat|apt|apartment|unit|suite|ste|floor|#)\.?\s?#?[a-z]?\d{{1,5}}[a-z]?\b)?")),
            (Kind::Address, r"\b\p{Lu}[\p{L}'’-]+\s(?:\p{Lu}[\p{L}'’-]+\s)?(?:Street|Road|Lane|Avenue|Drive|Crescent|Terrace|Gardens|Grove|Boulevard|Square|Mews)\b".to_owned()),
            (Kind::Address, format!(r"(?i)\b(?:(?-i:\p{{Lu}})[\p{{L}}.'-]*\s){{0,2}}[\p{{L}}-]*(?:{STRASSE})\s?\d{{1,4}}{BEHIND}")),
            // "Unter den Linden 77", "Am Markt 3".
            (Kind::Address, r"\b(?:[Aa]m|[Aa]n de[rn]|[Aa]uf de[rm]|[Ii]m|[Ii]n der|[Zz]um|[Zz]ur|[Uu]nter den|[Vv]or dem)\s(?:\p{Lu}[\p{L}-]+\s){1,2}\d{1,3}\s?[a-z]?\b".to_owned()),
            (Kind::Address, format!(r"(?i)\b(?:\p{{L}}+,?\s)(?:{STATES})\s\d{{5}}\b")),
            (Kind::Address, r"(?i)\b\d{3}\s\d{2}\s\p{L}{3,}".to_owned()),
            // Japan, in its own letters and in ours.
            (Kind::Address, r"〒\s?\d{3}[-－]?\d{4}".to_owned()),
            (Kind::Address, r"(?:\p{Han}{2,3}[都道府県])?[\p{Han}\p{Hiragana}\p{Katakana}ー]{1,8}[市区町村郡][\p{Han}\p{Hiragana}\p{Katakana}ー]{1,10}[\d一二三四五六七八九十]{1,4}(?:[-－−‐丁目番地号の]{1,2}\d{0,4}){0,4}".to_owned()),
            (Kind::Address, r"(?i)\b\d{1,3}-\d{1,3}-\d{1,3},?\s[\p{L}-]+(?:,?\s[\p{L}-]+(?:-ku|-shi|-cho|-machi|-gun)\b)?".to_owned()),
            (Kind::Address, r"(?i)\b\p{L}+-(?:ku|shi|cho|machi|gun)\b".to_owned()),
            (Kind::Address, r"(?i)\b\d{1,4}(?:\s?bis)?,?\s(?:rue|avenue|boulevard|place|allée|chemin|impasse|quai)\s(?:d[eu]s?\s|de la\s|l'|d')?[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+)?".to_owned()),
            (Kind::Address, r"(?i)\b(?:calle|avenida|carrer|via|viale|piazza|corso|rua)\s(?:\p{L}+\s){0,3}\p{L}+,?\s(?:n[.º°]?\s?)?\d{1,4}\b".to_owned()),
            (Kind::Address, r"(?i)\b(?:p\.?\s?o\.?\s?box|postfach|postbus|postilokero|pl|box)\s?\d{2,6}(?:\s\d{2,4}){0,2}\b".to_owned()),
            (Kind::Address, r"(?i)\b(?:(?-i:\p{Lu})[\p{L}-]+,?\s)?[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b".to_owned()),
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
