"""One side of a scenario: the real supervisord, or ours, in a folder of its own, and what can be seen of it.

What is seen is made equal where it must differ: the folder, the path of the program, process ids, times, the random part
of AUTO log names. Waiting is always for a condition, with a deadline that a busy machine can keep.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import uuid
import xmlrpc.client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from harness import all_pids, command_of, ini, kill_quietly, proc_alive, read_proc  # noqa: E402
from rpc import RpcError, connect  # noqa: E402

DEADLINE = 60  # seconds, for everything that is waited for
STEP = 0.03    # seconds between two looks
MARKER = "UPKEEP_TEST_ID"
# Lines that ours adds to those of the original; spawn_errors shows them.
OURS_ALONE = re.compile(r"'[^']*' never ran its program: ")
CAUSE = re.compile(r"(?m)^The cause is at (.*)\n")  # ours adds this line to errors that a file is to blame for


def wait_until(look, what, seconds=DEADLINE):
    """The first true value of look(); fails with `what` (text or a function) after the deadline."""
    end = time.monotonic() + seconds
    while not (value := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(STEP)
    return value


class Side:
    def __init__(self, is_original):
        self.is_original = is_original
        self.id = uuid.uuid4().hex[:12]
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="diff-"))
        self.dir.chmod(0o755)
        (self.dir / "auto").mkdir()
        (self.dir / "auto").chmod(0o777)
        self.config = self.dir / "s.conf"
        self.program = command_of("supervisord", is_original)
        self.process = None
        self.rpc = connect(self.dir / "s.sock").supervisor
        self.seen = {}    # what -> value: to be compared
        self.claims = []  # (what, value, expected): of ours alone
        self.cause = None

    # -- what a scenario finds out --

    def see(self, what, value):
        """An observation that both sides must agree on."""
        assert what not in self.seen, f"{what} is seen twice"
        self.seen[what] = self.normal(value)

    def ours(self, what, value, expected):
        """An observation of ours alone, where the original's depends on timing. `expected` as in scenario.Differs."""
        if not self.is_original:
            self.claims.append((what, self.normal(value), expected))

    def normal(self, value):
        if isinstance(value, dict):
            return {self.normal(k): self.normal(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.normal(v) for v in value]
        if not isinstance(value, str):
            return value
        value = value.replace(str(self.dir), "DIR").replace(self.program, "SUPERVISORD")
        value = re.sub(r"---(\S+?)-[a-z0-9_]{8}\.log", r"---\1-RANDOM.log", value)
        value = re.sub(r"\bpid (is )?\d+", r"pid \1N", value)
        value = re.sub(r"(killing '[^']*') \(\d+\)", r"\1 (N)", value)
        value = re.sub(r"uptime (\d+ days?, )?\d+:\d\d:\d\d", "uptime U", value)
        return re.sub(r"\b[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M\b", "DATE", value)

    # -- files --

    def write(self, name, text, mode=None):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if mode is not None:
            path.chmod(mode)

    def write_config(self, programs=None, supervisord=None, server=None, name="s.conf"):
        """`programs`: sections by full name, or by program name alone. A value of None leaves a key out."""
        sections = {
            "unix_http_server": {"file": "%(here)s/s.sock", **(server or {})},
            "supervisord": {"logfile": "%(here)s/s.log", "pidfile": "%(here)s/s.pid", "childlogdir": "%(here)s/auto",
                            **({"user": "root"} if os.geteuid() == 0 else {}), **(supervisord or {})},
            "rpcinterface:supervisor":
                {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
        }
        for section, keys in (programs or {}).items():
            sections[section if ":" in section or section == "include" else f"program:{section}"] = keys
        sections = {section: {k: v for k, v in keys.items() if v is not None} for section, keys in sections.items()}
        self.write(name, ini(sections))

    def read(self, name):
        """Text of a file; None while there is none."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return (self.dir / name).read_bytes().decode("utf-8", "backslashreplace")
        return None

    def mode(self, name):
        """As in `ls -l`; None where there is nothing."""
        with contextlib.suppress(FileNotFoundError):
            return stat.filemode((self.dir / name).lstat().st_mode)
        return None

    def names(self, folder):
        """Names in a folder, sorted, random parts made equal."""
        return sorted(self.normal(name) for name in os.listdir(self.dir / folder))

    def wait_file(self, name, text=""):
        return wait_until(lambda: (got := self.read(name)) is not None and text in got and (got or True),
                          lambda: f"{text!r} in {name}, which holds {self.read(name)!r}")

    # -- the daemon --

    def environment(self, extra=None):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.dir), "TZ": "UTC", "LC_ALL": "C.UTF-8", MARKER: self.id,
                **(extra or {})}

    def run(self, *options, config=True, program=None, wrap=(), env=None, cwd=None, user=None):
        """A start that ends by itself: {"status", "out", "err"}; `cause` is then the file and line that ours adds."""
        argv = [*wrap, program or self.program, *(["-c", str(self.config)] if config else []), *options]
        try:
            ended = subprocess.run(argv, env=self.environment(env), cwd=cwd or self.dir, stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=DEADLINE, check=False, user=user,
                                   **({"group": user, "extra_groups": []} if user else {}))
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{argv} does not end; {error.stdout} {error.stderr}") from None
        out, err = (text.decode("utf-8", "backslashreplace") for text in (ended.stdout, ended.stderr))
        cause = CAUSE.search(err)
        self.cause = cause and self.normal(cause.group(1))
        return {"status": ended.returncode, "out": out, "err": CAUSE.sub("", err)}

    def launch(self, *options, config=True, program=None, wrap=(), env=None, cwd=None, user=None):
        """Starts it in the foreground, its output in the files `out` and `err`."""
        argv = [*wrap, program or self.program, *(["-c", str(self.config)] if config else []), *(options or ["-n"])]
        with open(self.dir / "out", "ab") as out, open(self.dir / "err", "ab") as err:
            self.process = subprocess.Popen(argv, env=self.environment(env), cwd=cwd or self.dir, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err, process_group=0, user=user,
                                            **({"group": user, "extra_groups": []} if user else {}))

    def start(self, programs=None, *options, supervisord=None, server=None, **how):
        """Writes the configuration, starts the daemon in the foreground and waits until it answers."""
        self.write_config(programs, supervisord, server)
        self.launch(*options, **how)
        self.wait_ready()

    def start_daemon(self, programs=None, *options, supervisord=None, server=None, **how):
        """The same in the background; what the start printed, and its status."""
        self.write_config(programs, supervisord, server)
        ended = self.run(*options, **how)
        if ended["status"] == 0:
            self.wait_ready()
        return ended

    def is_ready(self):
        with contextlib.suppress(OSError, *RpcError):
            return self.rpc.getState()["statename"] == "RUNNING"
        return False

    def wait_ready(self):
        def ready():
            code = self.process.poll() if self.process else None
            assert code is None, f"supervisord ended with {code}: {self.read('out')} {self.read('err')}"
            return self.is_ready()
        wait_until(ready, lambda: f"ready: {self.read('out')} {self.read('err')}")

    @property
    def pid(self):
        return int(self.wait_file("s.pid", "\n"))

    def send(self, signo):
        os.kill(self.process.pid if self.process else self.pid, signo)

    def wait_end(self):
        """The exit status of a daemon started in the foreground."""
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"supervisord does not end:\n{self.read('s.log')}") from None

    def stop(self, signo=signal.SIGTERM):
        if self.process:
            self.process.send_signal(signo)
            return self.wait_end()
        pid = self.pid
        os.kill(pid, signo)
        wait_until(lambda: not proc_alive(pid), "the daemon to end")
        return None

    # -- its processes --

    def info(self, name):
        """getProcessInfo with pid and times reduced to whether there are any."""
        return self.tidy(self.patient(lambda: self.rpc.getProcessInfo(name)))

    def all_info(self):
        """getAllProcessInfo, in its order."""
        return [self.tidy(info) for info in self.patient(self.rpc.getAllProcessInfo)]

    @staticmethod
    def tidy(info):
        for key in ("pid", "start", "stop", "now"):
            info[key] = "none" if info[key] == 0 else "some"
        return info

    def brief(self, name):
        """What a person looks at first."""
        info = self.info(name)
        return {key: info[key] for key in ("statename", "pid", "exitstatus", "spawnerr", "description")}

    def pid_of(self, name):
        return self.patient(lambda: self.rpc.getProcessInfo(name))["pid"]

    def command_line(self, name):
        """The words of the running process; of the daemon, in the moment before its execve."""
        return read_proc(self.pid_of(name), "cmdline").decode("utf-8", "backslashreplace").split("\0")

    def state(self, name):
        return self.patient(lambda: self.rpc.getProcessInfo(name))["statename"]

    def wait_state(self, name, *states):
        wait_until(lambda: self.is_in(states, self.patient(lambda: self.rpc.getProcessInfo(name))),
                   lambda: f"{name} {' or '.join(states)}, not {self.state(name)}\n{self.read('s.log')}")

    def wait_all(self, *states):
        wait_until(lambda: all(self.is_in(states, info) for info in self.patient(self.rpc.getAllProcessInfo)),
                   lambda: f"all {' or '.join(states)}\n{self.read('s.log')}")

    def is_in(self, states, info):
        """RUNNING is only believed once the program is: the original loses signals that come before its execve."""
        if info["statename"] == "RUNNING" and self.program.encode() in read_proc(info["pid"], "cmdline").split(b"\0"):
            return False
        return info["statename"] in states

    def patient(self, call):
        """A call that is repeated while it cannot be made."""
        def attempt():
            with contextlib.suppress(OSError, *RpcError):
                return [call()]
            return None
        return wait_until(attempt, "an answer")[0]

    def call(self, method, *arguments):
        """The answer of a method of XML-RPC, or "fault CODE TEXT"."""
        try:
            return getattr(self.rpc, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            return f"fault {fault.faultCode} {fault.faultString}"

    # -- the activity log --

    def log(self, pattern="", name="s.log", level="BLAT"):
        """Messages of at least `level` ("INFO text", times cut off) that match the regular expression."""
        order = ["BLAT", "TRAC", "DEBG", "INFO", "WARN", "ERRO", "CRIT"]
        found = []
        for line in (self.read(name) or "").splitlines():
            match = re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([A-Z]{4}) (.*)", line)
            text = f"{match[1]} {match[2]}" if match else line
            if text.startswith("WARN everybody may write to "):  # of the scenarios' own folders, in which users write
                continue
            if (not match or order.index(match[1]) >= order.index(level)) and re.search(pattern, text):
                found.append(self.normal(text))
        return found

    def about(self, name, level="BLAT"):
        """Lines that name one process, but for those of OURS_ALONE and the reports that come every few seconds."""
        name = re.escape(name)
        pattern = rf"'{name}'|(success|exited|stopped|gave up): {name} |(kill|killing|send|sending|signal) {name}[ ,]|^[A-Z]{{4}} {name}: "
        return [line for line in self.log(pattern, level=level) if not OURS_ALONE.search(line)]

    def wait_log(self, pattern, count=1):
        wait_until(lambda: len(self.log(pattern)) >= count,
                   lambda: f"{count} log lines like {pattern!r}:\n{self.read('s.log')}")

    def trouble(self):
        """What helps to understand why a scenario cannot go on."""
        log = (self.read("s.log") or "").splitlines()[-30:]
        output = (self.read("out") or "") + (self.read("err") or "")
        return "\n".join(["-- log:", *log, "-- output:", output[-2000:]])

    # -- the end --

    def marked(self):
        needle = f"{MARKER}={self.id}".encode()
        return [pid for pid in all_pids() if needle in read_proc(pid, "environ").split(b"\0") and proc_alive(pid)]

    def clean_up(self, keep=False):
        """Ends everything that belongs to this side, by its pid. More than once: a keeper's death may start an engine."""
        end = time.monotonic() + DEADLINE
        while (pids := self.marked()) and time.monotonic() < end:
            for pid in pids:
                kill_quietly(pid, signal.SIGKILL)
            time.sleep(0.01)
        if self.process:
            self.process.wait()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
