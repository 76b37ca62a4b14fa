//! Which distribution it is: of all whose files are in a tree, the one in use.

use super::LAYOUTS;
use super::inventory::Inventory;
use super::place::Place;
use super::standing::{Testimony, kubernetes_keys};

/// The layout in use and its place, if there is one.
pub(super) fn place(inventory: &Inventory) -> Option<Place> {
    let mut places: Vec<Place> = Vec::new();
    for table in LAYOUTS {
        let place = Place::find(inventory, table, false);
        // One folder is that of the first layout whose evidence is there.
        let place = place.filter(|place| !places.iter().any(|one| one.root() == place.root()));
        places.extend(place);
    }
    // Static pods and their kubeconfigs tell the folders apart of all that are run by static pods. Of
    // what is run otherwise they tell nothing: either may be the leftover.
    let is_run_by_pods = |place: &Place| place.table.runs_static_pods;
    let is = |place: &Place, testimony| place.standing.testimony() == testimony;
    let is_told = |place: &Place| is_run_by_pods(place) && is(place, Testimony::For);
    if places.iter().any(is_told) {
        places.retain(|place| !(is_run_by_pods(place) && is(place, Testimony::Against)));
    }
    let mut places = places.into_iter();
    let mut first = places.next()?;
    let keys = |place: &Place| kubernetes_keys(inventory, place.table, place.root());
    let ours = keys(&first);
    let is_another = |other: &Place| {
        let theirs = keys(other);
        let is_cluster = other.standing.is_of_kubernetes && !theirs.is_empty();
        is_cluster && !ours.is_empty() && !theirs.iter().any(|key| ours.contains(key))
    };
    first.others = places.filter(is_another).collect();
    Some(first)
}
