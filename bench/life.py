"""One life of a supervisor with N programs, from its launch to the end of the last program, in stages."""
import contextlib
import os
import select
import signal
import statistics
import time

from accounts import cpu_seconds, memory_bytes, switches

STAGES = ("start", "status", "idle", "restart", "storm", "stop")
IDLE_S = 5
RESTARTS, RESTARTS_S = 30, 6  # at most so many, and no new one after that time
STATUS_RUNS = 15
ESTABLISHED_S = 1.2  # an original that is asked to restart a program younger than a second waits


def live(tools, peer, count, stages):
    """{metric: value} of one life; only the wanted stages, and those that it takes to get there."""
    yard = peer(tools, count)
    found = {}
    try:
        found["start"] = yard.start()
        if set(stages) - {"start"}:
            yard.settle()
            time.sleep(ESTABLISHED_S)
        for stage in STAGES:
            if stage in stages and stage != "start":
                found |= globals()[stage](yard)
    finally:
        yard.end()
    return found


def status(yard):
    words = yard.status_command()
    return {"status": median_run(words)} if words else {}


def median_run(words, runs=STATUS_RUNS):
    """Seconds from spawning a command to its end."""
    words = [str(word) for word in words]
    taken = []
    with open(os.devnull, "r+b") as null:
        for _ in range(runs):
            begun = time.monotonic()
            pid = os.posix_spawn(words[0], words, {"PATH": "/usr/bin:/bin"},
                                 file_actions=[(os.POSIX_SPAWN_DUP2, null.fileno(), fd) for fd in (0, 1, 2)])
            os.waitpid(pid, 0)
            taken.append(time.monotonic() - begun)
    return statistics.median(taken)


def idle(yard):
    pids = yard.supervising()
    before = switches(pids), cpu_seconds(pids)
    time.sleep(IDLE_S)
    after = switches(pids), cpu_seconds(pids)
    return {"switches": after[0] - before[0], "idle_cpu": (after[1] - before[1]) * 1e3 / IDLE_S,
            "memory": memory_bytes(pids) / 2**20, "processes": len(pids)}


def restart(yard):
    """Median of kills of one program: from the kill to the first instruction of its replacement, in microseconds."""
    taken = []
    victims = yard.records()[-yard.count:]
    last = time.monotonic() + RESTARTS_S
    for _, pid in victims[::max(1, len(victims) // RESTARTS)][:RESTARTS]:
        known = yard.stamped()
        begun = time.monotonic_ns()
        os.kill(pid, signal.SIGKILL)
        yard.await_stamps(known + 1)
        taken.append((yard.records(known)[0][0] - begun) / 1e3)
        if time.monotonic() > last:
            break
        time.sleep(0.01)
    time.sleep(ESTABLISHED_S)
    return {"restart": statistics.median(taken)}


def storm(yard):
    """All programs killed at once: from the first kill to the first instruction of the last replacement."""
    pids, known = yard.programs(), yard.stamped()
    assert len(pids) == yard.count, f"{yard.name}: {len(pids)} programs of {yard.count} run"
    begun = time.monotonic_ns()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    yard.await_stamps(known + len(pids))
    time.sleep(ESTABLISHED_S)
    return {"storm": (max(at for at, _ in yard.records(known)) - begun) / 1e9}


def stop(yard):
    """From the order to the end of the last program."""
    with contextlib.ExitStack() as stack:
        poll = select.epoll()
        stack.callback(poll.close)
        left = set()
        for pid in yard.programs():
            fd = os.pidfd_open(pid)
            stack.callback(os.close, fd)
            poll.register(fd, select.EPOLLIN)
            left.add(fd)
        assert len(left) == yard.count, f"{yard.name}: {len(left)} programs of {yard.count} run"
        begun = time.monotonic()
        yard.stop()
        while left:
            ended = {fd for fd, _ in poll.poll(120)}
            if not ended:
                raise TimeoutError(f"{yard.name}: {len(left)} programs do not stop")
            for fd in ended:
                poll.unregister(fd)
            left -= ended
        return {"stop": time.monotonic() - begun}
