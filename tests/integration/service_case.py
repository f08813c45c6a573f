"""Runs a real svscan or supervise of ours in a folder of its own, with the means of tests/differential/tool_pair.py."""
import contextlib
import os
import pathlib
import signal
import sys
import unittest

from harness import BIN, DENY, KEEP, children, main, proc_alive, read_proc, wait_until  # noqa: F401  for the tests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "differential"))
from tool_pair import ToolSide  # noqa: E402

UP = r"up \(pid \d+\) \d+ seconds"
DOWN = r"down \d+ seconds"
SLEEP = "exec sleep 1000"
COUNTED = "echo run >> runs\n" + SLEEP
# A logger that appends what it reads to the file `lines` in its directory.
KEEPS = "exec cat >> lines"


class Folder(ToolSide):
    """A folder of service directories, and who supervises them."""

    def __init__(self, ours=True):
        super().__init__(is_original=not ours)

    def scan(self, *services, wrap=(), env=None):
        """Starts svscan in the folder `scan`; returns when these services are up."""
        self.mkdir("scan")
        self.start(*DENY, *wrap, self.bin / "svscan", "scan", name="svscan", env=env)
        for name in services:
            self.wait_svstat(f"scan/{name}", UP + ".*")

    def supervise(self, name, wrap=(), env=None):
        self.start(*DENY, *wrap, self.bin / "supervise", name, name="supervise", env=env)
        self.wait_ok(name)

    def svc(self, *words):
        """svc must succeed and say nothing."""
        ended = self.run("svc", *words, see=False)
        assert (ended.status, ended.out, ended.err) == (0, "", ""), vars(ended)

    def daemons(self):
        """Pids of our keepers and engines, but for those that are ending: pid -> first word of the command line."""
        image = (BIN / "upkeep").resolve()
        found = {}
        for pid in self.own_processes():
            with contextlib.suppress(OSError):
                if pathlib.Path(os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")) == image:
                    word = pathlib.Path(read_proc(pid, "cmdline").split(b"\0")[0].decode()).name
                    if word in ("svscan", "supervise", "upkeep-engine"):
                        found[pid] = word
        return found

    @property
    def keeper(self):
        """Of this folder's only daemon; waits until there is one with an engine."""
        def find():
            daemons = self.daemons()
            keepers = [pid for pid, word in daemons.items() if any(daemons.get(c) == "upkeep-engine" for c in children(pid))]
            return len(keepers) == 1 and keepers[0]
        return wait_until(find, lambda: f"one keeper with an engine: {self.daemons()}")

    @property
    def engine(self):
        def find():
            return next((pid for pid in children(self.keeper) if read_proc(pid, "comm") == b"upkeep-engine\n"), None)
        return wait_until(find, "an engine")

    def kill_engine(self):
        """Kills the engine; returns when it is dead."""
        engine = self.engine
        os.kill(engine, signal.SIGKILL)
        wait_until(lambda: not proc_alive(engine), "the engine to die", step=0)
        return engine


class ServiceCase(unittest.TestCase):
    maxDiff = None

    def run(self, result=None):
        self.troubles = []
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            sys.stderr.write("".join(self.troubles))

    def folder(self, ours=True):
        """A folder whose processes end with the test; what is in it is told when that fails."""
        folder = Folder(ours)

        def clean_up():
            self.troubles.append(f"--- {self.id()}: {folder.dir}\n{folder.trouble()}\n---\n")
            folder.clean_up(KEEP)
        self.addCleanup(clean_up)
        return folder
