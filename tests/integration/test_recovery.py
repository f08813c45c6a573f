#!/usr/bin/python3
"""The engine is killed and nothing that users rely on changes: states, times, counters, deadlines, orders, clients."""
import concurrent.futures
import contextlib
import os
import pathlib
import random
import signal
import time
import unittest

from harness import (SOAK, Case, kill_quietly, main, ours_only, probe, proc_alive, proc_comm, proc_state, read_proc,
                     wait_until)
from rpc import RpcError, connect


def facts(info):
    """What must not change while nothing happens."""
    return {k: v for k, v in info.items() if k not in ("now", "description")}


@ours_only
class Exits(Case):
    def check_exit_while_the_engine_is_dead(self, keys):
        d = self.started({"a": {"command": probe("exit-on-usr1", 7), "startsecs": 0, "stdout_logfile": "%(here)s/a",
                                **keys}})
        d.wait_text("a", "ready")
        before = d.wait_state("a", "RUNNING")
        engine = d.kill_engine()
        os.kill(before["pid"], signal.SIGUSR1)
        d.new_engine(engine)
        self.assertEqual(d.wait_log("exited"), ["WARN exited: a (exit status 7; not expected)"])
        return d, before

    def test_the_true_status_is_told(self):
        d, before = self.check_exit_while_the_engine_is_dead({"autorestart": False})
        info = d.wait_state("a", "EXITED")
        self.assertEqual((info["exitstatus"], info["spawnerr"], info["start"]), (7, "Bad exit code 7", before["start"]))
        self.assertLess(abs(info["stop"] - time.time()), 5)

    def test_and_acted_upon(self):
        d, before = self.check_exit_while_the_engine_is_dead({})
        wait_until(lambda: d.pid_of("a") not in (0, before["pid"]), "a new process")
        self.assertEqual(len(d.log_lines("spawned")), 2)

    def test_many_exits_in_a_gap_of_a_second(self):
        d = self.started({"n": {"command": probe("exit-on-usr1", 3), "numprocs": 20, "startsecs": 0,
                                "process_name": "n%(process_num)02d", "stdout_logfile": "%(here)s/n%(process_num)d"}})
        for number in range(20):
            d.wait_text(f"n{number}", "ready")
        before = d.wait_all()
        d.new_engine(d.kill_engine())
        with d.without_engine():
            for info in before.values():
                os.kill(info["pid"], signal.SIGUSR1)
            wait_until(lambda: not any(proc_alive(i["pid"]) for i in before.values()), "all to end")
        d.wait_log("exited: n.. \\(exit status 3; not expected\\)", 20)
        after = d.wait_all()
        self.assertEqual(len(d.log_lines("exited")), 20)
        self.assertEqual(len(d.log_lines("spawned")), 40)
        self.assertFalse({i["pid"] for i in before.values()} & {i["pid"] for i in after.values()})


@ours_only
class Starts(Case):
    def test_a_keeper_killed_in_the_middle_of_starts_leaves_no_second_copy(self):
        for _ in range(5):
            d = self.started({"n": {"command": probe("wait"), "startsecs": 0, "numprocs": 40, "stdout_logfile": "NONE",
                                    "stderr_logfile": "NONE", "process_name": "n%(process_num)02d"}})
            old = d.pid
            os.kill(old, signal.SIGKILL)
            wait_until(lambda: d.pid != old, "another pid in the pidfile")
            infos = d.wait_all()
            told = {info["pid"] for info in infos.values()}

            def running():  # a child shows its program's environment once it has become that
                return {pid for pid in d.marked() if b"SUPERVISOR_PROCESS_NAME" in read_proc(pid, "environ")}
            wait_until(lambda: told <= running(), "all children to become their programs")
            self.assertEqual(running(), told)
            d.stop()


@ours_only
class States(Case):
    def test_all_states_survive(self):
        d = self.started({
            "running": {"command": probe("wait"), "startsecs": 0},
            "starting": {"command": probe("wait"), "startsecs": 3600},
            "stopped": {"command": probe("wait"), "startsecs": 0},
            "never": {"command": probe("wait"), "autostart": False},
            "exited": {"command": probe("exit-after", 50, 4), "startsecs": 0, "autorestart": False},
            "fatal": {"command": probe("exit-after", 0, 1), "startretries": 0},
            "missing": {"command": "/nope/x", "startretries": 0},
            "backoff": {"command": probe("exit-after", 0, 1), "startretries": 30},
            "stopping": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 3600,
                         "stdout_logfile": "%(here)s/stopping"}})
        d.wait_text("stopping", "ready")
        self.addCleanup(kill_quietly, d.pid_of("stopping"), signal.SIGKILL)
        d.rpc.supervisor.stopProcess("stopped")
        d.rpc.supervisor.stopProcess("stopping", False)
        for name, state in (("exited", "EXITED"), ("fatal", "FATAL"), ("missing", "FATAL")):
            d.wait_state(name, state)
        d.wait_log("spawned: 'backoff'", 4)  # the next wait is four seconds long
        d.wait_state("backoff", "BACKOFF")
        before = d.all_info()
        autos = {name: info["stdout_logfile"] for name, info in before.items()}
        spawned = len(d.log_lines("spawned"))
        for _ in range(2):
            d.new_engine(d.kill_engine())
            after = d.all_info()
            self.assertEqual({n: facts(i) for n, i in after.items()}, {n: facts(i) for n, i in before.items()})
            self.assertEqual({n: i["description"] for n, i in after.items() if "uptime" not in i["description"]},
                             {n: i["description"] for n, i in before.items() if "uptime" not in i["description"]})
        self.assertEqual(len(d.log_lines("spawned")), spawned)
        for path in autos.values():
            self.assertTrue(pathlib.Path(path).exists(), path)
        self.assertEqual(len(d.log_lines("started with pid|RPC interface|without any HTTP")), 3)
        self.assertEqual({n: i["statename"].lower() for n, i in after.items() if n != "never"},
                         {**{n: n for n in after if n != "never"}, "missing": "fatal"})
        os.kill(after["stopping"]["pid"], signal.SIGKILL)
        d.wait_state("stopping", "STOPPED")

    def test_counter_of_failed_starts(self):
        d = self.started({"a": {"command": probe("exit-after", 0, 1), "startretries": 3}})
        for tries in (2, 3):
            d.wait_log("spawned", tries)
            d.wait_state("a", "BACKOFF")
            d.new_engine(d.kill_engine())
        d.wait_state("a", "FATAL")
        self.assertEqual(len(d.log_lines("spawned")), 4)
        seconds = [float(line[17:23].replace(",", ".")) for line in d.log().splitlines() if "spawned" in line]
        for number, (earlier, later) in enumerate(zip(seconds, seconds[1:]), 1):
            self.assertTrue(number - 0.1 < (later - earlier) % 60 < number + 1.5, (number, seconds))

    def test_deadlines_count_from_where_they_began(self):
        d = self.started({"stubborn": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 5,
                                       "stdout_logfile": "%(here)s/stubborn"},
                          "slow": {"command": probe("wait"), "startsecs": 4, "autostart": False}})
        d.wait_text("stubborn", "ready")
        begun = time.monotonic()
        d.rpc.supervisor.stopProcess("stubborn", False)
        d.rpc.supervisor.startProcess("slow", False)
        while time.monotonic() < begun + 3:
            d.new_engine(d.kill_engine())
            time.sleep(0.5)  # the moment of a kill is arbitrary
        d.wait_state("slow", "RUNNING")
        took = time.monotonic() - begun
        self.assertTrue(3.9 < took < 5.5, took)
        d.wait_state("stubborn", "STOPPED")
        took = time.monotonic() - begun
        self.assertTrue(4.9 < took < 6.5, took)
        self.assertEqual(len(d.log_lines("SIGKILL$")), 1)

    def test_the_file_on_disk_changes_nothing(self):
        d = self.started({"a": {"command": probe("say", "old"), "startsecs": 0, "stdout_logfile": "%(here)s/a"}})
        before = d.wait_state("a", "RUNNING")
        edited = d.config.read_text().replace("old", "new") + "[program:b]\ncommand=x\n"
        for text in ("[supervisord\nhalf-edited", edited):
            d.config.write_text(text)
            d.new_engine(d.kill_engine())
            self.assertEqual({n: facts(i) for n, i in d.all_info().items()}, {"a": facts(before)})
        os.unlink(d.config)
        d.new_engine(d.kill_engine())
        os.kill(before["pid"], signal.SIGKILL)
        d.wait_text("a", "old\nold\n")
        d.write_config({})


@ours_only
class Orders(Case):
    def test_term_while_the_engine_is_dead_is_obeyed(self):
        d = self.started({"a": {"command": probe("tell-signals"), "startsecs": 0, "stdout_logfile": "%(here)s/a"}})
        d.wait_text("a", "ready")
        d.new_engine(d.kill_engine())
        with d.without_engine():
            os.kill(d.process.pid, signal.SIGTERM)
        self.assertEqual(d.process.wait(30), 0)
        self.assertEqual(d.log_lines("indicating|stopped"), ["WARN received SIGTERM indicating exit request",
                                                             "INFO stopped: a (exit status 0)"])
        self.assertEqual(d.read("a"), "ready\nTERM\n")
        self.assertFalse(d.socket.exists() or d.pidfile.exists())

    def test_a_shutdown_in_progress_goes_on(self):
        d = self.started({"first": {"command": probe("wait"), "startsecs": 0, "priority": 1},
                          "slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 3,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        os.kill(d.pid, signal.SIGTERM)
        d.wait_log("waiting for")
        d.new_engine(d.kill_engine())
        self.assertEqual(d.process.wait(30), 0)
        self.assertEqual(d.log_lines("stopped"), ["WARN stopped: slow (terminated by SIGKILL)",
                                                  "WARN stopped: first (terminated by SIGTERM)"])

    def test_a_restart_in_progress_goes_on(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 3,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        first = d.pid_of("slow")
        os.kill(d.pid, signal.SIGHUP)
        d.wait_log("waiting for")
        d.new_engine(d.kill_engine())
        d.wait_log("supervisord started with pid", 2)
        self.assertNotEqual(d.wait_state("slow", "RUNNING")["pid"], first)
        self.assertIsNone(d.process.poll())

    def test_a_stop_is_signalled_once(self):
        """Twenty stops, and the engine dies somewhere in between: who is STOPPING was signalled, once, and nobody else."""
        names = [f"p{number:02d}" for number in range(20)]
        # They write to their files themselves: at level debug output is copied, and may be repeated by an engine's death.
        tell = f"/bin/sh -c 'exec {probe('tell-signals')} >> %(here)s/p%(process_num)02d'"
        d = self.started({"p": {"command": tell, "numprocs": len(names), "startsecs": 0,
                                "process_name": "p%(process_num)02d", "stdout_logfile": "NONE",
                                "stopsignal": "USR2", "stopwaitsecs": 20, "autorestart": False}},
                         supervisord={"loglevel": "debug"})
        told = dict.fromkeys(names, "")  # what each process has to say
        for number in range(1, (60 if SOAK else 4) + 1):
            if number > 1:
                d.rpc.supervisor.startProcessGroup("p")
            told = {name: text + "ready\n" for name, text in told.items()}
            wait_until(lambda: {name: d.read(name) for name in names} == told, "all to be ready")
            engine, size = d.engine_pid, d.logfile.stat().st_size
            last = random.choice(names)
            with concurrent.futures.ThreadPoolExecutor() as pool, contextlib.suppress(OSError, *RpcError):
                answer = pool.submit(lambda: connect(d.socket).supervisor.stopProcessGroup("p", False))
                with open(d.logfile, encoding="utf-8") as log:
                    log.seek(size)
                    wait_until(lambda f=log, n=last: f"killing {n} " in f.read(), f"a stop of {last}", step=0)
                os.kill(engine, signal.SIGKILL)
                answer.result()
            d.new_engine(engine)
            infos = d.all_info()
            states = {info["name"]: info["statename"] for info in infos.values()}
            self.assertEqual(set(states.values()) - {"RUNNING", "STOPPING"}, set())
            for info in infos.values():
                os.kill(info["pid"], signal.SIGTERM)  # the end: whatever was sent before it is told before it
            told = {name: text + ("USR2\n" if states[name] == "STOPPING" else "") + "TERM\n"
                    for name, text in told.items()}
            d.wait_log("exited: p|stopped: p", number * len(names))
            self.assertEqual({name: d.read(name) for name in names}, told, f"round {number}: {states}")

    def test_hup_and_usr2_after_a_recovery(self):
        d = self.started({"a": {"command": probe("lines", "--rate", 20), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a.log"}})
        d.wait_all()
        d.new_engine(d.kill_engine())
        os.rename(d.dir / "a.log", d.dir / "a.old")
        os.kill(d.pid, signal.SIGUSR2)
        d.wait_text("a.log", "\n")
        d.write_config({"b": {"command": probe("wait"), "startsecs": 0}})
        os.kill(d.pid, signal.SIGHUP)
        d.wait_log("supervisord started with pid", 2)
        d.wait_ready()
        self.assertEqual(set(d.wait_all()), {"b"})


@ours_only
class Clients(Case):
    def test_calls_wait_for_the_new_engine(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        pid = d.wait_state("a", "RUNNING")["pid"]
        for _ in range(3):
            d.kill_engine()
            self.assertEqual(d.rpc.supervisor.getProcessInfo("a")["pid"], pid)  # not patient: refused would be an error

    def test_supervisorctl_waits(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        d.wait_all()
        for debian in (False, True):
            d.new_engine(d.kill_engine())
            with concurrent.futures.ThreadPoolExecutor(8) as pool, d.without_engine():
                asked = [pool.submit(d.ctl, "status", debian=debian) for _ in range(8)]
                time.sleep(0.3)  # whatever they have done by then, no engine could answer
                self.assertFalse(any(a.done() for a in asked), [a.result() for a in asked if a.done()])
                pool.submit(lambda: None)
            for answer in asked:
                self.assertEqual(answer.result().returncode, 0, answer.result())
                self.assertRegex(answer.result().stdout, r"^a +RUNNING   pid ")

    def test_the_listening_socket_is_the_same(self):
        d = self.started()
        inode = d.socket.stat().st_ino
        d.new_engine(d.kill_engine())
        self.assertTrue(d.is_ready())
        self.assertEqual(d.socket.stat().st_ino, inode)


@ours_only
class Engine(Case):
    def test_names_and_parents(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        d.wait_all()
        engine = d.engine_pid
        self.assertEqual(proc_comm(engine), "upkeep-engine")
        self.assertEqual(proc_comm(d.pid), "supervisord")
        self.assertEqual(os.getpgid(engine), os.getpgid(d.pid))
        self.assertEqual(d.pid, d.process.pid)
        new = d.new_engine(d.kill_engine())
        wait_until(lambda: proc_comm(new) == "upkeep-engine", "its name")

    def test_signals_for_all_of_the_group_reach_the_keeper_only(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        d.wait_all()
        engine = d.engine_pid
        for name in ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "PIPE"):
            os.kill(engine, getattr(signal, f"SIG{name}"))
        self.assertEqual(d.state("a"), "RUNNING")
        self.assertEqual((d.find_engine(), d.log_lines("indicating")), (engine, []))

    def test_an_engine_that_crashes_again_and_again_goes_on_from_facts(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        pid = d.wait_state("a", "RUNNING")["pid"]
        for _ in range(4):
            engine = d.engine_pid
            os.kill(engine, signal.SIGSEGV)
            d.new_engine(engine)
        self.assertEqual((d.wait_state("a", "RUNNING")["pid"], d.is_ready()), (pid, True))

    @unittest.skipUnless(SOAK, "takes 20 s (UPKEEP_SOAK=1)")
    def test_a_stopped_engine_is_replaced(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        pid = d.wait_state("a", "RUNNING")["pid"]
        engine = d.engine_pid
        os.kill(engine, signal.SIGSTOP)
        wait_until(lambda: proc_state(engine) == "T", "the engine to stop")
        wait_until(lambda: d.find_engine() not in (None, engine), "another engine", 40)
        self.assertEqual(d.pid_of("a"), pid)


if __name__ == "__main__":
    main()
