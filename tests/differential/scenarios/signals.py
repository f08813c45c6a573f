"""Signals to the daemon: shutdown, restart in the same process, reopening of logs."""
import os
import signal

from harness import proc_alive
from programs import WAIT, probe, quiet
from scenario import Differs, scenario
from side import CAUSE, wait_until


def shutdown_by(signo):
    def play(s):
        s.start({"a": quiet(), "b": quiet(autostart="false")})
        s.wait_state("a", "RUNNING")
        s.see("end", s.stop(signo))
        s.see("log", [line for line in s.log(level="INFO") if "waiting" not in line])
        s.see("files", [name for name in s.names(".") if name not in ("auto", "out", "err")])
        s.see("stderr", s.read("err"))
    return play


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
    scenario(f"{number.name} ends it", short=number == signal.SIGTERM)(shutdown_by(number))


@scenario(differs={"alive": Differs("| SIGUSR1 kills supervisord, orphaning its programs | is logged and ignored |", ours=True, theirs=False)})
def sigusr1(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    s.send(signal.SIGUSR1)
    if s.is_original:
        s.wait_end()
    else:
        s.wait_log("SIGUSR1")
    s.see("alive", s.process.poll() is None)


@scenario(short=True)
def sighup_restarts_it_in_the_same_process(s):
    s.start({"a": quiet(), "gone": quiet()})
    s.wait_all("RUNNING")
    pid = s.pid_of("a")
    s.write_config({"a": quiet(), "new": quiet()}, supervisord={"identifier": "second"})
    s.send(signal.SIGHUP)
    s.wait_log("supervisord started", 2)
    s.wait_ready()
    s.wait_all("RUNNING")
    s.see("same process", s.pid == s.process.pid)
    s.see("programs are new", s.pid_of("a") != pid)
    s.see("processes", [(info["name"], info["statename"]) for info in s.all_info()])
    s.see("identification", s.call("getIdentification"))
    s.see("log", {name: s.about(name) for name in ("a", "gone", "new")})
    s.see("the rest", s.log("received|Set uid|RPC|CRIT|supervisord started"))
    s.see("end", s.stop())
    s.see("files", [name for name in s.names(".") if name not in ("auto", "out", "err")])


@scenario()
def sighup_deletes_auto_logs_and_takes_new_settings(s):
    s.start({"a": {"command": WAIT, "startsecs": 0}})
    s.wait_state("a", "RUNNING")
    before = set(os.listdir(s.dir / "auto"))
    s.write_config({"a": {"command": WAIT, "startsecs": 0}}, supervisord={"logfile": "%(here)s/new.log", "loglevel": "warn"})
    s.send(signal.SIGHUP)
    wait_until(lambda: s.read("new.log") is not None and s.is_ready(), "the restart")
    s.wait_state("a", "RUNNING")
    after = set(os.listdir(s.dir / "auto"))
    s.see("child logs", (s.names("auto"), len(before & after)))
    s.see("new log", s.log(name="new.log"))


@scenario()
def sighup_in_the_background(s):
    s.start_daemon({"a": quiet()})
    s.wait_state("a", "RUNNING")
    pid = s.pid
    s.send(signal.SIGHUP)
    s.wait_log("supervisord started", 2)
    s.wait_ready()
    s.wait_log("success", 2)
    s.see("same process", s.pid == pid)
    s.see("log", [line for line in s.log(level="INFO") if "waiting" not in line])


@scenario(cites=["a restart (SIGHUP) that fails: the message on stderr"])
def sighup_with_a_bad_file(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    s.write("s.conf", "[supervisord]\nloglevel=loud\n")
    s.send(signal.SIGHUP)
    s.see("status", s.wait_end())
    s.see("stderr", CAUSE.sub("", s.read("err")))
    s.see("log of programs", s.about("a"))
    s.ours("log of the reason", len(s.log("bad logging level name 'loud'")), 1)
    s.see("files", [name for name in s.names(".") if name not in ("auto", "out", "err")])


@scenario()
def sighup_during_shutdown_is_ignored(s):
    s.start({"a": quiet(probe("ignore-term"), stdout_logfile="%(here)s/a.out", stopwaitsecs=4)})
    s.wait_file("a.out", "ready")
    s.send(signal.SIGTERM)
    s.wait_log("waiting for a to die")
    s.send(signal.SIGHUP)
    s.wait_log("SIGHUP")
    s.see("end", s.wait_end())
    s.see("log", s.log("SIGTERM|SIGHUP"))


@scenario()
def sigterm_during_a_restart_makes_it_a_shutdown(s):
    s.start({"a": quiet(probe("ignore-term"), stdout_logfile="%(here)s/a.out", stopwaitsecs=4)})
    s.wait_file("a.out", "ready")
    s.send(signal.SIGHUP)
    s.wait_log("waiting for a to die")
    s.send(signal.SIGTERM)
    s.see("end", s.wait_end())
    s.see("log", s.log("SIGTERM|SIGHUP"))


@scenario()
def a_second_sigterm_changes_nothing(s):
    s.start({"a": quiet(probe("ignore-term"), stdout_logfile="%(here)s/a.out", stopwaitsecs=4)})
    s.wait_file("a.out", "ready")
    s.send(signal.SIGTERM)
    s.wait_log("waiting for a to die")
    s.send(signal.SIGINT)
    s.wait_log("SIGINT")
    s.see("end", s.wait_end())
    s.see("log", s.log("received"))
    s.see("of the program", s.about("a"))


@scenario(short=True)
def sigusr2_reopens_logs(s):
    s.start({"live": {"command": probe("tell-signals"), "startsecs": 0, "stdout_logfile": "%(here)s/live.out", "stderr_logfile": "NONE"},
             "stopped": {"command": WAIT, "autostart": "false", "stdout_logfile": "%(here)s/stopped.out", "stderr_logfile": "NONE"}})
    s.wait_file("live.out", "ready")
    for name in ("s.log", "live.out"):
        (s.dir / name).rename(s.dir / f"{name}.old")
    s.send(signal.SIGUSR2)
    s.wait_file("live.out")
    s.rpc.signalProcess("live", "HUP")
    s.wait_file("live.out", "HUP")
    s.see("program's logs", (s.read("live.out.old"), s.read("live.out")))
    s.see("old log ends with", s.log(name="s.log.old")[-1])
    s.see("new log", s.log())
    s.see("log of the stopped one", s.read("stopped.out"))


@scenario()
def the_log_is_moved_away_without_a_signal(s):
    s.start({"a": quiet(autostart="false")})
    (s.dir / "s.log").rename(s.dir / "s.log.old")
    s.rpc.startProcess("a")
    s.see("goes on in the old one", s.log("spawned", name="s.log.old"))
    s.see("new one", s.read("s.log"))


@scenario()
def signals_that_mean_nothing(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    for signo in (signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH, signal.SIGPIPE):
        s.send(signo)
    s.see("state", s.state("a"))
    s.see("log", s.log("received", level="INFO"))


@scenario(differs={"program": Differs("after a restart (SIGHUP), the limits it had raised", theirs="nofile 512", ours="nofile 300")})
def limits_after_a_restart(s):
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, supervisord={"minfds": 512},
            wrap=["/bin/bash", "-c", 'ulimit -S -n 300; exec "$@"', "sh"])
    s.wait_file("a.out", "nofile 512\n")
    s.write_config({"a": quiet(probe("fds"), stdout_logfile="%(here)s/b.out")}, supervisord={"minfds": 200})
    s.send(signal.SIGHUP)
    s.wait_file("b.out", "\nend")
    s.see("program", next(line for line in s.read("b.out").splitlines() if line.startswith("nofile")))


@scenario(differs={"left": Differs("only sockets, and at the end only our own", theirs=None, ours="precious")})
def a_socket_that_was_replaced(s):
    s.start({})
    s.write("precious", "precious")
    (s.dir / "precious").rename(s.dir / "s.sock")  # at once: ours would make a removed one anew
    s.see("end", s.stop())
    s.see("left", s.read("s.sock"))


@scenario(differs={"alive": Differs("look for a relative `-c`, and for relative paths, in the directory it has moved to", theirs=False, ours=True)})
def sighup_with_a_relative_file_and_a_directory(s):
    (s.dir / "home").mkdir()
    s.see("start", s.start_daemon({"a": quiet()}, "-c", "s.conf", config=False, supervisord={"directory": "%(here)s/home"}))
    s.wait_state("a", "RUNNING")
    pid = s.pid
    s.send(signal.SIGHUP)
    wait_until(lambda: not proc_alive(pid) or len(s.log("supervisord started")) == 2, "a restart or an end")
    s.see("alive", proc_alive(pid))
