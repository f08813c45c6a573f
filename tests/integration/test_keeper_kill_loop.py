#!/usr/bin/python3
"""Keeper and engine are killed in turns, under load: programs, logs, clients, sockets and services do not notice.

The load: programs that log as fast as they can and at a pace, into files (spliced) and to the daemon's stdout (copied);
clients that connect all the time, by a unix socket and by TCP; a FastCGI socket; service directories with loggers. The
kills: the keeper, the engine, the keeper and then at once the engine that its successor has started. After each, everything
is as before but for the pid in the pidfile. The seed is printed; SEED repeats the order of the kills.
"""
import os
import pathlib
import random
import re
import signal
import socket
import threading

from harness import SOAK, Case, check_lines, main, ours_only, probe, proc_alive, proc_parent, proc_started, wait_until
from test_real_daemons import free_port

ROUNDS = 60 if SOAK else 4
PACED = [f"paced{n}" for n in range(10)]
SERVICES = [f"s{n}" for n in range(3)]
REPEATED_BYTES_A_KILL = 64 * 1024  # of a channel whose bytes are copied
GROWTH = 4  # descriptors that one count may be off, as clients come and go
RESPONDER = f"/usr/bin/python3 {pathlib.Path(__file__).with_name('fcgi_responder.py')}"
BODY = b"<?xml version='1.0'?><methodCall><methodName>supervisor.getState</methodName><params/></methodCall>"
REQUEST = (b"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: "
           + str(len(BODY)).encode() + b"\r\n\r\n" + BODY)


class Client(threading.Thread):
    """Asks for the state over and over, each time by a connection of its own."""

    def __init__(self, family, address):
        super().__init__(daemon=True)
        self.family, self.address = family, address
        self.answered = self.closed = 0
        self.wrong = []
        self.over = threading.Event()

    def ask(self):
        with socket.socket(self.family) as client:
            client.connect(self.address)  # without a timeout: a full queue is a reason to wait
            client.settimeout(60)
            text = b""
            try:
                client.sendall(REQUEST)
                while (more := client.recv(65536)):
                    text += more
            except (ConnectionResetError, BrokenPipeError):  # whoever had accepted it was killed
                pass
        if text.startswith(b"HTTP/1.1 200") and text.rstrip().endswith(b"</methodResponse>") and b"RUNNING" in text:
            self.answered += 1
        elif not text:
            self.closed += 1
        else:
            self.wrong.append(text)

    def run(self):
        while not self.over.wait(0.001):
            try:
                self.ask()
            except OSError as error:
                self.wrong.append(repr(error))

    def end(self):
        self.over.set()
        self.join(70)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@ours_only
class KeeperKillLoop(Case):
    def start(self):
        self.seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={self.seed}", flush=True)
        self.random = random.Random(self.seed)
        d = self.supervisord()
        self.port = free_port()
        self.fcgi = d.dir / "fcgi.sock"
        for name in SERVICES:
            self.make_service(d, name)

        def lines(name, rate, **keys):
            return {"command": probe("lines", "--rate", rate, "--payload", 30), "startsecs": 0, "redirect_stderr": True,
                    "stdout_logfile": f"%(here)s/{name}.log", "stdout_logfile_maxbytes": 0, **keys}
        d.write_config({"inet_http_server:tcp": {"port": f"127.0.0.1:{self.port}"},
                        "fast": lines("fast", 20000), "copied": lines("copied", 500, stdout_logfile="/dev/stdout"),
                        **{name: lines(name, 200) for name in PACED},
                        "fcgi-program:app": {"command": RESPONDER, "socket": f"unix://{self.fcgi}", "numprocs": 2,
                                             "process_name": "%(process_num)d", "startsecs": 0},
                        "svscan:scanned": {"directory": d.dir / "scan"}})
        d.start("-n", "-s")
        wait_until(lambda: len(d.all_info()) == len(PACED) + 4 + 2 * len(SERVICES), "the services to be known")
        self.before = d.wait_all()
        self.started_at = {i["pid"]: proc_started(i["pid"]) for i in self.before.values()}
        return d

    def make_service(self, d, name):
        for script, command in (("run", probe("lines", "--rate", 200)), ("log/run", f"cat >> {d.dir}/{name}.out")):
            path = d.dir / "scan" / name / script
            path.parent.mkdir(parents=True)
            path.write_text(f"#!/bin/sh\nexec {command}\n")
            path.chmod(0o755)

    # -- kills --

    def kill_keeper(self, d):
        old = d.pid
        os.kill(old, signal.SIGKILL)
        self.wait_successor(d, old)

    def kill_engine(self, d):
        d.new_engine(d.kill_engine())

    def kill_keeper_and_the_next_engine(self, d):
        """That one dies at some moment of its recovery: maybe before it wrote the pidfile."""
        old, heir = d.pid, d.engine_pid
        os.kill(old, signal.SIGKILL)

        def engine_of_the_heir():
            try:
                listed = pathlib.Path(f"/proc/{heir}/task/{heir}/children").read_text()
            except OSError:
                return None
            return next((int(pid) for pid in listed.split()
                         if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"upkeep-engine\0")), None)
        engine = wait_until(engine_of_the_heir, "an engine of the new keeper", step=0)
        threading.Event().wait(self.random.choice([0, 0, 0.002, 0.01, 0.03]))
        os.kill(engine, signal.SIGKILL)
        self.wait_successor(d, old)

    def wait_successor(self, d, old):
        def replaced():
            try:
                return d.pid != old and proc_alive(d.pid)
            except (OSError, ValueError):  # it is being written
                return False
        wait_until(replaced, lambda: f"another pid than {old} in the pidfile\n{d.log_tail()}")

    # -- after each --

    def check(self, d):
        d.wait_ready_again()
        after = d.all_info()
        for name, info in self.before.items():
            self.assertEqual([after[name][k] for k in ("pid", "start", "statename")],
                             [info[k] for k in ("pid", "start", "statename")], name)
        self.assertEqual({pid: proc_started(pid) for pid in self.started_at}, self.started_at)
        self.assertEqual(d.patient(d.rpc.supervisor.getPID), d.pid)
        self.assertEqual(proc_parent(d.engine_pid), d.pid)
        with socket.socket(socket.AF_UNIX) as fcgi:
            fcgi.connect(str(self.fcgi))  # whoever reads it
        sizes = {path: path.stat().st_size for path in self.logs(d)}
        wait_until(lambda: all(path.stat().st_size > size for path, size in sizes.items()), "all logs to go on")

    def logs(self, d):
        return [d.dir / f"{name}.log" for name in ("fast", *PACED)] + [d.dir / f"{name}.out" for name in SERVICES]

    def count_descriptors(self, d):
        """The least of some counts: clients come and go."""
        return [min(descriptors(pid) for _ in range(5)) for pid in (d.pid, d.engine_pid)]

    def test_nobody_notices(self):
        d = self.start()
        clients = [Client(socket.AF_UNIX, str(d.socket)), Client(socket.AF_INET, ("127.0.0.1", self.port))]
        for client in clients:
            client.start()
        kills = [self.kill_keeper, self.kill_keeper_and_the_next_engine, self.kill_engine]
        counts, copied = [], 0
        for number in range(ROUNDS):
            kill = kills[number] if number < len(kills) else self.random.choice(kills)
            with self.subTest(number=number, kill=kill.__name__):
                kill(d)
                copied += 2 if kill == self.kill_keeper_and_the_next_engine else 1
                self.check(d)
                counts.append(self.count_descriptors(d))
        for client in clients:
            client.end()
        print(f"answered {[c.answered for c in clients]}, closed {[c.closed for c in clients]}, descriptors of keeper and "
              f"engine {counts[0]} … {counts[-1]}", flush=True)
        self.assertEqual([c.wrong for c in clients], [[], []])
        for client in clients:
            self.assertGreater(client.answered, ROUNDS)
            self.assertLessEqual(client.closed, 2 * copied)  # one connection at a time: one for each death
        for first, last in zip(counts[1], counts[-1]):  # the first keeper had not taken anything over
            self.assertLessEqual(last, first + GROWTH, counts)
        self.check_logs(d, copied)

    def check_logs(self, d, kills):
        self.assertEqual(d.log_lines("exited|stopped"), [])
        self.assertEqual(len(d.log_lines("spawned")), len(self.before))
        self.assertEqual(len(d.log_lines("supervisord started with pid")), 1)
        for name in ("fast", "copied", *PACED, *SERVICES):
            d.rpc.supervisor.stopProcess(f"scanned:{name}" if name in SERVICES else name)
        for path in self.logs(d):
            wait_until(lambda p=path: p.read_bytes().endswith(b"\n"), f"the last line of {path}")
            found = check_lines(path)
            self.assertEqual([found[k] for k in ("first", "lost", "repeated", "torn")], [1, 0, 0, 0],
                             f"{path}: {found['told']}")
        text = wait_until(lambda: (text := d.read("output")).endswith("\n") and text, "the last line")
        found = check_lines(d.output, any_text=True)
        self.assertEqual((found["first"], found["lost"]), (1, 0), found["told"])
        self.assertLessEqual(found["repeated"] * 30, kills * REPEATED_BYTES_A_KILL)
        self.assertEqual(re.findall(r"\n\n", text), [])


if __name__ == "__main__":
    main()
