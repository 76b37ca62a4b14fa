"""What administrators do to /etc/kubernetes in the course of a cluster's life."""


def rotate_service_account_key(cluster):
    """A new key signs tokens; the old one's public half is kept, since its tokens are about."""
    pki = cluster.pki
    (pki / "sa.pub").rename(pki / "sa-old.pub")
    (pki / "sa.key").rename(cluster.root / "sa-before.key")
    cluster.kubeadm("certs", "sa")


def rotate_ca_in_one_file(cluster):
    """A new CA, by the book: everything new is issued by it, and ca.crt holds the old one, too."""
    old = new_ca(cluster)
    with (cluster.pki / "ca.crt").open("a") as bundle:
        bundle.write(old)


def rotate_ca_in_two_files(cluster):
    """A new CA in ca.crt, and both for clients in a file that a flag names."""
    old = new_ca(cluster)
    new = (cluster.pki / "ca.crt").read_text()
    (cluster.pki / "client-ca.crt").write_text(new + old)


def new_ca(cluster):
    """Replaces the CA, and what it had issued to servers and in kubeconfigs. The certificate of
    the old one is given, its key is gone."""
    old = (cluster.pki / "ca.crt").read_text()
    for name in ["ca", "apiserver", "apiserver-kubelet-client"]:
        for suffix in ["crt", "key"]:
            (cluster.pki / f"{name}.{suffix}").unlink()
    for kubeconfig in cluster.folder.glob("*.conf"):
        kubeconfig.unlink()
    cluster.kubeadm("certs", "all")
    cluster.kubeadm("kubeconfig", "all", "--kubeconfig-dir", cluster.folder)
    cluster.trust((cluster.pki / "ca.crt").read_text())
    return old


def take_away_ca_key(cluster):
    """kubeadm's external CA: whoever has the key signs elsewhere."""
    (cluster.pki / "ca.key").unlink()


def rotate_front_proxy_ca(cluster):
    """A new CA for front proxies, while the certificate in use is still one of the old CA."""
    old = (cluster.pki / "front-proxy-ca.crt").read_text()
    for suffix in ["crt", "key"]:
        (cluster.pki / f"front-proxy-ca.{suffix}").unlink()
    cluster.kubeadm("certs", "front-proxy-ca")
    with (cluster.pki / "front-proxy-ca.crt").open("a") as bundle:
        bundle.write(old)
