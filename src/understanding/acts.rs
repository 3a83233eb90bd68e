//! Dialogue acts: yes, no, thanks, never mind, a person please. Read from phrases, not learned, so that they work on day one.

use crate::understanding::Act;
use crate::understanding::normalize::Plain;
use crate::understanding::{language, phrases};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Where a phrase counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere in the message.
    Anywhere,
    /// At the start, after fillers and other acts.
    Start,
    /// Only when the message says nothing else.
    Alone,
}
use Place::{Alone, Anywhere, Start};

/// The acts of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Acts {
    /// The acts, clearest first.
    pub(crate) acts: Vec<Act>,
    /// Whether the message says nothing else.
    pub(crate) only: bool,
}

/// Phrases, separated by `|`. Longer phrases win over shorter ones at the same place.
const PHRASES: &[(Act, Place, &str)] = &[
    (
        Act::Human,
        Anywhere,
        "human|humans|real person|a person|actual person|live person|real human|live agent|an agent|human agent|real agent|customer service|someone real|representative|live chat|talk to someone|speak to someone|speak with someone|talk with someone|chat with someone|talk to a person|speak to a person|talk to somebody|speak to somebody|supervisor|a manager|the manager|your manager|ihminen|asiakaspalvelija",
    ),
    (Act::Human, Alone, "person|agent|operator|person please|agent please|someone please"),
    (
        Act::AreYouBot,
        Anywhere,
        "are you a bot|are you a robot|are you bot|are you a human|are you human|are you real|are you a real person|are you a person|are you an ai|are you ai|you a bot|you a robot|is this a bot|is this a robot|is this a real person|is this a human|am i talking to a bot|am i talking to a robot|am i talking to a human|am i talking to a person|am i talking to a real person|am i speaking to a human|am i speaking to a real person|am i chatting with a bot|am i chatting to a bot|is this ai|is this an ai|is this automated|are you chatgpt",
    ),
    (
        Act::Correct,
        Start,
        "actually|no actually|sorry actually|actually no|wait actually|i meant|no i meant|sorry i meant|i mean|no i mean|sorry i mean|correction|no wait|wait no|no sorry|sorry no|no not that|not that|not that one|not this one|no not that one|no the other|no the other one|sorry the other|the other one|the other order|no the other order|thats wrong|that is wrong|thats not right|that is not right|wrong order|wrong one|wrong date|no its|no it was|sorry its|sorry it was|change that|change it to|change that to|i made a mistake|my mistake|my bad|scratch that|let me correct|i said|no i said|not what i meant|thats not what i meant|i didnt mean|oops",
    ),
    (Act::Correct, Anywhere, "i meant|i meant to say|sorry the other one|thats not the one|thats the wrong one|you picked the wrong"),
    (
        Act::Cancel,
        Start,
        "never mind|nevermind|nvm|forget it|forget about it|forget that|doesnt matter|it doesnt matter|leave it|drop it|dont bother|lets stop|stop this|stop that|i changed my mind|changed my mind|ive changed my mind|lets not|actually never mind|actually nevermind|actually forget it|actually leave it|no leave it|no never mind|no nevermind|no forget it",
    ),
    (Act::Cancel, Anywhere, "never mind|nevermind|changed my mind|nvm"),
    (
        Act::Cancel,
        Alone,
        "cancel|cancel that|cancel this|cancel it|stop|stop it|abort|quit|exit|start over|start again|restart|reset|go back|back|start from the beginning|avbryt|abbrechen|peruuta|annuler|cancelar",
    ),
    (
        Act::Repeat,
        Start,
        "repeat|repeat that|say that again|say again|say it again|come again|can you repeat|can you repeat that|could you repeat|could you repeat that|please repeat|what did you say|what did you just say|what was that|what was the question|whats the question|sorry what|can you say that again|could you say that again|ask me again|again please|one more time|i missed that|pardon|didnt catch that|i didnt catch that|what was that again",
    ),
    (Act::Repeat, Alone, "what|huh|again|eh|what ?|huh ?|sorry ?|pardon ?|come again ?"),
    (
        Act::Help,
        Anywhere,
        "what can you do|what can you help with|what can you help me with|what do you do|what can i ask|what can i ask you|what are my options|what can i do here|how can you help|how can you help me|how does this work here|what else can you do|what things can you do|what are you able to do",
    ),
    (
        Act::Help,
        Alone,
        "help|help me|menu|options|main menu|i need help|i need some help|can you help|can you help me|can someone help|can someone help me|could you help me|need help|hjalp|hilfe|apua|aide|ayuda",
    ),
    (
        Act::Skip,
        Start,
        "skip|skip that|skip this|skip it|pass|i dont know|dont know|i do not know|dunno|i dunno|no idea|i have no idea|not sure|im not sure|i am not sure|no clue|cant remember|i cant remember|i dont remember|dont remember|i dont have it|i dont have one|dont have one|dont have it|i havent got one|havent got one|havent got it|i dont have that|i dont have any|rather not say|id rather not|i would rather not|prefer not to say|not applicable|couldnt tell you|i couldnt say|beats me|vet inte|keine ahnung|weiss nicht|en tieda",
    ),
    (
        Act::Skip,
        Alone,
        "none|none of these|none of them|none of those|none of the above|neither|nothing|n a|na|unknown|no number|not listed|its not there|its not listed|not there|dont see it|i dont see it",
    ),
    (
        Act::No,
        Alone,
        "none|none of these|none of them|none of those|none of the above|neither|nothing|nothing else|nothing more|thats all|that is all|thats it|its fine|im good|im fine|all good|im ok|ei|non",
    ),
    (
        Act::No,
        Start,
        "no|no no|nah|nope|no way|not really|not at all|no thanks|no thank you|no thankyou|not now|not yet|not today|please dont|never|negative|of course not|absolutely not|certainly not|definitely not|i dont think so|dont think so|i think not|rather not|i dont want to|i dont want that|dont do it|dont do that|id rather not|nay|naw|nej|nein|nej tack|nein danke|nee|ei kiitos|nada|👎|thats not it|that is not it|incorrect|not correct|not quite|hell no|god no|not this time|i did not|i didnt|i havent|i have not|it isnt|it is not|it hasnt|they havent|they didnt",
    ),
    (
        Act::Yes,
        Start,
        "yes|yes yes|yep|yeah|yea|yeh|yeap|yup|yus|yah|yas|sure|sure thing|sure why not|why not|for sure|of course|ofc|certainly|definitely|absolutely|indeed|affirmative|ok|okay|okey|okie|oki|kk|ok then|okay then|alright|all right|alrighty|go ahead|go for it|go on|go on then|do it|do that|please do|do so|lets do it|lets do that|lets go|proceed|carry on|confirm|confirmed|i confirm|i agree|agreed|agree|deal|correct|thats correct|that is correct|thats right|that is right|thats fine|that is fine|thats ok|thats okay|thats good|that works|that works for me|works for me|sounds good|sounds great|sounds fine|sounds ok|looks good|looks right|thats it|thats the one|that one is right|yes please|id like that|i want that|i accept|accept|approve|approved|no problem|not a problem|no worries go ahead|by all means|if you could|if you can|ja|jag vill|jo|jaja|javisst|jawohl|ja bitte|ja tack|kylla|joo|juu|naturlich|👍|happy with that|im happy with that|go with that|lets go with that|yes i am",
    ),
    (
        Act::Yes,
        Alone,
        "right|perfect|great|exactly|true|please|i do|i did|i have|it is|it did|i would|fine|works|course|aye|ye|ya|y|k|tak|si|claro|oui|genau|thats me",
    ),
    (Act::No, Alone, "n|dont|do not"),
    (
        Act::Thanks,
        Anywhere,
        "thanks|thank you|thankyou|many thanks|thanks a lot|thanks so much|thanks very much|thank you so much|thank you very much|thanks a bunch|thanks a million|cheers|much appreciated|appreciate it|i appreciate it|appreciated|thats helpful|very helpful|tack|tack sa mycket|danke|danke schon|vielen dank|kiitos|kiitoksia|merci|gracias|grazie|obrigado|dziekuje|takk|bedankt",
    ),
    (
        Act::Thanks,
        Alone,
        "ta|lovely|brilliant|awesome|amazing|cool|nice|nice one|wonderful|excellent|no worries|you are a star|youre a star|you are great|lifesaver",
    ),
    (
        Act::Goodbye,
        Start,
        "bye|bye bye|byebye|goodbye|good bye|see you|see ya|see you later|cya|have a good day|have a nice day|have a great day|have a good one|take care|good night|goodnight|hej da|tschuss|auf wiedersehen|nakemiin|moi moi|au revoir|adios|ciao|later|talk later|talk to you later|ttyl",
    ),
    (Act::Goodbye, Anywhere, "goodbye|bye bye|have a good day|have a nice day|have a great day|have a good one|bye"),
    (
        Act::Greet,
        Start,
        "hi|hii|hiya|hello|helo|hallo|hey|heya|hey there|hi there|hello there|good morning|good afternoon|good evening|good day|morning|afternoon|evening|gday|greetings|yo|howdy|sup|whats up|hej|hejsan|tjena|guten tag|guten morgen|moin|moi|hei|terve|bonjour|salut|hola|buenos dias|ola|czesc|servus|anyone there|is anyone there|anybody there|are you there|hello is anyone there|how are you|how are you doing|hows it going|how are you today",
    ),
];

/// Words that add nothing to an act.
const FILLERS: &str = "please|well|oh|ah|hmm|hm|um|uh|er|erm|so|then|just|lol|haha|mate|bro|dude|man|sir|madam|dear|buddy|pal|team|friend|there|all|everyone|very|much|really|again|now|for|your|you|the|that|this|it|a|an|i|me|to|and|but|honestly|tbh|thats|is|its|do|with|today|of|be|want|would|like|id|need|my|help|let|lets|go|? |!|?|tack|bitte|kiitos|ok|okay|sorry|great|good|one";

/// Words of a phrase, where it counts, and what it does.
type Phrase = (Vec<&'static str>, Place, Act);

struct Phrases {
    by_first: HashMap<&'static str, Vec<Phrase>>,
    fillers: Vec<&'static str>,
}

static PHRASES_BY_WORD: LazyLock<Phrases> = LazyLock::new(|| {
    let mut by_first: HashMap<&'static str, Vec<Phrase>> = HashMap::new();
    for &(act, place, phrases) in PHRASES.iter().chain(phrases::PHRASES) {
        for phrase in phrases.split('|') {
            let words: Vec<&str> = phrase.split(' ').collect();
            by_first.entry(words[0]).or_default().push((words, place, act));
        }
    }
    for list in by_first.values_mut() {
        list.sort_by_key(|(words, _, _)| std::cmp::Reverse(words.len()));
    }
    let mut fillers: Vec<&str> = FILLERS.split('|').chain(phrases::FILLERS.split('|')).map(str::trim).collect();
    fillers.sort_unstable();
    fillers.dedup();
    Phrases { by_first, fillers }
});

/// Words that take a yes back: "ok but", "yes if", "sure, can you first".
const HEDGES: &[&str] = &[
    "but", "however", "wait", "first", "before", "except", "unless", "instead", "if", "dont", "cant", "wont", "though", "until", "why",
    "how", "aber", "men", "mutta",
];

/// Words after which a message is no longer "only an act", however short.
const LONGEST_PURE: usize = 14;

/// Reads the acts of a message.
pub(crate) fn read(plain: &Plain) -> Acts {
    if language::wished(plain).is_some() {
        return Acts { acts: vec![Act::Language], only: true };
    }
    let phrases = &*PHRASES_BY_WORD;
    // First as if the message said nothing else: then `Alone` phrases count.
    if plain.len() <= LONGEST_PURE
        && let Some(acts) = scan(plain, phrases, true)
    {
        return Acts { only: !acts.is_empty(), acts };
    }
    Acts { acts: scan(plain, phrases, false).unwrap_or_default(), only: false }
}

/// Walks through the words. With `alone`, gives `None` as soon as a word belongs to no act and is no filler.
fn scan(plain: &Plain, phrases: &Phrases, alone: bool) -> Option<Vec<Act>> {
    let mut acts: Vec<(u8, Act)> = Vec::new();
    let mut at = 0;
    let mut start = true;
    while at < plain.len() {
        let word = plain.word(at);
        let mut longest = 0;
        for (words, place, act) in phrases.by_first.get(word).map_or(&[][..], Vec::as_slice) {
            if words.len() < longest {
                break;
            }
            let counts = match place {
                Anywhere => true,
                Start => start,
                Alone => alone,
            };
            if counts && words.iter().enumerate().skip(1).all(|(i, word)| plain.word(at + i) == *word) {
                longest = words.len();
                if !acts.iter().any(|(_, known)| known == act) {
                    acts.push((rank(*act), *act));
                }
            }
        }
        if longest > 0 {
            at += longest;
        } else {
            if phrases.fillers.binary_search(&word).is_err() {
                if alone {
                    return None;
                }
                start = false;
            }
            at += 1;
        }
    }
    // "no, I meant …" is a correction, "no thanks" no thanks, "are you human?" no wish for a human.
    let has = |wanted: Act, acts: &[(u8, Act)]| acts.iter().any(|&(_, act)| act == wanted);
    if has(Act::AreYouBot, &acts) {
        acts.retain(|&(_, act)| act != Act::Human);
    }
    if has(Act::Yes, &acts) && has(Act::No, &acts) {
        // What was said first counts: "yes, no problem", "no, that's fine".
        let first = acts.iter().map(|&(_, act)| act).find(|act| matches!(act, Act::Yes | Act::No));
        acts.retain(|&(_, act)| !matches!(act, Act::Yes | Act::No) || Some(act) == first);
    }
    // The yes in "ok bye", "a person please" or "ok, never mind" agrees to nothing; "actually, yes" corrects nothing.
    let hedged = !alone && plain.words().any(|word| HEDGES.contains(&word));
    let other = |act: &Act| matches!(act, Act::Human | Act::AreYouBot | Act::Cancel | Act::Repeat | Act::Help | Act::Skip | Act::Goodbye);
    if hedged || acts.iter().any(|(_, act)| other(act)) {
        acts.retain(|&(_, act)| act != Act::Yes);
    }
    if alone && has(Act::Yes, &acts) {
        acts.retain(|&(_, act)| act != Act::Correct);
    }
    acts.sort_by_key(|&(rank, _)| rank);
    Some(acts.into_iter().map(|(_, act)| act).collect())
}

/// Clearer acts come first.
fn rank(act: Act) -> u8 {
    match act {
        Act::Human => 0,
        Act::AreYouBot => 1,
        Act::Language => 2,
        Act::Correct => 2,
        Act::Cancel => 3,
        Act::Repeat => 4,
        Act::Help => 5,
        Act::Skip => 6,
        Act::No => 7,
        Act::Yes => 8,
        Act::Goodbye => 9,
        Act::Thanks => 10,
        Act::Greet => 11,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_read() {
        use Act::*;
        let cases: &[(&str, &[Act], bool)] = &[
            ("yes", &[Yes], true),
            ("Yes please!", &[Yes], true),
            ("yep", &[Yes], true),
            ("yessss", &[Yes], true),
            ("go ahead", &[Yes], true),
            ("sure why not", &[Yes], true),
            ("ok do it", &[Yes], true),
            ("👍", &[Yes], true),
            ("that's fine", &[Yes], true),
            ("ja bitte", &[Yes], true),
            ("no", &[No], true),
            ("nah", &[No], true),
            ("Not really", &[No], true),
            ("nope.", &[No], true),
            ("no thanks", &[No], true),
            ("I don’t think so", &[No], true),
            ("no problem", &[Yes], true),
            ("no that's fine", &[No], true),
            ("nothing else thanks", &[No, Thanks], true),
            ("none of these", &[Skip, No], true),
            ("yes it never came", &[Yes], false),
            ("my parcel says yes", &[], false),
            ("yes but what does it cost?", &[], false),
            ("ok do it please, monday suits me", &[Yes], false),
            ("i have been hacked", &[], false),
            ("please cancel my order", &[], false),
            ("yes if it is free", &[], false),
            ("i havent asked them", &[No], false),
            ("never mind", &[Cancel], true),
            ("forget it", &[Cancel], true),
            ("stop", &[Cancel], true),
            ("cancel", &[Cancel], true),
            ("cancel my order", &[], false),
            ("stop the payments", &[], false),
            ("what did you say?", &[Repeat], true),
            ("what?", &[Repeat], true),
            ("what about my refund?", &[], false),
            ("what can you do?", &[Help], true),
            ("help", &[Help], true),
            ("help me pay this", &[], false),
            ("no, I meant the other order", &[Correct], true),
            ("no, I meant the one from Nordlys", &[Correct], false),
            ("actually the second one", &[Correct], false),
            ("sorry, the other", &[Correct], true),
            ("skip", &[Skip], true),
            ("I don't know", &[Skip], true),
            ("dunno tbh", &[Skip], true),
            ("hi", &[Greet], true),
            ("Hello there!", &[Greet], true),
            ("hi, where is my refund", &[Greet], false),
            ("thanks!", &[Thanks], true),
            ("ok thanks", &[Yes, Thanks], true),
            ("actually yes", &[Yes], true),
            ("ok, never mind", &[Cancel], true),
            ("please", &[Yes], true),
            ("thanks bye", &[Goodbye, Thanks], true),
            ("bye", &[Goodbye], true),
            ("can I talk to a human please", &[Human], false),
            ("a person please", &[Human], true),
            ("i want to speak to a real person", &[Human], false),
            ("are you a bot?", &[AreYouBot], true),
            ("are you human", &[AreYouBot], true),
            ("am i talking to a real person?", &[AreYouBot], true),
            ("asdf qwer", &[], false),
            ("", &[], false),
            ("???", &[], false),
        ];
        for (text, acts, only) in cases {
            let got = read(&Plain::of(text));
            assert_eq!((got.acts.as_slice(), got.only), (*acts, *only), "{text}");
        }
    }
}
