#!/usr/bin/python3
"""Files in folders that others may write to: what somebody plants there for a daemon that is root to find.

docs/security.md says what is defended, and what is not.
"""
import contextlib
import os
import pathlib
import signal
import socket
import stat
import subprocess
import threading

from harness import Case, main, ours_only, probe, root_only, wait_until

MALLORY = 65534  # nobody
PRECIOUS = "what only root may change\n"


def plant_link(target, path):
    os.symlink(target, path)
    os.lchown(path, MALLORY, MALLORY)


def as_mallory(*command):
    """Runs a command as nobody; its status."""
    return subprocess.run(command, user=MALLORY, group=MALLORY, extra_groups=[], capture_output=True, check=False).returncode


class Shared(Case):
    """A supervisord beside the folder `app`, which is mallory's, and a file that is none of his business."""

    def prepare(self, programs=None, supervisord=None, **how):
        self.d = self.supervisord(programs or {}, supervisord=supervisord, **how)
        self.app = self.d.dir / "app"
        self.app.mkdir()
        os.chown(self.app, MALLORY, MALLORY)
        self.precious = self.d.dir / "precious"
        self.precious.write_text(PRECIOUS)
        self.precious.chmod(0o600)
        return self.d

    def assert_untouched(self):
        self.assertEqual(self.precious.read_text()[:100], PRECIOUS)
        self.assertEqual(stat.S_IMODE(self.precious.stat().st_mode), 0o600)
        self.assertEqual(self.precious.stat().st_uid, 0)


@ours_only
@root_only
class Logs(Shared):
    def program(self, **keys):
        return {"web": {"command": probe("say", "from the program"), "startsecs": 0, "startretries": 0,
                        "stdout_logfile": "%(here)s/app/x.log", **keys}}

    def test_a_planted_link_is_not_written_through(self):
        d = self.prepare(self.program())
        plant_link(self.precious, self.app / "x.log")
        d.start()
        d.wait_log(r"the link .*/app/x\.log, which uid 65534 may lead anywhere")
        d.wait_state("web", "FATAL", "BACKOFF", "EXITED")
        self.assert_untouched()

    def test_nor_one_to_a_file_that_is_to_be_made(self):
        d = self.prepare(self.program())
        plant_link(d.dir / "made", self.app / "x.log")
        d.start()
        d.wait_log("which uid 65534 may lead anywhere")
        self.assertFalse((d.dir / "made").exists())

    def test_nor_one_on_the_way(self):
        d = self.prepare(self.program(stdout_logfile="%(here)s/app/logs/precious"))
        plant_link(d.dir, self.app / "logs")
        d.start()
        d.wait_log(r"the link .*/app/logs, which uid 65534 may lead anywhere")
        self.assert_untouched()

    def test_one_that_is_planted_while_the_log_is_open(self):
        """At a reopening, a clearing and a rotation: each makes the name anew."""
        d = self.prepare({"web": {"command": probe("lines", "--count", 1000000, "--rate", 500), "startsecs": 0,
                                  "stdout_logfile": "%(here)s/app/x.log", "stdout_logfile_maxbytes": "20KB",
                                  "stdout_logfile_backups": 1}})
        d.start()
        log = self.app / "x.log"
        wait_until(lambda: (self.app / "x.log.1").exists(), "a rotation")
        over = threading.Event()

        def plant():
            """As fast as he can, whenever the name is free, and by force."""
            while not over.is_set():
                for name in (log, self.app / "x.log.1", self.app / "x.log.2"):
                    beside = self.app / "beside"
                    beside.unlink(missing_ok=True)
                    plant_link(self.precious, beside)
                    os.rename(beside, name)
        thread = threading.Thread(target=plant)
        thread.start()
        try:
            for _ in range(20):
                os.kill(d.pid, signal.SIGUSR2)
                d.patient(lambda: d.ctl("clear", "web").returncode in (0, 1))
        finally:
            over.set()
            thread.join()
        self.assert_untouched()
        log.unlink()  # and without him all is well again
        os.kill(d.pid, signal.SIGUSR2)
        wait_until(lambda: log.exists() and not log.is_symlink() and log.stat().st_size > 0, lambda: d.log_tail())

    def test_nothing_is_shown_through_a_planted_link(self):
        d = self.prepare(self.program())
        d.start()
        d.wait_text("app/x.log", "from the program")
        (self.app / "x.log").unlink()
        plant_link(self.precious, self.app / "x.log")
        for words in (("tail", "web"), ("tail", "-f", "web"), ("fg", "web")):
            self.assertNotIn("only root", d.ctl(*words).stdout)
        ended = subprocess.run(["curl", "-s", "--unix-socket", d.socket, "http://x/tail.html?processname=web"],
                               capture_output=True, text=True, check=False)
        self.assertNotIn("only root", ended.stdout)

    def test_links_of_root_are_followed(self):
        """To another disk, to what a container shows."""
        d = self.prepare(self.program())
        (d.dir / "disk2").mkdir()
        os.symlink(d.dir / "disk2/real", self.app / "x.log")
        d.start()
        d.wait_text("disk2/real", "from the program")
        self.assertTrue((self.app / "x.log").is_symlink())

    def test_a_link_of_root_to_standard_output_is_followed(self):
        d = self.prepare(self.program())
        fifo = d.dir / "fifo"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        os.symlink(fifo, self.app / "x.log")
        d.start()

        def read():
            with contextlib.suppress(BlockingIOError):
                return os.read(reader, 1000)
            return b""
        wait_until(lambda: b"from the program" in read(), "the line", step=0.1)

    def test_links_to_what_their_owner_has_are_followed(self):
        d = self.prepare(self.program(stdout_logfile="%(here)s/app/current/x.log"))
        (self.app / "release").mkdir()
        os.chown(self.app / "release", MALLORY, MALLORY)
        plant_link("release", self.app / "current")
        d.start()
        d.wait_text("app/release/x.log", "from the program")

    def test_a_planted_fifo_keeps_nobody_waiting(self):
        d = self.prepare(self.program(command=probe("lines", "--count", 100000)))
        os.mkfifo(self.app / "x.log", 0o666)
        os.chown(self.app / "x.log", MALLORY, MALLORY)
        d.start()
        d.wait_state("web", "RUNNING", "EXITED")
        self.assertEqual(d.rpc.supervisor.getState()["statename"], "RUNNING")
        self.assertNotEqual(d.ctl("tail", "web").returncode, None)

    def test_a_hard_link_is_the_kernels_business(self):
        d = self.prepare(self.program())
        if pathlib.Path("/proc/sys/fs/protected_hardlinks").read_text().strip() != "1":
            self.skipTest("fs.protected_hardlinks is off: docs/security.md")
        self.assertNotEqual(as_mallory("ln", str(self.precious), str(self.app / "x.log")), 0)
        d.start()
        d.wait_text("app/x.log", "from the program")

    def test_the_activity_log(self):
        d = self.prepare()
        d.write_config({}, {"logfile": "%(here)s/app/d.log"})
        plant_link(self.precious, self.app / "d.log")
        ended = d.run_to_end("-n")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("which uid 65534 may lead anywhere", ended.stderr)
        self.assert_untouched()


@ours_only
@root_only
class Pidfile(Shared):
    def test_a_planted_link_is_not_written_through(self):
        d = self.prepare()
        d.write_config({}, {"pidfile": "%(here)s/app/pid"})
        plant_link(self.precious, self.app / "pid")
        d.launch()
        d.wait_log("could not write pidfile")
        d.wait_log("the pid is .*which uid 65534 may lead anywhere")
        self.assert_untouched()
        d.process.terminate()
        self.assertEqual(d.process.wait(30), 0)
        self.assert_untouched()
        self.assertTrue((self.app / "pid").is_symlink())

    def test_a_planted_file_is_not_taken_for_ours_in_a_shared_folder(self):
        """Whoever owns a pidfile decides what `kill $(cat pidfile)` kills."""
        d = self.prepare()
        shared = d.dir / "tmp"
        shared.mkdir()
        shared.chmod(0o1777)
        (shared / "pid").write_text("1\n")
        os.chown(shared / "pid", MALLORY, MALLORY)
        d.write_config({}, {"pidfile": "%(here)s/tmp/pid"})
        d.launch()
        d.wait_log("the pid is .*a file of uid 65534 in a folder that everybody may write to")
        self.assertEqual((shared / "pid").read_text(), "1\n")
        d.process.terminate()
        self.assertEqual(d.process.wait(30), 0)


@ours_only
class Sockets(Shared):
    def test_mode_and_owner_are_there_before_anybody_is_listened_to(self):
        """Watches the folder while daemons start: what can be connected to has its final mode and owner."""
        d = self.supervisord()
        keys = {"unix_http_server": {"file": d.socket, "chmod": "0770", **({"chown": "root:65534"} if os.geteuid() == 0 else {})}}
        text = d.config.read_text()
        lines = "\n".join(f"{k}={v}" for k, v in keys["unix_http_server"].items())
        d.config.write_text(text.replace(f"[unix_http_server]\nfile={d.socket}", f"[unix_http_server]\n{lines}"))
        expected = (0o770, 65534 if os.geteuid() == 0 else os.getegid())
        seen, over = set(), threading.Event()

        def look():
            while not over.is_set():
                for path in d.dir.glob("s.sock*"):
                    client = socket.socket(socket.AF_UNIX)
                    try:
                        found = path.lstat()
                        client.connect(str(path))
                        seen.add((stat.S_IMODE(found.st_mode), found.st_gid))
                    except OSError:
                        pass
                    finally:
                        client.close()
        thread = threading.Thread(target=look)
        thread.start()
        try:
            for _ in range(3):
                d.start()
                d.stop()
        finally:
            over.set()
            thread.join()
        self.assertLessEqual(seen, {expected})
        self.assertTrue(seen, "nobody could connect at all")

    def test_what_is_planted_at_its_path_is_not_replaced(self):
        for plant in (lambda path: os.symlink("elsewhere", path), os.mkfifo, os.mkdir, lambda path: path.write_text("x")):
            d = self.supervisord()
            plant(d.socket)
            ended = d.run_to_end("-n")
            self.assertEqual(ended.returncode, 2)
            self.assertIn("exists and is not a socket", ended.stderr)
            self.assertFalse((d.dir / "elsewhere").exists())

    @root_only
    def test_a_socket_that_somebody_listens_on_is_not_taken_for_ours(self):
        d = self.prepare()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(d.socket))
            os.chown(d.socket, MALLORY, MALLORY)
            other.listen()
            ended = d.run_to_end("-n")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("Another program is already listening", ended.stderr)

    @root_only
    def test_a_fastcgi_socket_does_not_lead_a_chown_astray(self):
        """chown and chmod by name would follow what mallory puts there in the meantime."""
        d = self.prepare()
        d.write_config({"fcgi-program:f": {"command": probe("wait"), "socket": f"unix://{self.app}/f.sock", "autostart": False,
                                           "socket_owner": "65534", "socket_mode": "0777"}})
        d.start()
        path, over = self.app / "f.sock", threading.Event()

        def plant():
            while not over.is_set():
                path.unlink(missing_ok=True)
                try:
                    plant_link(self.precious, path)
                except FileExistsError:
                    pass
        thread = threading.Thread(target=plant)
        thread.start()
        try:
            for _ in range(30):
                d.ctl("start", "f")
                d.ctl("stop", "f")
        finally:
            over.set()
            thread.join()
        self.assert_untouched()


@ours_only
@root_only
class Configuration(Case):
    def test_who_else_may_change_it_is_told(self):
        d = self.supervisord()
        included = d.dir / "more.ini"
        included.write_text("[program:x]\ncommand=sleep 1000\nautostart=false\n")
        d.config.write_text(d.config.read_text() + f"\n[include]\nfiles={included}\n")
        d.start()
        self.assertEqual(d.log_lines("may write to"), [])
        d.stop()
        included.chmod(0o666)
        os.chown(d.config, MALLORY, MALLORY)
        d.start()
        self.assertEqual(d.log_lines("may write to"), [
            f"WARN uid {MALLORY}, its owner, may write to {d.config} (mode 0644), and so decide what root runs",
            f"WARN everybody may write to {included} (mode 0666), and so decide what root runs"])
        self.assertNotIn("may write to", d.ctl("status").stdout)


@ours_only
@root_only
class ServiceDirectories(Case):
    def test_doors_of_services_are_for_their_owner_alone(self):
        """control and ok are fifos: whoever may write to one may stop the service."""
        d = self.supervisord()
        d.write_config({"program:web": {"command": probe("wait")}}, {"servicedir": d.dir / "services"})
        before = os.umask(0)
        try:
            d.start()
        finally:
            os.umask(before)
        doors = d.dir / "services/web/supervise"
        wait_until(lambda: (doors / "status").exists(), "the service's files")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in doors.iterdir()}
        for name in ("control", "ok", "lock"):
            self.assertEqual(modes[name], 0o600, name)
        self.assertEqual(stat.S_IMODE(doors.stat().st_mode) & 0o022, 0)
        for name in ("control", "ok"):
            self.assertNotEqual(as_mallory("/bin/sh", "-c", f"echo d > {doors / name}"), 0)
        d.wait_state("web", "RUNNING")


if __name__ == "__main__":
    main()
