//! Which endpoints are asked, for what, within which limits: one endpoint by flags, or a file `models.yaml` for several.

use super::budget::{Limits, Price};
use crate::yaml::diagnostic::{Diagnostic, Report};
use crate::yaml::fields::{Fields, items};
use crate::yaml::node::Node;
use crate::yaml::read;
use std::time::Duration;

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// Which of a few intents a message means.
    SecondOpinion,
    /// An answer that rests on quoted passages.
    Answer,
    /// A summary of the talk for an agent.
    Summary,
    /// A reply as a draft for an agent.
    Draft,
    /// An agent's own words, better written.
    Polish,
    /// Texts in another language.
    Translate,
    /// What a customer's free words mean as a date, an amount or one of several things.
    Slot,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::SecondOpinion, Self::Answer, Self::Summary, Self::Draft, Self::Polish, Self::Translate, Self::Slot];

    /// Its name in files, traces and metrics, which is also that of its prompt.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecondOpinion => "second_opinion",
            Self::Answer => "answer",
            Self::Summary => "summary",
            Self::Draft => "draft",
            Self::Polish => "polish",
            Self::Translate => "translate",
            Self::Slot => "slot",
        }
    }

    /// The use of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// What holds when nothing else is written.
    fn default_limits(self) -> UseLimits {
        let (ms, max_tokens) = match self {
            Self::SecondOpinion => (1_200, 80),
            Self::Answer => (1_500, 400),
            Self::Slot => (1_200, 120),
            Self::Summary | Self::Draft => (20_000, 600),
            Self::Polish | Self::Translate => (20_000, 1_500),
        };
        UseLimits { time: Duration::from_millis(ms), max_tokens }
    }

    /// Whether the answer is long enough to be read piece by piece.
    pub(super) fn streams(self) -> bool {
        match self {
            Self::SecondOpinion | Self::Slot => false,
            Self::Answer | Self::Summary | Self::Draft | Self::Polish | Self::Translate => true,
        }
    }
}

/// What one use may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseLimits {
    /// All tries together.
    pub time: Duration,
    /// The longest answer.
    pub max_tokens: u32,
}

/// One endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// What comes before `/chat/completions`.
    pub base: String,
    /// The model to ask for.
    pub model: String,
    /// The key, if it needs one.
    pub key: Option<String>,
    /// Calls at a time.
    pub at_once: usize,
    /// What its tokens cost.
    pub price: Price,
}

impl std::fmt::Debug for EndpointSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.model, self.base)
    }
}

/// Everything that is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// In the order of preference.
    pub endpoints: Vec<EndpointSettings>,
    /// How long a customer may wait for a reply because a model is asked.
    pub reply: Duration,
    /// What a day may cost.
    pub daily: Limits,
    /// Markets whose customers' words never leave the process.
    pub keep_inside: Vec<String>,
    uses: Vec<(Use, Option<UseLimits>)>,
}

/// Calls at a time, when nothing else is written.
const AT_ONCE: usize = 8;
/// Tokens a day, when nothing else is written.
const DAILY_TOKENS: u64 = 5_000_000;
/// Time until a reply, when nothing else is written.
const REPLY: Duration = Duration::from_secs(2);
/// Millionths of a unit in a cent.
const MICROS_A_CENT: u64 = 10_000;

impl Settings {
    /// One endpoint for every use, with the usual limits.
    ///
    /// # Errors
    /// One sentence: what is wrong with address or key.
    pub fn one(url: &str, model: &str, key: Option<&str>) -> Result<Self, String> {
        let endpoint = EndpointSettings {
            base: base(url)?,
            model: model.to_owned(),
            key: checked_key(key)?,
            at_once: AT_ONCE,
            price: Price::default(),
        };
        Ok(Self { endpoints: vec![endpoint], ..Self::none() })
    }

    fn none() -> Self {
        Self {
            endpoints: Vec::new(),
            reply: REPLY,
            daily: Limits { tokens: Some(DAILY_TOKENS), micros: None },
            keep_inside: Vec::new(),
            uses: Use::ALL.iter().map(|purpose| (*purpose, Some(purpose.default_limits()))).collect(),
        }
    }

    /// What a use may take; `None` when it is switched off.
    pub fn of(&self, purpose: Use) -> Option<UseLimits> {
        self.uses.iter().find(|(other, _)| *other == purpose).and_then(|(_, limits)| *limits)
    }

    /// Reads a settings file; `environment` gives the keys that it names.
    ///
    /// # Errors
    /// All problems, with line and column.
    pub fn read(path: &str, bytes: &[u8], environment: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<Diagnostic>> {
        let mut report = Report::on(path);
        let settings = read::text(bytes, &mut report)
            .and_then(|text| read::tree(text, &mut report))
            .and_then(|root| file(&root, &environment, &mut report));
        let problems = report.finish();
        match settings {
            Some(settings) if problems.is_empty() => Ok(settings),
            Some(_) | None => Err(problems),
        }
    }
}

fn file(root: &Node, environment: &impl Fn(&str) -> Option<String>, report: &mut Report) -> Option<Settings> {
    let keys = ["reply_ms", "daily_tokens", "daily_cents", "keep_inside", "endpoints", "uses"];
    let fields = Fields::of(root, "a file of models", &keys, report)?;
    let mut settings = Settings::none();
    let mut number =
        |key: &str, least: i64, most: i64| fields.number(key, least, most, report).and_then(|number| u64::try_from(number).ok());
    if let Some(ms) = number("reply_ms", 100, 60_000) {
        settings.reply = Duration::from_millis(ms);
    }
    settings.daily.tokens = number("daily_tokens", 1, i64::MAX).or(settings.daily.tokens);
    settings.daily.micros = number("daily_cents", 1, 1_000_000_000).map(|cents| cents.saturating_mul(MICROS_A_CENT));
    settings.keep_inside = fields.texts("keep_inside", report).into_iter().map(|market| market.text.to_uppercase()).collect();
    if let Some(node) = fields.value("endpoints") {
        settings.endpoints = items(node, "`endpoints`", report).iter().filter_map(|node| endpoint(node, environment, report)).collect();
    }
    if settings.endpoints.is_empty() && report.count() == 0 {
        report.error(
            fields.place,
            "There is no endpoint",
            "Write `endpoints:` and below it `- url: …` and `model: …`; or start with `--model none`.",
        );
    }
    if settings.daily.micros.is_some() && settings.endpoints.iter().all(|endpoint| endpoint.price == Price::default()) {
        report.error(
            fields.place,
            "`daily_cents` needs prices",
            "Write `price_in` and `price_out` at the endpoints: millionths of a unit for 1,000 tokens.",
        );
    }
    if let Some(node) = fields.value("uses") {
        uses(node, &mut settings, report);
    }
    Some(settings)
}

fn endpoint(node: &Node, environment: &impl Fn(&str) -> Option<String>, report: &mut Report) -> Option<EndpointSettings> {
    let keys = ["url", "model", "key_env", "at_once", "price_in", "price_out"];
    let fields = Fields::of(node, "an endpoint", &keys, report)?;
    let url = fields.required("url", "Write what comes before `/chat/completions`, such as `http://127.0.0.1:11434/v1`.", report)?;
    let model = fields.required("model", "Write the model's name as the endpoint knows it.", report)?;
    let base = base(&url.text).map_err(|problem| report.error(url.place, problem, "Write it as `https://host/v1`.")).ok()?;
    let mut key = None;
    if let Some(name) = fields.words("key_env", report) {
        match environment(&name.text).map(|value| checked_key(Some(&value))) {
            Some(Ok(value)) => key = value,
            Some(Err(problem)) => report.error(name.place, problem, "Set the variable to the key alone."),
            None => report.error(name.place, format!("The environment has no variable `{}`", name.text), "Set it to the endpoint's key."),
        }
    }
    let mut number = |key: &str, most: i64| fields.number(key, 0, most, report).and_then(|number| u64::try_from(number).ok());
    let price = Price { input: number("price_in", 1_000_000_000).unwrap_or(0), output: number("price_out", 1_000_000_000).unwrap_or(0) };
    let at_once = fields.number("at_once", 1, 1_000, report).and_then(|number| usize::try_from(number).ok()).unwrap_or(AT_ONCE);
    Some(EndpointSettings { base, model: model.text, key, at_once, price })
}

fn uses(node: &Node, settings: &mut Settings, report: &mut Report) {
    let names: Vec<&str> = Use::ALL.iter().map(|purpose| purpose.name()).collect();
    let Some(fields) = Fields::of(node, "the list of uses", &names, report) else { return };
    for (purpose, limits) in &mut settings.uses {
        let Some(node) = fields.value(purpose.name()) else { continue };
        let Some(own) = Fields::of(node, "a use", &["on", "ms", "max_tokens"], report) else { continue };
        let mut kept = purpose.default_limits();
        if let Some(ms) = own.number("ms", 100, 600_000, report).and_then(|ms| u64::try_from(ms).ok()) {
            kept.time = Duration::from_millis(ms);
        }
        if let Some(most) = own.number("max_tokens", 16, 4_000, report).and_then(|most| u32::try_from(most).ok()) {
            kept.max_tokens = most;
        }
        *limits = own.flag("on", true, report).then_some(kept);
    }
}

/// The address that `/chat/completions` is added to.
fn base(url: &str) -> Result<String, String> {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix("/chat/completions").unwrap_or(url);
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains([' ', '@', '?', '#']) => {
            Ok(if rest.contains('/') { url.to_owned() } else { format!("{url}/v1") })
        }
        Some(_) | None => Err(format!("'{url}' is no address of an endpoint")),
    }
}

/// A key that can stand in a header.
fn checked_key(key: Option<&str>) -> Result<Option<String>, String> {
    match key.map(str::trim).filter(|key| !key.is_empty()) {
        Some(key) if key.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(key.to_owned())),
        Some(_) => Err("The key has a character that no key has, such as a space or a line break".to_owned()),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let environment = |name: &str| (name == "THE_KEY").then(|| "secret \n".to_owned());
        Settings::read("models.yaml", text.as_bytes(), environment)
            .map_err(|problems| problems.iter().map(|problem| format!("{problem}\n")).collect())
    }

    #[test]
    fn a_file_names_endpoints_limits_and_uses() {
        let text = "reply_ms: 1500\ndaily_tokens: 1000\ndaily_cents: 5\nkeep_inside: [se]\nendpoints:\n  - url: http://one:1\n    model: a\n    key_env: THE_KEY\n    price_in: 150\n  - url: https://two/v1/chat/completions\n    model: b\n    at_once: 2\nuses:\n  answer: { on: false }\n  summary: { ms: 5000, max_tokens: 100 }\n";
        let settings = read(text).expect("good");
        assert_eq!(
            settings.endpoints.iter().map(|endpoint| endpoint.base.as_str()).collect::<Vec<_>>(),
            ["http://one:1/v1", "https://two/v1"]
        );
        assert_eq!((settings.endpoints[0].key.as_deref(), settings.endpoints[1].at_once), (Some("secret"), 2));
        assert_eq!(settings.daily, Limits { tokens: Some(1000), micros: Some(50_000) });
        assert_eq!(settings.keep_inside, ["SE"]);
        assert_eq!((settings.of(Use::Answer), settings.reply.as_millis()), (None, 1500));
        assert_eq!(settings.of(Use::Summary), Some(UseLimits { time: Duration::from_secs(5), max_tokens: 100 }));
        assert!(!format!("{settings:?}").contains("secret"));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, expected) in [
            ("endpoints:\n  - url: one\n    model: a\n", "models.yaml:2:10: 'one' is no address"),
            ("endpoints:\n  - url: http://one\n", "An endpoint needs `model`"),
            ("endpoints: []\n", "There is no endpoint"),
            ("endpoints:\n  - url: http://one\n    model: a\n    key_env: NOBODY\n", "no variable `NOBODY`"),
            ("endpoints:\n  - url: http://one\n    model: a\nuses:\n  answers: { on: true }\n", "Did you mean `answer`?"),
            ("daily_cents: 5\nendpoints:\n  - url: http://one\n    model: a\n", "`daily_cents` needs prices"),
        ] {
            let problems = read(text).expect_err(text);
            assert!(problems.contains(expected), "{text:?} gave {problems}");
        }
    }

    #[test]
    fn one_endpoint_by_flags() {
        let settings = Settings::one("http://127.0.0.1:11434/", "m", Some("")).expect("good");
        assert_eq!((settings.endpoints[0].base.as_str(), settings.endpoints[0].key.as_deref()), ("http://127.0.0.1:11434/v1", None));
        assert!(Settings::one("http://one", "m", Some("a\nb")).is_err() && Settings::one("ftp://one", "m", None).is_err());
    }
}
