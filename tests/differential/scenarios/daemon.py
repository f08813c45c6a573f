"""The daemon as a process: in the background, its pidfile, umask, folder, user and limits."""
import os
import re
import stat

from harness import read_proc
from programs import WAIT, probe, quiet
from scenario import Differs, scenario
from side import wait_until

NOBODY = 65534


def status_of(pid, *names):
    """Lines of /proc/PID/status."""
    lines = dict(line.split(":", 1) for line in read_proc(pid, "status").decode().splitlines())
    return {name: " ".join(lines[name].split()) for name in names}


def process_of(s):
    """What the daemon looks like from outside. Of ours, the process of the pidfile."""
    pid = s.pid
    stat_line = read_proc(pid, "stat").decode()
    group, session, terminal = stat_line[stat_line.rindex(")") + 2:].split()[2:5]
    return {"own group": int(group) == pid, "own session": int(session) == pid, "terminal": int(terminal),
            "cwd": os.readlink(f"/proc/{pid}/cwd"), **status_of(pid, "Umask"),
            "fds": [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)]}


@scenario(short=True)
def in_the_background(s):
    s.see("start", s.start_daemon({"a": quiet()}))
    s.wait_state("a", "RUNNING")
    s.see("process", process_of(s))
    s.see("log", s.log(level="INFO"))
    s.see("pidfile", re.fullmatch(r"\d+\n", s.read("s.pid")) is not None)
    s.stop()
    s.see("files", [name for name in s.names(".") if name not in ("auto", "out", "err")])


@scenario(short=True)
def umask_and_directory_in_the_background(s):
    (s.dir / "home").mkdir()
    s.see("start", s.start_daemon({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, wrap=["/bin/sh", "-c", 'umask 002; exec "$@"', "sh"],
                                  supervisord={"umask": "077", "directory": "%(here)s/home"}))
    s.see("process", process_of(s))
    s.wait_file("a.out", "\nend")
    s.see("modes", {name: s.mode(name) for name in ("s.log", "s.pid", "a.out", "s.sock")})
    s.see("log", s.log())
    s.see("program", re.findall(r"(?m)^(?:cwd|umask) .*", s.read("a.out")))


@scenario()
def umask_and_directory_in_the_foreground(s):
    (s.dir / "home").mkdir()
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, wrap=["/bin/sh", "-c", 'umask 002; exec "$@"', "sh"],
            supervisord={"umask": "077", "directory": "%(here)s/home"})
    s.see("cwd", os.readlink(f"/proc/{s.pid}/cwd"))
    s.wait_file("a.out", "\nend")
    s.see("modes", {name: s.mode(name) for name in ("s.log", "s.pid", "a.out", "s.sock")})
    s.see("log", s.log())
    s.see("program", re.findall(r"(?m)^(?:cwd|umask) .*", s.read("a.out")))


@scenario()
def relative_paths_with_a_directory(s):
    (s.dir / "home").mkdir()
    s.see("start", s.start_daemon({"a": {"command": WAIT, "startsecs": 0, "stdout_logfile": "a.out", "stderr_logfile": "NONE"}},
                                  supervisord={"directory": "home", "logfile": "s.log", "pidfile": "s.pid"}, server={"file": "s.sock"}))
    s.wait_state("a", "RUNNING")
    s.see("files", (s.names("."), s.names("home")))
    s.see("log", s.log())


@scenario()
def a_directory_that_is_gone_by_then(s):
    """It exists when the file is read; the user that is switched to may not enter it."""
    (s.dir / "home").mkdir()
    (s.dir / "home").chmod(0o700)
    s.dir.chmod(0o777)
    s.see("start", s.start_daemon({}, supervisord={"directory": "%(here)s/home", "user": "nobody"}) if os.geteuid() == 0 else None)
    s.see("log", s.log())
    s.see("cwd", os.readlink(f"/proc/{s.pid}/cwd") == os.getcwd() or os.readlink(f"/proc/{s.pid}/cwd"))


@scenario(short=True, needs_root=True, cites=["a configuration file that others may change"])
def user_of_the_daemon(s):
    s.dir.chmod(0o777)
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, supervisord={"user": "nobody"}, env={"USER": "root", "LOGNAME": "root"})
    s.see("process", status_of(s.pid, "Uid", "Gid", "Groups"))
    s.wait_file("a.out", "\nend")
    s.see("program", re.findall(r"(?m)^(?:uid|euid|gid|egid|groups|env (?:USER|HOME|LOGNAME|PATH)).*", s.read("a.out")))
    s.see("owners", {name: os.lstat(s.dir / name).st_uid for name in ("s.log", "s.pid", "s.sock", "a.out")})
    s.see("log", s.log("user|root|uid"))
    s.ours("warning", s.read("s.log").count("WARN everybody may write to "), 1)


@scenario(needs_root=True)
def user_by_number_with_supplementary_groups(s):
    s.dir.chmod(0o777)
    s.start({}, "-n", "-u", "1", supervisord={"user": None})
    s.see("process", status_of(s.pid, "Uid", "Gid", "Groups"))
    s.see("log", s.log("user|root|uid"))


@scenario(needs_root=True)
def user_that_it_is_already(s):
    s.dir.chmod(0o777)
    s.start({}, supervisord={"user": "nobody"}, user=NOBODY)
    s.see("log", s.log("user|root|uid"))
    s.see("process", status_of(s.pid, "Uid", "Gid"))


@scenario(needs_root=True)
def only_root_can_switch_users(s):
    s.dir.chmod(0o777)
    s.write_config(supervisord={"user": "daemon"})
    s.see("end", s.run("-n", user=NOBODY))


@scenario(needs_root=True)
def a_log_that_the_user_may_not_write(s):
    s.write("s.log", "", 0o600)
    s.dir.chmod(0o777)
    s.write_config(supervisord={"user": "nobody"})
    s.see("status", s.run("-n")["status"])


@scenario()
def an_ordinary_user_without_a_user_line(s):
    s.dir.chmod(0o777)
    s.start({"a": quiet()}, supervisord={"user": None}, **({"user": NOBODY} if os.geteuid() == 0 else {}))
    s.wait_state("a", "RUNNING")
    s.see("log", s.log())


LIMITS = ["/bin/bash", "-c", 'ulimit -S -n 300; ulimit -S -u 100; exec "$@"', "sh"]


@scenario(short=True)
def limits_are_raised(s):
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, wrap=LIMITS, supervisord={"minfds": 512, "minprocs": 150})
    s.wait_file("a.out", "\nend")
    s.see("log", s.log("RLIMIT"))
    s.see("program", re.findall(r"(?m)^(?:nofile|nproc) .*", s.read("a.out")))


@scenario()
def limits_that_suffice_are_left_alone(s):
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, wrap=LIMITS, supervisord={"minfds": 200, "minprocs": 50})
    s.wait_file("a.out", "\nend")
    s.see("log", s.log("RLIMIT"))
    s.see("program", re.findall(r"(?m)^(?:nofile|nproc) .*", s.read("a.out")))


LIMIT = Differs("a limit that cannot be raised: the message names what was tried", ours=lambda end: "to open 300 " in end["err"],
                theirs=lambda end: "to open 1000 " in end["err"])


@scenario(needs_root=True, differs={"descriptors": LIMIT, "processes": LIMIT})
def a_limit_that_cannot_be_raised(s):
    s.dir.chmod(0o777)
    s.write_config(supervisord={"minfds": 1000, "user": "nobody"})
    descriptors = s.run("-n", wrap=["/bin/bash", "-c", 'ulimit -n 300; exec "$@"', "sh"])
    s.write_config(supervisord={"minprocs": 1000, "minfds": 100, "user": "nobody"})
    processes = s.run("-n", wrap=["/bin/bash", "-c", 'ulimit -u 300; exec "$@"', "sh"])
    s.see("descriptors", descriptors)
    s.see("processes", processes)
    s.see("the rest", [re.sub(r"to open \d+", "to open N", end["err"]) for end in (descriptors, processes)])
    s.see("status", (descriptors["status"], processes["status"]))


@scenario(short=True, cites=["the same, and a WARN with the pid and the reason"])
def a_pidfile_that_cannot_be_written(s):
    (s.dir / "pid").mkdir()
    s.start({"a": quiet()}, supervisord={"pidfile": "%(here)s/pid"})
    s.wait_state("a", "RUNNING")
    s.see("log", s.log("pidfile|started with pid"))
    s.ours("reason", s.log("the reason"), ["WARN the pid is N; the reason: open DIR/pid: Is a directory"])
    s.see("end", s.stop())
    s.see("folder", s.mode("pid"))


@scenario()
def a_pidfile_that_exists_is_replaced(s):
    s.write("s.pid", "something longer than a pid\n", 0o604)
    s.start({})
    s.see("pid", s.pid == s.process.pid)
    s.see("mode", s.mode("s.pid"))
    s.stop()
    s.see("left", s.mode("s.pid"))


@scenario()
def a_pidfile_that_others_removed(s):
    s.start({})
    (s.dir / "s.pid").unlink()
    s.see("end", s.stop())
    s.see("log", s.log("WARN|CRIT|ERRO"))


@scenario()
def modes_of_its_files(s):
    s.start({"a": {"command": WAIT, "startsecs": 0, "stdout_logfile": "%(here)s/a.out"}}, wrap=["/bin/sh", "-c", 'umask 027; exec "$@"', "sh"])
    s.wait_state("a", "RUNNING")
    s.see("modes", {name: s.mode(name) for name in ("s.log", "s.pid", "s.sock", "a.out")})


@scenario()
def descriptors_it_was_started_with(s):
    """What the caller left open reaches no program."""
    s.write("open", "")
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, wrap=["/bin/sh", "-c", 'exec 7<open 9>>open; exec "$@"', "sh"])
    s.wait_file("a.out", "\nend")
    s.see("program", re.findall(r"(?m)^fd .*", s.read("a.out")))


@scenario()
def standard_input_is_left_alone(s):
    s.start({})
    s.see("stdin", os.readlink(f"/proc/{s.pid}/fd/0"))
    s.see("log is a file", stat.S_ISREG(os.stat(s.dir / "s.log").st_mode))
    wait_until(lambda: s.read("out"), "output")


@scenario(cites=["`supervisord` in the background returns after the fork"])
def ready_when_the_start_returns(s):
    s.write_config({"a": quiet()})
    s.see("start", s.run())
    s.ours("answers at once", s.is_ready(), True)
    s.ours("pidfile at once", s.read("s.pid") is not None, True)
    s.wait_ready()


@scenario(differs={"high": Differs("everything is close-on-exec", theirs=True, ours=False)})
def descriptors_above_minfds(s):
    s.write("open", "")
    s.start({"a": quiet(probe("fds"), stdout_logfile="%(here)s/a.out")}, supervisord={"minfds": 256},
            wrap=["/bin/bash", "-c", 'exec 90<open 900<open; exec "$@"', "sh"])
    s.wait_file("a.out", "\nend")
    s.see("low", re.findall(r"(?m)^fd 90 .*", s.read("a.out")))
    s.see("high", re.search(r"(?m)^fd 900 ", s.read("a.out")) is not None)
