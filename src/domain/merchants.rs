//! The stores, by id: read by lookups, replaced as a whole after an import.

use super::account::Merchant;
use std::collections::HashMap;

/// All stores that redress knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merchants(HashMap<String, Merchant>);

impl Merchants {
    /// All these stores.
    pub fn of(merchants: impl IntoIterator<Item = Merchant>) -> Self {
        Self(merchants.into_iter().map(|merchant| (merchant.id.clone(), merchant)).collect())
    }

    /// The store with that id.
    pub fn get(&self, id: &str) -> Option<&Merchant> {
        self.0.get(id)
    }

    /// The name that customers know; the id of a store that is not here.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.get(id).map_or(id, |merchant| merchant.name.as_str())
    }

    /// Adds a store or replaces the one with its id.
    pub fn insert(&mut self, merchant: Merchant) {
        self.0.insert(merchant.id.clone(), merchant);
    }

    /// All stores, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Merchant> {
        self.0.values()
    }
}

impl FromIterator<Merchant> for Merchants {
    fn from_iter<I: IntoIterator<Item = Merchant>>(merchants: I) -> Self {
        Self(merchants.into_iter().map(|merchant| (merchant.id.clone(), merchant)).collect())
    }
}
