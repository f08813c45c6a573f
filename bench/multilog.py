#!/usr/bin/python3
"""multilog beside Debian's, s6-log and svlogd: MB/s and CPU seconds per GB of input, in interleaved rounds of one run.

The input is made beforehand in memory (a memfd) and spliced into a pipe by a process of its own, so that feeding costs next
to nothing. Each logger keeps the same files: 10 MB each, three old ones and `current`, in a folder of the same file system
(DIR; /dev/shm unless told otherwise). After each round the bytes that are left are compared with the end of the input, stamps
cut off, so nobody is fast by losing lines. MB/s is input over the time from start to exit; CPU is the logger's alone.
"""

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE, COUNT = "s10000000", "n4"
STAMP_BYTES = 26  # of a TAI64N label, its "@" and the blank

# words of multilog: their equivalents elsewhere; None: it has no such thing
TASKS = {
    "plain": {"multilog": [], "s6-log": [], "svlogd": []},
    "t": {"multilog": ["t"], "s6-log": ["t"], "svlogd": ["-t"]},
    "patterns": {"multilog": ["-*", "+*ERROR*", "+*7*"], "s6-log": ["-", "+ERROR", "+7"], "svlogd": None},
}
SELECTED = {"patterns": (b"ERROR", b"7")}


def make_input(line_bytes, total):
    noise = random.Random(1)
    lines, size, number = [], 0, 0
    filler = b"abcdefghijklmnopqrstuvwxyz"[:20] * 8
    while size < min(total, 8 << 20):
        level = noise.choice((b"INFO", b"WARN", b"ERROR"))
        text = b"%s line %d %s" % (level, number, filler) if line_bytes > 20 else b"%s %d %s" % (level[:5], number, filler)
        lines.append(text[:line_bytes - 1] + b"\n")
        size += line_bytes
        number += 1
    block = b"".join(lines)
    fd = os.memfd_create(f"lines of {line_bytes}")
    for _ in range(max(1, total // len(block))):
        os.write(fd, block)
    return fd, os.fstat(fd).st_size, block


def feed(source, size, pipe):
    """In a child of its own: the memfd's pages go into the pipe, none is copied."""
    pid = os.fork()
    if pid:
        return pid
    try:
        offset = 0
        while offset < size:
            offset += os.splice(source, pipe, 1 << 20, offset_src=offset)
    except BrokenPipeError:
        os._exit(1)
    os._exit(0)


def command(name, program, task, folder):
    words = TASKS[task][name if name in ("s6-log", "svlogd") else "multilog"]
    if words is None:
        return None
    if name == "s6-log":
        return [program, "n3", SIZE, *words, folder]  # n counts old files only
    if name == "svlogd":
        Path(folder, "config").write_text("s10000000\nn3\n")
        return [program, *words, folder]
    return [program, *words, SIZE, COUNT, folder]


def check(folder, task, block, repeats):
    """What is left must be the end of what should have been logged."""
    old = sorted(path for path in Path(folder).iterdir() if path.name.startswith("@"))
    left = b"".join(path.read_bytes() for path in [*old, Path(folder, "current")])
    lines = left.split(b"\n")[:-1]
    if task == "t":
        lines = [line[STAMP_BYTES:] for line in lines]
    expected = [line for line in block.split(b"\n")[:-1]
                if task not in SELECTED or any(word in line for word in SELECTED[task])]
    whole = expected * min(repeats, len(lines) // len(expected) + 2)
    if lines != whole[len(whole) - len(lines):] or not lines:
        raise SystemExit(f"{folder}: lines are missing or wrong")


def measure(words, folder, source, size):
    reader, writer = os.pipe()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    logger = subprocess.Popen(words, stdin=reader, stderr=subprocess.DEVNULL)
    os.close(reader)
    feeder = feed(source, size, writer)
    os.close(writer)
    status = logger.wait()
    seconds = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # the feeder is not reaped yet
    os.waitpid(feeder, 0)
    if status:
        raise SystemExit(f"{words} ended with {status}")
    return size / seconds / 1e6, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / (size / 1e9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default="build/release/bin/multilog")
    parser.add_argument("--peers", default="build/peers/bin", help="folder of multilog, s6-log and svlogd")
    parser.add_argument("--dir", default="/dev/shm", help="where the logs go")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    programs = {"ours": options.ours, "debian": f"{options.peers}/multilog", "s6-log": f"{options.peers}/s6-log",
                "svlogd": f"{options.peers}/svlogd"}
    programs = {name: os.path.abspath(path) for name, path in programs.items() if os.path.exists(path)}
    print(f"{'input':<20} {'logger':<8} {'MB/s':>7} {'CPU s/GB':>9}   ours: MB/s, CPU")
    base = tempfile.mkdtemp(prefix="bench-multilog-", dir=options.dir)
    try:
        for line_bytes in (100, 10):
            source, size, block = make_input(line_bytes, options.megabytes << 20)
            for task in TASKS:
                results = {name: [] for name in programs}
                for _ in range(options.rounds):
                    for name, program in programs.items():
                        folder = os.path.join(base, "log")
                        os.mkdir(folder)
                        words = command(name, program, task, folder)
                        if words:
                            results[name].append(measure(words, folder, source, size))
                            check(folder, task, block, size // len(block))
                        shutil.rmtree(folder)
                medians = {name: [statistics.median(column) for column in zip(*rounds)]
                           for name, rounds in results.items() if rounds}
                for name, (speed, cpu) in medians.items():
                    ratio = "" if name == "ours" else f"   {medians['ours'][0] / speed:.1f} x, {medians['ours'][1] / cpu:.2f} x"
                    print(f"{f'{task}, {line_bytes} B':<20} {name:<8} {speed:>7.0f} {cpu:>9.2f}{ratio}", flush=True)
            os.close(source)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
