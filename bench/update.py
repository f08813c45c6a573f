"""`supervisorctl update` with one changed program of N, and what reading the configuration takes of it.

Each program is a group of its own. Reading is `supervisorctl reread` with nothing changed: the daemon reads and compares.
"""
import statistics
import time

from life import median_run
from peers import OurIni, Supervisord

RUNS = 5


class Changing:
    """N programs that are groups of their own; the environment of one of them can be changed."""

    def prepare(self):
        super().prepare()
        self.write_programs(0)

    def write_programs(self, generation):
        changed = f'environment=GENERATION="{generation}"\n'
        self.write_config("".join(
            f"[program:p{number:05d}]\ncommand={self.stamp} {self.stamps}\n{changed if number == self.count // 2 else ''}"
            for number in range(self.count)))

    def control(self, *words):
        return [*self.status_command()[:-1], *words]


class OurUpdate(Changing, OurIni):
    pass


class SupervisordUpdate(Changing, Supervisord):
    pass


CONTENDERS = [OurUpdate, SupervisordUpdate]


def measure(tools, peer, count):
    """Seconds of an update and of a reading, medians of some runs in one life."""
    yard = peer(tools, count)
    try:
        yard.start()
        yard.settle()
        reading = median_run(yard.control("reread"), RUNS)
        updates = []
        for generation in range(1, RUNS + 1):
            yard.write_programs(generation)
            known = yard.stamped()
            updates.append(median_run(yard.control("update"), 1))
            yard.await_stamps(known + 1)
            time.sleep(0.01)
            assert yard.stamped() == known + 1, f"{yard.name}: {yard.stamped() - known} programs began anew, not one"
    finally:
        yard.end()
    return {f"update_{count}": statistics.median(updates), f"reread_{count}": reading}
