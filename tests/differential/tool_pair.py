"""Plays one scenario on two sides, Debian's daemontools and ours, each in a fresh folder; a script of scenarios is a test.

    from tool_pair import Differs, main, scenario

    @scenario()
    def no_such_directory(s):
        s.run("svstat", "none")                                   # status, stdout and stderr are compared
    @scenario(differs={"end": Differs("words of docs/compatibility.md", ours=0, theirs=-15, by="daemons")})
    def a_service(s):
        s.service("web", "exec sleep 1000")                       # a directory with a run script
        s.start("supervise", "web")                               # in the background: files supervise.out, supervise.err
        s.wait_svstat("web", r"up \\(pid \\d+\\) \\d+ seconds")
        s.see_file("web/supervise/status")                        # type, mode, size and bytes are compared

    if __name__ == "__main__":
        sys.exit(main())

A script is run as `test_X.py [-k WORD]... [-v] [-j N] [--list] [--ours all|daemons|clients|none]`:
  all      everything of ours beside everything of Debian's
  daemons  ours: svscan and supervise, driven by Debian's svc, svstat, svok ...
  clients  ours: all but svscan and supervise, driving Debian's
  none     Debian's beside Debian's, which shows that a scenario itself is sound
UPKEEP_BIN, UPKEEP_PEERS and UPKEEP_KEEP are as in tests/integration/harness.py.

What is seen is made equal where it must differ: folders, "(pid N)", "N seconds", TAI64N stamps, and what hide() names. Texts
are bytes as Latin-1, so that every byte is compared. Waiting is for conditions, with a deadline that a busy machine can keep.
"""
import argparse
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from harness import BIN, IS_ROOT, MARKER, PEERS, all_pids, children, kill_quietly, proc_alive, read_proc  # noqa: E402,F401
import scenario as scenarios  # noqa: E402
from scenario import Skipped  # noqa: E402,F401  for the scripts
import stage  # noqa: E402

DEADLINE = 60  # seconds, for everything that is waited for
STEP = 0.02    # seconds between two looks
DAEMONS = ("svscan", "supervise")
PROGRAMS = (*DAEMONS, "svc", "svok", "svstat", "fghack", "pgrphack", "readproctitle", "multilog", "tai64n", "tai64nlocal",
            "setuidgid", "envuidgid", "envdir", "softlimit", "setlock", "sv")
OURS = {"all": PROGRAMS, "daemons": DAEMONS, "clients": tuple(p for p in PROGRAMS if p not in DAEMONS), "none": ()}
ONLY_OURS = ("svup", "envini", "setuser")


class Differs(scenarios.Differs):
    """An intended difference, of the daemons or of the clients alone if `by` says so: without ours, it must not show."""
    def __init__(self, cites, ours, theirs=lambda value: True, by=None):
        super().__init__(cites, ours, theirs)
        self.by = by


def scenario(**how):
    """As scenario.scenario; all of them are part of the shortened set."""
    return scenarios.scenario(**{"short": True, **how})


def wait_until(look, what, seconds=DEADLINE):
    """The first true value of look(); fails with `what` (text or a function) after the deadline."""
    end = time.monotonic() + seconds
    while not (value := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(STEP)
    return value


class Ended:
    """What a program that has ended left: its status (negative: the signal), stdout and stderr."""
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class ToolSide:
    """One side: a folder with bin/ (links to the programs of this side) and w/, where everything happens (`self.dir`)."""

    def __init__(self, is_original, ours="all"):
        self.is_original = is_original
        self.id = uuid.uuid4().hex[:12]
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="pair-")).resolve()
        self.base.chmod(0o755)
        self.dir, self.bin = self.base / "w", self.base / "bin"
        for folder in (self.dir, self.bin):
            folder.mkdir()
            folder.chmod(0o755)
        self.has_ours = not is_original and ours != "none"
        self.has_our_daemons = not is_original and DAEMONS[0] in OURS[ours]
        for program in PROGRAMS:
            is_ours = not is_original and program in OURS[ours]
            (self.bin / program).symlink_to((BIN if is_ours else PEERS / "bin") / program)
        for program in ONLY_OURS if self.has_ours else ():
            (self.bin / program).symlink_to(BIN / program)
        self.processes = {}  # name -> Popen of what runs in the background
        self.hidden = []     # (what, by which word it is replaced)
        self.seen = {}       # what -> value: to be compared
        self.claims = []     # (what, value, expected): of ours alone

    # -- what a scenario finds out --

    def see(self, what, value):
        """An observation that both sides must agree on. A `what` seen before gets a number."""
        name, number = what, 2
        while name in self.seen:
            name, number = f"{what} #{number}", number + 1
        self.seen[name] = self.normal(value)

    def ours(self, what, value, expected):
        """An observation of ours alone, where the original's depends on timing. `expected` as in scenario.Differs."""
        if self.has_ours:
            self.claims.append((what, self.normal(value), expected))

    def hide(self, what, word):
        """From now on, this text (or number, as a whole word) shows as `word`."""
        self.hidden.append((re.compile(rf"\b{re.escape(str(what))}\b"), word))

    def normal(self, value):
        if isinstance(value, dict):
            return {self.normal(k): self.normal(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.normal(v) for v in value]
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if not isinstance(value, str):
            return value
        value = value.replace(str(self.dir), "DIR").replace(str(self.bin), "BIN").replace(self.id, "ID")
        for pattern, word in self.hidden:
            value = pattern.sub(word, value)
        value = re.sub(r"@[0-9a-f]{24}", "@STAMP", value)
        value = re.sub(r"\(pid \d+\)", "(pid N)", value)
        return re.sub(r"\b\d+ seconds", "S seconds", value)

    def trouble(self):
        """What helps to understand why a scenario cannot go on."""
        texts = [f"-- {path.name}: {path.read_text(errors='backslashreplace')[-1500:]}" for path in sorted(self.dir.glob("*.err"))]
        tree = [f"{name} {what}" for name, what in self.tree().items()][:60]
        return "\n".join([*texts, "-- files:", *tree, f"-- seen: {self.seen}"])

    # -- files; names are relative to `dir` --

    def path(self, name):
        return self.dir / name

    def write(self, name, text, mode=0o644):
        """Replaces the file (a new inode)."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.fresh")
        fresh.write_bytes(text.encode() if isinstance(text, str) else text)
        fresh.chmod(mode)
        fresh.rename(path)

    def script(self, name, text):
        """An executable shell script of this text."""
        self.write(name, f"#!/bin/sh\n{text}\n", 0o755)

    def service(self, name, run="exec sleep 1000", down=False, log=None):
        """A service directory. It appears with all its files at once, as one does in a directory that svscan watches."""
        final, name = self.path(name), f".{name.replace('/', '-')}.being-made"
        self.path(name).mkdir(mode=0o755)
        if run is not None:
            self.script(f"{name}/run", run)
        if down:
            self.write(f"{name}/down", "")
        if log is not None:
            self.path(f"{name}/log").mkdir(mode=0o755)
            self.script(f"{name}/log/run", log)
        final.parent.mkdir(parents=True, exist_ok=True)
        self.path(name).rename(final)

    def mkdir(self, name, mode=0o755):
        self.path(name).mkdir(parents=True, exist_ok=True)
        self.path(name).chmod(mode)

    def read(self, name):
        """Text of a file (its bytes as Latin-1); "" while there is none."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return self.path(name).read_bytes().decode("latin-1")
        return ""

    def file(self, name, content=True):
        """{"mode": as in `ls -l`, "size", "text"} of a file, {"mode"} of anything else; None where there is nothing."""
        try:
            found = self.path(name).lstat()
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return {"mode": stat.filemode(found.st_mode)}
        return {"mode": stat.filemode(found.st_mode), "size": found.st_size, **({"text": self.read(name)} if content else {})}

    def see_file(self, name, content=True):
        self.see(name, self.file(name, content))

    def tree(self, name="."):
        """{path: "mode size"} of everything below a folder; sizes of files only."""
        found = {}
        for path in sorted(self.path(name).rglob("*")):
            with contextlib.suppress(FileNotFoundError):
                info = path.lstat()
                size = f" {info.st_size}" if stat.S_ISREG(info.st_mode) else ""
                found[str(path.relative_to(self.path(name)))] = stat.filemode(info.st_mode) + size
        return found

    def wait_text(self, name, text, seconds=DEADLINE):
        """Waits until a file holds `text`, or matches it if it is a compiled pattern; the file's text."""
        def holds():
            got = self.read(name)
            return (text.search(got) if isinstance(text, re.Pattern) else text in got) and (got or True)
        return wait_until(holds, lambda: f"{text!r} in {name}, which holds {self.read(name)[-2000:]!r}", seconds)

    # -- programs --

    def environment(self, extra=None):
        env = {"PATH": f"{self.bin}:/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C", MARKER: self.id, **(extra or {})}
        return {name: value for name, value in env.items() if value is not None}

    def spawn(self, words, env=None, cwd=None, **how):
        """A program of PROGRAMS by its name; anything else is looked up in PATH or has a slash."""
        return subprocess.Popen([str(w) for w in words], env=(env := self.environment(env)), cwd=cwd and self.path(cwd) or self.dir,
                                umask=0o022, executable=shutil.which(str(words[0]), path=env.get("PATH", "/usr/bin:/bin")), **how)

    def run(self, *words, input=b"", env=None, cwd=None, see=True, seconds=DEADLINE, **how):
        """Runs a program to its end. `see`: record what it did, under this name or the command line."""
        data = input.encode("latin-1") if isinstance(input, str) else input
        process = self.spawn(words, env, cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
        try:
            out, err = process.communicate(data, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"{words} does not end within {seconds} s") from None
        ended = Ended(process.returncode, out.decode("latin-1"), err.decode("latin-1"))
        if see:
            name = see if isinstance(see, str) else " ".join(map(str, words))
            self.see(name, {"status": ended.status, "out": ended.out, "err": ended.err})
        return ended

    def start(self, *words, name=None, env=None, cwd=None, stdin=subprocess.DEVNULL, **how):
        """Runs a program in the background, in a session of its own; its output goes to NAME.out and NAME.err."""
        name = name or str(words[0])
        assert name not in self.processes or self.processes[name].poll() is not None, f"{name} runs already"
        with open(self.path(f"{name}.out"), "ab") as out, open(self.path(f"{name}.err"), "ab") as err:
            self.processes[name] = self.spawn(words, env, cwd, stdin=stdin, stdout=out, stderr=err, start_new_session=True, **how)
        return self.processes[name]

    def end(self, name, signo=None, seconds=DEADLINE):
        """Waits for the end of a background process, after sending it a signal if one is given; its status."""
        if signo is not None:
            self.processes[name].send_signal(signo)
        try:
            return self.processes[name].wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{name} does not end within {seconds} s") from None

    # -- service directories --

    def is_ok(self, name):
        """As svok: somebody reads NAME/supervise/ok."""
        try:
            os.close(os.open(self.path(name) / "supervise/ok", os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    def wait_ok(self, name):
        wait_until(lambda: self.is_ok(name), f"{name}/supervise/ok to be read")

    def wait_not_ok(self, name):
        wait_until(lambda: not self.is_ok(name), f"{name}/supervise/ok not to be read")

    def svstat(self, name):
        """The line of svstat without its "NAME: " and newline."""
        shown = str(name).encode().decode("latin-1")
        return self.run("svstat", name, see=False).out.removeprefix(f"{shown}: ").rstrip("\n")

    def wait_svstat(self, name, pattern, seconds=DEADLINE):
        """Waits until svstat's line matches as a whole; the line."""
        return wait_until(lambda: re.fullmatch(pattern, line := self.svstat(name)) and line,
                          lambda: f"svstat {name} like {pattern!r}, it is {self.svstat(name)!r}", seconds)

    def status(self, name):
        """supervise/status in its parts: size, whether the stamp is of the last minutes, whether pid, paused, want."""
        record = self.read(f"{name}/supervise/status").encode("latin-1")
        seconds = int.from_bytes(record[:8], "big") - 4611686018427387914
        return {"size": len(record), "recent": -600 < seconds - time.time() < 2,
                "nanoseconds valid": int.from_bytes(record[8:12], "big") < 1_000_000_000,
                "pid": self.pid(name) and "some", "paused": record[16:17].decode("latin-1"), "want": record[17:18].decode("latin-1"),
                "more": record[18:].decode("latin-1")}

    def pid(self, name):
        """Of the service, as its status says; 0 when it is down."""
        return int.from_bytes(self.read(f"{name}/supervise/status").encode("latin-1")[12:16], "little")

    def wait_pid(self, name, other_than=0):
        """Waits until the service runs, with another pid than that; its pid."""
        return wait_until(lambda: (pid := self.pid(name)) not in (0, other_than) and pid, f"{name} to run")

    # -- the end --

    def own_processes(self):
        """Living processes of this side: they carry its mark, or live in its folder."""
        mark, folder = f"{MARKER}={self.id}".encode(), str(self.base)
        found = []
        for pid in all_pids():
            with contextlib.suppress(OSError):
                if proc_alive(pid) and (mark in read_proc(pid, "environ").split(b"\0")
                                        or os.readlink(f"/proc/{pid}/cwd").removesuffix(" (deleted)").startswith(folder + "/")):
                    found.append(pid)
        return found

    def clean_up(self, keep=False):
        """Ends everything of this side, by its pid. More than once: a supervisor may be starting something."""
        end = time.monotonic() + DEADLINE
        while (pids := self.own_processes()) and time.monotonic() < end:
            for pid in pids:
                kill_quietly(pid, signal.SIGKILL)
            time.sleep(0.01)
        for process in self.processes.values():
            process.wait()
        if not keep:
            subprocess.run(["chmod", "-R", "u+rwX", self.base], capture_output=True, check=False)
            shutil.rmtree(self.base, ignore_errors=True)


def without_ours(one, ours):
    """The scenario as it must be seen when only some programs are ours: fewer intended differences."""
    one.differs = {what: d for what, d in one.differs.items()
                   if ours != "none" and (getattr(d, "by", None) in (None, ours) or ours == "all")}
    return one


def main():
    parser = argparse.ArgumentParser()
    stage.add_options(parser)
    parser.add_argument("--ours", choices=OURS, default="all", help="which programs are ours, on our side")
    options = parser.parse_args()
    for program in ("svscan", "svc", "multilog"):
        if not (PEERS / "bin" / program).exists():
            print(f"skipped: {PEERS / 'bin' / program} is missing (scripts/fetch-peers brings it)")
            return 0
    for one in scenarios.SCENARIOS:
        without_ours(one, options.ours)
    return stage.play_all(lambda is_original: ToolSide(is_original, options.ours), options)
