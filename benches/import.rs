//! One import in memory: from the files of a PKI to the bundle's bytes, whole and in parts.

#[path = "../tests/bundle/seeded.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::cast_possible_truncation,
    reason = "of the tests"
)]
mod seeded;

use std::hint::black_box;
use std::path::Path;

use self::seeded::Seeded;
use criterion::{Criterion, criterion_group, criterion_main};
use getrandom::SysRng;
use jiff::{SignedDuration, Timestamp};
use talos_pki::check::{self, Context, TokenChoice};
use talos_pki::cluster::Cluster;
use talos_pki::convert::{self, BundleSettings};
use talos_pki::layout::{self, Layout};
use talos_pki::pki::{IssueTime, KeyGeneration, generate_key};
use talos_pki::source::{self, Location, Tree};
use talos_pki::talos::Contract;

criterion_group!(benches, import, rsa_4096);
criterion_main!(benches);

fn import(criterion: &mut Criterion) {
    for variant in ["rsa-2048", "ecdsa-p256"] {
        let mut group = criterion.benchmark_group(variant);
        group.bench_function("read the folder", |bencher| bencher.iter(|| tree(variant)));
        group.bench_function("layout", |bencher| {
            bencher.iter_batched(|| tree(variant), cluster, criterion::BatchSize::SmallInput);
        });
        let cluster_read = cluster(tree(variant));
        group.bench_function("check", |bencher| {
            bencher.iter(|| check::check(black_box(&cluster_read), &context(), &[]));
        });
        group.bench_function("convert", |bencher| bencher.iter(|| convert(&cluster_read)));
        group.bench_function("whole import", |bencher| {
            bencher.iter_batched(
                || tree(variant),
                |tree| convert(&cluster(tree)),
                criterion::BatchSize::SmallInput,
            );
        });
        group.finish();
    }
}

/// What a fresh bundle waits for. How long the search for a key's primes takes is a matter of luck, so
/// it is for the same ten keys each time.
fn rsa_4096(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fresh");
    group.sample_size(10);
    group.bench_function("ten RSA-4096 keys", |bencher| {
        bencher.iter(|| {
            for seed in 0..10 {
                let key = generate_key(KeyGeneration::Rsa(4_096), &mut Seeded::new(seed));
                black_box(key.expect("an RSA-4096 key"));
            }
        });
    });
    group.finish();
}

fn tree(variant: &str) -> Tree {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/kubeadm")
        .join(variant);
    source::read(&Location::Path(folder.join("pki"))).expect("the fixture")
}

fn cluster(tree: Tree) -> Cluster {
    layout::read(tree, Layout::Detect, None).expect("a kubeadm PKI")
}

fn convert(cluster: &Cluster) -> usize {
    let findings = check::check(cluster, &context(), &[]);
    let approval = findings.approval().expect("a sound PKI");
    let settings = BundleSettings {
        contract: Contract::CURRENT,
        encryption: None,
        earlier: None,
        bootstrap_token: None,
        issue_time: IssueTime::at(now()),
    };
    let made = convert::bundle(cluster, &approval, &settings, &mut SysRng).expect("a bundle");
    made.bundle.to_secret_yaml().expose().len()
}

fn context() -> Context {
    Context {
        now: now(),
        expires_within: SignedDuration::from_hours(8_760),
        token: TokenChoice::Given { well_formed: true },
        contract: Contract::CURRENT,
        writes_bundle: true,
        platform: check::Platform::Other,
    }
}

fn now() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().expect("a moment")
}
