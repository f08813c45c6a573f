#!/usr/bin/python3
"""supervisord and svscan as PID 1 of a container: a root file system that holds upkeep alone and is read-only, a pid
namespace of its own, any user. The programs are applets of upkeep, so this tests the static build as well:
UPKEEP_BIN=build/static/bin tests/integration/test_container.py"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from harness import (BIN, IS_ROOT, children, kill_quietly, main, need_namespace, ours_only, proc_alive, proc_state,
                     read_proc, root_only, wait_until)

APPLETS = ("supervisord", "supervisorctl", "svscan", "svok", "svstat", "pidproxy")
STAYS = {"command": "/bin/svscan /services", "startsecs": 0, "stdout_logfile": "NONE", "stderr_logfile": "NONE"}
NOBODY_KNOWN = 1000123  # as OpenShift gives out
SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
NOT_ALLOWED = 77        # exit code of the shell that makes the mounts


def libraries_of(program):
    """Paths of the shared libraries; none for a static binary."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", listed)


class Container:
    """What a runtime does: /proc, /dev, a pid namespace, the read-only root, a pipe as stdout."""

    def __init__(self, case, root, *command, uid=0):
        ours, theirs = os.pipe()
        self.outside = subprocess.Popen(self.argv(root, *command, uid=uid), stdin=subprocess.DEVNULL, stdout=theirs,
                                        stderr=theirs)
        os.close(theirs)
        self.got = bytearray()
        self.reader = threading.Thread(target=self.read, args=(ours,), daemon=True)
        self.reader.start()
        self.case = case
        case.addCleanup(self.clean_up)

    @staticmethod
    def argv(root, *command, uid=0):
        mounts = (f"mount --bind {root} {root} && mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && "
                  f"mount -t tmpfs -o mode=1777 tmpfs {root}/run && mount -o remount,bind,ro {root}")
        user = f"--userspec={uid}:0" if uid else ""
        enter = f'cd {root} && exec env -i PATH=/bin {shutil.which("chroot", path=SBIN)} {user} {root} "$@"'
        return [*need_namespace(*([] if IS_ROOT else ["-r"]), "-mpf", "--kill-child"), "/bin/sh", "-c",
                f"{{ {mounts}; }} || exit {NOT_ALLOWED}; {enter}", "sh", *command]

    def run_inside(self, *command):
        """As `docker exec` does."""
        user = [] if IS_ROOT else ["--user", "--preserve-credentials"]
        return subprocess.run(["nsenter", f"--target={self.pid_1}", *user, "--mount", "--pid", "--root", "--wd", *command],
                              capture_output=True, text=True, check=False, env={"PATH": "/bin"})

    def read(self, fd):
        while chunk := os.read(fd, 1 << 16):
            self.got += chunk
        os.close(fd)

    @property
    def out(self):
        return bytes(self.got).decode(errors="backslashreplace")

    def wait_out(self, pattern):
        return wait_until(lambda: re.search(pattern, self.out), lambda: f"{pattern!r} in:\n{self.out}")

    @property
    def pid_1(self):
        """As seen from here."""
        return wait_until(lambda: children(self.outside.pid), "PID 1")[0]

    def pids(self, word):
        """Processes of the container whose command line begins so."""
        found, queue = [], [self.pid_1]
        while queue:
            pid = queue.pop()
            queue += children(pid)
            if read_proc(pid, "cmdline").replace(b"\0", b" ").startswith(word.encode()):
                found.append(pid)
        return found

    def only(self, word):
        """The one process of that name; a child that has not executed its own program yet has it as well."""
        return wait_until(lambda: len(found := self.pids(word)) == 1 and found, f"one {word}")[0]

    def end(self, seconds=30):
        """Waits for it; the exit code."""
        code = self.outside.wait(timeout=seconds)
        self.reader.join(timeout=seconds)
        return code

    def stop(self, signo=signal.SIGTERM):
        os.kill(self.pid_1, signo)
        return self.end()

    def clean_up(self):
        if self.outside.poll() is None:
            for pid in children(self.outside.pid):
                kill_quietly(pid, signal.SIGKILL)
            self.outside.wait()


other_user = root_only  # without root there is one user in the namespace


@ours_only
class AsPid1(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="uk-root-"))
        cls.root.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.root)
        for name in ("bin", "proc", "dev", "etc", "run", "services"):
            (cls.root / name).mkdir()
        for file in (BIN / "upkeep", *libraries_of(BIN / "upkeep")):
            target = cls.root / ("bin/upkeep" if file == BIN / "upkeep" else str(file).lstrip("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        for name in APPLETS:
            (cls.root / "bin" / name).symlink_to("upkeep")
        tried = subprocess.run(Container.argv(cls.root, "/bin/svok", "/services"), capture_output=True, text=True,
                               check=False)
        if tried.returncode == NOT_ALLOWED:
            raise unittest.SkipTest("no mounts of our own here: " + tried.stderr.strip())

    def run_with(self, programs, uid=0, sections=None, **supervisord):
        """supervisord -n with these programs; /dev/null is its log unless told otherwise."""
        lines = ["[supervisord]"]
        lines += [f"{key}={value}" for key, value in {"logfile": "/dev/null", **supervisord}.items() if value]
        for name, keys in {**(sections or {}), **{f"program:{name}": keys for name, keys in programs.items()}}.items():
            lines += [f"[{name}]", *(f"{key}={value}" for key, value in keys.items())]
        (self.root / "etc/supervisord.conf").write_text("\n".join(lines) + "\n")
        return Container(self, self.root, "/bin/supervisord", "-n", "-c", "/etc/supervisord.conf", uid=uid)

    def test_strangers_are_reaped(self):
        c = self.run_with({"proxy": {**STAYS, "command": "/bin/pidproxy /none /bin/svscan /services",
                                     "autorestart": "false"}})
        c.wait_out("proxy entered RUNNING")
        proxy, stranger = c.only("/bin/pidproxy"), c.only("/bin/svscan")
        os.kill(proxy, signal.SIGKILL)
        wait_until(lambda: stranger in children(c.pid_1), "PID 1 to be its parent")
        os.kill(stranger, signal.SIGTERM)
        c.wait_out("reaped unknown pid [0-9]+ ")
        self.assertNotIn("Z", {proc_state(pid) for pid in children(c.pid_1)})
        self.assertEqual(c.stop(), 0)

    def test_what_runtimes_send_to_end_it(self):
        for signo in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGPWR, signal.SIGRTMIN + 3):
            with self.subTest(signo=signo):
                c = self.run_with({"stays": STAYS})
                c.wait_out("stays entered RUNNING")
                for harmless in (signal.SIGWINCH, signal.SIGALRM, signal.SIGTSTP, signal.SIGUSR1):
                    os.kill(c.pid_1, harmless)
                c.wait_out("received SIGUSR1")
                self.assertEqual(c.stop(signo), 0, c.out)
                self.assertRegex(c.out, "received .* indicating exit request")
                self.assertIn("stopped: stays", c.out)

    def test_the_exit_code_of_an_essential_program(self):
        c = self.run_with({"stays": STAYS,
                           "job": {"command": "/bin/svok /services", "startsecs": 0, "autorestart": "false",
                                   "stdout_logfile": "/dev/stdout", "stdout_logfile_maxbytes": 0,
                                   "redirect_stderr": "true", "essential": "true"}}, output_format="json")
        self.assertEqual(c.end(), 100, c.out)
        objects = [json.loads(line) for line in c.out.splitlines()]
        self.assertTrue(any("essential" in o["line"] for o in objects))

    def test_an_engine_that_dies_changes_nothing(self):
        c = self.run_with({"stays": STAYS})
        c.wait_out("stays entered RUNNING")
        before, engine = c.only("/bin/svscan"), c.only("upkeep-engine /bin/supervisord")
        os.kill(engine, signal.SIGKILL)
        c.wait_out("the engine was started again")
        self.assertEqual(c.only("/bin/svscan"), before)
        self.assertEqual(c.stop(), 0)

    @other_user
    def test_a_user_whom_nobody_knows(self):
        """No passwd, no HOME, nowhere to write."""
        c = self.run_with({"says": {"command": "/bin/svstat /none", "startsecs": 0, "autorestart": "false",
                                    "stdout_logfile": "/dev/stdout", "stdout_logfile_maxbytes": 0,
                                    "redirect_stderr": "true"},
                           "automatic": {"command": "/bin/svscan /services", "startsecs": 0}},
                          uid=NOBODY_KNOWN, output_prefix="%(program_name)s |")
        c.wait_out(r"(?m)^says \| /none: unable to chdir: file does not exist$")
        c.wait_out("automatic entered RUNNING")
        self.assertIn("CRIT could not write pidfile /supervisord.pid", c.out)
        self.assertIn(f"Uid:\t{NOBODY_KNOWN}", read_proc(c.pid_1, "status").decode())
        self.assertEqual(c.stop(), 0)

    def test_a_health_check(self):
        socket = {"unix_http_server": {"file": "/run/s"}, "supervisorctl": {"serverurl": "unix:///run/s"},
                  "rpcinterface:supervisor":
                      {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"}}
        c = self.run_with({"stays": STAYS, "rests": {**STAYS, "autostart": "false"}}, sections=socket)
        c.wait_out("stays entered RUNNING")
        check = ("/bin/supervisorctl", "-c", "/etc/supervisord.conf", "status")
        healthy = c.run_inside(*check, "stays")
        self.assertEqual((healthy.returncode, healthy.stderr), (0, ""), healthy)
        self.assertEqual(c.run_inside(*check, "rests").returncode, 3)
        self.assertEqual(c.stop(), 0)

    def test_no_place_for_the_log_says_what_to_do(self):
        c = self.run_with({}, logfile=None)
        self.assertEqual(c.end(), 1)
        self.assertIn("the log file cannot be written: open /supervisord.log: Read-only file system", c.out)
        self.assertIn("Set logfile in [supervisord] to a file that can be written, or to /dev/null", c.out)

    def test_svscan(self):
        run = self.root / "watched/x/run"
        run.parent.mkdir(parents=True)
        run.touch(mode=0o755)
        c = Container(self, self.root, "/bin/svscan", "/watched")
        c.wait_out("unable to acquire x/supervise/lock")  # it works, and looks at the directory
        engine = c.only("upkeep-engine")
        os.kill(c.pid_1, signal.SIGHUP)
        os.kill(engine, signal.SIGKILL)
        wait_until(lambda: c.pids("upkeep-engine") not in ([], [engine]), "another engine")
        self.assertTrue(proc_alive(c.pid_1))
        self.assertEqual(c.stop(), 0, c.out)


if __name__ == "__main__":
    main()
