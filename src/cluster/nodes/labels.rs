//! The name of a node in front of everything that was read on it.

use crate::cluster::{
    Cluster, EncryptionEvidence, Failure, Located, Material, Origin, Quirk, ServiceAccount,
};

/// `cluster` as it was read on `node`.
pub(super) fn put(cluster: &mut Cluster, node: &str) {
    let label = Label(node);
    for authority in &mut cluster.authorities {
        label.material(&mut authority.certificate);
        label.material(&mut authority.key);
    }
    if let Some(ServiceAccount { key, public_key }) = &mut cluster.service_account {
        label.material(key);
        label.material(public_key);
    }
    for leaf in &mut cluster.leaves {
        match &mut leaf.certificate {
            Ok(certificate) => label.origin(&mut certificate.origin),
            Err(failure) => label.origin(&mut failure.origin),
        }
    }
    for kubeconfig in &mut cluster.kubeconfigs {
        label.path(&mut kubeconfig.path);
        label.located(&mut kubeconfig.client);
        label.located(&mut kubeconfig.chain);
        label.located(&mut kubeconfig.authorities);
    }
    for named in &mut cluster.named {
        label.path(&mut named.process);
        named.file.iter_mut().for_each(|file| label.path(file));
    }
    label.located(&mut cluster.other_certificates);
    label.located(&mut cluster.other_keys);
    for file in &mut cluster.key_files {
        label.path(&mut file.path);
    }
    for (path, _) in cluster.unread.iter_mut().chain(&mut cluster.cut_off) {
        label.path(path);
    }
    for choice in &mut cluster.open_choices {
        choice.candidates.iter_mut().for_each(|it| label.path(it));
    }
    for candidate in &mut cluster.candidates {
        label.origin(&mut candidate.origin);
    }
    for peculiarity in &mut cluster.peculiarities {
        peculiarity.places.iter_mut().for_each(|it| label.path(it));
    }
    if let EncryptionEvidence::On(path) = &mut cluster.encryption {
        label.path(path);
    }
}

struct Label<'a>(&'a str);

impl Label<'_> {
    fn path(&self, path: &mut String) {
        *path = format!("{}: {path}", self.0);
    }

    fn origin(&self, origin: &mut Origin) {
        self.path(&mut origin.file);
    }

    fn located<'a, T: 'a>(&self, pieces: impl IntoIterator<Item = &'a mut Located<T>>) {
        for piece in pieces {
            self.origin(&mut piece.origin);
        }
    }

    fn material<T>(&self, material: &mut Material<T>) {
        material.file.iter_mut().for_each(|it| self.path(it));
        self.located(&mut material.chosen);
        self.located(&mut material.others);
        for Failure { origin, .. } in &mut material.failures {
            self.origin(origin);
        }
        for quirk in &mut material.quirks {
            if let Quirk::BrokenBlock(origin, _) = quirk {
                self.origin(origin);
            }
        }
    }
}
