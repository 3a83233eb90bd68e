//! Whether a text is about anything that was learned at all. Three weak signs of strangeness, the largest log odds by words and
//! by meaning and the distance to the nearest examples, are standardised on texts that belong and added up; the sum tells far
//! more than the largest probability does.

/// The raw signs of one text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Signs {
    /// Largest log odds by words.
    pub(crate) words: f32,
    /// Largest log odds by meaning; `None` when the encoder was not asked.
    pub(crate) meaning: Option<f32>,
    /// Mean cosine to the three nearest examples by meaning; without the encoder the share of known n-grams.
    pub(crate) near: f32,
}

/// Means and spreads of the signs among texts that belong, and the least sum that is let through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scope {
    words: (f32, f32),
    meaning: (f32, f32),
    near: (f32, f32),
    whole: (f32, f32),
    /// Sums below this, in standard deviations, are strange.
    pub(crate) least: f32,
}

/// Share of the texts that belong which may be taken for strangers.
const TURNED_AWAY: f32 = 0.05;

impl Scope {
    /// Fits on texts that belong.
    pub(crate) fn fit(texts: &[Signs]) -> Self {
        let words = moments(texts.iter().map(|signs| signs.words));
        let meaning = moments(texts.iter().filter_map(|signs| signs.meaning));
        let near = moments(texts.iter().map(|signs| signs.near));
        let mut scope = Self { words, meaning, near, whole: (0.0, 1.0), least: f32::NEG_INFINITY };
        let sums: Vec<f32> = texts.iter().map(|signs| scope.of(*signs)).collect();
        scope.whole = moments(sums.iter().copied());
        let mut sums: Vec<f32> = texts.iter().map(|signs| scope.of(*signs)).collect();
        sums.sort_by(f32::total_cmp);
        if let Some(least) = sums.get((sums.len() as f32 * TURNED_AWAY) as usize) {
            scope.least = *least;
        }
        scope
    }

    /// How much a text is like those that belong: standardised, 0 on average, lower is stranger.
    pub(crate) fn of(&self, signs: Signs) -> f32 {
        let standard = |value: f32, (mean, spread): (f32, f32)| (value - mean) / spread;
        let meaning = signs.meaning.map_or(0.0, |meaning| standard(meaning, self.meaning));
        standard(standard(signs.words, self.words) + meaning + standard(signs.near, self.near), self.whole)
    }
}

/// Mean and spread; (0, 1) of nothing.
fn moments(values: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let count = values.clone().count() as f32;
    if count == 0.0 {
        return (0.0, 1.0);
    }
    let mean = values.clone().sum::<f32>() / count;
    let spread = (values.map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt();
    (mean, spread.max(1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_below_nearly_all_that_belong() {
        let signs = |i: u16| Signs { words: 2.0 + f32::from(i % 10) * 0.1, meaning: Some(3.0 + f32::from(i % 7) * 0.1), near: 0.7 };
        let belong: Vec<Signs> = (0..200).map(signs).collect();
        let scope = Scope::fit(&belong);
        let kept = belong.iter().filter(|signs| scope.of(**signs) >= scope.least).count();
        assert!((186..=200).contains(&kept), "{kept}");
        assert!(scope.of(Signs { words: 1.0, meaning: Some(1.5), near: 0.3 }) < scope.least);
        assert_eq!(Scope::fit(&[]).least, f32::NEG_INFINITY);
    }
}
