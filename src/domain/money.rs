//! Money: whole minor units beside an ISO 4217 currency, with the currency's own exponent (JPY 0, KWD 3).

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with that code, e.g. `EUR`.
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code).map(Self)
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().unwrap_or(2).into()
    }

    /// The code, e.g. `EUR`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The usual sign, e.g. `€`.
    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom(format!("'{code}' is not an ISO 4217 currency; use a code such as EUR")))
    }
}
