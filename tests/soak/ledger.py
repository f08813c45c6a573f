"""What supervisord told in its activity log and to its event listeners, to be compared with what happened: each start and
each end is told, and told once. An engine killed in the moment in which it tells may leave the telling to the next one.
"""
import collections
import re

from chronicle import Failed, NotYet
from follower import RotatingFile

SPAWNED = re.compile(r"^INFO spawned: '(.+)' with pid (\d+)$")
ENDED = re.compile(r"^(?:INFO|WARN) (?:exited|stopped): (\S+) \(")
LOST = re.compile(r"^WARN (\d+) bytes of the (stdout|stderr) of '(.+)' were lost")
KILLING = re.compile(r"^WARN killing '(.+)' \(\d+\) with SIGKILL$")
# What a soak must not see: everything else that is worse than a warning.
EXPECTED_ERRORS = re.compile(r"^ERRO log file \S*/small/|^ERRO .*No space left on device|^ERRO XML-RPC request data|"
                             r"^CRIT Server .* without any HTTP authentication|"
                             # An engine that was stopped, maybe in the midst of a turn.
                             r"^CRIT engine: SIGABRT \((from the keeper|a turn took longer)|^CRIT engine:   #\d+ ")


Discord = collections.namedtuple("Discord", "ends_twice ends_untold starts_twice starts_untold")


class Ledger:
    def __init__(self, path):
        self.follower = RotatingFile(path)
        self.rest = b""
        self.spawned = collections.defaultdict(list)  # name -> pids
        self.ended = collections.Counter()            # by name
        self.killed_hard = collections.Counter()      # by name: did not heed the stop signal
        self.shapes = collections.Counter()           # warnings, without their numbers and names
        self.on_lost = lambda name, channel, size: None

    def poll(self):
        for block in self.follower.read():
            if block is None:
                continue
            lines = (self.rest + block).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                self.take(line.decode(errors="backslashreplace")[24:])

    def take(self, line):
        if (match := SPAWNED.match(line)):
            self.spawned[match.group(1)].append(int(match.group(2)))
        elif (match := ENDED.match(line)):
            self.ended[match.group(1)] += 1
        elif (match := LOST.match(line)):
            self.on_lost(match.group(3), match.group(2), int(match.group(1)))
        elif (match := KILLING.match(line)):
            self.killed_hard[match.group(1)] += 1
        elif line.startswith(("ERRO", "CRIT")) and not EXPECTED_ERRORS.match(line):
            raise Failed(f"the log of supervisord says: {line}")
        if line.startswith("WARN"):
            self.shapes[re.sub(r"'[^']*'|\b(exited|stopped): \S+|/\S+|\d+|0x\w+", "…", line)[:110]] += 1
        elif line[:4] not in ("INFO", "DEBG", "TRAC", "ERRO", "CRIT", "BLAT"):
            raise Failed(f"a torn line in the log of supervisord: {line!r}")

    def check(self, unit, is_alive, kills):
        """At rest. `kills` of engines and keepers so far: so many lines may be there twice."""
        name = unit.name.rpartition(":")[2]
        spawned, ended = self.spawned[name], self.ended[name]
        missing = [pid for pid in unit.runs if pid not in spawned]
        if len(missing) > kills:
            raise NotYet(f"{unit}: the log tells nothing of the start of {missing}; it tells of {spawned[-5:]}")
        starts = len({*spawned, *unit.runs})
        if not -kills <= ended - (starts - is_alive) <= kills:
            raise NotYet(f"{unit}: {starts} starts, {'alive' if is_alive else 'not alive'}, but the log tells of {ended} ends")
        if not len(spawned) - len(set(spawned)) <= kills:
            raise NotYet(f"{unit}: the log tells {len(spawned)} times of {starts} starts")
        more = ended - (starts - is_alive)
        return Discord(max(more, 0), max(-more, 0), len(spawned) - len(set(spawned)), len(missing))
