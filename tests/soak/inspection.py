"""What must hold at rest: everything is as it should be, every line is there, nobody is there who should not be."""
import re
import subprocess
import time

from chronicle import Failed, NotYet
from harness import BIN, proc_alive, read_proc
from pair import PATIENCE, wait_until

SVSTAT = re.compile(r"^(.*): (?:up \(pid (\d+)\)|down) \d+ seconds?(.*)$")


def account(units):
    for unit in units:
        unit.account()


def check_calm(units):
    """Between two steps: who is not to be touched runs on in its first copy, unless all were restarted."""
    for unit in units:
        if unit.is_("calm") and not unit.is_("logger"):
            unit.account()


def row_trouble(unit, row):
    """What is wrong with a unit of supervisord, or None."""
    state = unit.life.state()
    if row is None:
        return "is not in the list of processes"
    name, pid = row["statename"], row["pid"]
    told = f"{name} pid {pid}, its own word: run {state.run} pid {state.pid}"
    if unit.is_("logger"):
        return None if name == "RUNNING" and proc_alive(pid) else told
    if unit.want == "up":
        return None if name == "RUNNING" and pid == state.pid and proc_alive(pid) else told
    if unit.want == "comes":
        return None if name in ("RUNNING", "STARTING", "EXITED", "BACKOFF") else told
    expected = {"down": ("STOPPED",), "ended": ("EXITED",), "fatal": ("FATAL",)}[unit.want]
    if unit.want == "down" and unit.is_("ends"):
        expected = ("STOPPED", "EXITED", "FATAL")  # it may have ended before it was stopped
    return None if name in expected and pid == 0 and not is_living(unit) else told


def is_living(unit):
    """Whether its last copy runs; the pid in its state may be somebody else's by now."""
    pid = unit.life.state().pid
    return pid != 0 and proc_alive(pid) and f"--name\0{unit.life_name}\0".encode() in read_proc(pid, "cmdline")


def svstat(units):
    """name -> (pid or 0, rest of the line) as svstat tells it."""
    if not units:
        return {}
    told = subprocess.run([BIN / "svstat", *(str(u.traits["place"]) for u in units)], capture_output=True, text=True,
                          timeout=PATIENCE, check=False).stdout.splitlines()
    found = {}
    for unit, line in zip(units, told):
        match = SVSTAT.match(line)
        found[unit.name] = (int(match.group(2) or 0), match.group(3)) if match else (None, line)
    return found


def service_pids(pair):
    services = [u for u in pair.units.values() if u.is_("service") and not u.retired]
    return lambda: {pid for pid, _ in svstat(services).values() if pid}


def service_trouble(unit, pid, rest):
    state = unit.life.state()
    told = f"svstat: pid {pid}{rest}, its own word: run {state.run} pid {state.pid}"
    if unit.is_("logger"):
        return None if pid and proc_alive(pid) else told
    if unit.want == "up":
        return None if pid and pid == state.pid and proc_alive(pid) else told
    return None if pid == 0 and not is_living(unit) else told


def troubles(pairs):
    found = {}
    for pair in pairs:
        units = [u for u in pair.units.values() if not u.retired]
        if pair.name == "supervisord":
            rows = pair.rows()
            for unit in units:
                if (what := row_trouble(unit, rows.get(unit.name))):
                    found[unit] = what
            for name in rows.keys() - {u.name for u in units}:
                found[name] = f"is nobody's: {rows[name]}"
        services = [u for u in units if u.is_("service")]
        for name, (pid, rest) in svstat(services).items():
            if (what := service_trouble(pair.units[name], pid, rest)):
                found.setdefault(pair.units[name], what)
    return found


def converge(pairs, seconds):
    """How long it took until everything was as it should be."""
    begun = time.monotonic()
    last = {}

    def is_good():
        account(u for p in pairs for u in p.units.values())
        last.clear()
        last.update(troubles(pairs))
        return not last
    wait_until(is_good, lambda: "as it should be:\n" + "\n".join(f"  {u} ({getattr(u, 'want', '')}) {w}" for u, w in list(last.items())[:20]),
               seconds, 0.25)
    return time.monotonic() - begun


def check_ended_runs(units):
    """Everyone who is not there has ended for a reason."""
    for unit in units:
        if not unit.is_("logger") and not is_living(unit):
            unit.account()
            if not is_living(unit):
                unit.notice_end()


def check_logs(units, audits):
    """Each line that was surely written arrives."""
    goals = []
    for unit in units:
        state = unit.life.state()
        for audit, name, is_err in unit.audits:
            written = state.written_err if is_err else state.written
            if written and not unit.is_("small"):
                goals.append((audit, name, state.run, written))
    missing = []

    def all_there():
        for audit in audits:
            audit.poll()
        missing[:] = [g for g in goals if not g[0].reached(*g[1:])]
        return not missing
    wait_until(all_there, lambda: "every line in its log: " + "; ".join(
        f"{a.label} has {n} up to {a.source(n).position()} of {(r, w)}" for a, n, r, w in missing[:5]), 60, 0.2)


def patiently(check, seconds=30):
    """What check() returns, once it does not raise NotYet any more."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return check()
        except NotYet:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
