#!/usr/bin/python3
"""What only our svscan and supervise have: two processes however many services, changes noticed at once and without
inotify, an orderly end, deaths that nobody notices, and the files of daemontools-encore, runit and s6."""
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness import BIN, PROBE, SOAK, children, need_peer
from service_case import COUNTED, DOWN, KEEPS, SLEEP, UP, ServiceCase, main, proc_alive, read_proc, wait_until

MANY = 1050  # services; the original has 1000 at most
ENCORE = {"UPKEEP_DAEMONTOOLS": "encore"}
RECORDS = """trap 'echo TERM >> signals' TERM
trap 'echo CONT >> signals' CONT
trap 'echo HUP >> signals' HUP
echo ready >> signals
while :; do sleep 0.1; done"""


class Scanning(ServiceCase):
    def test_two_processes_however_many_services(self):
        f = self.folder()
        for number in range(MANY):
            f.service(f"scan/s{number:04}")
        f.scan()
        wait_until(lambda: all(f.pid(f"scan/s{n:04}") for n in range(MANY)), "all to run", seconds=120)
        # A child counts as svscan's own until it has become its program.
        wait_until(lambda: sorted(f.daemons().values()) == ["svscan", "upkeep-engine"], lambda: f"two, not {f.daemons()}")
        own = f.own_processes()
        wait_until(lambda: len(f.own_processes()) == MANY + 2, lambda: f"{MANY + 2} processes, there are {len(own)}")
        self.assertEqual(f.read("svscan.err"), "")
        self.assertEqual(f.end("svscan", signal.SIGTERM, seconds=120), 0)
        self.assertEqual(f.own_processes(), [])

    def seconds_until_up(self, f, name):
        begun = time.monotonic()
        f.service(f"scan/{name}")
        f.wait_svstat(f"scan/{name}", UP)
        return time.monotonic() - begun

    def test_new_directories_are_noticed_at_once(self):
        f = self.folder()
        f.scan()
        _ = f.engine
        self.assertLess(min(self.seconds_until_up(f, f"s{n}") for n in range(3)), 1)

    def test_without_inotify(self):
        f = self.folder()
        f.service("scan/first", COUNTED)
        f.mkdir("scan/later")
        f.scan("first", wrap=[PROBE, "deny-inotify"])
        self.assertLess(self.seconds_until_up(f, "new"), 20)
        f.script("scan/later/run", COUNTED)
        f.wait_svstat("scan/later", UP)
        old = f.pid("scan/first")
        f.path("scan/first").rename(f.path("scan/renamed"))
        f.service("scan/first", COUNTED)
        f.wait_svstat("scan/first", UP)
        self.assertEqual(f.pid("scan/renamed"), old)
        self.assertEqual(f.end("svscan", signal.SIGTERM), 0)

    def test_hup_scans_at_once_without_inotify(self):
        f = self.folder()
        f.service("scan/first")
        f.scan("first", wrap=[PROBE, "deny-inotify"])
        took = []
        for number in range(3):
            f.service(f"scan/s{number}")
            begun = time.monotonic()
            os.kill(f.keeper, signal.SIGHUP)
            f.wait_svstat(f"scan/s{number}", UP)
            took.append(time.monotonic() - begun)
        self.assertLess(min(took), 1)

    def test_run_that_becomes_executable(self):
        """The tutorial's order: the directory first, then the script, then its mode."""
        f = self.folder()
        f.scan()
        _ = f.engine
        f.mkdir("scan/web")
        f.write("scan/web/run", "#!/bin/sh\n" + COUNTED + "\n")
        f.path("scan/web/run").chmod(0o755)
        f.wait_svstat("scan/web", UP)
        self.assertEqual(f.read("svscan.err"), "")


class Ending(ServiceCase):
    def test_a_slow_one_gets_term_once(self):
        f = self.folder()
        f.service("scan/slow", "trap 'echo TERM >> signals' TERM\necho ready >> signals\n"
                               "until [ -e may-end ]; do sleep 0.05; done")
        f.service("scan/quick")
        f.scan("slow", "quick")
        f.wait_text("scan/slow/signals", "ready")
        f.processes["svscan"].send_signal(signal.SIGTERM)
        f.wait_text("scan/slow/signals", "TERM")
        f.wait_not_ok("scan/quick")
        f.processes["svscan"].send_signal(signal.SIGTERM)  # impatience changes nothing
        f.service("scan/new", COUNTED)  # nothing is started any more
        time.sleep(1.5)                 # the TERM of each second that others send would show
        self.assertIsNone(f.processes["svscan"].poll())
        f.write("scan/slow/may-end", "")
        self.assertEqual(f.end("svscan"), 0)
        self.assertEqual(f.read("scan/slow/signals"), "ready\nTERM\n")
        self.assertEqual(f.read("scan/new/runs"), "")

    def test_a_logger_ends_last_and_has_everything(self):
        f = self.folder()
        f.service("scan/web", 'trap \'i=0; while [ $i -lt 2000 ]; do echo "$i last words"; i=$((i+1)); done; exit\' TERM\n'
                              "echo ready; while :; do sleep 0.05; done", log=KEEPS)
        f.scan("web", "web/log")
        f.wait_text("scan/web/log/lines", "ready\n")
        self.assertEqual(f.end("svscan", signal.SIGTERM), 0)
        self.assertEqual(f.read("scan/web/log/lines"), "ready\n" + "".join(f"{i} last words\n" for i in range(2000)))
        self.assertEqual(f.own_processes(), [])

    def test_paused_services_end(self):
        f = self.folder()
        f.service("scan/web", RECORDS.replace("TERM >> signals", "TERM >> signals; exit"))
        f.scan("web")
        f.wait_text("scan/web/signals", "ready")
        f.svc("-p", "scan/web")
        f.wait_svstat("scan/web", UP + ", paused")
        self.assertEqual(f.end("svscan", signal.SIGTERM), 0)


class Deaths(ServiceCase):
    def test_orders_are_taken_while_there_is_no_engine(self):
        f = self.folder()
        f.service("scan/web", COUNTED)
        f.scan("web")
        f.wait_text("scan/web/runs", "run")
        engine, pid = f.engine, f.pid("scan/web")
        os.kill(engine, signal.SIGSTOP)
        f.svc("-t", "scan/web")
        f.svc("-d", "scan/web")
        os.kill(engine, signal.SIGKILL)
        self.assertTrue(f.is_ok("scan/web"))
        f.wait_svstat("scan/web", DOWN + ", normally up")
        self.assertFalse(proc_alive(pid))
        # An end that TERM has brought about by then is dealt with before the next order, as supervise does.
        self.assertIn(f.read("scan/web/runs"), ("run\n", "run\nrun\n"))
        f.svc("-u", "scan/web")
        f.wait_svstat("scan/web", UP)

    def test_a_lock_is_never_free(self):
        f = self.folder()
        f.service("web", COUNTED)
        f.supervise("web")
        for _ in range(3):
            f.kill_engine()
            ended = f.run("setlock", "-n", "web/supervise/lock", "true", see=False)
            self.assertEqual((ended.status, ended.err),
                             (111, "setlock: fatal: unable to lock web/supervise/lock: temporary failure\n"))
            self.assertTrue(f.is_ok("web"))
            time.sleep(1.1)  # engines are started once a second at most
        keeper = f.keeper
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: f.keeper != keeper, "another keeper")
        self.assertEqual(f.run("setlock", "-n", "web/supervise/lock", "true", see=False).status, 111)
        self.assertEqual(f.read("web/runs"), "run\n")

    def test_a_second_one_says_at_a_terminal_who_has_the_lock(self):
        f = self.folder()
        f.service("web")
        f.supervise("web")
        words = "supervise: fatal: unable to acquire web/supervise/lock: temporary failure\n"
        ended = f.run("supervise", "web", see=False)
        self.assertEqual((ended.status, ended.err), (111, words))
        ours, theirs = pty.openpty()
        second = subprocess.run([BIN / "supervise", "web"], cwd=f.path("."), stdin=subprocess.DEVNULL, stderr=theirs,
                                timeout=30, check=False)
        os.close(theirs)
        with open(ours, "rb", buffering=0) as terminal:
            told = terminal.read(1000).decode().replace("\r", "")
        self.assertEqual((second.returncode, told), (111, f"{words}supervise: pid {f.keeper} (supervise) has it\n"))

    def test_status_and_wishes_survive(self):
        f = self.folder()
        for name, letters in {"up": "", "down": "d", "once": "o", "paused": "p", "leaving": "x"}.items():
            f.service(f"scan/{name}", COUNTED)
        f.scan("up", "down", "once", "paused", "leaving")
        for name, letters in {"down": "-d", "once": "-o", "paused": "-p", "leaving": "-x"}.items():
            f.svc(letters, f"scan/{name}")
        f.wait_svstat("scan/down", DOWN + ", normally up")
        f.wait_svstat("scan/paused", UP + ", paused")
        wait_until(lambda: f.status("scan/once")["want"] == "\0", "once")
        names = ("up", "down", "once", "paused", "leaving")
        before = {name: f.read(f"scan/{name}/supervise/status") for name in names}
        for kill in (lambda: f.engine, lambda: f.keeper):
            victim = kill()
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: victim not in f.daemons() and len(f.daemons()) == 2, "a new pair")
            f.service("scan/probe")  # whoever serves this has come through its recovery
            f.wait_svstat("scan/probe", UP)
            f.svc("-dx", "scan/probe")
            f.run("mv", "scan/probe", f"gone{victim}", see=False)
            self.assertEqual({name: f.read(f"scan/{name}/supervise/status") for name in names}, before)
        self.assertEqual({name: f.read(f"scan/{name}/runs") for name in names}, dict.fromkeys(names, "run\n"))
        f.svc("-k", "scan/up", "scan/once", "scan/paused")
        f.wait_text("scan/up/runs", "run\nrun\n")
        f.wait_text("scan/paused/runs", "run\nrun\n")
        f.wait_svstat("scan/once", DOWN + ", normally up")

    @unittest.skipUnless(SOAK, "takes a minute")
    def test_who_cannot_be_reached_is_not_ok(self):
        """No engine can run: after a minute the keeper stops claiming that somebody takes orders."""
        f = self.folder()
        f.service("web", COUNTED)
        image = f.base / "upkeep"
        shutil.copy(BIN / "upkeep", image)
        (f.bin / "supervise").unlink()
        (f.bin / "supervise").symlink_to(image)
        f.supervise("web")
        pid = f.wait_pid("web")
        engine = next(pid for pid in children(f.processes["supervise"].pid) if read_proc(pid, "comm") == b"upkeep-engine\n")
        image.chmod(0o600)  # nobody can run it any more
        os.kill(engine, signal.SIGKILL)
        begun = time.monotonic()
        wait_until(lambda: not f.is_ok("web"), "svok to say no", seconds=120)
        self.assertGreater(time.monotonic() - begun, 45)
        self.assertTrue(proc_alive(pid))
        image.chmod(0o755)
        f.wait_ok("web")
        f.svc("-t", "web")
        f.wait_text("web/runs", "run\nrun\n")

    def test_an_end_that_is_under_way_is_carried_on(self):
        f = self.folder()
        f.service("scan/slow", "trap 'echo TERM >> signals' TERM\necho ready >> signals\n"
                               "until [ -e may-end ]; do sleep 0.05; done", log=KEEPS)
        f.scan("slow", "slow/log")
        f.wait_text("scan/slow/signals", "ready")
        f.processes["svscan"].send_signal(signal.SIGTERM)
        f.wait_text("scan/slow/signals", "TERM")
        f.kill_engine()
        _ = f.engine
        f.write("scan/slow/may-end", "")
        self.assertEqual(f.end("svscan"), 0)
        self.assertEqual(f.own_processes(), [])


class Tutorial(ServiceCase):
    def test_a_real_daemon(self):
        redis = need_peer("redis-server")
        f = self.folder()
        f.scan()
        _ = f.engine
        f.mkdir("scan/redis")
        f.write("scan/redis/run", f"#!/bin/sh\nexec 2>&1\nexec {redis} --port 0 --unixsocket ./redis.sock --save '' "
                                  "--daemonize no >> out\n")
        f.path("scan/redis/run").chmod(0o755)
        f.wait_svstat("scan/redis", UP)
        def answers():
            with socket.socket(socket.AF_UNIX) as connection:
                try:
                    connection.settimeout(5)
                    connection.connect(str(f.path("scan/redis/redis.sock")))
                    connection.sendall(b"PING\r\n")
                    return connection.recv(100) == b"+PONG\r\n"
                except OSError:
                    return False
        wait_until(answers, "redis to answer")
        ended = f.run("svstat", "scan/redis", see=False)
        self.assertRegex(ended.out, r"\Ascan/redis: up \(pid \d+\) \d+ seconds\n\Z")
        f.svc("-d", "scan/redis")
        f.wait_svstat("scan/redis", r"down \d+ seconds, normally up")
        self.assertFalse(answers())
        f.svc("-u", "scan/redis")
        f.wait_svstat("scan/redis", UP)
        wait_until(answers, "redis to answer again")


class Encore(ServiceCase):
    def started(self, files, env=None, down=False, run=SLEEP, dialect=ENCORE):
        f = self.folder()
        f.service("web", run, down=down)
        for name, text in files.items():
            f.script(f"web/{name}", text)
        f.supervise("web", env={**(dialect or {}), **(env or {})})
        f.tool_env = dialect
        return f

    def svstat(self, f):
        return f.run("svstat", "web", env=f.tool_env, see=False).out

    def wait_line(self, f, pattern):
        return wait_until(lambda: re.fullmatch(pattern, line := self.svstat(f)) and line,
                          lambda: f"{pattern!r}; it is {self.svstat(f)!r}")

    def svup(self, f, *words):
        return f.run("svup", *words, "web", env=f.tool_env, see=False).status

    def test_states(self):
        f = self.started({})
        self.wait_line(f, rf"web: {UP}, running\n")
        self.assertEqual(len(f.read("web/supervise/status")), 20)
        self.assertEqual(self.svup(f), 0)
        f.svc("-d", "web")
        self.wait_line(f, rf"web: {DOWN}, normally up, stopped\n")
        self.assertEqual(self.svup(f), 100)
        f.svc("-o", "web")
        self.wait_line(f, rf"web: {UP}, once, running\n")

    def test_start_and_stop(self):
        f = self.started({"start": "echo start >> told; until [ -e go ]; do sleep 0.05; done",
                          "stop": "echo stop >> told; until [ -e end ]; do sleep 0.05; done"},
                         run="echo run >> told; exec sleep 1000")
        self.wait_line(f, rf"web: {UP}, starting\n")
        f.write("web/go", "")
        f.wait_text("web/told", "start\nrun\n")
        self.wait_line(f, rf"web: {UP}, running\n")
        f.svc("-t", "web")  # a restart needs neither
        f.wait_text("web/told", "start\nrun\nrun\n")
        self.wait_line(f, rf"web: {UP}, running\n")
        f.svc("-d", "web")
        f.wait_text("web/told", "stop\n")
        # the original says "stopped" while the stop script runs
        self.wait_line(f, rf"web: {UP}, want down, stopp(ed|ing)\n")
        f.write("web/end", "")
        self.wait_line(f, rf"web: {DOWN}, normally up, stopped\n")
        f.svc("-u", "web")
        f.wait_text("web/told", "start\nrun\nrun\nstop\nstart\nrun\n")

    def test_a_start_that_fails(self):
        f = self.started({"start": "echo start >> told; exit 1", "stop": "echo stop >> told"}, run="echo run >> told")
        self.wait_line(f, rf"web: {DOWN}, normally up, failed\n")
        self.assertEqual(f.read("web/told"), "start\n")
        self.assertEqual(self.svup(f), 100)

    def test_start_without_run(self):
        f = self.folder()
        f.service("web", None)
        f.script("web/start", "echo start >> told")
        f.supervise("web", env=ENCORE)
        f.tool_env = ENCORE
        self.wait_line(f, rf"web: {DOWN}, .*started\n")
        self.assertEqual(self.svup(f), 0)

    def test_exit_100_is_for_good(self):
        f = self.started({"stop": "echo stop >> told"}, run="echo run >> told; exit 100")
        self.wait_line(f, rf"web: {DOWN}, normally up, failed\n")
        time.sleep(1.5)  # a restart would come within a second
        self.assertEqual(f.read("web/told"), "run\n")
        f.svc("-u", "web")
        f.wait_text("web/told", "run\nrun\n")
        self.wait_line(f, rf"web: {DOWN}, normally up, failed\n")

    def test_notify(self):
        f = self.started({"notify": 'echo "$@" >> told', "start": "exit 0", "stop": "exit 3"})
        self.wait_line(f, rf"web: {UP}, running\n")
        pid = f.pid("web")
        f.wait_text("web/told", f"run start {pid} 0\n")
        f.svc("-d", "web")
        f.wait_text("web/told", re.compile(r"stop exit \d+ 3\n"))
        told = [re.sub(r"\d+ (\d+)$", r"N \1", line) for line in f.read("web/told").splitlines()]
        # they are not waited for, so their order is open
        self.assertEqual(sorted(told), sorted(["start start N 0", "start exit N 0", "run start N 0", "run killed N 15",
                                               "stop start N 0", "stop exit N 3"]))
        self.assertIn(f"run killed {pid} 15\n", f.read("web/told"))

    def test_sessions(self):
        report = "cat /proc/self/stat > /dev/null; ps -o sid= -p $$ > sid.new; mv sid.new sid; exec sleep 1000"
        f = self.started({}, run=report)
        sid = int(f.wait_text("web/sid", "\n") and f.read("web/sid"))
        self.assertEqual(sid, f.wait_pid("web"))
        f = self.folder()
        f.service("web", report)
        f.write("web/no-setsid", "")
        f.supervise("web", env=ENCORE)
        f.wait_text("web/sid", "\n")
        self.assertEqual(int(f.read("web/sid")), os.getsid(f.keeper))

    def test_signals_to_the_group(self):
        f = self.started({}, run="sleep 1000 & echo $! > child.new; mv child.new child; wait")
        f.wait_text("web/child", "\n")
        child = int(f.read("web/child"))
        self.wait_line(f, rf"web: {UP}, running\n")
        ended = f.run("svc", "-+k", "web", env=ENCORE, see=False)
        self.assertEqual(ended.status, 0)
        wait_until(lambda: not proc_alive(child), "the whole group to end")

    def test_a_log_script(self):
        f = self.started({"log": "exec cat >> lines"}, run="echo out; echo err >&2; exec sleep 1000")
        self.wait_line(f, rf"web: {UP}, running\nweb log: {UP}, running\n")
        f.wait_text("web/lines", "out\n")
        self.assertEqual(len(f.read("web/supervise/status")), 40)
        self.assertEqual(f.run("svstat", "-L", "web", env=ENCORE, see=False).out[:11], "web log: up")
        service = f.pid("web")
        f.run("svc", "-Lt", "web", env=ENCORE, see=False)  # the log restarts, the service does not notice
        f.run("svc", "-t", "web", env=ENCORE, see=False)
        f.wait_text("web/lines", "out\nout\n")
        self.assertNotEqual(f.wait_pid("web", other_than=service), service)
        f.svc("-dx", "web")
        self.assertEqual(f.end("supervise"), 0)
        self.assertEqual(f.read("web/lines"), "out\nout\n")

    def test_no_log(self):
        f = self.started({})
        self.wait_line(f, rf"web: {UP}, running\n")
        self.assertEqual(f.run("svstat", "-L", "web", env=ENCORE, see=False).out, "web: no log service\n")
        self.assertEqual(self.svup(f, "-L"), 100)

    def test_supervise_directory_elsewhere(self):
        f = self.folder()
        f.service("web")
        f.mkdir("state")
        env = {**ENCORE, "SUPERVISEDIR": str(f.path("state"))}
        f.start("supervise", "web", env=env)
        wait_until(lambda: f.run("svok", "web", env=env, see=False).status == 0, "svok")
        self.assertEqual(os.listdir(f.path("state")), [str(f.path("web"))[1:].replace("/", ":")])
        self.assertFalse(f.path("web/supervise").exists())
        f.run("svc", "-dx", "web", env=env, see=False)
        self.assertEqual(f.end("supervise"), 0)

    def test_exit_100_means_nothing_to_the_original(self):
        f = self.started({}, run="echo run >> told; exit 100", dialect=None)
        f.wait_text("web/told", "run\nrun\n")
        self.assertEqual(len(f.read("web/supervise/status")), 18)


class Extras(ServiceCase):
    """Files of runit and s6, in the original's dialect."""

    def started(self, files, run=SLEEP, texts=None):
        f = self.folder()
        f.service("web", None)
        for name, text in files.items():
            f.script(f"web/{name}", text)
        for name, text in (texts or {}).items():
            f.write(f"web/{name}", text)
        f.script("web/run", run)
        f.supervise("web")
        return f

    def test_finish(self):
        f = self.started({"finish": 'echo "finish $1 $2" >> told'}, run="echo run >> told; sleep 0.2; exit 7")
        f.wait_text("web/told", "run\nfinish 7 0\nrun\nfinish 7 0\n")
        f.svc("-dx", "web")
        self.assertEqual(f.end("supervise"), 0)
        self.assertEqual(len(re.findall("run\n", f.read("web/told"))), len(re.findall("finish", f.read("web/told"))))

    def test_finish_of_a_killed_one(self):
        f = self.started({"finish": 'echo "finish $1 $2" >> told'}, run="echo run >> told; exec sleep 1000")
        f.wait_text("web/told", "run\n")
        f.svc("-d", "web")
        f.wait_text("web/told", "finish -1 15\n")
        f.wait_svstat("web", DOWN + ", normally up.*")

    def test_control_scripts(self):
        f = self.started({"control/t": "echo control t >> signals; exit 0", "control/h": "echo control h >> signals; exit 1"},
                         run=RECORDS)
        f.wait_text("web/signals", "ready\n")
        f.svc("-t", "web")
        f.wait_text("web/signals", "control t\n")
        f.svc("-h", "web")
        f.wait_text("web/signals", "control h\nHUP\n")
        self.assertEqual(f.read("web/signals"), "ready\ncontrol t\ncontrol h\nHUP\n")

    def test_control_of_a_stop(self):
        f = self.started({"control/t": "echo control t >> signals; exit 0",
                          "control/d": 'echo control d >> signals; exit 0'}, run=RECORDS)
        f.wait_text("web/signals", "ready\n")
        f.svc("-d", "web")
        f.wait_text("web/signals", "control d\n")
        f.wait_text("web/signals", "CONT\n")
        self.assertNotIn("TERM", f.read("web/signals"))
        f.wait_svstat("web", UP + ", want down.*")
        self.assertLess(f.read("web/signals").index("control t"), f.read("web/signals").index("control d"))

    def test_timeout_kill(self):
        f = self.started({}, run="trap 'echo TERM >> signals' TERM\necho ready >> signals\nwhile :; do sleep 0.1; done",
                         texts={"timeout-kill": "300\n"})
        f.wait_text("web/signals", "ready")
        f.svc("-d", "web")
        f.wait_svstat("web", DOWN + ", normally up.*")
        self.assertEqual(f.read("web/signals"), "ready\nTERM\n")

    def test_without_timeout_kill_nothing_is_killed(self):
        f = self.started({}, run="trap 'echo TERM >> signals' TERM\necho ready >> signals\nwhile :; do sleep 0.1; done")
        f.wait_text("web/signals", "ready")
        f.svc("-d", "web")
        f.wait_text("web/signals", "TERM")
        time.sleep(1)
        self.assertRegex(f.svstat("web"), UP + ", want down")

    def test_notification(self):
        """run can write to it, and nothing of it is left open; that it counts is seen by test_svscan_section.py."""
        f = self.started({}, run="if echo >&3; then echo said > told; fi; exec 3>&-; exec sleep 1000",
                         texts={"notification-fd": "3\n"})
        f.wait_text("web/told", "said\n")
        pid = f.wait_pid("web")
        wait_until(lambda: read_proc(pid, "comm") == b"sleep\n", "run to have become sleep")
        self.assertEqual(sorted(os.listdir(f"/proc/{pid}/fd")), ["0", "1", "2"])

    def test_readiness_is_shown(self):
        f = self.started({}, run="until [ -e go ]; do sleep 0.05; done; echo >&4; exec 4>&-; exec sleep 1000",
                         texts={"notification-fd": "4\n"})
        def shows(state):
            return lambda: re.fullmatch(rf"web: {UP}, {state}\n", f.run("svstat", "web", env=ENCORE, see=False).out)
        wait_until(shows("starting"), "it to be starting")
        self.assertEqual(f.run("svok", "web", see=False).status, 0)
        f.write("web/go", "")
        wait_until(shows("running"), "it to be running")
        self.assertRegex(f.run("svstat", "web", see=False).out, f"web: {UP}")

    def test_a_plain_directory_has_a_short_record(self):
        f = self.started({})
        f.wait_svstat("web", UP)
        self.assertEqual(len(f.read("web/supervise/status")), 18)

    def test_encores_svstat_sees_states_of_a_directory_with_extras(self):
        f = self.started({"start": "true"})
        f.wait_svstat("web", UP + ".*")
        wait_until(lambda: len(f.read("web/supervise/status")) == 20, "a record with a state")
        wait_until(lambda: re.fullmatch(rf"web: {UP}, running\n", f.run("svstat", "web", env=ENCORE, see=False).out), "running")


if __name__ == "__main__":
    main()
