//! `redress test`: runs the scripted conversations that stand in the intent files.

use super::Content;
use crate::catalog::Catalog;
use crate::domain::merchants::Merchants;
use crate::domain::personas;
use crate::services::script::{Run, run as run_script};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs all tests whose name contains `only`; prints what differs.
#[expect(clippy::print_stdout, reason = "the answer is the command's output")]
pub(super) fn run(content: &Content, only: Option<&str>, coverage: bool, as_json: bool) -> ExitCode {
    let sentences = match content.sentences() {
        Ok(sentences) => sentences,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let catalog = match Catalog::load(&content.folder, &sentences) {
        Ok(catalog) => Arc::new(catalog),
        Err(problems) => {
            for problem in &problems {
                println!("{problem}");
            }
            println!("the tests cannot run: the content has {} problem(s)", problems.len());
            return ExitCode::from(1);
        }
    };
    let merchants = Arc::new(Merchants::of(personas::load().merchants));
    let accounts = personas::accounts();
    let runs: Vec<Run> = catalog
        .tests()
        .filter(|(file, test)| only.is_none_or(|only| format!("{}/{}", file.intent.text, test.name).contains(only)))
        .map(|(file, test)| run_script(&catalog, &merchants, &accounts, file, test))
        .collect();
    let failed = runs.iter().filter(|run| !run.differences.is_empty()).count();
    let missed = if coverage { unreached(&catalog, &runs) } else { Vec::new() };
    if as_json {
        let tests: Vec<_> = runs
            .iter()
            .map(
                |run| json!({ "name": run.name, "place": run.place, "passed": run.differences.is_empty(), "differences": run.differences }),
            )
            .collect();
        println!("{}", json!({ "tests": tests, "passed": runs.len() - failed, "failed": failed, "unreached": missed }));
    } else {
        for run in runs.iter().filter(|run| !run.differences.is_empty()) {
            println!("{}: {} fails", run.place, run.name);
            for difference in &run.differences {
                println!("    {difference}");
            }
            for line in &run.transcript {
                println!("    | {line}");
            }
        }
        for step in &missed {
            println!("no test reaches {step}");
        }
        println!("{} passed, {failed} failed", runs.len() - failed);
    }
    ExitCode::from(u8::from(failed > 0))
}

/// Steps that no test walked, as `intent:path`.
fn unreached(catalog: &Catalog, runs: &[Run]) -> Vec<String> {
    let walked: BTreeSet<&String> = runs.iter().flat_map(|run| &run.walked).collect();
    let mut all: Vec<String> = catalog
        .flows
        .flows
        .values()
        .flat_map(|flow| flow.ops.iter().map(|op| format!("{}:{}", flow.intent, op.path)))
        .filter(|step| !walked.contains(step))
        .collect();
    all.sort();
    all
}
