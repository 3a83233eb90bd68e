//! An embeddings endpoint as encoder: what it is asked, and what happens when it is not there or goes away.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/content/good");

/// One request for vectors: its path, its key, its body.
type Asked = (String, String, Value);

/// A small OpenAI-compatible endpoint. Its vectors say which letters a text has.
struct Fake {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    broken: Arc<AtomicBool>,
}

impl Fake {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (asked, broken) = (Arc::default(), Arc::<AtomicBool>::default());
        let fake = Self { port, asked: Arc::clone(&asked), broken: Arc::clone(&broken) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (asked, broken) = (Arc::clone(&asked), Arc::clone(&broken));
                std::thread::spawn(move || answer(stream, &asked, &broken));
            }
        });
        fake
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panicked").clone()
    }
}

/// Answers requests on one connection until it ends.
fn answer(stream: TcpStream, asked: &Mutex<Vec<Asked>>, broken: &AtomicBool) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut key, mut length) = (String::new(), String::new(), 0);
        (reader.read_line(&mut first).ok()? > 0).then_some(())?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "authorization" => key = value.to_owned(),
                "content-length" => length = value.parse().ok()?,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body: Value = serde_json::from_slice(&body).ok()?;
        let texts: Vec<&str> = body["input"].as_array()?.iter().filter_map(Value::as_str).collect();
        let (status, answer) = if broken.load(Ordering::SeqCst) {
            ("400 Bad Request", json!({ "error": { "message": "out of order", "type": "test", "param": null, "code": null } }))
        } else {
            // Backwards: `index` tells which text a vector is of.
            let data = texts.iter().enumerate().rev();
            let data: Vec<Value> =
                data.map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": letters(text) })).collect();
            let usage = json!({ "prompt_tokens": 1, "total_tokens": 1 });
            ("200 OK", json!({ "object": "list", "model": body["model"], "data": data, "usage": usage }))
        };
        let path = first.split(' ').nth(1)?.to_owned();
        asked.lock().ok()?.push((path, key, body.clone()));
        let answer = answer.to_string();
        let length = answer.len();
        write!(writer, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{answer}").ok()?;
    }
}

fn letters(text: &str) -> Vec<f32> {
    let mut counts = vec![0.1; 26];
    text.bytes().filter(u8::is_ascii_lowercase).for_each(|letter| counts[usize::from(letter - b'a')] += 1.0);
    counts
}

fn classify(port: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["classify", "--content", GOOD, "--encoder", &format!("http://127.0.0.1:{port}")])
        .env("REDRESS_ENCODER_KEY", "the-key")
        .env("REDRESS_ENCODER_MODEL", "the-model")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

fn ended(mut child: Child) -> Output {
    drop(child.stdin.take());
    child.wait_with_output().expect("it ends")
}

#[test]
fn an_endpoint_gives_vectors_of_examples_and_messages_until_it_goes_away() {
    let fake = Fake::start();
    let mut child = classify(fake.port);
    let mut input = child.stdin.take().expect("its input");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut read = |text: &str| -> Value {
        writeln!(input, "{text}").expect("it listens");
        let mut line = String::new();
        output.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("a JSON object")
    };
    let first = read("could you perhaps put the money off until i am paid");
    assert!(first["intents"].is_array(), "{first}");
    let asked = fake.asked();
    assert!(asked.iter().all(|(path, key, body)| path == "/v1/embeddings" && key == "Bearer the-key" && body["model"] == "the-model"));
    let texts: Vec<usize> = asked.iter().map(|(_, _, body)| body["input"].as_array().map_or(0, Vec::len)).collect();
    assert!(texts.iter().any(|count| *count > 20) && texts.iter().all(|count| *count <= 128), "{texts:?}");
    let of_message = asked.iter().any(|(_, _, body)| body.to_string().contains("until i am paid"));
    assert!(of_message, "the message is asked about: {texts:?}");

    fake.broken.store(true, Ordering::SeqCst);
    let second = read("may i perhaps settle that thing some other week instead");
    assert!(second["intents"].is_array(), "words alone are enough for an answer: {second}");
    let so_far = fake.asked().len();
    let third = read("is there somebody who could maybe hear me out on this");
    assert!(third["intents"].is_array(), "{third}");
    assert_eq!(fake.asked().len(), so_far, "an endpoint that failed is left alone for a while");
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn an_endpoint_that_is_not_there_or_refuses_is_a_clear_error() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    let refusing = Fake::start();
    refusing.broken.store(true, Ordering::SeqCst);
    for (port, why) in [(nobody, "onnect"), (refusing.port, "out of order")] {
        let output = ended(classify(port));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(said.contains("--encoder") && said.contains("REDRESS_ENCODER_KEY") && said.contains(why), "{said}");
    }
}
