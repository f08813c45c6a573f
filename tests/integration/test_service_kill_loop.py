#!/usr/bin/python3
"""Services write numbered lines to their multilog, and service, logger, engine and keeper are killed over and over: no
line is lost, locks are never free, and the services that were not hit notice nothing.

The seed is printed; the environment variable SEED repeats a run, as far as a race can be repeated.
"""
import collections
import fcntl
import os
import random
import signal
import time

from harness import SOAK, proc_started
from service_case import ServiceCase, main, proc_alive, wait_until

SERVICES = 6
KILLS = 200 if SOAK else 24
VICTIMS = ("service", "logger", "engine", "keeper")
BUFFER_BYTES = 64 * 1024  # what a killed multilog may have written and not consumed

# Writes "RUN NUMBER xxx..." lines; how many of each run were written is in the file `written`, 8 bytes a run.
LINES = """#!/usr/bin/python3 -ES
import os, time
written = os.open("written", os.O_RDWR | os.O_CREAT, 0o644)
run = os.fstat(written).st_size // 8
os.pwrite(written, bytes(8), 8 * run)
number = 0
while True:
    number += 1
    os.write(1, b"%d %d %s\\n" % (run, number, b"x" * 40))
    os.pwrite(written, number.to_bytes(8, "little"), 8 * run)
    time.sleep(0.002)
"""


class KillLoop(ServiceCase):
    def test_no_line_is_lost(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed}", flush=True)
        chance = random.Random(seed)
        f = self.folder()
        names = [f"scan/s{n}" for n in range(SERVICES)]
        for name in names:
            f.service(name, None, log="exec multilog s16777215 n1000 ./main")
            f.write(f"{name}/.run", LINES, 0o755)
            f.path(f"{name}/.run").rename(f.path(f"{name}/run"))
        f.scan()
        for name in names:
            f.wait_pid(name)
            f.wait_text(f"{name}/log/main/current", "\n")

        kills = collections.Counter()  # by name of what was killed
        for turn in range(KILLS):
            time.sleep(chance.uniform(0, 1.2))
            self.kill(f, VICTIMS[turn % len(VICTIMS)], chance.choice(names), names, kills)
        print(", ".join(f"{what} {n}" for what, n in sorted(kills.items())), flush=True)

        os.kill(f.keeper, signal.SIGTERM)
        wait_until(lambda: not f.own_processes(), lambda: f"everything to end: {f.own_processes()}")
        for name in names:
            self.check(f, name, kills)

    def kill(self, f, kind, name, names, kills):
        others = [n for m in names for n in (m, f"{m}/log")]
        if kind in ("service", "logger"):
            hit = name if kind == "service" else f"{name}/log"
            others.remove(hit)
            victim = f.wait_pid(hit)
        else:
            hit = kind
            victim = f.engine if kind == "engine" else f.keeper
        before = {n: (pid := f.wait_pid(n), proc_started(pid)) for n in others}
        os.kill(victim, signal.SIGKILL)
        kills[hit] += 1
        for n in names:
            self.assertTrue(f.is_ok(n), n)
            self.assertTrue(self.is_locked(f, n), n)
        wait_until(lambda: not proc_alive(victim), f"{kind} to die")
        if kind in ("service", "logger"):
            self.assertNotEqual(f.wait_pid(hit, other_than=victim), victim)
        else:
            wait_until(lambda: victim not in f.daemons() and sorted(f.daemons().values()) == ["svscan", "upkeep-engine"],
                       lambda: f"a new pair: {f.daemons()}")
        # by the time an order is taken, whatever was wrong would have shown
        f.svc("-p", name)
        wait_until(lambda: f.status(name)["paused"] == "\1", f"{name} to pause")
        f.svc("-c", name)
        wait_until(lambda: f.status(name)["paused"] == "\0", f"{name} to go on")
        self.assertEqual({n: (pid := f.pid(n), proc_started(pid)) for n in others}, before, kind)

    @staticmethod
    def is_locked(f, name):
        with open(f.path(name) / "supervise/lock", "rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def check(self, f, name, kills):
        """Every line of every run is there, in its order, up to the last that was written."""
        written = f.read(f"{name}/written").encode("latin-1")
        runs = [int.from_bytes(written[at:at + 8], "little") for at in range(0, len(written), 8)]
        self.assertEqual(len(runs), 1 + kills[name])
        folder = f.path(f"{name}/log/main")
        files = sorted(folder.glob("@*")) + [folder / "current"]
        reached, repeated = dict.fromkeys(range(len(runs)), 0), 0
        for file in files:
            lines = file.read_bytes().split(b"\n")
            unfinished = lines.pop()
            self.assertTrue(unfinished == b"" or file.suffix == ".u", f"{file} ends with {unfinished!r}")
            repeated += len(unfinished)
            for line in lines:
                run, number, payload = line.split(b" ")
                self.assertEqual(payload, b"x" * 40, file)
                run, number = int(run), int(number)
                self.assertLessEqual(number, reached[run] + 1, f"{file}: lost before {line!r}")
                if number <= reached[run]:
                    repeated += len(line) + 1
                reached[run] = max(reached[run], number)
        for run, number in enumerate(runs):
            self.assertGreaterEqual(reached[run], number, f"{name}: lost at the end of run {run}")
        self.assertLessEqual(repeated, BUFFER_BYTES * kills[f"{name}/log"])
        print(f"{name}: {sum(runs)} lines in {len(runs)} runs, {kills[name + '/log']} kills of its logger, "
              f"{repeated} bytes repeated, {len(files)} files", flush=True)


if __name__ == "__main__":
    main()
