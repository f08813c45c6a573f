#!/usr/bin/python3
"""Service, logger, engine and keeper are killed over and over. No line between a service and its multilog is lost, locks
are never free, who was not hit notices nothing; starts, one-time jobs and changes of the directory are neither lost nor
done twice.

The seed is printed; the environment variable SEED repeats a run, as far as a race can be repeated.
"""
import collections
import fcntl
import os
import random
import signal
import time

from harness import SOAK, proc_started
from service_case import KEEPS, UP, ServiceCase, main, proc_alive, wait_until

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
    def chance(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed}", flush=True)
        return random.Random(seed)

    def test_no_line_is_lost(self):
        chance, f = self.chance(), self.folder()
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

    def kill_young(self, f, chance, kills, longest_s):
        """Kills engines soon after they appear."""
        for _ in range(kills):
            time.sleep(chance.uniform(0, longest_s))
            os.kill(f.engine, signal.SIGKILL)

    def test_a_start_that_is_interrupted(self):
        """Each service is started once, and joined to its own logger."""
        chance, f = self.chance(), self.folder()
        names = [f"scan/s{n}" for n in range(40)]
        f.service("scan/first")
        f.scan("first")
        for name in names:
            f.service(name, "echo run >> runs; echo from $PWD; exec sleep 1000", log=KEEPS)
        self.kill_young(f, chance, KILLS // 4, 0.05)
        for name in names:
            f.wait_text(f"{name}/log/lines", "\n")
            self.assertEqual(f.read(f"{name}/log/lines"), f"from {f.path(name)}\n")
            self.assertEqual(f.read(f"{name}/runs"), "run\n")
        wait_until(lambda: len(f.own_processes()) == 2 + 1 + 2 * len(names),
                   lambda: f"no process too many: {len(f.own_processes())}, with {f.daemons()}")

    def test_a_job_is_not_lost(self):
        """`svc -o` and an engine that dies at that moment: the job runs, and seldom twice."""
        chance, f = self.chance(), self.folder()
        names = [f"scan/s{n}" for n in range(20)]
        f.service("scan/first")
        for name in names:
            f.service(name, "echo $$ >> runs; exec sleep 0.1", down=True)
        f.scan("first")
        for name in names:
            f.wait_ok(name)
        runs, repeated = {name: [] for name in names}, 0
        for _ in range(KILLS // 4):
            self.see_orders_taken(f, "scan/first")
            engine = f.engine
            f.svc("-o", *names)
            time.sleep(chance.uniform(0, chance.choice((0.005, 0.2))))
            os.kill(engine, signal.SIGKILL)
            for name in names:
                wait_until(lambda name=name: len(f.read(f"{name}/runs").splitlines()) > len(runs[name]), f"{name} to run")
            self.see_orders_taken(f, "scan/first")
            for name in names:
                wait_until(lambda name=name: not proc_alive(int(f.read(f"{name}/runs").split()[-1])), f"{name} to end")
                now = f.read(f"{name}/runs").split()
                self.assertIn(len(now) - len(runs[name]), (1, 2), name)
                repeated += len(now) - len(runs[name]) - 1
                runs[name] = now
        print(f"{sum(map(len, runs.values()))} runs, {repeated} of them repeated", flush=True)
        self.assertLessEqual(repeated, 2 * (KILLS // 4))  # the one that an engine was just about to forget

    def test_directories_come_and_go_meanwhile(self):
        chance, f = self.chance(), self.folder()
        f.service("scan/first")
        f.scan("first")
        f.mkdir("away")
        pids, gone, made = {}, {}, 0  # name -> pid, of those that are there and of those that were moved away
        for _ in range(KILLS * 2):
            what = chance.choice(("make", "make", "rename", "remove", "engine", "keeper"))
            name = chance.choice(sorted(pids)) if pids else None
            if what == "make":
                made += 1
                f.service(f"scan/s{made}", "echo run >> runs; exec sleep 1000", log=chance.choice((None, KEEPS)))
                pids[f"scan/s{made}"] = None
            elif what in ("engine", "keeper"):
                if what == "keeper":  # whose engine must have what it needs to take its place
                    self.see_orders_taken(f, "scan/first")
                victim = getattr(f, what)
                os.kill(victim, signal.SIGKILL)
                wait_until(lambda pid=victim: not proc_alive(pid), f"{what} to die", step=0)
            elif name and what == "rename":
                f.path(name).rename(f.path(f"{name}x"))
                pids[f"{name}x"] = pids.pop(name)
            elif name and what == "remove" and pids[name]:
                f.path(name).rename(f.path(f"away/{os.path.basename(name)}"))
                gone[f"away/{os.path.basename(name)}"] = pids.pop(name)
            if chance.random() < 0.5:
                for name in pids:
                    pids[name] = f.wait_pid(name)
        for name, pid in pids.items():
            f.wait_svstat(name, UP)
            f.wait_text(f"{name}/runs", "run\n")
            self.assertIn(pid, (None, f.pid(name)))
            self.assertEqual(f.read(f"{name}/runs"), "run\n", name)
        for name, pid in gone.items():
            self.assertTrue(f.is_ok(name), name)
            self.assertEqual(f.pid(name), pid, name)
            f.svc("-dx", name)
            wait_until(lambda name=name: not f.is_ok(name), f"{name} to be left")
            self.assertFalse(proc_alive(pid))
        os.kill(f.keeper, signal.SIGTERM)
        wait_until(lambda: not f.daemons(), "svscan to end")
        loggers = [pid for pid in f.own_processes() if not any(pid == p for p in gone.values())]
        self.assertEqual(sorted(loggers), [], gone)

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
        self.see_orders_taken(f, name)  # by then, whatever was wrong would have shown
        self.assertEqual({n: (pid := f.pid(n), proc_started(pid)) for n in others}, before, kind)

    @staticmethod
    def see_orders_taken(f, name):
        for letter, shown in (("-p", "\1"), ("-c", "\0")):
            f.svc(letter, name)
            wait_until(lambda shown=shown: f.status(name)["paused"] == shown, f"{name} to take {letter}")

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
