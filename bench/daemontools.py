#!/usr/bin/python3
"""Keeps many service directories running with our svscan, with the original and with runsvdir, in turn in the same run.

Measured for each, as medians over the rounds:
  start      from exec of svscan until the last service has told that it runs: its shell has written a byte
  processes  that supervise, with all services running
  memory     PSS of those, plus the memfds they hold (which PSS does not count when unmapped)
  switches   context switches, voluntary or not, of every task of those processes over an idle spell
"""
import argparse
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from start import context_switches, memory_bytes, wait

LIMIT_S = 120
RUN = "#!/bin/sh\necho >> ../../told\nexec sleep 1000000\n"
UNITS = {"start": "s", "processes": "", "memory": "MiB", "switches": ""}


def session(sid):
    """{pid: name} of the living processes of a session."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{name}/stat").read_bytes()
                comm, rest = stat[stat.index(b"(") + 1:stat.rindex(b")")], stat[stat.rindex(b")") + 2:].split()
                if int(rest[3]) == sid and rest[0] not in (b"Z", b"X"):
                    found[int(name)] = comm.decode(errors="replace")
    return found


class Scanning:
    """A folder of service directories, being supervised."""

    def __init__(self, command, count):
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        for number in range(count):
            directory = self.folder / f"scan/s{number:05d}"
            directory.mkdir(parents=True)
            (directory / "run").write_text(RUN)
            (directory / "run").chmod(0o755)
        told = self.folder / "told"
        told.touch()
        environment = {"PATH": f"{os.path.dirname(command)}:/usr/bin:/bin"}
        begun = time.monotonic()
        self.process = subprocess.Popen([command, "scan"], cwd=self.folder, env=environment, start_new_session=True)

        def all_told():
            if self.process.poll() is not None:
                raise RuntimeError(f"{command} ended with {self.process.returncode}; see its messages above")
            return told.stat().st_size >= count
        wait(all_told, LIMIT_S, "starting", 0.001)
        self.start_s = time.monotonic() - begun

    def supervising(self, count):
        """Pids of those who are no services, once all services are what they want to be."""
        def settled():
            return sum(name == "sleep" for name in session(self.process.pid).values()) == count
        wait(settled, LIMIT_S, "settling", 0.1)
        return [pid for pid, name in session(self.process.pid).items() if name != "sleep"]

    def end(self):
        while (left := session(self.process.pid)):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        self.process.wait()
        shutil.rmtree(self.folder)


def measure(command, start_count, count, idle_s):
    first = Scanning(command, start_count)
    start_s = first.start_s
    first.end()
    second = Scanning(command, count)
    try:
        pids = second.supervising(count)
        time.sleep(2)  # what follows a start is no idling
        before = context_switches(pids)
        time.sleep(idle_s)
        return {"start": start_s, "processes": len(pids), "memory": memory_bytes(pids) / 2**20,
                "switches": context_switches(pids) - before}
    finally:
        second.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help="our svscan")
    parser.add_argument("--theirs", help="the original svscan")
    parser.add_argument("--runit", help="runsvdir")
    parser.add_argument("--start", type=int, default=500, help="services that are started, default 500")
    parser.add_argument("-n", "--services", type=int, default=900, help="services that are kept running, default 900")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=10, help="seconds of idling, default 10")
    options = parser.parse_args()
    given = (("ours", options.ours), ("theirs", options.theirs), ("runit", options.runit))
    contenders = {name: os.path.abspath(path) for name, path in given if path}
    if not contenders:
        parser.error("nothing to measure: give --ours, --theirs, --runit or some of them")

    results = {name: [] for name in contenders}
    for number in range(options.rounds):
        for name, path in contenders.items():
            result = measure(path, options.start, options.services, options.idle)
            results[name].append(result)
            print(f"round {number + 1} {name:6}", "  ".join(f"{key} {value:.3f} {UNITS[key]}".rstrip() for key, value in result.items()),
                  flush=True)

    print(f"\nstart of {options.start} services, then {options.services} services; medians of {options.rounds} rounds, "
          f"idle for {options.idle:g} s")
    print(f"{'':18}" + "".join(f"{name:>12}" for name in contenders))
    for key, unit in UNITS.items():
        medians = [statistics.median(result[key] for result in results[name]) for name in contenders]
        print(f"{key + (f' ({unit})' if unit else ''):18}" + "".join(f"{median:12.3f}" for median in medians))


if __name__ == "__main__":
    sys.exit(main())
