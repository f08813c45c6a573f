"""Changes of what is configured: programs and services that come, go and are changed, and files that cannot be read."""
import contextlib
import os
import signal

import orders
from chronicle import Chronicle, Failed
from kinds import KINDS
from pair import wait_until
from rpc import Fault

BROKEN = "[program:broken]\ncommand=/bin/true\nstartsecs=many\n"


def update(soak, parts_licensed, way):
    """reread and update until what is active is what the files say. Only one at a time: `soak.configuring`."""
    pair = soak.supervisord
    with contextlib.ExitStack() as licences:
        for part in parts_licensed:
            for unit in part.units:
                licences.enter_context(unit.licence("update"))
        if way == "ctl":
            orders.ctl(pair, "update")
        wait_until(lambda: is_up_to_date(pair), "reread to find nothing more", step=0.1)


def is_up_to_date(pair):
    """One round of what `supervisorctl update` does; true when there was nothing to do."""
    (added, changed, removed), = pair.call("supervisor.reloadConfig")
    for name in [*removed, *changed]:
        with contextlib.suppress(Fault):
            pair.call("supervisor.stopProcessGroup", name)
        forgiving(pair, "removeProcessGroup", name, "BAD_NAME", "STILL_RUNNING")
    for name in [*added, *changed]:
        forgiving(pair, "addProcessGroup", name, "ALREADY_ADDED")
    return not (added or changed or removed)


def forgiving(pair, method, name, *faults):
    try:
        pair.call(f"supervisor.{method}", name)
    except Fault as fault:
        if not any(word in fault.faultString for word in faults):
            raise Failed(f"{method} {name}: {fault.faultString}") from fault


def busy(units):
    """Takes all of them, or none."""
    if any(u.busy for u in units):
        return False
    for unit in units:
        unit.busy = True
    return True


def change(soak, part, way):
    """Another generation of one part: its processes are restarted, nobody else's."""
    if not busy(part.units):
        return
    with soak.configuring:
        soak.chronicle.note(f"change by {way}", part.name)
        part.generation += 1
        soak.fleet.write(part)
        for unit in part.units:
            unit.want = unit.home
        update(soak, [part], way)
    for unit in part.units:
        unit.busy = False


def add(soak, _, number, way):
    kinds = [k for k in KINDS if k.logs == "own" and "calm" not in k.traits]
    with soak.configuring:
        part = soak.fleet.add_part(kinds[number % len(kinds)], is_busy=True)
        soak.chronicle.note(f"add by {way}", part.name)
        update(soak, [part], way)
        for unit in part.units:
            unit.busy = False


def remove(soak, part, way):
    if not busy(part.units):
        return
    with soak.configuring:
        soak.chronicle.note(f"remove by {way}", part.name)
        for unit in part.units:
            unit.want = "down"
        (soak.folder / "conf.d" / f"{part.name}.ini").unlink()
        update(soak, [part], way)
        for unit in part.units:
            unit.retired = True
        soak.fleet.parts.remove(part)


def broken(soak, _):
    """A file that cannot be read changes nothing, and is told."""
    path = soak.folder / "conf.d" / "broken.ini"
    with soak.configuring:
        soak.chronicle.note("broken file")
        path.write_text(BROKEN)
        try:
            soak.supervisord.call("supervisor.reloadConfig")
            raise Failed("a broken file was reread without a complaint")
        except Fault as fault:
            if "CANT_REREAD" not in fault.faultString:
                raise Failed(f"reread of a broken file: {fault.faultString}") from fault
        finally:
            path.unlink()


def reload_all(soak, pair):
    """SIGHUP: everything is restarted, and whoever was stopped comes up."""
    with soak.nobody_busy(pair), soak.configuring, pair.keeper_needed, pair.calm:
        pair.wait_synced()
        soak.chronicle.note("restart of all", pair.name)
        with pair.licence_for_all("restart"):
            for unit in pair.units.values():
                if not unit.retired:
                    unit.want = unit.home
            runs = {u: u.life.state().run for u in pair.units.values() if u.want == "up" and not u.is_("logger")}
            for hearing in soak.hearings:  # before it begins: the first event of the restarted ones must not be missed
                with soak.reading:
                    hearing.poll()
                    hearing.begin_again(Chronicle.now())
            os.kill(pair.keeper, signal.SIGHUP)
            wait_until(lambda: all(u.life.state().run > r for u, r in runs.items()),
                       lambda: f"everybody to be started again: {[u for u, r in runs.items() if u.life.state().run <= r][:10]}", 180)
            pair.wait_ready()
        for hearing in soak.hearings:
            with soak.reading:
                hearing.poll()
                hearing.since = Chronicle.now()


def add_service(soak, pair, number):
    name = f"x{number}"
    if any(u.name.endswith(f"{name}") for u in pair.units.values()):
        return
    soak.chronicle.note("add service", pair.name, name)
    both = soak.fleet.add_service(pair, name, is_busy=True)
    wait_until(lambda: all(soak.is_up(u) for u in both) and soak.is_known(both[0]), f"{name} to be found and started")
    for unit in both:
        unit.busy = False


def remove_service(soak, unit):
    """As its manual says: the directory goes, then svc -dx."""
    logger = unit.daemon.units[f"{unit.name}/log"]
    if logger.busy:
        return
    logger.busy = True
    place = unit.traits["place"]
    soak.chronicle.note("remove service", unit)
    away = soak.folder / "away" / unit.life_name
    with unit.licence("remove"), logger.licence("remove"):
        unit.want = logger.want = "down"
        place.rename(away)
        for audit, _, _ in unit.audits:
            audit.follower.folder = away / "log/main"
        orders.svc("-dx", away, away / "log")
        wait_until(lambda: not soak.is_there(away) and not soak.is_there(away / "log"), f"{unit} to be left")
        unit.retired = logger.retired = True
