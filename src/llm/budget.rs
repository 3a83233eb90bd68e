//! What the model may cost in a day, in tokens and in money. Pure; the day is an argument. What a call may cost at most is set aside before
//! it is made, so that calls side by side cannot overdraw.

use jiff::civil::Date;

/// The most that a day may cost; `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Tokens in and out together.
    pub tokens: Option<u64>,
    /// Millionths of a unit of the currency that the prices are in.
    pub micros: Option<u64>,
}

/// What a thousand tokens cost, in millionths of a unit of your currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Tokens of the request.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
}

impl Price {
    /// What these tokens cost, rounded up.
    pub fn of(self, tokens: Tokens) -> u64 {
        let (input, output) = (u64::from(tokens.input), u64::from(tokens.output));
        input.saturating_mul(self.input).saturating_add(output.saturating_mul(self.output)).div_ceil(1000)
    }
}

/// Tokens of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Of the request.
    pub input: u32,
    /// Of the answer.
    pub output: u32,
}

impl Tokens {
    /// Both together.
    pub fn sum(self) -> u64 {
        u64::from(self.input) + u64::from(self.output)
    }
}

/// What was spent on a day, what is set aside included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spent {
    day: Option<Date>,
    tokens: u64,
    micros: u64,
}

impl Spent {
    /// Sets aside what a call may cost at most; `false`, and nothing is set aside, when the day's budget does not have it.
    pub(super) fn set_aside(&mut self, today: Date, limits: Limits, tokens: Tokens, price: Price) -> bool {
        if self.day != Some(today) {
            *self = Self { day: Some(today), ..Self::default() };
        }
        let (count, cost) = (self.tokens.saturating_add(tokens.sum()), self.micros.saturating_add(price.of(tokens)));
        let fits = limits.tokens.is_none_or(|most| count <= most) && limits.micros.is_none_or(|most| cost <= most);
        if fits {
            (self.tokens, self.micros) = (count, cost);
        }
        fits
    }

    /// Tokens of a day, what is set aside included.
    pub(super) fn tokens_on(&self, day: Date) -> u64 {
        if self.day == Some(day) { self.tokens } else { 0 }
    }

    /// A call has ended: what was set aside becomes what it really took. One that was begun on an earlier day counts for that day.
    pub(super) fn settle(&mut self, begun: Date, aside: Tokens, took: Tokens, price: Price) {
        if self.day == Some(begun) {
            self.tokens = self.tokens.saturating_sub(aside.sum()).saturating_add(took.sum());
            self.micros = self.micros.saturating_sub(price.of(aside)).saturating_add(price.of(took));
        }
    }
}

/// A careful guess at the tokens of a text: one for every three bytes.
pub(super) fn guess(text: &str) -> u32 {
    u32::try_from(text.len() / 3 + 4).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const CALL: Tokens = Tokens { input: 800, output: 200 };
    const PRICE: Price = Price { input: 150, output: 600 };

    #[test]
    fn prices_are_rounded_up() {
        assert_eq!(PRICE.of(CALL), 240);
        assert_eq!(PRICE.of(Tokens { input: 1, output: 0 }), 1);
    }

    #[test]
    fn a_day_ends_when_its_tokens_or_its_money_do_and_the_next_begins_anew() {
        let today = date(2026, 12, 4);
        for limits in [Limits { tokens: Some(2_500), micros: None }, Limits { tokens: None, micros: Some(510) }] {
            let mut spent = Spent::default();
            assert!(spent.set_aside(today, limits, CALL, PRICE) && spent.set_aside(today, limits, CALL, PRICE));
            assert!(!spent.set_aside(today, limits, CALL, PRICE), "{limits:?}");
            spent.settle(today, CALL, Tokens { input: 100, output: 10 }, PRICE);
            assert!(spent.set_aside(today, limits, CALL, PRICE), "what was not taken is free again");
            let tomorrow = date(2026, 12, 5);
            assert!(spent.set_aside(tomorrow, limits, CALL, PRICE));
            spent.settle(today, CALL, Tokens::default(), PRICE);
            assert!(spent.set_aside(tomorrow, limits, CALL, PRICE) && !spent.set_aside(tomorrow, limits, CALL, PRICE));
        }
    }
}
