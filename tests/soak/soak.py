#!/usr/bin/python3
"""Random life on real processes: see docs/soak.md.

    tests/soak/soak.py [--minutes M] [--seed N] [--programs N] [--folder DIR] [--keep]

UPKEEP_BIN and UPKEEP_PROBE as in tests/integration/harness.py.
"""
import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import uuid

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import actions  # noqa: E402
import changes  # noqa: E402
import inspection  # noqa: E402
import orders  # noqa: E402
import visitors  # noqa: E402
from chronicle import Chronicle, Failed  # noqa: E402
from fleet import Fleet  # noqa: E402
from footprint import Footprint  # noqa: E402
from hearing import Hearing  # noqa: E402
from ledger import Discord, Ledger  # noqa: E402
from harness import BIN, MARKER, all_pids, kill_quietly, proc_alive, read_proc  # noqa: E402
from pair import SupervisordPair, wait_until  # noqa: E402
from scan_pair import SvscanPair  # noqa: E402

SMALL_DISK = "2m"
WORKERS = 8


class Soak:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="soak-", dir=options.folder))
        self.folder.chmod(0o755)
        self.chance = random.Random(options.seed)
        self.chronicle = Chronicle(self.folder / "chronicle")
        self.marker = uuid.uuid4().hex[:12]
        self.supervisord = SupervisordPair(self.folder, self.marker, self.chronicle)
        self.svscan = SvscanPair(self.folder, self.marker + "-scan", self.chronicle)
        self.pairs = [self.supervisord, self.svscan]
        self.fleet = Fleet(self.folder, self.supervisord, self.svscan, self.chance)
        self.has_small_disk = False
        self.ledger = Ledger(self.supervisord.log)
        self.discord = None
        self.ledger.on_lost = self.allow_lost
        self.failures = []
        self.footprints = []
        self.weighed = []                     # for the summary
        self.without = set(options.without)   # names of actions
        self.hearings = []
        self.reading = threading.RLock()      # of journals and logs
        self.configuring = threading.RLock()  # of files below conf.d
        self.filling = threading.Lock()
        self.holding = threading.Lock()
        self.is_holding = False               # no new actions
        self.images = None                    # see upgrade.py

    # -- beginning --

    def begin(self):
        if os.geteuid() == 0:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", self.folder / "small"], check=True)
            self.has_small_disk = True
        self.fleet.make_programs(self.options.programs)
        self.fleet.make_services(max(2, self.options.programs // 20))
        self.fleet.write_main()
        for pair in self.pairs:
            output = open(self.folder / "stdout", "ab") if pair is self.supervisord else None
            pair.launch({**os.environ, MARKER: pair.marker}, output)
        self.hearings = [Hearing(u) for u in self.fleet.units() if u.is_("listens")]
        self.parts_wanted = len(self.fleet.parts)
        self.services_wanted = {pair: len(actions.services(self, pair)) for pair in self.pairs}
        for pair in self.pairs:
            pair.wait_ready()
        print(f"{len(self.fleet.units())} processes of {len(self.fleet.parts)} parts; the folder is {self.folder}", flush=True)

    def is_up(self, unit):
        pid, _ = inspection.svstat([unit])[unit.name]
        return bool(pid) and (unit.is_("logger") or pid == unit.life.state().pid)

    def is_known(self, unit):
        return unit.daemon is self.svscan or unit.name in self.supervisord.rows()

    def is_there(self, place):
        return subprocess.run([BIN / "svok", place], check=False).returncode == 0

    @contextlib.contextmanager
    def nobody_busy(self, pair):
        """While nobody does anything to the units of `pair`. To be taken before any other lock."""
        with self.holding:
            self.is_holding = True
            try:
                wait_until(lambda: not any(u.busy and not u.retired for u in list(pair.units.values())), "all actions to end", 200)
                yield
            finally:
                self.is_holding = False

    # -- life --

    def live_and_rest(self, seconds):
        every = min(180, max(15, seconds / 2))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.live(min(left, every))
            self.rest("on the way")

    def live(self, seconds):
        """Random actions, up to WORKERS at once."""
        end = time.monotonic() + seconds
        running = set()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
            while time.monotonic() < end and not self.failures:
                for work in actions.choose(self):
                    running.add(workers.submit(self.guarded, *work))
                while len(running) >= WORKERS:
                    _, running = concurrent.futures.wait(running, 0.1, concurrent.futures.FIRST_COMPLETED)
                    self.look()
                running = {r for r in running if not r.done()}
                time.sleep(self.chance.choice((0, 0, 0.02, 0.1, 0.5)))
                self.look()
        if self.failures:
            raise self.failures[0]

    def guarded(self, action, subject, arguments):
        try:
            action.perform(self, subject, *arguments)
        except Exception as error:  # all of them: this is the end of the test
            error.add_note(f"in {action.name} {subject} {arguments}") if hasattr(error, "add_note") else None
            self.chronicle.note("FAILED", f"{action.name} {subject}", f"{arguments} {error!r}"[:300])
            if not isinstance(error, Failed):
                traceback.print_exc()
            self.failures.append(error)
        finally:
            if hasattr(subject, "busy"):
                subject.busy = False


    def look(self):
        """After each step."""
        with self.reading:
            inspection.check_calm(self.fleet.units())
            if time.monotonic() > getattr(self, "next_poll", 0):
                self.next_poll = time.monotonic() + 2
                inspection.account(self.fleet.units())
                self.ledger.poll()
                for audit in self.fleet.audits:
                    audit.poll()

    def rest(self, what):
        """A quiet point: everything is looked at."""
        for pair in self.pairs:
            pair.wait_ready()
        took = inspection.converge(self.pairs, 180)
        units = self.fleet.units()
        inspection.check_ended_runs(units)
        inspection.check_logs(units, self.fleet.audits)
        self.check_ledger()
        self.check_hearings()
        wait_until(lambda: not visitors.check_echoes(units), lambda: visitors.check_echoes(units), 30)
        self.supervisord.check_pidfile()
        for pair in self.pairs:
            pair.check_processes(inspection.service_pids(pair))
        self.measure()
        self.chronicle.note("at rest", what, f"after {took:.1f} s")

    def check_ledger(self):
        """Each start and end was told in the log."""
        pair = self.supervisord
        names = [u for u in pair.units.values() if not u.is_("logger")]

        def told():
            inspection.account(names)
            self.ledger.poll()
            return [self.ledger.check(u, inspection.is_living(u), pair.engine_kills + pair.keeper_kills) for u in names if not u.retired]
        self.discord = Discord(*(sum(column) for column in zip(*inspection.patiently(told))))

    def allow_lost(self, name, channel, size):
        """The log said so: bytes came while no engine ran, and did not fit."""
        for unit in self.supervisord.units.values():
            if unit.name.rpartition(":")[2] == name:
                for audit, _, is_err in unit.audits:
                    if is_err == (channel == "stderr"):
                        audit.allow_lost(size)

    def check_hearings(self):
        """Each event reached the listeners, and each end of a program is among them."""
        pair = self.supervisord
        units = [u for u in pair.units.values() if not u.is_("logger")]

        def heard():
            inspection.account(units)
            for hearing in self.hearings:
                hearing.poll()
                hearing.check(units, pair.engine_kills + pair.keeper_kills + pair.upgrades + len(hearing.unit.killed))
        inspection.patiently(heard)

    def restore(self):
        """The set of programs that there was at the beginning: what was stopped is started, parts are as many."""
        for unit in self.fleet.units():
            if not unit.retired and not unit.is_("logger") and (unit.want == "down" or unit.is_("single")):
                orders.start(self, unit, "svc" if unit.daemon is self.svscan else "rpc nowait")
        while len(self.fleet.parts) != self.parts_wanted:
            if len(self.fleet.parts) < self.parts_wanted:
                changes.add(self, None, 0, "rpc")
            else:
                changes.remove(self, actions.changeable(self)[0], "rpc")
        for pair, wanted in self.services_wanted.items():
            while len(found := actions.services(self, pair)) != wanted:
                if len(found) < wanted:
                    changes.add_service(self, pair, self.chance.randrange(1 << 30))
                else:
                    changes.remove_service(self, found[0])

    def measure(self):
        self.footprints.append({pair.name: Footprint(pair) for pair in self.pairs})
        lines = sum(a.lines for a in self.fleet.audits)
        print(f"{time.monotonic() - self.chronicle.begun:6.0f} s  {lines} lines  " + "  ".join(
            f"{p.name}: {self.footprints[-1][p.name]}, {p.engine_kills} engines and {p.keeper_kills} keepers killed"
            for p in self.pairs), flush=True)

    def weigh(self):
        """Of both pairs, at rest, with the programs that there were at the beginning."""
        self.restore()
        self.rest("to be weighed")
        return self.footprints[-1]

    def weigh_adopted(self):
        """The same, after a restart, which leaves one load of the configuration (each update keeps another as long as one
        group comes from it), and with all programs adopted by a new keeper, which has other descriptors than who started
        them."""
        self.restore()
        changes.reload_all(self, self.supervisord)
        for pair in self.pairs:
            pair.kill_keeper()
        return self.weigh()

    def compare(self, before, after):
        for pair in self.pairs:
            after[pair.name].check_flat(before[pair.name], pair.name)
            self.weighed.append(f"{pair.name}: {before[pair.name]}; then {after[pair.name]}")

    def end(self):
        """The orderly shutdown leaves nothing."""
        for pair in self.pairs:
            with pair.licence_for_all("shutdown"):
                for unit in pair.units.values():
                    unit.want = "down"
                os.kill(pair.keeper, signal.SIGTERM)
                wait_until(lambda pair=pair: not proc_alive(pair.keeper) and not pair.own_processes(),
                           lambda pair=pair: f"{pair.name} to end and leave nobody: {pair.own_processes()[:10]}", 120)
                inspection.account(pair.units.values())
        for path in (self.supervisord.socket, self.supervisord.pidfile):
            if path.exists():
                raise Failed(f"{path} is left")
        inspection.check_logs(self.fleet.units(), self.fleet.audits)

    def clean_up(self, keep):
        for _ in range(3):  # a keeper's death may make a keeper
            for pid in all_pids():
                if self.marker.encode() in read_proc(pid, "environ"):
                    kill_quietly(pid, signal.SIGKILL)
            time.sleep(0.2)
        for audit in self.fleet.audits:
            audit.follower.close()
        if self.has_small_disk and not keep:
            subprocess.run(["umount", "-l", self.folder / "small"], check=False)
        if keep:
            print(f"the folder is kept: {self.folder}", flush=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- all of it --

    def run(self):
        seconds = self.options.minutes * 60
        signal.signal(signal.SIGTERM, self.ended_early)
        try:
            self.begin()
            self.rest("at the beginning")
            self.live_and_rest(seconds * 0.2)
            warm = self.weigh_adopted()
            self.live_and_rest(seconds * 0.6)
            self.compare(warm, self.weigh_adopted())
            # Once more without trouble for the supervisors themselves, so that they grow old.
            self.without |= actions.TROUBLE | actions.LOADING
            self.live_and_rest(seconds * 0.05)
            young = self.weigh()
            self.live_and_rest(seconds * 0.15)
            self.compare(young, self.weigh())
            self.end()
        except Exception as error:  # all of them: the folder is kept and the seed told
            self.tell_failure(error)
            self.clean_up(keep=True)
            return 1
        self.tell_summary()
        self.clean_up(self.options.keep)
        return 0

    def ended_early(self, number, _):
        """By an exception, so that the daemons and their programs do not stay behind."""
        raise Failed(f"ended by {signal.Signals(number).name}")

    def tell_failure(self, error):
        if not isinstance(error, Failed):
            traceback.print_exc()
        self.chronicle.note("FAILED", error)
        print(f"\nFAILED: {error}\n\nthe last that was done:", flush=True)
        for line in self.chronicle.last:
            print("  " + line)
        print(f"seed {self.options.seed}", flush=True)

    def tell_summary(self):
        audits = self.fleet.audits
        print("\nactions:\n" + "\n".join(f"  {n:6} {name}" for name, n in sorted(self.chronicle.counts.items())))
        print("warnings of supervisord:\n" + "\n".join(f"  {n:6} {shape}" for shape, n in self.ledger.shapes.most_common()))
        for pair in self.pairs:
            print(f"{pair.name}: {pair.engine_kills} engines and {pair.keeper_kills} keepers killed or frozen, "
                  f"{pair.upgrades} upgrades; {sum(len(u.runs) for u in pair.units.values())} starts and "
                  f"{sum(len(u.deaths) for u in pair.units.values())} ends of {len(pair.units)} processes")
        print(f"lines: {sum(a.lines for a in audits)} read and in order; {sum(a.repeated_bytes for a in audits)} bytes repeated, "
              f"{sum(a.lost_bytes for a in audits)} lost, as announced")
        print(f"in the log: {self.discord}; killed at a stop: {dict(self.ledger.killed_hard)}")
        print(f"events: {sum(h.total for h in self.hearings)}, {sum(h.repeated for h in self.hearings)} of them twice, "
              f"{sum(sum(p.count(0) for p in h.ends.values()) for h in self.hearings)} ends told without a pid")
        print("memory and descriptors:\n  " + "\n  ".join(self.weighed), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--folder", default=None)
    parser.add_argument("--without", action="append", default=[], metavar="ACTION", help="leave this action out (repeatable)")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if os.geteuid() == 0 and "SOAK_INSIDE" not in os.environ:
        os.environ["SOAK_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, "-B", *sys.argv])
    os.nice(5)
    print(f"seed {options.seed}, {options.minutes:g} minutes, {options.programs} programs, {BIN}", flush=True)
    sys.exit(Soak(options).run())


if __name__ == "__main__":
    main()
