//! Regular expressions of content: how they are compiled, and where inside them a mistake is.

use super::diagnostic::{Place, Report};
use super::node::Words;
use regex::{Regex, RegexBuilder};

/// Most memory that one compiled pattern may take, in bytes.
const MOST_BYTES: usize = 4 << 20;

/// Compiles a pattern as it will run. Letters beyond ASCII are rare in patterns; without them `\b` and `\w` need not know all
/// scripts, which makes compiling and matching several times cheaper.
pub(crate) fn pattern(source: &str) -> Result<Regex, regex::Error> {
    let build = |unicode: bool| RegexBuilder::new(source).case_insensitive(true).unicode(unicode).size_limit(MOST_BYTES).build();
    // `.` and `\W` could cut a character in two without Unicode, and are refused then.
    if source.is_ascii() { build(false).or_else(|_| build(true)) } else { build(true) }
}

/// Compiles a pattern or says where inside it the mistake is.
pub(crate) fn checked_pattern(words: &Words, source: &str, report: &mut Report) -> Option<Regex> {
    match pattern(&words.text) {
        Ok(regex) => Some(regex),
        Err(regex::Error::Syntax(message)) => {
            let what = message.lines().last().unwrap_or_default().trim_start_matches("error: ").trim_end_matches('.').to_owned();
            // The second line of the message is the pattern, the third points at the mistake.
            let caret = message.lines().nth(2).and_then(|line| line.find('^')).map(|at| at.saturating_sub(4));
            let at = caret.map(|at| format!(" at character {}", at + 1)).unwrap_or_default();
            let quoted = source
                .lines()
                .nth(words.place.line.saturating_sub(1) as usize)
                .and_then(|line| line.chars().nth(words.place.column.saturating_sub(1) as usize));
            let column = words.place.column + caret.map_or(0, |at| at as u32) + u32::from(matches!(quoted, Some('\'' | '"')));
            let remedy = if what.contains("look-around") || what.contains("backreferences") {
                "Patterns are RE2: say it without look-around and back-references, for example with two patterns."
            } else {
                "Correct the pattern; put `\\` before a sign that is meant literally."
            };
            report.error(Place { line: words.place.line, column }, format!("The pattern does not compile: {what}{at}"), remedy);
            None
        }
        Err(_) => {
            report.error(words.place, "The pattern is too big", "Use fewer or smaller repetitions such as `{100}`.");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_mistake_inside_the_pattern() {
        for (line, column, expected) in [
            ("  - '(abc'", 5, "f:1:6: The pattern does not compile: unclosed group at character 1"),
            ("  - 'ab[c'", 5, "f:1:8: The pattern does not compile: unclosed character class at character 3"),
            ("  - a(?=b)", 5, "look-around"),
            ("  - '(a{100}){1000}'", 5, "The pattern is too big"),
        ] {
            let mut report = Report::on("f");
            let text = line.trim_start_matches("  - ").trim_matches('\'').to_owned();
            let words = Words { text, place: Place { line: 1, column }, end_line: 1 };
            assert!(checked_pattern(&words, line, &mut report).is_none(), "{line}");
            let lines: Vec<String> = report.finish().iter().map(ToString::to_string).collect();
            assert!(lines[0].contains(expected), "{lines:?}");
        }
    }
}
