#!/usr/bin/python3
"""Service directories inside supervisord ([svscan:NAME]), and programs as service directories (servicedir)."""
import os
import re
import shutil
import signal
import subprocess

from harness import BIN, Case, main, ours_only, probe, proc_alive, proc_started, read_proc, wait_until

UP = r"up \(pid \d+\) \d+ seconds"
DOWN = r"down \d+ seconds"
SLEEP = "exec sleep 1000"


class Services(Case):
    """A supervisord with a folder `scan`, and daemontools' programs of ours."""

    def prepare(self, sections=None, **keys):
        self.d = self.supervisord()
        self.scan = self.d.dir / "scan"
        self.scan.mkdir()
        self.sections = {"svscan:services": {"directory": self.scan, **keys}, **(sections or {})}
        self.d.write_config(self.sections)
        return self.d

    def service(self, name, run=SLEEP, log=None, files=None, mode=0o755):
        """Made beside the scanned folder and moved there whole."""
        fresh = self.d.dir / f"fresh-{name}"
        fresh.mkdir()
        scripts = {"run": run, **({"log/run": log} if log else {})}
        for script, text in scripts.items():
            path = fresh / script
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(mode)
        for file, text in (files or {}).items():
            (fresh / file).write_text(text)
        fresh.rename(self.scan / name)
        return self.scan / name

    def tool(self, *words, env=None):
        ended = subprocess.run([str(BIN / words[0]), *map(str, words[1:])], cwd=self.d.dir, text=True, capture_output=True,
                               env={**os.environ, **(env or {})}, timeout=60, check=False)
        self.assertEqual(ended.stderr, "")
        return ended

    def svstat(self, path):
        return self.tool("svstat", path).stdout.removeprefix(f"{path}: ").rstrip("\n")

    def wait_svstat(self, path, pattern):
        return wait_until(lambda: re.fullmatch(pattern, line := self.svstat(path)) and line,
                          lambda: f"{pattern!r}; it is {self.svstat(path)!r}\n{self.d.log_tail()}")

    def names(self):
        return sorted(self.d.all_info())

    def wait_known(self, name):
        wait_until(lambda: name in self.names(), lambda: f"{name} among {self.names()}\n{self.d.log_tail()}")
        return self.d.wait_state(name, "RUNNING")


@ours_only
class Section(Services):
    def test_services_are_processes_of_a_group(self):
        d = self.prepare({"program:plain": {"command": probe("exit-on-usr1", 0), "startsecs": 0}})
        web = self.service("web", "echo out; exec sleep 1000", log="exec cat >> lines")
        down = self.service("off", files={"down": ""})
        d.start()
        for name in ("services:web", "services:web/log"):
            self.wait_known(name)
        self.assertEqual(self.names(), ["plain", "services:off", "services:web", "services:web/log"])
        self.assertEqual(d.state("services:off"), "STOPPED")
        d.wait_text("scan/web/log/lines", "out\n")
        self.assertEqual(d.ctl("pid", "services:web").stdout, f"{d.pid_of('services:web')}\n")
        self.assertRegex(d.ctl("status", "services:*").stdout,
                         r"\Aservices:off +STOPPED +Not started\nservices:web +RUNNING +pid \d+, uptime 0:00:\d\d\n"
                         r"services:web/log +RUNNING +pid \d+, uptime 0:00:\d\d\n\Z")
        self.assertEqual(self.svstat(web).split(" seconds")[0].split(")")[0], f"up (pid {d.pid_of('services:web')}")
        self.assertRegex(self.svstat(down), DOWN)
        self.assertEqual(self.tool("svok", web).returncode, 0)

    def test_verbs_and_letters_mean_the_same(self):
        d = self.prepare()
        web = self.service("web")
        d.start()
        first = self.wait_known("services:web")["pid"]
        self.assertEqual(d.ctl("stop", "services:web").stdout, "services:web: stopped\n")
        self.wait_svstat(web, DOWN + ", normally up")
        self.tool("svc", "-u", web)
        second = d.wait_state("services:web", "RUNNING")["pid"]
        self.tool("svc", "-d", web)
        d.wait_state("services:web", "STOPPED")
        self.assertEqual(d.ctl("start", "services:web").stdout, "services:web: started\n")
        self.wait_svstat(web, UP)
        third = d.pid_of("services:web")
        d.ctl("restart", "services:web")
        self.wait_svstat(web, UP)
        self.assertEqual(len({first, second, third, d.pid_of("services:web")}), 4)
        d.ctl("signal", "STOP", "services:web")
        self.tool("svc", "-k", web)
        wait_until(lambda: d.pid_of("services:web") not in (0, first, second, third), "another one")

    def test_it_never_gives_up(self):
        d = self.prepare()
        self.service("bad", "echo run >> runs; exit 1")
        self.service("none", "#", mode=0o644)
        d.start()
        d.wait_text("scan/bad/runs", "run\n" * 6)  # startretries would be three
        self.assertNotIn("FATAL", {info["statename"] for info in d.all_info().values()})
        (self.scan / "none/run").write_text("#!/bin/sh\nexec sleep 1000\n")
        (self.scan / "none/run").chmod(0o755)
        self.wait_known("services:none")

    def test_directories_come_and_go(self):
        d = self.prepare()
        d.start()
        self.assertEqual(self.names(), [])
        web = self.service("web")
        pid = self.wait_known("services:web")["pid"]
        web.rename(self.scan / "renamed")
        wait_until(lambda: self.names() == ["services:renamed"], lambda: f"the new name, not {self.names()}")
        self.assertEqual(d.pid_of("services:renamed"), pid)
        (self.scan / "renamed").rename(d.dir / "away")
        self.service("other")
        self.wait_known("services:other")
        self.assertTrue(proc_alive(pid))
        self.assertRegex(self.svstat(d.dir / "away"), UP)
        self.tool("svc", "-dx", d.dir / "away")
        wait_until(lambda: self.names() == ["services:other"], lambda: f"the other alone, not {self.names()}")

    def test_an_engine_and_a_keeper_die(self):
        d = self.prepare()
        web = self.service("web", log="exec cat >> lines")
        d.start()
        names = ("services:web", "services:web/log")
        before = {name: (pid := self.wait_known(name)["pid"], proc_started(pid)) for name in names}
        d.kill_engine()
        d.wait_ready_again()
        self.assertEqual({name: (pid := d.pid_of(name), proc_started(pid)) for name in names}, before)
        old = d.pid
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: d.pid != old and d.is_ready(), "a new keeper")
        self.assertEqual({name: (pid := d.pid_of(name), proc_started(pid)) for name in names}, before)
        self.tool("svc", "-t", web)
        wait_until(lambda: d.pid_of("services:web") not in (0, before["services:web"][0]), "a restart")

    def test_a_shutdown_stops_services(self):
        d = self.prepare()
        self.service("web", "trap 'echo last words; exit' TERM\necho ready; while :; do sleep 0.05; done",
                     log="exec cat >> lines")
        d.start()
        d.wait_text("scan/web/log/lines", "ready\n")
        self.assertEqual(d.stop(), 0)
        self.assertEqual(d.read("scan/web/log/lines"), "ready\nlast words\n")

    def test_keys(self):
        d = self.prepare(environment='COLOUR="blue",PLACE="%(host_node_name)s"', umask="027",
                         stdout_logfile="%(here)s/out.log", redirect_stderr=True)
        self.service("web", 'echo "$COLOUR $PLACE"; echo err >&2; umask; exec sleep 1000')
        d.start()
        self.assertEqual(d.wait_text("out.log", "0027\n"), f"blue {os.uname().nodename}\nerr\n0027\n")

    def test_readiness(self):
        d = self.prepare()
        web = self.service("web", "until [ -e go ]; do sleep 0.05; done; echo >&3; exec 3>&-; exec sleep 1000",
                           files={"notification-fd": "3\n"})
        d.start()
        d.wait_state("services:web", "STARTING")
        (web / "go").write_text("")
        d.wait_state("services:web", "RUNNING")

    def test_update(self):
        d = self.prepare()
        self.service("web", 'echo "colour $COLOUR" >> told; exec sleep 1000')
        d.start()
        d.wait_text("scan/web/told", "colour \n")
        self.sections["svscan:services"]["environment"] = 'COLOUR="red"'
        d.write_config(self.sections)
        self.assertEqual(d.ctl("reread").stdout, "services: changed\n")
        d.ctl("update")
        d.wait_text("scan/web/told", "colour red\n")
        self.wait_known("services:web")
        d.write_config({})
        d.ctl("update")
        self.assertEqual(self.names(), [])
        self.assertEqual(self.tool("svok", self.scan / "web").returncode, 100)

    def test_two_supervisors(self):
        """A directory that something else supervises is left alone, and taken when it is free."""
        d = self.prepare()
        web = self.service("web")
        other = subprocess.Popen([str(BIN / "supervise"), str(web)], env=d.environment(), stdin=subprocess.DEVNULL)
        self.addCleanup(lambda: (other.kill(), other.wait()))
        self.wait_svstat(web, UP)
        pid = int(self.svstat(web).split()[2].rstrip(")"))
        d.start()
        d.wait_log("unable to acquire .*temporary failure")
        self.assertTrue(proc_alive(pid))
        self.tool("svc", "-dx", web)
        other.wait(30)
        self.wait_known("services:web")

    def test_a_missing_directory(self):
        d = self.prepare()
        shutil.rmtree(self.scan)
        ended = d.run_to_end("-n")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("svscan:services", ended.stderr)


@ours_only
class ProgramsAsDirectories(Services):
    def prepare_programs(self, programs):
        self.d = d = self.supervisord()
        self.folder = d.dir / "run"
        d.write_config(programs, {"servicedir": self.folder})
        return d.start()

    def test_daemontools_programs_work_on_them(self):
        d = self.prepare_programs({"web": {"command": "/bin/sleep 1000", "startsecs": 0},
                                   "off": {"command": "/bin/sleep 1000", "autostart": False},
                                   "many": {"command": "/bin/sleep 1000", "startsecs": 0, "numprocs": 2,
                                            "process_name": "%(program_name)s_%(process_num)d"}})
        d.wait_state("web", "RUNNING")
        web = self.folder / "web"
        self.wait_svstat(web, UP)
        self.assertEqual(self.svstat(web).split()[2], f"{d.pid_of('web')})")
        self.assertEqual(sorted(os.listdir(self.folder)), ["many:many_0", "many:many_1", "off", "web"])
        self.assertRegex(self.svstat(self.folder / "off"), "^down ")
        first = d.pid_of("web")
        self.tool("svc", "-t", web)
        wait_until(lambda: d.pid_of("web") not in (0, first), "a restart")
        self.tool("svc", "-d", web)
        d.wait_state("web", "STOPPED")
        self.wait_svstat(web, "down .*")
        self.tool("svc", "-u", web)
        d.wait_state("web", "RUNNING")
        d.ctl("stop", "web")
        self.wait_svstat(web, "down .*")
        self.tool("svc", "-u", self.folder / "off")
        d.wait_state("off", "RUNNING")
        self.assertEqual(self.tool("svok", web).returncode, 0)
        self.assertEqual(d.stop(), 0)
        self.assertEqual(self.tool("svok", web).returncode, 100)

    def test_they_survive_an_engine(self):
        d = self.prepare_programs({"web": {"command": "/bin/sleep 1000", "startsecs": 0}})
        web = self.folder / "web"
        self.wait_svstat(web, UP)
        before = self.svstat(web).split()[2], read_proc(d.pid_of("web"), "comm")
        d.kill_engine()
        self.assertEqual(self.tool("svok", web).returncode, 0)
        d.wait_ready_again()
        self.assertEqual((self.svstat(web).split()[2], read_proc(d.pid_of("web"), "comm")), before)
        self.tool("svc", "-d", web)
        d.wait_state("web", "STOPPED")


if __name__ == "__main__":
    main()
