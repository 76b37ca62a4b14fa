//! What several nodes have for one half of a slot, as one.

use crate::cluster::{Failure, Located, Material, Quirk};

/// The materials of all nodes as one: that of the node `taken`, and what `keep` wants to have beside
/// it of the others. What is broken on one node is a quirk where another has the piece.
pub(super) fn join<T>(
    mut materials: Vec<Material<T>>,
    taken: usize,
    keep: &mut impl FnMut(usize, Located<T>, &Located<T>) -> Option<Located<T>>,
    same: impl Fn(&T, &T) -> bool,
) -> Material<T> {
    let mut joined = std::mem::take(&mut materials[taken]);
    for (node, mut material) in materials.into_iter().enumerate() {
        joined.file = joined.file.or_else(|| material.file.take());
        let Some(chosen) = &joined.chosen else {
            joined.failures.extend(material.failures);
            continue;
        };
        let kept = material.chosen.and_then(|other| keep(node, other, chosen));
        let beside: Vec<_> = kept.into_iter().chain(material.others).collect();
        for other in beside {
            let mut known = joined.others.iter().chain(&joined.chosen);
            if !known.any(|known| same(&known.value, &other.value)) {
                joined.others.push(other);
            }
        }
        let broken = material.failures.into_iter().map(broken_block);
        joined.quirks.extend(broken);
    }
    joined
}

/// A piece that cannot be read, beside one that is used.
pub(super) fn broken_block(failure: Failure) -> Quirk {
    Quirk::BrokenBlock(failure.origin, failure.reason)
}
