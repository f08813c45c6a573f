"""Runs a real supervisord in a folder of its own and lets a test look at it from outside.

The program under test comes from the environment:
  UPKEEP_BIN    folder of supervisord and supervisorctl (default: build/release/bin)
  UPKEEP_PROBE  the probe program (default: UPKEEP_BIN/probe)
  UPKEEP_PEERS  folder with unpacked Debian packages (default: build/peers)
  UPKEEP_DAEMON=debian  tests Debian's supervisord in the peers instead of ours; what only ours has is skipped
  UPKEEP_TEST_DENY=1  lets supervisord run as on an old kernel: pidfds, close_range and clone3 are denied
  UPKEEP_SOAK=1 long versions of the tests that have one
  UPKEEP_KEEP=1 keeps the folders of the tests

A test waits for conditions with a deadline and never for a duration. Every process of a test carries UPKEEP_TEST_ID in
its environment; a test fails when one of them is left after an orderly shutdown, and all are ended by pid in any case.
"""
import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

from rpc import RpcError, connect

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("UPKEEP_BIN", ROOT / "build/release/bin")).resolve()
PEERS = pathlib.Path(os.environ.get("UPKEEP_PEERS", ROOT / "build/peers")).resolve()
PROBE = str(pathlib.Path(os.environ.get("UPKEEP_PROBE", BIN / "probe")).resolve())
DEBIAN = os.environ.get("UPKEEP_DAEMON") == "debian"
SOAK = os.environ.get("UPKEEP_SOAK") == "1"
DENY = [PROBE, "deny-new-calls"] if os.environ.get("UPKEEP_TEST_DENY") == "1" else []
KEEP = os.environ.get("UPKEEP_KEEP") == "1"
IS_ROOT = os.geteuid() == 0
MARKER = "UPKEEP_TEST_ID"

ours_only = unittest.skipIf(DEBIAN, "of Upkeep only")
root_only = unittest.skipUnless(IS_ROOT, "needs root")


def wait_until(predicate, what, seconds=30, step=0.01):
    """Returns the first true value of predicate(); fails with `what` (text or a function) after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(step)


def always(predicate, what, seconds):
    """Fails as soon as predicate() is false: for the few tests that claim that nothing happens for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert predicate(), what() if callable(what) else what
        time.sleep(0.02)


# -- peers ------------------------------------------------------------------------------------------------------------

def need_peer(name):
    """Path of the command `name` of the peers; skips the test where there is none."""
    path = PEERS / "bin" / name
    if not path.exists():
        raise unittest.SkipTest(f"{path} is missing (scripts/fetch-peers brings it)")
    return str(path)


def command_of(name, debian=DEBIAN):
    """Path of supervisord or supervisorctl: the one under test, or Debian's."""
    if debian:
        return need_peer(name)
    program = BIN / name
    if not program.exists():
        raise AssertionError(f"{program} is not built (UPKEEP_BIN names the folder)")
    return str(program)


def need_namespace(*options):
    """unshare and these options as a list; skips the test where that is not allowed (not root, a chroot, a sandbox)."""
    command = ["unshare", *options]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise unittest.SkipTest("no namespace of our own here: " + tried.stderr.strip())
    return command


# -- processes --------------------------------------------------------------------------------------------------------

def read_proc(pid, name):
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # gone, or not ours to look at
        return b""


def proc_state(pid):
    """One letter as in /proc/PID/stat, or "" when there is no such process."""
    stat = read_proc(pid, "stat")
    return stat[stat.rindex(b")") + 2:][:1].decode() if stat else ""


def proc_alive(pid):
    return proc_state(pid) not in ("", "Z", "X")


def proc_parent(pid):
    stat = read_proc(pid, "stat")
    return int(stat[stat.rindex(b")") + 2:].split()[1]) if stat else 0


def proc_started(pid):
    """Start time in clock ticks since boot: with the pid it names one process for ever."""
    stat = read_proc(pid, "stat")
    return int(stat[stat.rindex(b")") + 2:].split()[19]) if stat else 0


def proc_comm(pid):
    return read_proc(pid, "comm").decode().rstrip("\n")


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def children(pid):
    return [int(p) for p in read_proc(pid, f"task/{pid}/children").split()]


def kill_quietly(pid, signo):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signo)


# -- configuration ----------------------------------------------------------------------------------------------------

def probe(*words):
    """A command= that runs the probe. A % is doubled, since values are %-expanded."""
    return " ".join(shlex.quote(str(w)) for w in (PROBE, *words)).replace("%", "%%")


def ini(sections):
    """{"program:x": {"command": ...}} → the text of a configuration file; True and False as words."""
    lines = []
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        for key, value in keys.items():
            lines.append(f"{key}={str(value).lower() if isinstance(value, bool) else value}")
        lines.append("")
    return "\n".join(lines)


def check_lines(*paths, any_text=False):
    """What `probe check-lines` finds in these files, oldest first: {"lines": N, "lost": N, ..., "told": its output}."""
    told = subprocess.run([PROBE, "check-lines", *(["--any-text"] if any_text else []), *map(str, paths)], text=True,
                          capture_output=True, check=True).stdout
    words = told.splitlines()[-1].split()
    return {**{k: int(v) for k, v in zip(words[::2], words[1::2])}, "told": told}


class Supervisord:
    """One supervisord in a folder of its own: configuration, start, RPC, log, end."""

    def __init__(self, case, programs=None, *, supervisord=None, text=None, debian=None, folder=None):
        self.case = case
        self.debian = DEBIAN if debian is None else debian
        self.id = uuid.uuid4().hex[:12]
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="uk-", dir=folder))
        self.dir.chmod(0o755)
        self.config = self.dir / "s.conf"
        self.socket = self.dir / "s.sock"
        self.pidfile = self.dir / "s.pid"
        self.logfile = self.dir / "s.log"
        self.output = self.dir / "output"  # stdout and stderr of the daemon
        (self.dir / "auto").mkdir()
        (self.dir / "auto").chmod(0o777)
        self.process = None
        self.rpc = connect(self.socket)
        self.clean_end = True  # whether the end of the test checks for left processes
        self.write_config(programs or {}, supervisord, text)
        case.addCleanup(self.clean_up)

    def write_config(self, programs, supervisord=None, text=None):
        """`programs`: sections by full name, or by program name alone."""
        if text is None:
            sections = {
                "unix_http_server": {"file": self.socket},
                "supervisord": {"logfile": self.logfile, "pidfile": self.pidfile, "childlogdir": self.dir / "auto",
                                **({"user": "root"} if IS_ROOT else {}), **(supervisord or {})},
                "rpcinterface:supervisor":
                    {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
                "supervisorctl": {"serverurl": f"unix://{self.socket}"},
            }
            for name, keys in programs.items():
                sections[name if ":" in name else f"program:{name}"] = keys
            text = ini(sections)
        self.config.write_text(text)

    def environment(self, extra=None):
        return {**os.environ, MARKER: self.id, **(extra or {})}

    def launch(self, *options, wrap=(), env=None, stdout=None):
        """Starts the daemon (in the foreground unless `options` are given) in a process group of its own."""
        argv = [*wrap, *DENY, command_of("supervisord", self.debian), "-c", str(self.config), *(options or ("-n",))]
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(argv, env=self.environment(env), cwd=self.dir, stdin=subprocess.DEVNULL,
                                            stdout=stdout or output, stderr=output, process_group=0)
        return self

    def start(self, *options, **how):
        self.launch(*options, **how)
        self.wait_ready()
        return self

    def start_daemon(self):
        """Starts it in the background; returns when the starter has ended, which must be with status 0."""
        ended = self.run_to_end()
        self.case.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "", ""))
        return self

    def run_to_end(self, *options, env=None, config=True, seconds=30):
        """For runs that end by themselves: the CompletedProcess, with text."""
        argv = [*DENY, command_of("supervisord", self.debian), *(["-c", str(self.config)] if config else []), *options]
        return subprocess.run(argv, env=self.environment(env), cwd=self.dir, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=seconds, check=False)

    def is_ready(self):
        with contextlib.suppress(OSError, *RpcError):
            return self.rpc.supervisor.getState()["statename"] == "RUNNING" and self.pidfile.exists()
        return False

    def wait_ready(self, seconds=30):
        def ready():
            code = self.process.poll() if self.process else None
            if code not in (None, 0):
                raise AssertionError(f"supervisord ended with {code}:\n{self.output.read_text()}")
            return self.is_ready()
        wait_until(ready, lambda: f"ready; its output:\n{self.output.read_text()}", seconds)

    def wait_ready_again(self):
        """Ready, whoever the daemon is by now."""
        wait_until(self.is_ready, lambda: f"ready\n{self.log_tail()}")

    # -- looking --

    @property
    def pid(self):
        """Of the keeper: what the pidfile says."""
        return int(self.pidfile.read_text())

    def find_engine(self):
        """Pid of the keeper's engine, or None while there is none."""
        with contextlib.suppress(OSError, ValueError):
            for pid in children(self.pid):
                if read_proc(pid, "cmdline").startswith(b"upkeep-engine\0") and proc_alive(pid):
                    return pid
        return None

    def kill_engine(self):
        """Kills the engine and returns when it is dead; its pid. The keeper starts another at once, or a second after
        this one was started."""
        pid = self.engine_pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not proc_alive(pid), "the engine to die", step=0)
        return pid

    def new_engine(self, old):
        return wait_until(lambda: (pid := self.find_engine()) != old and pid, "a new engine")

    @contextlib.contextmanager
    def without_engine(self):
        """While this lasts, every engine dies as soon as it appears."""
        self.kill_engine()
        over = threading.Event()

        def kill():
            while not over.wait(0.001):
                if (pid := self.find_engine()):
                    kill_quietly(pid, signal.SIGKILL)
        thread = threading.Thread(target=kill)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    @property
    def engine_pid(self):
        return wait_until(self.find_engine, "an engine")

    def info(self, name):
        return self.patient(lambda: self.rpc.supervisor.getProcessInfo(name))

    def all_info(self):
        """By namespec."""
        rows = self.patient(lambda: self.rpc.supervisor.getAllProcessInfo())
        return {r["name"] if r["name"] == r["group"] else f"{r['group']}:{r['name']}": r for r in rows}

    def patient(self, call, seconds=30):
        """A read-only call repeated while its connection is lost, as our supervisorctl does."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return call()
            except (OSError, *RpcError) as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"no answer within {seconds} s: {error!r}") from error
                time.sleep(0.02)

    def state(self, name):
        return self.info(name)["statename"]

    def pid_of(self, name):
        return self.info(name)["pid"]

    def wait_state(self, name, *states, seconds=30):
        """Waits for one of `states`; the info that showed it."""
        seen = {}
        def reached():
            seen.update(self.info(name))
            return seen["statename"] in states
        wait_until(reached, lambda: f"{name} {' or '.join(states)}; it is {seen}\n{self.log_tail()}", seconds)
        return seen

    def wait_all(self, state="RUNNING", seconds=30):
        seen = {}
        def reached():
            seen.clear()
            seen.update({name: row["statename"] for name, row in self.all_info().items()})
            return all(s == state for s in seen.values())
        wait_until(reached, lambda: f"all {state}; they are {seen}\n{self.log_tail()}", seconds)
        return self.all_info()

    def log(self):
        with contextlib.suppress(OSError):
            return self.logfile.read_text(errors="backslashreplace")
        return ""

    def log_tail(self, lines=40):
        return "\n".join(self.log().splitlines()[-lines:])

    def log_lines(self, pattern):
        """Messages (level and text, without the time) that match the regular expression."""
        messages = [line[24:] for line in self.log().splitlines()]
        return [m for m in messages if re.search(pattern, m)]

    def wait_log(self, pattern, count=1, seconds=30):
        return wait_until(lambda: (found := self.log_lines(pattern)) and len(found) >= count and found,
                          lambda: f"{count} log lines like {pattern!r}; the log ends with\n{self.log_tail()}", seconds)

    def read(self, name):
        """Text of a file in the test's folder; "" while there is none."""
        with contextlib.suppress(FileNotFoundError):
            return (self.dir / name).read_text(errors="backslashreplace")
        return ""

    def wait_text(self, name, text, seconds=30):
        return wait_until(lambda: (got := self.read(name)) and text in got and got,
                          lambda: f"{text!r} in {name}, which holds {self.read(name)[-2000:]!r}", seconds)

    def ctl_argv(self, *words, debian=None):
        return [command_of("supervisorctl", self.debian if debian is None else debian), "-c", str(self.config), *words]

    def ctl(self, *words, debian=None, seconds=60):
        """Runs supervisorctl with these words."""
        return subprocess.run(self.ctl_argv(*words, debian=debian), cwd=self.dir, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=seconds, check=False)

    # -- the end --

    def marked(self):
        """Pids of the living processes that belong to this test."""
        needle = f"{MARKER}={self.id}".encode()
        return [pid for pid in all_pids() if needle in read_proc(pid, "environ").split(b"\0") and proc_alive(pid)]

    def daemon_pids(self):
        found = {self.process.pid} if self.process and self.process.poll() is None else set()
        with contextlib.suppress(OSError, ValueError):
            if (pid := self.pid) in self.marked():
                found.add(pid)
        return found

    def stop(self, signo=signal.SIGTERM, seconds=30):
        """Asks for an orderly end and waits for it; the exit code when the daemon was our child to the end."""
        for pid in self.daemon_pids():
            kill_quietly(pid, signo)
        wait_until(lambda: not self.daemon_pids(), lambda: f"supervisord to end\n{self.log_tail()}", seconds)
        return self.process.wait() if self.process else None

    def clean_up(self):
        left = []
        try:
            if self.daemon_pids():
                self.stop()
            # the keeper's last act is to end; its engine may need a moment more
            wait_until(lambda: not self.marked(), "no process left", 5)
        except AssertionError as error:
            left = [f"{pid} {' '.join(read_proc(pid, 'cmdline').decode().split(chr(0)))}" for pid in self.marked()]
            left.append(str(error))
        finally:
            self.case.remember(self)
            for signo in (signal.SIGKILL, signal.SIGKILL):  # twice: a keeper's death may start an engine
                for pid in self.marked():
                    kill_quietly(pid, signo)
                with contextlib.suppress(AssertionError):
                    wait_until(lambda: not self.marked(), "", 2)
            if self.process:
                self.process.wait()
            if not KEEP:
                shutil.rmtree(self.dir, ignore_errors=True)
        if left and self.clean_end:
            self.case.fail("left after the shutdown:\n" + "\n".join(left))


class Case(unittest.TestCase):
    """A test that tells what supervisord logged when it fails."""
    maxDiff = None

    def run(self, result=None):
        self.remembered = []
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for text in self.remembered:
                sys.stderr.write(text)

    def remember(self, daemon):
        logged = set(daemon.log().splitlines())
        output = "\n".join(line for line in daemon.read("output").splitlines() if line not in logged)
        self.remembered.append(f"--- {self.id()}: {daemon.dir}\n{daemon.log_tail(60)}\n--- output besides the log\n"
                               f"{output[-3000:]}\n---\n")

    def supervisord(self, programs=None, **how):
        return Supervisord(self, programs, **how)

    def started(self, programs=None, **how):
        return Supervisord(self, programs, **how).start()


def main():
    unittest.main(module="__main__", verbosity=2)
