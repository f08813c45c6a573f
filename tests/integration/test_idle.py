#!/usr/bin/python3
"""A daemon with nothing to do does nothing: no task of keeper or engine runs for ten seconds."""
import pathlib
import re
import time

from harness import Case, main, ours_only, probe, wait_until

SECONDS = 10


def switches(*pids):
    """Context switches of every task of these processes; they change when a task runs, for whatever reason."""
    found = {}
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            counts = re.findall(r"ctxt_switches:\t(\d+)", (task / "status").read_text())
            found[task.name] = tuple(map(int, counts))
    return found


@ours_only
class Idle(Case):
    def check_idle(self, d):
        pids = d.pid, d.engine_pid

        def settled():
            before = switches(*pids)
            time.sleep(1)
            return switches(*pids) == before
        wait_until(settled, "to come to rest", 20)
        before = switches(*pids)
        time.sleep(SECONDS)  # the claim is that nothing happens in this time
        self.assertEqual(switches(*pids), before)

    def test_twenty_programs(self):
        d = self.started({"n": {"command": probe("wait"), "numprocs": 20, "process_name": "n%(process_num)02d"},
                          "fatal": {"command": "/nope", "startretries": 0},
                          "off": {"command": probe("wait"), "autostart": False}})
        wait_until(lambda: len(d.log_lines("success")) == 20, "all to be running")
        self.check_idle(d)
        d.new_engine(d.kill_engine())
        d.wait_ready_again()
        self.check_idle(d)


if __name__ == "__main__":
    main()
