"""What happens to log files from outside, and to the disk below them."""
import contextlib
import errno
import os
import signal
import time

import orders


def stream(unit):
    """(audit, path) of the unit's standard output."""
    audit, _, _ = unit.audits[0]
    return audit, audit.follower.path


def forgive(soak, audit, more=1):
    """What was written up to now may be missing, from all that write there; and the next line, to which half of one that is
    missing may be glued."""
    for unit in soak.fleet.units():
        for other, name, is_err in unit.audits:
            if other is audit:
                state = unit.life.state()
                audit.forgive(name, state.run, (state.attempted_err if is_err else state.attempted) + more)


def truncate(soak, unit):
    audit, path = stream(unit)
    with soak.reading, contextlib.suppress(FileNotFoundError):
        audit.poll()
        os.truncate(path, 0)
        forgive(soak, audit)
        audit.follower.start_over()
        soak.chronicle.note("truncate log", unit)


def clear(soak, unit, way):
    audit, _ = stream(unit)
    soak.chronicle.note(f"clear log by {way}", unit)
    with soak.reading:
        audit.poll()
        if way == "ctl":
            orders.ctl(unit.daemon, "clear", unit.name)
        unit.daemon.call("supervisor.clearProcessLogs", unit.name)
        forgive(soak, audit)


def move_away(soak, unit, is_told):
    """logrotate: the file is renamed, and supervisord is told with SIGUSR2, or is not; nothing may be lost."""
    audit, path = stream(unit)
    moved = path.with_name(f"{path.name}-moved")
    with soak.reading, contextlib.suppress(FileNotFoundError):
        audit.poll()
        os.rename(path, moved)
        if os.stat(moved).st_ino != audit.follower.inode:  # rotated in this moment
            forgive(soak, audit)
        soak.chronicle.note("move log" if is_told else "delete log", unit)
        if not is_told:
            moved.unlink()
    if is_told:
        with unit.daemon.calm:  # a signal that a keeper has not passed on dies with it
            os.kill(unit.daemon.keeper, signal.SIGUSR2)
            unit.daemon.wait_ready()
        with contextlib.suppress(FileNotFoundError):
            moved.unlink()


def fill_disk(soak, _, seconds):
    """The logs of kind "small" lose what does not fit, and go on when there is room."""
    if not soak.has_small_disk:
        return
    audits = {u.audits[0][0] for u in soak.fleet.units() if u.is_("small")}
    with soak.filling:
        soak.chronicle.note("fill disk", "", f"for {seconds:.1f} s")
        with soak.reading:
            for audit in audits:
                audit.is_forgiving = True
        filler = soak.folder / "small" / "filler"
        try:
            with open(filler, "wb") as file:
                while True:
                    file.write(bytes(65536))
                    file.flush()
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        time.sleep(seconds)
        filler.unlink()
        with soak.reading:
            for audit in audits:
                audit.poll()
                forgive(soak, audit, 20)  # what is in the pipe meets a file that ends with half a line
                audit.torn_budget = audit.torn + 3
                audit.is_forgiving = False
