"""The life of a process: states, tries, waits, exits and restarts, with their log lines in the order of each process."""
import os
import re
import signal

from harness import kill_quietly
from programs import WAIT, probe, quiet, quitter, sh
from scenario import Differs, scenario
from side import wait_until

SETTLED = ("RUNNING", "EXITED", "FATAL", "STOPPED")


def summary(s, *names):
    return {name: (s.about(name), s.brief(name)) for name in names}


def exits(status, **keys):
    """A program that exits when go() says so: once it is known to be RUNNING."""
    return quitter(probe("exit-on-usr1", status), stdout_logfile="%(here)s/%(program_name)s.out", **keys)


def go(s, name):
    s.wait_file(f"{name}.out", "ready")
    s.wait_state(name, "RUNNING")
    s.rpc.signalProcess(name, "USR1")


@scenario(short=True)
def running_after_startsecs(s):
    s.start({"a": quiet(startsecs=1)})
    s.wait_state("a", "STARTING")
    s.see("before", s.brief("a")["statename"])
    s.wait_state("a", "RUNNING")
    s.see("after", (s.about("a"), s.info("a")))


@scenario()
def running_at_once(s):
    s.start({"a": quiet(), "b": quiet(startsecs=-5)})
    s.wait_all("RUNNING")
    s.see("both", summary(s, "a", "b"))


@scenario(short=True)
def exits_within_startsecs_whatever_the_status(s):
    quick = {"startsecs": 20, "startretries": 0}
    s.start({"zero": quiet(probe("exit-after", 0, 0), **quick), "one": quiet(probe("exit-after", 0, 1), **quick),
             "seven": quiet(probe("exit-after", 0, 7), **quick, exitcodes="7"), "killed": quiet(sh("kill -9 $$"), **quick)})
    s.wait_all("FATAL")
    s.see("all", summary(s, "zero", "one", "seven", "killed"))


@scenario()
def tries_and_their_lines(s):
    s.start({"a": quiet(probe("exit-after", 0, 1), startsecs=20, startretries=2)})
    s.wait_state("a", "BACKOFF")
    s.see("waiting", s.brief("a"))
    s.wait_state("a", "FATAL")
    s.see("end", summary(s, "a"))


@scenario(short=True)
def a_start_request_while_it_waits(s):
    s.start({"a": quiet(probe("exit-after", 0, 1), startsecs=20, startretries=9)})
    s.wait_log("exited: a", 3)
    s.wait_state("a", "BACKOFF")
    s.see("answer", s.call("startProcess", "a"))
    s.see("state", s.brief("a"))


@scenario(short=True)
def a_stop_request_while_it_waits(s):
    s.start({"a": quiet(probe("exit-after", 0, 1), startsecs=20, startretries=9)}, supervisord={"loglevel": "debug"})
    s.wait_log("exited: a", 3)
    s.wait_state("a", "BACKOFF")
    s.see("answer", s.call("stopProcess", "a"))
    s.see("state", s.brief("a"))
    s.see("log", s.about("a"))


@scenario(differs={"tries": Differs("| counts failed starts on over STOPPED | forgets them at a stop |", theirs=1, ours=2)})
def tries_after_a_stop(s):
    s.start({"a": quiet(probe("exit-after", 0, 1), startsecs=20, startretries=1)})
    s.wait_log("exited: a", 1)
    s.wait_state("a", "BACKOFF")
    s.rpc.stopProcess("a")
    s.wait_state("a", "STOPPED")
    before = len(s.log("spawned"))
    s.call("startProcess", "a", False)
    s.wait_state("a", "FATAL")
    s.see("tries", len(s.log("spawned")) - before)


@scenario(short=True)
def exits_after_startsecs(s):
    names = ["zero", "one", "seven", "none", "max"]
    s.start({"zero": exits(0), "one": exits(1), "seven": exits(7, exitcodes="0,7"), "none": exits(0, exitcodes=""), "max": exits(255)})
    for name in names:
        go(s, name)
    s.wait_all("EXITED")
    s.see("all", summary(s, *names))


@scenario()
def names_of_signals(s):
    names = {"hup": 1, "segv": 11, "kill": 9, "usr1": 10, "poll": 29, "pwr": 30, "rtmin": 34, "rt35": 35, "rtmax": 64, "stkflt": 16}
    s.start({name: quitter(WAIT) for name in names}, wrap=["/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "sh"])
    s.wait_all("RUNNING")
    for name, number in names.items():
        os.kill(s.pid_of(name), number)
    s.wait_all("EXITED")
    s.see("all", summary(s, *names))


@scenario(differs={"closed pipes": Differs("`debug` gives addresses of Python's objects", ours=[
    "DEBG fd N closed, stopped monitoring <POutputDispatcher for <Subprocess with name a> (stderr)>",
    "DEBG fd N closed, stopped monitoring <POutputDispatcher for <Subprocess with name a> (stdout)>"])})
def an_exit_at_level_debug(s):
    s.start({"a": exits(3)}, supervisord={"loglevel": "debug"})
    go(s, "a")
    s.wait_log("SIGCHLD")
    s.wait_state("a", "EXITED")
    closed = sorted(re.sub(r"fd \d+", "fd N", line) for line in s.log("stopped monitoring"))
    s.see("closed pipes", closed)
    s.see("closed pipes without addresses", sorted(re.sub(r" at \d+| in state [A-Z]+", "", line) for line in closed))
    s.see("signal", s.log("SIGCHLD"))
    s.see("sent", s.log("sending a"))


@scenario()
def a_core_is_told(s):
    s.start({"a": quitter(WAIT, directory="%(here)s")}, wrap=["/bin/sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh"])
    s.wait_state("a", "RUNNING")
    os.kill(s.pid_of("a"), signal.SIGABRT)
    s.wait_state("a", "EXITED")
    s.see("log", s.about("a"))


@scenario(short=True)
def unexpected_exits_lead_to_a_restart(s):
    s.start({"again": exits(3, autorestart="unexpected"), "enough": exits(0, autorestart="UNEXPECTED"), "always": exits(0, autorestart="true"),
             "never": exits(3, autorestart="no")})
    for name in ("again", "enough", "always", "never"):
        go(s, name)
    s.wait_log("success: again", 2)
    s.wait_log("success: always", 2)
    s.wait_state("enough", "EXITED")
    s.wait_state("never", "EXITED")
    s.see("all", summary(s, "again", "enough", "always", "never"))


@scenario()
def a_killed_program_comes_back(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    first = s.pid_of("a")
    os.kill(first, signal.SIGKILL)
    s.wait_log("success: a", 2)
    s.see("log", s.about("a"))
    s.see("another", s.pid_of("a") != first)


@scenario()
def autorestart_is_no_limit_for_startretries(s):
    s.start({"a": quiet(probe("exit-after", 0, 1), startretries=0, autorestart="true")})
    s.wait_log("spawned: 'a'", 4)
    s.see("no end", s.log("gave up"))
    s.see("kinds of lines", sorted(set(s.about("a"))))


@scenario()
def no_autostart(s):
    s.start({"a": quiet(autostart="false")})
    s.see("before", (s.info("a"), s.about("a")))
    s.see("answer", s.call("startProcess", "a"))
    s.see("after", (s.brief("a"), s.about("a")))
    s.see("again", s.call("startProcess", "a"))


@scenario(short=True)
def fields_over_time(s):
    s.start({"a": quiet(probe("exit-on-usr1", 3), autorestart="false", stdout_logfile="%(here)s/a.out", autostart="false",
                        stderr_logfile="%(here)s/a.err")})
    s.see("never started", s.info("a"))
    s.rpc.startProcess("a")
    s.see("running", s.info("a"))
    s.wait_file("a.out", "ready")
    s.rpc.signalProcess("a", "USR1")
    s.wait_state("a", "EXITED")
    s.see("exited", s.info("a"))
    s.rpc.startProcess("a")
    s.see("running again", s.info("a"))
    wait_until(lambda: (s.read("a.out") or "").count("ready") == 2, "the second start")
    s.rpc.stopProcess("a")
    s.see("stopped", s.info("a"))


@scenario()
def times_of_a_process(s):
    s.start({"a": quiet(), "off": quiet(autostart="false")})
    s.wait_state("a", "RUNNING")
    first = s.rpc.getProcessInfo("a")
    s.see("running", (first["start"] > 0, first["stop"], 0 <= first["now"] - first["start"] < 60))
    s.rpc.stopProcess("a")
    stopped = s.rpc.getProcessInfo("a")
    s.see("stopped", (stopped["start"] == first["start"], stopped["stop"] >= stopped["start"]))
    s.rpc.startProcess("a")
    second = s.rpc.getProcessInfo("a")
    s.see("started again", (second["start"] >= stopped["start"], second["stop"] == stopped["stop"]))
    s.see("never started", [s.rpc.getProcessInfo("off")[key] for key in ("start", "stop", "pid", "exitstatus")])


@scenario()
def a_spawn_error_is_forgotten_when_it_runs(s):
    s.start({"a": quiet(sh("exec sleep 1000"), directory="%(here)s/later", startsecs=1, startretries=5)})
    s.wait_state("a", "BACKOFF")
    s.see("waiting", s.brief("a"))
    (s.dir / "later").mkdir()
    s.wait_state("a", "RUNNING")
    s.see("running", s.brief("a"))


@scenario()
def a_fatal_program_can_be_started_by_hand(s):
    s.start({"a": quiet(sh("test -e go && exec sleep 1000"), directory="%(here)s", startsecs=1, startretries=0)})
    s.wait_state("a", "FATAL")
    s.see("stop", s.call("stopProcess", "a"))
    s.write("go", "")
    s.see("start", s.call("startProcess", "a"))
    s.see("end", summary(s, "a"))


@scenario()
def a_descendant_holds_the_pipe(s):
    s.start({"a": quitter(probe("hold-pipe", 300, 3), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "EXITED")
    s.see("end", (s.log("exited"), s.brief("a")))
    kill_quietly(int(s.read("a.out").split()[1]), signal.SIGKILL)


@scenario(cites=["orphaned grandchildren go to init", "`reaped unknown pid` is INFO | INFO as PID 1, else DEBG"])
def a_program_that_goes_into_the_background(s):
    s.start({"a": quitter(probe("daemonize", "--after-ms", 300))})
    s.wait_state("a", "EXITED")
    s.see("info", s.brief("a"))
    s.see("log", s.log("exited"))
    if not s.is_original:
        s.wait_log("WARN 'a' put itself in the background")
    s.ours("unknown pids", s.log("reaped unknown pid", level="INFO"), [])


@scenario()
def many_exits_at_once(s):
    s.start({"a": quitter(probe("exit-on-usr1", 0), numprocs=20, process_name="a_%(process_num)02d", stdout_logfile="%(here)s/%(process_num)d")})
    for number in range(20):
        s.wait_file(str(number), "ready")
    s.rpc.signalAllProcesses("USR1")
    s.wait_all("EXITED")
    s.see("log", {f"a_{number:02}": s.about(f"a_{number:02}") for number in range(20)})


@scenario()
def all_settle(s):
    """One program of each kind beside the others."""
    s.start({"run": quiet(), "exit": quitter(probe("exit-after", 100, 0)), "quick": quiet(probe("exit-after", 0, 0), startsecs=20, startretries=0),
             "missing": quiet("/nonexistent", startretries=0), "off": quiet(autostart="false")})
    s.wait_log("exited: exit")
    s.wait_all(*SETTLED)
    wait_until(lambda: {info["statename"] for info in s.rpc.getAllProcessInfo()} == set(SETTLED), "all ends")
    s.see("all", s.all_info())
