#!/usr/bin/python3
"""Event listeners on Supervisor's own childutils: every type of event, the protocol and how it is broken, pools and their
buffers; and with ours, engines that are killed while events flow. What holds for both runs with UPKEEP_DAEMON=debian, too.
"""
import json
import pathlib
import re
import threading
import time
import unittest
import xmlrpc.client

from harness import PEERS, SOAK, Case, always, main, ours_only, probe, wait_until
from rpc import RpcError, connect

SCRIPT = pathlib.Path(__file__).with_name("event_listener.py")
MODULES = PEERS / "root/usr/lib/python3/dist-packages"
BEGIN, END = "<!--XSUPERVISOR:BEGIN-->", "<!--XSUPERVISOR:END-->"


def listener(mode="ok", events="REMOTE_COMMUNICATION", **keys):
    return {"command": f"/usr/bin/python3 -W ignore {SCRIPT} {mode} %(here)s", "events": events, "startsecs": 0,
            "environment": f'PYTHONPATH="{MODULES}",PYTHONDONTWRITEBYTECODE="1",PYTHONIOENCODING="utf-8"', **keys}


def two(**keys):
    return {"numprocs": 2, "process_name": "%(program_name)s%(process_num)d", **keys}


@unittest.skipUnless((MODULES / "supervisor/childutils.py").exists(), "no childutils (scripts/fetch-peers brings it)")
class Listening(Case):
    def with_listeners(self, sections, **how):
        """Keys without a colon are listeners, the others whole sections; started once every listener is ready."""
        d = self.supervisord({name if ":" in name else f"eventlistener:{name}": keys for name, keys in sections.items()},
                             supervisord={"loglevel": "debug"}, **how)
        d.start()
        self.wait_ready(d, sum(keys.get("numprocs", 1) for name, keys in sections.items()
                               if ":" not in name and keys.get("autostart", True) and " flood " not in keys["command"]))
        return d

    def wait_ready(self, d, times):
        """Until listeners have said READY so often."""
        wait_until(lambda: len(d.log_lines("ACKNOWLEDGED -> READY")) >= times, lambda: f"READY {times} times\n{d.log_tail()}")

    def told(self, d, name="lis"):
        return [json.loads(line) for line in d.read(name).splitlines(True) if line.endswith("\n")]

    def wait_told(self, d, count, name="lis", seconds=30):
        return wait_until(lambda: (got := self.told(d, name)) and len(got) >= count and got,
                          lambda: f"{count} events at {name}, which knows {self.told(d, name)}\n{d.log_tail()}", seconds)

    def wait_payload(self, d, eventname, pattern, name="lis"):
        """The first event of that name whose payload matches."""
        def found():
            return next((e for e in self.told(d, name) if e["eventname"] == eventname and re.fullmatch(pattern, e["payload"])), None)
        return wait_until(found, lambda: f"{eventname} {pattern!r} among {self.told(d, name)}\n{d.log_tail()}")

    def send(self, d, *texts):
        for text in texts:
            self.assertTrue(d.rpc.supervisor.sendRemoteCommEvent("t", text))

    def payloads(self, events):
        return [e["payload"].partition("\n")[2] for e in events]


class Types(Listening):
    def test_life_of_a_process(self):
        d = self.with_listeners({
            "lis": listener(events="EVENT", buffer_size=1000),
            "program:p": {"command": probe("wait"), "startsecs": 0, "autostart": False},
            "program:done": {"command": probe("exit-after", 0, 0), "startsecs": 0, "autostart": False, "autorestart": False},
            "program:odd": {"command": probe("exit-after", 0, 7), "startsecs": 0, "autostart": False, "autorestart": False},
            "program:bad": {"command": probe("exit-after", 0, 1), "startsecs": 3, "startretries": 1, "autostart": False},
        })
        self.wait_payload(d, "SUPERVISOR_STATE_CHANGE_RUNNING", "")
        for group in ("lis", "p", "done", "odd", "bad"):
            self.wait_payload(d, "PROCESS_GROUP_ADDED", f"groupname:{group}\n")
        d.rpc.supervisor.startProcess("p")
        pid = d.pid_of("p")
        d.rpc.supervisor.stopProcess("p")
        about = "processname:p groupname:p "
        self.wait_payload(d, "PROCESS_STATE_STARTING", about + "from_state:STOPPED tries:0")
        self.wait_payload(d, "PROCESS_STATE_RUNNING", about + f"from_state:STARTING pid:{pid}")
        self.wait_payload(d, "PROCESS_STATE_STOPPING", about + f"from_state:RUNNING pid:{pid}")
        self.wait_payload(d, "PROCESS_STATE_STOPPED", about + f"from_state:STOPPING pid:{pid}")
        for name, expected in (("done", 1), ("odd", 0)):
            d.rpc.supervisor.startProcess(name, False)
            self.wait_payload(d, "PROCESS_STATE_EXITED", f"processname:{name} groupname:{name} from_state:RUNNING "
                              rf"expected:{expected} pid:\d+")
        d.rpc.supervisor.startProcess("bad", False)
        about = "processname:bad groupname:bad "
        self.wait_payload(d, "PROCESS_STATE_FATAL", about + "from_state:BACKOFF")
        self.wait_payload(d, "PROCESS_STATE_BACKOFF", about + "from_state:STARTING tries:1")
        self.wait_payload(d, "PROCESS_STATE_STARTING", about + "from_state:BACKOFF tries:1")
        self.wait_payload(d, "PROCESS_STATE_BACKOFF", about + "from_state:STARTING tries:2")
        self.check_numbers(self.told(d))

    def check_numbers(self, events):
        for event in events:
            self.assertEqual((event["ver"], event["server"], event["pool"]), ("3.0", "supervisor", "lis"))
            self.assertEqual(int(event["len"]), len(event["payload"]))
        self.assertEqual([int(e["poolserial"]) for e in events], list(range(len(events))))
        serials = [int(e["serial"]) for e in events]
        self.assertEqual(serials, list(range(len(events))))  # the only pool: every event is its

    def test_output_and_captured_output(self):
        text = f"plain {BEGIN}captured caf\u00e9{END}"
        d = self.with_listeners({
            "lis": listener(events="PROCESS_LOG,PROCESS_COMMUNICATION"),
            "program:log": {"command": probe("say", "h\u00e9llo", "--to-stderr", "oops"), "startsecs": 0, "autostart": False,
                            "stdout_events_enabled": True, "stderr_events_enabled": True},
            "program:talk": {"command": probe("say", text), "startsecs": 0, "autostart": False, "stdout_capture_maxbytes": 1000},
            "program:raw": {"command": "/usr/bin/printf 'a\\377b'", "startsecs": 0, "autostart": False, "autorestart": False,
                            "stdout_events_enabled": True},
        })
        for name in ("log", "talk", "raw"):
            d.rpc.supervisor.startProcess(name, False)
        about = r"processname:log groupname:log pid:\d+ channel:"
        event = self.wait_payload(d, "PROCESS_LOG_STDOUT", about + "stdout\nh\u00e9llo\n")
        self.assertEqual(int(event["len"]), len(event["payload"]))  # characters, not bytes
        self.wait_payload(d, "PROCESS_LOG_STDERR", about + "stderr\noops\n")
        self.wait_payload(d, "PROCESS_COMMUNICATION_STDOUT", r"processname:talk groupname:talk pid:\d+\ncaptured caf\u00e9")
        self.wait_payload(d, "PROCESS_LOG_STDOUT", r"processname:raw groupname:raw pid:\d+ channel:stdout\nUndecodable: b'a\\xffb'")

    def test_remote_communication_and_ticks(self):
        d = self.with_listeners({"lis": listener(events="remote_communication,TICK_5")})
        self.send(d, "two\nlines", "", "\u65e5\u672c")
        events = wait_until(lambda: [e for e in self.told(d) if e["eventname"] == "REMOTE_COMMUNICATION"][2:]
                            and self.told(d), "three events")
        texts = [e["payload"] for e in events if e["eventname"] == "REMOTE_COMMUNICATION"]
        self.assertEqual(texts, ["type:t\ntwo\nlines", "type:t\n", "type:t\n\u65e5\u672c"])
        tick = self.wait_payload(d, "TICK_5", r"when:\d+")
        self.assertEqual(int(tick["payload"].partition(":")[2]) % 5, 0)

    def test_groups_come_and_go(self):
        d = self.with_listeners({"lis": listener(events="PROCESS_GROUP"), "program:p": {"command": probe("wait"), "autostart": False}})
        self.assertTrue(d.rpc.supervisor.removeProcessGroup("p"))
        self.wait_payload(d, "PROCESS_GROUP_REMOVED", "groupname:p\n")
        before = len(self.told(d))
        self.assertTrue(d.rpc.supervisor.addProcessGroup("p"))
        self.wait_told(d, before + 1)
        self.assertEqual(self.told(d)[-1]["eventname"], "PROCESS_GROUP_ADDED")
        self.assertEqual(self.told(d)[-1]["payload"], "groupname:p\n")

    def test_end_of_the_daemon(self):
        d = self.with_listeners({"lis": listener(events="SUPERVISOR_STATE_CHANGE"), "program:p": {
            "command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2}})
        self.wait_told(d, 1)
        d.stop()
        self.assertEqual([e["eventname"] for e in self.told(d)], ["SUPERVISOR_STATE_CHANGE_RUNNING", "SUPERVISOR_STATE_CHANGE_STOPPING"])

    def test_only_what_is_subscribed(self):
        d = self.with_listeners({"lis": listener(events="PROCESS_STATE_STOPPED"), "all": listener(events="PROCESS_STATE"),
                                 "program:p": {"command": probe("wait"), "startsecs": 0}})
        d.wait_state("p", "RUNNING")
        d.rpc.supervisor.stopProcess("p")
        self.wait_payload(d, "PROCESS_STATE_STOPPED", "processname:p .*", name="all")
        self.wait_told(d, 1)
        self.assertEqual([e["eventname"] for e in self.told(d)], ["PROCESS_STATE_STOPPED"])
        one, other = self.told(d)[-1], next(e for e in self.told(d, "all") if e["eventname"] == "PROCESS_STATE_STOPPED")
        self.assertEqual(one["serial"], other["serial"])  # one event, two pools
        self.assertEqual(one["poolserial"], "0")

    def test_a_listener_may_call_the_daemon(self):
        d = self.with_listeners({"lis": listener("call")})
        self.send(d, "x")
        self.assertEqual(self.wait_told(d, 1)[0]["state"], "RUNNING")


class Pools(Listening):
    def test_the_first_one_does_everything_while_it_keeps_up(self):
        d = self.with_listeners({"lis": listener(**two())})
        for count in range(1, 4):  # one after the other
            self.send(d, str(count))
            self.wait_told(d, count, "lis0")
            self.wait_ready(d, 2 + count)
        self.assertEqual(self.told(d, "lis1"), [])

    def test_another_one_helps_when_the_first_is_busy(self):
        d = self.with_listeners({"lis": listener("hold", **two())})
        self.send(d, "a", "b", "c")
        self.wait_told(d, 1, "lis0")
        self.wait_told(d, 1, "lis1")
        (d.dir / "go").touch()
        wait_until(lambda: len(self.told(d, "lis0") + self.told(d, "lis1")) == 3, "the third event to be given")
        self.assertEqual(sorted(self.payloads(self.told(d, "lis0") + self.told(d, "lis1"))), ["a", "b", "c"])

    def test_the_oldest_is_discarded(self):
        d = self.with_listeners({"lis": listener("hold", buffer_size=3)})
        self.send(d, "0")
        self.wait_told(d, 1)
        self.send(d, *"12345")
        lines = d.wait_log("event buffer overflowed", 2)
        first = int(self.told(d)[0]["serial"])
        self.assertEqual(lines, [f"ERRO pool lis event buffer overflowed, discarding event {first + n}" for n in (1, 2)])
        (d.dir / "go").touch()
        events = self.wait_told(d, 4)
        self.assertEqual(self.payloads(events), ["0", "3", "4", "5"])
        self.assertEqual([int(e["poolserial"]) for e in events], [0, 3, 4, 5])

    def test_a_rejected_event_comes_again(self):
        d = self.supervisord({"eventlistener:lis": listener("reject")})
        (d.dir / "lis.left").write_text("2")
        d.start()
        self.send(d, "x", "y")
        events = self.wait_told(d, 4)
        self.assertEqual(self.payloads(events), ["x", "x", "x", "y"])
        self.assertEqual([e["poolserial"] for e in events], ["0", "0", "0", "1"])
        self.assertEqual(len({e["serial"] for e in events[:3]}), 1)
        self.assertEqual(len(d.wait_log("WARN lis: event was rejected", 2)), 2)

    @ours_only
    def test_a_rejected_event_comes_to_its_own_pool_alone(self):
        d = self.supervisord({"eventlistener:lis": listener("reject"), "eventlistener:other": listener(events="PROCESS_STATE_FATAL")})
        (d.dir / "lis.left").write_text("1")
        d.start()
        self.send(d, "x")
        self.wait_told(d, 2)
        self.assertEqual(self.told(d, "other"), [])

    def test_the_event_of_one_that_dies_comes_again(self):
        d = self.with_listeners({"lis": listener("die", autorestart=True)})
        self.send(d, "x", "y")
        events = self.wait_told(d, 3)
        self.assertEqual(self.payloads(events), ["x", "x", "y"])
        self.assertEqual(events[0]["serial"], events[1]["serial"])
        d.wait_log(r"rebuffering event \d+ for pool lis \(buf size=[01], max=10\)")

    def test_the_event_of_one_that_talks_nonsense_goes_to_another(self):
        d = self.with_listeners({"lis": listener("garbage", **two())})
        (d.dir / "lis1").touch()  # the second has had its first event
        self.send(d, "x")
        self.assertEqual(self.payloads(self.wait_told(d, 1, "lis1")), ["x"])
        d.wait_log("WARN lis0: bad result line: 'RESULT what'")
        d.wait_log("WARN lis0: has entered the UNKNOWN state and will no longer receive events, this usually indicates the "
                   "process violated the eventlistener protocol")
        self.assertEqual(d.state("lis:lis0"), "RUNNING")

    def test_ready_twice_is_a_violation(self):
        d = self.with_listeners({"lis": listener("twice")})
        d.wait_log("WARN lis: has entered the UNKNOWN state")
        self.send(d, "x")
        always(lambda: self.told(d) == [] and d.state("lis") == "RUNNING", "nothing to be sent", 0.5)

    def test_events_wait_for_a_pool_that_is_stopped(self):
        d = self.with_listeners({"lis": listener(autostart=False)})
        self.send(d, "a", "b")
        self.assertTrue(d.rpc.supervisor.startProcess("lis"))
        self.assertEqual(self.payloads(self.wait_told(d, 2)), ["a", "b"])

    def test_bad_neighbours_hurt_nobody(self):
        d = self.with_listeners({"hangs": listener("hold", priority=-5), "floods": listener("flood", priority=-4),
                                 "deaf": listener("deaf", priority=-3), "lis": listener(buffer_size=100)})
        large = "x" * 200_000  # more than a pipe takes
        self.send(d, large, *map(str, range(20)))
        self.assertEqual(self.payloads(self.wait_told(d, 21)), [large, *map(str, range(20))])
        d.wait_log("floods: has entered the UNKNOWN state")
        self.assertEqual(d.state("floods"), "RUNNING")
        begun = time.monotonic()
        d.rpc.supervisor.getAllProcessInfo()
        self.assertLess(time.monotonic() - begun, 5)


@ours_only
class Outages(Listening):
    def test_every_event_arrives_while_engines_are_killed(self):
        d = self.with_listeners({"lis": listener(buffer_size=10_000), "big": listener(buffer_size=10_000)})
        pids = d.pid_of("lis"), d.pid_of("big")
        stop = threading.Event()
        sent, failures = [], []

        def publish():
            rpc = connect(d.socket).supervisor
            number = 0
            while not stop.is_set():
                text = f"{number} " + "x" * (number % 7 * 20_000)  # some frames are larger than a pipe
                try:
                    rpc.sendRemoteCommEvent("n", text)
                    sent.append(number)
                    number += 1
                except (OSError, *RpcError):
                    time.sleep(0.01)  # perhaps it was published: then it comes twice
                except xmlrpc.client.Fault as fault:
                    failures.append(fault)
                    return
                time.sleep(0.005)
        publisher = threading.Thread(target=publish)
        publisher.start()
        try:
            for _ in range(40 if SOAK else 8):
                before = len(sent)
                wait_until(lambda: len(sent) > before + 5, "events to flow", 60)
                old = d.kill_engine()
                d.new_engine(old)
        finally:
            stop.set()
            publisher.join()
        self.assertEqual(failures, [])
        for name in ("lis", "big"):
            wait_until(lambda: {int(text.split()[0]) for text in self.payloads(self.told(d, name))} >= set(sent),
                       lambda: f"all of {len(sent)} events at {name}; it lacks "
                       f"{sorted(set(sent) - {int(t.split()[0]) for t in self.payloads(self.told(d, name))})}\n{d.log_tail()}", 60)
            for event in self.told(d, name):  # a torn frame would have ended the listener, or show here
                number, _, rest = event["payload"].partition("\n")[2].partition(" ")
                self.assertEqual(rest, "x" * (int(number) % 7 * 20_000))
                self.assertEqual(int(event["len"]), len(event["payload"]))
        self.assertEqual((d.pid_of("lis"), d.pid_of("big")), pids)

    def test_what_waits_survives_the_engine(self):
        d = self.with_listeners({"lis": listener("hold")})
        self.send(d, "a", "b", "c")
        self.wait_told(d, 1)
        d.kill_engine()
        d.wait_ready_again()
        (d.dir / "go").touch()
        events = self.wait_told(d, 3)
        self.assertEqual(self.payloads(events), ["a", "b", "c"])
        self.assertEqual([e["poolserial"] for e in events], ["0", "1", "2"])
        self.send(d, "d")
        last = self.wait_told(d, 4)[3]
        self.assertEqual((last["poolserial"], int(last["serial"]) > int(events[2]["serial"])), ("3", True))


if __name__ == "__main__":
    main()
