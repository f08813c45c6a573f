"""What a pair takes: memory and descriptors, at the same set of programs before and after."""
import collections
import os
import re

from chronicle import Failed
from harness import read_proc

# Between the two measurements. Memory is not an exact thing: an allocator keeps pages, and a young engine has fewer.
MORE_KIB, MORE_SHARE = 2048, 0.25
MORE_DESCRIPTORS = 12


def smaps_kib(pid, what):
    found = re.search(rb"^%s: +(\d+) kB" % what, read_proc(pid, "smaps_rollup"), re.M)
    return int(found.group(1)) if found else 0


def memfds(pid):
    """inode -> (name, KiB), of the memfds that it has open: no mapping shows their bytes."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{name}"
        try:
            target = os.readlink(path)
            if target.startswith("/memfd:"):
                about = os.stat(path)
                found[about.st_ino] = target[7:].removesuffix(" (deleted)"), about.st_blocks // 2
        except FileNotFoundError:
            pass
    return found


def kinds(pid):
    """How many descriptors of each kind: "pipe", "memfd:upkeep-spool", "anon_inode:[pidfd]", or the folder of a file."""
    found = collections.Counter()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            continue
        is_file = target.startswith("/") and not target.startswith("/memfd:")
        found[os.path.dirname(target) if is_file else re.sub(r":\[\d+\]$| \(deleted\)$", "", target)] += 1
    return found


class Footprint:
    def __init__(self, pair):
        pids = [pair.keeper, pair.engine]
        self.keeper_kib, self.engine_kib = (smaps_kib(pid, b"Pss") for pid in pids)
        self.anonymous_kib = sum(smaps_kib(pid, b"Pss_Anon") for pid in pids)
        self.memfds = collections.Counter()  # KiB by name
        for name, kib in {inode: memfd for pid in pids for inode, memfd in memfds(pid).items()}.values():
            self.memfds[name] += kib
        self.memfd_kib = sum(self.memfds.values())
        self.kinds = {"keeper_fds": kinds(pair.keeper), "engine_fds": kinds(pair.engine)}
        self.keeper_fds, self.engine_fds = (sum(of.values()) for of in self.kinds.values())
        self.kib = self.keeper_kib + self.engine_kib + self.memfd_kib

    def __str__(self):
        return (f"{self.kib} KiB (keeper {self.keeper_kib}, engine {self.engine_kib}, of these anonymous {self.anonymous_kib}; memfds {self.memfd_kib}: "
                f"{', '.join(f'{name} {kib}' for name, kib in self.memfds.most_common(3))}), "
                f"descriptors {self.keeper_fds} and {self.engine_fds}")

    def check_flat(self, earlier, name):
        # Without the pages of files: how many others share them says nothing about us, and after an upgrade they are others.
        before, now = (f.anonymous_kib + f.memfd_kib for f in (earlier, self))
        if now > before * (1 + MORE_SHARE) + MORE_KIB:
            raise Failed(f"{name} takes more memory than at the beginning: {self}, it was {earlier}")
        for what in ("keeper_fds", "engine_fds"):
            if getattr(self, what) > getattr(earlier, what) * 1.02 + MORE_DESCRIPTORS:
                more = self.kinds[what] - earlier.kinds[what]
                raise Failed(f"{name} has more descriptors than at the beginning: {self}, it was {earlier}; "
                             f"more of {', '.join(f'{kind} {count}' for kind, count in more.most_common(6))}")
