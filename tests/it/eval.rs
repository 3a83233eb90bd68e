//! `redress eval` on small files: its figures, its pictures, and what it says of files that it can't use.

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("redress-eval-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn eval(args: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_redress")).args(["eval", "--encoder", "none"]).args(args).output();
    command.expect("the binary runs")
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

/// Sentences of three labels that differ by a word and share the others.
fn sentences(from: usize, to: usize) -> String {
    let mut csv = "text,label\n".to_owned();
    for (label, word) in [("refund", "refund"), ("parcel", "parcel"), ("card", "card")] {
        for number in from..to {
            let begin = ["where is", "i have a question about", "please look at", "what about"][number % 4];
            csv += &format!("{begin} my {word} number {number},{label}\n");
        }
    }
    csv
}

#[test]
fn a_file_is_scored_and_drawn() {
    let folder = Folder::new("files");
    let (train, test) = (folder.file("train.csv", &sentences(0, 20)), folder.file("test.csv", &(sentences(20, 30) + "will it rain,oos\n")));
    let pictures = folder.0.join("pictures");
    let output = eval(&["--train", &train, "--test", &test, "--pictures", &pictures.display().to_string()]);
    let line = &lines(&output)[0];
    assert_eq!((&line["accuracy"], &line["labels"], &line["n"]), (&Value::from(1.0), &Value::from(3), &Value::from(31)));
    for key in ["macro_f1", "oos_recall", "oos_auroc", "in_scope_kept", "ece", "train_seconds", "micros_per_message", "model_bytes"] {
        assert!(line[key].is_number(), "{key}: {line}");
    }
    assert_eq!(line["reliability"].as_array().map(Vec::len), Some(15));
    for name in ["risk-coverage.svg", "reliability.svg", "confusion.svg"] {
        let picture = fs::read_to_string(pictures.join(name)).expect("it was drawn");
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n") && !picture.contains("NaN"), "{name}: {picture}");
    }
}

#[test]
fn splits_say_how_the_budget_is_kept() {
    let folder = Folder::new("splits");
    let train = folder.file("train.csv", &sentences(0, 24));
    let output = lines(&eval(&["--train", &train, "--splits", "3", "--seed", "5"]));
    assert_eq!(output.len(), 4);
    assert_eq!((&output[0]["seed"], &output[3]["splits"]), (&Value::from(5), &Value::from(3)));
    assert!(output[..3].iter().all(|line| line["acted_wrong"].is_number() && line["within"].is_boolean()), "{output:?}");
    assert_eq!(output, lines(&eval(&["--train", &train, "--splits", "3", "--seed", "5"])));
}

#[test]
fn files_that_cannot_be_used_are_told() {
    let folder = Folder::new("bad");
    let good = folder.file("good.csv", &sentences(0, 6));
    let (nothing, unlabelled) = (folder.file("columns.csv", "sentence,intent\na,b\n"), folder.file("row.csv", "text,label\nhello,\n"));
    let strangers = folder.file("oos.csv", "text,label\nhello,oos\n");
    let missing = folder.0.join("missing.csv").display().to_string();
    for (train, test, told) in [
        (&nothing, &good, "columns.csv:1: the header must name the columns"),
        (&good, &unlabelled, "row.csv:2: the row has no label"),
        (&strangers, &good, "there is nothing to learn"),
        (&missing, &good, "missing.csv cannot be read"),
    ] {
        let output = eval(&["--train", train, "--test", test]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && error.contains(told), "{told}: {error}");
    }
    let content = eval(&["--test", &good, "--content", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/content/good")]);
    let error = String::from_utf8_lossy(&content.stderr).into_owned();
    assert!(content.status.code() == Some(2) && error.contains("`refund` is no intent"), "{error}");
    let alone = eval(&["--train", &good]);
    assert!(String::from_utf8_lossy(&alone.stderr).contains("--train needs --test FILE to score"));
}
