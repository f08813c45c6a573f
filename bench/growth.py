"""Start, memory, status and stop of ours as N grows: no knee, nothing that costs O(N) for each event."""
import contextlib
import resource
from pathlib import Path

import life
from peers import Floor, OurIni, OurSvscan

COUNTS = (100, 300, 1000, 3000, 10_000)
CONTENDERS = [OurIni, OurSvscan, Floor]
STAGES = ("start", "status", "idle", "stop")
DESCRIPTORS_EACH = 16  # at most, with what the driver holds of each program
SPARE = 4096
PIDS_EACH = 2


def possible(count):
    """Whether this machine lets us have so many programs; None, or what is in the way."""
    pid_max = int(Path("/proc/sys/kernel/pid_max").read_text())
    if count * PIDS_EACH + SPARE > pid_max:
        return f"kernel.pid_max is {pid_max}"
    return None


def measure(tools, peer, count):
    """{metric: value} of one life with so many programs."""
    with more_descriptors(count * DESCRIPTORS_EACH + SPARE):
        return life.live(tools, peer, count, STAGES)


@contextlib.contextmanager
def more_descriptors(wanted):
    """For us and what we start. Raising the hard limit takes root; whoever may not tries with what there is."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = max(before[0], wanted), max(before[1], wanted)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    except (ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, PermissionError):
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
