#!/usr/bin/python3
"""Starts many programs with our supervisord and with the original, in turn in the same run, and compares.

Measured for each, as medians over the rounds:
  start     from exec of supervisord until the last program runs
  status    one supervisor.getAllProcessInfo over the unix socket, while all run
  memory    PSS of every supervising process, plus the memfds they hold (which PSS does not count when unmapped)
  switches  context switches, voluntary or not, of every task of those processes over an idle spell
  stop      from SIGTERM until supervisord is gone
"""

import argparse
import http.client
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path

PROGRAM = "/bin/sleep"
START_LIMIT_S = 120
STOP_LIMIT_S = 120


def configuration(folder, count):
    return f"""
[unix_http_server]
file={folder}/s.sock
[supervisord]
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
childlogdir={folder}
minfds={count * 8 + 1000}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:p]
command={PROGRAM} 1000000
process_name=p%(process_num)05d
numprocs={count}
startsecs=0
stdout_logfile={folder}/p%(process_num)05d.log
redirect_stderr=true
"""


def children(pid):
    """Direct children of all threads of a process."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # gone meanwhile
    return found


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def family(pid):
    """(supervising processes, programs) below and including pid."""
    supervising, programs, queue = [], [], [pid]
    while queue:
        process = queue.pop()
        if command_of(process) == PROGRAM:
            programs.append(process)
        else:
            supervising.append(process)
            queue += children(process)
    return supervising, programs


def memory_bytes(pids):
    total, seen = 0, set()
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                path = f"/proc/{pid}/fd/{fd}"
                if os.readlink(path).startswith("/memfd:"):
                    stat = os.stat(path)
                    if (stat.st_dev, stat.st_ino) not in seen:
                        seen.add((stat.st_dev, stat.st_ino))
                        total += stat.st_blocks * 512
            except FileNotFoundError:
                pass  # closed meanwhile
    return total


def context_switches(pids):
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            for line in Path(f"/proc/{pid}/task/{task}/status").read_text().splitlines():
                if "ctxt_switches" in line:
                    total += int(line.split()[1])
    return total


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.path)
        return connection


def wait(condition, limit_s, what, step_s):
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} took more than {limit_s} s")
        time.sleep(step_s)


def measure(supervisord, count, idle_s):
    folder = tempfile.mkdtemp(prefix="bench-")
    config = Path(folder, "bench.conf")
    config.write_text(configuration(folder, count))
    process = None
    try:
        begun = time.monotonic()
        process = subprocess.Popen([supervisord, "-n", "-c", config], stdout=subprocess.DEVNULL, cwd=folder)

        def all_run():
            if process.poll() is not None:
                raise RuntimeError(f"{supervisord} ended with {process.returncode}; see its messages above")
            # Counting is cheap, looking at each is not: so count first.
            return len(children(process.pid)) >= count and len(family(process.pid)[1]) == count

        wait(all_run, START_LIMIT_S, "starting", 0.002)
        start_s = time.monotonic() - begun

        proxy = xmlrpc.client.ServerProxy("http://localhost/RPC2", UnixTransport(f"{folder}/s.sock"))
        states = []

        def all_known():
            states[:] = proxy.supervisor.getAllProcessInfo()
            return all(info["statename"] == "RUNNING" for info in states)

        wait(lambda: os.path.exists(f"{folder}/s.sock"), START_LIMIT_S, "opening the socket", 0.01)
        wait(all_known, START_LIMIT_S, "becoming RUNNING", 0.05)
        assert len(states) == count, f"{len(states)} processes known, {count} expected"
        asked = time.monotonic()
        proxy.supervisor.getAllProcessInfo()
        status_s = time.monotonic() - asked
        proxy("close")()

        supervising, _ = family(process.pid)
        time.sleep(1)  # the end of the conversation is no idling
        before = context_switches(supervising)
        time.sleep(idle_s)
        switches = context_switches(supervising) - before
        memory = memory_bytes(supervising)

        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_LIMIT_S)
        stop_s = time.monotonic() - asked
        return {"start": start_s, "status": status_s, "memory": memory / 2**20, "switches": switches, "stop": stop_s}
    finally:
        if process and process.poll() is None:
            supervising, programs = family(process.pid)
            for pid in supervising + programs:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.wait()
        shutil.rmtree(folder)


UNITS = {"start": "s", "status": "s", "memory": "MiB", "switches": "", "stop": "s"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help="our supervisord")
    parser.add_argument("--theirs", help="the original supervisord")
    parser.add_argument("-n", "--programs", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=10, help="seconds of idling, default 10")
    options = parser.parse_args()
    contenders = {name: os.path.abspath(path) for name, path in (("ours", options.ours), ("theirs", options.theirs)) if path}
    if not contenders:
        parser.error("nothing to measure: give --ours, --theirs or both")

    results = {name: [] for name in contenders}
    for number in range(options.rounds):
        for name, path in contenders.items():
            result = measure(path, options.programs, options.idle)
            results[name].append(result)
            print(f"round {number + 1} {name:6}", "  ".join(f"{key} {value:.3f} {UNITS[key]}".rstrip() for key, value in result.items()),
                  flush=True)

    print(f"\n{options.programs} programs, medians of {options.rounds} rounds, idle for {options.idle:g} s")
    print(f"{'':18}" + "".join(f"{name:>12}" for name in contenders) + ("  theirs / ours" if len(contenders) == 2 else ""))
    for key, unit in UNITS.items():
        medians = [statistics.median(result[key] for result in results[name]) for name in contenders]
        ratio = ""
        if len(medians) == 2:
            ratio = f"{medians[1] / medians[0]:15.1f}" if medians[0] else f"{'-':>15}"
        print(f"{key + (f' ({unit})' if unit else ''):18}" + "".join(f"{median:12.3f}" for median in medians) + ratio)


if __name__ == "__main__":
    sys.exit(main())
