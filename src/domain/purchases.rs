//! What a customer sees of their own purchases outside the chat: plans with their dates, parcels, refunds, disputes with who acts and by
//! when, and what can be started from there. The same data and the same sentences as the flows; nothing is decided here.

use super::account::{Account, Dispute, DisputeState, InstalmentStatus, Order, Party, Plan, PlanStatus, ShipmentStatus};
use super::dispute::machine::{Event, transition};
use super::dispute::{open_dispute, outbound, reason_text, state_text};
use super::format::money;
use super::language::Language;
use super::market::Market;
use super::merchants::Merchants;
use super::money::display;
use super::time::spoken;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// Something that can be started: what the customer would say, and what the button says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The intent that it leads to.
    pub intent: &'static str,
    /// What stands on the button.
    pub label: String,
    /// What the customer says by pressing it.
    pub says: String,
}

struct Place<'a> {
    merchants: &'a Merchants,
    market: &'a Market,
    now: Timestamp,
    today: Date,
    language: Language,
}

/// All purchases, newest first.
pub fn purchases(account: &Account, merchants: &Merchants, now: Timestamp, language: Language) -> Value {
    let market = Market::of(&account.customer.market);
    let place = Place { merchants, market, now, today: market.date(now), language };
    let mut orders: Vec<&Order> = account.customer.orders.iter().collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.placed_at));
    let orders: Vec<Value> = orders.into_iter().map(|order| place.order(order)).collect();
    json!({"given_name": account.customer.given_name, "quiet": account.customer.quiet, "orders": orders})
}

/// What can be started for an order, most likely first.
pub fn starts(order: &Order, language: Language) -> Vec<Start> {
    let mut all = Vec::new();
    let number = &order.r#ref;
    let mut add = |intent, label: &'static str, says: String| all.push(Start { intent, label: label.to_owned(), says });
    let pick = |english, swedish, german| language.pick(english, swedish, german);
    let say = |english: String, swedish: String, german: String| match language {
        Language::English => english,
        Language::Swedish => swedish,
        Language::German => german,
    };
    if let Some(open) = open_dispute(order) {
        let no = &open.public_no;
        add(
            "dispute_status",
            pick("What happens with my case?", "Vad händer med mitt ärende?", "Was ist mit meinem Fall?"),
            say(
                format!("What is happening with my case {no}?"),
                format!("Vad händer med mitt ärende {no}?"),
                format!("Was ist der Stand bei meinem Fall {no}?"),
            ),
        );
        if open.state == DisputeState::PreliminaryDecision {
            add(
                "dispute_appeal",
                pick("Ask for a second look", "Be om en ny bedömning", "Zweite Prüfung verlangen"),
                say(
                    format!("I want to appeal the decision on my case {no}"),
                    format!("Jag vill överklaga beslutet i mitt ärende {no}"),
                    format!("Ich will der Entscheidung in meinem Fall {no} widersprechen"),
                ),
            );
        }
        if language == Language::English {
            add("dispute_add_evidence", "Add something to my case", format!("I want to add something to my case {no}"));
            if transition(open.state, Event::Withdraw).is_some() {
                add("dispute_withdraw", "Close my case", format!("I want to withdraw my case {no}"));
            }
        }
        return all;
    }
    let waits = outbound(order).any(|parcel| parcel.status != ShipmentStatus::Delivered);
    if waits {
        add(
            "track_delivery",
            pick("Where is my parcel?", "Var är mitt paket?", "Wo ist mein Paket?"),
            say(
                format!("Where is my parcel, order {number}?"),
                format!("Var är mitt paket, beställning {number}?"),
                format!("Wo ist mein Paket, Bestellung {number}?"),
            ),
        );
        add(
            "goods_not_received",
            pick("It never arrived", "Det kom aldrig", "Es kam nie an"),
            say(
                format!("My order {number} never arrived"),
                format!("Min beställning {number} kom aldrig fram"),
                format!("Meine Bestellung {number} ist nie angekommen"),
            ),
        );
    }
    let open = order.plan.iter().flat_map(|plan| &plan.instalments).any(|due| due.is_open());
    if open {
        add(
            "extend_due_date",
            pick("Pay later", "Betala senare", "Später zahlen"),
            say(
                format!("I want to move the due date of my payment for order {number}"),
                format!("Jag vill flytta förfallodagen för beställning {number}"),
                format!("Ich möchte das Fälligkeitsdatum für Bestellung {number} verschieben"),
            ),
        );
    }
    if !order.returns.is_empty() || !order.refunds.is_empty() {
        add(
            "refund_status",
            pick("Where is my refund?", "Var är min återbetalning?", "Wo ist meine Erstattung?"),
            say(
                format!("Where is my refund for order {number}?"),
                format!("Var är min återbetalning för beställning {number}?"),
                format!("Wo bleibt meine Erstattung für Bestellung {number}?"),
            ),
        );
    } else if language == Language::English {
        add("report_return", "I sent it back", format!("I sent order {number} back to the store, I want to report the return"));
    }
    all
}

impl Place<'_> {
    fn amount(&self, minor: i64, order: &Order) -> String {
        match self.language {
            Language::English => display(minor, order.currency),
            Language::Swedish | Language::German => money(minor, order.currency, self.language.code()),
        }
    }

    fn day(&self, on: Date) -> String {
        spoken(on, self.today, self.language)
    }

    fn pick(&self, english: &'static str, swedish: &'static str, german: &'static str) -> &'static str {
        self.language.pick(english, swedish, german)
    }

    fn order(&self, order: &Order) -> Value {
        let merchant = self.merchants.name(&order.merchant);
        let items: Vec<&str> = order.lines.iter().map(|line| line.name.as_str()).collect();
        let disputes: Vec<Value> = order.disputes.iter().rev().map(|dispute| self.dispute(order, dispute, merchant)).collect();
        let parcels: Vec<Value> = outbound(order)
            .map(|parcel| {
                json!({"text": self.parcel(parcel.status), "carrier": parcel.carrier, "tracking_no": parcel.tracking_no,
                "promised": parcel.promised_on.map(|on| self.day(on))})
            })
            .collect();
        let refunds: Vec<Value> = order
            .refunds
            .iter()
            .map(|refund| {
                json!({"amount": self.amount(refund.amount_minor, order), "on": self.day(self.market.date(refund.created_at)),
                "there": refund.posted_at.is_some()})
            })
            .collect();
        let starts: Vec<Value> = starts(order, self.language)
            .into_iter()
            .map(|start| json!({"intent": start.intent, "label": start.label, "says": start.says}))
            .collect();
        json!({"id": order.id, "ref": order.r#ref, "merchant": merchant, "items": items, "total": self.amount(order.total_minor, order),
            "bought": self.day(self.market.date(order.placed_at)), "plan": order.plan.as_ref().map(|plan| self.plan(order, plan)),
            "parcels": parcels, "refunds": refunds, "disputes": disputes, "starts": starts})
    }

    fn plan(&self, order: &Order, plan: &Plan) -> Value {
        let text = match plan.status {
            PlanStatus::Paused => self.pick("Payments are paused", "Betalningarna är pausade", "Zahlungen sind pausiert"),
            PlanStatus::Overdue => self.pick("A payment is overdue", "En betalning är försenad", "Eine Zahlung ist überfällig"),
            PlanStatus::Completed => self.pick("Paid", "Betalt", "Bezahlt"),
            PlanStatus::Cancelled => self.pick("Nothing left to pay", "Inget kvar att betala", "Nichts mehr zu zahlen"),
            PlanStatus::Hardship => self.pick("A special arrangement", "En särskild överenskommelse", "Eine besondere Vereinbarung"),
            _ => self.pick("Running", "Pågår", "Läuft"),
        };
        let dates: Vec<Value> = plan
            .instalments
            .iter()
            .map(|due| {
                let amount = if due.is_open() { due.open_minor() } else { due.amount_minor + due.fee_minor };
                json!({"on": self.day(due.due_on), "date": due.due_on, "amount": self.amount(amount, order), "state": self.instalment(due.status),
                    "done": !due.is_open()})
            })
            .collect();
        json!({"text": text, "paused": plan.is_paused(), "left": self.amount(plan.open_minor(), order), "dates": dates})
    }

    fn instalment(&self, status: InstalmentStatus) -> &'static str {
        match status {
            InstalmentStatus::Scheduled => self.pick("to pay", "att betala", "zu zahlen"),
            InstalmentStatus::Processing => self.pick("being collected", "dras nu", "wird eingezogen"),
            InstalmentStatus::Paid => self.pick("paid", "betald", "bezahlt"),
            InstalmentStatus::PartiallyPaid => self.pick("paid in part", "delvis betald", "teilweise bezahlt"),
            InstalmentStatus::Overdue => self.pick("overdue", "försenad", "überfällig"),
            InstalmentStatus::Paused => self.pick("paused", "pausad", "pausiert"),
            InstalmentStatus::Cancelled => self.pick("no longer to be paid", "behöver inte betalas", "entfällt"),
            InstalmentStatus::WrittenOff => self.pick("written off", "avskriven", "erlassen"),
        }
    }

    fn parcel(&self, status: ShipmentStatus) -> &'static str {
        match status {
            ShipmentStatus::LabelCreated => {
                self.pick("Not handed to the carrier yet", "Inte lämnat till transportören än", "Noch nicht beim Paketdienst")
            }
            ShipmentStatus::InTransit => self.pick("On its way", "På väg", "Unterwegs"),
            ShipmentStatus::OutForDelivery => self.pick("Out for delivery", "Levereras i dag", "In Zustellung"),
            ShipmentStatus::Delivered => self.pick("Delivered", "Levererat", "Zugestellt"),
            ShipmentStatus::FailedAttempt => self.pick("A delivery was tried", "Ett leveransförsök gjordes", "Zustellung wurde versucht"),
            ShipmentStatus::ReturnedToSender => {
                self.pick("On its way back to the store", "På väg tillbaka till butiken", "Auf dem Weg zurück zum Shop")
            }
            ShipmentStatus::Lost => {
                self.pick("The carrier can't find it", "Transportören hittar det inte", "Der Paketdienst findet es nicht")
            }
            ShipmentStatus::Unknown => {
                self.pick("No news from the carrier", "Inget besked från transportören", "Keine Nachricht vom Paketdienst")
            }
        }
    }

    fn dispute(&self, order: &Order, dispute: &Dispute, merchant: &str) -> Value {
        let who = match dispute.next_actor {
            Some(Party::Customer) => self.pick("You", "Du", "Du").to_owned(),
            Some(Party::Merchant) => merchant.to_owned(),
            Some(Party::Us) => self.pick("We", "Vi", "Wir").to_owned(),
            None => self.pick("Nobody, it is closed", "Ingen, det är avslutat", "Niemand, er ist geschlossen").to_owned(),
        };
        let files = dispute.evidence.iter().filter(|row| row["party"] == "customer").count();
        json!({"public_no": dispute.public_no, "reason": reason_text(dispute.reason, self.language), "open": dispute.state != DisputeState::Closed,
            "text": state_text(order, dispute, merchant, None, self.market, self.now, self.language), "who": who,
            "by": dispute.next_deadline_at.map(|at| self.day(self.market.date(at))), "files": files})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::personas;

    fn shown(id: &str, language: Language) -> Value {
        let account = personas::accounts().into_iter().find(|account| account.customer.id.as_str() == id).expect(id);
        let merchants = Merchants::of(personas::load().merchants);
        purchases(&account, &merchants, personas::NOW.parse().expect("an instant"), language)
    }

    #[test]
    fn a_dispute_stands_with_who_acts_and_by_when() {
        let order = shown("P12", Language::English)["orders"][0].clone();
        let dispute = &order["disputes"][0];
        assert_eq!((dispute["who"].as_str(), dispute["by"].as_str()), (Some("Saffron Kitchen"), Some("Tuesday 8 December")));
        assert_eq!((order["plan"]["paused"].as_bool(), order["plan"]["text"].as_str()), (Some(true), Some("Payments are paused")));
        let starts: Vec<&str> = order["starts"].as_array().expect("a list").iter().filter_map(|start| start["intent"].as_str()).collect();
        assert_eq!(starts, ["dispute_status", "dispute_add_evidence", "dispute_withdraw"]);
    }

    #[test]
    fn nobody_reads_codes_in_any_language() {
        for id in (1..=28).map(|number| format!("P{number:02}")) {
            for language in [Language::English, Language::Swedish, Language::German] {
                let text = shown(&id, language).to_string();
                let words = text.replace("\"intent\":\"", "");
                for code in
                    ["merchant_evidence_requested", "in_transit", "out_for_delivery", "pay_in_", "customer_won", "_won", "WON", "LOST"]
                {
                    assert!(!words.contains(code), "{id}: {code}");
                }
            }
        }
    }
}
