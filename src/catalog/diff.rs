//! What differs between two texts, line by line, as people read it before they save: lines that went, lines that came, and a few around them.

use serde::Serialize;

/// Lines around a change that are shown with it.
const AROUND: usize = 3;
/// Beyond so many comparisons everything between the first and the last difference counts as rewritten.
const MOST_CELLS: usize = 1_000_000;

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It stands in both.
    Same,
    /// It went.
    Removed,
    /// It came.
    Added,
}

/// A line of either text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What happened to it.
    pub what: What,
    /// Its number in the old text, from 1.
    pub old: Option<usize>,
    /// Its number in the new text, from 1.
    pub new: Option<usize>,
    /// Its text.
    pub text: String,
}

/// Lines that belong together: changes with what stands around them.
pub type Hunk = Vec<Line>;

/// The hunks between two texts; none when they are the same.
pub fn diff(old: &str, new: &str) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let lines = lines(&old, &new);
    let changed: Vec<usize> = lines.iter().enumerate().filter(|(_, line)| line.what != What::Same).map(|(at, _)| at).collect();
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for at in changed {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(lines.len()));
        match hunks.last_mut() {
            Some((_, end)) if from <= *end => *end = to,
            Some(_) | None => hunks.push((from, to)),
        }
    }
    hunks.into_iter().map(|(from, to)| lines[from..to].to_vec()).collect()
}

fn lines(old: &[&str], new: &[&str]) -> Vec<Line> {
    let most = old.len().min(new.len());
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let tail = old.iter().rev().zip(new.iter().rev()).take(most - head).take_while(|(one, other)| one == other).count();
    let same = |at: usize, by: usize, text: &str| Line { what: What::Same, old: Some(at + 1), new: Some(by + 1), text: text.to_owned() };
    let mut lines: Vec<Line> = old[..head].iter().enumerate().map(|(at, text)| same(at, at, text)).collect();
    let (from, to) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let (mut at, mut by) = (0, 0);
    let kept = if from.len() * to.len() > MOST_CELLS { Vec::new() } else { common(from, to) };
    for (next_at, next_by) in kept.into_iter().chain([(from.len(), to.len())]) {
        for text in &from[at..next_at] {
            at += 1;
            lines.push(Line { what: What::Removed, old: Some(head + at), new: None, text: (*text).to_owned() });
        }
        for text in &to[by..next_by] {
            by += 1;
            lines.push(Line { what: What::Added, old: None, new: Some(head + by), text: (*text).to_owned() });
        }
        if at < from.len() && by < to.len() {
            lines.push(same(head + at, head + by, from[at]));
            (at, by) = (at + 1, by + 1);
        }
    }
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    lines.extend(old[old_end..].iter().enumerate().map(|(at, text)| same(old_end + at, new_end + at, text)));
    lines
}

/// The places of a longest common sequence of lines.
fn common(from: &[&str], to: &[&str]) -> Vec<(usize, usize)> {
    let width = to.len() + 1;
    let mut longest = vec![0_u32; (from.len() + 1) * width];
    for at in (0..from.len()).rev() {
        for by in (0..to.len()).rev() {
            longest[at * width + by] = if from[at] == to[by] {
                longest[(at + 1) * width + by + 1] + 1
            } else {
                longest[(at + 1) * width + by].max(longest[at * width + by + 1])
            };
        }
    }
    let (mut at, mut by) = (0, 0);
    let mut places = Vec::new();
    while at < from.len() && by < to.len() {
        if from[at] == to[by] {
            places.push((at, by));
            (at, by) = (at + 1, by + 1);
        } else if longest[(at + 1) * width + by] >= longest[at * width + by + 1] {
            at += 1;
        } else {
            by += 1;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(old: &str, new: &str) -> String {
        let mark = |what| match what {
            What::Same => ' ',
            What::Removed => '-',
            What::Added => '+',
        };
        let hunks = diff(old, new);
        let hunk = |hunk: &Hunk| hunk.iter().map(|line| format!("{}{}\n", mark(line.what), line.text)).collect::<String>();
        hunks.iter().map(hunk).collect::<Vec<_>>().join("…\n")
    }

    #[test]
    fn changes_stand_with_the_lines_around_them() {
        assert_eq!(shown("a\nb\n", "a\nb\n"), "");
        assert_eq!(shown("a\nb\nc", "a\nx\nc"), " a\n-b\n+x\n c\n");
        assert_eq!(shown("a", "a\n"), " a\n+\n", "a missing end of the last line is seen");
        let many: String = (0..30).map(|n| format!("{n}\n")).collect();
        let edited = many.replace("3\n4\n", "3\nnew\n4\n").replace("\n20\n", "\ntwenty\n");
        assert_eq!(shown(&many, &edited), " 1\n 2\n 3\n+new\n 4\n 5\n 6\n…\n 17\n 18\n 19\n-20\n+twenty\n 21\n 22\n 23\n");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(old in "[ab\n]{0,40}", new in "[ab\n]{0,40}") {
            let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
            let lines = lines(&old_lines, &new_lines);
            let side = |gone: What| lines.iter().filter(|line| line.what != gone).map(|line| line.text.as_str()).collect::<Vec<_>>();
            prop_assert_eq!(side(What::Added), old_lines);
            prop_assert_eq!(side(What::Removed), new_lines);
            prop_assert!(lines.iter().filter_map(|line| line.new).eq(1..=new.split('\n').count()));
        }
    }
}
