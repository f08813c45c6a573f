#!/usr/bin/python3
"""The small programs beside the daemon: pidproxy and echo_supervisord_conf. What holds for Supervisor's own as well runs
with UPKEEP_DAEMON=debian, too."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

from harness import DEBIAN, PROBE, Case, command_of, main, ours_only, probe, proc_alive, wait_until


class PidProxy(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="uk-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def run_in(self, output, argv, **how):
        """A process in a session of its own whose output goes to a file; it is killed at the end of the test."""
        with open(self.dir / output, "wb") as file:
            process = subprocess.Popen(argv, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                       start_new_session=True, **how)

        def end():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.addCleanup(end)
        return process

    def read(self, name):
        return (self.dir / name).read_text()

    def wait_text(self, name, text):
        wait_until(lambda: self.read(name) == text, lambda: f"{name} to be {text!r}; it is {self.read(name)!r}")

    def daemon(self):
        """What the pidfile names: it tells of the signals it gets."""
        process = self.run_in("daemon", [PROBE, "tell-signals"])
        self.wait_text("daemon", "ready\n")
        (self.dir / "pid").write_text(f"  {process.pid}\n")
        return process

    def proxy(self, *command, **how):
        """pidproxy with its command, which tells of the signals that reach it itself."""
        return self.run_in("proxy", [command_of("pidproxy"), str(self.dir / "pid"), *command], **how)

    def busy_proxy(self):
        process = self.proxy(PROBE, "tell-signals")
        self.wait_text("proxy", "ready\n")
        return process

    def test_passes_signals_on_to_the_pidfile_process_alone(self):
        self.daemon()
        proxy = self.busy_proxy()
        told = "ready\n"
        for name in ("HUP", "USR1", "USR2"):
            proxy.send_signal(getattr(signal, "SIG" + name))
            told += name + "\n"
            self.wait_text("daemon", told)
        self.assertIsNone(proxy.poll())
        self.assertEqual(self.read("proxy"), "ready\n")

    def test_ends_after_passing_on_what_ends_a_process(self):
        for name in ("TERM", "INT", "QUIT"):
            with self.subTest(name):
                self.daemon()
                proxy = self.busy_proxy()
                proxy.send_signal(getattr(signal, "SIG" + name))
                self.assertEqual(proxy.wait(30), 0)
                self.wait_text("daemon", f"ready\n{name}\n")
                self.assertEqual(self.read("proxy"), "ready\n")

    def test_drops_signals_without_a_pidfile(self):
        proxy = self.busy_proxy()
        complaint = f"Can't read child pidfile {self.dir}/pid!\n"
        proxy.send_signal(signal.SIGTERM)
        if not DEBIAN:  # whose words stay in a buffer of Python
            self.wait_text("proxy", "ready\n" + complaint)
        (self.dir / "pid").write_text("none\n")
        proxy.send_signal(signal.SIGHUP)
        if not DEBIAN:
            self.wait_text("proxy", "ready\n" + 2 * complaint)
        self.assertIsNone(proxy.poll())

    def test_gone_process_and_a_request_to_end(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        (self.dir / "pid").write_text(f"{gone.pid}\n")
        proxy = self.busy_proxy()
        proxy.send_signal(signal.SIGTERM)
        self.assertEqual(proxy.wait(30), 1)
        self.assertIn("No such process", self.read("proxy"))

    @ours_only
    def test_never_signals_groups(self):
        proxy = self.busy_proxy()
        for count, number in enumerate(("0", "-1", "99999999999999999999"), 1):
            (self.dir / "pid").write_text(number)
            proxy.send_signal(signal.SIGUSR1)
            self.wait_text("proxy", "ready\n" + count * f"Can't read child pidfile {self.dir}/pid!\n")
        self.assertIsNone(proxy.poll())

    def test_ends_with_its_command_whatever_its_status(self):
        self.assertEqual(self.proxy(PROBE, "exit-after", "0", "3").wait(30), 0)

    def test_command_that_cannot_run(self):
        self.assertEqual(self.proxy("/nonexistent").wait(30), 0)
        if not DEBIAN:
            self.assertEqual(self.read("proxy"), "pidproxy: cannot run /nonexistent: No such file or directory\n")

    def test_command_is_made_absolute_and_path_is_not_searched(self):
        script = self.dir / "tell"
        script.write_text("#!/bin/sh\necho \"$0 $1\"\n")
        script.chmod(0o755)
        self.assertEqual(self.proxy("tell", "x").wait(30), 0)
        self.assertEqual(self.read("proxy"), f"{self.dir}/tell x\n")

    @ours_only
    def test_command_starts_with_default_signals(self):
        ignoring = [sys.executable, "-c", "import os,signal,sys\nfor s in (1,2,3,10,12,15,17): signal.signal(s, signal.SIG_IGN)\n"
                    "os.execv(sys.argv[1], sys.argv[1:])"]
        self.run_in("proxy", [*ignoring, command_of("pidproxy"), "pid", "/bin/grep", "Sig[BI]", "/proc/self/status"])
        blocked, ignored = wait_until(lambda: re.findall(r"Sig\w+:\t(\w{16})\n", self.read("proxy"))[:2], "two masks")
        self.assertEqual(int(blocked, 16), 0)
        self.assertEqual(int(ignored, 16) & 0x7fffffff, 0)  # two above belong to the C library

    def test_usage(self):
        for words in ([], ["pidfile"]):
            ended = subprocess.run([command_of("pidproxy"), *words], capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual((ended.returncode, ended.stderr), (1, ""))
            self.assertIn("Usage: ", ended.stdout)

    @ours_only
    def test_under_supervisord(self):
        daemon = self.daemon()
        pidproxy = f"{command_of('pidproxy')} {self.dir}/pid {probe('wait')}"
        d = self.started({"p": {"command": pidproxy, "startsecs": 0, "killasgroup": True}})
        d.wait_state("p", "RUNNING")
        proxy = d.pid_of("p")
        command = wait_until(lambda: [p for p in d.marked() if p not in (d.pid, proxy, d.engine_pid)], "the command")[0]
        self.assertTrue(d.rpc.supervisor.stopProcess("p"))
        self.assertEqual(daemon.wait(30), 0)  # TERM reached it
        self.assertEqual(d.info("p")["exitstatus"], 0)
        self.assertTrue(proc_alive(command))  # as under the original: it is the daemon's business to end it
        os.kill(command, signal.SIGKILL)


class EchoSupervisordConf(Case):
    def sample(self, *words):
        ended = subprocess.run([command_of("echo_supervisord_conf"), *words], capture_output=True, text=True, timeout=30,
                               check=True)
        self.assertEqual(ended.stderr, "")
        return ended.stdout

    def test_arguments_do_not_matter(self):
        self.assertEqual(self.sample("-c", "/nope", "--help"), self.sample())

    @ours_only
    def test_either_daemon_runs_with_it(self):
        for debian in (False, True):
            with self.subTest(debian=debian):
                d = self.supervisord(debian=debian)
                text = self.sample()
                for old, new in (("/tmp/supervisor.sock", d.socket), ("/tmp/supervisord.log", d.logfile),
                                 ("/tmp/supervisord.pid", d.pidfile)):
                    self.assertIn(old, text)
                    text = text.replace(old, str(new))
                d.config.write_text(text)
                d.start()
                done = d.ctl("status")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
                self.assertEqual(d.rpc.supervisor.getAllProcessInfo(), [])
                self.assertEqual(d.rpc.supervisor.getIdentification(), "supervisor")


if __name__ == "__main__":
    main()
