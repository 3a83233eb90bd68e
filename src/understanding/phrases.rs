//! Phrases of dialogue acts in Swedish and German, and for a person, thanks, greetings and farewells in ten languages. In the plain form
//! of texts: lower case, accents folded. The English ones and what becomes of all of them is in `acts`.

use super::Act;
use super::acts::Place::{self, Alone, Anywhere, Start};

/// Phrases, separated by `|`.
pub(super) const PHRASES: &[(Act, Place, &str)] = &[
    // Swedish.
    (
        Act::Human,
        Anywhere,
        "riktig manniska|en manniska|riktig person|prata med nagon|tala med nagon|prata med nan|snacka med nan|prata med en person|prata med personal",
    ),
    (Act::Human, Alone, "manniska|medarbetare|handlaggare|kundtjanst|kundservice|personal"),
    (
        Act::AreYouBot,
        Anywhere,
        "ar du en bot|ar du en robot|ar du bot|ar du en manniska|ar du manniska|ar du en riktig|ar du riktig|ar du en ai|ar du ai|ar det har en bot|ar det en bot|pratar jag med en|skriver jag med en",
    ),
    (
        Act::Correct,
        Start,
        "jag menade|nej jag menade|forlat jag menade|fel order|fel bestallning|fel kop|nej den andra|nej det andra|den andra|inte den|nej inte den|vanta nej|nej vanta|det blev fel|jag skrev fel|jag sa fel|jag tog fel|det var fel|mitt fel",
    ),
    (Act::Correct, Anywhere, "jag menade"),
    (
        Act::Cancel,
        Start,
        "glom det|glom det dar|strunta i det|skit i det|det var inget|det spelar ingen roll|jag har angrat mig|har angrat mig|jag angrade mig|lat bli",
    ),
    (Act::Cancel, Alone, "stopp|sluta|angra|tillbaka|borja om|avbryt det"),
    (
        Act::Repeat,
        Start,
        "kan du upprepa|upprepa|kan du saga det igen|kan du saga om det|sag det igen|vad sa du|en gang till|vad var fragan|fragan igen",
    ),
    (Act::Repeat, Alone, "va|va ?|hur sa ?|hursa ?|igen"),
    (Act::Help, Anywhere, "vad kan du gora|vad kan du hjalpa|vad kan jag fraga"),
    (Act::Help, Alone, "hjalp mig|kan du hjalpa mig|kan ni hjalpa mig|jag behover hjalp|behover hjalp|meny"),
    (
        Act::Skip,
        Start,
        "jag vet inte|vet ej|vet jag inte|det vet jag inte|ingen aning|har ingen aning|hoppa over|skippa|minns inte|jag minns inte|kommer inte ihag|jag kommer inte ihag|har inget|har ingen|jag har inget|jag har ingen|jag har inte det|det har jag inte|har inte det",
    ),
    (Act::Skip, Alone, "inget|ingen|inga|inget av dem|inget av dessa|ingen av dem|inget nummer|finns inte|finns inte har"),
    (Act::No, Alone, "inget|inget mer|nej det ar bra|det var allt|nix|nepp|na"),
    (
        Act::No,
        Start,
        "absolut inte|verkligen inte|inte alls|inte nu|inte idag|inte an|helst inte|nej det ar fel|det stammer inte|stammer inte|gor inte det",
    ),
    (
        Act::Yes,
        Start,
        "ja garna|ja gor det|jada|jajamen|jajamensan|absolut|visst|javisst|sjalvklart|okej|gor det|gor sa|kor|kor pa|kor pa det|det stammer|stammer|det ar ratt|det blir bra|det later bra|det gar bra|ja det gar bra|ja det stammer",
    ),
    (Act::Yes, Alone, "garna|precis|exakt|toppen|perfekt|bra|japp|jepp|jupp|yes"),
    (Act::Thanks, Anywhere, "tackar|tusen tack|tack for hjalpen"),
    (Act::Goodbye, Start, "hejda|ha det bra|ha det|ha det gott|vi hors|adjo|ha en bra dag|ha en fin dag|ha en trevlig"),
    (Act::Greet, Start, "halla|god morgon|god dag|god kvall|god eftermiddag|hej hej|tja|tjenare|tjo|hejsan hoppsan|goddag|godmorgon"),
    // German.
    (
        Act::Human,
        Anywhere,
        "echter mensch|echten menschen|einen menschen|einem menschen|richtigen menschen|echte person|echten person|mit jemandem sprechen|mit jemandem reden|mit jemand reden|mit jemand sprechen|mit wem sprechen|mit wem reden|mit einem mitarbeiter|mit einer mitarbeiterin|einen mitarbeiter|einen ansprechpartner",
    ),
    (Act::Human, Alone, "mensch|menschen|mitarbeiter|mitarbeiterin|kundendienst|kundenservice|ansprechpartner|support"),
    (
        Act::AreYouBot,
        Anywhere,
        "bist du ein bot|bist du ein roboter|bist du bot|bist du ein mensch|bist du ein echter|bist du mensch|bist du echt|bist du eine ki|bist du ne ki|bist du eine maschine|sind sie ein bot|sind sie ein roboter|sind sie ein mensch|sind sie ein echter|sind sie eine ki|sind sie eine maschine|ist das ein bot|ist das hier ein bot|spreche ich mit einem|schreibe ich mit einem|rede ich mit einem|chatte ich mit einem",
    ),
    (
        Act::Correct,
        Start,
        "ich meinte|nein ich meinte|ich meine|nein ich meine|sorry ich meinte|falsche bestellung|nein die andere|nein das andere|nein den anderen|die andere|das andere|den anderen|nein nicht die|nein nicht das|nicht die|das war falsch|das ist falsch|hab mich vertan|habe mich vertan|ich hab mich vertan|ich habe mich vertan|mein fehler|moment nein|nein moment|quatsch",
    ),
    (Act::Correct, Anywhere, "ich meinte"),
    (
        Act::Cancel,
        Start,
        "vergiss es|vergiss das|vergessen sie es|ist egal|schon gut|lass es|lassen sie es|lass gut sein|doch nicht|hat sich erledigt|hat sich schon erledigt|schon erledigt|ich habs mir anders uberlegt|ich hab es mir anders uberlegt|ich habe es mir anders uberlegt|habs mir anders uberlegt",
    ),
    (Act::Cancel, Anywhere, "vergiss es|anders uberlegt"),
    (Act::Cancel, Alone, "egal|abbruch|stopp|halt|zuruck|von vorn|von vorne|neu anfangen|aufhoren|hor auf|horen sie auf"),
    (
        Act::Repeat,
        Start,
        "wie bitte|nochmal bitte|noch mal bitte|noch einmal bitte|kannst du das wiederholen|konnen sie das wiederholen|wiederhol das|wiederholen|was hast du gesagt|was haben sie gesagt|was war die frage|wie war die frage|sag das nochmal",
    ),
    (Act::Repeat, Alone, "nochmal|noch mal|hae ?|ha ?|was ?|bitte ?|wie ?"),
    (
        Act::Help,
        Anywhere,
        "was kannst du|was konnen sie alles|wobei kannst du helfen|wobei konnen sie helfen|womit kannst du helfen|womit konnen sie mir helfen|was kann ich dich fragen",
    ),
    (Act::Help, Alone, "hilf mir|kannst du mir helfen|konnen sie mir helfen|konnt ihr mir helfen|ich brauche hilfe|brauche hilfe|menu"),
    (
        Act::Skip,
        Start,
        "ich weiss nicht|ich weiss es nicht|weiss ich nicht|weiss ich nicht mehr|das weiss ich nicht|weiss es nicht|weiss net|uberspringen|uberspring das|hab ich nicht|habe ich nicht|hab ich keine|habe ich keine|habe keine|hab keine|ich habe keine|ich hab keine|kann mich nicht erinnern|ich kann mich nicht erinnern|nicht bekannt|keinen plan",
    ),
    (
        Act::Skip,
        Alone,
        "keine|keiner|keins|keines|keine davon|nichts davon|keins davon|nichts|unbekannt|keine nummer|ist nicht dabei|nicht dabei",
    ),
    (Act::No, Alone, "keine davon|nichts davon|keins davon|nichts|nichts mehr|das wars|das war alles|ne|noe|passt schon"),
    (
        Act::No,
        Start,
        "auf keinen fall|lieber nicht|nicht jetzt|noch nicht|nicht wirklich|bitte nicht|keinesfalls|stimmt nicht|das stimmt nicht|das stimmt so nicht|leider nicht|leider nein|ne danke|nee danke|nein nein",
    ),
    (
        Act::Yes,
        Start,
        "ja gern|ja gerne|gerne|gern|klar|na klar|klaro|naturlich|selbstverstandlich|auf jeden fall|unbedingt|stimmt|das stimmt|stimmt so|das ist richtig|passt|das passt|passt so|in ordnung|einverstanden|mach das|mach das bitte|machen sie das|bitte machen|bitte mach das|jo|jep|jup|alles klar|tu das|tun sie das|geht klar|ja doch|ja genau|ja mach",
    ),
    (Act::Yes, Alone, "richtig|korrekt|super|perfekt|bitte|jawoll|jap|joa|mach|machen|leg los"),
    (
        Act::Thanks,
        Anywhere,
        "dankeschon|danke sehr|danke dir|danke ihnen|vielen lieben dank|besten dank|herzlichen dank|danke fur die hilfe",
    ),
    (Act::Goodbye, Start, "tschau|tschuss|bis dann|bis bald|bis spater|schonen tag|schonen tag noch|schonen abend|schones wochenende|ade"),
    (Act::Greet, Start, "guten abend|gruss gott|gruss dich|grussgott|grias di|hallochen|hallo zusammen|gruezi|moin moin|n abend|tach"),
    // Danish and Norwegian.
    (
        Act::Human,
        Anywhere,
        "et menneske|rigtigt menneske|rigtig person|ekte menneske|tale med nogen|snakke med noen|tale med en person|snakke med en person",
    ),
    (Act::Human, Alone, "menneske|medarbejder|medarbeider|kundeservice"),
    (Act::Thanks, Anywhere, "mange tak|tusen takk|takk for hjelpen|tak for hjaelpen"),
    (Act::Goodbye, Start, "farvel|hav en god dag|ha en fin dag|ha det"),
    (Act::Greet, Start, "goddag|godaften|god aften|hei hei"),
    // Finnish.
    (
        Act::Human,
        Anywhere,
        "oikea ihminen|oikealle ihmiselle|ihmisen kanssa|puhua ihmiselle|jutella ihmisen|asiakaspalvelijan|asiakaspalvelijalle|ihmista kiitos",
    ),
    (Act::Thanks, Anywhere, "kiitos paljon|kiitos avusta"),
    (Act::Goodbye, Start, "hei hei|heippa|moikka|hyvaa paivanjatkoa"),
    (Act::Greet, Start, "hyvaa paivaa|hyvaa huomenta|hyvaa iltaa|moikka|terve|huomenta"),
    // Dutch.
    (Act::Human, Anywhere, "een mens|een echt persoon|echt mens|iemand spreken|met iemand praten|een medewerker|een persoon spreken"),
    (Act::Human, Alone, "medewerker|klantenservice|mens"),
    (Act::Thanks, Anywhere, "dank je|dank u|dankjewel|bedankt|dank je wel|dank u wel"),
    (Act::Goodbye, Start, "tot ziens|doei|fijne dag|dag"),
    (Act::Greet, Start, "goedemorgen|goedemiddag|goedenavond|goededag|hoi"),
    // French.
    (
        Act::Human,
        Anywhere,
        "un humain|une vraie personne|vraie personne|un conseiller|une conseillere|parler a quelquun|parler a une personne|service client",
    ),
    (Act::Human, Alone, "humain|conseiller|personne"),
    (Act::Thanks, Anywhere, "merci beaucoup|merci bien|je vous remercie"),
    (Act::Goodbye, Start, "bonne journee|bonne soiree|a bientot"),
    (Act::Greet, Start, "bonsoir|bonjour a tous|coucou"),
    // Spanish and Portuguese.
    (
        Act::Human,
        Anywhere,
        "un humano|una persona real|hablar con una persona|hablar con alguien|un agente|atencion al cliente|um humano|uma pessoa real|falar com uma pessoa|falar com alguem|um atendente|um agente",
    ),
    (Act::Human, Alone, "humano|persona|agente|una persona|uma pessoa|pessoa|atendente"),
    (Act::Thanks, Anywhere, "muchas gracias|mil gracias|muito obrigado|muito obrigada|obrigada"),
    (Act::Goodbye, Start, "hasta luego|que tenga un buen dia|tchau|ate logo|tenha um bom dia"),
    (Act::Greet, Start, "buenas|buenas tardes|buenas noches|bom dia|boa tarde|boa noite|oi"),
    // Italian.
    (
        Act::Human,
        Anywhere,
        "un umano|una persona vera|persona reale|parlare con una persona|parlare con qualcuno|un operatore|servizio clienti",
    ),
    (Act::Human, Alone, "operatore|umano"),
    (Act::Thanks, Anywhere, "grazie mille|molte grazie"),
    (Act::Goodbye, Start, "arrivederci|buona giornata|buona serata"),
    (Act::Greet, Start, "buongiorno|buonasera|salve"),
    // Polish.
    (Act::Human, Anywhere, "z czlowiekiem|z konsultantem|z pracownikiem|porozmawiac z kims|zywym czlowiekiem|prawdziwym czlowiekiem"),
    (Act::Human, Alone, "czlowiek|konsultant|konsultanta"),
    (Act::Thanks, Anywhere, "dziekuje bardzo|bardzo dziekuje|dzieki"),
    (Act::Goodbye, Start, "do widzenia|milego dnia|na razie"),
    (Act::Greet, Start, "dzien dobry|dobry wieczor|witam|hejka"),
];

/// Words that add nothing to an act.
pub(super) const FILLERS: &str = "gern|gerne|mal|doch|snalla|garna|mycket|valdigt|jetzt|nu|ich|jag|das|det|es|dann|du|sie|sa|alles|hjalpen|hilfe|bra|gut|super|toppen|for|fur|die|dig|dir|ihnen|er|och|und|da";

#[cfg(test)]
mod tests {
    use super::super::acts::read;
    use super::*;
    use crate::understanding::normalize::Plain;

    #[test]
    fn acts_are_read_in_other_languages() {
        use Act::*;
        let cases: &[(&str, &[Act], bool)] = &[
            ("Ja, gärna", &[Yes], true),
            ("ja tack", &[Yes], true),
            ("okej kör på det", &[Yes], true),
            ("nej tack", &[No], true),
            ("nej, det är bra så", &[No], true),
            ("vet inte", &[Skip], true),
            ("jag har inget nummer", &[Skip], false),
            ("hoppa över", &[Skip], true),
            ("glöm det", &[Cancel], true),
            ("nej, jag menade den andra", &[Correct], true),
            ("vad kan du göra?", &[Help], true),
            ("kan du upprepa det?", &[Repeat], true),
            ("hej då, ha det bra", &[Goodbye], true),
            ("Hallå!", &[Greet], true),
            ("är du en robot?", &[AreYouBot], true),
            ("jag vill prata med en riktig människa", &[Human], false),
            ("ja gerne", &[Yes], true),
            ("klar, mach das bitte", &[Yes], true),
            ("nein danke", &[No], true),
            ("auf keinen Fall", &[No], true),
            ("weiß ich nicht", &[Skip], true),
            ("überspringen", &[Skip], true),
            ("vergiss es", &[Cancel], true),
            ("nein, ich meinte die andere", &[Correct], true),
            ("was kannst du?", &[Help], true),
            ("wie bitte?", &[Repeat], true),
            ("vielen Dank, tschüss", &[Goodbye, Thanks], true),
            ("Grüß Gott", &[Greet], true),
            ("bist du ein Mensch?", &[AreYouBot], true),
            ("ich will mit einem echten Menschen sprechen", &[Human], false),
            ("der mitarbeiter im laden war nett", &[], false),
            ("was ist mit meiner rückerstattung", &[], false),
            ("vad är det här", &[], false),
            ("je veux parler à un humain", &[Human], false),
            ("haluan puhua ihmiselle", &[Human], false),
            ("een medewerker aub", &[Human], false),
            ("dzień dobry", &[Greet], true),
            ("muito obrigado", &[Thanks], true),
            ("die die", &[], false),
        ];
        let mut wrong = Vec::new();
        for (text, acts, only) in cases {
            let got = read(&Plain::of(text));
            if (got.acts.as_slice(), got.only) != (*acts, *only) {
                wrong.push((*text, got));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
