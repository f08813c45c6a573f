#!/usr/bin/python3
"""SIGTERM while no engine can run: the keeper itself ends every process as its configuration said, then itself."""
import os
import re
import signal
import time

from harness import Case, main, ours_only, probe, proc_alive, wait_until

ENGINES_LOST = 3  # until the keeper acts, at most one a second
GRACE = 2
SLACK = 0.2  # between a moment and our noticing it

# No engine reads the pipes, so this program writes to a file which signal it got.
POLITE = """
import os, signal
signals = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
open("ready", "w").close()
got = signal.sigwait(signals)
open("got.new", "w").write(got.name)
os.rename("got.new", "got")
"""


@ours_only
class LastWills(Case):
    def test_every_program_ends_as_configured(self):
        d = self.supervisord()
        (d.dir / "polite.py").write_text(POLITE)
        d.write_config({
            "polite": {"command": f"/usr/bin/python3 {d.dir}/polite.py", "startsecs": 0, "stopsignal": "INT"},
            "stubborn": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": GRACE,
                         "stdout_logfile": d.dir / "stubborn"},
            "family": {"command": probe("fork-grandchild", "--ignore-term"), "startsecs": 0, "stopwaitsecs": GRACE,
                       "killasgroup": True, "stdout_logfile": d.dir / "family"},
            "patient": {"command": probe("wait"), "startsecs": 0, "stopwaitsecs": 3600},
            "unborn": {"command": probe("wait"), "autostart": False}})
        d.start()
        pids = {name: info["pid"] for name, info in d.all_info().items() if name != "unborn"}
        d.wait_text("stubborn", "ready")
        pids["grandchild"] = int(re.search(r"child (\d+)", d.wait_text("family", "child"))[1])
        wait_until(lambda: (d.dir / "ready").exists(), "the polite one to be ready")

        with d.without_engine():
            asked = time.monotonic()
            os.kill(d.pid, signal.SIGTERM)
            d.wait_text("got", "SIG")
            willed = time.monotonic()
            self.assertEqual(d.read("got"), "SIGINT")
            self.assertGreater(willed - asked, ENGINES_LOST - 1 - SLACK, "an engine may still come back")
            wait_until(lambda: not proc_alive(pids["patient"]), "SIGTERM to end the patient one")
            self.assertLess(time.monotonic() - willed, GRACE - SLACK)
            self.assertTrue(proc_alive(pids["stubborn"]) and proc_alive(pids["family"]))

            wait_until(lambda: not proc_alive(pids["stubborn"]), "SIGKILL for the stubborn one")
            self.assertGreater(time.monotonic() - willed, GRACE - SLACK)
            self.assertEqual(d.process.wait(timeout=30), 0)
        wait_until(lambda: not d.marked(), lambda: f"an end of {d.marked()}, of {pids}")

        d.start()  # over the pidfile and the socket that nobody could remove
        wait_until(lambda: {n for n, info in d.all_info().items() if info["pid"]} == set(pids) - {"grandchild"},
                   "all to run again")

    def test_without_any_process(self):
        d = self.started({"unborn": {"command": probe("wait"), "autostart": False}})
        with d.without_engine():
            os.kill(d.pid, signal.SIGTERM)
            self.assertEqual(d.process.wait(timeout=30), 0)
        wait_until(lambda: not d.marked(), "nothing left")

    def test_an_engine_in_time_does_it_itself(self):
        d = self.started({"web": {"command": probe("wait"), "startsecs": 0}})
        d.wait_state("web", "RUNNING")
        with d.without_engine():
            os.kill(d.pid, signal.SIGTERM)
        self.assertEqual(d.process.wait(timeout=30), 0)
        self.assertEqual(len(d.log_lines(r"^WARN stopped: web \(terminated by SIGTERM\)$")), 1)
        self.assertFalse(d.socket.exists() or d.pidfile.exists())


if __name__ == "__main__":
    main()
