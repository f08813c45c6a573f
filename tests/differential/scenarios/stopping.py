"""Stops: which signal goes to whom, when it is SIGKILL, in what order groups and processes go, what is logged."""
import os
import re
import shutil
import signal

from harness import kill_quietly, proc_alive, proc_state
from programs import WAIT, probe, quiet, sh
from scenario import Differs, scenario
from side import wait_until


def told(s, name="a", text="ready"):
    s.wait_file(f"{name}.out", text)


def told_of(s, name):
    """Log lines without those that echo output."""
    return [line for line in s.about(name) if "output" not in line]


def listener(**keys):
    """Tells the signals it gets in NAME.out and leaves with 0 on SIGTERM."""
    return quiet(probe("tell-signals"), stdout_logfile="%(here)s/%(program_name)s.out", **keys)


@scenario(short=True)
def death_by_the_stop_signal(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    s.see("answer", s.call("stopProcess", "a"))
    s.see("end", (s.about("a"), s.info("a")))
    s.see("again", s.call("stopProcess", "a"))


@scenario(short=True)
def exit_statuses_of_stopped_programs(s):
    def trap(status):
        return sh(f"trap 'exit {status}' TERM; echo ready; while :; do read line || sleep 0.1; done")
    s.start({f"x{status}": quiet(trap(status), exitcodes="0,2", stdout_logfile=f"%(here)s/x{status}.out") for status in (0, 1, 2)})
    for status in (0, 1, 2):
        told(s, f"x{status}")
        s.rpc.stopProcess(f"x{status}")
        s.see(f"x{status}", (s.about(f"x{status}"), s.brief(f"x{status}")))


@scenario()
def stop_signals(s):
    spelt = {"hup": "HUP", "int": "SIGINT", "quit": "quit", "usr1": "10", "usr2": "SigUsr2", "term": "TERM", "kill": "KILL"}
    s.start({name: listener(stopsignal=word, stopwaitsecs=60 if name in ("term", "kill") else 1) for name, word in spelt.items()}, supervisord={"loglevel": "debug"})
    for name in spelt:
        told(s, name)
    s.rpc.stopAllProcesses()
    for name in spelt:
        s.see(name, (told_of(s, name), s.brief(name), s.read(f"{name}.out")))


@scenario(short=True)
def sigkill_after_stopwaitsecs(s):
    s.start({"a": quiet(probe("ignore-term"), stopwaitsecs=1, stdout_logfile="%(here)s/a.out")})
    told(s)
    s.see("answer", s.call("stopProcess", "a"))
    s.see("end", (s.about("a"), s.brief("a")))


@scenario()
def stopping_is_a_state(s):
    s.start({"a": quiet(probe("ignore-term"), stopwaitsecs=600, stdout_logfile="%(here)s/a.out")})
    told(s)
    s.see("answer", s.call("stopProcess", "a", False))
    s.see("info", s.brief("a"))
    s.see("start", s.call("startProcess", "a", False))
    s.see("stop again", s.call("stopProcess", "a", False))
    s.see("signal", s.call("signalProcess", "a", "KILL"))
    s.wait_state("a", "STOPPED")
    s.see("end", (s.about("a"), s.brief("a")))


@scenario()
def stop_while_starting(s):
    s.start({"a": quiet(startsecs=600)})
    s.wait_state("a", "STARTING")
    wait_until(lambda: "1000" in s.command_line("a"), "the program")
    s.see("answer", s.call("stopProcess", "a"))
    s.see("end", (s.about("a"), s.brief("a")))


def family(keys, parent_ignores=False):
    return quiet(probe("fork-grandchild", *(["--ignore-term"] if parent_ignores else [])), stdout_logfile="%(here)s/%(program_name)s.out",
                 stopwaitsecs=1 if parent_ignores else 60, **keys)


def child(s, name):
    told(s, name, "\n")
    return int(s.read(f"{name}.out").split()[1])


@scenario(short=True)
def whom_a_stop_reaches(s):
    s.start({"alone": family({}), "group": family({"stopasgroup": "true"}), "kill": family({"killasgroup": "true"}, True),
             "polite": family({"killasgroup": "true"}), "both": family({"stopasgroup": "true"}, True)}, supervisord={"loglevel": "debug"})
    names = ["alone", "group", "kill", "polite", "both"]
    children = {name: child(s, name) for name in names}
    s.rpc.stopAllProcesses()
    for name in ("group", "kill", "both"):
        wait_until(lambda: not proc_alive(children[name]), f"the end of {name}'s child")
    s.see("alive", {name: proc_alive(pid) for name, pid in children.items()})
    s.see("log", {name: told_of(s, name) for name in names})
    for pid in children.values():
        kill_quietly(pid, signal.SIGKILL)


@scenario()
def a_signal_reaches_the_process_alone(s):
    s.start({"a": family({"stopasgroup": "true"}, True)}, supervisord={"loglevel": "debug"})
    pid = child(s, "a")
    s.see("answer", s.call("signalProcess", "a", "TERM"))
    s.see("alive", (proc_alive(pid), s.state("a")))
    s.see("log", told_of(s, "a"))


@scenario()
def signals_to_processes(s):
    s.start({"a": listener(), "off": quiet(autostart="false")}, supervisord={"loglevel": "debug"})
    told(s)
    for word in ("HUP", "SIGUSR1", "12", "usr2", "NOPE", "99", "", "-1"):
        s.see(repr(word), s.call("signalProcess", "a", word))
    told(s, text="USR2\n")
    s.see("heard first", s.read("a.out").split()[:4])
    s.see("not running", s.call("signalProcess", "off", "HUP"))
    s.see("no such", s.call("signalProcess", "nope", "HUP"))
    s.see("all", s.call("signalAllProcesses", "CONT"))
    s.see("group", s.call("signalProcessGroup", "a", "CONT"))
    s.see("log", told_of(s, "a"))


def diary(name, **keys):
    """Writes its name into the file `order` when it is told to go."""
    return quiet(sh(f"trap 'echo {name} >> order; exit 0' TERM; echo ready; while :; do read line || sleep 0.05; done"),
                 directory="%(here)s", stdout_logfile=f"%(here)s/{name}.out", **keys)


@scenario(short=True)
def order_of_groups_at_shutdown(s):
    priorities = {"late": 1, "b": 999, "a": 999, "early": 2000, "middle": 500}
    s.start({name: diary(name, priority=priority) for name, priority in priorities.items()})
    for name in priorities:
        told(s, name)
    s.see("end", s.stop())
    s.see("order", s.read("order").split())
    s.see("log", [line for line in s.log("stopped:")])


@scenario()
def order_within_a_group_at_shutdown(s):
    """Signals go out at once; the order of their log lines of level debug is that of the signals."""
    s.start({"x": quiet(priority=5), "y": quiet(priority=900), "z": quiet(numprocs=3, process_name="z_%(process_num)d"),
             "group:g": {"programs": "y,x,z"}}, supervisord={"loglevel": "debug"})
    s.wait_all("RUNNING")
    s.see("end", s.stop())
    s.see("order", s.log("^DEBG killing"))


@scenario()
def order_of_a_group_that_is_stopped(s):
    s.start({"x": quiet(priority=5), "y": quiet(priority=900), "z": quiet(numprocs=3, process_name="z_%(process_num)d"),
             "group:g": {"programs": "y,x,z"}}, supervisord={"loglevel": "debug"})
    s.wait_all("RUNNING")
    answer = s.call("stopProcessGroup", "g")
    s.see("answer", sorted(answer, key=lambda row: row["name"]))
    s.see("order", s.log("^DEBG killing"))


@scenario()
def groups_wait_for_one_another_at_shutdown(s):
    s.start({"first": diary("first", priority=2), "second": quiet(probe("ignore-term"), stopwaitsecs=2, priority=3,
                                                                 stdout_logfile="%(here)s/second.out")})
    told(s, "first")
    told(s, "second")
    s.send(signal.SIGTERM)
    s.wait_log("waiting for")
    s.see("who is waited for", s.log("waiting for")[0])
    s.see("not told yet", s.read("order"))
    s.see("end", s.wait_end())
    s.see("log", s.log("stopped|killing"))


@scenario()
def waiting_programs_at_shutdown(s):
    """BACKOFF becomes FATAL in silence, EXITED and FATAL ones are left alone."""
    s.start({"back": quiet("/nonexistent", startretries=99), "fatal": quiet("/nonexistent", startretries=0),
             "exit": quiet(probe("exit-after", 0, 0)), "run": quiet()})
    s.wait_state("fatal", "FATAL")
    s.wait_state("exit", "EXITED")
    s.wait_state("run", "RUNNING")
    s.wait_log("spawnerr", 3)
    s.wait_state("back", "BACKOFF")
    s.see("end", s.stop())
    s.see("log", {name: s.log(f"(exited|gave up|stopped): {name}") for name in ("fatal", "exit", "run")})
    s.see("nothing about the waiting one", s.log("gave up: back|stopped: back"))


@scenario()
def no_restart_during_shutdown(s):
    s.start({"a": quiet(probe("ignore-term"), stopwaitsecs=3, stdout_logfile="%(here)s/a.out", priority=2000),
             "b": quiet(probe("exit-on-usr1", 1), autorestart="true", stdout_logfile="%(here)s/b.out", priority=1)})
    told(s)
    told(s, "b")
    pid = s.pid_of("b")
    s.send(signal.SIGTERM)
    s.wait_log("waiting for")
    os.kill(pid, signal.SIGUSR1)
    s.see("end", s.wait_end())
    s.see("log", s.about("b"))


@scenario()
def calls_during_shutdown(s):
    s.start({"a": quiet(probe("ignore-term"), stopwaitsecs=5, stdout_logfile="%(here)s/a.out")})
    told(s)
    s.send(signal.SIGTERM)
    s.wait_log("waiting for")
    s.see("state", s.call("getState"))
    s.see("others", [s.call(name, *words) for name, words in (("getProcessInfo", ["a"]), ("startProcess", ["a"]), ("getAllProcessInfo", []),
                                                             ("shutdown", []), ("restart", []), ("reloadConfig", []))])
    s.see("end", s.wait_end())


@scenario(short=True)
def shutdown_by_call(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    s.see("answer", s.call("shutdown"))
    s.see("end", s.wait_end())
    s.see("log", s.log("received|stopped"))
    s.see("stderr", s.read("err"))


@scenario()
def restart_by_call(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    pid = s.pid
    s.see("answer", s.call("restart"))
    s.wait_log("supervisord started", 2)
    s.wait_ready()
    s.wait_state("a", "RUNNING")
    s.see("same process", s.pid == pid)
    s.see("log", s.about("a"))
    s.see("received", s.log("received"))


@scenario()
def stop_in_the_last_moment(s):
    """A program that is gone when the stop comes: it is told as an exit, and the stop fails."""
    s.start({"a": quiet(probe("exit-on-usr1", 0), stdout_logfile="%(here)s/a.out")})
    told(s)
    s.wait_state("a", "RUNNING")
    s.rpc.signalProcess("a", "USR1")
    s.wait_state("a", "EXITED")
    s.see("answer", s.call("stopProcess", "a"))
    s.see("log", s.about("a"))


@scenario()
def a_program_that_is_suspended(s):
    """SIGTERM does not end it while SIGSTOP holds it; SIGKILL does."""
    s.start({"a": quiet(WAIT, stopwaitsecs=1)})
    s.wait_state("a", "RUNNING")
    pid = s.pid_of("a")
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: proc_state(pid) == "T", "the suspension")
    s.see("answer", s.call("stopProcess", "a"))
    s.see("log", s.about("a"))


@scenario(needs_root=True, cites=["loses sight of an UNKNOWN process"],
          differs={"answer": Differs("`stopProcess` that need not wait answers FAILED when the signal is not allowed", theirs="fault 30 FAILED", ours="True"),
                   "removal": Differs("a group with an UNKNOWN process can be removed", theirs="True", ours="fault 91 STILL_RUNNING: a")})
def a_process_that_may_not_be_signalled(s):
    """The daemon runs as nobody, its program makes itself root."""
    setpriv = s.dir / "setpriv"
    shutil.copy("/usr/bin/setpriv", setpriv)
    setpriv.chmod(0o4755)
    s.dir.chmod(0o777)
    s.start({"a": quiet(f"{setpriv} --reuid 0 --regid 0 --clear-groups /bin/sleep 1000", stopwaitsecs=600)}, supervisord={"user": "nobody"})
    s.wait_state("a", "RUNNING")
    pid = s.pid_of("a")
    wait_until(lambda: "sleep" in s.command_line("a")[0], "the program")
    s.see("answer", str(s.call("stopProcess", "a", False))[:15])
    s.see("state", s.brief("a"))
    s.see("log", s.log("'a'|: a "))
    s.see("problem", [re.sub(r"\(\d+\):.*", "(N):", line) for line in s.log("unknown problem")])
    s.see("start", s.call("startProcess", "a"))
    s.see("removal", str(s.call("removeProcessGroup", "a")))
    if not s.is_original:
        os.kill(pid, signal.SIGKILL)
        s.wait_state("a", "EXITED")
        s.ours("end", s.brief("a")["exitstatus"], -1)
