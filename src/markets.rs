//! The files in `markets/`: one market a file, checked key by key. The binary carries a set of its own.

use crate::domain::account::Framework;
use crate::domain::market::{CODES, Market};
use crate::domain::money::Currency;
use crate::yaml::diagnostic::{Diagnostic, Place, Report, suggestion};
use crate::yaml::fields::Fields;
use crate::yaml::node::Content;
use crate::yaml::read;
use jiff::tz::TimeZone;

const BUILT_IN: [(&str, &[u8]); 8] = [
    ("markets/SE.yaml", include_bytes!("../markets/SE.yaml")),
    ("markets/DE.yaml", include_bytes!("../markets/DE.yaml")),
    ("markets/NL.yaml", include_bytes!("../markets/NL.yaml")),
    ("markets/FI.yaml", include_bytes!("../markets/FI.yaml")),
    ("markets/GB.yaml", include_bytes!("../markets/GB.yaml")),
    ("markets/US.yaml", include_bytes!("../markets/US.yaml")),
    ("markets/US-NY.yaml", include_bytes!("../markets/US-NY.yaml")),
    ("markets/JP.yaml", include_bytes!("../markets/JP.yaml")),
];

const KEYS: &[&str] = &[
    "market",
    "currency",
    "zone",
    "locale",
    "extension_days_invoice",
    "extension_days_instalment",
    "extensions_per_order",
    "extension_fee_minor",
    "late_fee_minor",
    "late_fee_cap_bps",
    "late_fee_max_count",
    "grace_days",
    "retry_days",
    "claim_window_days",
    "dispute_framework",
    "dispute_window_days",
    "fraud_window_days",
    "not_received_wait_days",
    "return_pause_days",
    "return_window_days",
    "refund_posting_days",
    "resume_days",
    "claim_cap_minor",
    "financing_cap_minor",
    "quiet_from_hour",
    "quiet_until_hour",
    "debt_help_name",
    "debt_help_url",
    "crisis_line",
    "ombudsman",
];

/// Most minor units that a fee or a cap may be: ten million.
const MOST_MINOR: i64 = 10_000_000;
/// Most days of any window.
const MOST_DAYS: i64 = 3_650;

/// The markets in the binary.
pub(crate) fn built_in() -> Vec<Market> {
    let (markets, problems) = read(&BUILT_IN);
    assert!(problems.is_empty(), "the markets in the binary are checked by a test: {problems:?}");
    markets
}

/// Reads files, path and bytes each. All markets have to be there; there are problems when one is not, or a file is wrong.
pub(crate) fn read(files: &[(&str, &[u8])]) -> (Vec<Market>, Vec<Diagnostic>) {
    let (mut markets, mut problems) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        let mut report = Report::on(path);
        if let Some(market) = market(path, bytes, &mut report) {
            markets.push(market);
        }
        problems.extend(report.finish());
    }
    for code in CODES {
        let path = format!("markets/{code}.yaml");
        if !files.iter().any(|(given, _)| *given == path) {
            let mut report = Report::on(&path);
            report.error(Place::FILE, format!("The market `{code}` is missing"), "Add its file; copy that of a market that is like it.");
            problems.extend(report.finish());
        }
    }
    (markets, problems)
}

fn market(path: &str, bytes: &[u8], report: &mut Report) -> Option<Market> {
    let source = read::text(bytes, report)?;
    let root = read::tree(source, report)?;
    let fields = Fields::of(&root, "a market", KEYS, report)?;
    let stem = path.trim_start_matches("markets/").trim_end_matches(".yaml");
    let code = fields.required("market", "Write its code, the same as the name of the file.", report);
    let code = code.and_then(|given| {
        let known = CODES.into_iter().find(|code| *code == given.text);
        match known {
            None => report.error(given.place, format!("Unknown market `{}`", given.text), suggestion(&given.text, &CODES)),
            Some(known) if known != stem => {
                report.error(given.place, format!("The file is called `{stem}`, but its market is `{known}`"), "Make both the same.");
            }
            Some(_) => {}
        }
        known
    });
    let currency = fields.required("currency", "Write an ISO 4217 code such as EUR.", report).and_then(|given| {
        let currency = Currency::parse(&given.text);
        if currency.is_none() {
            report.error(given.place, format!("`{}` is not a currency", given.text), "Write an ISO 4217 code such as EUR.");
        }
        currency
    });
    let zone = fields.required("zone", "Write a zone such as Europe/Paris.", report).and_then(|given| {
        let zone = TimeZone::get(&given.text).ok();
        if zone.is_none() {
            report.error(given.place, format!("`{}` is not a time zone", given.text), "Write a zone such as Europe/Paris.");
        }
        zone
    });
    let mut reading = Reading { fields: &fields, report };
    let days = 0..=MOST_DAYS;
    let minor = 0..=MOST_MINOR;
    // Everything is read before anything is given up, so that all problems are told at once.
    let (locale, debt_help_name) = (reading.text("locale"), reading.text("debt_help_name"));
    let (debt_help_url, crisis_line, ombudsman) = (reading.text("debt_help_url"), reading.text("crisis_line"), reading.text("ombudsman"));
    let extension_days_invoice = reading.number("extension_days_invoice", &days);
    let extension_days_instalment = reading.number("extension_days_instalment", &days);
    let extensions_per_order = reading.number("extensions_per_order", &(0..=100));
    let extension_fee_minor = reading.number("extension_fee_minor", &minor);
    let late_fee_minor = reading.number("late_fee_minor", &minor);
    let late_fee_cap_bps = reading.number("late_fee_cap_bps", &(0..=10_000));
    let late_fee_max_count = reading.number("late_fee_max_count", &(0..=100));
    let grace_days = reading.number("grace_days", &days);
    let retry_days = reading.ladder("retry_days");
    let claim_window_days = reading.number("claim_window_days", &days);
    let framework = reading.framework("dispute_framework");
    let dispute_window_days = reading.number("dispute_window_days", &(1..=MOST_DAYS));
    let fraud_window_days = reading.number("fraud_window_days", &(1..=MOST_DAYS));
    let not_received_wait_days = reading.number("not_received_wait_days", &days);
    let return_pause_days = reading.number("return_pause_days", &(1..=MOST_DAYS));
    let return_window_days = reading.number("return_window_days", &days);
    let refund_posting_days = reading.number("refund_posting_days", &(1..=MOST_DAYS));
    // A notice of a week goes before the first payment after a pause.
    let resume_days = reading.number("resume_days", &(7..=MOST_DAYS));
    let claim_cap_minor = reading.number("claim_cap_minor", &minor);
    let financing_cap_minor = reading.number("financing_cap_minor", &minor);
    let quiet_from_hour = reading.number("quiet_from_hour", &(12..=23));
    let quiet_until_hour = reading.number("quiet_until_hour", &(0..=11));
    Some(Market {
        code: code?,
        currency: currency?,
        zone: zone?,
        locale: locale?,
        extension_days_invoice: extension_days_invoice?,
        extension_days_instalment: extension_days_instalment?,
        extensions_per_order: extensions_per_order?,
        extension_fee_minor: extension_fee_minor?,
        late_fee_minor: late_fee_minor?,
        late_fee_cap_bps: late_fee_cap_bps?,
        late_fee_max_count: late_fee_max_count?,
        grace_days: grace_days?,
        retry_days: retry_days?,
        claim_window_days: claim_window_days?,
        framework: framework?,
        dispute_window_days: dispute_window_days?,
        fraud_window_days: fraud_window_days?,
        not_received_wait_days: not_received_wait_days?,
        return_pause_days: return_pause_days?,
        return_window_days: return_window_days?,
        refund_posting_days: refund_posting_days?,
        resume_days: resume_days?,
        claim_cap_minor: claim_cap_minor?,
        financing_cap_minor: financing_cap_minor?,
        quiet_from_hour: quiet_from_hour?,
        quiet_until_hour: quiet_until_hour?,
        debt_help_name: debt_help_name?,
        debt_help_url: debt_help_url?,
        crisis_line: crisis_line?,
        ombudsman: ombudsman?,
    })
}

/// The keys of one market, all of which must be there.
struct Reading<'a, 'n> {
    fields: &'a Fields<'n>,
    report: &'a mut Report,
}

impl Reading<'_, '_> {
    /// A text. Markets are read once and lent for good.
    fn text(&mut self, key: &str) -> Option<&'static str> {
        self.fields.required(key, "Write it; the files of other markets show how.", self.report).map(|words| &*words.text.leak())
    }

    fn number<N: TryFrom<i64>>(&mut self, key: &str, range: &std::ops::RangeInclusive<i64>) -> Option<N> {
        let (least, most) = (*range.start(), *range.end());
        if self.fields.entry(key).is_none() {
            self.missing(key, &format!("Write a whole number from {least} to {most}."));
            return None;
        }
        self.fields.number(key, least, most, self.report).and_then(|number| N::try_from(number).ok())
    }

    /// Days after the due date, each later than the one before.
    fn ladder(&mut self, key: &str) -> Option<&'static [i32]> {
        if self.fields.entry(key).is_none() {
            self.missing(key, "Write days after the due date, such as `[0, 7, 14]`.");
            return None;
        }
        let items = self.fields.items(key, self.report);
        let day = |content: &Content| match content {
            Content::Scalar { text, plain: true } => text.parse::<i32>().ok().filter(|day| (0..=365).contains(day)),
            Content::Scalar { .. } | Content::List(_) | Content::Map(_) => None,
        };
        let mut days: Vec<i32> = Vec::new();
        for item in items {
            match day(&item.content) {
                Some(day) if days.last().is_none_or(|last| *last < day) => days.push(day),
                Some(_) | None => {
                    let problem = format!("An entry of `{key}` is a number of days from 0 to 365, later than the one before it");
                    self.report.error(item.place, problem, "Write the digits, without quotes.");
                    return None;
                }
            }
        }
        if days.is_empty() {
            self.missing(key, "Write days after the due date, such as `[0, 7, 14]`.");
            return None;
        }
        Some(&*days.leak())
    }

    fn framework(&mut self, key: &str) -> Option<Framework> {
        let remedy = "Write `v3` (the store settles first) or `v4` (the store is asked for evidence at once).";
        let words = self.fields.required(key, remedy, self.report)?;
        match words.text.as_str() {
            "v3" => Some(Framework::V3),
            "v4" => Some(Framework::V4),
            other => {
                self.report.error(words.place, format!("`{key}` is '{other}'"), remedy);
                None
            }
        }
    }

    fn missing(&mut self, key: &str, remedy: &str) {
        self.report.error(self.fields.place, format!("A market needs `{key}`"), remedy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_markets_in_the_binary_are_whole() {
        let (markets, problems) = read(&BUILT_IN);
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(markets.iter().map(|market| market.code).collect::<Vec<_>>(), CODES);
    }

    /// What a change of the file of GB gives.
    fn told(from: &str, to: &str) -> Vec<String> {
        let changed = String::from_utf8_lossy(BUILT_IN[4].1).replace(from, to);
        let mut files = BUILT_IN.to_vec();
        files[4].1 = changed.as_bytes();
        read(&files).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn problems_have_a_place_and_a_remedy() {
        for (from, to, expected) in [
            ("grace_days: 7", "grace_day: 7", "markets/GB.yaml:14:1: Unknown key `grace_day` in a market. Did you mean `grace_days`?"),
            (
                "grace_days: 7",
                "grace_days: soon",
                "markets/GB.yaml:14:13: `grace_days` is a whole number from 0 to 3650. Write the digits, without quotes.",
            ),
            (
                "late_fee_cap_bps: 2500",
                "late_fee_cap_bps: 25000",
                "markets/GB.yaml:12:19: `late_fee_cap_bps` is a whole number from 0 to 10000. Write the digits, without quotes.",
            ),
            (
                "[0, 7, 14]",
                "[0, 7, 7]",
                "markets/GB.yaml:15:20: An entry of `retry_days` is a number of days from 0 to 365, later than the one before it. Write the digits, without quotes.",
            ),
            ("Europe/London", "Europe/Londn", "markets/GB.yaml:4:7: `Europe/Londn` is not a time zone. Write a zone such as Europe/Paris."),
            ("currency: GBP", "currency: pounds", "markets/GB.yaml:3:11: `pounds` is not a currency. Write an ISO 4217 code such as EUR."),
        ] {
            let told = told(from, to);
            assert!(told.iter().any(|line| line == expected), "{told:#?}");
        }
        let without: Vec<(&str, &[u8])> = BUILT_IN.iter().copied().filter(|(path, _)| !path.ends_with("JP.yaml")).collect();
        let problems: Vec<String> = read(&without).1.iter().map(ToString::to_string).collect();
        assert_eq!(problems, ["markets/JP.yaml: The market `JP` is missing. Add its file; copy that of a market that is like it."]);
    }
}
