#!/usr/bin/python3
"""Programs of the configuration as service directories (servicedir), for daemontools' programs."""
import os
import re
import signal
import subprocess

from harness import BIN, Case, main, ours_only, proc_alive, proc_started, wait_until

SLEEP = {"command": "/bin/sleep 1000", "startsecs": 0}


@ours_only
class ProgramDirectories(Case):
    def prepare(self, programs, **keys):
        self.d = d = self.supervisord()
        self.folder = d.dir / "run"
        d.write_config(programs, {"servicedir": self.folder, **keys})
        return d.start()

    def tool(self, *words):
        ended = subprocess.run([str(BIN / words[0]), *map(str, words[1:])], text=True, capture_output=True, timeout=60,
                               check=False)
        self.assertEqual(ended.stderr, "")
        return ended

    def svc(self, letters, name="web"):
        self.tool("svc", letters, self.folder / name)

    def svok(self, name="web"):
        return self.tool("svok", self.folder / name).returncode == 0

    def svstat(self, name="web"):
        return self.tool("svstat", self.folder / name).stdout.removeprefix(f"{self.folder / name}: ").rstrip("\n")

    def wait_svstat(self, pattern, name="web"):
        return wait_until(lambda: re.fullmatch(pattern, line := self.svstat(name)) and line,
                          lambda: f"{pattern!r}; it is {self.svstat(name)!r}\n{self.d.log_tail()}")

    def wait_up(self, name="web"):
        """Up, with the pid that supervisorctl knows, which it returns."""
        pid = self.d.wait_state(name, "RUNNING")["pid"]
        self.wait_svstat(rf"up \(pid {pid}\) \d+ seconds.*", name)
        return pid

    def wait_another(self, pid, name="web"):
        return wait_until(lambda: (now := self.d.pid_of(name)) not in (0, pid) and now, "another process")

    def test_names(self):
        d = self.prepare({"web": SLEEP, "many": {**SLEEP, "numprocs": 2, "process_name": "%(program_name)s_%(process_num)d"},
                          "dns": SLEEP, "group:net": {"programs": "dns"}})
        d.wait_all()
        self.assertEqual(sorted(os.listdir(self.folder)), ["many:many_0", "many:many_1", "net:dns", "web"])
        for name in os.listdir(self.folder):
            self.wait_up(name)

    def test_letters(self):
        d = self.prepare({"web": {**SLEEP, "autorestart": True}})
        first = self.wait_up()
        self.assertTrue(self.svok())
        self.svc("-t")
        second = self.wait_another(first)
        self.svc("-p")
        self.wait_svstat(r"up \(pid \d+\) \d+ seconds, paused")
        self.svc("-c")
        self.wait_svstat(r"up \(pid \d+\) \d+ seconds")
        self.svc("-k")
        self.wait_another(second)
        self.svc("-x")
        self.svc("-d")
        d.wait_state("web", "STOPPED")
        self.wait_svstat(r"down \d+ seconds, normally up")
        self.assertTrue(self.svok(), "'x' means nothing: the daemon stays")
        self.svc("-u")
        self.wait_up()
        d.ctl("stop", "web")
        self.wait_svstat(r"down \d+ seconds, normally up")

    def test_what_is_normal(self):
        self.prepare({"web": SLEEP, "off": {**SLEEP, "autostart": False}})
        self.wait_svstat(r"down \d+ seconds", "off")
        self.svc("-u", "off")
        self.d.wait_state("off", "RUNNING")
        self.wait_svstat(r"up \(pid \d+\) \d+ seconds, normally down", "off")

    def test_the_policy_is_the_sections(self):
        d = self.prepare({"web": {"command": "/bin/sh -c 'exit 3'", "startsecs": 1, "startretries": 1}})
        d.wait_state("web", "FATAL")
        self.wait_svstat(r"down \d+ seconds, normally up")

    def test_an_engine_dies(self):
        d = self.prepare({"web": {**SLEEP, "autorestart": True}})
        pid = self.wait_up()
        started, line = proc_started(pid), self.svstat().split(" seconds")[0]
        d.kill_engine()
        self.assertTrue(self.svok(), "never free, not even while there is no engine")
        d.wait_ready_again()
        self.assertEqual((d.pid_of("web"), proc_started(pid)), (pid, started))
        self.assertEqual(self.svstat().split(")")[0], line.split(")")[0])
        with d.without_engine():
            self.svc("-d")
            self.assertTrue(proc_alive(pid))
            self.assertTrue(self.svok())
        d.wait_ready_again()
        d.wait_state("web", "STOPPED")
        self.wait_svstat(r"down \d+ seconds, normally up")

    def test_a_keeper_dies(self):
        d = self.prepare({"web": {**SLEEP, "autorestart": True}})
        pid = self.wait_up()
        old = d.pid
        os.kill(old, signal.SIGKILL)
        self.assertTrue(self.svok())
        wait_until(lambda: d.pid != old and d.is_ready(), "a new keeper")
        self.assertEqual(self.wait_up(), pid)
        self.svc("-t")
        self.wait_another(pid)
        self.wait_up()

    def test_changes(self):
        """A program that is exchanged has its directory at once, however often; one that is removed is not supervised."""
        d = self.prepare({"web": SLEEP, "stays": SLEEP})
        for priority in range(1, 6):
            self.wait_up()
            d.write_config({"web": {**SLEEP, "priority": priority}, "stays": SLEEP}, {"servicedir": self.folder})
            d.ctl("update")
        self.wait_up()
        d.write_config({"stays": SLEEP}, {"servicedir": self.folder})
        d.ctl("update")
        self.assertFalse(self.svok())
        self.wait_up("stays")
        d.ctl("reload")
        wait_until(lambda: d.is_ready() and self.svok("stays"), "the next life of the daemon")
        self.wait_up("stays")
        self.assertEqual(d.log_lines("no service directory"), [])
        self.assertEqual(d.stop(), 0)
        self.assertFalse(self.svok("stays"))

    def test_a_folder_that_cannot_be_made(self):
        self.d = d = self.supervisord()
        self.folder = d.dir / "file/run"
        (d.dir / "file").write_text("")
        d.write_config({"web": SLEEP}, {"servicedir": self.folder})
        d.start()
        d.wait_state("web", "RUNNING")
        self.assertEqual(d.log_lines("service directory"),
                         [f"WARN 'web' has no service directory: unable to create {self.folder}/web: not a directory"])
        self.assertEqual(d.ctl("restart", "web").stdout, "web: stopped\nweb: started\n")


if __name__ == "__main__":
    main()
