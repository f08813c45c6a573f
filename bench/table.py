"""What is measured, of whom, and what is to be reached: the one table that run.py follows and report.py prints.

A row's `reaches` compare our median with another contender's of the same run: (other, relation, factor). `at most`: ours is
at most factor x theirs; `faster`: theirs is at least factor x ours (of a time), or ours at least factor x theirs (of a rate). Another group's
contender is named `group/name`.
"""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reach:
    other: str
    relation: str  # "at most" or "faster"
    factor: float


@dataclass(frozen=True)
class Row:
    group: str       # one chart and one table each
    metric: str      # key of the results
    title: str
    unit: str
    scale: float = 1.0        # what a result is multiplied by to get `unit`
    rate: bool = False        # more is better
    limit: float | None = None  # of ours, in `unit`
    reaches: tuple[Reach, ...] = field(default_factory=tuple)


def at_most(other, factor):
    return Reach(other, "at most", factor)


def faster(other, factor):
    return Reach(other, "faster", factor)


INI = (
    Row("ini", "start", "start N programs: launch to the last one's first instruction", "ms", 1e3,
        reaches=(at_most("floor", 1.6), faster("supervisord", 15), faster("dinit", 2), faster("directories/svscan", 4))),
    Row("ini", "restart", "restart after SIGKILL: kill to the replacement's first instruction", "us",
        reaches=(at_most("floor", 3), at_most("dinit", 1))),
    Row("ini", "restart_many", "the same among 2000", "us", reaches=(at_most("floor", 3), at_most("dinit", 1))),
    Row("ini", "storm", "all N killed at once: first kill to the last replacement", "ms", 1e3, reaches=(at_most("dinit", 1),)),
    Row("ini", "stop", "stop N programs: order to the last one's end", "ms", 1e3, reaches=(at_most("floor", 1.5),)),
    Row("ini", "status", "status of N programs, from spawning the command to its end", "ms", 1e3,
        reaches=(faster("supervisord", 50), at_most("dinit", 1.5))),
    Row("ini", "memory", "memory of all supervising processes", "MiB", limit=4.0),
    Row("ini", "growth", "memory for a further program", "KiB", limit=2.0),
    Row("ini", "switches", "context switches in 5 idle seconds", "", limit=0),
    Row("ini", "idle_cpu", "CPU while idle", "ms/s", limit=0),
)

DIRECTORIES = (
    Row("directories", "start", "start N services: launch to the last one's first instruction", "ms", 1e3,
        reaches=(faster("svscan", 2.5),)),
    Row("directories", "restart", "restart after SIGKILL: kill to the replacement's first instruction", "us",
        reaches=(at_most("svscan", 1), at_most("runit", 1))),
    Row("directories", "restart_many", "the same among 2000", "us", reaches=(at_most("runit", 1),)),
    Row("directories", "storm", "all N killed at once: first kill to the last replacement", "ms", 1e3,
        reaches=(faster("svscan", 3),)),
    Row("directories", "stop", "stop N services: order to the last one's end", "ms", 1e3, reaches=(at_most("svscan", 1),)),
    Row("directories", "status", "svstat DIR/*, from spawning the command to its end", "ms", 1e3, reaches=(at_most("svscan", 1),)),
    Row("directories", "memory", "memory of all supervising processes", "MiB", limit=4.0),
    Row("directories", "growth", "memory for a further service", "KiB", limit=2.0),
    Row("directories", "processes", "supervising processes", ""),
    Row("directories", "switches", "context switches in 5 idle seconds", "", limit=0),
    Row("directories", "idle_cpu", "CPU while idle", "ms/s", limit=0),
)

LOGS = (
    Row("logs", "capture", "one program writes 1 GiB of 100-byte lines, rotated 10 MB x 3", "MB/s", rate=True,
        reaches=(faster("supervisord", 1.5), at_most("floor", 1 / 0.9))),
    Row("logs", "capture_cpu", "CPU of that", "s/GB", reaches=(at_most("floor", 1.3),)),
    Row("logs", "fair", "200 programs write 8 MiB each at once", "MB/s", rate=True),
    Row("logs", "fair_cpu", "CPU of that", "s/GB"),
    Row("logs", "fair_ratio", "the last of them to the first to be done", "x"),
)

MULTILOG = tuple(row for task in ("plain", "t") for row in (
    Row("multilog", f"multilog_{task}_100", f"multilog {'t ' if task == 't' else ''}s10000000 n4, lines of 100 bytes", "MB/s", rate=True,
        reaches=(faster("daemontools", 5), faster("s6-log", 1.5))),
    Row("multilog", f"multilog_{task}_100_cpu", "CPU of that", "s/GB", reaches=(at_most("daemontools", 1), at_most("s6-log", 1))),
))

CONTROL = (
    Row("control", "requests", "XML-RPC getAllProcessInfo of N programs", "requests/s", rate=True, reaches=(faster("supervisord", 20),)),
    Row("control", "events", "events that wait, to one listener", "events/s", rate=True,
        reaches=(faster("supervisord", 10), at_most("floor", 2))),
    Row("control", "events_live", "events to one listener while they come", "events/s", rate=True),
    Row("control", "update_20", "update with 1 changed of 20 programs", "ms", 1e3),
    Row("control", "update_2000", "update with 1 changed of 2000 programs", "ms", 1e3),
    Row("control", "update_surplus", "the latter without reading, to the former", "x", limit=1.5),
    Row("control", "version", "supervisorctl version, from spawning to its end", "ms", 1e3, reaches=(at_most("true", 2),)),
)

ROWS = (*INI, *DIRECTORIES, *LOGS, *MULTILOG, *CONTROL)
GROUPS = {
    "ini": "Programs of a configuration file",
    "directories": "Service directories",
    "logs": "Log capture",
    "multilog": "multilog",
    "control": "Control",
}
GROWTH = (("start", "start (ms)", 1e3), ("memory", "memory (MiB)", 1), ("status", "status (ms)", 1e3), ("stop", "stop (ms)", 1e3))
