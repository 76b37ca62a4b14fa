//! What each of several nodes is called.

/// The part by which each of `places` differs from the others: `cp1` and `cp2` for
/// `backup/cp1/etc/kubernetes` and `backup/cp2/etc/kubernetes`. The whole places if there is no such
/// part.
#[must_use]
pub fn names(places: &[&str]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = places.iter().map(|place| parts(place)).collect();
    let start = common(parts.iter().map(|parts| parts.iter()));
    let end = common(parts.iter().map(|parts| parts[start..].iter().rev()));
    let differing = parts
        .iter()
        .map(|parts| parts[start..parts.len() - end].join("/"));
    let names: Vec<String> = differing.collect();
    if names.iter().any(String::is_empty) {
        return places.iter().map(|place| (*place).to_owned()).collect();
    }
    names
}

fn parts(place: &str) -> Vec<&str> {
    place.split('/').filter(|part| !part.is_empty()).collect()
}

/// With how many equal parts all of `places` begin.
fn common<'a>(places: impl Iterator<Item = impl Iterator<Item = &'a &'a str>>) -> usize {
    let mut places: Vec<_> = places.collect();
    let mut count = 0;
    loop {
        let mut heads = places.iter_mut().map(Iterator::next);
        let Some(Some(first)) = heads.next() else {
            return count;
        };
        if !heads.all(|head| head == Some(first)) {
            return count;
        }
        count += 1;
    }
}
