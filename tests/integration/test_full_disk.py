#!/usr/bin/python3
"""A log that cannot be written harms nothing but itself, and is told of twice: when it begins and when it is over."""
import os
import pathlib
import signal

from harness import Case, main, need_namespace, ours_only, probe, wait_until


def writes(d, name):
    """How many lines the program has written since it was asked last."""
    (d.dir / f"{name}.us").unlink(missing_ok=True)
    os.kill(d.pid_of(name), signal.SIGUSR1)
    return int(d.wait_text(f"{name}.us", "max_us").split()[1])


def on_small_disk(folder, size, filled):
    """Runs a command where `folder` is a file system of its own, in which a file "filler" takes some of the place."""
    return (*need_namespace("-m"), "/bin/sh", "-c", f'mount -t tmpfs -o size={size} tmpfs {folder} && '
            f'head -c {filled} /dev/zero >{folder}/filler && exec "$@"', "sh")


@ours_only
class FullDisk(Case):
    def programs(self, d, log):
        def lines(name, **keys):
            return {"command": probe("lines", "--rate", 1000, "--latency-log", d.dir / f"{name}.us"), "startsecs": 0,
                    "redirect_stderr": True, "stdout_logfile": d.dir / f"{name}.log", **keys}
        return {"victim": lines("victim", stdout_logfile=log, stdout_logfile_maxbytes=0), "other": lines("other")}

    def check_life_goes_on(self, d, pids):
        for _ in range(3):
            for name in pids:
                wait_until(lambda n=name: writes(d, n) > 0, f"{name} to write")
            size = (d.dir / "other.log").stat().st_size
            wait_until(lambda s=size: (d.dir / "other.log").stat().st_size > s, "the other log to go on")
        self.assertEqual({n: i["pid"] for n, i in d.all_info().items()}, pids)

    def test_dev_full(self):
        d = self.supervisord()
        d.write_config(self.programs(d, "/dev/full"))
        d.start()
        pids = {n: i["pid"] for n, i in d.wait_all().items()}
        d.wait_log("/dev/full")
        self.check_life_goes_on(d, pids)
        self.assertEqual(d.log_lines("/dev/full"), ["ERRO log file /dev/full: No space left on device"])

    def test_full_and_healed(self):
        d = self.supervisord()
        small = d.dir / "small"
        small.mkdir()
        d.write_config(self.programs(d, small / "victim.log"))
        d.start(wrap=on_small_disk(small, "200k", 100000))
        pids = {n: i["pid"] for n, i in d.wait_all().items()}
        told = rf"log file {small}/victim.log"
        d.wait_log(told)
        self.check_life_goes_on(d, pids)
        self.assertEqual(d.log_lines(told), [f"ERRO log file {small}/victim.log: No space left on device"])

        inside = pathlib.Path(f"/proc/{d.pid}/root{small}")  # the mount exists in the daemon's namespace only
        (inside / "filler").unlink()
        lines = d.wait_log(told, 2)
        self.assertRegex(lines[1], rf"^WARN {told} is written again, [1-9]\d* bytes were dropped$")
        size = (inside / "victim.log").stat().st_size
        wait_until(lambda: (inside / "victim.log").stat().st_size > size, "the log to go on")
        self.assertEqual({n: i["pid"] for n, i in d.all_info().items()}, pids)

    def test_activity_log_on_a_full_disk(self):
        d = self.supervisord()
        small = d.dir / "small"
        small.mkdir()
        d.write_config({"a": {"command": probe("wait"), "startsecs": 0}}, supervisord={"logfile": small / "s.log"})
        d.start(wrap=on_small_disk(small, "64k", 64 << 10))
        first = d.wait_state("a", "RUNNING")["pid"]
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: d.pid_of("a") not in (0, first), "policy goes on")


if __name__ == "__main__":
    main()
