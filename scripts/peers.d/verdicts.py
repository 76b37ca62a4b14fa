"""Bundles made by us and judged by Talos's library, many at once."""

import concurrent.futures
import json
import subprocess

from programs import FORMATS, said


class Bundles:
    """Bundles that are to be judged."""

    def __init__(self, programs, group):
        self.programs = programs
        self.group = group
        self.wanted = []

    def want(self, name, arguments, contracts, now=None, formats=FORMATS):
        """Asks for the bundles that `gen secrets` with these arguments makes. `now` is what the
        judge's clock shows."""
        for contract in contracts:
            for form in formats:
                path = self.programs.folder() / f"secrets.{form}"
                command = ["gen", "secrets", *arguments]
                command += ["--talos-version", contract, "--format", form, "-o", path]
                self.wanted.append((f"{name} {contract} {form}", command, path, contract, now))

    def judge(self):
        """Makes and judges them. Gives the paths of those that were made, by name."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            runs = pool.map(lambda wanted: self.programs.talos_pki(*wanted[1]), self.wanted)
        made = []
        for (name, _, path, contract, now), ran in zip(self.wanted, runs):
            if ran.returncode == 0:
                made.append(request(name, path, contract, now))
            else:
                self.group.fail(name, said(ran))
        check_bundles(self.programs, self.group, made)
        return {asked["name"]: asked[form] for asked in made for form in FORMATS if form in asked}


def request(name, path, contract, now=None):
    """A request to judge one file."""
    asked = {"name": name, "contract": contract, path.suffix[1:]: path}
    if now is not None:
        asked["now"] = now
    return asked


def check_bundles(programs, group, requests):
    """Puts requests before both versions of the judge, but before the older one only those for
    itself and what was before it."""
    for tool, program in programs.talos.items():
        fitting = requests
        if tool == "talos-1.13":
            fitting = [asked for asked in requests if minor(asked["contract"]) <= 13]
        if not fitting:
            continue
        ran = subprocess.run(
            [program, "check-bundles"],
            input="".join(json.dumps(asked, default=str) + "\n" for asked in fitting),
            stdout=subprocess.PIPE,
            text=True,
        )
        verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
        names = [verdict["name"] for verdict in verdicts]
        if names != [asked["name"] for asked in fitting]:
            group.fail(tool, f"{len(fitting)} requests, {len(verdicts)} verdicts")
        for verdict in verdicts:
            good = verdict["ok"] and not verdict["problems"]
            problem = None if good else "; ".join(verdict["problems"]) or "not ok"
            group.check(f"{verdict['name']} by {tool}", problem)


def minor(version):
    """14 of `v1.14`."""
    return int(version.removeprefix("v1."))
