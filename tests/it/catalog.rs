//! Content that is broken in many ways, and what `redress check` says about each; content that is edited while it runs.

use redress::catalog::advice::advice;
use redress::catalog::changes::Changes;
use redress::catalog::folder::SourceFile;
use redress::catalog::live::{LiveCatalog, Reload};
use redress::catalog::{Catalog, Checked};
use redress::cli::check;
use redress::dialog::flow::Verb;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/content/good");

/// A change of the good content: in that file, this text becomes that one.
type Edit = (&'static str, &'static str, &'static str);

/// Every kind of broken content: its name and the edits that break the good one.
const BROKEN: &[(&str, &[Edit])] = &[
    ("a tab", &[("move_payment", "    as: due\n", "\tas: due\n")]),
    ("bad indentation", &[("move_payment", "    as: due\n", "   as: due\n")]),
    ("a colon in a text", &[("move_payment", "ask: Which payment is it?", "ask: One more thing: which payment is it?")]),
    ("a quote that never ends", &[("move_payment", "now.\"\n\ntests", "now.\n\ntests")]),
    ("braces without quotes", &[("move_payment", "\"{{ item.label }}\"", "{{ item.label }}")]),
    ("unknown keys", &[("move_payment", "title: Move", "titel: Move"), ("move_payment", "    refused:", "    refuse:")]),
    ("a duplicate key", &[("move_payment", "queue: general\n", "queue: general\nqueue: disputes\n")]),
    (
        "an anchor and an alias",
        &[("move_payment", "title: Move a", "title: &t Move a"), ("move_payment", "description: The customer", "description: *t #")],
    ),
    ("two documents", &[("talk_to_human", "tests:\n", "---\ntests:\n")]),
    ("a duplicate intent", &[("talk_to_human", "intent: talk_to_human", "intent: Move_Payment")]),
    ("a link to nowhere", &[("move_payment", "  - ask: reason\n", "  - ask: reason\n  - link: talk_to_humans\n    if: level == 0\n")]),
    (
        "bad regular expressions",
        &[("move_payment", "  - '\\b(snooze|postpone)\\b.*\\bpayment'", "  - '\\b(snooze|postpone\\b'\n  - 'pay(?=ment)'\n  - '(later)?'")],
    ),
    (
        "unknown variables",
        &[
            ("move_payment", "{{ can.why }}", "{{ cann.why }}"),
            ("move_payment", "moved.new_due_on", "moved.new_due_at"),
            ("move_payment", "slots.later.due_on", "slots.latter.due_on"),
        ],
    ),
    (
        "a variable that comes too late",
        &[("move_payment", "ask: Which payment is it?", "ask: \"Which payment is it? {{ can.max_days }} days at most.\"")],
    ),
    (
        "a word without quotes",
        &[(
            "move_payment",
            "  - lookup: payables\n    as: due\n",
            "  - lookup: payables\n    as: due\n  - lookup: orders\n    with: { filter: recent }\n",
        )],
    ),
    (
        "an unknown filter and test",
        &[
            ("move_payment", "can.old_due_on|date", "can.old_due_on|dat"),
            ("move_payment", "slots.reason == 'other'", "slots.reason is othr"),
        ],
    ),
    (
        "template syntax",
        &[
            ("move_payment", "{{ item.label }}", "{{ item.label }"),
            ("move_payment", "\"Done: it", "\"{% if moved %}Done: it"),
            ("move_payment", "from: can.options", "from: can.options +"),
        ],
    ),
    (
        "an unknown slot and option",
        &[
            ("move_payment", "  - ask: reason\n", "  - ask: reasons\n"),
            ("move_payment", "slots.reason == 'other'", "slots.reason == 'others'"),
        ],
    ),
    (
        "a choice without options",
        &[("talk_to_human", "flow:\n", "slots:\n  topic: { type: choice, ask: What is it about? }\nflow:\n  - ask: topic\n")],
    ),
    ("an action without a confirmation", &[("move_payment", "  - confirm: \"I move it", "  - say: \"I move it")]),
    (
        "two actions on one yes",
        &[("move_payment", "  - say: \"Done", "  - do: waive_fee\n    with: { fee: slots.payment.id }\n  - say: \"Done")],
    ),
    (
        "a loop without a question",
        &[
            ("move_payment", "  - say: \"Done", "  - goto: rule\n    if: moved.fee_minor > 0\n  - say: \"Done"),
            ("move_payment", "  - ask: reason\n", ""),
            ("move_payment", "  - when: slots.reason == 'other'", "  - goto: rule\n  - when: level == 0"),
        ],
    ),
    (
        "links in a circle",
        &[
            (
                "talk_to_human",
                "  - handover: asked_for_person\n    say: Of course, I'm getting you a person.\n",
                "  - link: move_payment\n",
            ),
            ("move_payment", "flow:\n", "flow:\n  - link: talk_to_human\n    if: level == 0\n"),
        ],
    ),
    ("no queue", &[("move_payment", "queue: general\n", "")]),
    (
        "an unknown queue and level",
        &[
            ("move_payment", "queue: general\n", "queue: generall\n"),
            ("move_payment", "auth: step_up", "auth: stepup"),
            ("move_payment", "  - handover: no_date", "  - handover: no_date\n        queue: disputs"),
        ],
    ),
    (
        "an unknown capability, rule and action",
        &[
            ("move_payment", "lookup: payables", "lookup: payabels"),
            ("move_payment", "check: can_extend", "check: extend_due_date"),
            ("move_payment", "do: extend_due_date", "do: extend_date"),
        ],
    ),
    (
        "wrong arguments",
        &[
            ("move_payment", "with: { instalment: slots.payment.id }", "with: { instalmant: slots.payment.id }"),
            ("move_payment", "    as: due\n", "    as: due\n  - lookup: orders\n    with: { filter: \"'recents'\" }\n"),
        ],
    ),
    (
        "literal amounts and dates",
        &[
            ("move_payment", "This payment can't be moved.", "Moving costs £5."),
            ("move_payment", "I'm passing you to a colleague.\n", "We will call you within 3 days.\n"),
        ],
    ),
    (
        "the same example in two files",
        &[("talk_to_human", "- human\n", "- Move my payment!\n"), ("talk_to_human", "- representative\n", "- A person, please\n")],
    ),
    (
        "too few examples",
        &[(
            "talk_to_human",
            "    - a person please\n    - get me an agent\n    - can someone real help me\n    - no more bots\n    - let me speak to your team\n    - is anybody there\n    - connect me to support\n    - i want a real person\n    - human\n    - put me through to somebody\n    - representative\n",
            "    - ''\n",
        )],
    ),
    (
        "a goto to nowhere and a step twice",
        &[("move_payment", "  - ask: reason\n", "  - ask: reason\n    id: rule\n  - goto: rools\n    if: level == 0\n")],
    ),
    (
        "a step that is never reached",
        &[(
            "talk_to_human",
            "    say: Of course, I'm getting you a person.\n",
            "    say: Of course, I'm getting you a person.\n  - say: Hello?\n",
        )],
    ),
    (
        "a step that does nothing, or two things",
        &[(
            "talk_to_human",
            "  - handover: asked_for_person\n",
            "  - sya: Hello\n  - say: Hello\n    goto: x\n  - handover: asked_for_person\n",
        )],
    ),
    (
        "a promise without a due date",
        &[("talk_to_human", "  - handover: asked_for_person\n", "  - promise: We look into it.\n  - handover: asked_for_person\n")],
    ),
    ("a file with another name", &[("talk_to_human", "intent: talk_to_human", "intent: talk_to_person")]),
    (
        "broken tests",
        &[(
            "talk_to_human",
            "      - me: i want to talk to a human\n        handover: general\n",
            "      - me: i want to talk to a human\n        handover: nobody\n        bott: hi\n      - wait: soon\n  - name: a person comes\n    level: 1\n    now: today\n    talk: []\n",
        )],
    ),
    (
        "wrong translations",
        &[
            ("move_payment", "title: Move a payment to a later date", "title: { sv: Flytta en betalning, dk: Flyt en betaling }"),
            (
                "move_payment",
                "ask: Why would you like to move it?",
                "ask: { en: Why would you like to move it?, sv: \"Varför {{ vem }}?\" }",
            ),
            ("move_payment", "\"{{ item.label }}\"", "{ en: \"{{ item.label }}\", sv: \"{{ item.label\" }"),
            (
                "move_payment",
                "say: \"This payment can't be moved. {{ can.why }}\"",
                "say: { en: \"This payment can't be moved. {{ can.why }}\", sv: \"Det kostar 50 kr att flytta betalningen.\" }",
            ),
        ],
    ),
    (
        "translations that say less or more, or are missing",
        &[
            ("move_payment", "examples:\n", "examples:\n  sv:\n    - kan jag betala senare\n    - flytta betalningen\n"),
            (
                "move_payment",
                "\"{{ item.merchant }}, {{ item.amount_minor|money(item.currency) }}\"",
                "{ en: \"{{ item.merchant }}, {{ item.amount_minor|money(item.currency) }}\", sv: \"{{ item.merchant }}\" }",
            ),
            (
                "move_payment",
                "say: \"This payment can't be moved. {{ can.why }}\"",
                "say: { en: \"This payment can't be moved. {{ can.why }}\", sv: \"Betalningen till {{ slots.payment.merchant }} kan inte flyttas. {{ can.why }}\" }",
            ),
        ],
    ),
    ("nothing in it", &[("talk_to_human", "*", "")]),
];

fn good() -> Vec<SourceFile> {
    let file = |name: &str| SourceFile {
        path: format!("intents/{name}.yaml"),
        bytes: fs::read(Path::new(GOOD).join("intents").join(format!("{name}.yaml"))).expect("the good content is there"),
    };
    vec![file("move_payment"), file("talk_to_human")]
}

fn edit(files: &mut [SourceFile], (name, from, to): Edit) {
    let file = files.iter_mut().find(|file| file.path == format!("intents/{name}.yaml")).expect("the file is there");
    let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
    assert!(from == "*" || text.contains(from), "{name} does not contain {from:?}");
    file.bytes = if from == "*" { to.to_owned() } else { text.replacen(from, to, 1) }.into_bytes();
}

#[test]
fn the_good_content_has_no_problems() {
    assert_eq!(check::as_text(&Checked::files(&good())), "2 intents, no problems.\n");
}

#[test]
fn every_kind_of_broken_content_is_told_with_place_and_remedy() {
    let mut shown = String::new();
    for (name, edits) in BROKEN {
        let mut files = good();
        for change in *edits {
            edit(&mut files, *change);
        }
        shown.push_str(&format!("== {name}\n{}\n", check::as_text(&Checked::files(&files))));
    }
    let mut files = good();
    files[1].bytes.splice(30..31, [0xE9]);
    shown.push_str(&format!("== not UTF-8\n{}\n", check::as_text(&Checked::files(&files))));
    files[1].bytes = vec![b'#'; 300 * 1024];
    shown.push_str(&format!("== a huge file\n{}\n", check::as_text(&Checked::files(&files))));
    files[1] =
        SourceFile { path: "prompts/replies.yaml".to_owned(), bytes: b"greeet:\n  en: Hi\nthanks:\n  en: \"{{ name }} {{\"\n".to_vec() };
    shown.push_str(&format!("== replies\n{}\n", check::as_text(&Checked::files(&files))));
    insta::assert_snapshot!("broken_content", shown);
}

/// A content folder that is deleted at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn empty() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!("redress-content-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("a temporary folder");
        Self(folder)
    }

    fn good() -> Self {
        let folder = Self::empty();
        fs::create_dir(folder.0.join("intents")).expect("a folder");
        good().iter().for_each(|file| folder.save(file));
        folder
    }

    fn save(&self, file: &SourceFile) {
        fs::write(self.0.join(&file.path), &file.bytes).expect("the file is saved");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn told(folder: &Folder) -> String {
    check::as_text(&Checked::folder(&folder.0)).replace(&folder.0.display().to_string(), "CONTENT")
}

#[test]
fn folders_without_content_are_told() {
    let folder = Folder::empty();
    assert!(told(&folder).starts_with("intents: There is no folder `intents` in `CONTENT`. "), "{}", told(&folder));
    fs::create_dir(folder.0.join("intents")).expect("a folder");
    assert!(told(&folder).starts_with("intents: The folder `intents` is empty. "), "{}", told(&folder));
    fs::write(folder.0.join("intents/README.md"), "hello").expect("saved");
    assert!(told(&folder).starts_with("intents: There is no .yaml file in the folder `intents`. "), "{}", told(&folder));
}

#[test]
fn links_that_lead_nowhere_and_other_files_are_ignored() {
    let folder = Folder::good();
    let intents = folder.0.join("intents");
    fs::write(intents.join("notes.txt"), "\t\u{1}").expect("saved");
    fs::write(intents.join(".hidden.yaml"), "\t").expect("saved");
    fs::create_dir(intents.join("folder.yaml")).expect("a folder");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("loop.yaml", intents.join("loop.yaml")).expect("a link");
        std::os::unix::fs::symlink("nowhere.yaml", intents.join("gone.yaml")).expect("a link");
    }
    assert_eq!(told(&folder), "2 intents, no problems.\n");
}

#[test]
fn the_digest_tells_contents_apart() {
    let catalog = |files: &[SourceFile]| Catalog::from_files(files, &Default::default()).expect("good content").digest;
    let mut files = good();
    let first = catalog(&files);
    assert_eq!(first.len(), 64);
    assert_eq!(first, catalog(&files));
    edit(&mut files, ("talk_to_human", "title: Talk", "title: Speak"));
    assert_ne!(first, catalog(&files));
}

fn title(live: &LiveCatalog) -> String {
    live.current()
        .intents
        .iter()
        .find(|file| file.intent.text == "talk_to_human")
        .map(|file| file.title.english.text.clone())
        .unwrap_or_default()
}

#[test]
fn a_reload_swaps_good_content_and_refuses_bad() {
    let folder = Folder::good();
    let live = LiveCatalog::load(&folder.0, Default::default()).expect("good content");
    assert_eq!(live.reload(), Reload::Unchanged);
    let mut files = good();
    edit(&mut files, ("talk_to_human", "title: Talk to a person", "title: Somebody real"));
    folder.save(&files[1]);
    assert_eq!(live.reload(), Reload::Swapped);
    assert_eq!(title(&live), "Somebody real");
    edit(&mut files, ("talk_to_human", "queue: general", "queue: nobody"));
    folder.save(&files[1]);
    assert_eq!(live.reload(), Reload::Refused);
    assert_eq!(title(&live), "Somebody real");
    let rejected = live.rejected().expect("the edit was refused");
    assert_eq!(
        rejected.problems[0].to_string(),
        "intents/talk_to_human.yaml:5:8: Unknown queue `nobody`. Known here: `complaints`, `credit`, `disputes`, `fraud`, `general`, `hardship`, `privacy`, `safety`."
    );
    assert_eq!(live.reload(), Reload::Unchanged);
    edit(&mut files, ("talk_to_human", "queue: nobody", "queue: general"));
    folder.save(&files[1]);
    assert_eq!(live.reload(), Reload::Unchanged);
    assert!(live.rejected().is_none());
}

#[test]
fn a_saved_edit_is_live_within_two_seconds() {
    let folder = Folder::good();
    let live = LiveCatalog::start(&folder.0, Default::default()).expect("good content");
    let mut files = good();
    let mut expect = |from: &'static str, to: &'static str, save: &dyn Fn(&SourceFile)| {
        edit(&mut files, ("talk_to_human", from, to));
        save(&files[1]);
        let saved = Instant::now();
        while title(&live) != to {
            assert!(saved.elapsed() < Duration::from_secs(2), "{to:?} is not live");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    expect("Talk to a person", "Saved in place", &|file| folder.save(file));
    expect("Saved in place", "Saved beside and renamed", &|file| {
        let beside = folder.0.join("intents/.talk_to_human.swp");
        fs::write(&beside, &file.bytes).expect("saved");
        fs::rename(beside, folder.0.join(&file.path)).expect("renamed");
    });
    expect("Saved beside and renamed", "The whole folder is new", &|file| {
        let old = folder.0.join("old");
        fs::rename(folder.0.join("intents"), &old).expect("moved");
        fs::create_dir(folder.0.join("intents")).expect("a folder");
        fs::copy(old.join("move_payment.yaml"), folder.0.join("intents/move_payment.yaml")).expect("copied");
        folder.save(file);
    });
    expect("The whole folder is new", "Saved in the new folder", &|file| folder.save(file));
}

/// The project's own content: no errors, enough examples, and programs that can't jump astray.
#[test]
fn the_projects_own_content_is_clean() {
    let checked = Checked::folder(Path::new(env!("CARGO_MANIFEST_DIR")));
    let errors: Vec<String> = checked.problems.iter().filter(|problem| problem.is_error()).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for file in &checked.intents {
        let examples = file.examples.get("en").map_or(0, Vec::len);
        assert!(examples >= 15, "{} has {examples} English examples", file.path);
        assert!(!file.tests.is_empty(), "{} has no test", file.path);
    }
    for flow in checked.flows.flows.values() {
        let mut paths = std::collections::HashSet::new();
        for op in &flow.ops {
            assert!(paths.insert(&op.path), "{}: {} twice", flow.intent, op.path);
            let targets = match &op.verb {
                Verb::Unless(_, to) | Verb::Jump(to) | Verb::Choose { none: to, .. } | Verb::Check { refused: to, .. } => Some(*to),
                Verb::Confirm { no: to, .. } | Verb::Do { failed: to, .. } => *to,
                _ => None,
            };
            assert!(targets.is_none_or(|to| to <= flow.ops.len()), "{}: {} leads nowhere", flow.intent, op.path);
        }
    }
}

#[test]
fn an_edit_tells_what_it_changes_and_which_examples_contradict() {
    let before = Catalog::from_files(&good(), &Arc::default()).expect("good content");
    assert!(Changes::between(&before, &before).is_empty());
    assert_eq!(Changes::between(&before, &before).to_string(), "Every sentence is read as before.\n");
    let mut files = good();
    let taken = "examples:\n  en:\n    - i need more time now\n    - need more time\n    - give me more time\n    - more time please\n    - a few more days time\n";
    edit(&mut files, ("talk_to_human", "examples:\n  en:\n", taken));
    let after = Catalog::from_files(&files, &Arc::default()).expect("good content");
    let changes = Changes::between(&before, &after);
    let flip = changes.flips.iter().find(|flip| flip.text == "give me a few more days").expect("it is read otherwise");
    assert!(flip.worse && flip.place.starts_with("intents/move_payment.yaml:"), "{flip:?}");
    let told = changes.to_string();
    assert!(told.contains("\"give me a few more days\" was `move_payment`"), "{told}");
    assert!(changes.moved.iter().any(|(intent, was, is)| intent == "move_payment" && is < was), "{:?}", changes.moved);
    let notes: Vec<String> = advice(&after.intents, after.understander.tried()).iter().map(ToString::to_string).collect();
    let wanted = "`move_payment` and `talk_to_human` overlap";
    assert!(notes.iter().any(|note| note.starts_with("intents/move_payment.yaml: note: ") && note.contains(wanted)), "{notes:#?}");
}
