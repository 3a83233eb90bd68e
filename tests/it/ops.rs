//! The ops page's requests: who may, what stands, what is tried out, and what a save does to a real folder.

use crate::harness::{Address, Customer, PATIENCE, Server, WORDS_ALONE, desk_session};
use redress::cli::bench::http;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/content/good");
const HUMAN: &str = "intents/talk_to_human.yaml";
/// Numbers of the demo's agents.
const ANA: usize = 0;
const LEA: usize = 2;
const OLA: usize = 3;

/// A folder of its own with the good content.
pub(crate) fn content(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ops-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("intents")).expect("a folder");
    for file in fs::read_dir(Path::new(GOOD).join("intents")).expect("the good content").map_while(Result::ok) {
        fs::copy(file.path(), folder.join("intents").join(file.file_name())).expect("a copy");
    }
    folder
}

/// A server on such a folder, and a session of the one who edits it.
async fn start(name: &str) -> (Server, PathBuf, String) {
    let folder = content(name);
    let path = folder.to_str().expect("UTF-8").to_owned();
    let server = Server::with(&[&WORDS_ALONE[..], &["--content", &path]].concat());
    let (_, token) = desk_session(&server, OLA).await;
    (server, folder, token)
}

/// What stands, once it is as wanted.
async fn report(server: &Address, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let (status, report) = server.desk(token, "GET", "/api/ops/content", None).await;
        assert_eq!(status, 200, "{report}");
        if wanted(&report) {
            return report;
        }
        assert!(began.elapsed() < PATIENCE, "the content never became as wanted: {report}");
    }
}

fn file<'a>(report: &'a Value, path: &str) -> &'a Value {
    report["files"].as_array().into_iter().flatten().find(|file| file["path"] == path).unwrap_or_else(|| panic!("{path} in {report}"))
}

async fn text_of(server: &Address, token: &str, path: &str) -> Value {
    let (status, file) = server.desk(token, "GET", &format!("/api/ops/file?path={path}"), None).await;
    assert_eq!(status, 200, "{file}");
    file
}

#[tokio::test]
async fn only_those_who_edit_are_let_in() {
    let (server, _folder, ola) = start("roles").await;
    let page = server.get("/ops").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/ops/main.js"), "{}", page.body);
    for path in ["/api/ops/content", "/api/ops/prompts", "/api/ops/speakers", "/api/ops/file?path=teams.yaml"] {
        assert_eq!(server.get(path).await.status, 401, "{path}");
        for number in [ANA, LEA] {
            let (name, token) = desk_session(&server, number).await;
            let (status, told) = server.desk(&token, "GET", path, None).await;
            assert_eq!(status, 403, "{path}: {told}");
            let detail = told["detail"].as_str().unwrap_or_default();
            assert!(detail.contains("roles ops and admin") && detail.contains(&name), "{detail}");
        }
        let (status, told) = server.desk(&ola, "GET", path, None).await;
        assert_eq!(status, 200, "{path}: {told}");
    }
    let (_, token) = desk_session(&server, ANA).await;
    let save = json!({ "path": HUMAN, "base": null, "text": "x" });
    assert_eq!(server.desk(&token, "PUT", "/api/ops/file", Some(&save)).await.0, 403);
}

#[tokio::test]
async fn a_broken_file_is_told_in_the_words_of_the_check_while_the_old_version_answers() {
    let (server, folder, token) = start("broken").await;
    let first = report(&server, &token, |_| true).await;
    assert!(first["rejected"].is_null() && first["folder"].as_str().is_some_and(|shown| Path::new(shown) == folder), "{first}");
    let human = file(&first, HUMAN);
    assert_eq!(
        (&human["state"], &human["examples"], &human["tests"], &human["languages"]["en"]),
        (&json!("live"), &json!(15), &json!(1), &json!(15))
    );
    assert_eq!(file(&first, "prompts/model/draft.j2")["state"], "built_in");

    // The same again costs nothing.
    let bearer = format!("Bearer {token}");
    let asked = |tag: String| {
        let (bearer, authority) = (bearer.clone(), server.authority());
        async move {
            let headers = [("authorization", bearer.as_str()), ("if-none-match", tag.as_str())];
            http::request("GET", &authority, "/api/ops/content", &headers, None).await.expect("an answer")
        }
    };
    let answer = asked("none".into()).await;
    let tag = answer.header("etag").expect("an ETag").to_owned();
    assert_eq!(asked(tag).await.status, 304);

    let path = folder.join(HUMAN);
    let good = fs::read_to_string(&path).expect("the file");
    fs::write(&path, good.replace("queue: general", "queue: generall")).expect("an edit");
    let refused = report(&server, &token, |report| !report["rejected"].is_null()).await;
    assert_eq!(refused["digest"], first["digest"], "the old version is in force");
    assert_eq!(file(&refused, HUMAN)["state"], "refused");
    assert_eq!(refused["rejected"]["edited"], json!([HUMAN]));
    let problem = refused["rejected"]["problems"][0]["line_text"].as_str().expect("a line").to_owned();
    let check = Command::new(env!("CARGO_BIN_EXE_redress")).args(["check", "--quick", "--content"]).arg(&folder).output().expect("it runs");
    let checked = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(problem.starts_with(&format!("{HUMAN}:5:8: ")) && checked.lines().any(|line| line == problem), "{problem}\n{checked}");
    let tried = json!({ "text": "i want to talk to a human" });
    let (_, told) = server.desk(&token, "POST", "/api/ops/try", Some(&tried)).await;
    assert_eq!((&told["digest"], &told["reply"]["hand_over"]["queue"]), (&first["digest"], &json!("general")), "{told}");

    fs::write(&path, good + "\n# mended\n").expect("an edit");
    let live = report(&server, &token, |report| report["rejected"].is_null() && report["digest"] != first["digest"]).await;
    assert_eq!(file(&live, HUMAN)["state"], "live");
    assert!(file(&live, HUMAN)["loaded_at"].as_str() > file(&first, HUMAN)["loaded_at"].as_str(), "{live}");
    assert_eq!(file(&live, "intents/move_payment.yaml")["loaded_at"], file(&first, "intents/move_payment.yaml")["loaded_at"]);
}

#[tokio::test]
async fn a_message_is_tried_out_with_its_reasons_and_changes_nothing() {
    let (server, _folder, token) = start("try").await;
    let before = server.api("/api/customers/P01").await;
    let tried = json!({ "text": "snooze my payment until 4 January please", "customer": "P01", "level": 2 });
    let (status, told) = server.desk(&token, "POST", "/api/ops/try", Some(&tried)).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["decision"], &told["among"], &told["encoder_asked"]),
        (&json!("act"), &json!(["move_payment"]), &json!(false)),
        "{told}"
    );
    assert_eq!(told["patterns"], json!(["move_payment"]));
    assert!(told["why"].as_str().is_some_and(|why| why.contains("a pattern of move_payment hit")), "{}", told["why"]);
    assert!(told["entities"].as_array().is_some_and(|entities| entities.iter().any(|entity| entity["type"] == "date")), "{told}");
    assert!(told["words"].as_array().is_some_and(|words| !words.is_empty()) && told["micros"].is_u64());
    let reply = &told["reply"];
    assert!(reply["rows"].as_array().is_some_and(|rows| rows.iter().any(|row| row["kind"] == "message")), "{reply}");
    assert!(reply["path"].as_array().is_some_and(|path| !path.is_empty()), "{reply}");
    assert_eq!(server.api("/api/customers/P01").await, before, "no account is touched");
    let (_, all) = server.desk(&token, "GET", "/api/desk/conversations?view=all", None).await;
    assert_eq!(all["rows"], json!([]), "nothing is stored");

    for (sent, expected) in [
        (json!({ "text": "" }), "1 to 4,000 characters"),
        (json!({ "text": "hi", "customer": "P99" }), "no demo customer 'P99'"),
        (json!({ "text": "hi", "market": "XX" }), "no market 'XX'"),
        (json!({ "txt": "hi" }), "send {\"text\""),
    ] {
        let (status, told) = server.desk(&token, "POST", "/api/ops/try", Some(&sent)).await;
        assert_eq!(status, 400, "{told}");
        assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(expected)), "{told}");
    }
}

#[tokio::test]
async fn an_example_is_shown_then_saved_then_live_and_in_the_log() {
    let (server, folder, token) = start("save").await;
    let wanted = json!({ "intent": "talk_to_human", "text": "could somebody with a pulse ring me", "language": "en" });
    let (status, proposal) = server.desk(&token, "POST", "/api/ops/example", Some(&wanted)).await;
    assert_eq!(status, 200, "{proposal}");
    let added: Vec<&Value> = proposal["diff"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|hunk| hunk.as_array().into_iter().flatten())
        .filter(|line| line["what"] != "same")
        .collect();
    assert_eq!(added.len(), 1, "one line comes, none goes: {added:?}");
    assert_eq!((&added[0]["text"], &added[0]["new"]), (&json!("    - could somebody with a pulse ring me"), &proposal["line"]));
    let on_disk = || fs::read_to_string(folder.join(HUMAN)).expect("the file");
    assert!(!on_disk().contains("pulse"), "nothing is saved yet");

    let save = json!({ "path": proposal["path"], "base": proposal["base"], "text": proposal["text"] });
    let (status, saved) = server.desk(&token, "PUT", "/api/ops/file", Some(&save)).await;
    assert_eq!((status, &saved["state"]), (200, &json!("live")), "{saved}");
    assert_eq!(on_disk(), proposal["text"].as_str().expect("a text"));
    let (_, again) = server.desk(&token, "POST", "/api/ops/example", Some(&wanted)).await;
    assert!(again["detail"].as_str().is_some_and(|detail| detail.contains("already, on line")), "{again}");
    let hidden: Vec<_> =
        fs::read_dir(folder.join("intents")).expect("the folder").map_while(Result::ok).map(|entry| entry.file_name()).collect();
    assert_eq!(hidden.len(), 2, "nothing is left beside the files: {hidden:?}");

    // Somebody else was faster, or the text would be refused: nothing is written.
    let (status, told) = server.desk(&token, "PUT", "/api/ops/file", Some(&save)).await;
    assert_eq!(status, 409, "{told}");
    let stands = text_of(&server, &token, HUMAN).await;
    let broken = stands["text"].as_str().expect("a text").replace("title:", "titel:");
    let (status, told) =
        server.desk(&token, "PUT", "/api/ops/file", Some(&json!({ "path": HUMAN, "base": stands["base"], "text": broken }))).await;
    assert_eq!(status, 422, "{told}");
    let told_lines: Vec<&str> = told["problems"].as_array().into_iter().flatten().filter_map(|one| one["line_text"].as_str()).collect();
    assert!(told_lines.iter().any(|line| line.starts_with(&format!("{HUMAN}:2:1: Unknown key `titel`"))), "{told}");
    let outside = json!({ "path": "../outside.yaml", "base": null, "text": "x" });
    assert_eq!(server.desk(&token, "PUT", "/api/ops/file", Some(&outside)).await.0, 400);
    assert_eq!(on_disk(), stands["text"].as_str().expect("a text"));

    let (_, lea) = desk_session(&server, LEA).await;
    let (_, log) = server.desk(&lea, "GET", "/api/desk/audit", None).await;
    let acts: Vec<&Value> = log["rows"].as_array().into_iter().flatten().filter(|row| row["act"] == "save_content").collect();
    assert_eq!(acts.len(), 1, "{log}");
    assert_eq!((&acts[0]["agent"], &acts[0]["subject"]), (&json!("Ola"), &json!(HUMAN)));
}

#[tokio::test]
async fn a_test_is_run_before_it_is_saved() {
    let (server, _folder, token) = start("test").await;
    for (text, passes) in [("get me an agent", true), ("move my payment", false)] {
        let (status, proposal) =
            server.desk(&token, "POST", "/api/ops/test", Some(&json!({ "intent": "talk_to_human", "text": text }))).await;
        assert_eq!(status, 200, "{proposal}");
        assert_eq!(proposal["differences"].as_array().is_some_and(Vec::is_empty), passes, "{proposal}");
        assert!(
            proposal["text"].as_str().is_some_and(|file| file.ends_with(&format!("- me: {text}\n        intent: talk_to_human\n"))),
            "{proposal}"
        );
    }
}

#[tokio::test]
async fn an_edit_is_tried_out_beside_the_running_content() {
    let (server, folder, token) = start("trial").await;
    let text = text_of(&server, &token, HUMAN).await["text"].as_str().expect("a text").to_owned();
    let run = async |text: String| {
        let (status, mut trial) = server.desk(&token, "POST", "/api/ops/trials", Some(&json!({ "path": HUMAN, "text": text }))).await;
        assert_eq!(status, 202, "{trial}");
        let (id, began) = (trial["id"].as_str().expect("an id").to_owned(), Instant::now());
        while trial["state"] != "done" {
            assert!(trial["state"] != "given_up" && began.elapsed() < PATIENCE, "{trial}");
            trial = server.desk(&token, "GET", &format!("/api/ops/trials/{id}"), None).await.1;
        }
        trial
    };
    let stolen = run(text.replace("    - human\n", "    - human\n    - push the date of what i owe\n")).await;
    assert_eq!(stolen["refused"], false, "{stolen}");
    for list in ["flips", "moved", "added", "removed"] {
        assert!(stolen["changes"][list].is_array(), "{stolen}");
    }
    let broken = run(text.replace("title:", "titel:")).await;
    assert!(broken["refused"] == true && broken["changes"].is_null(), "{broken}");
    assert!(broken["problems"].to_string().contains("Unknown key `titel`"), "{broken}");
    assert_eq!(fs::read_to_string(folder.join(HUMAN)).expect("the file"), text, "nothing was saved");
    let (status, told) = server.desk(&token, "GET", "/api/ops/trials/nobody", None).await;
    assert_eq!(status, 404, "{told}");
    let (status, told) = server.desk(&token, "POST", "/api/ops/trials", Some(&json!({ "path": "Cargo.toml", "text": "" }))).await;
    assert_eq!(status, 400, "{told}");
}

#[tokio::test]
async fn every_number_of_the_day_has_its_conversations() {
    let (server, _folder, token) = start("numbers").await;
    let mut alone = Customer::anonymous(&server).await;
    alone.ask("hello").await;
    let mut handed = Customer::anonymous(&server).await;
    handed.ask_for_a_person().await;
    let (status, numbers) = server.desk(&token, "GET", "/api/ops/numbers", None).await;
    assert_eq!(status, 200, "{numbers}");
    assert_eq!(numbers["bot_alone"], json!({ "n": 1, "conversations": [alone.conversation] }));
    assert_eq!(numbers["waiting"], json!({ "n": 1, "conversations": [handed.conversation] }));
    let reasons: Vec<&Value> = numbers["handed_over"].as_object().expect("reasons").values().collect();
    assert_eq!(reasons, [&json!({ "n": 1, "conversations": [handed.conversation] })], "{numbers}");
    assert!(numbers["model"].is_null() && numbers["since"].as_str().is_some_and(|since| since.ends_with("T00:00:00Z")), "{numbers}");
}

#[tokio::test]
async fn prompts_are_shown_with_their_variables_and_rendered_before_they_are_saved() {
    let (server, folder, token) = start("prompts").await;
    let (_, told) = server.desk(&token, "GET", "/api/ops/prompts", None).await;
    assert!(told["model"].is_null() && told["uses"].as_array().is_some_and(|uses| uses.len() == 7), "{told}");
    for of_use in told["uses"].as_array().into_iter().flatten() {
        assert!(of_use["variables"].as_array().is_some_and(|all| all.iter().all(|one| one["holds"].is_string())), "{of_use}");
        assert!(
            of_use["rendered"]["user"].as_str().is_some_and(|user| ["fee", "ur shoes", "monday"].iter().any(|word| user.contains(word))),
            "{of_use}"
        );
        assert_eq!(of_use["rendered"]["problems"], json!([]));
        assert!(of_use["file"]["base"].is_null(), "the folder has none: {of_use}");
    }
    let path = "/api/ops/prompts/summary";
    let (_, broken) = server.desk(&token, "POST", path, Some(&json!({ "text": "Sum up.\n---\n{{ talks }}" }))).await;
    assert!(
        broken["user"].is_null() && broken["problems"][0]["line_text"].as_str().is_some_and(|line| line.contains(":3:1: ")),
        "{broken}"
    );
    let good = "Be brief.\n---\n{{ talk|fence('talk') }}\n";
    let (_, fine) = server.desk(&token, "POST", path, Some(&json!({ "text": good }))).await;
    assert!(fine["system"] == "Be brief." && fine["problems"] == json!([]), "{fine}");
    let (status, none) = server.desk(&token, "POST", &format!("{path}/try"), Some(&json!({ "text": good }))).await;
    assert_eq!(status, 409, "{none}");
    assert_eq!(server.desk(&token, "POST", "/api/ops/prompts/sumary", Some(&json!({ "text": good }))).await.0, 404);

    let file = "prompts/model/summary.j2";
    let (status, saved) = server.desk(&token, "PUT", "/api/ops/file", Some(&json!({ "path": file, "base": null, "text": good }))).await;
    assert_eq!((status, &saved["state"]), (200, &json!("live")), "{saved}");
    assert_eq!(fs::read_to_string(folder.join(file)).expect("a new file"), good);
}
