//! Options of the sign-in at the desk by a company's identity provider.

use crate::services::oidc::{Provider, Settings};
use crate::store::desk::Role;
use clap::{Args, ValueEnum};

/// The identity provider of the desk.
#[derive(Args, Clone, Debug, Default)]
pub struct OidcArgs {
    /// Sign-in at the desk by your identity provider (OpenID Connect): its issuer, e.g. https://login.example.com/realms/support.
    #[arg(long = "oidc-issuer", env = "REDRESS_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// The name of this server at the identity provider.
    #[arg(long = "oidc-client-id", env = "REDRESS_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// The password of this server at the identity provider, if it gave one; give it by the environment.
    #[arg(long = "oidc-client-secret", env = "REDRESS_OIDC_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<String>,
    /// Where browsers reach this server, e.g. https://support.example.com. Register that address with /api/desk/oidc/back behind it
    /// at the identity provider.
    #[arg(long = "oidc-public-url", env = "REDRESS_OIDC_PUBLIC_URL", value_name = "URL")]
    pub oidc_public_url: Option<String>,
    /// The claim of the ID token that says what somebody may do: a name, or a way such as realm_access.roles. One word or a list.
    #[arg(long = "oidc-role-claim", env = "REDRESS_OIDC_ROLE_CLAIM", default_value = "role", value_name = "CLAIM")]
    pub oidc_role_claim: String,
    /// What that claim says, and the role here: agent, lead, ops or admin. Separated by commas, e.g. support=agent,shift-leads=lead.
    #[arg(
        long = "oidc-roles",
        env = "REDRESS_OIDC_ROLES",
        value_name = "WORD=ROLE",
        value_delimiter = ',',
        default_value = "agent=agent,lead=lead,ops=ops,admin=admin"
    )]
    pub oidc_roles: Vec<String>,
    /// Lets in only people with a verified mail address of this domain, e.g. example.com.
    #[arg(long = "oidc-mail-domain", env = "REDRESS_OIDC_MAIL_DOMAIN", value_name = "DOMAIN")]
    pub oidc_mail_domain: Option<String>,
    /// What the button at the desk says after "Sign in with".
    #[arg(long = "oidc-name", env = "REDRESS_OIDC_NAME", default_value = "your company account", value_name = "NAME")]
    pub oidc_name: String,
}

impl OidcArgs {
    /// The identity provider, if one is named. Nothing is sent.
    ///
    /// # Errors
    /// One sentence: what is wrong and what to do.
    pub fn provider(&self) -> Result<Option<Provider>, String> {
        let Some(issuer) = filled(&self.oidc_issuer) else {
            let others = [
                ("REDRESS_OIDC_CLIENT_ID", &self.oidc_client_id),
                ("REDRESS_OIDC_CLIENT_SECRET", &self.oidc_client_secret),
                ("REDRESS_OIDC_PUBLIC_URL", &self.oidc_public_url),
                ("REDRESS_OIDC_MAIL_DOMAIN", &self.oidc_mail_domain),
            ];
            return match others.into_iter().find(|(_, value)| value.is_some()) {
                Some((name, _)) => Err(format!("{name} is set without REDRESS_OIDC_ISSUER. Name the identity provider, or leave it out")),
                None => Ok(None),
            };
        };
        if !is_safe(issuer) || issuer.contains(['?', '#']) {
            return Err(format!(
                "'{issuer}' in REDRESS_OIDC_ISSUER is no issuer. Write it as the provider does, https://login.example.com/…, without ? and #"
            ));
        }
        let client_id = filled(&self.oidc_client_id).ok_or(
            "REDRESS_OIDC_ISSUER is set without REDRESS_OIDC_CLIENT_ID. Register this server at the identity provider; it gives the id",
        )?;
        let public = filled(&self.oidc_public_url)
            .ok_or("REDRESS_OIDC_ISSUER is set without REDRESS_OIDC_PUBLIC_URL: where browsers reach this server, e.g. https://support.example.com")?;
        if !is_safe(public) || public.contains(['?', '#']) || public.ends_with('/') {
            return Err(format!(
                "'{public}' in REDRESS_OIDC_PUBLIC_URL is no address of a server. Write it as https://support.example.com, without a slash at its end"
            ));
        }
        if self.oidc_role_claim.trim().is_empty() {
            return Err("REDRESS_OIDC_ROLE_CLAIM is empty. Name the claim that says the role, such as groups or realm_access.roles".into());
        }
        if let Some(domain) = &self.oidc_mail_domain
            && (domain.is_empty() || domain.contains(['@', '/', ' ', ',', ':']) || !domain.contains('.') || domain.starts_with('.'))
        {
            return Err(format!("'{domain}' in REDRESS_OIDC_MAIL_DOMAIN is no domain. Write what stands after the @, such as example.com"));
        }
        let settings = Settings {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: filled(&self.oidc_client_secret).map(str::to_owned),
            back: format!("{public}/api/desk/oidc/back"),
            role_claim: self.oidc_role_claim.trim().to_owned(),
            roles: self.oidc_roles.iter().map(|pair| role(pair)).collect::<Result<_, _>>()?,
            mail_domain: self.oidc_mail_domain.clone(),
            name: self.oidc_name.clone(),
        };
        Provider::new(settings).map(Some).map_err(|problem| format!("the identity provider cannot be used: {problem}"))
    }
}

fn filled(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

/// Whether secrets may go there: by TLS, or to this machine.
fn is_safe(url: &str) -> bool {
    let host = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return !host(rest).is_empty();
    }
    let Some(host) = url.strip_prefix("http://").map(host) else { return false };
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn role(pair: &str) -> Result<(String, Role), String> {
    let wrong = || format!("'{pair}' in REDRESS_OIDC_ROLES gives no role. Write WORD=ROLE with a role out of agent, lead, ops, admin");
    let (word, role) = pair.rsplit_once('=').ok_or_else(wrong)?;
    let role = Role::from_str(role.trim(), false).map_err(|_| wrong())?;
    if word.trim().is_empty() { Err(wrong()) } else { Ok((word.trim().to_owned(), role)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> OidcArgs {
        let some = |text: &str| Some(text.to_owned());
        OidcArgs {
            oidc_issuer: some("https://login.example.com/realms/support"),
            oidc_client_id: some("redress"),
            oidc_public_url: some("https://support.example.com"),
            oidc_role_claim: "groups".into(),
            oidc_roles: vec!["support=agent".into(), "cn=leads=lead".into()],
            ..OidcArgs::default()
        }
    }

    #[test]
    fn nothing_is_nothing_and_everything_is_a_provider() {
        assert!(OidcArgs::default().provider().is_ok_and(|provider| provider.is_none()));
        assert!(args().provider().is_ok_and(|provider| provider.is_some()));
        let here = OidcArgs { oidc_issuer: Some("http://127.0.0.1:9000".into()), ..args() };
        assert!(here.provider().is_ok());
        assert_eq!(role(" cn=leads = lead "), Ok(("cn=leads".into(), Role::Lead)));
    }

    #[test]
    fn every_mistake_has_its_sentence() {
        let some = |text: &str| Some(text.to_owned());
        for (wrong, names, says) in [
            (OidcArgs { oidc_issuer: None, ..args() }, "REDRESS_OIDC_CLIENT_ID", "without REDRESS_OIDC_ISSUER"),
            (OidcArgs { oidc_client_id: None, ..args() }, "REDRESS_OIDC_CLIENT_ID", "Register"),
            (OidcArgs { oidc_client_id: some(" "), ..args() }, "REDRESS_OIDC_CLIENT_ID", "Register"),
            (OidcArgs { oidc_public_url: None, ..args() }, "REDRESS_OIDC_PUBLIC_URL", "where browsers reach"),
            (OidcArgs { oidc_public_url: some("https://support.example.com/"), ..args() }, "REDRESS_OIDC_PUBLIC_URL", "slash"),
            (OidcArgs { oidc_public_url: some("http://support.example.com"), ..args() }, "REDRESS_OIDC_PUBLIC_URL", "https://"),
            (OidcArgs { oidc_issuer: some("http://login.example.com"), ..args() }, "REDRESS_OIDC_ISSUER", "https://"),
            (OidcArgs { oidc_issuer: some("https://login.example.com/?a"), ..args() }, "REDRESS_OIDC_ISSUER", "without ?"),
            (OidcArgs { oidc_issuer: some("http://localhost.evil.example"), ..args() }, "REDRESS_OIDC_ISSUER", "https://"),
            (OidcArgs { oidc_issuer: some("https://"), ..args() }, "REDRESS_OIDC_ISSUER", "https://"),
            (OidcArgs { oidc_role_claim: " ".into(), ..args() }, "REDRESS_OIDC_ROLE_CLAIM", "empty"),
            (OidcArgs { oidc_roles: vec!["support".into()], ..args() }, "REDRESS_OIDC_ROLES", "WORD=ROLE"),
            (OidcArgs { oidc_roles: vec!["support=boss".into()], ..args() }, "REDRESS_OIDC_ROLES", "'support=boss'"),
            (OidcArgs { oidc_roles: vec!["=lead".into()], ..args() }, "REDRESS_OIDC_ROLES", "WORD=ROLE"),
            (OidcArgs { oidc_mail_domain: some("ana@example.com"), ..args() }, "REDRESS_OIDC_MAIL_DOMAIN", "after the @"),
            (OidcArgs { oidc_mail_domain: some(""), ..args() }, "REDRESS_OIDC_MAIL_DOMAIN", "after the @"),
        ] {
            let problem = wrong.provider().err().unwrap_or_else(|| panic!("{names} should be refused: {says}"));
            assert!(problem.contains(names) && problem.contains(says), "{problem}");
        }
    }
}
