//! How many cases property tests try: ten thousand where `CI=true`, a few hundred at the desk.

use proptest::test_runner::Config;

/// The settings of a property test.
pub(crate) fn cases() -> Config {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    Config { failure_persistence: None, ..Config::with_cases(if ci { 10_000 } else { 256 }) }
}
