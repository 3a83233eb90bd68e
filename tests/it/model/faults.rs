//! `redress bench` with a model that fails in every way: no turn is lost. How long replies take is for the bench to tell, not for a test.

use crate::harness::{IDENTITY_SECRET, Server};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn no_turn_is_lost_while_every_second_call_of_the_model_fails() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let model = listener.local_addr().expect("an address");
    drop(listener);
    // Three endpoints, so that one that is left alone does not end it.
    let endpoint = format!("  - url: http://{model}/v1\n    model: test\n");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.yaml", std::process::id()));
    fs::write(&file, format!("endpoints:\n{}", endpoint.repeat(3))).expect("a file");
    let server = Server::with(&["--frames-per-second", "0", "--model", file.to_str().expect("UTF-8")]);
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["bench", "--json", "--flows", "unsure", "--conversations", "4", "--warmup", "0", "--seconds", "10", "--patience", "60"])
        .args(["--rate", "8", "--model-faults", "0.5", "--model-at", &model.to_string(), "--url", &format!("ws://{}", server.authority())])
        .args(["--identity-secret", IDENTITY_SECRET])
        .output()
        .expect("the bench runs");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    println!("{report}");
    assert!(output.status.success(), "a turn was lost: {report}");
    assert!(report["turns"].as_u64().is_some_and(|turns| turns > 0), "{report}");
    let failed = report["model"]["failed"].as_object().expect("faults");
    assert!(report["model"]["good"].as_u64() > Some(0) && failed.len() > 2, "{report}");
    let _ = fs::remove_file(&file);
}
