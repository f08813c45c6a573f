#!/usr/bin/python3
"""Scenarios of svscan: what it takes for a service, logs, directories that come, go and change names, its end."""
import os
import re
import signal
import sys

import recorder
from tool_pair import Differs, main, proc_alive, read_proc, scenario, wait_until

UP = r"up \(pid \d+\) \d+ seconds"
DOWN = r"down \d+ seconds"
NOBODY = 65534
SLEEP = "exec sleep 1000"
COUNTED = "echo run >> runs\n" + SLEEP
# A logger that appends what it reads to the file `lines` in its directory.
KEEPS = "exec cat >> lines"
# A service that writes to stdout what is written into its fifo `in`.
SPEAKS = "rm -f in; mkfifo in; exec 3<>in; echo ready; exec cat <&3"


def scan(s, *services, where="scan"):
    """Starts svscan in the folder; returns when these services are up."""
    s.mkdir(where)
    s.start("svscan", where)
    for name in services:
        s.wait_svstat(f"{where}/{name}", UP)


def speak(s, name, text):
    """Has a service that SPEAKS write `text`."""
    wait_until(lambda: s.path(f"{name}/in").exists(), f"{name}/in")
    with open(s.path(f"{name}/in"), "w", encoding="ascii") as fifo:
        fifo.write(text)


def messages(s):
    """What svscan has said, each line once."""
    return sorted(set(s.read("svscan.err").splitlines()))


# -- how it is started ------------------------------------------------------------------------------------------------

@scenario()
def no_such_directory(s):
    s.run("svscan", "none")
    s.run("svscan", "none/")
    s.run("svscan", "")
    s.write("file", "")
    s.run("svscan", "file")
    s.run("svscan", "--help")
    s.run("svscan", "-h", "web")
    s.path("loop").symlink_to("loop")
    s.run("svscan", "loop")
    s.run("svscan", "x" * 300)


@scenario(needs_root=True)
def a_directory_that_may_not_be_entered(s):
    s.mkdir("scan", 0o700)
    s.run("svscan", "scan", user=NOBODY, group=NOBODY)


@scenario(needs_root=True)
def a_directory_that_may_not_be_read(s):
    s.mkdir("scan", 0o711)
    s.start("svscan", "scan", user=NOBODY, group=NOBODY)
    s.wait_text("svscan.err", "\n")
    s.see("messages", messages(s))
    s.path("scan").chmod(0o755)
    s.service("scan/web", COUNTED)
    os.chown(s.path("scan/web"), NOBODY, NOBODY)
    s.wait_svstat("scan/web", UP)


@scenario()
def in_the_working_directory(s):
    s.service("scan/web")
    s.start("svscan", cwd="scan")
    s.wait_svstat("scan/web", UP)
    s.see("tree", s.tree("scan"))
    s.see("messages", messages(s))


@scenario()
def further_words_are_ignored(s):
    s.service("scan/web")
    s.service("other/db")
    s.start("svscan", "scan", "other", "-x")
    s.wait_svstat("scan/web", UP)
    s.see("the other", s.svstat("other/db"))


@scenario()
def an_empty_directory(s):
    scan(s)
    s.service("scan/web")
    s.wait_svstat("scan/web", UP)
    s.see("messages", messages(s))
    s.see("stdout", s.read("svscan.out"))


@scenario()
def by_an_absolute_path(s):
    s.service("scan/web")
    s.start("svscan", s.path("scan"))
    s.wait_svstat("scan/web", UP)
    s.see("tree", s.tree("scan"))


# -- what is a service ------------------------------------------------------------------------------------------------

@scenario()
def several_services(s):
    for name in ("web", "db", "mail", "a b", "-dash", "$x;y", "x" * 200, "caf\u00e9"):
        s.service(f"scan/{name}")
    s.service("scan/off", down=True)
    scan(s, "web", "db", "mail", "a b", "-dash", "$x;y", "x" * 200, "caf\u00e9")
    s.wait_ok("scan/off")
    s.see("off", s.svstat("scan/off"))
    s.see("tree", s.tree("scan"))
    s.see("messages", messages(s))


@scenario()
def files_and_dot_names_are_no_services(s):
    s.mkdir("scan")
    s.write("scan/file", "#!/bin/sh\n", 0o755)
    s.path("scan/to-file").symlink_to("file")
    os.mkfifo(s.path("scan/fifo"))
    s.service("scan/.hidden")
    s.service("scan/...")
    s.service("scan/web")
    scan(s, "web")
    s.see("hidden", (s.svstat("scan/.hidden"), s.svstat("scan/...")))
    s.see("messages", messages(s))


@scenario()
def a_hidden_one_is_shown(s):
    s.service("scan/.web")
    s.service("scan/other")
    scan(s, "other")
    s.see("hidden", s.svstat("scan/.web"))
    s.path("scan/.web").rename(s.path("scan/web"))
    s.wait_svstat("scan/web", UP)


@scenario()
def dangling_links_are_told_each_time(s):
    s.service("scan/web")
    s.path("scan/gone").symlink_to("none")
    s.path("scan/loop").symlink_to("loop")
    scan(s, "web")
    s.wait_text("svscan.err", re.compile("(?s)(unable to stat gone.*){2}"))
    s.see("messages", messages(s))
    s.service("scan/none")
    s.wait_svstat("scan/gone", UP)


@scenario()
def two_links_to_one_service(s):
    s.service("web", COUNTED)
    s.mkdir("scan")
    for name in ("one", "two"):
        s.path(f"scan/{name}").symlink_to("../web")
    s.service("scan/other")
    scan(s, "one", "two", "other")
    s.wait_text("web/runs", "run")
    s.see("one process", s.pid("scan/one") == s.pid("scan/two"))
    s.see("runs", s.read("web/runs"))
    s.see("messages", messages(s))


@scenario()
def a_sticky_bit_means_nothing(s):
    s.service("scan/web")
    s.path("scan/web").chmod(0o1755)
    scan(s, "web")
    s.see("tree", s.tree("scan"))
    s.see("messages", messages(s))


@scenario()
def a_directory_without_a_run_script(s):
    s.mkdir("scan/web")
    scan(s)
    s.wait_text("svscan.err", "unable to start")
    s.see("messages", messages(s))
    s.script("scan/web/run", SLEEP)
    s.wait_svstat("scan/web", UP)


@scenario()
def a_supervise_that_runs_already(s):
    s.service("scan/web", COUNTED)
    s.start("supervise", "scan/web")
    s.wait_svstat("scan/web", UP)
    s.wait_text("scan/web/runs", "run")
    scan(s)
    s.wait_text("svscan.err", "supervise: fatal: ")
    s.see("messages", messages(s))
    s.see("runs", s.read("scan/web/runs"))
    pid = s.pid("scan/web")
    s.run("svc", "-dx", "scan/web")
    s.see("end", s.end("supervise"))
    s.wait_pid("scan/web", other_than=pid)
    s.wait_svstat("scan/web", UP)


@scenario()
def two_scans_of_one_directory(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    s.start("svscan", "scan", name="second")
    s.wait_text("second.err", "supervise: fatal: ")
    s.see("messages of the second", sorted(set(s.read("second.err").splitlines())))
    s.see("messages", messages(s))
    s.see("runs", s.read("scan/web/runs"))


# -- what a service gets ----------------------------------------------------------------------------------------------

def inherits(name, command, **how):
    @scenario(name=name)
    def play(s):
        s.service("scan/web", None)
        s.write("scan/web/run", recorder.INHERITED, 0o755)
        s.write("scan/web/starter", "0")
        s.start("sh", "-c", f"echo $$ > scan/web/starter; {command} svscan scan", name="svscan", **how)
        s.wait_text("scan/web/inherited", "\n")
        for line in s.read("scan/web/inherited").splitlines():
            s.see(line.split(" ", 1)[0], line)


inherits("what a service inherits", "umask 027; ulimit -S -n 200; exec nice -n 2", env={"ODD": "a b", "PWD": None})
inherits("what a service inherits: only PATH", "exec env -i PATH=$PATH")


@scenario()
def what_a_logger_inherits(s):
    s.service("scan/web", SLEEP, log="true")
    s.write("scan/web/log/run", recorder.INHERITED, 0o755)
    s.write("scan/web/log/starter", "0")
    s.start("sh", "-c", "echo $$ > scan/web/log/starter; exec svscan scan", name="svscan", env={"PWD": None})
    s.wait_text("scan/web/log/inherited", "\n")
    for line in s.read("scan/web/log/inherited").splitlines():
        s.see(line.split(" ", 1)[0], re.sub(r"pipe:\[\d+\]", "pipe", line))


@scenario()
def output_without_a_logger(s):
    s.service("scan/web", "echo out; echo err >&2; exec sleep 1000")
    scan(s, "web")
    s.wait_text("svscan.err", "err")
    s.see("stdout", s.read("svscan.out"))
    s.see("stderr", s.read("svscan.err"))


# -- services with logs -----------------------------------------------------------------------------------------------

def logged(s, run=SPEAKS, log=KEEPS):
    s.service("scan/web", run, log=log)
    scan(s, "web", "web/log")


@scenario()
def a_log_gets_stdout_alone(s):
    logged(s, run="echo out; echo err >&2; exec sleep 1000")
    s.wait_text("scan/web/log/lines", "out\n")
    s.wait_text("svscan.err", "err\n")
    s.see_file("scan/web/log/lines")
    s.see("stdout", s.read("svscan.out"))
    s.see("stderr", s.read("svscan.err"))
    s.see("tree", {name: what for name, what in s.tree("scan").items() if "supervise" in name})
    s.see("svstat", (s.svstat("scan/web"), s.svstat("scan/web/log")))


@scenario()
def multilog_as_a_log(s):
    s.service("scan/web", 'echo "one"; echo "two"; exec sleep 1000', log="exec multilog t ./main")
    s.start("svscan", "scan")
    s.wait_text("scan/web/log/main/current", "two\n")
    s.see_file("scan/web/log/main/current")
    s.see("tree", s.tree("scan/web/log/main"))


@scenario()
def the_pipe_survives_its_logger(s):
    logged(s)
    s.wait_text("scan/web/log/lines", "ready\n")
    pid = s.pid("scan/web")
    s.run("svc", "-d", "scan/web/log")
    s.wait_svstat("scan/web/log", DOWN + ", normally up")
    speak(s, "scan/web", "one\ntwo\n")
    s.see("the service", s.svstat("scan/web"))
    s.run("svc", "-u", "scan/web/log")
    s.wait_text("scan/web/log/lines", "two\n")
    s.see_file("scan/web/log/lines")
    s.see("the same service", s.pid("scan/web") == pid)


@scenario()
def the_pipe_survives_its_service(s):
    logged(s)
    s.wait_text("scan/web/log/lines", "ready\n")
    log, pid = s.pid("scan/web/log"), s.pid("scan/web")
    os.kill(pid, signal.SIGKILL)
    s.wait_text("scan/web/log/lines", "ready\nready\n")
    s.wait_pid("scan/web", other_than=pid)
    speak(s, "scan/web", "after\n")
    s.wait_text("scan/web/log/lines", "after\n")
    s.see_file("scan/web/log/lines")
    s.see("the same logger", s.pid("scan/web/log") == log)


@scenario()
def a_service_that_is_down_gives_its_logger_no_end_of_file(s):
    logged(s)
    s.wait_text("scan/web/log/lines", "ready\n")
    log = s.pid("scan/web/log")
    s.run("svc", "-d", "scan/web")
    s.wait_svstat("scan/web", DOWN + ", normally up")
    s.run("svc", "-u", "scan/web")
    s.wait_text("scan/web/log/lines", "ready\nready\n")
    s.see("the same logger", s.pid("scan/web/log") == log)
    s.see("svstat", (s.svstat("scan/web"), s.svstat("scan/web/log")))


@scenario()
def leaving_supervise_leaves_its_logger(s):
    s.service("scan/web", SPEAKS, log=KEEPS)
    scan(s, "web", "web/log")
    s.wait_text("scan/web/log/lines", "ready\n")
    log, pid = s.pid("scan/web/log"), s.pid("scan/web")
    s.write("scan/web/down", "")
    s.run("svc", "-dx", "scan/web")
    wait_until(lambda: not proc_alive(pid), "the service to end")
    s.wait_ok("scan/web")  # svscan supervises it anew
    s.wait_svstat("scan/web", DOWN)
    s.see("the same logger", (s.pid("scan/web/log") == log, proc_alive(log)))
    def is_started():  # the order is lost if the old supervise was just about to leave
        s.run("svc", "-u", "scan/web", see=False)
        return "ready\nready\n" in s.read("scan/web/log/lines")
    wait_until(is_started, "the service to speak again")


@scenario()
def a_logger_whose_supervise_leaves_is_started_anew(s):
    logged(s)
    s.wait_text("scan/web/log/lines", "ready\n")
    pid, log = s.pid("scan/web"), s.pid("scan/web/log")
    s.run("svc", "-dx", "scan/web/log")
    wait_until(lambda: not proc_alive(log), "the logger to end")
    speak(s, "scan/web", "meanwhile\n")
    s.wait_text("scan/web/log/lines", "meanwhile\n")
    s.see_file("scan/web/log/lines")
    s.see("the same service", s.pid("scan/web") == pid)


@scenario()
def a_logger_that_ends_is_restarted(s):
    logged(s, log='read line; echo "$line" >> lines')
    for text in ("one", "two", "three"):
        speak(s, "scan/web", f"{text}\n")
        s.wait_text("scan/web/log/lines", text)
    s.see_file("scan/web/log/lines")


@scenario()
def down_of_a_logger(s):
    s.service("scan/web", SPEAKS, log=KEEPS)
    s.write("scan/web/log/down", "")
    scan(s, "web")
    s.wait_ok("scan/web/log")
    s.see("svstat", (s.svstat("scan/web"), s.svstat("scan/web/log")))
    speak(s, "scan/web", "waits\n")
    s.run("svc", "-u", "scan/web/log")
    s.wait_text("scan/web/log/lines", "waits\n")
    s.see_file("scan/web/log/lines")


@scenario()
def a_log_that_is_a_link(s):
    s.service("logger", KEEPS)
    s.service("scan/web", SPEAKS)
    s.path("scan/web/log").symlink_to("../../logger")
    scan(s, "web", "web/log")
    s.wait_text("logger/lines", "ready\n")
    s.see("tree", s.tree("logger"))


@scenario()
def a_log_that_is_a_dangling_link(s):
    s.service("scan/web", "echo out; exec sleep 1000")
    s.path("scan/web/log").symlink_to("none")
    scan(s, "web")
    s.wait_text("svscan.out", "out")
    s.see("messages", messages(s))


@scenario()
def a_log_that_cannot_be_looked_at(s):
    s.service("scan/web")
    s.path("scan/web/log").symlink_to("log")
    scan(s)
    s.wait_text("svscan.err", re.compile("(?s)(web/log.*){2}"))
    s.see("messages", messages(s))
    s.see("svstat", s.svstat("scan/web"))
    s.path("scan/web/log").unlink()
    s.wait_svstat("scan/web", UP)


@scenario(differs={
    "messages": Differs("is no log service", theirs=["supervise: fatal: unable to chdir to log: not a directory"], ours=[], by="daemons"),
    "stdout": Differs("is no log service", theirs="", ours="out\n", by="daemons")})
def a_log_that_is_a_file(s):
    s.service("scan/web", "echo out; exec sleep 1000")
    s.write("scan/web/log", "text")
    scan(s, "web")
    if s.has_our_daemons:
        s.wait_text("svscan.out", "out")
    else:
        s.wait_text("svscan.err", "not a directory")
    s.see("messages", messages(s))
    s.see("stdout", s.read("svscan.out"))


@scenario(differs={"messages": Differs("names the logger", by="daemons",
                                       theirs=["supervise: fatal: unable to start log/run: file does not exist"],
                                       ours=["supervise: fatal: unable to start web/log/run: file does not exist"])})
def a_log_without_a_run_script(s):
    s.service("scan/web", "echo out; exec sleep 1000")
    s.mkdir("scan/web/log")
    scan(s, "web")
    s.wait_text("svscan.err", "unable to start")
    s.see("messages", messages(s))
    s.script("scan/web/log/run", KEEPS)
    s.wait_text("scan/web/log/lines", "out\n")


@scenario()
def a_log_that_comes_later(s):
    s.service("scan/web", "echo out; exec sleep 1000")
    scan(s, "web")
    s.wait_text("svscan.out", "out")
    s.mkdir("scan/web/log")
    s.script("scan/web/log/run", KEEPS)
    # it is not looked for: what is made afterwards is served, and it is not
    s.service("scan/other")
    s.wait_svstat("scan/other", UP)
    s.see("svstat", s.svstat("scan/web/log"))
    # but by the slot that follows
    s.path("scan/web").rename(s.path("away"))
    pid = s.pid("away")
    s.run("svc", "-dx", "away")
    wait_until(lambda: not proc_alive(pid), "the service to end")
    s.wait_not_ok("away")
    s.service("scan/another")
    s.wait_svstat("scan/another", UP)
    s.path("away").rename(s.path("scan/web"))
    s.wait_text("scan/web/log/lines", "out\n")


# -- directories that come, go and change names ----------------------------------------------------------------------

@scenario()
def a_new_one_is_started(s):
    s.service("scan/web")
    scan(s, "web")
    s.service("scan/new", COUNTED)
    s.wait_text("scan/new/runs", "run")
    s.service("elsewhere/linked", COUNTED)
    s.path("scan/linked").symlink_to("../elsewhere/linked")
    s.wait_text("scan/linked/runs", "run")
    s.see("messages", messages(s))


@scenario()
def one_that_has_left_is_taken_up_again(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    pid = s.pid("scan/web")
    s.run("svc", "-dx", "scan/web")
    s.wait_text("scan/web/runs", "run\nrun\n")
    s.wait_pid("scan/web", other_than=pid)
    s.see("svstat", s.svstat("scan/web"))
    s.see("messages", messages(s))


@scenario()
def one_that_is_moved_away_keeps_running(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    pid = s.pid("scan/web")
    s.path("scan/web").rename(s.path("away"))
    s.service("scan/later")
    s.wait_svstat("scan/later", UP)  # a scan has seen that it is gone
    s.see("svstat", s.svstat("away"))
    s.see("the same process", s.pid("away") == pid)
    s.run("svc", "-t", "away")
    s.wait_text("away/runs", "run\nrun\n")
    s.wait_svstat("away", UP)
    s.run("svc", "-dx", "away")
    s.wait_not_ok("away")
    s.service("scan/last")
    s.wait_svstat("scan/last", UP)
    s.see("afterwards", s.svstat("away"))
    s.see_file("away/runs")
    s.see("messages", messages(s))


@scenario()
def one_that_is_moved_away_and_back(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    pid = s.pid("scan/web")
    s.path("scan/web").rename(s.path("away"))
    s.service("scan/later")
    s.wait_svstat("scan/later", UP)
    s.path("away").rename(s.path("scan/back"))
    s.service("scan/last")
    s.wait_svstat("scan/last", UP)
    s.see("the same process", s.pid("scan/back") == pid)
    s.run("svc", "-dx", "scan/back")
    s.wait_text("scan/back/runs", "run\nrun\n")
    s.wait_svstat("scan/back", UP)


@scenario()
def a_link_that_is_removed(s):
    s.service("web", SPEAKS, log=KEEPS)
    s.mkdir("scan")
    s.path("scan/web").symlink_to("../web")
    scan(s, "web", "web/log")
    s.wait_text("web/log/lines", "ready\n")
    pid, log = s.pid("web"), s.pid("web/log")
    s.path("scan/web").unlink()
    s.service("scan/later")
    s.wait_svstat("scan/later", UP)
    s.see("both go on", (s.pid("web") == pid, s.pid("web/log") == log, s.is_ok("web"), s.is_ok("web/log")))
    # the usual way to be rid of a service
    s.run("svc", "-dx", "web", "web/log")
    s.wait_not_ok("web")
    s.wait_not_ok("web/log")
    s.see("afterwards", (proc_alive(pid), proc_alive(log), s.svstat("web"), s.svstat("web/log")))


@scenario()
def a_link_that_is_turned(s):
    s.service("one", COUNTED)
    s.service("two", COUNTED)
    s.mkdir("scan")
    s.path("scan/web").symlink_to("../one")
    scan(s, "web")
    s.path("scan/.web").symlink_to("../two")
    s.path("scan/.web").rename(s.path("scan/web"))
    s.wait_svstat("two", UP)
    s.see("the first", s.svstat("one"))
    s.see("two processes", s.pid("one") != s.pid("two"))


@scenario()
def a_new_name_keeps_the_process(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    pid = s.pid("scan/web")
    s.path("scan/web").rename(s.path("scan/renamed"))
    s.service("scan/later")
    s.wait_svstat("scan/later", UP)
    s.see("the same process", (s.pid("scan/renamed") == pid, s.read("scan/renamed/runs")))
    s.run("svc", "-dx", "scan/renamed")
    s.wait_text("scan/renamed/runs", "run\nrun\n")
    s.wait_svstat("scan/renamed", UP)
    s.see("messages", messages(s))


@scenario()
def another_directory_of_the_same_name(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    old = s.pid("scan/web")
    s.path("scan/web").rename(s.path("away"))
    s.service("scan/web", COUNTED)
    s.wait_svstat("scan/web", UP)
    s.see("two processes", (s.pid("scan/web") != old, s.pid("away") == old, proc_alive(old)))
    s.see("svstat", (s.svstat("scan/web"), s.svstat("away")))
    s.see("messages", messages(s))


@scenario()
def two_exchange_their_names(s):
    for name in ("a", "b"):
        s.service(f"scan/{name}", COUNTED)
    scan(s, "a", "b")
    a, b = s.pid("scan/a"), s.pid("scan/b")
    s.path("scan/a").rename(s.path("scan/.x"))
    s.path("scan/b").rename(s.path("scan/a"))
    s.path("scan/.x").rename(s.path("scan/b"))
    s.service("scan/later")
    s.wait_svstat("scan/later", UP)
    s.see("pids", (s.pid("scan/a") == b, s.pid("scan/b") == a))
    s.run("svc", "-dx", "scan/a")
    s.wait_pid("scan/a", other_than=b)
    s.wait_svstat("scan/a", UP)
    s.see("the other", s.pid("scan/b") == a)
    s.see("messages", messages(s))


@scenario()
def one_that_is_down_is_replaced(s):
    s.service("scan/web", COUNTED, down=True)
    s.service("scan/other")
    scan(s, "other")
    s.wait_ok("scan/web")
    s.path("scan/web").rename(s.path("away"))
    s.service("scan/web", COUNTED)
    s.wait_text("scan/web/runs", "run")
    s.wait_svstat("scan/web", UP)
    s.see("the old one", s.svstat("away"))
    s.run("svc", "-x", "away")
    s.wait_not_ok("away")


@scenario()
def the_scanned_directory_is_renamed(s):
    s.service("scan/web")
    scan(s, "web")
    s.path("scan").rename(s.path("moved"))
    s.service("moved/new")
    s.wait_svstat("moved/new", UP)
    s.see("messages", messages(s))


# -- the end ----------------------------------------------------------------------------------------------------------

STOPS = "each service is stopped once"


def ends_orderly(name, signo):
    differs = {
        "end": Differs(STOPS, theirs=-signo, ours=0, by="daemons"),
        "alive": Differs(STOPS, theirs=[True] * 3, ours=[False] * 3, by="daemons"),
        "supervised": Differs(STOPS, theirs=[True] * 3, ours=[False] * 3, by="daemons"),
        "signals": Differs(STOPS, theirs="ready\n", ours="ready\nTERM\nCONT\n", by="daemons"),
        "log": Differs(STOPS, theirs="ready\n", ours="ready\nlast words\n", by="daemons")}

    @scenario(name=f"{name} to svscan", differs=differs)
    def play(s):
        s.service("scan/recorder", None)
        s.write("scan/recorder/run", recorder.SIGNALS, 0o755)
        s.write("scan/recorder/ends-on", "CONT")
        s.service("scan/web", "trap 'echo last words; exit' TERM; echo ready; while :; do sleep 0.05; done", log=KEEPS)
        scan(s, "recorder", "web", "web/log")
        s.wait_text("scan/recorder/signals", "ready")
        s.wait_text("scan/web/log/lines", "ready")
        names = ("scan/recorder", "scan/web", "scan/web/log")
        pids = [s.pid(service) for service in names]
        s.see("end", s.end("svscan", signo))
        s.see("alive", [proc_alive(pid) for pid in pids])
        s.see("supervised", [s.is_ok(service) for service in names])
        s.see("signals", s.read("scan/recorder/signals"))
        s.see("log", s.read("scan/web/log/lines"))
        s.see("messages", messages(s))


ends_orderly("TERM", signal.SIGTERM)
ends_orderly("INT", signal.SIGINT)


@scenario(differs={"end": Differs("scans again at once", theirs=-signal.SIGHUP, ours=None, by="daemons")})
def hup_to_svscan(s):
    s.service("scan/web", COUNTED)
    scan(s, "web")
    s.wait_text("scan/web/runs", "run")
    s.processes["svscan"].send_signal(signal.SIGHUP)
    if s.has_our_daemons:
        s.service("scan/new")
        s.wait_svstat("scan/new", UP)
        s.see("end", s.processes["svscan"].poll())
    else:
        s.see("end", s.end("svscan"))
    s.see("the service", (s.svstat("scan/web"), s.read("scan/web/runs")))


@scenario(differs={"new one": Differs("goes on under another pid", theirs="unable to open supervise/ok: file does not exist",
                                      ours=re.compile(r"up \(pid N\) S seconds"), by="daemons")})
def kill_to_svscan(s):
    s.service("scan/web", SPEAKS, log=KEEPS)
    scan(s, "web", "web/log")
    s.wait_text("scan/web/log/lines", "ready")
    pids = s.pid("scan/web"), s.pid("scan/web/log")
    s.see("end", s.end("svscan", signal.SIGKILL))
    speak(s, "scan/web", "one\n")
    s.wait_text("scan/web/log/lines", "one")
    s.see("the same processes", pids == (s.pid("scan/web"), s.pid("scan/web/log")))
    s.see("svstat", (s.svstat("scan/web"), s.svstat("scan/web/log")))
    s.service("scan/new")
    if s.has_our_daemons:
        s.wait_svstat("scan/new", UP)
    s.see("new one", s.svstat("scan/new"))
    s.run("svc", "-t", "scan/web")
    s.wait_pid("scan/web", other_than=pids[0])
    s.wait_text("scan/web/log/lines", "ready\none\nready\n")


if __name__ == "__main__":
    sys.exit(main())
