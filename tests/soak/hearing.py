"""What an event listener wrote down: nothing of its pool is missing, and each end of a program was announced."""
import collections
import re

from chronicle import Failed, NotYet

HEADER = re.compile(rb"ver:3\.0 server:\S+ serial:(\d+) pool:(\S+) poolserial:(\d+) eventname:(\S+) len:\d+ \| (.*)$")


class Hearing:
    """Of one listener. After a restart of everything the serials begin anew, and what happened before is forgotten."""

    def __init__(self, unit):
        self.unit = unit
        self.path = unit.life.path + ".events"
        self.read_to = 0
        self.ends = {}
        # What was told before the last restart: the end of one that was killed is seen late, maybe only after it.
        self.earlier = collections.defaultdict(set)   # "group:name" -> pids
        self.begin_again(0)
        self.awaits_restart = False
        self.total = 0

    def begin_again(self, since):
        self.since = since                            # of the programs' clock
        self.next = None                              # poolserial
        self.repeated = 0
        for name, pids in self.ends.items():
            self.earlier[name].update(pids)
        self.ends = collections.defaultdict(list)     # "group:name" -> pids of EXITED and STOPPED
        self.backoffs = collections.Counter()         # "group:name" -> BACKOFF
        self.awaits_restart = True

    def poll(self):
        try:
            with open(self.path, "rb") as file:
                file.seek(self.read_to)
                data = file.read()
        except FileNotFoundError:
            return
        data = data[:data.rfind(b"\n") + 1]
        self.read_to += len(data)
        for line in data.splitlines():
            self.take(line)

    def take(self, line):
        match = HEADER.match(line)
        if not match:
            raise Failed(f"{self.unit}: not an event: {line[:300]!r}")
        serial, name = int(match.group(3)), match.group(4)
        payload = dict(word.split(b":", 1) for word in match.group(5).split(b" | ")[0].split() if b":" in word)
        program = (payload.get(b"groupname", b"") + b":" + payload.get(b"processname", b"")).decode()
        is_end = name in (b"PROCESS_STATE_EXITED", b"PROCESS_STATE_STOPPED")
        if self.awaits_restart:
            if serial != 0:
                if is_end:
                    self.earlier[program].add(int(payload[b"pid"]))
                return
            self.awaits_restart = False
        self.total += 1
        if self.next is not None and serial < self.next:
            self.repeated += 1
            return
        if self.next is not None and serial > self.next:
            raise Failed(f"{self.unit}: event {serial} after {self.next - 1}")
        self.next = serial + 1
        if is_end:
            self.ends[program].append(int(payload[b"pid"]))
        elif name == b"PROCESS_STATE_BACKOFF":
            self.backoffs[program] += 1

    def check(self, units, kills):
        """`kills` of engines, keepers and this listener: so much may be there twice."""
        if self.repeated > kills:
            raise Failed(f"{self.unit}: {self.repeated} events came twice, after {kills} kills")
        for unit in units:
            name = unit.name if ":" in unit.name else f"{unit.name}:{unit.name}"
            deaths = [pid for pid, time in unit.deaths if time > self.since]
            told = self.ends[name]
            nameless = told.count(0)
            silent = [pid for pid in deaths if pid not in told and pid not in self.earlier[name]]
            if len(silent) > self.backoffs[name] + nameless:
                raise NotYet(f"{self.unit} heard nothing of the ends of {unit}, pids {silent}; of BACKOFF {self.backoffs[name]} times")
            if len(told) - nameless - len({*told} - {0}) > kills:
                raise NotYet(f"{self.unit} heard more than once of the ends of {unit}: {told}")
