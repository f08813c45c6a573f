#!/usr/bin/python3
"""Service directories inside supervisord ([svscan:NAME])."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import unittest

from harness import BIN, PEERS, Case, check_lines, main, ours_only, probe, proc_alive, proc_started, wait_until

SCRIPT = pathlib.Path(__file__).with_name("event_listener.py")
MODULES = PEERS / "root/usr/lib/python3/dist-packages"
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
        self.assertRegex(self.svstat(web), DOWN + ", normally up")  # before supervisorctl had its answer
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


    def test_the_rest_of_supervisorctl(self):
        d = self.prepare()
        web = self.service("web", "trap 'echo got usr1' USR1\necho ready\nwhile :; do sleep 0.05; done")
        d.start()
        self.wait_known("services:web")
        tail = lambda: d.ctl("tail", "services:web").stdout.rstrip("\n")  # noqa: E731
        wait_until(lambda: tail() == "ready", tail)
        self.assertEqual(d.ctl("signal", "USR1", "services:web").stdout, "services:web: signalled\n")
        wait_until(lambda: tail() == "ready\ngot usr1", tail)
        info = d.info("services:web")
        self.assertEqual((info["group"], info["name"], info["statename"]), ("services", "web", "RUNNING"))
        self.assertTrue(os.path.exists(info["stdout_logfile"]), info)
        self.assertEqual(d.ctl("clear", "services:web").stdout, "services:web: cleared\n")
        self.assertEqual(tail(), "")
        self.assertIn("services:web", d.ctl("avail").stdout)
        self.assertEqual(d.rpc.supervisor.stopProcessGroup("services")[0]["name"], "web")
        self.wait_svstat(web, DOWN + ", normally up")
        self.assertEqual(d.rpc.supervisor.startProcessGroup("services")[0]["description"], "OK")
        self.wait_svstat(web, UP)
        self.assertIn("ERROR (no such process)", d.ctl("start", "services:none").stdout)

    def test_a_group_is_removed_and_added(self):
        """Over and over, as fast as the calls go: each time the directories are free at once."""
        d = self.prepare()
        web = self.service("web", log="exec cat >> lines")
        d.start()
        for _ in range(5):
            self.wait_known("services:web")
            self.wait_known("services:web/log")
            d.ctl("stop", "services:*")
            d.rpc.supervisor.removeProcessGroup("services")
            self.assertEqual(self.names(), [])
            wait_until(lambda: self.tool("svok", web).returncode == 100, "the keeper to let go of the fifo")
            d.rpc.supervisor.addProcessGroup("services")
        self.assertEqual(d.log_lines("unable to acquire"), [])

    def test_no_line_is_lost_at_a_shutdown(self):
        d = self.prepare()
        # While the logger sleeps the pipe fills.
        self.service("web", f"trap 'kill $!' TERM; {probe('lines', '--rate', 20000)} & wait; wait; echo the end",
                     log=f"sleep 0.5; exec {BIN}/multilog s16777215 n100 ./main")
        d.start()
        self.wait_known("services:web")
        wait_until(lambda: d.read("scan/web/log/main/current"), "the first lines")
        self.assertEqual(d.stop(), 0)
        written = sorted((self.scan / "web/log/main").glob("@*")) + [self.scan / "web/log/main/current"]
        found = check_lines(*written, any_text=True)
        self.assertEqual(found["lost"], 0, found)
        self.assertTrue(written[-1].read_bytes().endswith(b"\nthe end\n"), written[-1].read_bytes()[-200:])

    def test_scripts_around_it_run_at_a_shutdown(self):
        d = self.prepare()
        self.service("web", files={"finish": "#!/bin/sh\necho \"$1 $2\" >> finished\n"})
        (self.scan / "web/finish").chmod(0o755)
        d.start()
        self.wait_known("services:web")
        self.assertEqual(d.stop(), 0)
        self.assertEqual(d.read("scan/web/finished"), "-1 15\n")

    def test_a_hook_may_talk(self):
        """More than any pipe holds, and nobody reads it."""
        d = self.prepare()
        web = self.service("web")
        (web / "control").mkdir()
        (web / "control/h").write_text("#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\necho done >> told\n")
        (web / "control/h").chmod(0o755)
        d.start()
        pid = self.wait_known("services:web")["pid"]
        self.tool("svc", "-h", web)
        d.wait_text("scan/web/told", "done\n")
        self.assertEqual(d.pid_of("services:web"), pid, "the hook's success replaces the signal")
        self.tool("svc", "-k", web)
        wait_until(lambda: d.pid_of("services:web") not in (0, pid), "the next command is taken")

    def test_commands_wait_for_an_engine(self):
        d = self.prepare()
        web = self.service("web")
        d.start()
        pid = self.wait_known("services:web")["pid"]
        with d.without_engine():
            self.tool("svc", "-d", web)
            self.assertTrue(proc_alive(pid))
        d.wait_ready_again()
        self.wait_svstat(web, DOWN + ", normally up")
        self.assertFalse(proc_alive(pid))

    @unittest.skipUnless((MODULES / "supervisor/childutils.py").exists(), "no childutils (scripts/fetch-peers brings it)")
    def test_events_are_of_run_alone(self):
        d = self.prepare({"eventlistener:lis": {
            "command": f"/usr/bin/python3 -W ignore {SCRIPT} ok %(here)s", "startsecs": 0, "buffer_size": 1000,
            "events": "PROCESS_STATE", "environment": f'PYTHONPATH="{MODULES}",PYTHONDONTWRITEBYTECODE="1"'}})
        d.start()
        d.wait_state("lis", "RUNNING")
        web = self.service("web", files={"finish": "#!/bin/sh\nexit 0\n"})
        (web / "finish").chmod(0o755)
        self.wait_known("services:web")
        d.ctl("stop", "services:web")
        told = lambda: [event["eventname"].removeprefix("PROCESS_STATE_")  # noqa: E731
                        for event in map(json.loads, d.read("lis").splitlines())
                        if "groupname:services" in event["payload"]]
        wait_until(lambda: told()[-1:] == ["STOPPED"], lambda: told())
        self.assertEqual(told(), ["STARTING", "RUNNING", "STOPPING", "STOPPED"])


if __name__ == "__main__":
    main()
