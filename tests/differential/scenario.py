"""What a scenario is: a function that plays with a Side and says what it sees; it is played on both sides at once.

    @scenario(differs={"signals": Differs("SIGPIPE and SIGXFSZ ignored", ours=[])})
    def signals_of_a_program(s):
        s.start({"a": {"command": ...}})
        s.see("signals", ...)

An observation must be equal on both sides, unless it is listed as an intended difference; then it must differ, ours must
be as stated, and docs/compatibility.md must contain the sentence that is cited.
"""
import os
import pathlib
import re

SCENARIOS = []


class Differs:
    """An intended difference.

    cites   words of docs/compatibility.md that name it
    ours    what ours shows: a value, a compiled pattern for the whole text, or a function that says whether it is right
    theirs  what the original shows, in the same form
    """

    def __init__(self, cites, ours, theirs=lambda value: True):
        self.cites, self.ours, self.theirs = cites, ours, theirs


class Skipped(Exception):
    """Raised by a scenario that cannot be played here; its text says why."""


def is_as_expected(value, expected):
    if isinstance(expected, re.Pattern):
        return isinstance(value, str) and expected.fullmatch(value) is not None
    return bool(expected(value)) if callable(expected) else value == expected


class Scenario:
    def __init__(self, play, name, short, needs_root, differs, cites):
        self.play, self.name, self.short, self.needs_root, self.differs = play, name, short, needs_root, differs
        self.cites = cites

    @property
    def can_run(self):
        return os.geteuid() == 0 or not self.needs_root


def scenario(name=None, short=False, needs_root=False, differs=None, cites=()):
    """`short`: part of the shortened set. `cites`: intended differences that only show in what ours() asserts."""
    def register(play):
        full_name = f"{pathlib.Path(play.__code__.co_filename).stem}: {name or play.__name__.replace('_', ' ')}"
        assert all(other.name != full_name for other in SCENARIOS), f"two scenarios are named {full_name}"
        SCENARIOS.append(Scenario(play, full_name, short, needs_root, differs or {}, cites))
        return play
    return register
