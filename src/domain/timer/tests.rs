//! Which timers accounts have.

use super::*;
use crate::domain::personas;
use jiff::civil::date;

fn persona(id: &str) -> Account {
    let mut account = personas::accounts().into_iter().find(|account| account.customer.id.as_str() == id).expect(id);
    account.since = personas::NOW.parse().expect("an instant");
    account
}

fn due(id: &str) -> Vec<(String, TimerKind, String)> {
    let account = persona(id);
    let market = Market::of(&account.customer.market);
    timers(&account, market).into_iter().map(|timer| (timer.subject, timer.kind, timer.due_at.to_string())).collect()
}

#[test]
fn a_plan_is_announced_and_collected_on_its_days() {
    let all = due("P07");
    assert!(all.contains(&("P07-1-i2".into(), TimerKind::Announce, "2026-12-09T10:00:00Z".into())), "{all:?}");
    assert!(all.contains(&("P07-1-i2".into(), TimerKind::Collect, "2026-12-10T06:00:00Z".into())), "{all:?}");
    assert!(all.iter().all(|(subject, _, _)| subject != "P07-1-i1"), "what is paid has no timer: {all:?}");
}

#[test]
fn a_declined_debit_is_tried_again_by_the_ladder() {
    let all = due("P04");
    let collect: Vec<_> = all.iter().filter(|(subject, kind, _)| subject == "P04-1-i2" && *kind == TimerKind::Collect).collect();
    assert_eq!(collect.len(), 1, "{all:?}");
    assert!(collect[0].2.starts_with("2026-12-07"), "{collect:?}");
}

#[test]
fn a_store_has_a_day_more_than_its_deadline() {
    let all = due("P12");
    assert!(all.contains(&("P12-1-d1".into(), TimerKind::DisputeDeadline, "2026-12-09T23:59:59Z".into())), "{all:?}");
}

#[test]
fn people_are_called_before_the_law_is_broken() {
    let all = due("P20");
    assert!(all.iter().any(|(_, kind, at)| *kind == TimerKind::CaseDue && at.starts_with("2026-12-11")), "{all:?}");
}

#[test]
fn nobody_sheltered_is_charged() {
    for id in ["P16", "P17"] {
        let mut account = persona(id);
        account.customer.flags.push("hardship".into());
        let all = timers(&account, Market::of(&account.customer.market));
        let debt = [TimerKind::Collect, TimerKind::Announce, TimerKind::LateFee];
        assert!(all.iter().all(|timer| !debt.contains(&timer.kind)), "{id}: {all:?}");
    }
}

#[test]
fn quiet_hours_end_at_eight() {
    let market = Market::of("SE");
    for (now, then) in [
        ("2026-12-04T20:30:00Z", "2026-12-05T07:00:00Z"),
        ("2026-12-04T05:00:00Z", "2026-12-04T07:00:00Z"),
        ("2026-12-04T09:00:00Z", "2026-12-04T09:00:00Z"),
    ] {
        assert_eq!(awake(market, now.parse().expect("an instant")).to_string(), then);
    }
    assert_eq!(at_hour(market, date(2026, 12, 5), 8).to_string(), "2026-12-05T07:00:00Z");
}

#[test]
fn every_timer_is_unique_and_has_a_name() {
    for account in personas::accounts() {
        let all = timers(&account, Market::of(&account.customer.market));
        let names: std::collections::HashSet<_> = all.iter().map(|timer| (&timer.subject, timer.kind)).collect();
        assert_eq!(names.len(), all.len(), "{}", account.customer.id);
        for timer in &all {
            assert_eq!(TimerKind::parse(timer.kind.as_str()), Some(timer.kind));
        }
    }
}
