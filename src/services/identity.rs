//! Who a customer is: identity tokens of the embedding site, resume secrets of anonymous customers, secrets of the desk.

use crate::dialog::Level;
use crate::domain::ids::{ConversationId, CustomerId};
use crate::domain::time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A signed-in customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub customer: CustomerId,
    /// How fresh the sign-in is: 1 or 2.
    pub level: Level,
}

/// Why a token was refused. The text is for the developer of the embedding site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Neither secret nor public key is configured.
    #[error("this server has no identity secret or key; set REDRESS_IDENTITY_SECRET or REDRESS_IDENTITY_PUBLIC_KEY")]
    NotConfigured,
    /// Expired.
    #[error("the token has expired; sign a new one")]
    Expired,
    /// The signature, its algorithm or the format is wrong.
    #[error("the token's signature or format is wrong; sign it with the configured key (HS256, EdDSA or RS256)")]
    Invalid,
    /// A claim is missing or out of range.
    #[error("the token needs 'sub' (customer id), 'exp' and 'level' (1 or 2)")]
    Claims,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    iat: i64,
    level: u8,
}

/// Keys for identity tokens and resume secrets.
pub struct Identities {
    keys: Vec<(DecodingKey, Validation)>,
    signing: Option<EncodingKey>,
    resume_secret: Vec<u8>,
}

impl Identities {
    /// Prepares the keys. `resume_secret` is the server's own (kept in the store, so that restarts and other nodes agree).
    ///
    /// # Errors
    /// When the public key is not a PEM of an Ed25519 or RSA key, or the secret is shorter than 32 bytes.
    pub fn new(secret: Option<&str>, public_key_pem: Option<&str>, resume_secret: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        let mut signing = None;
        if let Some(secret) = secret {
            if secret.len() < 32 {
                return Err("REDRESS_IDENTITY_SECRET is shorter than 32 bytes. Make one with `openssl rand -hex 32`".into());
            }
            keys.push((DecodingKey::from_secret(secret.as_bytes()), validation(Algorithm::HS256)));
            signing = Some(EncodingKey::from_secret(secret.as_bytes()));
        }
        if let Some(pem) = public_key_pem {
            if let Ok(key) = DecodingKey::from_ed_pem(pem.as_bytes()) {
                keys.push((key, validation(Algorithm::EdDSA)));
            } else if let Ok(key) = DecodingKey::from_rsa_pem(pem.as_bytes()) {
                keys.push((key, validation(Algorithm::RS256)));
            } else {
                return Err(
                    "REDRESS_IDENTITY_PUBLIC_KEY is not a PEM public key (Ed25519 or RSA). It begins with '-----BEGIN PUBLIC KEY-----'"
                        .into(),
                );
            }
        }
        Ok(Self { keys, signing, resume_secret: resume_secret.as_bytes().to_vec() })
    }

    /// Who a token speaks for.
    ///
    /// # Errors
    /// When it is forged, expired, or lacks what it needs.
    pub fn verify(&self, token: &str) -> Result<Identity, TokenError> {
        if self.keys.is_empty() {
            return Err(TokenError::NotConfigured);
        }
        // Also refuses algorithms that are none.
        jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let mut refused = TokenError::Invalid;
        for (key, validation) in &self.keys {
            match jsonwebtoken::decode::<Claims>(token, key, validation) {
                Ok(data) => {
                    let Claims { sub, exp, level, .. } = data.claims;
                    if exp <= time::wall().as_second() {
                        return Err(TokenError::Expired);
                    }
                    if sub.is_empty() || sub.len() > 128 || !(1..=2).contains(&level) {
                        return Err(TokenError::Claims);
                    }
                    return Ok(Identity { customer: CustomerId::from(sub), level: Level(level) });
                }
                Err(error) => {
                    use jsonwebtoken::errors::ErrorKind;
                    refused = match error.kind() {
                        ErrorKind::ExpiredSignature => TokenError::Expired,
                        ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => TokenError::Claims,
                        _ => refused,
                    };
                }
            }
        }
        Err(refused)
    }

    /// Signs a token (demo only), valid for `seconds`.
    ///
    /// # Errors
    /// When no shared secret is configured.
    pub fn sign(&self, customer: &str, level: u8, seconds: i64) -> Result<String, TokenError> {
        let key = self.signing.as_ref().ok_or(TokenError::NotConfigured)?;
        let now = time::wall().as_second();
        let claims = Claims { sub: customer.to_owned(), exp: now + seconds, iat: now, level };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, key).map_err(|_| TokenError::Invalid)
    }

    /// The secret with which an anonymous customer comes back to a conversation.
    pub fn resume_secret(&self, conversation: &ConversationId) -> String {
        URL_SAFE_NO_PAD.encode(self.resume_mac(conversation).finalize().into_bytes())
    }

    /// Whether that is the conversation's resume secret (compared in constant time).
    pub fn may_resume(&self, conversation: &ConversationId, secret: &str) -> bool {
        URL_SAFE_NO_PAD.decode(secret).is_ok_and(|bytes| self.resume_mac(conversation).verify_slice(&bytes).is_ok())
    }

    fn resume_mac(&self, conversation: &ConversationId) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.resume_secret).expect("HMAC takes a key of any length");
        mac.update(b"resume:");
        mac.update(conversation.as_str().as_bytes());
        mac
    }
}

fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["exp", "sub"]);
    validation.leeway = 0;
    validation.validate_aud = false;
    validation
}

/// A new random secret of 256 bits, as text.
pub fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The hash under which a desk session's secret is stored.
pub fn secret_hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn identities() -> Identities {
        Identities::new(Some(SECRET), None, "server secret").expect("a good secret")
    }

    fn token(header: &str, claims: &str, key: &str) -> String {
        let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
        mac.update(body.as_bytes());
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn what_it_signs_it_knows_again() {
        let signed = identities().sign("P01", 2, 60).expect("signs");
        assert_eq!(identities().verify(&signed), Ok(Identity { customer: "P01".into(), level: Level(2) }));
    }

    #[test]
    fn bad_tokens_are_refused() {
        let hs = r#"{"alg":"HS256","typ":"JWT"}"#;
        let far = i64::MAX / 4;
        let good = format!(r#"{{"sub":"P01","exp":{far},"level":1}}"#);
        let cases = [
            (token(hs, &good, "another secret of the same length"), TokenError::Invalid),
            (token(r#"{"alg":"none"}"#, &good, SECRET), TokenError::Invalid),
            (token(hs, r#"{"sub":"P01","exp":1000,"level":1}"#, SECRET), TokenError::Expired),
            (token(hs, &format!(r#"{{"sub":"P01","exp":{far},"level":3}}"#), SECRET), TokenError::Claims),
            (token(hs, &format!(r#"{{"sub":"","exp":{far},"level":1}}"#), SECRET), TokenError::Claims),
            (token(hs, r#"{"sub":"P01","level":1}"#, SECRET), TokenError::Claims),
            (token(hs, &format!(r#"{{"exp":{far},"level":1}}"#), SECRET), TokenError::Claims),
            ("not a token".into(), TokenError::Invalid),
            (String::new(), TokenError::Invalid),
        ];
        for (token, refused) in cases {
            assert_eq!(identities().verify(&token), Err(refused), "{token}");
        }
        assert!(identities().verify(&token(hs, &good, SECRET)).is_ok());
    }

    #[test]
    fn a_resume_secret_opens_its_own_conversation_only() {
        let (one, two) = (ConversationId::from("one"), ConversationId::from("two"));
        let secret = identities().resume_secret(&one);
        assert!(identities().may_resume(&one, &secret));
        assert!(!identities().may_resume(&two, &secret));
        assert!(!identities().may_resume(&one, ""));
        assert!(!identities().may_resume(&one, "%%%"));
    }
}
