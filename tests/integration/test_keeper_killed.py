#!/usr/bin/python3
"""kill -9 $(cat pidfile): the services do not notice, and there is a supervisord as before."""
import os
import random
import signal
import time

from harness import (SOAK, Case, check_lines, children, kill_quietly, main, ours_only, probe, proc_alive, proc_comm,
                     proc_started, read_proc, wait_until)

ROUNDS = 20 if SOAK else 4


def kill_keeper(d):
    """Kills it and waits for its successor."""
    old = d.pid
    os.kill(old, signal.SIGKILL)
    def replaced():
        try:
            return d.pid != old and proc_alive(d.pid)
        except (OSError, ValueError):  # the pidfile is being written
            return False
    wait_until(replaced, lambda: f"another pid than {old} in the pidfile\n{d.log_tail()}")
    return d.pid


@ours_only
class KeeperKilled(Case):
    def programs(self):
        return {"busy": {"command": probe("lines", "--rate", 0, "--payload", 30), "startsecs": 0,
                         "stdout_logfile": "%(here)s/busy.log", "stdout_logfile_maxbytes": 0},
                "paced": {"command": probe("lines", "--rate", 500), "startsecs": 0, "numprocs": 10,
                          "process_name": "paced%(process_num)d", "redirect_stderr": True,
                          "stdout_logfile": "%(here)s/paced%(process_num)d.log"},
                "stopped": {"command": probe("wait"), "startsecs": 0},
                "adopted": {"command": probe("exit-on-usr1", 0), "startsecs": 0, "stdout_logfile": "%(here)s/adopted"}}

    def test_under_load_and_again(self):
        d = self.started(self.programs())
        d.wait_all()
        d.wait_text("adopted", "ready")
        d.rpc.supervisor.stopProcess("stopped")
        before = d.all_info()
        started = {i["pid"]: proc_started(i["pid"]) for i in before.values() if i["pid"]}
        for _ in range(ROUNDS):
            keeper = kill_keeper(d)
            after = d.all_info()
            for name, info in before.items():
                self.assertEqual([after[name][k] for k in ("pid", "start", "statename")],
                                 [info[k] for k in ("pid", "start", "statename")], name)
            self.assertEqual({pid: proc_started(pid) for pid in started}, started)
            self.assertEqual(proc_comm(keeper), "supervisord")
            self.assertEqual(int(d.rpc.supervisor.getPID()), keeper)
            self.assertRegex(d.ctl("status", "busy").stdout, r"^busy +RUNNING ")
            size = (d.dir / "busy.log").stat().st_size
            wait_until(lambda s=size: (d.dir / "busy.log").stat().st_size > s, "the log to go on")
        self.assertEqual(len(d.log_lines("spawned")), len(before))

        for number in range(10):
            wait_until(lambda n=number: d.read(f"paced{n}.log").count("\n") > 50, "enough lines to judge by")
        for name in [n for n in before if n.startswith("paced")] + ["busy"]:
            d.rpc.supervisor.stopProcess(name)
            self.assertEqual(d.state(name), "STOPPED")
        for name in [f"paced{n}" for n in range(10)] + ["busy"]:
            found = check_lines(d.dir / f"{name}.log")
            self.assertEqual([found[k] for k in ("first", "lost", "repeated", "torn")], [1, 0, 0, 0], found["told"])
            self.assertGreater(found["lines"], 50)

    def test_an_adopted_process_that_exits_is_noticed(self):
        d = self.started(self.programs())
        d.wait_text("adopted", "ready")
        first = d.wait_state("adopted", "RUNNING")["pid"]
        kill_keeper(d)
        os.kill(first, signal.SIGUSR1)  # it exits with 0, but nobody can know
        second = wait_until(lambda: (pid := d.pid_of("adopted")) not in (0, first) and pid, "a new process")
        d.wait_log(r"^WARN exited: adopted \(.*; not expected\)$")
        kill_keeper(d)
        os.kill(second, signal.SIGKILL)
        wait_until(lambda: d.pid_of("adopted") not in (0, second), "another process")
        self.assertTrue(d.rpc.supervisor.startProcess("stopped") if d.state("stopped") != "RUNNING" else True)
        self.assertEqual(d.stop(), -signal.SIGKILL)  # our child was the first keeper
        self.assertFalse(d.socket.exists() or d.pidfile.exists())

    def test_keeper_and_engine_in_turns(self):
        d = self.started(self.programs())
        before = {n: i["pid"] for n, i in d.wait_all().items()}
        for _ in range(2):
            kill_keeper(d)
            d.wait_ready_again()
            d.new_engine(d.kill_engine())
            self.assertEqual({n: i["pid"] for n, i in d.all_info().items()}, before)

    def test_a_stop_is_signalled_again_whichever_engine_gets_to_it(self):
        """Nobody knows what the dead keeper had sent. The first engine after it dies as soon as it is seen."""
        d = self.started({"slow": {"command": probe("tell-signals"), "startsecs": 0, "stopsignal": "USR2",
                                   "stopwaitsecs": 60, "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        d.rpc.supervisor.stopProcess("slow", False)
        d.wait_text("slow", "USR2")
        heir = d.engine_pid
        os.kill(d.pid, signal.SIGKILL)

        def first_engine():
            return next((p for p in children(heir) if read_proc(p, "cmdline").startswith(b"upkeep-engine\0")), None)
        os.kill(wait_until(first_engine, "an engine of the new keeper", step=0), signal.SIGKILL)
        wait_until(lambda: d.read("slow").count("USR2") > 1, "the signal again")
        d.wait_log("the keeper was killed; this process took over")
        self.assertEqual(d.state("slow"), "STOPPING")
        self.assertEqual(d.pid, heir)
        os.kill(d.pid_of("slow"), signal.SIGTERM)
        d.wait_state("slow", "STOPPED")

    def test_a_second_instance_is_refused(self):
        d = self.started(self.programs())
        before = {n: i["pid"] for n, i in d.wait_all().items()}
        keeper = kill_keeper(d)
        d.wait_ready_again()
        second = d.run_to_end("-n")
        self.assertEqual(second.returncode, 2)
        self.assertIn(str(keeper), second.stderr)
        self.assertEqual({n: i["pid"] for n, i in d.all_info().items()}, before)

    def test_in_the_background_and_with_a_restart(self):
        d = self.supervisord(self.programs())
        d.start_daemon()
        d.wait_all()
        keeper = kill_keeper(d)
        d.wait_ready_again()
        d.write_config({"new": {"command": probe("wait"), "startsecs": 0}})
        os.kill(keeper, signal.SIGHUP)
        d.wait_log("supervisord started with pid", 2)
        d.wait_ready_again()
        self.assertEqual(set(d.wait_all()), {"new"})
        self.assertEqual(d.pid, keeper)


@ours_only
class BothKilled(Case):
    """Keeper and engine within a moment of each other: the one fault that is not survived, unless there was just enough
    time. The programs run on in any case, and the next supervisord names those that it does not supervise."""

    def supervisors(self, d):
        return [pid for pid in d.marked() if proc_comm(pid) in ("supervisord", "upkeep-engine")]

    def check(self, engine_first, pause):
        d = self.supervisord({"a": {"command": probe("wait"), "startsecs": 0, "numprocs": 3,
                                    "process_name": "a%(process_num)d"},
                              "b": {"command": probe("fork-grandchild"), "startsecs": 0, "stopasgroup": True}})
        d.start()
        before = {name: info["pid"] for name, info in d.wait_all().items()}
        wait_until(lambda: children(before["b"]), "the grandchild")
        pids = sorted([*before.values(), *children(before["b"])])
        self.addCleanup(self.end, pids)
        doomed = [d.engine_pid, d.pid] if engine_first else [d.pid, d.engine_pid]
        os.kill(doomed[0], signal.SIGKILL)
        time.sleep(pause)
        os.kill(doomed[1], signal.SIGKILL)
        d.process.wait()
        # One that ends has lost its environment, by which it is found, before it closes its sockets.
        wait_until(lambda: not any(proc_alive(pid) for pid in doomed), "the ends of both")
        outcome = wait_until(lambda: "lost" if not self.supervisors(d) else d.is_ready() and "survived",
                             lambda: f"an outcome; {self.supervisors(d)}\n{d.log_tail()}")
        self.assertTrue(all(proc_alive(pid) for pid in pids))
        if outcome == "survived":
            self.assertEqual({n: i["pid"] for n, i in d.all_info().items()}, before)
            return outcome
        self.assertTrue(d.pidfile.exists())  # stale, and no obstacle
        d.start()
        told = d.wait_log("^WARN processes of an earlier supervisord still run")
        self.assertEqual(len(told), 1, told)
        self.assertIn("does not supervise them (4)", told[0])
        for name, pid in before.items():
            self.assertIn(f"{name if ':' in name else f'{name}:{name}'} (pid {pid})", told[0])
        self.assertFalse(set(before.values()) & {i["pid"] for i in d.wait_all().values()})
        self.assertTrue(all(proc_alive(pid) for pid in pids))
        return outcome

    def end(self, pids):
        for pid in pids:
            kill_quietly(pid, signal.SIGKILL)

    def test_the_programs_run_on_and_are_named(self):
        outcomes = {}
        for number in range(40 if SOAK else 4):
            pause = random.choice([0, 0, 0.001, 0.003, 0.01]) if SOAK else 0
            outcome = self.check(number % 2 == 0, pause)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        print(outcomes, flush=True)


if __name__ == "__main__":
    main()
