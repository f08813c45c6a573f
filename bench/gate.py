"""Programs of the benchmark that wait for a common start and tell when they were done: floor/record.h is their side."""
import os

from peers import RECORD


class Gate:
    """A fifo that holds all its readers until it is opened, and the file in which they write their results."""

    def __init__(self, folder):
        self.fifo, self.results = folder / "gate", folder / "results"
        os.mkfifo(self.fifo)
        self.results.touch()
        self.held = os.open(self.fifo, os.O_RDWR)

    def open(self):
        """Lets all go on: they see the end of the fifo."""
        if self.held is not None:
            os.close(self.held)
            self.held = None

    close = open

    def told(self):
        """Pairs of nanoseconds, one of each program that is done."""
        found = self.results.read_bytes()
        return [RECORD.unpack_from(found, at) for at in range(0, len(found) - RECORD.size + 1, RECORD.size)]

    def done(self):
        return self.results.stat().st_size // RECORD.size
