"""Clients: those who ask, those who write to a program, and those who mean harm. None of them may change anything."""
import contextlib
import os
import socket
import subprocess
import time

import orders
from chronicle import Failed
from harness import BIN
from pair import PATIENCE, Lost, wait_until
from rpc import Fault, connect

STATES = {"STOPPED": 0, "STARTING": 10, "RUNNING": 20, "BACKOFF": 30, "STOPPING": 40, "EXITED": 100, "FATAL": 200,
          "UNKNOWN": 1000}


def look(soak, pair):
    """All rows make sense."""
    rows = pair.call("supervisor.getAllProcessInfo")
    soak.chronicle.note("look")
    for row in rows:
        name, has_pid = row["statename"], row["pid"] > 0
        if (STATES.get(name) != row["state"] or has_pid and name not in ("RUNNING", "STARTING", "STOPPING", "UNKNOWN")
                or name == "RUNNING" and not has_pid):
            raise Failed(f"a row without sense: {row}")
    names = [(r["group"], r["name"]) for r in rows]
    if len(set(names)) != len(names):
        raise Failed("a process is listed twice")


def ask_ctl(soak, pair, word, unit):
    ended = orders.ctl(pair, *word.split(), *([unit.name] if unit else []))
    soak.chronicle.note("ask", f"{word} {unit or ''}")
    if "Traceback" in ended.stderr or "error" in ended.stderr.lower() and "connection" not in ended.stderr.lower():
        raise Failed(f"supervisorctl {word} {unit}: {ended.returncode} {ended.stderr}")


def follow(soak, unit, seconds):
    """tail -f for a while: whole lines of that program, in order."""
    soak.chronicle.note("follow", unit, f"for {seconds:.1f} s")
    with subprocess.Popen([BIN / "supervisorctl", "-c", unit.daemon.config, "tail", "-f", unit.name],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as tail:
        time.sleep(seconds)
        tail.terminate()
        tail.communicate(timeout=PATIENCE)


def read_log(soak, unit):
    soak.chronicle.note("read log", unit)
    with contextlib.suppress(Fault):  # while it is rotated
        text, offset, _ = unit.daemon.call("supervisor.tailProcessStdoutLog", unit.name, 0, 4096)
        if len(text) > 4096 or offset < 0:
            raise Failed(f"tailProcessStdoutLog {unit}: {len(text)} characters, offset {offset}")


def signal_program(soak, unit, name):
    """HUP and USR1 are noted by the program: it must get what was sent, once."""
    number = {"HUP": 1, "USR1": 10, "USR2": 12, "ALRM": 14}[name]
    with unit.licence(f"signal {name}"):
        run, kills = unit.life.state().run, unit.daemon.engine_kills + unit.daemon.keeper_kills
        with contextlib.suppress(Fault):
            target = connect(unit.daemon.socket)
            before = len([s for s, _ in unit.signals if s == number])
            try:
                if target.supervisor.signalProcess(unit.name, name) is not True:
                    return
            except Lost:
                return
            soak.chronicle.note(f"signal {name}", unit)
            def received():
                with soak.reading:
                    unit.account()
                return len([s for s, _ in unit.signals if s == number]) - before
            def is_undisturbed():
                return (unit.life.state().run, unit.daemon.engine_kills + unit.daemon.keeper_kills) == (run, kills)
            wait_until(lambda: received() == 1 or not is_undisturbed(), lambda: f"{unit} to get SIG{name}, got {received()}", 30)


def write_to(soak, unit, _number):
    """A line for a program's standard input arrives once; perhaps, if the connection was lost meanwhile."""
    number = unit.traits["said"] = unit.traits.get("said", 0) + 1
    soak.chronicle.note("write to stdin", unit, number)
    try:
        connect(unit.daemon.socket).supervisor.sendProcessStdin(unit.name, f"{number}\n")
        unit.traits.setdefault("heard", set()).add(number)
    except Lost:
        pass
    except Fault as fault:
        if not any(word in fault.faultString for word in ("SHUTDOWN_STATE", "NOT_RUNNING", "NO_FILE")):
            raise


def check_echoes(units):
    """What was said to programs on their standard input is in their logs."""
    for unit in units:
        if unit.is_("echo") and unit.audits:
            audit = unit.audits[0][0]
            audit.poll()
            heard = [int(line.split()[3]) for line in audit.others]
            missing = unit.traits.get("heard", set()) - set(heard)
            if missing or sorted(set(heard)) != heard:
                return f"{unit}: said {len(unit.traits.get('heard', ()))}, missing {sorted(missing)[:5]}, in log {heard[-10:]}"
    return None


def visit_fcgi(soak, unit):
    """Its socket is there and somebody answers, unless all of the group are down."""
    part = unit.traits["part"]
    if any(u.want == "down" or u.busy for u in part.units if u is not unit):
        return
    path = soak.folder / "sockets" / f"{part.name}.sock"
    soak.chronicle.note("visit", part.name)
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.settimeout(PATIENCE)
        visitor.connect(str(path))
        text = visitor.recv(200).decode()  # nothing: it was killed with the connection in its hands
    if text and not text.startswith(f"{part.name}."):
        raise Failed(f"{path} answers {text!r}")


# -- those who mean harm --

REQUESTS = [
    b"GET / HTTP/1.1\r\n", b"\0" * 5000, b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<methodCall>", b"A" * 70000,
    b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n<?xml version='1.0'?><a><b><c/>",
    b"GET /logtail/nobody HTTP/1.0\r\n\r\n", b"GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n\r\n\r\n",
    b"GET /" + b"x/../" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
]


def harass(soak, pair, number, count, seconds):
    """Connections that send rubbish, or half of something, and stay a while."""
    soak.chronicle.note("harass", pair.name, f"{count} times request {number % len(REQUESTS)}")
    connections = []
    try:
        for _ in range(count):
            with contextlib.suppress(OSError):
                one = socket.socket(socket.AF_UNIX)
                connections.append(one)
                one.settimeout(5)
                one.connect(str(pair.socket))
                one.send(REQUESTS[number % len(REQUESTS)])
        time.sleep(seconds)
    finally:
        for one in connections:
            one.close()


def call_nonsense(soak, pair, number):
    calls = [("supervisor.startProcess", 7), ("no.such.method",), ("supervisor.signalProcess", "nobody:*", "HUP"),
             ("supervisor.readLog", -5, "x"), ("supervisor.stopProcess", ""), ("system.multicall", ["x"] * 50),
             ("supervisor.sendProcessStdin", "nobody", "x"), ("supervisor.addProcessGroup", "nobody")]
    soak.chronicle.note("nonsense", calls[number % len(calls)])
    with contextlib.suppress(Fault):
        pair.call(*calls[number % len(calls)])


def second_instance(soak, pair):
    """Another supervisord with the same configuration ends by itself and changes nothing."""
    with pair.calm:
        pair.wait_synced()
        soak.chronicle.note("second instance")
        ended = subprocess.run([*pair.argv], capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=pair.folder,
                               stdin=subprocess.DEVNULL)
        if ended.returncode != 2:
            raise Failed(f"a second supervisord ended with {ended.returncode}: {ended.stderr}")
        pair.check_pidfile()


def remove_socket(soak, pair):
    """It comes back by itself."""
    with soak.configuring:
        soak.chronicle.note("remove socket", pair.name)
        os.unlink(pair.socket)
        wait_until(pair.is_ready, f"{pair.socket} to come back")
