//! Which language a message is in, by its commonest little words. Cheap and careful: short or mixed texts are `und`.

use crate::understanding::normalize::Plain;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Little words by language, accents folded, apostrophes taken out.
const LITTLE_WORDS: &[(&str, &str)] = &[
    (
        "en",
        "the i you my is it to a and of for in on was have has do did not what when where why how can could would this that they are am be been with but still from your me im ive its dont didnt cant if get got pay paid please will want need been there an or now just",
    ),
    (
        "sv",
        "och att det jag inte en ar har min mitt mina ni kan pa av for med var nar hur vill ska fatt fick den detta fran om till men vad varfor betala har mig",
    ),
    (
        "da",
        "og at det jeg ikke en er har min mit mine jeg kan pa af med hvor hvornar hvordan vil skal faet fik den dette fra om til men hvad hvorfor mig",
    ),
    (
        "nb",
        "og det jeg ikke en er har min mitt mine dere kan pa av med hvor nar hvordan vil skal fatt fikk den dette fra om til men hva hvorfor meg",
    ),
    (
        "de",
        "und ich nicht das die der ist habe mein meine sie kann ein eine mit wo wann wie warum will ich zu auf fur wurde noch aber bitte mir es von den dem was hat bin",
    ),
    (
        "fi",
        "ja ei en on mina minun se mutta miksi missa milloin miten voinko olen ole haluan viela kun tama etta jos saanut maksaa kiitos onko mika",
    ),
    ("nl", "en ik niet het de een is heb mijn jullie kan met waar wanneer hoe waarom wil te op voor van dat nog maar geen er wat mij zijn"),
    (
        "fr",
        "et je ne pas le la les un une est mon ma mes vous ai avec ou quand comment pourquoi veux de du des pour mais encore que ce jai nai cest dans sur",
    ),
    ("es", "y yo no el la los las un una es mi mis he con donde cuando como por que quiero de para pero todavia lo se me ha ya puedo esta"),
    ("it", "e io non il lo la gli un una mio mia ho con dove quando come perche voglio di per ma ancora che ce mi sono della del si posso"),
    ("pt", "e eu nao o os um uma meu minha com onde quando como porque quero de para mas ainda que se me foi esta voce posso do da em"),
    ("pl", "i ja nie to jest moj moja mam z gdzie kiedy jak dlaczego chce do na ale jeszcze ze sie czy za moge prosze mi co"),
];

/// Languages by little word, as bits.
static BY_WORD: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut by_word = HashMap::new();
    for (bit, (_, words)) in LITTLE_WORDS.iter().enumerate() {
        for word in words.split(' ') {
            *by_word.entry(word).or_insert(0) |= 1 << bit;
        }
    }
    by_word
});

/// Words that are looked at.
const MOST_WORDS: usize = 60;

/// The BCP 47 language of a text, or `und`.
pub(crate) fn detect(plain: &Plain) -> &'static str {
    let mut counts = [0_u32; LITTLE_WORDS.len()];
    for word in plain.words().take(MOST_WORDS) {
        let mut bits = BY_WORD.get(word).copied().unwrap_or(0);
        while bits != 0 {
            counts[bits.trailing_zeros() as usize] += 1;
            bits &= bits - 1;
        }
    }
    let Some((best, &most)) = counts.iter().enumerate().max_by_key(|&(index, count)| (*count, std::cmp::Reverse(index))) else {
        return "und";
    };
    let second = counts.iter().enumerate().filter(|&(index, _)| index != best).map(|(_, &count)| count).max().unwrap_or(0);
    if most >= 2 && most > second { LITTLE_WORDS[best].0 } else { "und" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        for (text, language) in [
            ("where is my refund", "en"),
            ("I still haven't got the parcel", "en"),
            ("var är min återbetalning, jag har inte fått den", "sv"),
            ("wo ist meine Rückerstattung, ich habe nichts bekommen", "de"),
            ("missä minun tilaukseni on", "fi"),
            ("où est mon colis, je n'ai pas reçu", "fr"),
            ("waar is mijn pakket, ik heb het niet", "nl"),
            ("dónde está mi pedido, no lo he recibido", "es"),
            ("gdzie jest moja paczka, nie mam jej", "pl"),
            ("hi", "und"),
            ("NOR-48213", "und"),
            ("", "und"),
            ("我的退款在哪里", "und"),
        ] {
            assert_eq!(detect(&Plain::of(text)), language, "{text}");
        }
    }
}
