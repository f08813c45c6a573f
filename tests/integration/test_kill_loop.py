#!/usr/bin/python3
"""Forty busy programs, and the engine is killed over and over: none of them notices, and no line is lost.

In phases on one daemon: kills at random moments of a settled engine, in turn with undisturbed windows that are the
measure for their times; kills of young engines in the midst of their recovery; outages of five seconds without any
engine, after undisturbed windows. The machine may be busy with other things by turns, so times that are too long are
measured again; what an engine's death costs would show every time. The seed is printed; the environment variable SEED
repeats a run, as far as a race can be repeated.
"""
import os
import random
import shutil
import signal
import time

from harness import SOAK, Case, check_lines, main, ours_only, probe, proc_started, wait_until

KILLS = 100 if SOAK else 15
YOUNG_KILLS = 40 if SOAK else 5
OUTAGES = 10 if SOAK else 1
MEASUREMENTS = 3
OUTAGE_SECONDS = 5
FAST = ("fast0", "fast1", "fast2")
PACED = [f"paced{n:02d}" for n in range(36)]
# The logs grow by some 50 MB a second. In memory, where there is enough, the writes are not disturbed by the disk.
FOLDER = None if SOAK or shutil.disk_usage("/dev/shm").free < 8 << 30 else "/dev/shm"
LONGER_MS = 50  # what a kill may add to the longest write of a program
REPEATED_BYTES_A_KILL = 64 * 1024  # on a channel whose bytes are copied


@ours_only
class KillLoop(Case):
    def setUp(self):
        self.seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        self.random = random.Random(self.seed)
        print(f"SEED={self.seed}", flush=True)
        self.kills = 0

    def start(self):
        d = self.supervisord(folder=FOLDER)
        def lines(name, rate, **keys):
            return {"command": probe("lines", "--rate", rate, "--payload", 24, "--latency-log", d.dir / f"{name}.us"),
                    "startsecs": 0, "redirect_stderr": True, "stdout_logfile": d.dir / f"{name}.log",
                    "stdout_logfile_maxbytes": 0, **keys}
        d.write_config({"fast0": lines("fast0", 0), "fast1": lines("fast1", 0),
                        "fast2": lines("fast2", 0, stdout_logfile_maxbytes="64MB", stdout_logfile_backups=10000),
                        # not a file of ours alone, so its bytes pass through the engine
                        "copied": lines("copied", 2000, stdout_logfile="/dev/stdout"),
                        **{name: lines(name, 100) for name in PACED}})
        d.start("-n", "-s")
        self.before = d.wait_all()
        self.started_at = {i["pid"]: proc_started(i["pid"]) for i in self.before.values()}
        return d

    def longest_writes_ms(self, d, names):
        """The longest single write of each program since it was last asked: a sample for each."""
        for name in names:
            (d.dir / f"{name}.us").unlink(missing_ok=True)
            os.kill(self.before[name]["pid"], signal.SIGUSR1)
        return [int(d.wait_text(f"{name}.us", "max_us").split()[-1]) / 1000 for name in names]

    def check_times(self, measure, phase):
        """99th percentiles over all programs and windows. measure() → undisturbed samples, disturbed ones."""
        for _ in range(MEASUREMENTS):
            quiet, disturbed = measure()
            p99 = [sorted(samples)[(len(samples) * 99 - 1) // 100] for samples in (quiet, disturbed)]
            print(f"{phase}: a program's longest write, 99th percentile of {len(disturbed)}: {p99[1]:.1f} ms (longest "
                  f"{max(disturbed):.1f}), undisturbed {p99[0]:.1f} ms (longest {max(quiet):.1f})", flush=True)
            if p99[1] <= p99[0] + LONGER_MS:
                return
        self.fail(f"{phase}: longer by more than {LONGER_MS} ms, {MEASUREMENTS} times")

    def kill(self, d, least_seconds, most_seconds):
        """Kills the engine once it is that old."""
        engine = d.engine_pid
        time.sleep(self.random.uniform(least_seconds, most_seconds))
        os.kill(engine, signal.SIGKILL)
        self.kills += 1
        d.new_engine(engine)

    def measure_kills(self, d, names):
        quiet, disturbed = [], []
        self.longest_writes_ms(d, names)
        for _ in range(KILLS):
            time.sleep(self.random.uniform(1.05, 1.8))
            quiet += self.longest_writes_ms(d, names)
            self.kill(d, 1.05, 1.8)  # the keeper starts one a second at most, so this one's successor comes at once
            d.wait_ready_again()
            disturbed += self.longest_writes_ms(d, names)
        return quiet, disturbed

    def measure_outages(self, d):
        """Of the paced programs only: the others fill their spools."""
        quiet, disturbed = [], []
        self.longest_writes_ms(d, PACED)
        for _ in range(OUTAGES):
            time.sleep(OUTAGE_SECONDS)
            quiet += self.longest_writes_ms(d, PACED)
            with d.without_engine():
                time.sleep(OUTAGE_SECONDS)
            d.wait_ready_again()
            disturbed += self.longest_writes_ms(d, PACED)
            self.kills += OUTAGE_SECONDS + 2
        return quiet, disturbed

    def test_nobody_notices(self):
        d = self.start()
        self.check_times(lambda: self.measure_kills(d, list(self.before)), "kills")
        for _ in range(YOUNG_KILLS):
            self.kill(d, 0.0, 0.15)
        self.check_times(lambda: self.measure_outages(d), "outages")
        self.check_programs(d)
        d.ctl("stop", "all")
        self.check_logs(d)

    def check_programs(self, d):
        after = d.all_info()
        for name, info in self.before.items():
            self.assertEqual([after[name][k] for k in ("pid", "start", "statename")],
                             [info["pid"], info["start"], "RUNNING"], name)
        self.assertEqual({pid: proc_started(pid) for pid in self.started_at}, self.started_at)
        self.assertEqual(d.log_lines("exited|stopped"), [])
        self.assertEqual(len(d.log_lines("spawned")), len(self.before))
        self.assertEqual(len(d.log_lines("supervisord started with pid")), 1)

    def check_logs(self, d):
        for name in [*FAST, *PACED]:
            backups = sorted(d.dir.glob(f"{name}.log.*"), key=lambda p: -int(p.suffix[1:]))
            found = check_lines(*backups, d.dir / f"{name}.log")
            with self.subTest(name):
                self.assertEqual([found[k] for k in ("first", "lost", "repeated", "torn")], [1, 0, 0, 0], found["told"])
                self.assertGreater(found["lines"], 1000)
        print(f"fast lines: {', '.join(str(check_lines(d.dir / f'{n}.log')['lines']) for n in FAST[:2])}", flush=True)
        wait_until(lambda: d.read("output").endswith("\n"), "the last line")
        found = check_lines(d.output, any_text=True)
        self.assertEqual((found["first"], found["lost"]), (1, 0), found["told"])
        self.assertLessEqual(found["repeated"] * 30, self.kills * REPEATED_BYTES_A_KILL)
        print(f"copied: {found['told'].splitlines()[-1]} in {self.kills} kills", flush=True)


if __name__ == "__main__":
    main()
