"""Log capture: from the pipe of a program that writes much into a log file that is rotated.

`measure`: one program writes lines of 100 bytes as fast as they are taken; stdout_logfile_maxbytes=10MB, 3 backups.
`fair`: many programs write at once, each to a log of its own.

The logs are in memory where there is /dev/shm, so that no disk is measured. After each run what is in the logs is compared
with the end of what was written, so nobody is fast by losing lines.
"""
import os
import shutil
import tempfile
import time
from pathlib import Path

from accounts import cpu_seconds
from gate import Gate
from peers import Floor, OurIni, Supervisord, wait

MIB = 2**20
MEASURED_MIB, FAIR_MIB, FAIR_PROGRAMS = 1024, 8, 200
MAX_BYTES, BACKUPS = "10MB", 3
FLOOR_MAX_BYTES = 10 * MIB  # what the supervisors take 10MB for
LINE_BYTES, BLOCK_LINES = 100, 16384  # of bench-writer
BLOCK_BYTES = LINE_BYTES * BLOCK_LINES
LOOK_S = 0.001  # how often it is looked whether all is there: a time may be too long by this


def written(first, end):
    """Bytes `first` to `end` of what bench-writer writes."""
    blocks = range(first // BLOCK_BYTES, (end - 1) // BLOCK_BYTES + 1)
    filler = b"x" * (LINE_BYTES - 15) + b"\n"
    tails = [b" %06d " % line + filler for line in range(BLOCK_LINES)]
    whole = b"".join(b"%06d" % block + tail for block in blocks for tail in tails)
    return whole[first - blocks[0] * BLOCK_BYTES:end - blocks[0] * BLOCK_BYTES]


class Writing:
    """What the yards of both kinds have in common: `count` writers of `size` bytes and their logs."""

    def __init__(self, tools, count, size):
        self.size = size
        self.logs = Path(tempfile.mkdtemp(prefix="bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        super().__init__(tools, count)

    def prepare(self):
        super().prepare()
        self.gate = Gate(self.folder)
        self.stamp = str(self.tools.floor.parent / "bench-writer")
        self.writer = f"{self.stamp} {self.stamps} {self.gate.fifo} {self.size} {self.gate.results}"
        self.prepare_writers()

    def log(self, number):
        return self.logs / f"{number:05d}"

    def is_complete(self, number):
        """Whether the last bytes that were written are the last in the log, or in the one before if that is new."""
        for path in (self.log(number), self.log(number).with_suffix(".1")):
            if path.exists() and path.stat().st_size >= LINE_BYTES:
                with path.open("rb") as file:
                    file.seek(-LINE_BYTES, os.SEEK_END)
                    return file.read() == self.last_line
        return False

    def check(self, number):
        """Returns how many bytes there are in the log and its backups."""
        paths = [self.log(number), *(self.log(number).with_suffix(f".{backup}") for backup in range(1, BACKUPS + 1))]
        left = b"".join(path.read_bytes() for path in reversed(paths) if path.exists())
        if not left or left != self.expected[-len(left):]:
            raise SystemExit(f"{self.name}: the log of writer {number} is not the end of what was written")
        return len(left)

    def run(self):
        """Returns seconds from the first byte to the last in a log, and what the supervising processes did in CPU seconds."""
        self.start()
        self.last_line = written(self.size - LINE_BYTES, self.size)
        pids = self.supervising()
        before = cpu_seconds(pids)
        self.gate.open()
        wait(lambda: self.gate.done() == self.count, "writing", LOOK_S)
        missing = set(range(self.count))
        while missing:
            number = missing.pop()
            wait(lambda: self.is_complete(number), "logging", LOOK_S)
        ended_ns = time.monotonic_ns()
        cpu = cpu_seconds(pids) - before
        return (ended_ns - min(begun for begun, _ in self.gate.told())) / 1e9, cpu

    def check_all(self):
        kept = min(self.size, (BACKUPS + 2) * FLOOR_MAX_BYTES)
        self.expected = written(self.size - kept, self.size)
        return [self.check(number) for number in range(self.count)]

    def end(self):
        self.gate.close()
        super().end()
        shutil.rmtree(self.logs, ignore_errors=True)


class IniWriting(Writing):
    def prepare_writers(self):
        self.write_config(f"""[program:p]
command={self.writer}
process_name=p%(process_num)05d
numprocs={self.count}
stdout_logfile={self.logs}/%(process_num)05d
stdout_logfile_maxbytes={MAX_BYTES}
stdout_logfile_backups={BACKUPS}
""")


class OurCapture(IniWriting, OurIni):
    pass


class SupervisordCapture(IniWriting, Supervisord):
    pass


class FloorCapture(Writing, Floor):
    """One loop for each writer that reads, appends and rotates."""

    def prepare_writers(self):
        self.script = "".join(
            f"{self.writer} | {self.tools.floor} append {self.log(number)} {FLOOR_MAX_BYTES} {BACKUPS} &\n"
            for number in range(self.count))

    def command(self):
        return ["/bin/sh", "-c", f"{self.script}wait"]


CONTENDERS = [FloorCapture, OurCapture, SupervisordCapture]


def measure(tools, peer, mebibytes=MEASURED_MIB):
    """MB a second from the first byte to the last one in the log, CPU seconds for each GB, the writer's not counted."""
    size = mebibytes * MIB // LINE_BYTES * LINE_BYTES
    yard = peer(tools, 1, size)
    try:
        seconds, cpu = yard.run()
        yard.check_all()
    finally:
        yard.end()
    return {"capture": size / seconds / 1e6, "capture_cpu": cpu / (size / 1e9)}


def fair(tools, peer, count=FAIR_PROGRAMS, mebibytes=FAIR_MIB):
    """MB a second of all together, and how much longer the last writer took than the first one that was done."""
    size = mebibytes * MIB // LINE_BYTES * LINE_BYTES
    yard = peer(tools, count, size)
    try:
        seconds, cpu = yard.run()
        lost = [size - left for left in yard.check_all()]
        if any(lost):
            raise SystemExit(f"{peer.name}: {sum(lost)} bytes of {count} writers are lost")
        begun = min(first for first, _ in yard.gate.told())
        taken = [(ended - begun) / 1e9 for _, ended in yard.gate.told()]
    finally:
        yard.end()
    total = size * count
    return {"fair": total / seconds / 1e6, "fair_cpu": cpu / (total / 1e9), "fair_ratio": max(taken) / min(taken)}
