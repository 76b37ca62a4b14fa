//! What a distribution does in a way of its own, and what that means for the move.

/// Something that a layout knows of its clusters and no certificate tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peculiarity {
    /// What kind of thing it is.
    pub kind: PeculiarityKind,
    /// What is so, in one sentence.
    pub message: String,
    /// By what it was seen.
    pub places: Vec<String>,
    /// What to do about it, in this distribution.
    pub help: String,
}

/// The kinds of peculiarity; the room `check` has a rule for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeculiarityKind {
    /// The trust of this distribution cannot be brought to Talos.
    Refused,
    /// What the cluster stores is not in etcd.
    OtherDatastore,
    /// The etcd CA is of no use to Talos, and is made anew.
    EtcdCaMadeAnew,
    /// There is no aggregator CA, and it is made anew.
    AggregatorCaMadeAnew,
    /// One CA stands in several slots by design.
    SharedBySeveralSlots,
    /// What came before the distribution had one CA, which stands in several slots since.
    SharedSinceUpgrade,
    /// Other clusters have the same CA.
    SharedByOtherClusters,
    /// Servers and clients have a CA each.
    SplitAuthority,
    /// A CA is this node's own, and each other node has another.
    OfOneNode,
    /// A file looks like a part of the cluster's trust and is none.
    Unused,
    /// A copy that another program has of a CA is another CA.
    CopyDiffers,
    /// Tokens name an issuer or audience that Talos would not choose.
    TokenIssuer,
}
