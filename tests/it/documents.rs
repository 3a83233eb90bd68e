//! `docs/disputes.md`: the state diagram, the table of events, the deadlines and the rules, written from the tables in the code.

use redress::domain::account::{DisputeOutcome, DisputeState, Framework};
use redress::domain::dispute::Detail;
use redress::domain::dispute::clock::{APPEAL_DAYS, DRAFT_HOURS, HIGH_RISK_HOURS, INFO_DAYS, REVIEW_DAYS, evidence_days};
use redress::domain::dispute::machine::{Event, MOST_ROUNDS, TRANSITIONS, To, Transition, first_state, state_name};
use redress::domain::dispute::rules::{NEVER, RULES};
use redress::domain::language::Language;
use std::fmt::Write;

const FILE: &str = "docs/disputes.md";

fn plain(state: DisputeState) -> String {
    state_name(state).replace('_', " ")
}

fn targets(row: &Transition) -> Vec<DisputeState> {
    match row.to {
        To::State(state) | To::New(state) => vec![state],
        To::First => vec![first_state(Framework::V3), first_state(Framework::V4)],
        To::Back => TRANSITIONS.iter().filter(|asked| asked.event == Event::NeedInfo).flat_map(|asked| asked.from).copied().collect(),
    }
}

fn written() -> String {
    let mut text = String::from(
        "# Disputes\n\n<!-- Written from the code by a test: change `src/domain/dispute/`, then run \
         `REDRESS_WRITE_DOCS=1 cargo test --test it disputes_are_documented`. -->\n\n\
         A dispute is a customer's claim about one order. While it is open, the order's payments are paused. It moves by the chat, by facts \
         from outside, by deadlines and by people; every step is one row of the table below, and whatever is in no row is refused. \
         Nothing is ever decided against a customer without a person.\n\n## States\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft\n",
    );
    let mut arrows: Vec<(DisputeState, DisputeState, Vec<&str>)> = Vec::new();
    for row in TRANSITIONS {
        for from in row.from {
            for to in targets(row) {
                if matches!(row.to, To::New(_)) {
                    continue;
                }
                match arrows.iter_mut().find(|(a, b, _)| a == from && *b == to) {
                    Some((.., names)) => names.push(row.event.as_str()),
                    None => arrows.push((*from, to, vec![row.event.as_str()])),
                }
            }
        }
    }
    for (from, to, names) in arrows {
        let _ = writeln!(text, "    {} --> {}: {}", state_name(from), state_name(to), names.join(", "));
    }
    text.push_str(
        "    closed --> [*]\n```\n\n`reopen` begins a new dispute in `under_review`; the closed one stays closed.\n\n## Events\n\n",
    );
    text.push_str("| event | from | to | by | must hold | means |\n|---|---|---|---|---|---|\n");
    for row in TRANSITIONS {
        let from: Vec<String> = row.from.iter().map(|state| plain(*state)).collect();
        let to = match row.to {
            To::State(state) => plain(state),
            To::First => "merchant window (v3), merchant evidence requested (v4)".into(),
            To::Back => "where it was asked from".into(),
            To::New(state) => format!("a new dispute, {}", plain(state)),
        };
        let by: Vec<&str> = row.by.iter().map(|actor| actor.as_str()).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {to} | {} | {} | {} |",
            row.event,
            from.join(", "),
            by.join(", "),
            row.guard,
            row.event.meaning()
        );
    }
    let days = |framework, round| evidence_days(framework, round);
    let _ = write!(
        text,
        "\n## Deadlines\n\nA market's file says which way of working its new disputes follow: `dispute_framework: v3` (the store first has time to \
         settle) or `v4` (it is asked for evidence at once). Days end in the market's zone.\n\n\
         | state | v3 | v4 | then |\n|---|---|---|---|\n\
         | draft | {DRAFT_HOURS} hours | {DRAFT_HOURS} hours | discarded |\n\
         | merchant window | `dispute_window_days` of the market; for a return from the day it was sent, but at least a week | – | the store is asked for evidence |\n\
         | customer info requested | {INFO_DAYS} days | {INFO_DAYS} days | a person decides |\n\
         | merchant evidence requested, first time | {} days | {} days | a day later rule R1, else a person decides |\n\
         | merchant evidence requested, again (at most {MOST_ROUNDS} times) | {} days | {} days | the same |\n\
         | merchant evidence requested, unauthorised | `fraud_window_days` | `fraud_window_days` | a person decides |\n\
         | merchant evidence requested, high risk | {HIGH_RISK_HOURS} hours | {HIGH_RISK_HOURS} hours | a person decides |\n\
         | under review, appeal review | {REVIEW_DAYS} days | {REVIEW_DAYS} days | people are called; it stays open |\n\
         | preliminary decision | {APPEAL_DAYS} days | {APPEAL_DAYS} days | it becomes final |\n\
         | fraud investigation | `fraud_window_days` | `fraud_window_days` | people are called; it stays open |\n\n## Rules without a person\n\n\
         | rule | when | does | at work in |\n|---|---|---|---|\n",
        days(Framework::V3, 1),
        days(Framework::V4, 1),
        days(Framework::V3, 2),
        days(Framework::V4, 2),
    );
    for rule in RULES {
        let _ = writeln!(text, "| {} | {} | {} | {} |", rule.id, rule.when, rule.does, rule.by);
    }
    text.push_str("\nNever decided without a person:\n\n");
    for never in NEVER {
        let _ = writeln!(text, "- {never}");
    }
    text.push_str("\n## Reasons that customers read\n\n| code | outcomes | in English |\n|---|---|---|\n");
    for detail in Detail::ALL {
        let fits = [DisputeOutcome::CustomerWonFull, DisputeOutcome::CustomerWonPartial, DisputeOutcome::MerchantWon];
        let names: Vec<&str> = fits
            .into_iter()
            .zip(["for the customer", "in part", "for the store"])
            .filter(|(outcome, _)| detail.fits(*outcome))
            .map(|(_, name)| name)
            .collect();
        let english = detail.text(Language::English);
        let _ = writeln!(text, "| `{}` | {} | {english} |", detail.as_str(), names.join(", "));
    }
    text
}

#[test]
fn disputes_are_documented() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let expected = written();
    if std::env::var_os("REDRESS_WRITE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("docs/ can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{FILE} differs from the code; run: REDRESS_WRITE_DOCS=1 cargo test --test it disputes_are_documented");
}

/// Articles speak to customers of every market: a number in them must be that of each market's file, or be told as "most".
#[test]
fn the_numbers_in_the_articles_are_those_of_the_markets() {
    use redress::domain::market::Market;
    type Figure = fn(&Market) -> i64;
    let figures: [(&str, &str, Figure); 13] = [
        ("move-a-due-date", "pay-later purchase can move by up to {} days", |market| market.extension_days_invoice.into()),
        ("move-a-due-date", "plan in parts can move by up to {} days", |market| market.extension_days_instalment.into()),
        ("late-fees", "after its {} days of grace", |market| market.grace_days.into()),
        ("when-a-payment-fails", "after the {} days of grace", |market| market.grace_days.into()),
        ("when-a-payment-fails", "we try again {} days after the due date", |market| market.retry_days.get(1).copied().unwrap_or(0).into()),
        ("parcel-never-came", "up to {} days after the charge", |market| market.claim_window_days.into()),
        ("parcel-never-came", "at least {} days after the charge", |market| market.not_received_wait_days.into()),
        ("parcel-is-late", "not earlier than {} days after the charge", |market| market.not_received_wait_days.into()),
        ("send-something-back", "states no window, we count {} days", |market| market.return_window_days.into()),
        ("send-something-back", "for that order are paused for {} days", |market| market.return_pause_days.into()),
        ("payments-while-a-dispute-runs", "or {} days after the dispute has ended", |market| market.resume_days.into()),
        ("when-your-refund-arrives", "it can take up to {} days until you see it", |market| market.refund_posting_days.into()),
        ("how-a-dispute-works", "In most countries the store has {} days to settle it", |market| market.dispute_window_days.into()),
    ];
    for (article, sentence, figure) in figures {
        let path = format!("knowledge/{article}.md");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        for code in ["GB", "SE", "DE", "NL", "FI", "US", "US-NY", "JP"] {
            let market = Market::of(code);
            // Stores are asked for evidence at once in the other framework.
            if article == "how-a-dispute-works" && market.framework != Framework::V3 {
                continue;
            }
            let expected = sentence.replace("{}", &figure(market).to_string());
            assert!(text.contains(&expected), "{path} should say \"{expected}\", as markets/{code}.yaml does");
        }
    }
    let fees = std::fs::read_to_string("knowledge/late-fees.md").expect("the article");
    assert!(fees.contains("never has more than two late fees") && fees.contains("never more than a quarter of the price"));
    for code in ["GB", "SE", "DE", "NL", "FI", "US", "US-NY", "JP"] {
        let market = Market::of(code);
        assert!(market.late_fee_minor == 0 || (market.late_fee_max_count <= 2 && market.late_fee_cap_bps <= 2_500), "markets/{code}.yaml");
    }
}
