#!/usr/bin/python3
"""Changes at run time: reread, update, add, remove, avail, and restarts; and that none of it is lost when engine or
keeper are killed."""
import os
import pathlib
import signal
import unittest
from xmlrpc.client import Fault

from harness import Case, kill_quietly, main, ours_only, probe, proc_alive, read_proc, wait_until
from rpc import fault_of


def waiting(**keys):
    return {"command": probe("wait"), "startsecs": 0, **keys}


class Reread(Case):
    def test_differences_are_told_and_nothing_happens(self):
        d = self.started({"a": waiting(), "b": waiting(), "c": waiting()})
        before = d.wait_all()
        d.write_config({"b": waiting(priority=5), "c": waiting(), "d": waiting()})
        for _ in range(2):
            self.assertEqual(d.rpc.supervisor.reloadConfig(), [[["d"], ["b"], ["a"]]])
        after = d.wait_all()
        self.assertEqual({n: i["pid"] for n, i in after.items()}, {n: i["pid"] for n, i in before.items()})
        self.assertEqual([(i["name"], i["inuse"]) for i in d.rpc.supervisor.getAllConfigInfo()],
                         [("b", True), ("c", True), ("d", False)])
        self.assertEqual(fault_of(d.rpc.supervisor.addProcessGroup, "nope"), "BAD_NAME: nope")
        self.assertEqual(fault_of(d.rpc.supervisor.addProcessGroup, "c"), "ALREADY_ADDED: c")
        self.assertEqual(fault_of(d.rpc.supervisor.removeProcessGroup, "nope"), "BAD_NAME: nope")
        self.assertEqual(fault_of(d.rpc.supervisor.removeProcessGroup, "c"), "STILL_RUNNING: c")

    def test_a_bad_file_changes_nothing(self):
        d = self.started({"a": waiting()})
        good = d.config.read_text()
        d.config.write_text(good + "[program:bad]\n")
        self.assertEqual(fault_of(d.rpc.supervisor.reloadConfig),
                         "CANT_REREAD: program section program:bad does not specify a command in section 'program:bad' "
                         f"(file: '{d.config}')")
        self.assertEqual(d.ctl("avail").stdout.split()[:2], ["a", "in"])
        self.assertEqual(d.ctl("reread").stdout.splitlines()[0][:6], "ERROR:")
        d.config.unlink()
        self.assertEqual(fault_of(d.rpc.supervisor.reloadConfig),
                         f"CANT_REREAD: could not find config file {d.config}")
        self.assertEqual(d.state("a"), "RUNNING")

    @ours_only
    def test_the_log_says_which_line_is_to_blame(self):
        d = self.started({"a": waiting()})
        line = len(d.config.read_text().splitlines()) + 1
        d.config.write_text(d.config.read_text() + "[program:bad]\n")
        fault_of(d.rpc.supervisor.reloadConfig)
        self.assertEqual(len(d.log_lines(f"WARN the configuration is not reread: .*s.conf:{line}\\)$")), 1)

    def test_the_identifier_changes_at_once(self):
        d = self.started({"a": waiting()})
        d.write_config({"a": waiting()}, supervisord={"identifier": "second"})
        self.assertEqual(d.rpc.supervisor.reloadConfig(), [[[], [], []]])
        self.assertEqual(d.rpc.supervisor.getIdentification(), "second")

    def test_the_members_of_a_configuration(self):
        d = self.started({"a": waiting(stderr_logfile="NONE", stdout_logfile="%(here)s/a", exitcodes="0,2",
                                       stopsignal="INT")})
        info, = d.rpc.supervisor.getAllConfigInfo()
        self.assertEqual(info, {
            "autostart": True, "directory": "none", "uid": "none", "command": probe("wait"), "exitcodes": [0, 2],
            "group": "a", "group_prio": 999, "inuse": True, "killasgroup": False, "name": "a", "process_prio": 999,
            "redirect_stderr": False, "startretries": 3, "startsecs": 0, "stdout_capture_maxbytes": 0,
            "stdout_events_enabled": False, "stdout_logfile": str(d.dir / "a"), "stdout_logfile_backups": 10,
            "stdout_logfile_maxbytes": 52428800, "stdout_syslog": False, "stopsignal": 2, "stopwaitsecs": 10,
            "stderr_capture_maxbytes": 0, "stderr_events_enabled": False, "stderr_logfile": "none",
            "stderr_logfile_backups": 10, "stderr_logfile_maxbytes": 52428800, "stderr_syslog": False,
            "serverurl": "none"})

    def test_an_automatic_log_is_named_until_the_next_reread(self):
        d = self.started({"a": waiting()})
        path = d.info("a")["stdout_logfile"]
        self.assertEqual(d.rpc.supervisor.getAllConfigInfo()[0]["stdout_logfile"], path)
        d.rpc.supervisor.reloadConfig()
        self.assertEqual(d.rpc.supervisor.getAllConfigInfo()[0]["stdout_logfile"], "auto")
        self.assertEqual(d.info("a")["stdout_logfile"], path)


class Update(Case):
    def test_reread_and_update_by_supervisorctl(self):
        d = self.started({"a": waiting(), "b": waiting(), "c": waiting()})
        before = d.wait_all()
        d.write_config({"b": waiting(environment="X=1"), "c": waiting(), "d": waiting()})
        self.assertEqual(d.ctl("reread").stdout.splitlines(), ["a: disappeared", "b: changed", "d: available"])
        self.assertEqual(d.ctl("update").stdout.splitlines(),
                         ["a: stopped", "a: removed process group", "b: stopped", "b: updated process group",
                          "d: added process group"])
        after = d.wait_all()
        self.assertEqual(sorted(after), ["b", "c", "d"])
        self.assertEqual(after["c"]["pid"], before["c"]["pid"])
        self.assertNotEqual(after["b"]["pid"], before["b"]["pid"])
        self.assertEqual(d.ctl("reread").stdout, "No config updates to processes\n")
        self.assertEqual(d.ctl("update").stdout, "")

    def test_add_and_remove(self):
        d = self.started({"a": waiting()})
        d.write_config({"a": waiting(), "b": waiting(), "idle": waiting(autostart=False)})
        self.assertEqual(d.ctl("add", "b").stdout, "ERROR: no such process/group: b\n")
        d.ctl("reread")
        self.assertEqual(d.ctl("add", "b", "idle").stdout, "b: added process group\nidle: added process group\n")
        d.wait_state("b", "RUNNING")
        self.assertEqual(d.info("idle")["description"], "Not started")
        self.assertEqual(d.ctl("remove", "b").stdout, "ERROR: process/group still running: b\n")
        d.ctl("stop", "b")
        self.assertEqual(d.ctl("remove", "b").stdout, "b: removed process group\n")
        self.assertEqual(sorted(d.all_info()), ["a", "idle"])
        self.assertEqual(d.ctl("avail").stdout.count("in use"), 2)
        d.ctl("add", "b")
        d.wait_state("b", "RUNNING")

    def test_added_groups_come_after_their_equals(self):
        d = self.started({"m": waiting()})
        d.write_config({"m": waiting(), "a": waiting(), "z": waiting(priority=1)})
        d.ctl("update")
        d.wait_all()
        d.stop()
        stops = [line.split()[2] for line in d.log_lines("stopped: ")]
        self.assertEqual(stops, ["a", "m", "z"], "backwards: by priority, then as they came")

    @ours_only
    def test_a_relative_file_is_still_found_after_daemonizing(self):
        d = self.supervisord({"a": waiting()}, supervisord={"directory": "/"})
        ended = d.run_to_end("-c", "s.conf", config=False)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        d.wait_ready_again()
        self.assertEqual(os.readlink(f"/proc/{d.pid}/cwd"), "/")
        d.write_config({"a": waiting(), "b": waiting()}, supervisord={"directory": "/"})
        self.assertEqual(d.rpc.supervisor.reloadConfig(), [[["b"], [], []]])
        os.kill(d.pid, signal.SIGHUP)
        d.wait_log("success: b")
        d.wait_ready_again()


class ClearedLogs(Case):
    def test_the_log_of_a_process(self):
        d = self.started({"a": {"command": probe("say", "hello"), "startsecs": 0, "stdout_logfile": "%(here)s/a"},
                          "idle": waiting(autostart=False)})
        d.wait_text("a", "hello")
        self.assertEqual(d.ctl("clear", "a").stdout, "a: cleared\n")
        self.assertEqual(d.read("a"), "")
        self.assertEqual(d.ctl("clear", "all").stdout, "a: cleared\nidle: cleared\n")
        self.assertEqual(fault_of(d.rpc.supervisor.clearProcessLogs, "nope"), "BAD_NAME: nope")

    def test_the_main_log(self):
        d = self.started({"a": waiting()})
        d.wait_state("a", "RUNNING")
        d.wait_log("success: a")
        self.assertTrue(d.rpc.supervisor.clearLog())
        self.assertEqual(d.read("s.log"), "")
        d.logfile.unlink()
        self.assertEqual(fault_of(d.rpc.supervisor.clearLog), "NO_FILE")


@ours_only
class Survival(Case):
    """Whatever was accepted is still so for the next engine and the next keeper; the disk is not asked."""

    def changed(self):
        """A daemon whose active groups come from three readings; the file on the disk is nonsense by now."""
        d = self.started({"a": waiting(), "b": waiting(), "c": waiting()})
        d.write_config({"a": waiting(), "b": waiting(environment="X=2"), "c": waiting(), "d": waiting()})
        d.ctl("update")
        d.write_config({"a": waiting(), "b": waiting(environment="X=2"), "e": waiting(autostart=False),
                        "d": waiting(priority=3), "f": waiting()}, supervisord={"identifier": "third"})
        self.assertEqual(d.rpc.supervisor.reloadConfig(), [[["e", "f"], ["d"], ["c"]]])
        d.rpc.supervisor.addProcessGroup("e")
        d.config.write_text("nonsense\n")
        return d

    def view(self, d):
        infos = d.all_info()
        return ({n: (i["statename"], i["pid"], i["start"], i["stdout_logfile"]) for n, i in infos.items()},
                [(i["name"], i["inuse"], i["process_prio"], i["stdout_logfile"])
                 for i in d.rpc.supervisor.getAllConfigInfo()],
                d.rpc.supervisor.getIdentification())

    def test_an_engine_kill_changes_nothing(self):
        d = self.changed()
        before = self.view(d)
        self.assertEqual(sorted(before[0]), ["a", "b", "c", "d", "e"])
        for _ in range(2):
            d.new_engine(d.kill_engine())
            self.assertEqual(self.view(d), before)
        environ = pathlib.Path(f"/proc/{before[0]['b'][1]}/environ").read_bytes()
        self.assertIn(b"X=2", environ.split(b"\0"))
        self.assertEqual(fault_of(d.rpc.supervisor.reloadConfig)[:11], "CANT_REREAD")
        d.rpc.supervisor.addProcessGroup("f")
        d.wait_state("f", "RUNNING")
        d.rpc.supervisor.stopProcess("b")
        d.new_engine(d.kill_engine())
        d.patient(lambda: d.rpc.supervisor.startProcess("b"))
        again = d.pid_of("b")  # RUNNING at once, so perhaps not yet at its exec
        wait_until(lambda: b"X=2" in read_proc(again, "environ").split(b"\0"), "the environment of the load that it came from")

    def test_a_keeper_kill_changes_nothing(self):
        d = self.changed()
        before = self.view(d)
        old = d.pid
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: d.pid != old, "another pid in the pidfile")
        d.wait_ready_again()
        self.assertEqual(self.view(d), before)

    def test_kills_during_updates(self):
        """Engines die while groups come and go. At the end everything is as the last update wants it."""
        programs = {name: waiting(stdout_logfile="NONE", stderr_logfile="NONE") for name in "abcdefgh"}
        d = self.started(programs)
        for turn in range(6):
            wanted = {n: {**p, "startretries": 3 + turn} for n, p in programs.items() if (ord(n) + turn) % 3}
            d.write_config(wanted)
            d.rpc.supervisor.reloadConfig()
            names = sorted(set(d.all_info()) | set(wanted))
            for number, name in enumerate(names):
                if number % 3 == turn % 3:
                    kill_quietly(d.find_engine() or 0, signal.SIGKILL)
                for call in (lambda: d.rpc.supervisor.stopProcessGroup(name),
                             lambda: d.rpc.supervisor.removeProcessGroup(name)):
                    d.patient(lambda call=call: self.fault_or_nothing(call))
                if name in wanted:
                    d.patient(lambda: self.fault_or_nothing(lambda: d.rpc.supervisor.addProcessGroup(name)))
            d.wait_ready_again()
            infos = d.wait_all()
            self.assertEqual(sorted(infos), sorted(wanted))
            self.assertEqual(d.rpc.supervisor.reloadConfig(), [[[], [], []]])
            self.assertEqual(len({i["pid"] for i in infos.values()}), len(infos))
        self.assertTrue(all(proc_alive(i["pid"]) for i in infos.values()))

    def fault_or_nothing(self, call):
        """Repeated after an engine's death, a call may meet what its first try has done."""
        try:
            call()
        except Fault as fault:
            self.assertIn(fault.faultString.split(":")[0], ("BAD_NAME", "ALREADY_ADDED"))

    def test_nothing_is_left_of_what_is_removed(self):
        d = self.started({"a": waiting()})
        for turn in range(30):
            d.write_config({"a": waiting(), "b": waiting(startretries=turn)})
            d.ctl("update")
        d.wait_state("b", "RUNNING")
        d.new_engine(d.kill_engine())
        loads = [fd for fd in os.listdir(f"/proc/{d.pid}/fd")
                 if "upkeep-load" in os.readlink(f"/proc/{d.pid}/fd/{fd}")]
        self.assertLessEqual(len(loads), 2)


@ours_only
class FailedRestart(Case):
    def test_is_told_in_the_log_and_on_stderr(self):
        d = self.started({"a": waiting()})
        d.wait_state("a", "RUNNING")
        d.config.write_text("[supervisord]\n[program:bad]\n")
        os.kill(d.pid, signal.SIGHUP)
        self.assertEqual(d.process.wait(30), 2)
        text = "Error: program section program:bad does not specify a command in section 'program:bad'"
        self.assertIn(text, d.read("output"))
        self.assertEqual(len(d.log_lines(f"CRIT {text}")), 1)
        self.assertEqual(len(d.log_lines("stopped: a ")), 1)

    def test_of_a_daemon(self):
        d = self.supervisord({"a": waiting()}).start_daemon()
        d.wait_state("a", "RUNNING")
        pid = d.pid
        d.config.unlink()
        os.kill(pid, signal.SIGHUP)
        wait_until(lambda: not proc_alive(pid), "the end")
        self.assertEqual(len(d.log_lines(f"CRIT Error: could not find config file {d.config}")), 1)


if __name__ == "__main__":
    main()
