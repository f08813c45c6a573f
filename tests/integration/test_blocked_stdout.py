#!/usr/bin/python3
"""Nobody reads supervisord's own stdout, and 200 kB a second are echoed to it: policies stay on time all the same."""
import os
import select
import signal
import time

from harness import SOAK, Case, main, ours_only, probe, wait_until

SECONDS = 30 if SOAK else 5


@ours_only
class BlockedStdout(Case):
    def check(self, writer, d):
        wait_until(lambda: self.is_full(writer), "the pipe to be full")
        until = time.monotonic() + SECONDS
        rounds = 0
        while time.monotonic() < until:
            first = d.pid_of("a")
            begun = time.monotonic()
            os.kill(first, signal.SIGKILL)
            wait_until(lambda f=first: d.pid_of("a") not in (0, f), "a new process", 5)
            self.assertLess(time.monotonic() - begun, 1)
            rounds += 1
        self.assertGreater(rounds, SECONDS)
        ready = d.read("stubborn").count("ready")
        begun = time.monotonic()
        d.rpc.supervisor.stopProcess("stubborn")
        self.assertTrue(0.95 < time.monotonic() - begun < 2)
        d.rpc.supervisor.startProcess("stubborn")
        wait_until(lambda: d.read("stubborn").count("ready") > ready, "it to ignore SIGTERM again")
        self.assertEqual(d.log_lines("exited: noisy"), [])

    @staticmethod
    def is_full(writer):
        return not select.select([], [writer], [], 0)[1]

    def programs(self, **noisy):
        return {"noisy": {"command": probe("lines", "--rate", 2000, "--payload", 94), "startsecs": 0, **noisy},
                "a": {"command": probe("wait"), "startsecs": 0},
                "stubborn": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 1,
                             "stdout_logfile": "%(here)s/stubborn"}}

    def start(self, programs, **supervisord):
        d = self.supervisord(programs, supervisord=supervisord)
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        d.start("-n", stdout=writer)
        d.wait_text("stubborn", "ready")
        return writer, d

    def test_echo_at_debug(self):
        writer, d = self.start(self.programs(), loglevel="debug")
        self.check(writer, d)
        self.assertGreater(len(d.log_lines("noisy' stdout output")), 10)  # the file has what the pipe cannot take

    def test_a_log_on_standard_output(self):
        writer, d = self.start(self.programs(stdout_logfile="/dev/stdout", stdout_logfile_maxbytes=0))
        self.check(writer, d)
        d.new_engine(d.kill_engine())
        d.wait_ready_again()
        self.check(writer, d)


if __name__ == "__main__":
    main()
