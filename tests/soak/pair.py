"""A daemon under test: keeper and engine, found from outside, and what may be done to them."""
import contextlib
import os
import pathlib
import signal
import subprocess
import threading
import time
import xml.parsers.expat

from chronicle import Chronicle, Failed
from unit import SLACK_NS
from harness import BIN, MARKER, all_pids, children, kill_quietly, proc_alive, proc_started, proc_state, read_proc
from rpc import Fault, RpcError, connect

# How a call ends when the engine that should answer it is killed, be it in the middle of the answer.
Lost = (OSError, xml.parsers.expat.ExpatError, *RpcError)

PATIENCE = 90  # seconds, for what should take one


def wait_until(look, what, seconds=PATIENCE, step=0.02):
    deadline = time.monotonic() + seconds
    while not (value := look()):
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(step)
    return value


class Pair:
    """Engine kills are allowed at any moment, save while somebody holds `calm`: killing the keeper and its engine in one
    moment is the fault that is not survived."""

    def __init__(self, name, folder, marker, argv, chronicle):
        self.name = name
        self.folder = pathlib.Path(folder)
        self.marker = marker
        self.argv = argv
        self.chronicle = chronicle
        self.calm = threading.RLock()
        # Held by who stops a program for a while: the kernel sends SIGHUP and SIGCONT to a group with a stopped member
        # when it loses the last parent in its session, which is the keeper.
        self.keeper_needed = threading.RLock()
        self.windows = []       # licences for all units, as Unit.windows
        self.units = {}
        self.process = None
        self.keeper = None      # pid
        self.keepers = set()    # all pids there were
        self.engine_kills = self.keeper_kills = self.upgrades = 0
        self.is_replaced = threading.Event()

    def launch(self, env, output):
        with open(self.folder / f"{self.name}.output", "ab") as trouble:
            self.process = subprocess.Popen(self.argv, env=env, cwd=self.folder, stdin=subprocess.DEVNULL,
                                            stdout=output or trouble, stderr=trouble, process_group=0)
        self.keeper = self.process.pid
        self.keepers.add(self.keeper)

    @contextlib.contextmanager
    def licence_for_all(self, what):
        window = [Chronicle.now(), None, what]
        self.windows.append(window)
        try:
            yield
        finally:
            window[1] = Chronicle.now() + SLACK_NS

    def is_alone(self):
        """Nobody of its units is licensed: for checks that claim that nothing happens."""
        return not any(end is None for _, end, _ in self.windows)

    # -- who is it --

    def belongs(self, pid):
        return f"{MARKER}={self.marker}".encode() in read_proc(pid, "environ").split(b"\0")

    def find_engine(self):
        for pid in children(self.keeper):
            if read_proc(pid, "cmdline").startswith(b"upkeep-engine\0") and proc_alive(pid):
                return pid
        return None

    @property
    def engine(self):
        return wait_until(self.find_engine, f"{self.name}: an engine; {self.trouble()}")

    def trouble(self):
        return f"keeper {self.keeper} is {proc_state(self.keeper) or 'gone'}"

    def is_ready(self):
        raise NotImplementedError

    def wait_ready(self):
        wait_until(self.is_ready, lambda: f"{self.name} to answer; {self.trouble()}")

    # -- harm --

    def kill_engine(self):
        with self.calm:
            pid = self.find_engine()
            if pid is None:
                return None
            self.chronicle.note("kill engine", self.name, pid)
            self.engine_kills += 1
            self.before_engine_kill()
            kill_quietly(pid, signal.SIGKILL)
        return pid

    def before_engine_kill(self):
        """For what a kill of an engine may repeat."""

    def kill_keeper(self):
        with self.keeper_needed, self.calm:
            self.wait_synced()
            old, engine = self.keeper, self.engine
            self.chronicle.note("kill keeper", self.name, f"{old}, engine {engine}")
            self.keeper_kills += 1
            self.before_engine_kill()
            os.kill(old, signal.SIGKILL)
            self.keepers.add(engine)
            self.keeper = engine
            if self.process and self.process.pid == old:
                self.process.wait()
            wait_until(self.find_engine, lambda: f"{self.name}: pid {engine} to be the keeper; {self.trouble()}")
            self.wait_synced()

    def stop_engine(self, seconds):
        """SIGSTOP, and SIGCONT after so long; with None it must be replaced."""
        with self.calm:
            pid = self.find_engine()
            if pid is None:
                return
            self.chronicle.note("stop engine" if seconds else "freeze engine", self.name, f"{pid} for {seconds}")
            self.before_engine_kill()
            kill_quietly(pid, signal.SIGSTOP)
            if seconds:
                time.sleep(seconds)
                kill_quietly(pid, signal.SIGCONT)
            else:
                wait_until(lambda: not proc_alive(pid), f"{self.name}: the stopped engine {pid} to be replaced", 60)
                self.engine_kills += 1
                self.wait_synced()

    def wait_synced(self):
        """Until the engine knows all that its keeper knows, so that it may lose it."""
        self.wait_ready()

    # -- at rest --

    def own_processes(self):
        return [pid for pid in all_pids() if self.belongs(pid)]

    def check_processes(self, service_pids):
        """Keeper, engine, living copies, `service_pids()`, and what these forked; no zombies that stay."""
        def strangers():
            known = {self.keeper, self.engine}
            for unit in self.units.values():
                known.add(unit.life.state().pid)
            known |= self.known_others() | service_pids()
            found = []
            for pid in self.own_processes():
                parent = read_proc(pid, "stat").rpartition(b")")[2].split()[1:2]
                if pid not in known and not (parent and int(parent[0]) in known - {self.keeper, self.engine}):
                    found.append((pid, proc_state(pid), read_proc(pid, "cmdline").replace(b"\0", b" ")[:150]))
            for pid in children(self.keeper) + children(self.engine):
                if proc_state(pid) == "Z":
                    found.append((pid, "zombie", read_proc(pid, "comm")))
            return found
        wait_until(lambda: not strangers(), lambda: f"{self.name}: no stranger, but there are {strangers()}", 30, 0.2)

    def known_others(self):
        return set()

    def ended(self):
        return not proc_alive(self.keeper)


class SupervisordPair(Pair):
    def __init__(self, folder, marker, chronicle):
        self.config = pathlib.Path(folder) / "s.conf"
        super().__init__("supervisord", folder, marker, [str(BIN / "supervisord"), "-n", "-c", str(self.config)], chronicle)
        self.socket, self.pidfile, self.log = self.folder / "s.sock", self.folder / "s.pid", self.folder / "s.log"
        self.audits = []  # of copied output: what may be repeated

    def call(self, method, *arguments, seconds=PATIENCE):
        """A call repeated while its connection is lost: for those that may be done twice."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                target = connect(self.socket)
                for part in method.split("."):
                    target = getattr(target, part)
                return target(*arguments)
            except Lost as error:
                if time.monotonic() > deadline:
                    raise Failed(f"{method}{arguments}: no answer within {seconds} s: {error!r}; {self.trouble()}") from error
                time.sleep(0.05)
            except Fault as fault:
                if "SHUTDOWN_STATE" not in fault.faultString or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def is_ready(self):
        with contextlib.suppress(*Lost):
            return connect(self.socket).supervisor.getState()["statename"] == "RUNNING" and self.pidfile.exists()
        return False

    def before_engine_kill(self):
        for audit, size in self.audits:
            audit.allow_repeated(size)

    def rows(self):
        """By namespec."""
        found = {}
        for row in self.call("supervisor.getAllProcessInfo"):
            found[row["name"] if row["name"] == row["group"] else f"{row['group']}:{row['name']}"] = row
        return found

    def check_pidfile(self):
        wait_until(lambda: self.pidfile.exists() and self.pidfile.read_text() == f"{self.keeper}\n",
                   lambda: f"{self.pidfile} to name the keeper {self.keeper}: {self.pidfile.read_text()!r}", 30)


def signal_exactly(pid, started, signo):
    """Signals a process that is surely still the one that was started then; whether it was there."""
    with contextlib.suppress(ProcessLookupError, OSError):
        handle = os.pidfd_open(pid)
        try:
            if proc_started(pid) != started or not proc_alive(pid):
                return False
            signal.pidfd_send_signal(handle, signo)
            return True
        finally:
            os.close(handle)
    return False
