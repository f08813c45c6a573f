#!/usr/bin/python3
"""Processes that are nobody's: programs that put themselves in the background, and orphans that fall to PID 1."""
import os
import signal

from harness import (Case, all_pids, kill_quietly, main, need_namespace, ours_only, probe, proc_alive, proc_parent, proc_state,
                     read_proc, wait_until)


class SelfDaemonizing(Case):
    def background_pids(self, d):
        return [pid for pid in d.marked() if b"daemonize" in read_proc(pid, "cmdline").split(b"\0")]

    def end_them(self, d):
        while pids := self.background_pids(d):
            for pid in pids:
                kill_quietly(pid, signal.SIGKILL)
            wait_until(lambda p=pids: not any(map(proc_alive, p)), "the background processes to end")

    @ours_only
    def test_is_recognised_and_named(self):
        d = self.started({"newcomer": {"command": probe("daemonize"), "startretries": 1},
                          "group:g": {"programs": "member"},
                          "member": {"command": probe("daemonize", "--after-ms", 300), "startsecs": 0,
                                     "autorestart": False},
                          "fine": {"command": probe("exit-after", 100, 0), "startsecs": 0, "autorestart": False}})
        self.addCleanup(self.end_them, d)
        d.wait_state("newcomer", "FATAL")
        d.wait_state("g:member", "EXITED")
        d.wait_state("fine", "EXITED")
        for name in ("newcomer", "member"):
            lines = d.wait_log(rf"\b{name}\b.*background")
            self.assertEqual(len(lines), 1, lines)  # once, not with every try
            self.assertRegex(lines[0], r"^WARN ")
        self.assertEqual(d.log_lines(r"\bfine\b.*background"), [])
        self.assertEqual(d.info("newcomer")["spawnerr"], "Exited too quickly (process log may have details)")
        # adoption sends no signal: the background processes live on
        wait_until(lambda: len(self.background_pids(d)) >= 3, "the background processes")
        self.end_them(d)


class ProcessOne(Case):
    def test_as_pid_1(self):
        namespace = need_namespace("-pf", "--mount-proc")
        d = self.supervisord({"orphans": {"command": probe("orphans", 20, 100), "startsecs": 0,
                                          "stdout_logfile": "%(here)s/orphans"},
                              "first": {"command": probe("wait"), "startsecs": 0, "priority": 1},
                              "last": {"command": probe("wait"), "startsecs": 0, "priority": 1000}})
        d.launch("-n", wrap=namespace)
        wait_until(lambda: d.read("s.pid") == "1\n", "pid 1 in the pidfile")
        d.wait_all()
        d.wait_text("orphans", "made 20")
        init = self.inside(d)
        wait_until(lambda: not self.zombies(d), lambda: f"no zombies; {self.zombies(d)}")
        wait_until(lambda: len(d.log_lines(r"^INFO reaped unknown pid \d+ \(exit status 0\)$")) == 20, "20 orphans")
        os.kill(init, signal.SIGTERM)
        self.assertEqual(d.process.wait(30), 0)
        self.assertEqual(d.log_lines("^WARN stopped"), [f"WARN stopped: {n} (terminated by SIGTERM)"
                                                        for n in ("last", "orphans", "first")])

    def inside(self, d):
        """Pid, as seen from here, of the daemon that is 1 inside: the child of unshare."""
        return wait_until(lambda: [p for p in all_pids() if proc_parent(p) == d.process.pid], "the child of unshare")[0]

    def zombies(self, d):
        init = self.inside(d)
        return [pid for pid in all_pids() if proc_parent(pid) == init and proc_state(pid) == "Z"]


if __name__ == "__main__":
    main()
