//! From the judgements of a message and its pieces to what to do: pure rules over numbers.

use crate::understanding::learned::Judgement;

/// A reading is worth asking about when its best two or three intents carry this much together.
const CLARIFY_TOGETHER: f32 = 0.42;
/// Each intent that is asked about has at least this much.
pub(crate) const WORTH_ASKING: f32 = 0.08;
/// A single intent is asked about beside the next one when it has this much alone.
const CLARIFY_ALONE: f32 = 0.30;

/// What to do, with classes instead of intents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Start this class.
    Act(usize),
    /// Ask which of the first so many is meant.
    Clarify(usize),
    /// The text is not like anything that was learned.
    Strange,
    /// It is like what the strangers' class stands for.
    Background,
    /// Too many intents are possible.
    Unsure,
}

/// A message or a piece of it, as it was judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Part {
    /// Its repaired text, which is what the encoder reads.
    pub(crate) text: String,
    /// Classes whose patterns hit.
    pub(crate) hits: Vec<usize>,
    /// What the heads make of it.
    pub(crate) judgement: Judgement,
    /// Least confidence to act.
    pub(crate) act: f32,
    /// Whether it is like nothing that was learned.
    pub(crate) strange: bool,
    /// Whether it only says what the message is not about.
    pub(crate) turned_away: bool,
    /// The urgent class that it may be about, and its probability.
    pub(crate) urgent: Option<(usize, f32)>,
}

impl Part {
    /// The urgent class that this part reads as, when the confidence in the reading and the chance that it is urgent at all are at least
    /// this in their mean: either alone is easily sure of a name or of two odd words.
    pub(crate) fn urgent_from(&self, least: f32) -> Option<(usize, f32)> {
        let first = self.judgement.ranked.first().map(|(class, _)| *class);
        self.urgent.filter(|(class, chance)| first == Some(*class) && (self.judgement.confidence + chance) / 2.0 >= least)
    }

    /// What to do about this part alone.
    pub(crate) fn verdict(&self) -> Verdict {
        let ranked = &self.judgement.ranked;
        let Some(&(best, first)) = ranked.first() else { return Verdict::Unsure };
        let hit = self.hits.contains(&best);
        if self.strange && !hit {
            return Verdict::Strange;
        }
        if self.judgement.strange >= first {
            return Verdict::Background;
        }
        if self.judgement.confidence >= self.act {
            return Verdict::Act(best);
        }
        let close = ranked.iter().take(3).take_while(|(_, p)| *p >= WORTH_ASKING).count();
        let together: f32 = ranked.iter().take(close).map(|(_, p)| p).sum();
        if close >= 2 && together >= CLARIFY_TOGETHER {
            return Verdict::Clarify(close);
        }
        if first >= CLARIFY_ALONE && ranked.len() > 1 {
            return Verdict::Clarify(2);
        }
        Verdict::Unsure
    }
}

/// A piece that could be acted on alone is a matter of its own; one that is less sure is from this confidence on, when the whole
/// knows the matter too.
const MATTER: f32 = 0.6;
/// So likely a matter must be for the message as a whole.
const KNOWN_TO_WHOLE: f32 = 0.02;

/// The separate matters of a message with their confidence, in the order of mention; fewer than two when it is about one thing.
pub(crate) fn matters(whole: &Part, pieces: &[Part]) -> Vec<(usize, f32)> {
    let mut matters: Vec<(usize, f32)> = Vec::new();
    for piece in pieces.iter().filter(|piece| !piece.strange && !piece.turned_away) {
        let Some(&(class, _)) = piece.judgement.ranked.first() else { continue };
        let confidence = piece.judgement.confidence;
        let of_whole = whole.judgement.ranked.iter().find(|(other, _)| *other == class).map_or(0.0, |(_, p)| *p);
        let stands_out = piece.verdict() == Verdict::Act(class) || (confidence >= MATTER && of_whole >= KNOWN_TO_WHOLE);
        if stands_out && !matters.iter().any(|(other, _)| *other == class) {
            matters.push((class, confidence));
        }
    }
    matters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(ranked: &[(usize, f32)], background: f32, strange: bool, hits: &[usize]) -> Part {
        let confidence = ranked.first().map_or(0.0, |(_, p)| *p);
        let judgement = Judgement { ranked: ranked.to_vec(), confidence, scope: 0.0, strange: background };
        Part { hits: hits.to_vec(), judgement, act: 0.6, strange, ..Part::default() }
    }

    #[test]
    fn verdicts() {
        type Case<'a> = (&'a [(usize, f32)], f32, bool, &'a [usize], Verdict);
        let cases: &[Case<'_>] = &[
            (&[(3, 0.9), (1, 0.05)], 0.0, false, &[], Verdict::Act(3)),
            (&[(3, 0.9), (1, 0.05)], 0.0, true, &[], Verdict::Strange),
            (&[(3, 0.9), (1, 0.05)], 0.0, true, &[3], Verdict::Act(3)),
            (&[(3, 0.45), (1, 0.4), (2, 0.01)], 0.0, false, &[], Verdict::Clarify(2)),
            (&[(3, 0.3), (1, 0.25), (2, 0.2), (4, 0.2)], 0.0, false, &[], Verdict::Clarify(3)),
            (&[(3, 0.4), (1, 0.05)], 0.2, false, &[], Verdict::Clarify(2)),
            (&[(3, 0.2), (1, 0.05)], 0.1, false, &[], Verdict::Unsure),
            (&[(3, 0.3), (1, 0.2)], 0.4, false, &[], Verdict::Background),
            (&[], 1.0, false, &[], Verdict::Unsure),
        ];
        for (ranked, background, strange, hits, wanted) in cases {
            assert_eq!(part(ranked, *background, *strange, hits).verdict(), *wanted, "{ranked:?}");
        }
    }

    #[test]
    fn matters_are_told_apart_once_each_and_in_order() {
        let whole = part(&[(1, 0.5), (2, 0.4)], 0.0, false, &[]);
        let unsure = Part { act: 0.95, ..part(&[(6, 0.9)], 0.0, false, &[]) };
        let pieces = [
            part(&[(2, 0.9)], 0.0, false, &[]),
            part(&[(1, 0.8)], 0.0, false, &[]),
            part(&[(2, 0.95)], 0.0, false, &[]),
            part(&[(5, 0.9)], 0.0, false, &[]),
            unsure,
            part(&[(1, 0.4)], 0.0, false, &[]),
            Part { turned_away: true, ..part(&[(7, 0.9)], 0.0, false, &[]) },
        ];
        assert_eq!(matters(&whole, &pieces), [(2, 0.9), (1, 0.8), (5, 0.9)]);
        assert_eq!(matters(&whole, &[]), []);
    }
}
