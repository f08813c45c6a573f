"""Reads what a `probe life` or `probe listen` leaves behind (tests/tools/life_record.h)."""
import collections
import mmap
import struct

STATE = struct.Struct("=6Q")

State = collections.namedtuple("State", "run pid attempted written attempted_err written_err")
Occurrence = collections.namedtuple("Occurrence", "what run pid time numbers")


class Life:
    def __init__(self, folder, name):
        self.path = f"{folder}/{name}"
        self.page = None
        self.read_to = 0  # position in the journal

    def state(self):
        """Of the living or last copy; all zero before the first."""
        if self.page is None:
            try:
                with open(self.path + ".state", "rb") as file:
                    self.page = mmap.mmap(file.fileno(), STATE.size, prot=mmap.PROT_READ)
            except (OSError, ValueError):  # not there, or empty yet
                return State(0, 0, 0, 0, 0, 0)
        return State(*STATE.unpack_from(self.page))

    def news(self):
        """The occurrences that were not read before."""
        try:
            with open(self.path + ".journal", "rb") as file:
                file.seek(self.read_to)
                data = file.read()
        except FileNotFoundError:
            return []
        data = data[:data.rfind(b"\n") + 1]
        self.read_to += len(data)
        found = []
        for line in data.decode().splitlines():
            what, *numbers = line.split()
            run, pid, time, *rest = map(int, numbers)
            found.append(Occurrence(what, run, pid, time, rest))
        return found
