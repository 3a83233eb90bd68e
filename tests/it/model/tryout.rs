//! Prompts that are tried out with the model on the ops page: the answer, what the checks make of it, and what it cost.

use super::scripted::{Script, Scripted};
use crate::harness::{Server, WORDS_ALONE, desk_session};
use crate::ops::content;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_is_tried_out_with_the_model_and_told_with_its_cost() {
    let model = Scripted::start(Script::Good).await;
    let folder = content("tryout");
    let server = Server::with(&[&WORDS_ALONE[..], &["--content", folder.to_str().expect("UTF-8"), "--model", &model.url()]].concat());
    let (_, ola) = desk_session(&server, 3).await;
    let (_, report) = server.desk(&ola, "GET", "/api/ops/prompts", None).await;
    assert!(report["model"]["uses"].as_array().is_some_and(|uses| uses.len() == 7), "{report}");
    for of_use in report["uses"].as_array().into_iter().flatten() {
        let (name, text) = (of_use["use"].as_str().expect("a name"), &of_use["file"]["text"]);
        let path = format!("/api/ops/prompts/{name}/try");
        let (status, tried) = server.desk(&ola, "POST", &path, Some(&json!({ "text": text }))).await;
        assert_eq!(status, 200, "{name}: {tried}");
        assert!(tried["answer"].is_object() && tried["failure"].is_null(), "{name}: {tried}");
        assert!(tried["leash"].as_array().is_some_and(|told| !told.is_empty()), "{name}: {tried}");
        assert!(tried["tokens_in"].as_u64() > Some(0) && tried["ms"].is_u64(), "{name}: {tried}");
    }
    assert!(model.asked().iter().any(|asked| asked.to_string().contains("there is a fee on my plan")), "it gets the sample");

    let own = json!({ "text": "Be very brief indeed.\n---\n{{ talk|fence('talk') }}" });
    server.desk(&ola, "POST", "/api/ops/prompts/summary/try", Some(&own)).await;
    assert!(
        model.asked().last().is_some_and(|asked| asked.to_string().contains("Be very brief indeed.")),
        "it is told the text as it was written"
    );
    let asked = model.asked().len();
    let broken = json!({ "text": "Be brief.\n---\n{{ talk }}" });
    let (status, told) = server.desk(&ola, "POST", "/api/ops/prompts/summary/try", Some(&broken)).await;
    assert!(status == 422 && told["detail"].as_str().is_some_and(|detail| detail.contains("outside of a fence")), "{told}");
    assert_eq!(model.asked().len(), asked, "a broken prompt goes nowhere");

    model.plays(Script::Worst);
    let (_, worst) = server.desk(&ola, "POST", "/api/ops/prompts/draft/try", Some(&json!({ "text": draft(&report) }))).await;
    assert!(worst["shown"].is_null() && worst["leash"][0].as_str().is_some_and(|told| told.starts_with("Refused")), "{worst}");
    model.plays(Script::ExpiredKey);
    let (status, failed) = server.desk(&ola, "POST", "/api/ops/prompts/draft/try", Some(&json!({ "text": draft(&report) }))).await;
    assert!(status == 200 && failed["answer"].is_null() && failed["failure"].is_string(), "{failed}");
}

fn draft(report: &Value) -> Value {
    report["uses"].as_array().into_iter().flatten().find(|of_use| of_use["use"] == "draft").expect("a draft")["file"]["text"].clone()
}
