"""multilog beside Debian's, s6-log and svlogd: the same input, the same files kept (10 MB each, three old ones, `current`).

The input is made beforehand in memory (a memfd) and spliced into a pipe by a process of its own, so that feeding costs next
to nothing. The logs are in memory where there is /dev/shm. After each run the bytes that are left are compared with the end
of the input, stamps cut off, so nobody is fast by losing lines. MB/s is input over the time from start to exit; CPU is the
logger's alone.
"""
import os
import random
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

SIZE, COUNT = "s10000000", "n4"
MEGABYTES = 500
LINE_BYTES = (100, 10)
TASKS = ("plain", "t")
STAMP_BYTES = 26  # of a TAI64N label, its "@" and the blank
BLOCK_BYTES = 8 << 20


class Multilog:
    """`words` of it: what `task` asks for, then the folder."""
    t = ["t"]

    def command(self, tools, task, folder):
        return [self.program(tools), *(self.t if task == "t" else []), *self.sizes(folder), folder]

    def sizes(self, folder):
        return [SIZE, COUNT]


class OurMultilog(Multilog):
    name = "upkeep"

    def program(self, tools):
        return tools.ours / "multilog"


class DebianMultilog(Multilog):
    name = "daemontools"

    def program(self, tools):
        return tools.peers / "multilog"


class S6Log(Multilog):
    name = "s6-log"

    def program(self, tools):
        # As it is installed: what stands in the folder of programs is a script that says where its libraries are.
        return tools.peers / "s6-log"

    def command(self, tools, task, folder):
        return [self.program(tools), "n3", SIZE, *(self.t if task == "t" else []), folder]  # n counts old files only


class Svlogd(Multilog):
    name, t = "svlogd", ["-t"]

    def program(self, tools):
        return tools.peers / "svlogd"

    def sizes(self, folder):
        Path(folder, "config").write_text("s10000000\nn3\n")
        return []


CONTENDERS = [OurMultilog, DebianMultilog, S6Log, Svlogd]


class Input:
    """A memfd with lines of so many bytes, all alike in size: one block that is repeated."""

    def __init__(self, line_bytes, megabytes):
        self.block = make_block(line_bytes)
        self.repeats = max(1, megabytes * 1_000_000 // len(self.block))
        self.size = self.repeats * len(self.block)
        self.fd = os.memfd_create(f"lines of {line_bytes}")
        for _ in range(self.repeats):
            os.write(self.fd, self.block)

    def feed(self, pipe):
        """In a child of its own: the memfd's pages go into the pipe, none is copied."""
        pid = os.fork()
        if pid:
            return pid
        offset = 0
        while offset < self.size:
            try:
                offset += os.splice(self.fd, pipe, 1 << 20, offset_src=offset)
            except BrokenPipeError:
                os._exit(1)
        os._exit(0)

    def check(self, folder, task):
        """What is left must be the end of the input."""
        old = sorted(path for path in folder.iterdir() if path.name.startswith("@"))
        left = b"".join(path.read_bytes() for path in [*old, folder / "current"])
        if task == "t":
            left = b"".join(line[STAMP_BYTES:] for line in left.splitlines(keepends=True))
        whole = self.block * min(self.repeats, len(left) // len(self.block) + 1)
        if not left or left != whole[len(whole) - len(left):]:
            raise SystemExit(f"{folder}: lines are missing or wrong")

    def close(self):
        os.close(self.fd)


def make_block(line_bytes):
    noise = random.Random(1)
    filler = b"abcdefghijklmnopqrst" * 8
    lines = []
    for number in range(BLOCK_BYTES // line_bytes):
        level = noise.choice((b"INFO", b"WARN", b"ERROR"))
        text = b"%s line %d %s" % (level, number, filler) if line_bytes > 20 else b"%s %d %s" % (level, number, filler)
        lines.append(text[:line_bytes - 1] + b"\n")
    return b"".join(lines)


def measure(tools, contender, task, line_bytes=100, megabytes=MEGABYTES):
    """MB a second and CPU seconds for each GB of input of one run."""
    lines = Input(line_bytes, megabytes)
    base = Path(tempfile.mkdtemp(prefix="bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    try:
        folder = base / "log"
        folder.mkdir()
        words = contender().command(tools, task, folder)
        seconds, cpu = run(words, lines)
        lines.check(folder, task)
    finally:
        lines.close()
        shutil.rmtree(base, ignore_errors=True)
    name = f"multilog_{task}_{line_bytes}"
    return {name: lines.size / seconds / 1e6, f"{name}_cpu": cpu / (lines.size / 1e9)}


def run(words, lines):
    """Seconds and CPU seconds of one logger that is fed."""
    reader, writer = os.pipe()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    logger = subprocess.Popen(words, stdin=reader, stderr=subprocess.DEVNULL)
    os.close(reader)
    feeder = lines.feed(writer)
    os.close(writer)
    status = logger.wait()
    seconds = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # the feeder is not reaped yet
    os.waitpid(feeder, 0)
    if status:
        raise SystemExit(f"{words} ended with {status}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
