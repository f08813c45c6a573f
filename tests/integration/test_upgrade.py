#!/usr/bin/python3
"""`upkeep upgrade`: another image takes over, and no program, connection or log line notices."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from harness import (BIN, SOAK, Case, check_lines, command_of, main, ours_only, probe, proc_alive,
                     proc_started, read_proc, root_only, wait_until)

ROUNDS = 60 if SOAK else 4
NEXT = "99.0.0"


def image_of(pid):
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe")
    return ""


@ours_only
class Upgrade(Case):
    def programs(self):
        return {"busy": {"command": probe("lines", "--rate", 0, "--payload", 60), "startsecs": 0,
                         "stdout_logfile": "%(here)s/busy.log", "stdout_logfile_maxbytes": 0},
                "copied": {"command": probe("lines", "--rate", 2000), "startsecs": 0, "stdout_logfile": "%(here)s/copied.log",
                           "stdout_logfile_maxbytes": 0, "stdout_events_enabled": True},
                "stopped": {"command": probe("wait"), "startsecs": 0},
                "restarted": {"command": probe("exit-on-usr1", 3), "startsecs": 0, "autorestart": True,
                              "stdout_logfile": "%(here)s/restarted"}}

    def setUp(self):
        if not (BIN / "upkeep-next").exists():
            self.fail(f"{BIN}/upkeep-next is not built")

    def image(self, d, name, fault=None):
        """A copy of the other version in the test's folder; its own file, so that it can be replaced and break."""
        path = d.dir / name
        shutil.copy(BIN / "upkeep-next", path)
        if fault:
            pathlib.Path(f"{path}.fault").write_text(fault)
        return path

    def upgrade(self, d, *words, status=0, config=True):
        done = subprocess.run([str(BIN / "upkeep"), "upgrade", *(["-c", str(d.config)] if config else []),
                               *map(str, words)], text=True, capture_output=True, timeout=120, check=False,
                              stdin=subprocess.DEVNULL, cwd=d.dir)
        self.assertEqual(done.returncode, status, f"{done.stdout}{done.stderr}\n{d.log_tail()}")
        return done.stdout + done.stderr

    def untouched(self, d, before):
        after = d.all_info()
        for name, info in before.items():
            self.assertEqual([after[name][k] for k in ("pid", "start", "statename")],
                             [info[k] for k in ("pid", "start", "statename")], name)
        self.assertEqual({i["pid"]: proc_started(i["pid"]) for i in after.values() if i["pid"]}, self.started_at)

    def begin(self):
        d = self.started(self.programs())
        d.wait_all()
        d.wait_text("restarted", "ready")
        d.rpc.supervisor.stopProcess("stopped")
        before = d.all_info()
        self.started_at = {i["pid"]: proc_started(i["pid"]) for i in before.values() if i["pid"]}
        return d, before

    def judge_lines(self, d):
        for name in ("busy", "copied"):
            wait_until(lambda n=name: (d.dir / f"{n}.log").stat().st_size > 5000, "enough lines to judge by")
            d.rpc.supervisor.stopProcess(name)
            found = check_lines(d.dir / f"{name}.log")
            self.assertEqual([found[k] for k in ("first", "lost", "repeated", "torn")], [1, 0, 0, 0], found["told"])

    def test_in_a_loop_under_load(self):
        d, before = self.begin()
        keeper = d.pid
        refused, over = [], threading.Event()

        def knock():
            """Clients that come while keepers and engines change: each is let in, whether or not it is answered."""
            while not over.is_set():
                client = socket.socket(socket.AF_UNIX)
                client.settimeout(30)
                try:
                    client.connect(str(d.socket))
                except OSError as error:
                    refused.append(error)
                finally:
                    client.close()
                time.sleep(0.002)
        thread = threading.Thread(target=knock)
        thread.start()
        try:
            images = [self.image(d, "next"), pathlib.Path(command_of("supervisord")).resolve()]
            descriptors = []
            for number in range(ROUNDS):
                engine = d.engine_pid
                told = self.upgrade(d, "--binary", images[number % 2])
                self.assertRegex(told, rf"^upgraded from \S+ to \S+: pid {keeper}, engine \d+\n$")
                self.assertEqual(NEXT in told.split(" to ")[1], number % 2 == 0, told)
                self.assertEqual(image_of(keeper), str(images[number % 2]))
                self.assertEqual(image_of(d.engine_pid), str(images[number % 2]))
                self.assertNotEqual(d.engine_pid, engine)
                self.untouched(d, before)
                descriptors.append(len(os.listdir(f"/proc/{keeper}/fd")))
        finally:
            over.set()
            thread.join()
        self.assertEqual(refused, [])
        self.assertEqual(d.pid, keeper, "the pidfile stays right")
        # The image before is kept for a minute: one descriptor, however many upgrades there were.
        self.assertLessEqual(max(descriptors) - min(descriptors), 2, descriptors)
        self.assertEqual(len(d.log_lines("spawned")), len(before))
        self.assertEqual(len(d.log_lines(r"^INFO upgraded from .*: 3 processes went on running")), ROUNDS)
        self.judge_lines(d)
        self.assertEqual(d.stop(), 0)

    def test_children_stay_children(self):
        """The status of a program that ends after an upgrade is the true one."""
        d, before = self.begin()
        self.upgrade(d, "--binary", self.image(d, "next"))
        os.kill(before["restarted"]["pid"], signal.SIGUSR1)
        d.wait_log(r"^WARN exited: restarted \(exit status 3; not expected\)$")
        wait_until(lambda: d.pid_of("restarted") not in (0, before["restarted"]["pid"]), "a new process")
        d.kill_engine()
        d.wait_ready_again()
        self.assertEqual(image_of(d.engine_pid), str(d.dir / "next"), "a later engine is of the new image, too")
        self.assertEqual(d.rpc.upkeep.getStatus()["version"], NEXT)

    def test_the_file_the_daemon_was_started_from(self):
        """A package manager has replaced the file: without --binary, and by the signal."""
        d = self.supervisord(self.programs())
        own = d.dir / "supervisord"
        shutil.copy(pathlib.Path(command_of("supervisord")).resolve(), own)
        with open(d.output, "ab") as output:
            d.process = subprocess.Popen([str(own), "-n", "-c", str(d.config)], env=d.environment(), cwd=d.dir,
                                         stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0)
        d.wait_ready()
        d.wait_all()
        for round_, ask in enumerate((("-c", d.config), ("--pid", d.pid))):
            shutil.copy(BIN / ("upkeep-next" if round_ == 0 else "upkeep"), d.dir / "new")
            os.rename(d.dir / "new", own)
            self.upgrade(d, *ask, config=False)
            d.wait_ready_again()
            wait_until(lambda r=round_: (d.patient(lambda: d.rpc.upkeep.getStatus())["version"] == NEXT) == (r == 0),
                       "the other version")
            self.assertEqual(image_of(d.pid), str(own))

    def test_a_fault_is_told_and_changes_nothing(self):
        d, before = self.begin()
        engine = d.engine_pid
        script = d.dir / "script"
        script.write_text("#!/bin/sh\necho upkeep\n")
        script.chmod(0o755)
        writable = self.image(d, "writable")
        writable.chmod(0o777)
        for image, words in ((self.image(d, "bad", "check"), "cannot take over the keeper's table (exit status 3)"),
                             ("/bin/true", "does not know --check-table"),
                             ("/bin/cat", "cannot take over the keeper's table"),
                             (script, "refused"), (d.config, "is not executable"), (d.dir, "is no regular file"),
                             (writable, "may be written to by others")):
            told = self.upgrade(d, "--binary", image, status=1)
            self.assertIn(words, told)
            self.assertRegex(d.log_tail(3), r"WARN the upgrade .*was refused")
        self.assertEqual(d.engine_pid, engine, "nothing was replaced")
        self.untouched(d, before)
        self.assertIn("No such file", self.upgrade(d, "--binary", d.dir / "missing", status=2))
        self.assertIn("no option --frobnicate", self.upgrade(d, "--frobnicate", status=2))
        self.judge_lines(d)

    def test_an_image_that_does_not_come_up_is_taken_back(self):
        d, before = self.begin()
        keeper, own = d.pid, image_of(d.pid)
        told = self.upgrade(d, "--binary", self.image(d, "bad", "engine"), status=1)
        self.assertRegex(told, r"was rolled back: its engines kept failing, the last one with: exit status 4; \S+ goes on")
        self.assertEqual([d.pid, image_of(d.pid), image_of(d.engine_pid)], [keeper, own, own])
        d.wait_log(rf"^CRIT the upgrade from \S+ to {d.dir}/bad \({NEXT}\) was taken back: its engines kept failing")
        self.untouched(d, before)
        self.upgrade(d, "--binary", self.image(d, "good"))  # that is no obstacle to the next one
        self.untouched(d, before)
        self.judge_lines(d)

    def test_a_keeper_that_dies_of_it_is_followed_by_the_old_engine(self):
        d, before = self.begin()
        keeper, own = d.pid, image_of(d.pid)
        told = self.upgrade(d, "--binary", self.image(d, "bad", "keeper"), status=1)
        self.assertIn("was rolled back: it ended as soon as it was started", told)
        self.assertNotEqual(d.pid, keeper)
        self.assertEqual(image_of(d.pid), own)
        d.wait_log(r"^CRIT the upgrade from .* was taken back: it ended as soon as it was started")
        self.untouched(d, before)
        self.judge_lines(d)

    def test_one_that_fails_later_in_its_first_minute_is_taken_back(self):
        d, before = self.begin()
        own = image_of(d.pid)
        bad = self.image(d, "bad")
        self.upgrade(d, "--binary", bad)
        pathlib.Path(f"{bad}.fault").write_text("engine")  # from now on
        os.kill(d.engine_pid, signal.SIGABRT)
        wait_until(lambda: image_of(d.pid) == own, "the image before", 60)
        d.wait_ready_again()
        d.wait_log(r"^CRIT the upgrade .* was taken back")
        self.untouched(d, before)
        self.assertEqual(d.rpc.upkeep.getStatus()["upgrade"]["state"], "rolled back")

    def test_a_signal_in_the_middle_is_not_lost(self):
        d, _ = self.begin()
        hanging = self.image(d, "hanging", "check-hangs")
        client = subprocess.Popen([str(BIN / "upkeep"), "upgrade", "-c", str(d.config), "--binary", str(hanging)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=d.dir)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        wait_until(lambda: d.log_lines("^INFO upgrade to .* asked for"), "the beginning")
        self.assertIn("another one is under way", self.upgrade(d, status=1))
        self.assertEqual(d.stop(), 0, "an orderly end while an image is being looked at")

    @root_only
    def test_others_may_not_ask(self):
        d, _ = self.begin()
        d.socket.chmod(0o777)
        asked = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", str(BIN / "upkeep"), "upgrade", "-s",
                                f"unix://{d.socket}"], text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(asked.returncode, 1)
        self.assertIn("only root and the user that the daemon runs as may upgrade it", asked.stderr)

    @unittest.skipUnless(SOAK, "takes half a minute")
    def test_an_engine_that_hangs_at_the_start(self):
        d, before = self.begin()
        told = self.upgrade(d, "--binary", self.image(d, "bad", "engine-hangs"), status=1)
        self.assertIn("its engine was not ready after 30 seconds", told)
        self.untouched(d, before)


@ours_only
class UpgradeOfSvscan(Case):
    def test_services_stay(self):
        """A daemon without a server is asked by the signal."""
        d = self.supervisord()  # only for its folder
        own = d.dir / "svscan"
        shutil.copy(pathlib.Path(command_of("supervisord")).resolve(), own)
        for name in ("a", "b"):
            service = d.dir / "services" / name
            (service / "log").mkdir(parents=True)
            for where, command in ((service, probe("lines", "--rate", 500)), (service / "log", f"cat > {d.dir}/{name}.lines")):
                (where / "run").write_text(f"#!/bin/sh\nexec {command.replace('%%', '%')}\n")
                (where / "run").chmod(0o755)
        with open(d.output, "ab") as output:
            d.process = subprocess.Popen([str(own), str(d.dir / "services")], env=d.environment(), cwd=d.dir,
                                         stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0)
        self.addCleanup(lambda: (d.process.terminate(), d.process.wait()))
        for name in ("a", "b"):
            wait_until(lambda n=name: d.read(f"{n}.lines").count("\n") > 20, "lines of the service")
        runs = [pid for pid in d.marked() if b"lines" in read_proc(pid, "cmdline")]
        self.assertEqual(len(runs), 2)
        shutil.copy(BIN / "upkeep-next", d.dir / "new")
        os.rename(d.dir / "new", own)
        done = subprocess.run([str(BIN / "upkeep"), "upgrade", "--pid", str(d.process.pid)], text=True,
                              capture_output=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(sorted(runs), sorted(pid for pid in d.marked() if b"lines" in read_proc(pid, "cmdline")))
        subprocess.run([str(BIN / "svc"), "-dx", d.dir / "services/a", d.dir / "services/a/log"], check=True)
        wait_until(lambda: len([pid for pid in runs if proc_alive(pid)]) == 1, "the service to be down")
        found = check_lines(d.dir / "a.lines")
        self.assertEqual([found[k] for k in ("first", "lost", "repeated", "torn")], [1, 0, 0, 0], found["told"])


if __name__ == "__main__":
    main()
