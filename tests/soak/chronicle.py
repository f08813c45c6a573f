"""What the soak test did, and when: a file with one line an action, whose end is told when something fails."""
import collections
import threading
import time


class Failed(Exception):
    """An invariant does not hold."""


class NotYet(Failed):
    """An invariant that may need a moment."""


class Chronicle:
    """Times are seconds since its beginning; `now()` is the clock of the programs' journals, in ns."""

    def __init__(self, path, kept=60):
        self.file = open(path, "a", encoding="utf-8", buffering=1)
        self.begun = time.monotonic()
        self.last = collections.deque(maxlen=kept)
        self.counts = collections.Counter()  # by action
        self.guard = threading.Lock()

    def note(self, action, subject="", detail=""):
        line = f"{time.monotonic() - self.begun:9.3f} {action:18} {subject} {detail}".rstrip()
        with self.guard:
            self.counts[action] += 1
            self.last.append(line)
            self.file.write(line + "\n")

    def about(self, word, most=25):
        """The newest lines that name `word`."""
        self.file.flush()
        with open(self.file.name, encoding="utf-8") as lines:
            return list(collections.deque((line.rstrip() for line in lines if word in line), most))

    @staticmethod
    def now():
        return time.monotonic_ns()
