"""One cluster from its first day to the day when only Talos is left."""

import shutil
import subprocess

import conversion
from cases import NEWEST, OLDER
from checks import Checks, outcome
from contents import Contents, collect_info
from controllers import Controllers
from etcd_api import encryption_of
from old_cluster import OldCluster
from servers import PATIENCE
from talos_node import TalosNode

#: How long the API server of a plain import may take. Some never get ready: they cannot read what
#: there is. What they can do is checked all the same.
CONTROL_PATIENCE = 8


def migrate(programs, case, tally, scratch):
    """Everything about one case."""
    old = OldCluster(programs, case, scratch)
    contents = Contents()
    try:
        with tally.group(f"{case.name}: the old cluster") as group:
            live(old, contents, group)
            before = scratch / "before"
            old.frozen_copy(before)
        if group.failures:
            return
        if not case.fits_older:
            with tally.group(f"{case.name}: refused for {OLDER}") as group:
                said = refuse(programs, old, OLDER, scratch / f"into-{OLDER}", group)
                way = f"--talos-version {NEWEST}"
                group.check("it names the way", None if way in said else f"it does not say {way}")
        for version in case.lost:
            with tally.group(f"{case.name}: plain import into {version}") as group:
                control(programs, old, contents, version, scratch / f"control-{version}", group)
        for version in case.versions():
            with tally.group(f"{case.name}: into {version}") as group:
                old.start_again_from(before)
                way = take_over if case.has_ca_key else take_over_anew
                way(programs, old, contents, version, scratch / f"into-{version}", group)
    finally:
        old.stop()


def live(old, contents, group):
    """The cluster's life up to the migration, and proof that it is the cluster that the case is
    about."""
    old.make()
    old.start_etcd()
    for number, stage in enumerate(old.case.stages):
        old.enter(stage)
        before = len(contents.objects)
        contents.fill(old, number)
        for one in contents.objects[before:]:
            found = encryption_of(old.etcd().stored(one.key))
            group.expect(f"{one.name} in etcd", stage.stored[one.kind], found)
    collect_info(old)
    checks = Checks(old, None, contents)
    group.check("its own objects", outcome(lambda: checks.read_all(old.api(old.admin()))))
    group.check("its own tokens", outcome(lambda: checks.tokens_are_taken(contents.tokens, old)))
    group.check("its own clients", outcome(lambda: checks.clients_are_known(old)))


def take_over(programs, old, contents, version, root, group):
    """The migration: convert, join, run side by side, and remove the old control plane."""
    root.mkdir()
    if old.case.external_etcd and not has_etcd_key(old):
        refuse(programs, old, version, root / "refused", group)
        bring_etcd_key(old)
    ran = conversion.convert(programs, old, version, root / "migration")
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip()
        group.fail("convert", f"exit status {ran.returncode}: {said[:600]}")
        return
    node = TalosNode(programs, version, old, root)
    checks = Checks(old, node, contents)
    try:
        problem = node.read(root / "migration" / "controlplane.yaml")
        group.check("Talos reads the config", problem)
        if problem:
            return
        problem = worker_problem(programs, version, root / "migration")
        group.check("Talos reads the config of workers", problem)
        make_known(old, root / "migration")
        node.join_etcd()
        problem = node.start_api_server(node.url("etcd")) or node.wait_until_ready(PATIENCE)
        group.check("the new API server starts", problem)
        for name, check in checks.side_by_side():
            group.check(name, outcome(check))
        remove(old, node)
        for name, check in checks.alone():
            group.check(name, outcome(check))
        control_alone(old, node, group)
        if group.failures:
            for line in node.logs():
                group.note(line)
    finally:
        node.stop()


def take_over_anew(programs, old, contents, version, root, group):
    """The migration with a new Kubernetes CA: the old API server is gone before the new one comes.
    etcd goes over by joining, in place of a snapshot: what is in it is the same."""
    root.mkdir()
    refuse(programs, old, version, root / "refused", group)
    allowed = ["--allow", "missing-kubernetes-ca-key"]
    ran = conversion.convert(programs, old, version, root / "migration", *allowed)
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip()
        group.fail("convert", f"exit status {ran.returncode}: {said[:600]}")
        return
    make_known(old, root / "migration")
    node = TalosNode(programs, version, old, root)
    try:
        problem = node.read(root / "migration" / "controlplane.yaml")
        group.check("Talos reads the config", problem)
        if problem:
            return
        problem = worker_problem(programs, version, root / "migration")
        group.check("Talos reads the config of workers", problem)
        old.api_server.stop()
        node.join_etcd()
        # Clients know the new API server by what the runbook gives them, and by that alone.
        old.authorities.write_text(conversion.new_authority(root / "migration"))
        problem = node.start_api_server(node.url("etcd")) or node.wait_until_ready(PATIENCE)
        group.check("the new API server starts", problem)
        remove(old, node)
        for name, check in Checks(old, node, contents).alone():
            group.check(name, outcome(check))
        control_alone(old, node, group)
        if group.failures:
            for line in node.logs():
                group.note(line)
    finally:
        node.stop()
        old.authorities.write_text((old.pki / "ca.crt").read_text())


def control_alone(old, node, group):
    """What the other two servers of the node do, where the case is about what they have."""
    if not old.case.has_controllers:
        return
    controllers = Controllers(old, node)
    try:
        controllers.start()
        for name, check in controllers.checks():
            group.check(name, outcome(check))
        if group.failures:
            for line in controllers.logs():
                group.note(line)
    finally:
        controllers.stop()


def worker_problem(programs, version, folder):
    """What Talos's library says of the config of workers, or None."""
    ran = subprocess.run(
        [programs.talos_peer(version), "check-configs", folder / "worker.yaml"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )
    return None if ran.returncode == 0 else ran.stdout + ran.stderr


def make_known(old, folder):
    """What the person does before the first node joins: makes the new bootstrap token known to the
    cluster, if there is one."""
    manifest = folder / "bootstrap-token.yaml"
    if manifest.exists():
        old.api(old.admin()).apply("/api/v1/namespaces/kube-system/secrets", manifest.read_text())


def has_etcd_key(old):
    return (old.pki / "etcd" / "ca.key").exists()


def bring_etcd_key(old):
    """What the person does after the refusal: copies the key from the machine of etcd."""
    shutil.copy(old.etcd_pki / "etcd" / "ca.key", old.pki / "etcd")


def remove(old, node):
    """As `kubeadm reset` does: the API server ends, the member leaves etcd, etcd ends."""
    old.api_server.stop()
    (member,) = [one["ID"] for one in node.etcd().members() if one["name"] == "cp-1"]
    node.etcd().remove(member)
    old.etcd_server.stop()


def refuse(programs, old, version, folder, group):
    """What cannot be held is refused as a finding, and nothing is written. Gives what was said."""
    ran = conversion.convert(programs, old, version, folder)
    group.expect(f"exit status for {version}", 1, ran.returncode)
    written = [path.name for path in folder.glob("*")]
    group.expect("files that were written", [], written)
    said = " ".join(ran.stderr.decode(errors="replace").split())
    group.check("it says why", None if said else "nothing is said")
    return said


def control(programs, old, contents, version, root, group):
    """The same checks on what Talos's own import makes of the cluster. Where that loses something,
    they must fail: else they prove nothing."""
    root.mkdir()
    ran = conversion.plain_import(programs, old, version, root / "migration")
    if ran.returncode != 0:
        group.check("the plain import bites", None)
        group.note(f"bit: the import itself: {ran.stderr.decode(errors='replace').strip()[:200]}")
        return
    node = TalosNode(programs, version, old, root)
    checks = Checks(old, node, contents, patience=1)
    try:
        problem = node.read(conversion.imported_config(root / "migration", version))
        group.check("Talos reads the config", problem)
        if problem:
            return
        problem = node.start_api_server(old.url("etcd"))
        group.check("the new API server lives", problem)
        ready = node.wait_until_ready(CONTROL_PATIENCE)
        bitten = {name for name, check in checks.side_by_side() if outcome(check)}
        for name in sorted(old.case.lost[version]):
            group.check(f"`{name}` must fail", None if name in bitten else "it passed")
        group.note("bit: " + "; ".join(sorted(bitten)) + ("; it was never ready" if ready else ""))
    finally:
        node.stop()
        for one in checks.written:
            old.etcd().delete(one.key)
