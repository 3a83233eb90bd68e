//! Sign-in at the desk by an identity provider, as a browser goes through it; and everything that must not let anybody in.

use crate::harness::identity::{CLIENT, CLIENT_SECRET, Provider, Script};
use crate::harness::{Address, Agent, Server, WORDS_ALONE, desk_session, wall_s};
use redress::cli::bench::http;
use serde_json::{Value, json};
use std::process::Command;

/// Where browsers reach the server, as far as the provider knows: the tests follow it to the real port themselves.
const PUBLIC: &str = "https://support.bank.example";

fn server(issuer: &str) -> Server {
    let options = [
        ["--oidc-issuer", issuer],
        ["--oidc-client-id", CLIENT],
        ["--oidc-client-secret", CLIENT_SECRET],
        ["--oidc-public-url", PUBLIC],
        ["--oidc-role-claim", "groups"],
        ["--oidc-roles", "desk=agent,shift=lead"],
        ["--oidc-mail-domain", "bank.example"],
        ["--oidc-name", "Bank"],
    ];
    Server::with(&WORDS_ALONE.into_iter().chain(options.into_iter().flatten()).collect::<Vec<_>>())
}

/// A browser on its way: the provider's page, and the cookie of the attempt.
struct Attempt {
    url: String,
    cookie: String,
}

/// `name=value` of a cookie that an answer sets.
fn cookie(answer: &http::Answer, name: &str) -> Option<String> {
    let set = answer.headers.iter().filter(|(header, _)| header == "set-cookie");
    set.filter_map(|(_, value)| value.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).map(str::to_owned)
}

/// Presses the button.
async fn press(server: &Address) -> Attempt {
    let answer = server.post("/api/desk/oidc", &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let lax = answer.header("set-cookie").expect("a cookie");
    assert!(lax.contains("HttpOnly") && lax.contains("SameSite=Lax") && lax.contains("Path=/api/desk/oidc"), "{lax}");
    let url = answer.json().expect("JSON")["url"].as_str().expect("an address").to_owned();
    Attempt { cookie: cookie(&answer, "redress_oidc").expect("the attempt's cookie"), url }
}

/// Signs in at the provider; the path and query on our server that it sends the browser back to.
async fn at_provider(url: &str) -> String {
    let (authority, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    let answer = http::request("GET", authority, &format!("/{path}"), &[], None).await.expect("an answer");
    assert_eq!(answer.status, 302, "{}", answer.body);
    answer.header("location").and_then(|to| to.strip_prefix(PUBLIC)).expect("back to us").to_owned()
}

/// Comes back with a cookie: where to, and the session's secret.
async fn come_back(server: &Address, path: &str, cookie_sent: &str) -> (String, Option<String>) {
    let answer = http::request("GET", &server.authority(), path, &[("cookie", cookie_sent)], None).await.expect("an answer");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let secret = cookie(&answer, "redress_desk").and_then(|pair| pair.split_once('=').map(|(_, secret)| secret.to_owned()));
    (answer.header("location").expect("a target").to_owned(), secret)
}

/// The whole way.
async fn sign_in(server: &Address) -> (String, Option<String>) {
    let attempt = press(server).await;
    let back = at_provider(&attempt.url).await;
    come_back(server, &back, &attempt.cookie).await
}

/// The whole way; must be let in. The session's secret and the agent.
async fn signed_in(server: &Address) -> (String, Value) {
    let (target, secret) = sign_in(server).await;
    assert_eq!(target, "/desk");
    let secret = secret.expect("a session");
    let (status, who) = server.desk(&secret, "GET", "/api/desk/session", None).await;
    assert_eq!(status, 200, "{who}");
    (secret, who["agent"].clone())
}

/// Says these claims, beside the usual ones.
fn saying(claims: Value) -> Script {
    let mut script = Script::default();
    for (name, value) in claims.as_object().expect("an object") {
        script.claims[name] = value.clone();
    }
    script
}

#[tokio::test]
async fn the_provider_may_be_down_and_then_signs_people_in() {
    // A port that nobody listens on, until the provider comes up there.
    let down = Provider::start(0).await;
    let (port, issuer) = (down.port(), down.url());
    down.stop().await;
    let server = server(&issuer);
    assert_eq!(server.get("/api/desk/oidc").await.json().expect("JSON"), json!({ "name": "Bank" }));
    let refused = server.post("/api/desk/oidc", &json!({})).await;
    assert!(refused.status == 503 && refused.body.contains("Bank does not work right now"), "{}", refused.body);
    let (_, lea) = desk_session(&server, 2).await;

    let provider = Provider::start(port).await;
    let (first, agent) = signed_in(&server).await;
    assert!(agent["name"] == "Olle Nilsson" && agent["role"] == "agent", "{agent}");
    let mut desk = Agent::open(&server, "Olle Nilsson".into(), &first).await;
    assert_eq!(provider.keys_asked(), 1);

    // Known by their subject, whatever they are called and whatever their mail is; the role is the one of now.
    let renamed = json!({ "name": "Olle Berg", "email": "berg@bank.example", "groups": ["staff", "shift"] });
    provider.does(saying(renamed));
    let (second, same) = signed_in(&server).await;
    assert!(same["id"] == agent["id"] && same["name"] == "Olle Nilsson" && same["role"] == "lead", "{same}");
    // Somebody else with the same name and mail is somebody else; an agent with a password is not taken over either.
    provider.does(saying(json!({ "sub": "u-2" })));
    let (_, other) = signed_in(&server).await;
    assert!(other["id"] != agent["id"] && other["name"] == "Olle Nilsson 2" && other["role"] == "agent", "{other}");
    provider.does(saying(json!({ "sub": "u-3", "name": "lea" })));
    assert_eq!(signed_in(&server).await.1["name"], "lea 2");
    assert_eq!(provider.keys_asked(), 1, "kept, not asked for each time");

    // A new key is asked for when a token names it.
    provider.does(Script { signs: "p256", published: vec!["rsa", "p256"], ..Script::default() });
    signed_in(&server).await;
    assert_eq!(provider.keys_asked(), 2);

    // The session is like any other: in the list, in the log, and ended by a lead.
    let (_, list) = server.desk(&lea, "GET", "/api/desk/sessions", None).await;
    let of_olle: Vec<&Value> = list["sessions"].as_array().into_iter().flatten().filter(|one| one["agent"] == "Olle Nilsson").collect();
    assert_eq!(of_olle.len(), 3, "{list}");
    for session in &of_olle {
        let path = format!("/api/desk/sessions/{}", session["id"].as_str().expect("an id"));
        assert_eq!(server.desk(&lea, "DELETE", &path, None).await.0, 204);
    }
    desk.until(|frame| frame["type"] == "error" && frame["code"] == "unauthorized").await;
    assert_eq!(server.desk(&second, "GET", "/api/desk/session", None).await.0, 401);
    let (_, log) = server.desk(&lea, "GET", "/api/desk/audit", None).await;
    let acts =
        |act: &str| log["rows"].as_array().into_iter().flatten().filter(|row| row["act"] == act && row["agent"] == "Olle Nilsson").count();
    assert_eq!((acts("agent_made"), acts("role_changed"), acts("sign_in")), (1, 2, 3), "{log}");

    // No password opens what the provider made.
    for password in ["", "demo-desk", "Olle Nilsson"] {
        let answer = server.post("/api/desk/session", &json!({ "name": "Olle Nilsson", "password": password })).await;
        assert_eq!(answer.status, 401, "{}", answer.body);
    }
    // Down again between the page and the way back: refused in words, and the others go on.
    let attempt = press(&server).await;
    let back = at_provider(&attempt.url).await;
    provider.stop().await;
    assert_eq!(come_back(&server, &back, &attempt.cookie).await, ("/desk?refused=down".into(), None));
    desk_session(&server, 0).await;
}

#[tokio::test]
async fn nobody_is_let_in_on_a_word_that_does_not_hold() {
    let provider = Provider::start(0).await;
    let server = server(&provider.url());
    let (_, lea) = desk_session(&server, 2).await;
    let untrusted = ("/desk?refused=untrusted".to_owned(), None);
    let stale = ("/desk?refused=stale".to_owned(), None);
    for (script, why) in [
        (saying(json!({ "nonce": "another" })), "a wrong nonce"),
        (saying(json!({ "nonce": null })), "no nonce"),
        (saying(json!({ "exp": wall_s() - 5 })), "expired"),
        (saying(json!({ "aud": "another-client" })), "for somebody else"),
        (saying(json!({ "aud": [CLIENT, "another-client"] })), "for somebody else as well"),
        (saying(json!({ "iss": "https://evil.example" })), "of somebody else"),
        (Script { signs: "p256", ..Script::default() }, "a key that is published nowhere"),
    ] {
        provider.does(script);
        assert_eq!(sign_in(&server).await, untrusted, "{why}");
    }
    for (claims, code) in [
        (json!({ "groups": ["staff"] }), "no_role"),
        (json!({ "groups": null }), "no_role"),
        (json!({ "groups": null, "role": "admin" }), "no_role"),
        (json!({ "email": "olle@evil.example" }), "elsewhere"),
        (json!({ "email_verified": false }), "elsewhere"),
        (json!({ "email_verified": null }), "elsewhere"),
        (json!({ "email": null }), "elsewhere"),
    ] {
        provider.does(saying(claims.clone()));
        assert_eq!(sign_in(&server).await, (format!("/desk?refused={code}"), None), "{claims}");
    }
    provider.does(Script::default());

    // A code that the provider has seen before.
    let attempt = press(&server).await;
    let used = at_provider(&attempt.url).await;
    assert_eq!(come_back(&server, &used, &attempt.cookie).await.0, "/desk");
    assert_eq!(come_back(&server, &used, &attempt.cookie).await, stale, "the same way back twice");
    let code = used.split(['=', '&']).nth(1).expect("a code").to_owned();
    provider.does(Script { code: Some(code), ..Script::default() });
    assert_eq!(sign_in(&server).await, ("/desk?refused=denied".into(), None), "a used code in a new attempt");
    provider.does(Script::default());

    // A state that is made up, another browser's, or none; and the attempt stays good for the browser that began it.
    let attempt = press(&server).await;
    let back = at_provider(&attempt.url).await;
    let other = press(&server).await;
    let made_up = back.split("&state=").next().map(|start| format!("{start}&state=made-up")).expect("a way back");
    assert_eq!(come_back(&server, &made_up, &attempt.cookie).await, stale);
    assert_eq!(come_back(&server, &made_up, "redress_oidc=made-up").await, stale);
    assert_eq!(come_back(&server, &back, &other.cookie).await, stale);
    assert_eq!(come_back(&server, &back, "a=b").await, stale);
    assert_eq!(come_back(&server, "/api/desk/oidc/back", "redress_oidc=").await, stale);
    assert_eq!(come_back(&server, &back, &attempt.cookie).await.0, "/desk");

    // Who gives up at the provider comes back with an error.
    let attempt = press(&server).await;
    let state = attempt.cookie.split_once('=').expect("a state").1;
    let denied = format!("/api/desk/oidc/back?error=access_denied&state={state}");
    assert_eq!(come_back(&server, &denied, &attempt.cookie).await, ("/desk?refused=denied".into(), None));
    assert_eq!(come_back(&server, &denied, &attempt.cookie).await, stale);

    // Only one agent came of all that: the one who was let in twice.
    let (_, agents) = server.desk(&lea, "GET", "/api/desk/agents", None).await;
    let names: Vec<&str> = agents["agents"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["Ana", "Ben", "Lea", "Ola", "Olle Nilsson"], "{agents}");
}

#[test]
fn what_is_wrong_in_the_options_is_said_before_anything_starts() {
    for (options, says) in [
        (&["--oidc-issuer", "https://login.bank.example"][..], "REDRESS_OIDC_CLIENT_ID"),
        (&["--oidc-client-id", "x"], "without REDRESS_OIDC_ISSUER"),
        (&["--oidc-issuer", "login.bank.example"], "is no issuer"),
        (
            &["--oidc-issuer", "https://l.example", "--oidc-client-id", "x", "--oidc-public-url", PUBLIC, "--oidc-roles", "a=boss"],
            "'a=boss'",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_redress")).arg("serve").args(options).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(says), "{options:?}: {said}");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_button() {
    let server = Server::shared();
    assert_eq!(server.get("/api/desk/oidc").await.json().expect("JSON"), json!({ "name": null }));
    assert_eq!(server.post("/api/desk/oidc", &json!({})).await.status, 404);
    assert_eq!(server.get("/api/desk/oidc/back?code=a&state=b").await.status, 404);
}
