//! Identity tokens for the customers of a load run: signed here when the secret is known, else asked for from a demo server.

use super::http;
use anyhow::{Context, Result, bail};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Where tokens come from.
pub(super) enum Tokens {
    /// Signed here (HS256).
    Secret(EncodingKey),
    /// `POST /api/tokens` of a demo server at this authority (`host:port`).
    Demo(String),
}

impl Tokens {
    pub(super) fn new(secret: Option<&str>, authority: &str) -> Self {
        match secret {
            Some(secret) => Tokens::Secret(EncodingKey::from_secret(secret.as_bytes())),
            None => Tokens::Demo(authority.to_owned()),
        }
    }

    /// A token for each of these customers at that level, good for a day.
    ///
    /// # Errors
    /// When the server does not give tokens.
    pub(super) async fn for_all(&self, customers: impl Iterator<Item = (&'static str, u8)>) -> Result<HashMap<(&'static str, u8), String>> {
        let mut tokens = HashMap::new();
        for (customer, level) in customers {
            if let std::collections::hash_map::Entry::Vacant(place) = tokens.entry((customer, level)) {
                place.insert(self.token(customer, level).await?);
            }
        }
        Ok(tokens)
    }

    async fn token(&self, customer: &str, level: u8) -> Result<String> {
        match self {
            Tokens::Secret(key) => {
                let now = crate::domain::time::wall().as_second();
                let claims = json!({ "sub": customer, "level": level, "iat": now, "exp": now + 86_400 });
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, key).context("cannot sign a token")
            }
            Tokens::Demo(authority) => {
                let service = std::env::var("REDRESS_SERVICE_TOKEN").ok().map(|token| format!("Bearer {token}"));
                let headers: Vec<(&str, &str)> = service.iter().map(|value| ("authorization", value.as_str())).collect();
                let body = json!({ "customer": customer, "level": level }).to_string();
                let answer = http::request("POST", authority, "/api/tokens", &headers, Some(&body)).await?;
                if answer.status != 200 {
                    bail!(
                        "the server gives no token for {customer} (status {}). Start it with --demo, or give its secret with --identity-secret",
                        answer.status
                    );
                }
                answer.json()?.get("token").and_then(Value::as_str).map(str::to_owned).context("the server's answer has no token")
            }
        }
    }
}
