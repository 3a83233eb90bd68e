//! Why a dispute was decided as it was: a closed list, each in a sentence that customers read.

use crate::domain::account::DisputeOutcome;
use crate::domain::language::Language;
use serde::{Deserialize, Serialize};

macro_rules! details {
    ($($variant:ident $name:literal [$($outcome:ident)*] $english:literal $swedish:literal $german:literal;)*) => {
        /// Why it was decided so.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Detail {
            $(#[doc = $english] #[serde(rename = $name)] $variant,)*
        }

        impl Detail {
            /// All of them.
            pub const ALL: &[Detail] = &[$(Detail::$variant),*];

            /// The word in accounts and on the desk's interface.
            pub fn as_str(self) -> &'static str {
                match self { $(Detail::$variant => $name,)* }
            }

            /// The sentence for the customer.
            pub fn text(self, language: Language) -> &'static str {
                match self { $(Detail::$variant => language.pick($english, $swedish, $german),)* }
            }

            /// Whether it can be the reason for this outcome.
            pub fn fits(self, outcome: DisputeOutcome) -> bool {
                match self { $(Detail::$variant => [$(DisputeOutcome::$outcome),*].contains(&outcome),)* }
            }
        }
    };
}

details! {
    NoAnswer "store_did_not_answer" [CustomerWonFull CustomerWonPartial]
        "The store did not answer in time."
        "Butiken svarade inte i tid."
        "Der Shop hat nicht rechtzeitig geantwortet.";
    StoreAccepts "store_accepts" [CustomerWonFull CustomerWonPartial]
        "The store accepts your claim."
        "Butiken godtar ditt krav."
        "Der Shop erkennt deine Beanstandung an.";
    CarrierConfirms "carrier_confirms_loss" [CustomerWonFull CustomerWonPartial]
        "The carrier says that the parcel did not reach you."
        "Transportören säger att paketet inte nådde dig."
        "Der Paketdienst sagt, dass dich das Paket nicht erreicht hat.";
    NoProof "no_proof_of_delivery" [CustomerWonFull CustomerWonPartial]
        "The store could not show that the parcel was handed over to you."
        "Butiken kunde inte visa att paketet lämnades till dig."
        "Der Shop konnte nicht zeigen, dass dir das Paket übergeben wurde.";
    WrongAddress "delivered_elsewhere" [CustomerWonFull CustomerWonPartial]
        "The proof of delivery shows another address than yours."
        "Leveransbeviset visar en annan adress än din."
        "Der Zustellnachweis zeigt eine andere Adresse als deine.";
    GoodsFaulty "goods_were_faulty" [CustomerWonFull CustomerWonPartial]
        "What you sent us shows that the goods were not as they should be."
        "Det du skickade visar att varorna inte var som de skulle."
        "Was du uns geschickt hast, zeigt, dass die Ware nicht in Ordnung war.";
    ReturnProven "return_was_received" [CustomerWonFull CustomerWonPartial]
        "The store has your return and has not paid you back."
        "Butiken har fått din retur men har inte betalat tillbaka."
        "Der Shop hat deine Rücksendung und hat nicht erstattet.";
    AmountWrong "amount_was_wrong" [CustomerWonFull CustomerWonPartial]
        "The amount was not what you had agreed with the store."
        "Beloppet var inte det som du hade kommit överens om med butiken."
        "Der Betrag war nicht der, den du mit dem Shop vereinbart hattest.";
    ServiceMissing "service_was_not_provided" [CustomerWonFull CustomerWonPartial]
        "The store could not show that the service was provided."
        "Butiken kunde inte visa att tjänsten utfördes."
        "Der Shop konnte nicht zeigen, dass die Leistung erbracht wurde.";
    PaidTwice "paid_already" [CustomerWonFull CustomerWonPartial]
        "You had paid for it already."
        "Du hade redan betalat för det."
        "Du hattest dafür schon bezahlt.";
    NotYours "purchase_was_not_yours" [CustomerWonFull]
        "We found that somebody else made the purchase."
        "Vi har kommit fram till att någon annan gjorde köpet."
        "Wir haben festgestellt, dass jemand anderes den Kauf gemacht hat.";
    Meets "both_sides_have_a_point" [CustomerWonPartial]
        "Both sides have shown that they are right in part."
        "Båda sidor har visat att de delvis har rätt."
        "Beide Seiten haben gezeigt, dass sie zum Teil recht haben.";
    Delivered "delivered_to_your_address" [MerchantWon]
        "The carrier's proof shows that the parcel was handed over at your address."
        "Transportörens bevis visar att paketet lämnades på din adress."
        "Der Nachweis des Paketdienstes zeigt, dass das Paket an deiner Adresse übergeben wurde.";
    AsDescribed "goods_as_described" [MerchantWon]
        "The store showed that the goods were as it had described them."
        "Butiken visade att varorna var som den hade beskrivit."
        "Der Shop hat gezeigt, dass die Ware der Beschreibung entsprach.";
    ReturnNotAccepted "return_outside_terms" [MerchantWon CustomerWonPartial]
        "The return does not meet the store's terms for returns."
        "Returen uppfyller inte butikens returvillkor."
        "Die Rücksendung entspricht nicht den Rückgabebedingungen des Shops.";
    AmountRight "amount_was_right" [MerchantWon]
        "The amount is the one that was agreed when you bought."
        "Beloppet är det som gällde när du köpte."
        "Der Betrag ist der, der beim Kauf galt.";
    ServiceDone "service_was_provided" [MerchantWon]
        "The store showed that the service was provided."
        "Butiken visade att tjänsten utfördes."
        "Der Shop hat gezeigt, dass die Leistung erbracht wurde.";
    RefundedBefore "refund_was_made" [MerchantWon]
        "The store showed that it has paid you back already."
        "Butiken visade att den redan har betalat tillbaka."
        "Der Shop hat gezeigt, dass er dir das Geld schon erstattet hat.";
    NotPaidTwice "no_second_payment" [MerchantWon]
        "No second payment for this order could be found."
        "Det gick inte att hitta någon andra betalning för beställningen."
        "Eine zweite Zahlung für diese Bestellung war nicht zu finden.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_of_a_decision_has_reasons_and_every_reason_an_outcome() {
        for outcome in [DisputeOutcome::CustomerWonFull, DisputeOutcome::CustomerWonPartial, DisputeOutcome::MerchantWon] {
            assert!(Detail::ALL.iter().filter(|detail| detail.fits(outcome)).count() >= 5, "{outcome:?}");
        }
        for detail in Detail::ALL {
            assert_eq!(serde_json::to_value(detail).expect("JSON"), detail.as_str());
            assert!(!detail.fits(DisputeOutcome::Duplicate));
            for language in [Language::English, Language::Swedish, Language::German] {
                let text = detail.text(language).to_lowercase();
                assert!(text.ends_with('.') && !text.contains(" won") && !text.contains("lost"), "{text}");
            }
        }
    }
}
