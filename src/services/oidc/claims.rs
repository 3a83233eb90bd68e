//! What an ID token says about somebody, as far as the desk wants to know: role, mail domain, name. Pure.

use crate::store::desk::Role;
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest name of an agent, in characters.
const LONGEST: usize = 60;

/// Every claim that the standard has no name for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Own {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Own {}

impl Own {
    /// A claim by its name, or by the way to it: `realm_access.roles` is the `roles` in `realm_access`.
    fn claim(&self, name: &str) -> Option<&Value> {
        if let Some(value) = self.all.get(name) {
            return Some(value);
        }
        let mut parts = name.split('.');
        let mut value = self.all.get(parts.next()?)?;
        for part in parts {
            value = value.get(part)?;
        }
        Some(value)
    }

    /// The role that a claim gives: one word, or a list of which the one that may most counts.
    pub(super) fn role(&self, claim: &str, roles: &[(String, Role)]) -> Option<Role> {
        let words: Vec<&str> = match self.claim(claim)? {
            Value::String(word) => vec![word],
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let given = roles.iter().filter(|(word, _)| words.contains(&word.as_str())).map(|(_, role)| *role);
        given.max_by_key(|role| match role {
            Role::Agent => 0,
            Role::Ops => 1,
            Role::Lead => 2,
            Role::Admin => 3,
        })
    }
}

/// Whether a mail address belongs to a domain itself, not to one below it.
pub(super) fn is_of(mail: &str, domain: &str) -> bool {
    mail.rsplit_once('@').is_some_and(|(user, of)| !user.is_empty() && of.eq_ignore_ascii_case(domain))
}

/// What somebody is called at the desk: the first of these that says something. Of a mail address only what stands before the @, since
/// customers see the first word.
pub(super) fn called(names: [Option<&str>; 3]) -> String {
    for name in names.into_iter().flatten() {
        let name = name.split('@').next().unwrap_or_default();
        let words: Vec<String> = name.split_whitespace().map(|word| word.chars().filter(|c| !c.is_control()).collect()).collect();
        let name: String = words.join(" ").chars().take(LONGEST).collect();
        if !name.trim().is_empty() {
            return name.trim().to_owned();
        }
    }
    "Agent".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own(claims: Value) -> Own {
        serde_json::from_value(claims).expect("an object")
    }

    #[test]
    fn the_role_is_found_by_name_and_by_way() {
        let roles = [("floor".to_owned(), Role::Agent), ("shift".to_owned(), Role::Lead), ("root".to_owned(), Role::Admin)];
        for (claims, claim, role) in [
            (json!({ "role": "shift" }), "role", Some(Role::Lead)),
            (json!({ "groups": ["staff", "floor", "shift"] }), "groups", Some(Role::Lead)),
            (json!({ "groups": ["root", "floor"] }), "groups", Some(Role::Admin)),
            (json!({ "realm_access": { "roles": ["floor"] } }), "realm_access.roles", Some(Role::Agent)),
            (json!({ "https://a.example/roles": ["floor"] }), "https://a.example/roles", Some(Role::Agent)),
            (json!({ "groups": ["staff", "Shift"] }), "groups", None),
            (json!({ "groups": "floor shift" }), "groups", None),
            (json!({ "role": true }), "role", None),
            (json!({ "role": { "roles": "floor" } }), "role.role", None),
            (json!({}), "role", None),
        ] {
            assert_eq!(own(claims.clone()).role(claim, &roles), role, "{claims} {claim}");
        }
    }

    #[test]
    fn a_mail_domain_is_the_whole_domain() {
        for (mail, of) in [
            ("ana@bank.example", true),
            ("ana@BANK.example", true),
            ("ana@evil.bank.example", false),
            ("ana@evilbank.example", false),
            ("ana@bank.example@evil.example", false),
            ("bank.example", false),
            ("@bank.example", false),
        ] {
            assert_eq!(is_of(mail, "bank.example"), of, "{mail}");
        }
    }

    #[test]
    fn a_name_is_short_and_one_line() {
        assert_eq!(called([Some("Ana\nSilva"), None, None]), "Ana Silva");
        assert_eq!(called([Some("  "), Some("ana.silva@bank.example"), None]), "ana.silva");
        assert_eq!(called([Some("\u{7}"), None, None]), "Agent");
        assert_eq!(called([Some(&"x".repeat(500)), None, None]).len(), LONGEST);
    }
}
