#!/usr/bin/python3
"""The life of a process as users see it: states, restarts, failed starts, stops, signals and the order of things."""
import os
import re
import shutil
import signal
import time
import unittest

from harness import DEBIAN, Case, kill_quietly, main, probe, proc_alive, root_only, wait_until
from rpc import fault_of

PROMPT_SECONDS = 3 if DEBIAN else 0.5  # the reference polls once a second


class Starting(Case):
    def test_running_after_startsecs(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 1},
                          "later": {"command": probe("wait"), "autostart": False}})
        info = d.wait_state("a", "RUNNING")
        self.assertEqual(d.log_lines("spawned"), [f"INFO spawned: 'a' with pid {info['pid']}"])
        self.assertEqual(d.wait_log("success"), ["INFO success: a entered RUNNING state, process has stayed up for > "
                                                 "than 1 seconds (startsecs)"])
        self.assertEqual((info["state"], info["group"], info["spawnerr"], info["exitstatus"]), (20, "a", "", 0))
        self.assertRegex(info["description"], rf"^pid {info['pid']}, uptime 0:00:0\d$")
        self.assertEqual(os.getpgid(info["pid"]), info["pid"])
        later = d.info("later")
        self.assertEqual((later["statename"], later["description"], later["start"]), ("STOPPED", "Not started", 0))
        self.assertTrue(d.rpc.supervisor.startProcess("later"))
        self.assertEqual(d.state("later"), "RUNNING")

    def test_start_order_is_priority_then_name_and_groups_keep_theirs(self):
        quiet = {"command": probe("wait"), "startsecs": 0}
        d = self.started({"zz": {**quiet, "priority": 1}, "b": quiet, "a": quiet, "last": {**quiet, "priority": 1000},
                          "m1": quiet, "m2": {**quiet, "priority": 1}, "group:g": {"programs": "m1,m2", "priority": 5},
                          "n": {**quiet, "numprocs": 3, "process_name": "n_%(process_num)d"}})
        d.wait_all("RUNNING")
        started = [re.search(r"'(.*)'", line).group(1) for line in d.log_lines("spawned")]
        self.assertEqual(started, ["zz", "m1", "m2", "a", "b", "n_0", "n_1", "n_2", "last"])

    def test_too_quick_exits_lead_to_backoff_and_fatal(self):
        d = self.started({"quick": {"command": probe("exit-after", 0, 0), "startretries": 1},
                          "ctl": {"command": probe("wait")}})
        d.wait_state("quick", "BACKOFF")
        info = d.wait_state("quick", "FATAL")
        error = "Exited too quickly (process log may have details)"
        self.assertEqual((info["spawnerr"], info["description"], info["pid"]), (error, error, 0))
        self.assertEqual([re.sub(r"\d+$", "N", line) for line in d.log_lines("quick")], [
            "INFO spawned: 'quick' with pid N", "WARN exited: quick (exit status 0; not expected)",
            "INFO spawned: 'quick' with pid N", "WARN exited: quick (exit status 0; not expected)",
            "INFO gave up: quick entered FATAL state, too many start retries too quickly"])

    def test_waits_between_failed_starts_grow_by_a_second(self):
        d = self.started({"quick": {"command": probe("exit-after", 0, 1), "startretries": 2}})
        d.wait_state("quick", "FATAL")
        times = [float(line[17:19]) + float(line[20:23]) / 1000 for line in d.log().splitlines() if "spawned" in line]
        gaps = [(later - earlier) % 60 for earlier, later in zip(times, times[1:])]
        self.assertEqual(len(gaps), 2)
        slack = 2.2 if DEBIAN else 0.6
        for gap, wanted in zip(gaps, (1, 2)):
            self.assertTrue(wanted - 0.05 <= gap <= wanted + slack, gaps)


class Exits(Case):
    def test_killed_program_is_back_at_once(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        first = d.wait_state("a", "RUNNING")["pid"]
        begun = time.monotonic()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: d.pid_of("a") not in (0, first), "a new process", PROMPT_SECONDS)
        self.assertLess(time.monotonic() - begun, PROMPT_SECONDS)
        self.assertEqual(d.log_lines("exited"), ["WARN exited: a (terminated by SIGKILL; not expected)"])

    def test_expected_and_unexpected_exits(self):
        quick = {"startsecs": 0, "autorestart": False}
        d = self.started({"zero": {**quick, "command": probe("exit-after", 100, 0)},
                          "three": {**quick, "command": probe("exit-after", 100, 3), "exitcodes": "0,3"},
                          "four": {**quick, "command": probe("exit-after", 100, 4)},
                          "again": {"startsecs": 0, "command": probe("exit-after", 300, 5)},
                          "always": {"startsecs": 0, "autorestart": True, "command": probe("exit-after", 300, 0)},
                          "enough": {"startsecs": 0, "command": probe("exit-after", 100, 0)}})
        for name, code, spawnerr in (("zero", 0, ""), ("three", 3, ""), ("four", 4, "Bad exit code 4"),
                                     ("enough", 0, "")):
            info = d.wait_state(name, "EXITED")
            self.assertEqual((info["exitstatus"], info["spawnerr"], info["pid"]), (code, spawnerr, 0), name)
            self.assertRegex(info["description"], r"^[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M$")
            word = "expected" if name != "four" else "not expected"
            level = "INFO" if name != "four" else "WARN"
            self.assertEqual(d.log_lines(rf"exited: {name} "), [f"{level} exited: {name} (exit status {code}; {word})"])
        d.wait_log("spawned: 'again'", 3)
        d.wait_log("spawned: 'always'", 3)

    def test_an_exit_is_seen_while_a_descendant_holds_the_pipe(self):
        d = self.started({"a": {"command": probe("hold-pipe", 300, 3), "startsecs": 0, "autorestart": False,
                                "stdout_logfile": "%(here)s/a.out"}})
        info = d.wait_state("a", "EXITED", seconds=10)
        self.assertEqual(info["exitstatus"], 3)
        descendant = int(d.wait_text("a.out", "child").split()[1])
        self.assertTrue(proc_alive(descendant))
        os.kill(descendant, signal.SIGKILL)


class Stopping(Case):
    def test_stop_is_term_and_then_kill(self):
        d = self.started({"polite": {"command": probe("wait"), "startsecs": 0},
                          "other": {"command": probe("wait"), "startsecs": 0, "stopsignal": "USR2"},
                          "stubborn": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 1,
                                       "stdout_logfile": "%(here)s/stubborn.out"}})
        d.wait_all("RUNNING")
        d.wait_text("stubborn.out", "ready")
        pid = d.pid_of("stubborn")
        for name in ("polite", "other", "stubborn"):
            begun = time.monotonic()
            self.assertTrue(d.rpc.supervisor.stopProcess(name))
            info = d.info(name)
            self.assertEqual((info["statename"], info["pid"], info["exitstatus"]), ("STOPPED", 0, -1), name)
        self.assertGreater(time.monotonic() - begun, 0.95)
        self.assertEqual(d.log_lines("stopped|SIGKILL"), [
            "WARN stopped: polite (terminated by SIGTERM)", "WARN stopped: other (terminated by SIGUSR2)",
            f"WARN killing 'stubborn' ({pid}) with SIGKILL", "WARN stopped: stubborn (terminated by SIGKILL)"])
        self.assertEqual(d.log_lines("exited"), [])

    def test_stop_reaches_the_group_only_when_asked(self):
        common = {"startsecs": 0, "stopwaitsecs": 1}
        d = self.started({
            "alone": {**common, "command": probe("fork-grandchild"), "stdout_logfile": "%(here)s/alone"},
            "group": {**common, "command": probe("fork-grandchild"), "stdout_logfile": "%(here)s/group",
                      "stopasgroup": True},
            "kill": {**common, "command": probe("fork-grandchild", "--ignore-term"), "killasgroup": True,
                     "stdout_logfile": "%(here)s/kill"}})
        child = {name: int(d.wait_text(name, "child").split()[1]) for name in ("alone", "group", "kill")}
        for name in child:
            d.rpc.supervisor.stopProcess(name)
        wait_until(lambda: not proc_alive(child["group"]), "stopasgroup ends the grandchild")
        wait_until(lambda: not proc_alive(child["kill"]), "killasgroup ends the grandchild")
        self.assertTrue(proc_alive(child["alone"]))
        kill_quietly(child["alone"], signal.SIGKILL)

    def test_a_signal_changes_no_state(self):
        d = self.started({"a": {"command": probe("tell-signals"), "startsecs": 0, "stdout_logfile": "%(here)s/a"}})
        d.wait_text("a", "ready")
        before = d.info("a")
        for name in ("HUP", "SIGUSR1", "12"):
            self.assertTrue(d.rpc.supervisor.signalProcess("a", name))
        d.wait_text("a", "HUP\nUSR1\nUSR2\n")
        after = d.info("a")
        self.assertEqual((before["pid"], before["start"], "RUNNING"),
                         (after["pid"], after["start"], after["statename"]))
        d.rpc.supervisor.stopProcess("a")
        self.assertEqual(d.log_lines("stopped"), ["INFO stopped: a (exit status 0)"])
        self.assertEqual(d.read("a"), "ready\nHUP\nUSR1\nUSR2\nTERM\n")

    def test_stop_ends_a_wait_for_the_next_try(self):
        d = self.started({"quick": {"command": probe("exit-after", 0, 1), "startretries": 50}})
        d.wait_log("spawned", 3)  # the third wait is long enough to be met
        d.wait_state("quick", "BACKOFF")
        self.assertTrue(d.rpc.supervisor.stopProcess("quick"))
        self.assertEqual(d.state("quick"), "STOPPED")


    def test_who_waits_for_a_stop_sees_that_in_the_log(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 3,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        self.assertTrue(d.rpc.supervisor.stopProcess("slow"))
        self.assertEqual(set(d.log_lines("waiting")), {"INFO waiting for slow to stop"})
        self.assertEqual(len(d.log_lines("waiting")), 2)
        d.rpc.supervisor.startProcess("slow")
        self.assertTrue(d.rpc.supervisor.stopProcess("slow", False))
        d.wait_state("slow", "STOPPED")
        self.assertEqual(len(d.log_lines("waiting")), 2, "nobody waited")

    def test_a_process_that_is_being_stopped_does_not_start(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        d.rpc.supervisor.stopProcess("slow", False)
        self.assertTrue(d.rpc.supervisor.startProcess("slow", False))
        self.assertEqual(fault_of(d.rpc.supervisor.startProcess, "slow"), "ABNORMAL_TERMINATION: slow")
        self.assertEqual(fault_of(d.rpc.supervisor.stopProcess, "slow"), "NOT_RUNNING: slow")
        self.assertEqual(d.log_lines("already"), ["WARN process 'slow' already running"] * 2)
        d.wait_state("slow", "STOPPED")

    def test_kills_are_repeated_every_stopwaitsecs(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0, "stopwaitsecs": 1, "stopsignal": "CONT"}})
        pid = d.wait_state("a", "RUNNING")["pid"]
        begun = time.monotonic()
        self.assertTrue(d.rpc.supervisor.stopProcess("a"))
        self.assertGreater(time.monotonic() - begun, 0.95)
        self.assertEqual(d.log_lines("killing"), [f"WARN killing 'a' ({pid}) with SIGKILL"])

    def test_signals_that_reach_nobody(self):
        d = self.started({"a": {"command": probe("wait"), "autostart": False},
                          "quick": {"command": probe("exit-after", 0, 1), "startretries": 50}})
        self.assertEqual(fault_of(d.rpc.supervisor.signalProcess, "a", "HUP"), "NOT_RUNNING: a")
        self.assertEqual(fault_of(d.rpc.supervisor.signalProcess, "a", "35"), "BAD_SIGNAL: 35")
        self.assertEqual(fault_of(d.rpc.supervisor.signalProcess, "a", ""), "BAD_SIGNAL: ")
        d.wait_log("spawned: 'quick'", 2)
        d.wait_state("quick", "BACKOFF")
        self.assertEqual(fault_of(d.rpc.supervisor.signalProcess, "quick", "HUP"), "NOT_RUNNING: quick")
        self.assertEqual(fault_of(d.rpc.supervisor.startProcess, "quick"), "ALREADY_STARTED: quick")


class Daemon(Case):
    def test_umask_directory_and_pidfile(self):
        d = self.supervisord({"a": {"command": probe("wait"), "startsecs": 0}})
        d.write_config({"a": {"command": probe("wait"), "startsecs": 0}},
                       supervisord={"umask": "077", "directory": d.dir / "auto"})
        d.start_daemon()
        wait_until(lambda: d.is_ready(), "ready")
        pid = d.wait_state("a", "RUNNING")["pid"]
        self.assertEqual(d.pidfile.stat().st_mode & 0o777, 0o600)
        self.assertEqual(d.pidfile.read_text(), f"{d.pid}\n")
        self.assertEqual(d.log_lines("daemonizing|current directory|started with"),
                         ["INFO daemonizing the supervisord process",
                          f"INFO set current directory: '{d.dir}/auto'", f"INFO supervisord started with pid {d.pid}"])
        for process in (d.pid, pid):
            self.assertEqual(os.readlink(f"/proc/{process}/cwd"), f"{d.dir}/auto")
            with open(f"/proc/{process}/status", encoding="ascii") as status:
                self.assertIn("Umask:\t0077\n", status.read())

    def test_in_the_foreground_neither_counts(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}},
                         supervisord={"umask": "077", "directory": "/"})
        d.wait_state("a", "RUNNING")
        self.assertEqual(os.readlink(f"/proc/{d.pid}/cwd"), str(d.dir))
        self.assertNotEqual(d.pidfile.stat().st_mode & 0o777, 0o600)

    def test_a_pidfile_that_cannot_be_written(self):
        d = self.supervisord()
        (d.dir / "s.pid").mkdir()
        d.launch()
        d.wait_log("could not write pidfile")
        self.assertEqual(d.log_lines("CRIT could"), [f"CRIT could not write pidfile {d.pidfile}"])
        self.assertEqual(d.log_lines("started with pid"), [])
        self.assertEqual(d.rpc.supervisor.getState()["statename"], "RUNNING")
        d.process.terminate()
        self.assertEqual(d.process.wait(30), 0)

    def test_a_shutdown_replaces_a_restart(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2,
                                   "stdout_logfile": "%(here)s/slow"}}, supervisord={"loglevel": "blather"})
        d.wait_text("slow", "ready")
        os.kill(d.pid, signal.SIGHUP)
        d.wait_log("WARN received SIGHUP indicating restart request")
        os.kill(d.pid, signal.SIGTERM)
        self.assertEqual(d.process.wait(30), 0)
        self.assertEqual(d.log_lines("started with pid|to die$|slow state"),
                         [f"INFO supervisord started with pid {d.process.pid}", "INFO waiting for slow to die",
                          "BLAT slow state: STOPPING"])
        self.assertGreater(len(d.log_lines("DEBG received SIGCHLD indicating a child quit")), 0)

    @root_only
    @unittest.skipUnless(shutil.which("prlimit"), "needs prlimit")
    def test_limits_that_may_not_be_raised(self):
        d = self.supervisord(supervisord={"user": "nobody", "minfds": 700, "logfile": "/dev/null"})
        d.launch(wrap=("prlimit", "--nofile=256:512"))
        self.assertEqual(d.process.wait(30), 2)
        allowed = 700 if DEBIAN else 512
        self.assertIn("Error: The minimum number of file descriptors required to run this process is 700 as per the "
                      "\"minfds\" command-line argument or config file setting. The current environment will only allow "
                      f"you to open {allowed} file descriptors.  Either raise the number of usable file descriptors in "
                      "your environment (see README.rst) or lower the minfds setting in the config file to allow the "
                      "process to start.\nFor help, use ", d.read("output"))

    @root_only
    @unittest.skipUnless(shutil.which("setpriv"), "needs setpriv")
    def test_a_user_that_one_may_not_become(self):
        d = self.supervisord(supervisord={"user": "root"})
        d.dir.chmod(0o777)
        d.launch(wrap=("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"))
        self.assertEqual(d.process.wait(30), 2)
        self.assertIn("Error: Can't drop privilege as nonroot user\nFor help, use ", d.read("output"))


class Shutdown(Case):
    def test_groups_stop_in_reverse_and_one_after_another(self):
        quiet = {"command": probe("wait"), "startsecs": 0}
        d = self.started({"first": {**quiet, "priority": 1}, "a": quiet, "b": quiet,
                          "n": {**quiet, "numprocs": 3, "process_name": "n_%(process_num)d", "priority": 998},
                          "slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 1,
                                   "priority": 1000, "stdout_logfile": "%(here)s/slow"}},
                         supervisord={"loglevel": "debug"})
        d.wait_all("RUNNING")
        d.wait_text("slow", "ready")
        self.assertEqual(d.stop(), 0)
        steps = d.log_lines(r"^DEBG killing .* with signal SIGTERM|^WARN")
        steps = [m.group(1) for s in steps if (m := re.match(r"\w+ ((?:killing|stopped:) \S+)", s))]
        self.assertEqual(steps[:3], ["killing slow", "killing 'slow'", "stopped: slow"])
        self.assertEqual(steps[3:7], ["killing b", "stopped: b", "killing a", "stopped: a"])
        self.assertEqual(steps[7:10], ["killing n_2", "killing n_1", "killing n_0"])
        self.assertEqual(sorted(steps[10:13]), ["stopped: n_0", "stopped: n_1", "stopped: n_2"])
        self.assertEqual(steps[13:], ["killing first", "stopped: first"])
        # all that were alive, in the order in which they were created
        self.assertIn("INFO waiting for first, n_0, n_1, n_2, a, b, slow to die", d.log_lines("waiting"))
        self.assertFalse(d.socket.exists() or d.pidfile.exists())

    def test_nothing_is_started_again_during_shutdown(self):
        d = self.started({"flappy": {"command": probe("exit-after", 50, 1), "startsecs": 0, "priority": 1},
                          "slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        d.wait_log("spawned: 'flappy'", 3)
        self.assertEqual(d.stop(signal.SIGINT), 0)
        self.assertEqual(d.log_lines("indicating"), ["WARN received SIGINT indicating exit request"])
        after = d.log()[d.log().index("received SIGINT"):]
        self.assertEqual(re.findall("spawned: .*", after), [])


if __name__ == "__main__":
    main()
