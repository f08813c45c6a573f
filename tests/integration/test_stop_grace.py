#!/usr/bin/python3
"""stop_grace: a limit for the whole shutdown, whatever programs, services and their scripts want."""
import os
import re
import signal
import time

from harness import Case, main, ours_only, probe, wait_until

NEVER = {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 3600}
SLACK = 0.2  # between a moment and our noticing it


@ours_only
class StopGrace(Case):
    def started_with(self, programs, grace):
        d = self.supervisord({name: {**keys, "stdout_logfile": f"%(here)s/{name}"} if "command" in keys else keys
                              for name, keys in programs.items()}, supervisord={"stop_grace": grace}).start()
        for name, keys in programs.items():
            if "command" in keys:
                d.wait_text(name, "ready" if "ignore-term" in keys["command"] and "fork" not in keys["command"]
                            else "child")
        return d

    def ends_within(self, d, seconds, asked):
        self.assertEqual(d.process.wait(timeout=60), 0, d.log_tail())
        self.assertLess(time.monotonic() - asked, seconds)
        wait_until(lambda: not d.marked(), lambda: f"an end of {d.marked()}")

    def test_what_still_lives_is_killed_as_configured(self):
        family = {"command": probe("fork-grandchild", "--ignore-term"), "startsecs": 0, "stopwaitsecs": 3600,
                  "killasgroup": True}
        d = self.started_with({"first": {**NEVER, "priority": 1}, "family": family, "last": NEVER}, grace=2)
        asked = time.monotonic()
        os.kill(d.pid, signal.SIGTERM)
        self.ends_within(d, 20, asked)
        self.assertGreater(time.monotonic() - asked, 2 - SLACK)
        self.assertTrue(d.log_lines("WARN stop_grace is over: SIGKILL for .*first"))
        for name in ("first", "family", "last"):
            self.assertTrue(d.log_lines(f"stopped: {name} .terminated by SIGKILL"), name)
        self.assertTrue(re.search(r"child \d+", d.read("family")))

    def test_the_limit_does_not_begin_anew_with_an_engine(self):
        d = self.started_with({"stubborn": NEVER}, grace=4)
        asked = time.monotonic()
        os.kill(d.pid, signal.SIGTERM)
        d.wait_log("waiting for stubborn to die")
        for _ in range(2):
            d.new_engine(d.kill_engine())
        self.ends_within(d, 4 + 3, asked)  # an engine may be started a second after the last one
        self.assertGreater(time.monotonic() - asked, 4 - SLACK)

    def test_stop_times_within_it_count(self):
        d = self.started_with({"stubborn": {**NEVER, "stopwaitsecs": 1}}, grace=600)
        asked = time.monotonic()
        os.kill(d.pid, signal.SIGTERM)
        self.ends_within(d, 30, asked)
        self.assertEqual(d.log_lines("stop_grace"), [])

    def test_a_restart_has_it_too(self):
        d = self.started_with({"stubborn": NEVER}, grace=1)
        d.rpc.supervisor.restart()
        d.wait_log("stop_grace is over")
        d.wait_log("supervisord started with pid", 2)

    def test_services_whose_scripts_want_to_stay_go(self):
        d = self.supervisord()
        service = d.dir / "services" / "stays"
        for file, text in {"run": "trap '' TERM\ntouch up\nwhile :; do sleep 1; done", "control/t": "exit 0",
                           "control/d": "touch asked\nwhile :; do sleep 1; done"}.items():
            path = service / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        d.write_config({"svscan:services": {"directory": d.dir / "services", "stdout_logfile": "NONE",
                                            "redirect_stderr": True}}, {"stop_grace": 2})
        d.start()
        wait_until((service / "up").exists, "the service to be up")
        asked = time.monotonic()
        os.kill(d.pid, signal.SIGTERM)
        wait_until((service / "asked").exists, "the script to run")
        self.ends_within(d, 30, asked)


if __name__ == "__main__":
    main()
