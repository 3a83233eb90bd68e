//! Words that mean the same to a payment company's customers, little words that mean nothing here, and word endings.
//! A third view of the text is built from this, so that "package hasn't come" meets "parcel never arrived".

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Each line is one idea.
const IDEAS: &[&str] = &[
    "parcel package packet delivery shipment box paket pakke",
    "order purchase item items stuff thing things product goods bought ordered",
    "arrive arrived come came coming received receive recieved get got gotten delivered turned showed landed",
    "not never no nothing none dont didnt doesnt isnt wasnt arent havent hasnt hadnt wont cant cannot couldnt without still yet aint nor",
    "refund refunded refunds reimbursed reimbursement reimburse moneyback",
    "return returned returning returns sent send sending posted shipped mailed dropped back",
    "shop store merchant seller retailer brand company website site shops stores",
    "pay paid paying payment payments instalment instalments installment installments repay repayment",
    "money cash funds pounds quid euros dollars bucks",
    "late overdue delayed delay delays missed behind slow",
    "later postpone extend extension push move delay snooze defer moved pushed longer more",
    "bill invoice statement receipt contract agreement paperwork document pdf copy",
    "fee fees charge charges penalty surcharge interest",
    "charged debited taken took collected billed withdrawn deducted",
    "owe owed owing balance outstanding debt remaining left total",
    "due deadline date day when",
    "broken faulty defective damaged cracked smashed dead torn ripped broke",
    "wrong incorrect different mistake error mixed other",
    "fake counterfeit knockoff replica genuine authentic",
    "dispute claim case complaint ticket problem report reported",
    "recognise recognize recognised know unknown unfamiliar remember strange weird",
    "hacked hacker compromised breached stolen stole fraud fraudulent scam scammed scammer someone somebody",
    "login log signin sign password code access logged",
    "account profile user",
    "card visa mastercard bank debit credit",
    "human person agent someone representative advisor operator staff real",
    "cancel cancelled canceled cancelling canceling stop stopped",
    "change update edit switch modify amend changed updated correct",
    "address postcode street city house flat",
    "phone number mobile email mail name surname",
    "declined refused rejected denied blocked decline refuse approved",
    "limit allowance spend spending",
    "job work unemployed redundant salary wages income afford struggling broke hardship",
    "twice double duplicate two",
    "see show view display visible find shows showing list",
    "how what where which why who",
    "where track tracking status update news",
    "angry disgusting terrible awful unacceptable disgrace joke ridiculous worst",
    "lawyer court legal solicitor sue ombudsman regulator police press",
    "delete erase close remove closing deleted closed",
    "subscription membership trial recurring monthly",
    "settle settlement early payoff off clear full",
    "automatic automatically autopay auto direct",
    "died dead death passed bereavement funeral deceased widow",
    "ill sick hospital cancer illness depression",
];

/// Little words that say nothing about the topic.
const LITTLE: &str = "the a an is am are was were be been being i im ive my me you your we us our it its this that these those of in on at for from and or but so just please would could will shall should do does did have has had having to with about if as there here they them their he she his her hi hello hey thanks thank help need want like any some very really also too now then than by all can may might let one u ?  !";

/// Words that deny what comes after them.
const DENYING: &str = "not no never nobody none nothing neither nor without dont didnt doesnt isnt wasnt arent werent havent hasnt hadnt wont wouldnt cant cannot couldnt shouldnt aint inte ej icke aldrig ingen inget inga utan nicht kein keine keinen keiner nie niemals niemand ohne";
/// Words at which a denial ends: the other side of it begins.
const TURNING: &str = "but just only instead rather because since so however although though ? ! men bara eftersom aber sondern nur weil";
/// So many ideas a denial reaches.
const REACH: u8 = 3;

/// Follows a text word by word: which of its ideas are denied.
#[derive(Debug, Default)]
pub(crate) struct Denial {
    left: u8,
}

impl Denial {
    /// Takes the next word and says whether it is denied.
    pub(crate) fn covers(&mut self, word: &str) -> bool {
        if TURNS.contains(word) {
            self.left = 0;
        } else if DENIES.contains(word) {
            self.left = REACH;
        } else if self.left > 0 && !idea(word).is_empty() {
            self.left -= 1;
            return true;
        }
        false
    }
}

static DENIES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| DENYING.split_whitespace().collect());
static TURNS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| TURNING.split_whitespace().collect());

static BY_WORD: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut by_word = HashMap::new();
    for idea in IDEAS {
        let mut words = idea.split(' ');
        let first = words.next().unwrap_or_default();
        for word in std::iter::once(first).chain(words) {
            by_word.entry(word).or_insert(first);
        }
    }
    for word in LITTLE.split_whitespace() {
        by_word.insert(word, "");
    }
    by_word
});

/// The idea of a word: a shared name, its stem, or nothing for little words.
pub(crate) fn idea(word: &str) -> &str {
    if let Some(idea) = BY_WORD.get(word) {
        return idea;
    }
    let stem = stem(word);
    BY_WORD.get(stem).copied().unwrap_or(stem)
}

fn stem(word: &str) -> &str {
    for (ending, least) in [("ing", 6), ("ies", 5), ("ed", 5), ("es", 5), ("ly", 6), ("s", 4)] {
        if word.len() >= least
            && let Some(stem) = word.strip_suffix(ending)
        {
            return if ending == "s" && stem.ends_with('s') { word } else { stem };
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_meet_in_ideas() {
        for (one, other) in [
            ("package", "parcel"),
            ("havent", "never"),
            ("instalments", "paying"),
            ("refunding", "refund"),
            ("trousers", "trouser"),
            ("cancellation", "cancellation"),
        ] {
            assert_eq!(idea(one), idea(other), "{one} {other}");
        }
        for little in ["the", "please", "?"] {
            assert_eq!(idea(little), "");
        }
        assert_ne!(idea("refund"), idea("return"));
        assert_eq!(idea("dress"), "dress");
    }
}
