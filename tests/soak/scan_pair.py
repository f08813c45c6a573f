"""svscan as a pair of keeper and engine."""
import contextlib
import subprocess

from harness import BIN
from pair import PATIENCE, Pair, wait_until


class SvscanPair(Pair):
    def __init__(self, folder, marker, chronicle):
        super().__init__("svscan", folder, marker, [str(BIN / "svscan"), f"{folder}/scan"], chronicle)
        self.witness = self.folder / "scan/witness"  # whose orders show that an engine works

    def make_witness(self):
        self.witness.mkdir()
        (self.witness / "run").write_text("#!/bin/sh\nexec sleep 100000\n")
        (self.witness / "run").chmod(0o755)

    def launch(self, env, output):
        self.make_witness()
        super().launch(env, output)

    def status(self):
        with contextlib.suppress(OSError):
            return (self.witness / "supervise/status").read_bytes()
        return b""

    def is_ready(self):
        """An order was taken: the byte at 16 of the status tells of a pause."""
        if not self.status():
            return False
        for letter, shown in (("-p", 1), ("-c", 0)):
            subprocess.run([BIN / "svc", letter, self.witness], timeout=PATIENCE, check=True)
            wait_until(lambda shown=shown: self.status()[16:17] == bytes([shown]),
                       lambda: f"{self.witness} to take svc {letter}: {self.status()!r}; {self.trouble()}", 60)
        return True

    def known_others(self):
        return {int.from_bytes(self.status()[12:16], "little")}
