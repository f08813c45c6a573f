"""Orders: what users ask of the supervisors, in the several ways there are. Each order is repeated until it is done."""
import subprocess
import time

from chronicle import Failed
from harness import BIN
from pair import PATIENCE, wait_until
from rpc import Fault

DONE = {"start": ("ALREADY_STARTED", "ABNORMAL_TERMINATION", "SPAWN_ERROR"), "stop": ("NOT_RUNNING",)}


def by_rpc(pair, method, unit, wait):
    try:
        return pair.call(f"supervisor.{method}Process", unit.name, wait)
    except Fault as fault:
        if not any(word in fault.faultString for word in DONE[method]):
            raise Failed(f"{method} {unit}: {fault.faultString}") from fault
        return False


def down(unit, wait):
    """Stops it; back when it has stopped, even where another's stop was already on its way."""
    by_rpc(unit.daemon, "stop", unit, wait)
    wait_until(lambda: unit.daemon.call("supervisor.getProcessInfo", unit.name)["statename"] != "STOPPING",
               f"{unit} to be stopped")


def up(unit, wait):
    """Starts it when whoever stopped it is through: a start of what is STOPPING starts nothing, as under Supervisor."""
    wait_until(lambda: unit.daemon.call("supervisor.getProcessInfo", unit.name)["statename"] != "STOPPING",
               f"{unit} to be stopped")
    by_rpc(unit.daemon, "start", unit, wait)


def ctl(pair, *words, seconds=PATIENCE):
    return subprocess.run([BIN / "supervisorctl", "-c", pair.config, *words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=seconds, check=False, cwd=pair.folder)


def svc(*words):
    ended = subprocess.run([BIN / "svc", *map(str, words)], capture_output=True, text=True, timeout=PATIENCE, check=False)
    if ended.returncode or ended.stdout or ended.stderr:
        raise Failed(f"svc {words}: {ended.returncode} {ended.stdout}{ended.stderr}")


def stop(soak, unit, how):
    soak.chronicle.note(f"stop by {how}", unit)
    with unit.licence("stop"):
        unit.want = "down"
        if how == "svc":
            svc("-d", unit.traits["place"])
            wait_until(lambda: not soak.is_up(unit), f"{unit} to go down after svc -d")
        elif how == "ctl":
            ctl(unit.daemon, "stop", unit.name)
        if how != "svc":
            down(unit, how == "rpc")


def start(soak, unit, how):
    soak.chronicle.note(f"start by {how}", unit)
    with unit.licence("start"):
        unit.want = unit.home
        if how == "svc":
            svc("-u", unit.traits["place"])
            wait_until(lambda: soak.is_up(unit), f"{unit} to come up after svc -u")
        elif how == "ctl":
            ctl(unit.daemon, "start", unit.name)
        if how != "svc":
            up(unit, how == "rpc")


def restart(soak, unit, how):
    soak.chronicle.note(f"restart by {how}", unit)
    with unit.licence("restart"):
        if how == "svc":
            run = unit.life.state().run
            svc("-t", unit.traits["place"])
            wait_until(lambda: unit.life.state().run > run and soak.is_up(unit), f"{unit} to be another after svc -t")
            return
        if how == "ctl":
            ctl(unit.daemon, "restart", unit.name)
        else:
            down(unit, True)
        unit.want = unit.home
        up(unit, False)
