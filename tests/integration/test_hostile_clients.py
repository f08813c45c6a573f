#!/usr/bin/python3
"""Slow, broken and hostile clients cost bounded memory and never delay supervision.

Programs that start again and again provide a deadline (startsecs) about every 100 ms; the daemon's log tells to the
millisecond when each was met. While clients of all bad kinds attack, none may be met more than 100 ms later than the
worst one before, and afterwards the engine may hold at most 80 MiB more. The attackers need the machine as well as the
daemon does: how late a process that only sleeps wakes up meanwhile is therefore granted on top.

The bounds are those of a release build.
"""
import contextlib
import datetime
import multiprocessing
import re
import resource
import socket
import time

from harness import Case, main, ours_only, probe, read_proc, wait_until
from rpc import Responses, call_bytes

QUIET_SECONDS = 5
ATTACK_SECONDS = 12
LATER_MAX = 0.1
GROWTH_MAX = 80 << 20
TIMERS = 11
MIB = 1 << 20


# -- the attackers: each runs in a process of its own until it is ended --------------------------------------------------

def dial(path):
    """A connection; waits while the server pauses accepting."""
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        try:
            connection.connect(str(path))
            return connection
        except BlockingIOError:  # its queue is full
            connection.close()
            time.sleep(0.01)


def send_quietly(connection, data):
    """Whether all of it was taken."""
    try:
        connection.sendall(data)
        return True
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        return False


def slow_heads(path):
    """Heads that grow by a byte at a time and never end."""
    open_ones = [dial(path) for _ in range(300)]
    while True:
        for i, connection in enumerate(open_ones):
            if not send_quietly(connection, b"P"):
                open_ones[i] = dial(path)
        time.sleep(0.2)


def huge_heads(path):
    line = b"X-Header: " + b"x" * 8000 + b"\r\n"
    while True:
        with dial(path) as connection:
            if send_quietly(connection, b"POST /RPC2 HTTP/1.1\r\n" + 16 * line):
                with contextlib.suppress(OSError):
                    connection.recv(4096)


def endless_bodies(path):
    """Bodies of the largest size that is allowed, never finished; several at a time."""
    block = b"x" * 65536
    while True:
        with contextlib.ExitStack() as stack:
            bodies = [stack.enter_context(dial(path)) for _ in range(8)]
            for body in bodies:
                send_quietly(body, f"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: {16 * MIB}\r\n\r\n".encode())
            for _ in range(16 * MIB // len(block) - 1):
                if not all([send_quietly(body, block) for body in bodies]):
                    break


def request(body):
    return f"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def multicalls(path, megabytes, method, calls=10 ** 9):
    """Many calls in one; more than so many megabytes are refused by their length alone."""
    one = (f"<value><struct><member><name>methodName</name><value>{method}</value></member>"
           "<member><name>params</name><value><array><data></data></array></value></member></struct></value>").encode()
    body = (b"<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>"
            + one * min(megabytes * MIB // len(one), calls) + b"</data></array></value></param></params></methodCall>")
    while True:
        with dial(path) as connection, contextlib.suppress(OSError):
            send_quietly(connection, request(body))
            Responses(connection).next()


def deep_documents(path):
    body = b"<methodCall><methodName>x</methodName><params><param>" + b"<value><array><data>" * (15 * MIB // 21)
    while True:
        with dial(path) as connection, contextlib.suppress(OSError):
            send_quietly(connection, request(body))
            Responses(connection).next()


def many_connections(path):
    """Thousands that come, ask for nothing and go."""
    while True:
        with contextlib.ExitStack() as stack:
            for _ in range(2000):
                stack.enter_context(dial(path))


def readers_that_never_read(path):
    """Requests for large answers, one after the other, without reading any."""
    ask = call_bytes("system.multicall", [{"methodName": "system.methodHelp", "params": ["supervisor.startProcess"]}] * 2000)
    while True:
        with contextlib.ExitStack() as stack:
            for _ in range(50):
                connection = stack.enter_context(dial(path))
                connection.setblocking(False)
                with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                    connection.send(ask * 3)
            time.sleep(1)


def fast_requests(path):
    """As many as one connection can carry, without waiting for the answers to those before."""
    ask = call_bytes("supervisor.getAllProcessInfo") * 50
    while True:
        with dial(path) as connection, contextlib.suppress(OSError):
            answers = Responses(connection)
            while send_quietly(connection, ask):
                for _ in range(50):
                    if not answers.next():
                        break


ATTACKS = {
    "slow heads": (slow_heads,), "huge heads": (huge_heads,), "endless bodies": (endless_bodies,),
    "multicalls of 24 MB": (multicalls, 24, "supervisor.getState"), "multicalls of 15 MB": (multicalls, 15, "supervisor.getState"),
    "multicalls of all that may be called": (multicalls, 15, "supervisor.getAllProcessInfo", 10_000),
    "deep documents": (deep_documents,), "many connections": (many_connections,),
    "readers that never read": (readers_that_never_read,), "fast requests": (fast_requests,),
}


def attack(path, work, *arguments):
    with contextlib.suppress(OSError):  # end of the test
        work(path, *arguments)


def sleeper(worst, over):
    """How late a process wakes up that does nothing but sleep."""
    due = time.monotonic()
    while not over.is_set():
        due += 0.02
        time.sleep(max(due - time.monotonic(), 0))
        late = time.monotonic() - due
        worst.value = max(worst.value, late)
        due += max(late - 0.02, 0)


# -- the test ----------------------------------------------------------------------------------------------------------

def resident(pid):
    return int(re.search(rb"VmRSS:\s+(\d+) kB", read_proc(pid, "status"))[1]) * 1024


class HostileClients(Case):
    @ours_only
    def test_supervision_stays_on_time(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        timers = {f"t{i}": {"command": probe("exit-after", 1100, 0), "autostart": False, "autorestart": True, "startsecs": 1,
                            "stdout_logfile": "NONE", "stderr_logfile": "NONE"} for i in range(TIMERS)}
        d = self.started(timers, supervisord={"logfile_maxbytes": 0})
        for name in timers:
            self.assertTrue(d.rpc.supervisor.startProcess(name, False))
            time.sleep(1.1 / TIMERS)  # so that their deadlines are spread
        engine, before = d.engine_pid, resident(d.engine_pid)
        quiet, quiet_sleeper = self.watch(d, QUIET_SECONDS)
        context = multiprocessing.get_context("fork")
        attackers = [context.Process(target=attack, args=(d.socket, *work), name=name, daemon=True)
                     for name, work in ATTACKS.items()]
        for attacker in attackers:
            attacker.start()
        try:
            attacked, attacked_sleeper = self.watch(d, ATTACK_SECONDS)
            self.assertEqual([a.name for a in attackers if not a.is_alive()], [], "attackers that gave up")
        finally:
            for attacker in attackers:
                attacker.kill()
            for attacker in attackers:
                attacker.join()
        print(f"latest deadline: {quiet * 1e3:.0f} ms before, {attacked * 1e3:.0f} ms during; a sleeper's "
              f"{quiet_sleeper * 1e3:.0f} and {attacked_sleeper * 1e3:.0f} ms")
        self.assertEqual(d.engine_pid, engine, "the engine was replaced")
        self.assertLess(attacked, quiet + LATER_MAX + attacked_sleeper)
        self.assertTrue(d.rpc.supervisor.getState())
        wait_until(lambda: resident(engine) <= before + GROWTH_MAX,
                   lambda: f"memory to be given back: {before / MIB:.0f} MiB before, {resident(engine) / MIB:.0f} MiB now")
        print(f"memory: {before / MIB:.0f} MiB before, {resident(engine) / MIB:.0f} MiB after")

    def watch(self, d, seconds):
        """The worst lateness of a deadline in so many seconds, and that of a sleeper."""
        context = multiprocessing.get_context("fork")
        worst, over = context.Value("d", 0.0), context.Event()
        process = context.Process(target=sleeper, args=(worst, over), daemon=True)
        process.start()
        begin = len(d.log().splitlines())
        time.sleep(seconds)  # what is measured lasts so long
        lateness = self.lateness(d.log().splitlines()[begin:])
        over.set()
        process.join()
        self.assertGreater(len(lateness), seconds * TIMERS / 4, "deadlines that were met at all")
        return max(lateness), worst.value

    @staticmethod
    def lateness(lines):
        """Of each start in these lines: seconds from `spawned` to RUNNING beyond the one that startsecs demands."""
        spawned, late = {}, []
        for line in lines:
            at = datetime.datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f")
            if match := re.search(r"spawned: '(\w+)'", line):
                spawned[match[1]] = at
            elif (match := re.search(r"success: (\w+) entered RUNNING", line)) and match[1] in spawned:
                late.append((at - spawned.pop(match[1])).total_seconds() - 1)
        return late


if __name__ == "__main__":
    main()
