//! What a misspelt name was meant to be.

/// No name is longer, by much.
const LONGEST: usize = 60;

/// The one of `known` that `word` is nearly: a letter or two are others, or only their case is.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    // In a short name every letter counts.
    let most = (lower.chars().count() / 4).min(2);
    let distance = |name: &str| strsim::osa_distance(&lower, &name.to_lowercase());
    let candidates = known.into_iter().map(|name| (distance(name), name));
    let nearest = candidates.filter(|(distance, _)| *distance <= most).min();
    nearest.map(|(_, name)| name)
}
