"""Are the numbered lines of `probe life` in a log complete, in order and whole?

A line is "NAME RUN NUMBER xxx..."; "NAME RUN in TEXT" is the echo of a standard input. What a log may lose or repeat is
said by those who do it to the log: `forgive()` before and after it was truncated or cleared, `allow_repeated()` and
`allow_lost()` for what the documentation promises of kills.
"""
import re

from chronicle import Failed

LINE = re.compile(rb"([^ \n]+) (\d+) (\d+) x+")


class Source:
    """The lines of one NAME in one log."""

    def __init__(self):
        self.run = 0
        self.number = 0
        self.forgiven = (0, 0)   # gaps up to there are known of
        self.ended = {}          # run -> number of its last line that was surely written, told by its successor
        self.refresh = lambda: None  # reads the journal that fills `ended`

    def position(self):
        return self.run, self.number


class Audit:
    def __init__(self, label, follower, has_other_text=False):
        self.label = label
        self.follower = follower
        self.has_other_text = has_other_text
        self.sources = {}
        self.rest = b""
        self.lines = 0
        self.repeated_bytes = 0
        self.repeat_budget = 0
        self.lost_bytes = 0     # which had been allowed
        self.lost_budget = 0
        self.torn_budget = 0
        self.torn = 0
        self.is_forgiving = False  # while everything may be missing
        self.others = []        # lines of another form, where such may be

    def source(self, name):
        return self.sources.setdefault(name.encode(), Source())

    # -- what is allowed --

    def allow_repeated(self, size):
        self.repeat_budget += size

    def allow_lost(self, size):
        self.lost_budget += size
        self.torn_budget += 2

    def allow_torn(self):
        self.torn_budget += 1

    def forgive(self, name, run, number):
        """Whatever of `name` up to that line is missing is known of."""
        self.source(name).forgiven = max(self.source(name).forgiven, (run, number))
        self.torn_budget += 1

    def run_ended(self, name, run, written):
        self.source(name).ended[run] = written

    # -- reading --

    def poll(self):
        for block in self.follower.read():
            if block is None:
                continue
            lines = (self.rest + block).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                self.take(line)

    def take(self, line):
        match = LINE.fullmatch(line)
        if not match or match.group(1) not in self.sources:
            return self.take_other(line)
        name, run, number = match.group(1), int(match.group(2)), int(match.group(3))
        source = self.sources[name]
        self.lines += 1
        if run == source.run and number == source.number + 1:
            source.number = number
        elif (run, number) <= source.position():
            self.repeated_bytes += len(line) + 1
            if self.repeated_bytes > self.repeat_budget:
                self.fail(f"repeated after {source.position()}: {line[:80]!r}; {self.repeated_bytes} bytes of which "
                          f"{self.repeat_budget} are allowed")
        else:
            self.jump(source, name, run, number, len(line) + 1)
            source.run, source.number = run, number

    def jump(self, source, name, run, number, size):
        """From source.position() to a line that does not follow it within its run."""
        missing = []
        source.refresh()
        for r in range(max(source.run, 1), run + 1):
            first = source.number + 1 if r == source.run else 1
            last = number - 1 if r == run else source.ended.pop(r, None)
            if last is None:
                self.fail(f"a line of {name.decode()} run {run}, whose journal does not tell of the end of run {r}")
            if last >= first and (r, last) > source.forgiven:
                missing.append((r, max(first, source.forgiven[1] + 1 if r == source.forgiven[0] else first), last))
        for r, first, last in missing if not self.is_forgiving else ():
            self.lost_bytes += (last - first + 1) * size
            if self.lost_bytes > self.lost_budget:
                self.fail(f"lost: {name.decode()} run {r} lines {first} to {last}, before {(run, number)}; forgiven to "
                          f"{source.forgiven}, {self.lost_bytes} bytes, {self.lost_budget} allowed")

    def take_other(self, line):
        if self.has_other_text or re.match(rb"[^ ]+ \d+ in ", line):
            self.others.append(line)
            return
        if self.is_forgiving:
            return
        if line.startswith(b"\0"):  # the hole that a truncation in the wrong moment leaves
            return self.take(line.lstrip(b"\0"))
        self.torn += 1
        if self.torn > self.torn_budget:
            self.fail(f"torn: {line[:200]!r} after {[s.position() for s in self.sources.values()]}")

    def reached(self, name, run, number):
        """Whether everything up to there has been seen, or is known to be missing."""
        source = self.source(name)
        return max(source.position(), source.forgiven) >= (run, number)

    def fail(self, what):
        raise Failed(f"{self.label}: {what}")
