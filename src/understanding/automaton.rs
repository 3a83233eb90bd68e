//! One compiled pattern, made to be one of many hundreds: it only tells whether it matches, so it needs none of what finds where a match
//! begins or what its groups hold, which takes more than half of the memory of a regular expression that can.

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, Config, NFA, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;

/// Most memory that one compiled pattern may take, in bytes.
const ONE_PATTERN: usize = 1 << 20;
/// Memory that one pattern may keep, for each thread, from one text to the next, in bytes.
const ONE_CACHE: usize = 256 << 10;

/// What a pattern needs while it looks at a text, kept for the next text.
type Kept = Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>>;

/// A pattern that is run by a machine whose states are made when a text first meets them, in linear time.
#[derive(Debug)]
pub(crate) struct Automaton {
    machine: DFA,
    kept: Kept,
}

impl Automaton {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// One sentence for the author.
    pub(crate) fn of(pattern: &str) -> Result<Self, String> {
        // Texts are in lower case. Only a pattern that is not pays for both cases: in memory, and four times over in time.
        let syntax = syntax::Config::new().case_insensitive(has_capitals(pattern));
        // Without letters beyond ASCII a pattern is matched byte by byte, which stays fast on any text.
        let plain = pattern.is_ascii().then(|| machine(pattern, syntax.unicode(false).utf8(false)).ok()).flatten();
        let machine = plain.map_or_else(|| machine(pattern, syntax), Ok)?;
        if Self::on(machine.clone()).is_match("") {
            return Err("it matches the empty text, so it would match every message".to_owned());
        }
        Ok(Self::on(machine))
    }

    fn on(machine: DFA) -> Self {
        let maker = machine.clone();
        Self { machine, kept: Pool::new(Box::new(move || maker.create_cache())) }
    }

    /// Whether it matches anywhere in the text.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        match self.machine.try_search_fwd(&mut self.kept.get(), &input) {
            Ok(found) => found.is_some(),
            // A word boundary beside a letter beyond ASCII is more than the machine can see.
            Err(_) => PikeVM::new_from_nfa(self.machine.get_nfa().clone()).is_ok_and(|slow| slow.is_match(&mut slow.create_cache(), input)),
        }
    }
}

impl Clone for Automaton {
    /// The compiled pattern is shared; what was kept from texts is not.
    fn clone(&self) -> Self {
        Self::on(self.machine.clone())
    }
}

fn machine(pattern: &str, syntax: syntax::Config) -> Result<DFA, String> {
    let hir = syntax::parse_with(pattern, &syntax).map_err(|error| {
        let message = error.to_string();
        message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
    })?;
    let config = Config::new().utf8(syntax.get_utf8()).nfa_size_limit(Some(ONE_PATTERN)).which_captures(WhichCaptures::None);
    let too_big = "it is too big; repeat fewer times or split it".to_owned();
    let nfa: NFA = Compiler::new().configure(config).build_from_hir(&hir).map_err(|_| too_big.clone())?;
    let config = DFA::config().unicode_word_boundary(true).cache_capacity(ONE_CACHE).skip_cache_capacity_check(true);
    DFA::builder().configure(config).build_from_nfa(nfa).map_err(|_| too_big)
}

/// Whether a pattern has capital letters that are not the names of classes and boundaries, as in `\W`.
fn has_capitals(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|c| {
        let counts = c.is_uppercase() && !escaped;
        escaped = c == '\\' && !escaped;
        counts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_that_are_letters_are_told_from_names_of_classes() {
        for (pattern, capitals) in
            [(r"\bIBAN\b", true), (r"\biban\W+is", false), (r"\\Wrong|Überfällig", true), (r"överskuldsatt\S*", false)]
        {
            assert_eq!(has_capitals(pattern), capitals, "{pattern}");
        }
    }

    #[test]
    fn it_matches_as_the_usual_machine_does_in_every_script() {
        let patterns = [
            r"\bcan't pay\b",
            r"\bförsenad\b",
            r"\bчеловек\b",
            r"[åä]terbetal",
            r"\bno\B",
            r"(?i)straße",
            r"^ab*$",
            r"\w+@\w+",
            r"é\b.{2}x",
        ];
        let texts = [
            "i can't pay",
            "den är försenad!",
            "нужен человек",
            "человеком",
            "återbetal",
            "nope no",
            "STRASSE straße",
            "abbb",
            "a@b",
            "é ax",
            "éé bx",
            "\u{1f600}",
        ];
        for pattern in patterns {
            let (ours, usual) = (Automaton::of(pattern).expect(pattern), regex::Regex::new(pattern).expect(pattern));
            for text in texts {
                assert_eq!(ours.is_match(text), usual.is_match(text), "{pattern} in {text}");
                assert_eq!(ours.clone().is_match(text), usual.is_match(text), "{pattern} in {text}, with nothing kept");
            }
        }
    }
}
