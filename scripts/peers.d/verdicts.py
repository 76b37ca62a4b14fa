"""Bundles made by us and judged by Talos's library, many at once."""

import concurrent.futures
import json
import os
import re
import subprocess

from programs import FORMATS, said


class Bundles:
    """Bundles that are to be judged."""

    def __init__(self, programs, group):
        self.programs = programs
        self.group = group
        self.wanted = []
        self.complaints = {}

    def want(self, name, arguments, contracts, now=None, complaints=None):
        """Asks for the bundles that `gen secrets` with these arguments makes. `now` is what the
        judge's clock shows. `complaints` are those that the judge has to make, and no other: the
        pattern of the text, by judge and format."""
        for contract in contracts:
            for form in FORMATS:
                for tool in self.programs.talos:
                    complaint = (complaints or {}).get((tool, form))
                    self.complaints[f"{name} {contract} {form}", tool] = complaint
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
        check_bundles(self.programs, self.group, made, self.complaints)
        return {asked["name"]: asked[form] for asked in made for form in FORMATS if form in asked}


def request(name, path, contract, now=None):
    """A request to judge one file."""
    asked = {"name": name, "contract": contract, path.suffix[1:]: path}
    if now is not None:
        asked["now"] = now
    return asked


def check_bundles(programs, group, requests, complaints=None):
    """Puts requests before both versions of the judge, but before the older one only those for
    itself and what was before it. `complaints` has the pattern of what a judge has to say, by the
    name of the request and the judge."""
    asked = []
    for tool in programs.talos:
        fitting = requests
        if tool == "talos-1.13":
            fitting = [request for request in requests if minor(request["contract"]) <= 13]
        # A judge works on one core, and some requests take it seconds.
        asked += [(tool, part) for part in (fitting[::2], fitting[1::2]) if part]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda each: verdicts_on(programs.talos[each[0]], each[1]), asked)
    for (tool, part), verdicts in zip(asked, answers):
        names = [verdict["name"] for verdict in verdicts]
        if names != [request["name"] for request in part]:
            group.fail(tool, f"{len(part)} requests, {len(verdicts)} verdicts")
        for verdict in verdicts:
            complaint = (complaints or {}).get((verdict["name"], tool))
            group.check(f"{verdict['name']} by {tool}", unexpected(verdict, complaint))


def verdicts_on(judge, requests):
    """What a judge says of each request, in their order."""
    ran = subprocess.run(
        [judge, "check-bundles"],
        input="".join(json.dumps(request, default=str) + "\n" for request in requests),
        stdout=subprocess.PIPE,
        text=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def unexpected(verdict, complaint):
    """What is wrong with a verdict: a problem, or the lack of the one that there has to be."""
    said = "; ".join(verdict["problems"])
    if complaint is None:
        return None if verdict["ok"] and not said else said or "not ok"
    return None if re.fullmatch(complaint, said) else f"expected {complaint}, got {said or 'ok'}"


def minor(version):
    """14 of `v1.14`."""
    return int(version.removeprefix("v1."))
