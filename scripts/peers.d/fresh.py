"""Bundles without an import."""

import re

from programs import CONTRACTS, OLD_CONTRACT
from verdicts import Bundles

#: Tokens of Kubernetes' form that YAML could take for something other than a text.
TOKENS = [
    "abcdef.0123456789abcdef",
    "123456.7890123456789012",
    "000000.0000000000000000",
    "1e5555.1234567890123456",
    "0x1234.5678901234567890",
]

#: Tokens of another form, which only --allow lets through: what YAML and JSON have to quote.
ODD_TOKENS = [
    "test-token", "a b", "yes", "No", "on", "null", "~", "true", "y", "N",
    "0x1F", "0o17", "0b1", "017", "1_000", "12e03", "1.5", ".5", "-1", "+1", "190:20:30", ".inf",
    ".NaN", "2026-12-01", "2026-12-01T00:00:00Z", "=", "<<", "<&>", "&anchor", "*alias", "!tag",
    "@at", "`tick`", "%percent", "#comment", "a #comment", "a: b", "a:", ":a", "- a", "-", "?", "? a",
    "|", ">", "[a]", "{a: b}", "a, b", "'", "''", "it's", '"', '"quoted"', "back\\slash",
    "\\n", " leading", "trailing ", "two  blanks", "tab\there", "line\nbreak", "line\n", "\nline",
    "line\r\nbreak", "---", "...", "--- a", "\x01", "\x7f", "\x85", "\xa0", "\u2028", "\u2029",
    "\ufeff", "\ufffd", "\ufffe", "é", "e\u0301", "日本語", "\U0001f511", "\u200b", "a" * 70, "a " * 60,
]

#: Of these, what the YAML writer of Talos 1.13 puts into double quotes: booleans and numbers of
#: YAML 1.1, and the merge key. We write as that of 1.14 does, for every contract.
QUOTED_OTHERWISE_BY_1_13 = ["yes", "No", "on", "y", "N", "190:20:30", "<<"]


def every_contract(programs, group):
    """A bundle in which everything is generated."""
    bundles = Bundles(programs, group)
    bundles.want("fresh", [], [OLD_CONTRACT, *CONTRACTS])
    bundles.judge()


def every_token(programs, group):
    """A token is written as Talos would write it, whatever YAML makes of such a text."""
    bundles = Bundles(programs, group)
    for token in TOKENS:
        bundles.want(f"token {token}", [f"-t{token}"], ["v1.6", "v1.14"])
    for token in ODD_TOKENS:
        arguments = [f"--kubernetes-bootstrap-token={token}", "--allow", "token-format"]
        complaints = {}
        if token in QUOTED_OTHERWISE_BY_1_13:
            complaints["talos-1.13", "yaml"] = (
                r"yaml: line 5, byte \d+: "
                rf'Talos has "[^;]*: \\"{re.escape(token)}\\"\\n[^;]*", '
                rf"""the file has "[^;]*: '{re.escape(token)}'\\n[^;]*\""""
            )
        bundles.want(f"token {token!a}", arguments, ["v1.6"], complaints=complaints)
    bundles.judge()
