#!/usr/bin/python3
"""essential=true: when such a program ends for good, everything stops in order, and supervisord ends with its code."""
import os
import signal

from harness import Case, main, ours_only, probe, proc_alive, wait_until

SLOW = {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2, "stdout_logfile": "%(here)s/slow"}


@ours_only
class Essential(Case):
    def job(self, command, **keys):
        return {"command": command, "startsecs": 0, "essential": True, "autorestart": False, **keys}

    def ends_with(self, code, programs, before=None):
        """Starts these and expects this exit code, with everything stopped."""
        d = self.supervisord(programs).launch()
        if before:
            d.wait_ready()
            before(d)
        self.assertEqual(d.process.wait(timeout=60), code, d.log_tail())
        self.assertTrue(d.log_lines(f"WARN '.*' is essential and has ended for good.*exit code {code}$"))
        wait_until(lambda: not d.marked(), "all to be stopped")
        self.assertFalse(d.pidfile.exists())
        return d

    def test_its_exit_code_is_the_daemons(self):
        d = self.ends_with(3, {"job": self.job("/bin/sh -c 'exit 3'"), "other": {"command": probe("wait")}})
        self.assertTrue(d.log_lines("stopped: other"))
        self.ends_with(0, {"job": self.job("/bin/true")})

    def test_a_signal_counts_as_a_shell_has_it(self):
        self.ends_with(137, {"job": self.job(probe("wait"))}, lambda d: os.kill(d.pid_of("job"), signal.SIGKILL))

    def test_giving_up_is_an_end_too(self):
        quick = {"startsecs": 1, "startretries": 0}
        self.ends_with(7, {"job": self.job("/bin/sh -c 'exit 7'", **quick)})
        self.ends_with(1, {"job": self.job("/bin/true", **quick)})
        self.ends_with(1, {"job": self.job("/no/such/program", **quick)})

    def test_one_of_several_processes_is_enough(self):
        job = self.job("/bin/sh -c 'test %(process_num)d != 1 || exit 4; exec sleep 1000'", numprocs=3,
                       process_name="job_%(process_num)d")
        self.ends_with(4, {"job": job})

    def test_what_comes_back_or_was_stopped_is_no_end(self):
        d = self.started({"job": self.job(probe("wait"), autorestart="unexpected")})
        first = d.pid_of("job")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: d.pid_of("job") not in (0, first), "another one")
        d.rpc.supervisor.stopProcess("job")
        self.assertEqual(d.state("job"), "STOPPED")
        d.kill_engine()
        self.assertEqual(d.state("job"), "STOPPED")
        d.rpc.supervisor.startProcess("job")
        self.assertEqual(d.stop(), 0)
        self.assertEqual(d.log_lines("essential"), [])

    def test_a_stop_that_was_asked_for_keeps_its_own_code(self):
        d = self.started({"job": self.job(probe("exit-on-usr1", 5), priority=1, stdout_logfile="%(here)s/job"),
                          "slow": SLOW})
        d.wait_text("job", "ready")
        d.wait_text("slow", "ready")
        job = d.pid_of("job")
        os.kill(d.pid, signal.SIGTERM)
        d.wait_log("waiting for .*slow.* to die")
        os.kill(job, signal.SIGUSR1)  # ends by itself before its turn
        self.assertEqual(d.process.wait(timeout=30), 0)

    def test_the_end_survives_engines_and_further_signals(self):
        d = self.started({"job": self.job(probe("exit-on-usr1", 5), stdout_logfile="%(here)s/job"), "slow": SLOW})
        d.wait_text("job", "ready")
        d.wait_text("slow", "ready")
        os.kill(d.pid_of("job"), signal.SIGUSR1)
        d.wait_log("essential and has ended")
        d.kill_engine()
        d.wait_log("the engine was started again")
        keeper = d.process.pid
        os.kill(keeper, signal.SIGTERM)
        os.kill(keeper, signal.SIGHUP)
        self.assertEqual(d.process.wait(timeout=30), 5, d.log_tail())
        self.assertEqual(len(d.log_lines("essential and has ended")), 1)

    def test_an_end_while_no_engine_lives_is_found(self):
        d = self.started({"job": self.job(probe("exit-on-usr1", 6), stdout_logfile="%(here)s/job")})
        d.wait_text("job", "ready")
        job = d.pid_of("job")
        with d.without_engine():
            os.kill(job, signal.SIGUSR1)
            wait_until(lambda: not proc_alive(job), "its end")
        self.assertEqual(d.process.wait(timeout=30), 6, d.log_tail())

    def test_making_it_essential_is_a_change_of_the_group(self):
        d = self.started({"job": {"command": probe("wait"), "startsecs": 0}})
        d.write_config({"job": {"command": probe("wait"), "startsecs": 0, "essential": True}})
        self.assertEqual(d.rpc.supervisor.reloadConfig(), [[[], ["job"], []]])


if __name__ == "__main__":
    main()
