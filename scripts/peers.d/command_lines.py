"""The command lines that people are told to run, out of every text that tells them."""

import re

#: Programs that a text may name, whoever judges them.
NAMES = (
    "talosctl|kubectl|etcdctl|etcdutl|kubeadm|openssl|talos-pki|k3s|rke2|rke|k0s|microk8s|k8s|kops|"
    "snap|velero|crictl|docker|systemctl"
)

#: A command in a sentence, up to what cannot be one.
IN_A_SENTENCE = re.compile(
    rf"(?<![\w/.-])((?:{NAMES}) [a-z-](?:\\\n|[^;()…`\n])*)"
)

#: How a text of ours begins that is for a shell as a whole.
FOR_A_SHELL = re.compile(rf"(?:{NAMES}|ssh|scp|old|new|bearer|for|umask|tar|[A-Z]+=\S*) [^\n]*\n")

IN_BACKTICKS = re.compile(r"`([^`]+)`")

#: What ends a command in a sentence: words after it are no arguments.
ENDS = re.compile(
    r"[,:.](?:\s|$)|\s(?:shows?|prints?|on a|in the|of the|with|and|or|who|is|tells|which|to see|does|—)\s|\s[A-Z][a-z]"
)

#: What follows the name of a program in a sentence about it, and is no command of it.
VERBS = set(
    """accepts alone always and answers applied are as asks aside at brought can cannot checks cluster cluster's could
    counts creates did does encrypts end ends enforces failed gets gives has have in is it itself joins keeps knows
    left lets made makes may must needs never nobody nodes of on only or prints puts reads refuses
    runs said says sends set sets shows signs stops takes to trusts verify wants which will with within works would write
    writes""".split()
)

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    [^\n]*\n)+", re.MULTILINE)


class Lines:
    """What a text tells: blocks for a shell, in the order of the text, and commands in sentences."""

    def __init__(self):
        self.blocks = []
        self.mentions = []

    def markdown(self, text):
        """A page or a runbook."""
        for language, block in FENCE.findall(text):
            # What a block of the kind `console` shows is run by tests/command_pages.rs.
            if language == "sh":
                self.blocks.append(block)
        prose = FENCE.sub("", text)
        for block in INDENTED.findall(prose):
            lines = [line[4:] for line in block.splitlines()]
            if re.match(rf"(?:[A-Z]+=\S+ )?(?:{NAMES}|terraform|ssh) ", lines[0]):
                self.blocks.append("\n".join(lines))
        prose = INDENTED.sub("", prose)
        for paragraph in re.split(r"\n\s*\n|\n(?=[-|#])", prose):
            self.prose(re.sub(r"\s*\n\s*", " ", paragraph))
        return self

    def literal(self, text):
        """A text in the source of the program."""
        if FOR_A_SHELL.match(text) and not ENDS.search(text.splitlines()[0]):
            self.blocks.append(text)
        else:
            self.prose(text)
        return self

    def prose(self, text):
        """Sentences: what is in backticks, and what follows a colon or stands in parentheses."""
        for literal in IN_BACKTICKS.findall(text):
            if re.match(rf"(?:{NAMES}) ", literal):
                self.mentions.append(literal)
        for found in IN_A_SENTENCE.findall(IN_BACKTICKS.sub("", text)):
            command = ENDS.split(found)[0].strip()
            if len(command.split()) > 1 and command.split()[1] not in VERBS:
                self.mentions.append(command)
        return self


LITERAL = re.compile(
    r"""//[^\n]*|'(?:[^'\\\n]|\\.[^']*)'|r(#*)"(.*?)"\1|"((?:[^"\\]|\\.)*)\"""", re.DOTALL
)
ESCAPE = re.compile(r"\\(\n\s*|x[0-9a-f]{2}|u\{[0-9a-f]+\}|.)", re.DOTALL)
PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def rust_literals(source):
    """The texts in a file of Rust, where what is filled in is `X`."""
    for match in LITERAL.finditer(source):
        raw, plain = match.group(2), match.group(3)
        text = raw if raw is not None else unescaped(plain) if plain is not None else ""
        if re.search(rf"\b(?:{NAMES}) ", text):
            yield re.sub(r"\{\w*\}", "X", text).replace("{{", "{").replace("}}", "}")


def unescaped(text):
    def replace(match):
        escape = match.group(1)
        if escape[0] == "\n":
            return ""
        if escape[0] in "xu" and len(escape) > 1:
            return chr(int(escape[1:].strip("{}"), 16))
        return PLAIN_ESCAPES.get(escape, escape)

    return ESCAPE.sub(replace, text)
