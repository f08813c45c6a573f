#!/usr/bin/python3
"""The keeper is taken last when memory runs out, and nobody it starts is.

Whether a score may be lowered is the kernel's to say (CAP_SYS_RESOURCE, which root in a container often lacks). Without
that right nothing may change; both ways are tested, each where it applies.
"""
import os
import pathlib
import signal
import subprocess

from harness import Case, main, ours_only, probe, read_proc, root_only, wait_until

GIVEN = 300  # what the daemon is started with
PROTECTED = -900


def may_protect():
    tried = subprocess.run(["sh", "-c", f"echo {PROTECTED} > /proc/self/oom_score_adj"], capture_output=True,
                           check=False)
    return tried.returncode == 0


def score(pid):
    return int(read_proc(pid, "oom_score_adj") or 9999)


@ours_only
class OomScores(Case):
    def start(self, *, daemon=False, **keys):
        own = "sh -c 'echo 500 > /proc/self/oom_score_adj && exec " + probe("wait") + "'"
        d = self.supervisord({"a": {"command": probe("wait"), "startsecs": 0},
                              "wrapped": {"command": own, "startsecs": 0},
                              "later": {"command": probe("wait"), "startsecs": 0, "autostart": False}}, **keys)
        d.dir.chmod(0o777)
        before = pathlib.Path("/proc/self/oom_score_adj").read_text().strip()
        pathlib.Path("/proc/self/oom_score_adj").write_text(str(GIVEN))
        try:
            if daemon:
                d.start_daemon()
            else:
                d.start()
        finally:
            pathlib.Path("/proc/self/oom_score_adj").write_text(before)
        wait_until(lambda: d.state("wrapped") == "RUNNING" and score(d.pid_of("wrapped")) == 500, "the wrapper's score")
        return d

    def check(self, d, protected=True):
        self.assertEqual(score(d.pid), PROTECTED if protected and may_protect() else GIVEN)
        self.assertEqual(score(d.engine_pid), GIVEN)
        self.assertEqual(score(d.pid_of("a")), GIVEN)
        self.assertEqual(score(d.pid_of("wrapped")), 500)

    def check_deaths(self, d, protected=True):
        self.check(d, protected)
        d.new_engine(d.kill_engine())
        d.wait_ready_again()
        self.check(d, protected)
        old = d.pid
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: d.read("s.pid") not in ("", f"{old}\n"), "another pid in the pidfile")
        d.wait_ready_again()
        self.check(d, protected)
        d.rpc.supervisor.startProcess("later")
        self.assertEqual(score(d.pid_of("later")), GIVEN)

    def test_in_the_foreground(self):
        self.check_deaths(self.start())

    def test_in_the_background(self):
        self.check_deaths(self.start(daemon=True))

    @root_only
    def test_a_keeper_without_rights_of_its_own(self):
        """What it could not give back in its children's name it does not take."""
        self.check_deaths(self.start(supervisord={"user": "nobody"}), protected=False)

    @root_only
    def test_a_program_cannot_lower_its_score(self):
        d = self.supervisord({"a": {"command": "sh -c 'echo -1 > /proc/self/oom_score_adj; echo $?; exec sleep 1000'",
                                    "user": "nobody", "stdout_logfile": "%(here)s/a", "startsecs": 0}})
        d.start()
        self.assertNotEqual(d.wait_text("a", "\n"), "0\n")


if __name__ == "__main__":
    main()
