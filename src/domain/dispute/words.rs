//! What customers are told about a dispute, in the languages of the domain. They never read who "won": they read what was decided for
//! whom and what happens to their money.

use crate::domain::account::{Dispute, DisputeOutcome, DisputeReason, DisputeState, Order};
use crate::domain::format::money;
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::money::display;
use crate::domain::time::spoken;
use jiff::Timestamp;
use jiff::civil::Date;

/// A reason in the customer's words. The English one can follow "about": "goods that never arrived".
pub fn reason_text(reason: DisputeReason, language: Language) -> &'static str {
    let (english, swedish, german) = match reason {
        DisputeReason::GoodsNotReceived => ("goods that never arrived", "varor som aldrig kom fram", "Ware nie angekommen"),
        DisputeReason::ServiceNotProvided => ("a service that was not provided", "en tjänst som inte utfördes", "Leistung nicht erbracht"),
        DisputeReason::FaultyOrNotAsDescribed => (
            "goods that are faulty or not as described",
            "varor som är trasiga eller inte som beskrivet",
            "Ware fehlerhaft oder nicht wie beschrieben",
        ),
        DisputeReason::ReturnRefundMissing => {
            ("a missing refund for a return", "en återbetalning som saknas för en retur", "Erstattung für eine Rücksendung fehlt")
        }
        DisputeReason::IncorrectAmount => ("a wrong amount", "ett felaktigt belopp", "Falscher Betrag"),
        DisputeReason::AlreadyPaidElsewhere => {
            ("something that was already paid another way", "något som redan är betalt på annat sätt", "Schon auf anderem Weg bezahlt")
        }
        DisputeReason::DuplicateCharge => ("a charge that was made twice", "en dragning som gjordes två gånger", "Doppelt abgebucht"),
        DisputeReason::SubscriptionCancelled => ("a subscription that was cancelled", "ett abonnemang som är uppsagt", "Gekündigtes Abo"),
        DisputeReason::UnauthorisedPurchase => ("a purchase that you didn't make", "ett köp som du inte har gjort", "Kauf nicht von dir"),
        DisputeReason::HighRiskOrder => ("a purchase that we are checking", "ett köp som vi kontrollerar", "Kauf, den wir prüfen"),
    };
    language.pick(english, swedish, german)
}

/// An outcome in the customer's words.
pub fn outcome_text(outcome: DisputeOutcome, language: Language) -> &'static str {
    let (english, swedish, german) = match outcome {
        DisputeOutcome::CustomerWonFull => ("decided for you", "avgjort till din fördel", "für dich entschieden"),
        DisputeOutcome::CustomerWonPartial => {
            ("decided for you in part", "delvis avgjort till din fördel", "teilweise für dich entschieden")
        }
        DisputeOutcome::MerchantWon => ("decided for the store", "avgjort till butikens fördel", "für den Shop entschieden"),
        DisputeOutcome::WithdrawnByCustomer => ("withdrawn by you", "återkallat av dig", "von dir zurückgezogen"),
        DisputeOutcome::RefundedByMerchant => ("refunded by the store", "återbetalat av butiken", "vom Shop erstattet"),
        DisputeOutcome::Duplicate => (
            "closed because there was another dispute about the same order",
            "avslutat eftersom det fanns ett annat ärende om samma beställning",
            "geschlossen, weil es schon einen Fall zu derselben Bestellung gab",
        ),
        DisputeOutcome::WrongReason => (
            "closed because it was opened for another reason",
            "avslutat eftersom det öppnades av en annan anledning",
            "geschlossen, weil er aus einem anderen Grund eröffnet wurde",
        ),
        DisputeOutcome::CustomerDidNotRespond => (
            "closed because we had no answer from you",
            "avslutat eftersom vi inte fick något svar från dig",
            "geschlossen, weil wir keine Antwort von dir hatten",
        ),
        DisputeOutcome::CustomerAuthorisedPurchase => (
            "closed because the purchase turned out to be yours",
            "avslutat eftersom köpet visade sig vara ditt",
            "geschlossen, weil sich der Kauf als deiner herausgestellt hat",
        ),
    };
    language.pick(english, swedish, german)
}

/// Where a dispute stands, as one or two sentences for the customer.
///
/// `merchant`: the store's name; `method`: how money goes back, e.g. `Visa ending in 4242`.
pub fn state_text(
    order: &Order,
    dispute: &Dispute,
    merchant: &str,
    method: Option<&str>,
    market: &Market,
    now: Timestamp,
    language: Language,
) -> String {
    let today = market.date(now);
    let by = |english: &str, swedish: &str, german: &str| {
        let lead = language.pick(english, swedish, german);
        dispute.next_deadline_at.map_or(String::new(), |at| format!(" {lead} {}", spoken(market.date(at), today, language)))
    };
    let paused = order.plan.as_ref().is_some_and(|plan| plan.is_paused());
    let if_paused = |english: &'static str, swedish: &'static str, german: &'static str| {
        if paused { language.pick(english, swedish, german) } else { "" }
    };
    let stay_paused =
        || if_paused(" Your payments stay paused.", " Dina betalningar är fortfarande pausade.", " Deine Zahlungen bleiben pausiert.");
    match dispute.state {
        DisputeState::Draft => language
            .pick(
                "It has not been sent yet: we still need some answers from you.",
                "Det är inte skickat än: vi behöver fortfarande några svar från dig.",
                "Er ist noch nicht abgeschickt: Wir brauchen noch ein paar Antworten von dir.",
            )
            .to_owned(),
        DisputeState::MerchantWindow => {
            let (until, paused) = (
                by("until", "till", "bis"),
                if_paused(" Your payments are paused.", " Dina betalningar är pausade.", " Deine Zahlungen sind pausiert."),
            );
            match language {
                Language::English => format!("We've told {merchant}. They have{until} to sort it out with you.{paused}"),
                Language::Swedish => format!("Vi har meddelat {merchant}. De har{until} på sig att lösa det med dig.{paused}"),
                Language::German => format!("Wir haben {merchant} Bescheid gegeben. Dort ist{until} Zeit, es mit dir zu klären.{paused}"),
            }
        }
        DisputeState::CustomerInfoRequested => {
            let what = asked_for(dispute, "customer", language.pick("more information", "mer information", "weitere Angaben"));
            let (by, paused) = (by("by", "senast", "bis"), stay_paused());
            match language {
                Language::English => format!("We need {what} from you{by}.{paused}"),
                Language::Swedish => format!("Vi behöver {what} från dig{by}.{paused}"),
                Language::German => format!("Wir brauchen von dir{by}: {what}.{paused}"),
            }
        }
        DisputeState::MerchantEvidenceRequested => {
            let proof = asked_for(dispute, "merchant", usual_proof(dispute.reason, language));
            let (by, paused) = (by("by", "senast", "bis"), stay_paused());
            match language {
                Language::English => format!("We've asked {merchant} for proof such as {proof}. They must answer{by}.{paused}"),
                Language::Swedish => format!("Vi har bett {merchant} om bevis, till exempel: {proof}. De måste svara{by}.{paused}"),
                Language::German => {
                    format!("Wir haben {merchant} um Belege gebeten, zum Beispiel: {proof}. Die Antwort muss{by} da sein.{paused}")
                }
            }
        }
        DisputeState::UnderReview => {
            let (by, paused) = (by("by", "senast", "bis"), stay_paused());
            match language {
                Language::English => format!("A specialist is deciding. We expect to tell you{by}.{paused}"),
                Language::Swedish => format!("En specialist avgör ärendet. Vi räknar med att ge dig besked{by}.{paused}"),
                Language::German => format!("Eine Fachkraft entscheidet gerade. Wir rechnen damit, dir{by} Bescheid zu geben.{paused}"),
            }
        }
        DisputeState::PreliminaryDecision => {
            let both = language.pick("we have looked at both sides", "vi har tittat på båda sidor", "wir haben beide Seiten geprüft");
            let result = dispute.outcome.map_or(both, |outcome| outcome_text(outcome, language));
            let (until, why) = (by("until", "till", "bis"), why(dispute, language));
            match language {
                Language::English => format!("First decision: {result}.{why} Either side can ask for a second look{until}."),
                Language::Swedish => format!("Första beslut: {result}.{why} Båda sidor kan be om en ny bedömning{until}."),
                Language::German => format!("Erste Entscheidung: {result}.{why} Beide Seiten können{until} um eine zweite Prüfung bitten."),
            }
        }
        DisputeState::AppealReview => {
            let text = language.pick(
                "A different specialist is taking a second, final look.",
                "En annan specialist gör en andra och sista bedömning.",
                "Eine andere Fachkraft prüft den Fall ein zweites und letztes Mal.",
            );
            format!("{text}{}", stay_paused())
        }
        DisputeState::FraudInvestigation => language
            .pick(
                "We've locked this purchase and paused payments. A person is handling it.",
                "Vi har spärrat köpet och pausat betalningarna. En människa tar hand om det.",
                "Wir haben diesen Kauf gesperrt und die Zahlungen pausiert. Ein Mensch kümmert sich darum.",
            )
            .to_owned(),
        DisputeState::Closed => closed_text(order, dispute, method, market, today, language),
    }
}

/// Why it was decided so, after a space; nothing when no reason is known.
fn why(dispute: &Dispute, language: Language) -> String {
    let detail = dispute.decision.as_ref().and_then(|decision| decision.detail);
    detail.map_or(String::new(), |detail| format!(" {}", detail.text(language)))
}

fn closed_text(order: &Order, dispute: &Dispute, method: Option<&str>, market: &Market, today: Date, language: Language) -> String {
    let next = order
        .plan
        .as_ref()
        .and_then(|plan| plan.instalments.iter().filter(|instalment| instalment.is_open()).map(|instalment| instalment.due_on).min());
    let restart = next.map_or(String::new(), |on| {
        let on = spoken(on, today, language);
        match language {
            Language::English => format!(" Your next payment is due on {on}; there are no fees for the pause."),
            Language::Swedish => format!(" Din nästa betalning förfaller {on}; pausen kostar inget."),
            Language::German => format!(" Deine nächste Zahlung ist am {on} fällig; für die Pause gibt es keine Gebühren."),
        }
    });
    let days = market.refund_posting_days;
    let amount = || match language {
        Language::English => display(dispute.refund_minor, order.currency),
        Language::Swedish | Language::German => money(dispute.refund_minor, order.currency, language.code()),
    };
    let Some(outcome) = dispute.outcome else {
        return language.pick("It is closed.", "Det är avslutat.", "Er ist geschlossen.").to_owned();
    };
    match outcome {
        DisputeOutcome::CustomerWonFull | DisputeOutcome::CustomerWonPartial => {
            let lead = if outcome == DisputeOutcome::CustomerWonFull {
                language.pick("Decided for you.", "Avgjort till din fördel.", "Für dich entschieden.")
            } else {
                language.pick("Decided for you in part.", "Delvis avgjort till din fördel.", "Teilweise für dich entschieden.")
            };
            let (back, why) = (amount(), why(dispute, language));
            let to = method.map_or(String::new(), |method| format!(" {} {method}", language.pick("to", "till", "auf")));
            match language {
                Language::English => format!("{lead}{why} You get back {back}{to}; it can take up to {days} days."),
                Language::Swedish => format!("{lead}{why} Du får tillbaka {back}{to}; det kan ta upp till {days} dagar."),
                Language::German => format!("{lead}{why} Du bekommst {back}{to} zurück; das kann bis zu {days} Tage dauern."),
            }
        }
        DisputeOutcome::MerchantWon => {
            let ombudsman = market.ombudsman;
            let why = match why(dispute, language) {
                known if !known.is_empty() => known,
                _ => format!(
                    " {}",
                    language.pick(
                        "It sent us proof that speaks for it.",
                        "Den skickade bevis som talar för den.",
                        "Er hat uns Belege geschickt, die für ihn sprechen.",
                    )
                ),
            };
            match language {
                Language::English => {
                    format!("Decided for the store.{why}{restart} You can complain to us, and after that to {ombudsman}.")
                }
                Language::Swedish => {
                    format!("Avgjort till butikens fördel.{why}{restart} Du kan klaga hos oss, och därefter hos {ombudsman}.")
                }
                Language::German => {
                    format!("Für den Shop entschieden.{why}{restart} Du kannst dich bei uns beschweren und danach hier: {ombudsman}.")
                }
            }
        }
        DisputeOutcome::WithdrawnByCustomer => {
            format!("{}{restart}", language.pick("You withdrew it.", "Du har återkallat det.", "Du hast ihn zurückgezogen."))
        }
        DisputeOutcome::RefundedByMerchant => {
            let back = amount();
            match language {
                Language::English => format!("The store paid you back {back}; it can take up to {days} days to reach you."),
                Language::Swedish => {
                    format!("Butiken har betalat tillbaka {back}; det kan ta upp till {days} dagar innan pengarna är hos dig.")
                }
                Language::German => {
                    format!("Der Shop hat dir {back} erstattet; es kann bis zu {days} Tage dauern, bis das Geld bei dir ist.")
                }
            }
        }
        DisputeOutcome::Duplicate
        | DisputeOutcome::WrongReason
        | DisputeOutcome::CustomerDidNotRespond
        | DisputeOutcome::CustomerAuthorisedPurchase => {
            format!("{} {}.{restart}", language.pick("It was", "Det blev", "Er wurde"), outcome_text(outcome, language))
        }
    }
}

/// What was asked for last and has no answer yet, in the words in which it was asked.
fn asked_for(dispute: &Dispute, whom: &str, otherwise: &str) -> String {
    let last = dispute.requests.iter().rev().find(|request| request["to"] == whom && request["answered_at"].is_null());
    last.and_then(|request| request["text"].as_str()).unwrap_or(otherwise).to_owned()
}

fn usual_proof(reason: DisputeReason, language: Language) -> &'static str {
    let (english, swedish, german) = match reason {
        DisputeReason::GoodsNotReceived => {
            ("a signed proof of delivery", "ett undertecknat leveransbevis", "ein unterschriebener Zustellnachweis")
        }
        DisputeReason::ServiceNotProvided => ("a record of the service", "underlag som visar tjänsten", "ein Nachweis der Leistung"),
        DisputeReason::FaultyOrNotAsDescribed => (
            "its answer to your complaint and its returns policy",
            "svaret på din reklamation och returvillkoren",
            "die Antwort auf deine Reklamation und die Rückgabebedingungen",
        ),
        DisputeReason::ReturnRefundMissing => (
            "a record of the return and the refund",
            "underlag för returen och återbetalningen",
            "ein Nachweis über Rücksendung und Erstattung",
        ),
        DisputeReason::IncorrectAmount | DisputeReason::AlreadyPaidElsewhere | DisputeReason::DuplicateCharge => (
            "the invoice and the payments it has received",
            "fakturan och de betalningar som har kommit in",
            "die Rechnung und die eingegangenen Zahlungen",
        ),
        DisputeReason::SubscriptionCancelled => {
            ("the subscription's terms and dates", "abonnemangets villkor och datum", "Bedingungen und Daten des Abos")
        }
        DisputeReason::UnauthorisedPurchase | DisputeReason::HighRiskOrder => {
            ("who ordered and where it was sent", "vem som beställde och vart det skickades", "wer bestellt hat und wohin geliefert wurde")
        }
    };
    language.pick(english, swedish, german)
}
