#!/usr/bin/python3
"""The engine is killed over and over while it copies the output of programs: to strip escapes, to find marked texts, to
echo. No line is lost, and little is repeated. The programs cut their lines into several writes, in the middle of an
escape's neighbourhood and within what looks like a token."""
import os
import random
import re
import shlex
import signal
import time

from harness import SOAK, Case, main, ours_only, wait_until

KILLS = 60 if SOAK else 8
REPEATED_BYTES_A_KILL = 64 * 1024

# "#N text", the text in two writes between which a reader may well look; every seventh line has a marked text before it.
PROGRAM = """
import os, signal, time
end = []
signal.signal(signal.SIGTERM, lambda *_: end.append(1))
number = 0
while not end:
    number += 1
    marked = b"<!--XSUPERVISOR:BEGIN-->for nobody<!--XSUPERVISOR:END-->" if MARKS and number % 7 == 0 else b""
    os.write(1, marked + b"#%d \\x1b[1mtext\\x1b[0m <!--XSUPERVISOR:BE" % number)
    if number % 3 == 0: time.sleep(0.002)
    os.write(1, b"-- end\\n")
"""
LINE = re.compile(rb"#(\d+) (?:\x1b\[1m)?text(?:\x1b\[0m)? <!--XSUPERVISOR:BE-- end\n")


@ours_only
class LogKills(Case):
    def command(self, marks):
        return "/usr/bin/python3 -c " + shlex.quote(f"exec({PROGRAM.replace('MARKS', str(marks))!r})").replace("%", "%%")

    def check(self, d, name, expected_bytes):
        data = (d.dir / f"{name}.log").read_bytes()
        numbers = [int(n) for n in LINE.findall(data)]
        self.assertEqual(sorted(set(numbers)), list(range(1, max(numbers) + 1)), f"{name}: lines are lost")
        whole = sum(expected_bytes + len(str(n)) for n in range(1, max(numbers) + 1))
        self.assertGreaterEqual(len(data), whole)
        self.assertLessEqual(len(data) - whole, KILLS * REPEATED_BYTES_A_KILL, f"{name}: much is repeated")
        print(f"{name}: {max(numbers)} lines, {len(data) - whole} bytes repeated in {KILLS} kills", flush=True)

    def kill_while_running(self, strip):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed}", flush=True)
        dice = random.Random(seed)
        common = {"startsecs": 0, "redirect_stderr": True, "stdout_logfile_maxbytes": 0}
        d = self.started({"captured": {**common, "command": self.command(True), "stdout_capture_maxbytes": "1KB",
                                       "stdout_logfile": "%(here)s/captured.log"},
                          "plain": {**common, "command": self.command(False), "stdout_logfile": "%(here)s/plain.log"}},
                         supervisord={"strip_ansi": strip})
        pids = {name: row["pid"] for name, row in d.wait_all().items()}
        for _ in range(KILLS):
            engine = d.engine_pid
            time.sleep(dice.uniform(0.1, 1.3))
            os.kill(engine, signal.SIGKILL)
            d.new_engine(engine)
        d.wait_ready_again()
        self.assertEqual({name: row["pid"] for name, row in d.all_info().items()}, pids)
        for name in pids:
            size = (d.dir / f"{name}.log").stat().st_size
            wait_until(lambda n=name, s=size: (d.dir / f"{n}.log").stat().st_size > s, "the log to go on")
        d.ctl("stop", "all")
        return d

    def test_stripped_and_captured(self):
        d = self.kill_while_running(strip=True)
        for name in ("captured", "plain"):
            self.assertNotIn(b"\x1b", (d.dir / f"{name}.log").read_bytes())
            self.check(d, name, len("# text <!--XSUPERVISOR:BE-- end\n"))

    def test_captured(self):
        d = self.kill_while_running(strip=False)
        for name in ("captured", "plain"):
            self.check(d, name, len("# \x1b[1mtext\x1b[0m <!--XSUPERVISOR:BE-- end\n"))


if __name__ == "__main__":
    main()
