//! The file `teams.yaml`: teams with their hours, holidays and targets, checked key by key. The binary carries one of its own.

use crate::domain::handoff::QUEUES;
use crate::domain::hours::{DAY, Week};
use crate::domain::market::CODES;
use crate::domain::team::{Target, Team, Teams};
use crate::yaml::diagnostic::{Diagnostic, Place, Report, suggestion};
use crate::yaml::fields::Fields;
use crate::yaml::node::{Content, Node, Words};
use crate::yaml::read;
use jiff::SignedDuration;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Its path in the content folder.
pub(crate) const PATH: &str = "teams.yaml";
/// The file in the binary.
pub(crate) const BUILT_IN: &str = include_str!("../teams.yaml");
/// Targets of single markets, by market and priority.
type OfMarkets = BTreeMap<(String, usize), Target>;

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Most minutes of a target: a month of open time.
const MOST_MINUTES: i64 = 31 * 24 * 60;

/// The teams in the binary.
pub(crate) fn built_in() -> Teams {
    let (teams, problems) = read(BUILT_IN.as_bytes());
    assert!(problems.is_empty(), "the teams in the binary are checked by a test: {problems:?}");
    teams.expect("there are teams when there is no problem")
}

/// Reads the file; there are no teams when something is wrong with it.
pub(crate) fn read(bytes: &[u8]) -> (Option<Teams>, Vec<Diagnostic>) {
    let mut report = Report::on(PATH);
    let teams = teams(bytes, &mut report);
    let problems = report.finish();
    (teams.filter(|_| problems.is_empty()), problems)
}

fn teams(bytes: &[u8], report: &mut Report) -> Option<Teams> {
    let source = read::text(bytes, report)?;
    let root = read::tree(source, report)?;
    let fields = Fields::of(&root, "the file of teams", &["teams", "hours", "holidays", "targets"], report)?;
    let mut tables = BTreeMap::new();
    for item in fields.items("hours", report) {
        if let Some((name, week)) = week(item, report) {
            tables.insert(name, week);
        }
    }
    let mut teams: Vec<Team> = Vec::new();
    for item in fields.items("teams", report) {
        let Some((team, place)) = team(item, &tables, report) else { continue };
        if teams.iter().any(|known| known.name == team.name) {
            report.error(place, format!("The team `{}` is there twice", team.name), "Leave one of them out.");
        }
        teams.push(team);
    }
    for queue in QUEUES {
        if !teams.iter().any(|team| team.name == queue) {
            let remedy = "Add it: nobody may be handed to a team that nobody knows.";
            report.error(fields.place, format!("The team `{queue}` is missing"), remedy);
        }
    }
    let (targets, market_targets) = targets(&fields, report);
    Some(Teams { teams, targets: targets?, market_targets, holidays: holidays(&fields, report) })
}

fn team(node: &Node, tables: &BTreeMap<String, Week>, report: &mut Report) -> Option<(Team, Place)> {
    let fields = Fields::of(node, "a team", &["team", "hours", "overflow"], report)?;
    let name = queue(&fields.required("team", "Write one of the queues.", report)?, report)?;
    let hours = fields.required("hours", "Write the name of a table below `hours`.", report)?;
    let week = tables.get(&hours.text).cloned();
    if week.is_none() {
        let known: Vec<&str> = tables.keys().map(String::as_str).collect();
        report.error(hours.place, format!("There are no hours called `{}`", hours.text), suggestion(&hours.text, &known));
    }
    let overflow = fields.texts("overflow", report);
    let overflow = overflow.iter().filter_map(|words| queue(words, report)).filter(|other| *other != name).collect();
    Some((Team { name, overflow, week: week? }, fields.place))
}

fn queue(words: &Words, report: &mut Report) -> Option<String> {
    if QUEUES.contains(&words.text.as_str()) {
        return Some(words.text.clone());
    }
    report.error(words.place, format!("`{}` is no queue", words.text), suggestion(&words.text, &QUEUES));
    None
}

fn week(node: &Node, report: &mut Report) -> Option<(String, Week)> {
    let mut known = vec!["hours", "holidays"];
    known.extend(DAYS);
    let fields = Fields::of(node, "a table of hours", &known, report)?;
    let name = fields.required("hours", "Give the table a name.", report)?.text;
    let mut week = Week { keeps_holidays: fields.flag("holidays", false, report), ..Week::default() };
    for (day, name) in week.days.iter_mut().zip(DAYS) {
        let Some(words) = fields.words(name, report) else { continue };
        let span = words.text.split_once('-').and_then(|(from, until)| Some((minutes(from)?, minutes(until)?)));
        *day = span.filter(|(from, until)| from < until);
        if day.is_none() {
            let remedy = "Write from and until on a clock of 24 hours, such as 08:00-20:00; leave the day out when nobody is there.";
            report.error(words.place, format!("`{}` is no open time", words.text), remedy);
        }
    }
    if week.days.iter().all(Option::is_none) {
        let remedy = "Write at least one day, such as `monday: 08:00-20:00`: who waits for a team must be told when somebody is there.";
        report.error(fields.place, format!("The hours `{name}` open on no day"), remedy);
    }
    Some((name, week))
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && all <= DAY).then_some(all)
}

fn targets(fields: &Fields<'_>, report: &mut Report) -> (Option<[Target; 5]>, OfMarkets) {
    let mut all: [Option<Target>; 5] = [None; 5];
    let mut of_markets = BTreeMap::new();
    for item in fields.items("targets", report) {
        let Some(fields) = Fields::of(item, "a target", &["priority", "market", "first", "next", "settled"], report) else { continue };
        let mut minutes = |key: &str| {
            if fields.entry(key).is_none() {
                report.error(fields.place, format!("A target needs `{key}`"), "Write minutes of open time.");
            }
            fields.number(key, 1, MOST_MINUTES, report).map(SignedDuration::from_mins)
        };
        let target = (minutes("first"), minutes("next"), minutes("settled"));
        let (Some(first), Some(next), Some(settled)) = target else { continue };
        let Some(priority) = fields.number("priority", 0, 4, report).and_then(|number| usize::try_from(number).ok()) else { continue };
        let target = Target { first, next, settled };
        match fields.words("market", report) {
            None => all[priority] = Some(target),
            Some(market) if CODES.contains(&market.text.as_str()) => {
                of_markets.insert((market.text, priority), target);
            }
            Some(market) => report.error(market.place, format!("Unknown market `{}`", market.text), suggestion(&market.text, &CODES)),
        }
    }
    for (priority, target) in all.iter().enumerate() {
        if target.is_none() {
            report.error(fields.place, format!("There is no target for priority {priority}"), "Add one without a market.");
        }
    }
    let [zero, one, two, three, four] = all;
    let five = zero.zip(one).zip(two.zip(three)).zip(four);
    (five.map(|(((zero, one), (two, three)), four)| [zero, one, two, three, four]), of_markets)
}

fn holidays(fields: &Fields<'_>, report: &mut Report) -> BTreeMap<String, BTreeSet<Date>> {
    let mut all = BTreeMap::new();
    let Some(node) = fields.value("holidays") else { return all };
    let Content::Map(entries) = &node.content else {
        report.error(node.place, "`holidays` are dates by market", "Write `SE: [2026-12-24, …]`, a line for each market.");
        return all;
    };
    for entry in entries {
        if !CODES.contains(&entry.key.as_str()) {
            report.error(entry.place, format!("Unknown market `{}`", entry.key), suggestion(&entry.key, &CODES));
        }
        let mut days = BTreeSet::new();
        for item in crate::yaml::fields::items(&entry.value, &format!("`{}`", entry.key), report) {
            let date = match &item.content {
                Content::Scalar { text, .. } => text.parse::<Date>().ok(),
                Content::List(_) | Content::Map(_) => None,
            };
            match date {
                Some(date) => {
                    days.insert(date);
                }
                None => report.error(item.place, "A holiday is a date", "Write year-month-day, such as 2026-12-24."),
            }
        }
        all.insert(entry.key.clone(), days);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_teams_in_the_binary_are_whole() {
        let (teams, problems) = read(BUILT_IN.as_bytes());
        assert!(problems.is_empty(), "{problems:#?}");
        let teams = teams.expect("whole");
        assert_eq!(teams.teams.len(), QUEUES.len());
        assert!(teams.of("fraud").overflow.is_empty() && teams.of("safety").overflow.is_empty(), "only the skilled");
        assert_eq!(teams.of("nothing").name, "general");
    }

    #[test]
    fn problems_have_a_place_and_a_remedy() {
        let file = BUILT_IN.to_owned();
        for (from, to, expected) in [
            ("team: fraud", "team: frand", "`frand` is no queue. Did you mean `fraud`?"),
            ("team: fraud", "team: general", "The team `general` is there twice"),
            ("hours: always\n  - team: hardship", "hours: nights\n  - team: hardship", "There are no hours called `nights`"),
            ("saturday: 10:00-16:00", "saturday: 16:00-10:00", "`16:00-10:00` is no open time"),
            ("saturday: 10:00-16:00", "saturday: 10:00-24:30", "`10:00-24:30` is no open time"),
            (
                "    monday: 08:00-20:00\n    tuesday: 08:00-20:00\n    wednesday: 08:00-20:00\n    thursday: 08:00-20:00\n    friday: 08:00-20:00\n    saturday: 10:00-16:00\n",
                "",
                "The hours `office` open on no day",
            ),
            ("SE: [2026-12-24", "SX: [2026-12-24", "Unknown market `SX`"),
            ("SE: [2026-12-24", "SE: [2026-13-24", "A holiday is a date"),
            ("    first: 15", "    first: 0", "`first` is a whole number from 1 to 44640"),
            ("  - priority: 4", "  - priority: 3", "There is no target for priority 4"),
        ] {
            let (_, problems) = read(file.replacen(from, to, 1).as_bytes());
            assert!(problems.iter().any(|problem| problem.to_string().contains(expected)), "{expected}: {problems:#?}");
        }
        assert!(read(b"teams: [").0.is_none());
    }
}
