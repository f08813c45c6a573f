"""What processes cost: memory, CPU time, context switches, summed over several of them and all their tasks."""
import contextlib
import os
from pathlib import Path

PAGE_BLOCK = 512  # of st_blocks


def tasks(pid):
    with contextlib.suppress(OSError):
        return [f"/proc/{pid}/task/{task}" for task in os.listdir(f"/proc/{pid}/task")]
    return []


def children(pid):
    """Direct children of all tasks of a process."""
    found = []
    for task in tasks(pid):
        with contextlib.suppress(OSError):
            found += map(int, Path(task, "children").read_text().split())
    return found


def tree(pid):
    """pid and all its descendants."""
    found = [pid]
    for process in found:
        found += children(process)
    return found


def is_program(pid, program):
    """Whether a process runs that file."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe") == program
    return False


def memory_bytes(pids):
    """PSS, and the memfds that they hold, which PSS does not count where they are not mapped."""
    total, seen = 0, set()
    for pid in pids:
        mapped = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += 1024 * sum(int(line.split()[1]) for line in mapped.splitlines() if line.startswith("Pss:"))
        for fd in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{fd}"
            with contextlib.suppress(OSError):  # closed meanwhile
                if os.readlink(path).startswith("/memfd:"):
                    stat = os.stat(path)
                    if stat.st_ino not in seen:
                        seen.add(stat.st_ino)
                        total += stat.st_blocks * PAGE_BLOCK
    return total


def switches(pids):
    """Context switches so far, voluntary or not."""
    total = 0
    for pid in pids:
        for task in tasks(pid):
            for line in Path(task, "status").read_text().splitlines():
                if "ctxt_switches" in line:
                    total += int(line.split()[1])
    return total


def cpu_seconds(pids):
    """CPU time so far, by the scheduler's own account in nanoseconds."""
    return sum(int(Path(task, "schedstat").read_text().split()[0]) for pid in pids for task in tasks(pid)) / 1e9
