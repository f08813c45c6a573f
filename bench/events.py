"""Events to one listener: how many a second it gets and answers.

A program says EVENTS texts between the tags of PROCESS_COMMUNICATION. `measure`: all wait in the listener's queue before it is
READY for the first time, so that only their delivery is measured: event, RESULT and READY, one after another. `live`: the
listener waits for them, and what counts is the time from the program's first text to the last event. The floor is a byte
there and back through two pipes.
"""
import subprocess
import time

from gate import Gate
from peers import OurIni, Supervisord, wait

EVENTS = 20_000
TEXT_BYTES = 400  # short ones are too many in one reading for the original: it calls itself once for each
SAID = b"all is said"
TAIL = b"." * 100  # what is not longer than a tag waits in the original for more
BOUNCES = 100_000


class Listening:
    """One listener and one program that has much to tell."""

    def __init__(self, tools, events, live):
        self.events, self.live = events, live
        super().__init__(tools, 2)

    def prepare(self):
        super().prepare()
        self.gate = Gate(self.folder)
        self.stamp = str(self.tools.floor.parent / "bench-listener")
        listener_gate, program_gate = ("/dev/null", self.gate.fifo) if self.live else (self.gate.fifo, "/dev/null")
        self.said = self.folder / "said"
        texts = (b"event %06d ".ljust(TEXT_BYTES, b"x") % number for number in range(self.events))
        told = b"".join(b"<!--XSUPERVISOR:BEGIN-->%s<!--XSUPERVISOR:END-->" % text for text in texts)
        (self.folder / "texts").write_bytes(told + SAID + TAIL)
        self.write_config(f"""[eventlistener:listener]
command={self.stamp} {self.stamps} {listener_gate} {self.events} {self.gate.results}
events=PROCESS_COMMUNICATION
buffer_size={self.events + 10}
[program:telling]
command=/bin/sh -c "cat {program_gate} {self.folder}/texts; exec sleep 1000"
stdout_capture_maxbytes=1KB
stdout_logfile={self.said}
""")

    def run(self):
        """Events a second."""
        self.launch()
        self.await_stamps(1)  # the listener's
        if not self.live:
            wait(lambda: self.said.exists() and SAID in self.said.read_bytes(), "saying all")
        else:
            self.settle()
        begun = time.monotonic_ns()
        self.gate.open()
        wait(self.gate.done, "hearing all", 0.01)
        [(first, last)] = self.gate.told()
        return self.events / ((last - (begun if self.live else first)) / 1e9)

    def end(self):
        self.gate.close()
        super().end()


class OurEvents(Listening, OurIni):
    pass


class SupervisordEvents(Listening, Supervisord):
    pass


class FloorEvents:
    """Beside a listener this has nothing to set up."""
    name, kind = "floor", "floor"


CONTENDERS = [FloorEvents, OurEvents, SupervisordEvents]


def measure(tools, peer, events=EVENTS):
    """Events a second; of the floor, rounds a second."""
    if peer is FloorEvents:
        done = subprocess.run([tools.floor, "bounce", str(BOUNCES)], capture_output=True, text=True, check=True)
        return {"events": float(done.stdout)}
    return {"events": run(tools, peer, events, live=False), "events_live": run(tools, peer, events, live=True)}


def run(tools, peer, events, live):
    yard = peer(tools, events, live)
    try:
        return yard.run()
    finally:
        yard.end()
