"""The flags of a static pod, and the few of them that a test has to change."""

import re

FLAG = re.compile(r"^    - (--[a-z0-9-]+=.*)$", re.MULTILINE)


def flags(path):
    """The flags in a manifest as kubeadm writes them: one a line, plain or in quotes."""
    return [unquoted(flag) for flag in FLAG.findall(path.read_text())]


def unquoted(text):
    return text[1:-1] if text[:1] in ("'", '"') else text


def moved(flags, folders):
    """The flags with the folders of a real machine replaced by those of the test."""
    for old, new in folders.items():
        flags = [re.sub(rf"={re.escape(old)}(?=/|$)", f"={new}", flag) for flag in flags]
    return flags


def replaced(flags, places):
    """The flags with other values for those in `places`, and with those that were not there."""
    kept = [flag for flag in flags if name(flag) not in places]
    return kept + [f"--{place}={value}" for place, value in places.items()]


def name(flag):
    return flag.removeprefix("--").split("=", 1)[0]


def values(flags, wanted):
    """All values of a flag, in order."""
    return [flag.split("=", 1)[1] for flag in flags if name(flag) == wanted]
