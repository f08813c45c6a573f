"""One supervised process as the soak test sees it: what it should be, what was done to it, and whether its journal agrees.

Whoever does something to a unit takes a licence for as long as the effects may last. A death, a signal or a start without
one is a failure: a supervisor that restarts what it need not touch is what this test is for.
"""
import contextlib

from chronicle import Chronicle, Failed
from life import Life

SLACK_NS = 2_000_000_000  # how long after its answer an order may still show in a journal


class Unit:
    """`want` is one of
      up     it runs, and its pid changes only when somebody does something
      comes  it ends by itself and is started again
      ended  it has ended by itself (EXITED)
      fatal  it cannot be started
      down   somebody stopped it
    """

    def __init__(self, name, daemon, folder, want="up", **traits):
        self.name = name                      # as supervisorctl knows it, or the path of a service directory
        self.life_name = name.replace(":", ".").replace("/", ".")
        self.daemon = daemon
        self.home = want                      # what it is after a start
        self.wanted_since = 0
        self.want = want
        self.traits = traits                  # see kinds.py
        self.life = Life(folder, self.life_name)
        self.audits = []                      # [(audit, name of its lines, whether they are those on standard error)]
        self.windows = []                     # [begin, end or None, what]: licences
        self.killed = {}                      # pid -> when
        self.pid = self.run = 0               # of the run whose start was read last
        self.begun = 0
        self.has_left = True                  # that run ended by itself
        self.term_seen = False
        self.deaths = []                      # (pid, time) of every ended run
        self.runs = []                        # pids of every run
        self.signals = []                     # (signal, time) received
        self.sent = 0                         # signals other than stopping ones that were asked for
        self.busy = False
        self.retired = False                  # not configured any more

    def __repr__(self):
        return self.name

    @property
    def want(self):
        return self._want

    @want.setter
    def want(self, word):
        self._want, self.wanted_since = word, Chronicle.now()

    def is_(self, trait):
        return bool(self.traits.get(trait))

    # -- licences --

    @contextlib.contextmanager
    def licence(self, what):
        window = [Chronicle.now(), None, what]
        self.windows.append(window)
        try:
            yield
        finally:
            window[1] = Chronicle.now() + SLACK_NS

    def licence_killed(self, pid):
        self.killed[pid] = Chronicle.now()

    def is_licensed(self, begin, end):
        """Whether somebody was at it at some time between the two."""
        return any(b <= end and (e is None or e >= begin) for b, e, _ in self.windows + self.daemon.windows)

    # -- what happened --

    def account(self):
        for event in self.life.news():
            getattr(self, "on_" + event.what)(event)

    def on_start(self, event):
        run_before, attempted, written, attempted_err, written_err = event.numbers
        if self.run and not self.has_left:
            self.died(event.time)
        if event.run != self.run + 1 or run_before != self.run:
            self.fail(f"run {event.run} after run {self.run}")
        for audit, name, is_err in self.audits:
            if self.run:
                audit.run_ended(name, self.run, written_err if is_err else written)
        if self.want == "down" and event.time > self.wanted_since and not self.is_licensed(event.time, event.time):
            self.fail(f"pid {event.pid} was started, though nobody asked for it")
        self.run, self.pid, self.begun = event.run, event.pid, event.time
        self.has_left = self.term_seen = False
        self.runs.append(event.pid)
        self.is_settled = False

    def died(self, latest):
        """The current run ended without a word, at `latest`."""
        self.deaths.append((self.pid, latest))
        if self.pid not in self.killed and not self.is_licensed(self.begun, latest):
            self.fail(f"pid {self.pid} was killed, though nobody asked for it")

    def on_signal(self, event):
        signal, sender = event.numbers
        self.signals.append((signal, event.time))
        if not self.is_licensed(event.time, event.time):
            self.fail(f"pid {event.pid} got signal {signal} from pid {sender}, though nobody asked for it")
        self.term_seen = True

    def on_exit(self, event):
        self.deaths.append((self.pid, event.time))
        self.has_left = True
        if not self.term_seen and not self.is_("ends") and not self.is_licensed(self.begun, event.time):
            self.fail(f"pid {event.pid} left with {event.numbers[0]}, though nobody asked it to")

    def on_second(self, event):
        self.fail(f"pid {event.pid} is a second copy, beside pid {self.life.state().pid}")

    def notice_end(self):
        """The current run has ended and no other follows: accounts for it when that is known otherwise."""
        if self.run and not self.has_left:
            self.died(Chronicle.now())
            self.has_left = True

    def fail(self, what):
        raise Failed(f"{self.name} ({self.want}, run {self.run}): {what}\n"
                     f"licences: {[[(b - self.begun) / 1e9, e and (e - self.begun) / 1e9, w] for b, e, w in self.windows[-4:]]} "
                     f"and of all: {[[(b - self.begun) / 1e9, e and (e - self.begun) / 1e9, w] for b, e, w in self.daemon.windows[-3:]]}"
                     f", in seconds since its start")
