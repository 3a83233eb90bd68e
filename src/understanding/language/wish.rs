//! "Auf Deutsch bitte", "svenska tack", "can we speak english": a message that asks for a language and says nothing else.

use crate::understanding::normalize::Plain;

/// What each language is called in the twelve languages, in the plain form of texts.
const NAMES: &[(&str, &str)] = &[
    ("en", "english engelska englisch engelsk englanti englanniksi englantia engels anglais ingles inglese angielsku angielski"),
    ("sv", "swedish svenska schwedisch svensk ruotsi ruotsiksi ruotsia zweeds suedois sueco svedese szwedzku szwedzki"),
    ("de", "german tyska deutsch tysk saksa saksaksi saksaa duits allemand aleman alemao tedesco niemiecku niemiecki"),
    ("da", "danish danska danisch daenisch dansk tanska tanskaksi tanskaa deens danois danes dinamarques danese dunsku dunski"),
    ("nb", "norwegian norska norwegisch norsk norja norjaksi norjaa noors norvegien noruego noruegues norvegese norwesku norweski"),
    ("fi", "finnish finska finnisch finsk suomi suomeksi suomea fins finnois finlandes finlandese finsku finski"),
    (
        "nl",
        "dutch nederlandska hollandska niederlandisch hollandisch hollandsk nederlandsk hollanti hollanniksi nederlands hollands neerlandais holandes neerlandes olandese niderlandzku holenderski",
    ),
    ("fr", "french franska franzosisch franzoesisch fransk ranska ranskaksi ranskaa frans francais frances francese francusku francuski"),
    (
        "es",
        "spanish spanska spanisch spansk espanja espanjaksi espanjaa spaans espagnol espanol espanhol castellano spagnolo hiszpansku hiszpanski",
    ),
    ("it", "italian italienska italienisch italiensk italia italiaksi italiaa italiaans italien italiano wlosku wloski"),
    (
        "pt",
        "portuguese portugisiska portugiesisch portugisisk portugali portugaliksi portugalia portugees portugais portugues portoghese portugalsku portugalski",
    ),
    ("pl", "polish polska polnisch polsk puola puolaksi puolaa pools polonais polaco polacco polsku polski"),
];

/// Words before the name of the language that is wished for.
const IN: &str = "in auf pa til to en em po op i au";

/// Words that may stand around the wish.
const AROUND: &str = "please pls bitte tack takk tak kiitos graag alsjeblieft aub svp merci por favor per favore prosze obrigado gracias grazie danke thanks \
    can could may we you i u us do does speak talk write chat answer reply respond continue switch change use go on only now again instead prefer want \
    would like my language kannst konnen koennen du sie wir ich antworten schreiben sprechen sprechst sprich antworte schreib weiter machen reden \
    kan vi ni jag snacka prata skriva svara tala ta det pratar ar talar byt hellre vill gor byta sprak snalla istallet stattdessen om man jeg dere skrive snakke \
    svare tale gerne helst heller voitko voidaanko voitteko puhua kirjoittaa vastata puhutko kunnen we jij je kunt u ik praten spreken antwoorden liever \
    on peut vous tu parler ecrire repondre parlez puedes puede podemos hablar escribir habla hablas s sil il plait plutot possiamo puoi parlare \
    scrivere parli pode podemos falar escrever fala mozemy mozna czy mowic pisac ? ! the is it possible so then just mit mir uns hier bitteschon \
    let lets let's keep stay back hi hello hej hallo hei moi ciao hola bonjour ola czesc yes no ja nej nein sorry";

/// The language that a message asks for, when that is all that it says.
pub(crate) fn wished(plain: &Plain) -> Option<&'static str> {
    if plain.len() == 0 || plain.len() > 12 {
        return None;
    }
    let has = |list: &str, word: &str| list.split_ascii_whitespace().any(|known| known == word);
    let named = |word: &str| NAMES.iter().find(|(_, names)| has(names, word)).map(|(language, _)| *language);
    let mut wished: Option<(&'static str, bool)> = None;
    for (at, word) in plain.words().enumerate() {
        if let Some(language) = named(word) {
            let asked = at > 0 && has(IN, plain.word(at - 1));
            match wished {
                // Two names: the one that is asked for counts; two that are both asked for are no wish.
                Some((other, before)) if other != language && before == asked => return None,
                Some((_, true)) if !asked => {}
                Some(_) | None => wished = Some((language, asked)),
            }
        } else if !has(AROUND, word) && !has(IN, word) {
            return None;
        }
    }
    wished.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_for_a_language_are_heard() {
        for (text, language) in [
            ("auf Deutsch bitte", Some("de")),
            ("svenska tack", Some("sv")),
            ("in english please", Some("en")),
            ("English", Some("en")),
            ("can you speak German?", Some("de")),
            ("kan vi ta det på svenska?", Some("sv")),
            ("kan vi ta det på engelska istället", Some("en")),
            ("kan vi ta det på engelska", Some("en")),
            ("können wir deutsch schreiben?", Some("de")),
            ("suomeksi kiitos", Some("fi")),
            ("en français s'il vous plaît", Some("fr")),
            ("po polsku proszę", Some("pl")),
            ("parli italiano?", Some("it")),
            ("på norsk takk", Some("nb")),
            ("do you speak english or german", None),
            ("not german, in english please", None),
            ("switch from german to english", None),
            ("the invoice is in german", None),
            ("i want my money back", None),
            ("danish parcel lost", None),
            ("please", None),
            ("", None),
        ] {
            assert_eq!(wished(&Plain::of(text)), language, "{text}");
        }
    }
}
