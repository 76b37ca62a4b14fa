"""Counts what passed and what failed."""

import contextlib
import threading
import time
import traceback


class Tally:
    """All groups together. Groups may be counted side by side in threads."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.turn = threading.Lock()

    @contextlib.contextmanager
    def group(self, name):
        """Counts the checks that are made inside, and prints the group's line and its failures.

        What breaks off counts as one failure, and so does a group in which nothing was checked.
        """
        group = Group()
        start = time.monotonic()
        try:
            yield group
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            group.fail("the group broke off", f"{error!r} at {place.filename}:{place.lineno}")
        if group.passed == 0 and not group.failures:
            group.fail("the group", "nothing was checked")
        seconds = round(time.monotonic() - start)
        with self.turn:
            self.passed += group.passed
            self.failed += len(group.failures)
            counts = f"{group.passed} passed, {len(group.failures)} failed"
            print(f"{name}: {counts} ({seconds} s)", flush=True)
            for failure in group.failures:
                print(f"  FAILED {failure}", flush=True)
            for note in group.notes:
                print(f"  {note}", flush=True)

    def conclude(self):
        """Prints the last line and gives the exit status."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1


class Group:
    """The checks of one group."""

    def __init__(self):
        self.passed = 0
        self.failures = []
        self.notes = []

    def check(self, name, problem=None):
        """Counts the check `name`: passed if there is no problem."""
        if problem:
            self.fail(name, problem)
        else:
            self.passed += 1

    def expect(self, name, wanted, got):
        """Counts the check that two values are the same. They may be secret, so bytes and long
        texts are not printed."""
        if wanted == got:
            self.passed += 1
        elif max(len(repr(wanted)), len(repr(got))) > 200:
            self.fail(name, "not what it should be")
        else:
            self.fail(name, f"expected {wanted!r}, got {got!r}")

    def fail(self, name, problem):
        """Counts the check `name` as failed."""
        self.failures.append(f"{name}: {problem}")

    def note(self, text):
        """Has a line printed below the group's, whether it passed or failed."""
        self.notes.append(text)
