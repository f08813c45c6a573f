"""Start, memory, status and stop of ours as N grows: no knee, nothing that costs O(N) for each event."""
import contextlib
import resource
from pathlib import Path

import life
from peers import Floor, OurIni, OurSvscan

COUNTS = (100, 200, 500, 1000, 2000, 5000, 10_000)
CONTENDERS = [OurIni, OurSvscan, Floor]
STAGES = ("start", "status", "idle", "stop")
DESCRIPTORS_EACH, SPARE_DESCRIPTORS = 9, 1000  # of an engine, for a service directory; a program takes fewer
PIDS_EACH, SPARE_PIDS = 1, 2000


def in_the_way(count):
    """What keeps this machine from having so many programs; None if nothing does."""
    pid_max = int(Path("/proc/sys/kernel/pid_max").read_text())
    if count * PIDS_EACH + SPARE_PIDS > pid_max:
        return f"kernel.pid_max is {pid_max}"
    with descriptors_for(count) as limit:
        if limit < descriptors(count):
            return f"a process may have {limit} descriptors, which we may not raise"
    return None


def measure(tools, peer, count):
    """{metric: value} of one life with so many programs."""
    with descriptors_for(count):
        return life.live(tools, peer, count, STAGES)


def descriptors(count):
    return count * DESCRIPTORS_EACH + SPARE_DESCRIPTORS


@contextlib.contextmanager
def descriptors_for(count):
    """Raises the limit for us and what we start, as far as we may (beyond the hard limit takes CAP_SYS_RESOURCE). Gives the limit."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(before[1], descriptors(count))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[0], most))
