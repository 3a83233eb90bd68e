//! The vectors that redress carries are those of its own content: what was edited since is made at every start, so it must stay little.

use redress::catalog::Catalog;
use redress::understanding::Sentences;
use redress::understanding::encoder::{Bundled, EncodeError, Encoder, carried};
use std::path::Path;
use std::sync::{Arc, Mutex};

const FILES: [&str; 2] = ["models/minilm/examples.bin", "models/minilm/passages.bin"];

/// Texts with their vectors.
type Vectors = Vec<(String, Vec<f32>)>;

/// The carried encoder without its carried vectors, which notes what it is asked to keep.
#[derive(Debug)]
struct Noting {
    encoder: Bundled,
    kept: Mutex<Vec<Vectors>>,
}

impl Encoder for Noting {
    fn id(&self) -> &str {
        self.encoder.id()
    }

    fn width(&self) -> usize {
        self.encoder.width()
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        self.encoder.encode(texts)
    }

    fn encode_kept(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let vectors = self.encode(texts)?;
        let noted = texts.iter().map(|text| (*text).to_owned()).zip(vectors.iter().cloned()).collect();
        self.kept.lock().expect("nobody panicked").push(noted);
        Ok(vectors)
    }
}

#[test]
fn the_carried_vectors_are_those_of_the_content() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let noting = Arc::new(Noting { encoder: Bundled::load(2).expect("the carried model loads"), kept: Mutex::default() });
    Catalog::load(folder, &Arc::new(Sentences::by(Arc::<Noting>::clone(&noting)))).expect("good content");
    let kept = noting.kept.lock().expect("nobody panicked");
    assert_eq!(kept.len(), FILES.len(), "examples, then passages");
    for (name, texts) in FILES.iter().zip(kept.iter()) {
        let path = folder.join(name);
        if std::env::var_os("REDRESS_WRITE_VECTORS").is_some() {
            let file = carried::file(texts.iter().map(|(text, vector)| (text.as_str(), vector.clone())));
            std::fs::write(&path, file).expect("models/ can be written");
        }
        let file = std::fs::read(&path).expect("carried vectors");
        let cosine = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f32>();
        let mut missing = 0;
        for (text, vector) in texts {
            match carried::find_in(&file, text, noting.width()) {
                // A vector differs a little with the texts that it is made beside; that of another text has a cosine below 0.9.
                Some(carried) => assert!(cosine(&carried, vector) > 0.95, "{name} has another vector for \"{text}\""),
                None => missing += 1,
            }
        }
        let all = carried::file(texts.iter().map(|(text, vector)| (text.as_str(), vector.clone())));
        let near = file.len().abs_diff(all.len()) * 20 <= all.len();
        assert!(
            near && missing * 20 <= texts.len(),
            "{name} lacks {missing} of {} texts; run: REDRESS_WRITE_VECTORS=1 cargo test --test it carried_vectors",
            texts.len()
        );
    }
}
