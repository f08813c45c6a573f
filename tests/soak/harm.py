"""Kills and stops, of those that are supervised and of those who supervise."""
import os
import signal
import time

from chronicle import Failed
from harness import proc_started
from inspection import svstat
from pair import signal_exactly, wait_until


def living(unit):
    """(pid, when it started) of the unit's copy, or None."""
    state = unit.life.state()
    started = proc_started(state.pid) if state.pid else 0
    return (state.pid, started) if started and unit.life.state().pid == state.pid else None


def kill_unit(soak, unit, signo=signal.SIGKILL):
    """As somebody would from outside; a family as a whole."""
    found = living(unit)
    if not found:
        return
    pid, started = found
    unit.licence_killed(pid)
    if unit.is_("single"):
        unit.want = "ended"
    if signal_exactly(pid, started, signo):
        soak.chronicle.note("kill program", unit, pid)


def kill_logger(soak, unit):
    """multilog: what it had written and not taken out of the pipe may come twice."""
    pid, _ = svstat([unit])[unit.name]
    started = proc_started(pid) if pid else 0
    if not started:
        return
    unit.traits["audit"].allow_repeated(65536)
    unit.traits["audit"].allow_torn()
    if signal_exactly(pid, started, signal.SIGKILL):
        soak.chronicle.note("kill logger", unit, pid)


def pause_unit(soak, unit, seconds):
    with unit.daemon.keeper_needed:
        found = living(unit)
        if not found or not signal_exactly(*found, signal.SIGSTOP):
            return
        soak.chronicle.note("pause program", unit, f"{found[0]} for {seconds:.1f} s")
        time.sleep(seconds)
        signal_exactly(*found, signal.SIGCONT)


def kill_in_a_row(pair, pauses):
    """Engines killed as soon as they appear, or a little later."""
    for pause in pauses:
        wait_until(pair.find_engine, f"{pair.name}: an engine", step=0.002)
        time.sleep(pause)
        pair.kill_engine()
