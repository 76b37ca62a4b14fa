"""Bundles of every distribution's tree, judged by Talos's library."""

from programs import NOW, at_fixture_time
from verdicts import Bundles

#: One contract: what a tree gives to a bundle is the same in each, and a judge works on most bundles for
#: seconds, since it issues by their RSA CAs.
CONTRACTS = ["v1.13"]

#: What a person has to allow, by tree. The others need nothing.
ALLOWED = {
    "k3s": ["other-datastore"],
    "kubespray-without-etcd-key": ["missing-etcd-ca-key"],
    "microk8s": ["other-datastore"],
}

#: Trees of which no bundle can be made, whatever is allowed.
REFUSED = ["charmed", "openshift"]


def every_tree(programs, group):
    """Each tree becomes a bundle that Talos's library loads, validates and issues by; the trees
    whose CAs nobody has are refused."""
    bundles = Bundles(programs, group)
    trees = sorted(path for path in (programs.fixtures / "layouts").iterdir() if path.is_dir())
    for tree in trees:
        if tree.name in REFUSED:
            ran = programs.talos_pki("gen", "secrets", "-p", tree, "-o", "-", *at_fixture_time())
            problem = None if ran.returncode == 1 and not ran.stdout else "it is not refused"
            group.check(tree.name, problem)
            continue
        arguments = at_fixture_time("-p", tree)
        for rule in ALLOWED.get(tree.name, []):
            arguments += ["--allow", rule]
        bundles.want(tree.name, arguments, CONTRACTS, NOW)
    bundles.judge()
