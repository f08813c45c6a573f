#!/usr/bin/python3
"""Scenarios of supervise: how it starts and fails, its files, every letter of svc in every state, restarts."""
import os
import re
import signal
import socket
import sys
import time

import recorder
from tool_pair import Differs, main, proc_alive, read_proc, scenario, wait_until

UP = r"up \(pid \d+\) \d+ seconds"
DOWN = r"down \d+ seconds"
NOBODY = 65534
SLEEP = "exec sleep 1000"
COUNTED = "echo run >> runs\n"  # at the begin of a run script: tells of each start


# -- usage and fatal errors -------------------------------------------------------------------------------------------

def fails(name, *words, prepare=lambda s: None, see=(), **how):
    """A scenario of a supervise that ends by itself."""
    def play(s):
        prepare(s)
        s.run("supervise", *words, **how)
        for file in see:
            s.see_file(file)
        s.see("tree", s.tree())
    scenario(name=name, needs_root="user" in how)(play)


def unix_socket(s, name):
    s.mkdir(os.path.dirname(name))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(s.path(name)))


fails("no arguments")
fails("two arguments", "a", "b")
fails("three arguments", "a", "b", "c")
fails("an option is a directory", "--help")
fails("a short option is a directory", "-h")
fails("no such directory", "none")
fails("no such directory, with a slash", "none/")
fails("an empty name", "")
fails("a file instead of a directory", "file", prepare=lambda s: s.write("file", ""))
fails("a file on the way", "file/web", prepare=lambda s: s.write("file", ""))
fails("a loop of links", "loop", prepare=lambda s: s.path("loop").symlink_to("loop"))
fails("a name that is too long", "x" * 300)
fails("a dangling link", "link", prepare=lambda s: s.path("link").symlink_to("none"))


def odd_down(s):
    s.service("web")
    s.path("web/down").symlink_to("down")


fails("down cannot be looked at", "web", prepare=odd_down)
fails("down cannot be looked at, with a slash", "web/", prepare=odd_down)


def with_file(name, text=""):
    def prepare(s):
        s.service("web")
        s.write(name, text)
    return prepare


def with_folder(name):
    def prepare(s):
        s.service("web")
        s.mkdir(name)
    return prepare


def with_socket(name):
    def prepare(s):
        s.service("web")
        unix_socket(s, name)
    return prepare


fails("supervise is a file", "web", prepare=with_file("web/supervise"))
fails("the lock is a directory", "web", prepare=with_folder("web/supervise/lock"))
fails("the lock is a socket", "web", prepare=with_socket("web/supervise/lock"))
fails("control is a directory", "web", prepare=with_folder("web/supervise/control"))
fails("control is a socket", "web", prepare=with_socket("web/supervise/control"))
fails("ok is a socket", "./web", prepare=with_socket("web/supervise/ok"))
fails("another user's directory", "web", prepare=lambda s: s.service("web"), user=NOBODY, group=NOBODY)
fails("a directory that may not be entered", "web", prepare=lambda s: s.mkdir("web", 0o700), user=NOBODY, group=NOBODY)


@scenario()
def the_lock_is_held_by_somebody_else(s):
    s.service("web")
    s.mkdir("web/supervise", 0o700)
    s.start("setlock", "web/supervise/lock", "sleep", "1000")
    wait_until(lambda: read_proc(s.processes["setlock"].pid, "comm") == b"sleep\n", "the lock")
    s.run("supervise", "web")
    s.see("tree", s.tree("web"))
    s.see_file("web/supervise/lock")


@scenario()
def a_second_one_is_refused(s):
    s.service("web", COUNTED + SLEEP)
    s.start("supervise", "web")
    s.wait_svstat("web", UP)
    s.wait_text("web/runs", "run")
    pid, before = s.pid("web"), s.read("web/supervise/status")
    s.run("supervise", "web")
    s.run("supervise", "web/")
    s.run("supervise", ".", cwd="web", see="supervise in its directory")
    s.run("supervise", s.path("web"), see="supervise by its path")
    s.see("undisturbed", (s.pid("web") == pid, s.read("web/supervise/status") == before, s.read("web/runs")))
    s.see("tree", s.tree("web"))


@scenario()
def a_second_one_after_the_first_has_ended(s):
    s.service("web", down=True)
    for _ in range(2):
        s.start("supervise", "web")
        s.wait_ok("web")
        s.run("svc", "-x", "web")
        s.see("end", s.end("supervise"))
    s.see("tree", s.tree("web"))


# -- files ------------------------------------------------------------------------------------------------------------

def started(s, name="web", run=SLEEP, **how):
    s.service(name, run, **how)
    s.start("supervise", name)
    s.wait_ok(name)
    if not how.get("down"):
        s.wait_svstat(name, UP)


def ended(s, name="web", letters="-dx"):
    s.run("svc", letters, name)
    s.see("end of supervise", s.end("supervise"))
    s.see("its stdout", s.read("supervise.out"))
    s.see("its stderr", s.read("supervise.err"))


@scenario()
def files_of_a_running_service(s):
    started(s)
    s.see("tree", s.tree("web"))
    s.see("status", s.status("web"))
    ended(s)
    s.see("afterwards", s.tree("web"))


@scenario()
def files_of_a_service_that_is_down(s):
    started(s, down=True)
    s.see("tree", s.tree("web"))
    s.see("status", s.status("web"))
    ended(s, letters="-x")
    s.see("afterwards", s.tree("web"))
    s.see("status afterwards", s.status("web"))


@scenario()
def down_is_a_directory(s):
    s.service("web")
    s.mkdir("web/down")
    s.start("supervise", "web")
    s.wait_ok("web")
    s.see("svstat", s.svstat("web"))
    ended(s, letters="-x")


@scenario()
def down_is_a_dangling_link(s):
    s.service("web")
    s.path("web/down").symlink_to("none")
    s.start("supervise", "web")
    s.wait_svstat("web", UP)
    ended(s)


@scenario()
def supervise_is_a_link_to_a_folder(s):
    s.service("web")
    s.mkdir("state", 0o711)
    s.path("web/supervise").symlink_to("../state")
    s.start("supervise", "web")
    s.wait_svstat("web", UP)
    s.see("tree", s.tree())
    ended(s)


@scenario()
def supervise_is_a_dangling_link(s):
    s.service("web")
    s.path("web/supervise").symlink_to("../state")
    s.start("supervise", "web")
    s.wait_svstat("web", UP)
    s.see("tree", s.tree("web"))
    s.see("state", s.tree("state"))
    ended(s)


def umask_scenario(mask):
    @scenario(name=f"files under umask {mask}")
    def play(s):
        s.service("web", "umask > umask.new; mv umask.new umask; exec sleep 1000")
        s.start("sh", "-c", f"umask {mask}; exec supervise web", name="supervise")
        s.wait_text("web/umask", "\n")
        s.wait_svstat("web", UP)
        s.see("tree", s.tree("web"))
        s.see_file("web/umask")
        ended(s)


umask_scenario("077")
umask_scenario("027")
umask_scenario("000")


@scenario()
def delegated_modes_are_kept(s):
    s.service("web")
    s.mkdir("web/supervise", 0o755)
    os.mkfifo(s.path("web/supervise/control"))
    os.mkfifo(s.path("web/supervise/ok"))
    s.path("web/supervise/control").chmod(0o620)
    s.path("web/supervise/ok").chmod(0o622)
    s.write("web/supervise/lock", "text", 0o640)
    before = [s.path(f"web/supervise/{name}").stat().st_ino for name in ("control", "ok", "lock")]
    s.start("supervise", "web")
    s.wait_svstat("web", UP)
    s.see("the same files", before == [s.path(f"web/supervise/{name}").stat().st_ino for name in ("control", "ok", "lock")])
    s.see("tree", s.tree("web"))
    ended(s)
    s.see("afterwards", s.tree("web"))


@scenario(needs_root=True)
def delegated_owners_are_kept(s):
    s.service("web", down=True)
    for _ in range(2):
        s.start("supervise", "web")
        s.wait_ok("web")
        for name in ("control", "ok"):
            os.chown(s.path(f"web/supervise/{name}"), NOBODY, NOBODY)
        s.path("web/supervise").chmod(0o711)
        s.run("svstat", "web", user=NOBODY, group=NOBODY)
        s.run("svc", "-x", "web", user=NOBODY, group=NOBODY)
        s.see("end", s.end("supervise"))
    owners = {name: (s.path(f"web/supervise/{name}").stat().st_uid, s.path(f"web/supervise/{name}").stat().st_gid)
              for name in ("control", "ok", "lock", "status", ".")}
    s.see("owners", owners)


@scenario(needs_root=True)
def as_another_user(s):
    s.service("web", "id -u > uid; exec sleep 1000")
    os.chown(s.path("web"), NOBODY, NOBODY)
    s.start("supervise", "web", user=NOBODY, group=NOBODY, extra_groups=[])
    s.wait_text("web/uid", f"{NOBODY}\n")
    s.wait_svstat("web", UP)
    s.see("owners", {name: (s.path(f"web/supervise/{name}").stat().st_uid) for name in ("control", "ok", "lock", "status", ".")})
    ended(s)


@scenario()
def old_state_is_replaced(s):
    s.service("web", down=True)
    s.mkdir("web/supervise", 0o700)
    s.write("web/supervise/status", "x" * 100, 0o600)
    s.write("web/supervise/status.new", "half")
    s.start("supervise", "web")
    s.wait_ok("web")
    s.see("status", s.status("web"))
    s.see("tree", s.tree("web"))
    ended(s, letters="-x")


@scenario()
def the_status_is_replaced_and_not_rewritten(s):
    started(s)
    with open(s.path("web/supervise/status"), "rb") as file:
        before = file.read()
        s.run("svc", "-p", "web")
        s.wait_svstat("web", UP + ", paused")
        file.seek(0)
        s.see("an opened one stays as it was", file.read() == before)
    ended(s)


@scenario()
def directories_by_other_names(s):
    s.service("web")
    s.service("a b", down=True)
    s.path("link").symlink_to("web")
    s.start("supervise", "link")
    s.wait_svstat("web", UP)
    s.see("by link", s.svstat("link"))
    s.start("supervise", s.path("a b"), name="other")
    s.wait_ok("a b")
    s.see("other", s.svstat("a b"))
    s.run("svc", "-x", "a b")
    s.see("end of the other", s.end("other"))
    ended(s, "link")


# -- the letters of svc, in every state --------------------------------------------------------------------------------

def letter(state, letters, line, want, signals=(), ends_on="CONT", end=None, then=None):
    """`letters` (one svc each) at a service in `state` lead to this line of svstat, want byte and received signals.

    ends_on  the signal at which the service ends
    end      the exit status of supervise, if it ends
    then     (letters, line): what is sent to see that earlier letters changed nothing
    """
    @scenario(name=f"letters: {letters or 'none'} when {state}"
                   + (f", ends on {ends_on}" if ends_on != "CONT" else "") + (f", then {then[0]}" if then else ""))
    def play(s):
        s.service("web", None, down=state in ("down", "once"))
        s.write("web/run", recorder.SIGNALS, 0o755)
        s.write("web/ends-on", ends_on)
        s.start("supervise", "web")
        s.wait_ok("web")
        if state == "once":
            s.run("svc", "-o", "web", see=False)
        if state != "down":
            s.wait_text("web/signals", "ready\n")
            s.wait_svstat("web", UP + ("" if state != "once" else ", normally down"))
        if state == "paused":
            s.run("svc", "-p", "web", see=False)
            s.wait_svstat("web", UP + ", paused")
        if state == "down":
            s.see("before", s.svstat("web"))
        pid = s.pid("web")
        stamp = s.read("web/supervise/status")[:12]

        def wait_settled():
            if end is not None:
                return
            s.wait_svstat("web", then[1] if then else line)
            wait_until(lambda: s.status("web")["want"] == want, lambda: f"want {want!r}, it is {s.status('web')}")

        for one in letters:
            s.run("svc", f"-{one}", "web")
        if then:
            s.run("svc", f"-{then[0]}", "web")
        if end is not None:
            s.see("end", s.end("supervise"))
        wait_settled()
        if signals or s.pid("web"):
            s.wait_text("web/signals", "\n".join(["ready", *signals, ""]))
        wait_settled()  # again: before the first letter it may have looked as after the last
        s.see("svstat", s.svstat("web"))
        s.see("status", s.status("web"))
        s.see("signals", s.read("web/signals"))
        s.see("another pid", s.pid("web") != pid)
        s.see("another stamp", s.read("web/supervise/status")[:12] != stamp)
        s.see("stderr", s.read("supervise.err"))


PLAIN, PAUSED = UP, UP + ", paused"
BLOCKED = "USR2"  # nothing sends it: the service does not end
letter("running", "u", PLAIN, "u", then=("h", PLAIN), signals=["HUP"])
letter("running", "d", DOWN + ", normally up", "d", ["TERM", "CONT"])
letter("running", "d", UP + ", want down", "d", ["TERM", "CONT"], ends_on=BLOCKED)
letter("running", "du", PLAIN, "u", ["TERM", "CONT"], ends_on=BLOCKED)
letter("running", "du", PLAIN, "u", ["TERM", "CONT", "ready"])
letter("running", "o", PLAIN, "\0")
letter("running", "ot", DOWN + ", normally up", "\0", ["TERM"], ends_on="TERM")
letter("running", "ou", PLAIN, "u", then=("h", PLAIN), signals=["HUP"])
letter("running", "od", UP + ", want down", "d", ["TERM", "CONT"], ends_on=BLOCKED)
letter("running", "do", PLAIN, "\0", ["TERM", "CONT"], ends_on=BLOCKED)
letter("running", "x", PLAIN, "u", then=("h", PLAIN), signals=["HUP"], ends_on=BLOCKED)
letter("running", "xh", "", "", ["HUP"], ends_on="HUP", end=0)
letter("running", "dx", "", "", ["TERM", "CONT"], end=0)
letter("running", "xd", "", "", ["TERM", "CONT"], end=0)
letter("running", "xu", PLAIN, "u", then=("a", PLAIN), signals=["ALRM"], ends_on=BLOCKED)
letter("running", "xui", "", "", ["INT"], ends_on="INT", end=0)
letter("running", "ox", PLAIN, "\0", then=("h", PLAIN), signals=["HUP"], ends_on=BLOCKED)
letter("running", "p", PAUSED, "u")
letter("running", "pc", PLAIN, "u", ["CONT"], ends_on=BLOCKED)
letter("running", "c", PLAIN, "u", ["CONT"], ends_on=BLOCKED)
for sent, got in {"t": "TERM", "h": "HUP", "a": "ALRM", "i": "INT"}.items():
    letter("running", sent, PLAIN, "u", [got], ends_on=BLOCKED)
    letter("running", sent, PLAIN, "u", [got, "ready"], ends_on=got)
    letter("paused", sent, PAUSED, "u")
    letter("paused", sent + "c", PLAIN, "u", [got, "CONT"], ends_on=BLOCKED)
    letter("down", sent, "", "u", then=("u", UP + ", normally down"))
letter("running", "k", PLAIN, "u", ["ready"])
letter("running", "kd", DOWN + ", normally up", "d")
letter("paused", "u", PAUSED, "u")
letter("paused", "d", DOWN + ", normally up", "d", ["TERM", "CONT"])
letter("paused", "d", UP + ", want down", "d", ["TERM", "CONT"], ends_on=BLOCKED)
letter("paused", "o", PAUSED, "\0")
letter("paused", "p", PAUSED, "u")
letter("paused", "k", PLAIN, "u", ["ready"])
letter("paused", "dx", "", "", ["TERM", "CONT"], end=0)
letter("down", "u", UP + ", normally down", "u")
letter("down", "d", DOWN, "d")
letter("down", "o", UP + ", normally down", "\0")
letter("down", "x", "", "", end=0)
letter("down", "dx", "", "", end=0)
letter("down", "p", DOWN, "\0", then=("o", UP + ", normally down"))
letter("down", "pc", DOWN, "d", then=("d", DOWN))
letter("down", "k", "", "u", then=("u", UP + ", normally down"))
letter("once", "u", UP + ", normally down", "u")
letter("once", "d", DOWN, "d", ["TERM", "CONT"])
letter("once", "o", UP + ", normally down", "\0", then=("h", UP + ", normally down"), signals=["HUP"], ends_on=BLOCKED)
letter("once", "t", DOWN, "\0", ["TERM"], ends_on="TERM")
letter("once", "k", DOWN, "\0")
letter("once", "ut", UP + ", normally down", "u", ["TERM", "ready"], ends_on="TERM")
letter("once", "p", UP + ", normally down, paused", "\0")
letter("once", "xt", "", "", ["TERM"], ends_on="TERM", end=0)


@scenario()
def odd_bytes_are_ignored(s):
    started(s)
    pid = s.pid("web")
    with open(s.path("web/supervise/control"), "wb") as control:
        control.write(b"\n\0 UDXOz\xff\x80-;?3\r\n")
        control.write(b"p\n")
    s.wait_svstat("web", PAUSED)
    s.see("the same process", s.pid("web") == pid)
    s.see("status", s.status("web"))
    with open(s.path("web/supervise/control"), "wb") as control:
        control.write(b"dx\n")
    s.see("end", s.end("supervise"))
    s.see("stderr", s.read("supervise.err"))


@scenario(differs={"signals": Differs("are encore's there, too", theirs="ready\nHUP\n",
                                      ours="ready\nQUIT\nUSR1\nUSR2\nWINCH\nHUP\n", by="daemons")})
def letters_of_encore(s):
    s.service("web", None)
    s.write("web/run", recorder.SIGNALS, 0o755)
    s.start("supervise", "web")
    told = "ready\n"
    s.wait_text("web/signals", told)
    for letter, name in (("q", "QUIT"), ("1", "USR1"), ("2", "USR2"), ("w", "WINCH"), ("h", "HUP")):
        with open(s.path("web/supervise/control"), "w", encoding="ascii") as control:
            control.write(letter)
        if s.has_our_daemons or letter == "h":
            told += name + "\n"
            s.wait_text("web/signals", told)
    s.see("signals", s.read("web/signals"))


@scenario()
def one_signal_after_the_other(s):
    s.service("web", None)
    s.write("web/run", recorder.SIGNALS, 0o755)
    s.start("supervise", "web")
    told = "ready\n"
    for letters, names in (("h", "HUP"), ("h", "HUP"), ("a", "ALRM"), ("c", "CONT"), ("i", "INT"), ("d", "TERM CONT")):
        s.wait_text("web/signals", told)
        s.run("svc", f"-{letters}", "web")
        told += names.replace(" ", "\n") + "\n"
    s.wait_text("web/signals", told)
    s.see_file("web/signals")
    s.run("svc", "-xk", "web")
    s.see("end", s.end("supervise"))


@scenario()
def many_writers_and_many_bytes(s):
    started(s, run=COUNTED + SLEEP)
    for _ in range(20):
        with open(s.path("web/supervise/control"), "wb") as control:
            control.write(b"pc" * 100)
    s.run("svc", "-p", "web")
    s.wait_svstat("web", PAUSED)
    s.see("runs", s.read("web/runs"))
    ended(s)


@scenario()
def letters_in_one_word(s):
    s.service("web", None, down=True)
    s.write("web/run", recorder.SIGNALS, 0o755)
    s.start("supervise", "web")
    s.wait_ok("web")
    s.run("svc", "-ox", "web")
    s.wait_text("web/signals", "ready\n")
    s.run("svc", "-aki", "web")
    s.see("end", s.end("supervise"))


@scenario()
def a_task_that_runs_once(s):
    s.service("web", COUNTED + "exit 3", down=True)
    s.start("supervise", "web")
    s.wait_ok("web")
    s.run("svc", "-o", "web")
    s.wait_text("web/runs", "run\n")
    s.wait_svstat("web", DOWN)
    s.run("svc", "-o", "web")
    s.wait_text("web/runs", "run\nrun\n")
    s.wait_svstat("web", DOWN)
    s.see("status", s.status("web"))
    s.run("svc", "-ox", "web")
    s.see("end", s.end("supervise"))
    s.see_file("web/runs")


@scenario()
def an_order_right_after_the_end(s):
    """Whoever has seen a job end can order the next one: its end is known before an order is taken."""
    s.service("web", "echo $$ >> runs; exec sleep 0.15", down=True)
    s.start("supervise", "web")
    s.wait_ok("web")
    with open(s.path("web/supervise/control"), "wb", buffering=0) as control:
        for number in range(1, 9):
            control.write(b"o")
            wait_until(lambda: s.read("web/runs").count("\n") == number, f"job {number} to run", seconds=10)
            pid = int(s.read("web/runs").split()[-1])
            while proc_alive(pid):
                pass
    s.run("svc", "-x", "web")
    s.see("end", s.end("supervise"))


@scenario()
def svok_before_while_and_after(s):
    s.service("web")
    s.run("svok", "web")
    s.run("svstat", "web")
    s.start("supervise", "web")
    s.wait_svstat("web", UP)
    s.run("svok", "web")
    s.run("svstat", "web")
    ended(s)
    s.run("svok", "web")
    s.run("svstat", "web")
    s.run("svc", "-u", "web")


@scenario()
def the_script_asks_about_itself(s):
    s.service("web", "svstat . > told.new; mv told.new told; svc -dx .; exec sleep 1000", down=True)
    s.start("supervise", "web")
    s.wait_ok("web")
    s.run("svc", "-u", "web")
    s.see("end", s.end("supervise"))
    s.see("told", re.sub(r"^\.: (up \(pid \d+\)|down) \d+ seconds(, normally (up|down))?(, want up)?\n$", "fine", s.read("web/told")))


@scenario()
def the_down_file_comes_and_goes(s):
    started(s)
    s.write("web/down", "")
    s.see("up", s.svstat("web"))
    s.run("svc", "-d", "web")
    s.wait_svstat("web", DOWN)
    s.path("web/down").unlink()
    s.see("down", s.svstat("web"))
    s.write("web/down", "")
    s.run("svc", "-u", "web")
    s.wait_svstat("web", UP + ", normally down")
    ended(s)


@scenario()
def signals_from_elsewhere_are_not_noticed(s):
    started(s)
    pid = s.pid("web")
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: b"T (stopped)" in read_proc(pid, "status"), "it to stop")
    s.see("stopped", s.svstat("web"))
    s.run("svc", "-p", "web")
    s.wait_svstat("web", PAUSED)
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: b"T (stopped)" not in read_proc(pid, "status"), "it to go on")
    s.see("going on", s.svstat("web"))
    ended(s)


# -- run and its end --------------------------------------------------------------------------------------------------

def cannot_run(name, prepare, message):
    """A run script that cannot be executed is told about, and tried again."""
    @scenario(name=f"run: {name}")
    def play(s):
        s.service("web", None)
        prepare(s)
        s.start("supervise", "web")
        line = f"supervise: fatal: unable to start web/run: {message}\n"
        s.wait_text("supervise.err", line + line)
        s.see("it says", sorted(set(s.read("supervise.err").splitlines())))
        s.run("svc", "-dx", "web")
        s.see("end", s.end("supervise"))
        s.see("stdout", s.read("supervise.out"))
        s.see("status", s.status("web"))


cannot_run("missing", lambda s: None, "file does not exist")
cannot_run("not executable", lambda s: s.write("web/run", "#!/bin/sh\n", 0o644), "access denied")
cannot_run("no interpreter line", lambda s: s.write("web/run", "exec sleep 1\n", 0o755), "exec format error")
cannot_run("an empty file", lambda s: s.write("web/run", "", 0o755), "exec format error")
cannot_run("an interpreter that is missing", lambda s: s.write("web/run", "#!/none\n", 0o755), "file does not exist")
cannot_run("a directory", lambda s: s.mkdir("web/run"), "access denied")
cannot_run("a dangling link", lambda s: s.path("web/run").symlink_to("none"), "file does not exist")
cannot_run("a loop of links", lambda s: s.path("web/run").symlink_to("run"), "symbolic link loop")


@scenario()
def names_in_messages_are_as_given(s):
    s.service("web", None)
    s.start("supervise", "./web/", name="first")
    s.wait_text("first.err", "unable to start")
    s.run("svc", "-dx", "web")
    s.end("first")
    s.see("first", sorted(set(s.read("first.err").splitlines())))
    s.start("supervise", s.path("web"), name="second")
    s.wait_text("second.err", "unable to start")
    s.run("svc", "-dx", "web")
    s.end("second")
    s.see("second", sorted(set(s.read("second.err").splitlines())))


@scenario()
def run_appears_later(s):
    s.service("web", None)
    s.start("supervise", "web")
    s.wait_text("supervise.err", "unable to start")
    s.script("web/run", COUNTED + SLEEP)
    s.wait_text("web/runs", "run")
    s.wait_svstat("web", UP)
    ended_quietly(s)


def ended_quietly(s):
    """Where the number of messages depends on timing."""
    s.run("svc", "-dx", "web")
    s.see("end", s.end("supervise"))
    s.see("messages", sorted(set(s.read("supervise.err").splitlines())))


@scenario()
def run_is_replaced(s):
    started(s, run="echo one >> runs; exec sleep 1000")
    s.wait_text("web/runs", "one")
    s.script("web/run", "echo two >> runs; exec sleep 1000")
    s.run("svc", "-t", "web")
    s.wait_text("web/runs", "two")
    s.wait_svstat("web", UP)
    s.see_file("web/runs")
    ended(s)


@scenario()
def run_is_a_link(s):
    s.service("web", None)
    s.script("elsewhere/start-it", 'echo "$0 $# $PWD" > told; exec sleep 1000')
    s.path("web/run").symlink_to("../elsewhere/start-it")
    s.start("supervise", "web")
    s.wait_text("web/told", "\n")
    s.see_file("web/told")
    s.wait_svstat("web", UP)
    ended(s)


for status in ("exit 0", "exit 1", "exit 100", "exit 111", "kill -TERM $$", "kill -KILL $$"):
    @scenario(name=f"restarted after: {status}")
    def restarted(s, status=status):
        s.service("web", COUNTED + status)
        s.start("supervise", "web")
        s.wait_text("web/runs", "run\n" * 3)
        s.run("svc", "-d", "web")
        s.wait_svstat("web", DOWN + ", normally up")
        s.see("status", s.status("web"))
        ended(s, letters="-x")


@scenario()
def at_most_one_start_a_second(s):
    s.service("web", "date +%s.%N >> starts; exit 0")
    s.start("supervise", "web")
    wait_until(lambda: s.read("web/starts").count("\n") >= 5, "5 starts", seconds=30)
    starts = [float(line) for line in s.read("web/starts").split()[:5]]
    gaps = [later - earlier for earlier, later in zip(starts, starts[1:])]
    # the script's own start-up may be slow on a busy machine, so only the sum is precise
    s.see("four seconds or more", sum(gaps) > 3.8)
    s.see("none at once", min(gaps) > 0.5)
    s.see("about one a second", min(gaps) < 1.3)
    ended(s)


@scenario()
def at_once_after_a_longer_life(s):
    s.service("web", "date +%s.%N >> times; sleep 1.2; date +%s.%N >> times; exit 0")
    s.start("supervise", "web")
    wait_until(lambda: s.read("web/times").count("\n") >= 9, "5 starts")
    times = [float(line) for line in s.read("web/times").split()]
    gaps = [start - end for end, start in zip(times[1::2], times[2::2])]
    s.see("at once", min(gaps) < 0.4)
    ended_quietly(s)


@scenario()
def an_order_in_the_first_second_is_not_lost(s):
    s.service("web", COUNTED + SLEEP)
    s.start("supervise", "web")
    s.wait_text("web/runs", "run")
    s.run("svc", "-d", "web")
    s.wait_svstat("web", DOWN + ", normally up")
    s.see_file("web/runs")
    ended(s, letters="-x")


@scenario(cites=["acts at once"])
def an_order_in_the_first_second_acts_at_once(s):
    s.service("web", "echo run >> runs; exec sleep 1000", down=True)
    s.start("supervise", "web")
    s.wait_ok("web")
    took = []
    for number in range(1, 4):
        s.run("svc", "-u", "web", see=False)
        s.wait_text("web/runs", "run\n" * number)
        begun = time.monotonic()
        s.run("svc", "-d", "web", see=False)
        s.wait_svstat("web", DOWN)
        took.append(time.monotonic() - begun)
    if s.has_our_daemons:
        s.ours("seconds until down", min(took), lambda seconds: seconds < 0.5)
    ended(s, letters="-x")


@scenario()
def grandchildren_are_not_waited_for(s):
    s.service("web", "sleep 1000 >/dev/null 2>&1 &\necho $! > child; echo run >> runs; exit 0")
    s.start("supervise", "web")
    s.wait_text("web/runs", "run\nrun\n")
    s.run("svc", "-d", "web")
    s.wait_svstat("web", DOWN + ", normally up")
    s.see("the last one lives", proc_alive(int(s.read("web/child"))))
    ended(s, letters="-x")


@scenario()
def output_goes_where_supervise_writes(s):
    s.service("web", "echo out; echo err >&2; cat; exec sleep 1000")
    s.write("input", "in\n")
    with open(s.path("input"), "rb") as stdin:
        s.start("supervise", "web", stdin=stdin)
    s.wait_text("supervise.out", "in\n")
    s.wait_svstat("web", UP)
    ended(s)


@scenario()
def what_a_service_inherits(s):
    s.service("web", None)
    s.write("web/run", recorder.INHERITED, 0o755)
    s.write("web/starter", "0")
    script = 'echo $$ > web/starter; umask 027; ulimit -S -n 333; ulimit -S -c 0; exec nice -n 3 supervise web'
    s.start("sh", "-c", script, name="supervise", env={"ODD": "a b", "PWD": None})
    s.wait_text("web/inherited", "\n")
    for line in s.read("web/inherited").splitlines():
        s.see(line.split(" ", 1)[0], line)
    s.wait_svstat("web", UP)
    ended(s)


@scenario()
def an_empty_environment(s):
    s.service("web", None)
    s.write("web/run", recorder.INHERITED, 0o755)
    s.write("web/starter", "0")
    s.start("env", "-i", s.bin / "supervise", "web", name="supervise")
    s.wait_text("web/inherited", "environment")
    s.see("environment", s.read("web/inherited").splitlines()[1])
    s.wait_svstat("web", UP)
    ended(s)


# -- directories that move --------------------------------------------------------------------------------------------

@scenario()
def the_directory_is_renamed(s):
    started(s, run=COUNTED + SLEEP)
    pid = s.pid("web")
    s.path("web").rename(s.path("renamed"))
    s.see("before", s.svstat("web"))
    s.wait_svstat("renamed", UP)
    s.run("svc", "-t", "renamed")
    s.wait_text("renamed/runs", "run\nrun\n")
    s.wait_pid("renamed", other_than=pid)
    s.wait_svstat("renamed", UP)
    s.path("renamed/run").unlink()
    s.run("svc", "-t", "renamed")
    s.wait_text("supervise.err", "unable to start web/run")
    s.run("svc", "-dx", "renamed")
    s.see("end", s.end("supervise"))
    s.see("messages", sorted(set(s.read("supervise.err").splitlines())))
    s.see("tree", s.tree())


@scenario()
def another_directory_takes_its_name(s):
    started(s)
    s.path("web").rename(s.path("old"))
    s.service("web", "exec sleep 2000")
    s.start("supervise", "web", name="second")
    s.wait_svstat("web", UP)
    s.see("both", (s.svstat("web"), s.svstat("old"), s.pid("web") != s.pid("old")))
    s.run("svc", "-dx", "old")
    s.see("end", s.end("supervise"))
    s.see("left", s.svstat("web"))
    s.run("svc", "-dx", "web")
    s.see("end of the second", s.end("second"))


@scenario()
def the_directory_is_removed(s):
    started(s, run=COUNTED + SLEEP)
    s.wait_text("web/runs", "run")
    pid = s.pid("web")
    s.run("rm", "-r", "web")
    s.see("it goes on", proc_alive(pid))
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: s.read("supervise.err").count("unable to start web/run: file does not exist") >= 2, "it to try again")
    s.see("messages", sorted(set(s.read("supervise.err").splitlines())))
    s.see("supervise goes on", s.processes["supervise"].poll())


@scenario()
def the_status_cannot_be_written(s):
    started(s)
    s.mkdir("web/supervise/status.new")
    s.run("svc", "-d", "web")
    s.wait_text("supervise.err", re.compile("(.*status.new.*\n){2}"))
    s.path("web/supervise/status.new").rmdir()
    s.run("svc", "-u", "web")
    s.wait_svstat("web", UP)
    s.run("svc", "-dx", "web")
    s.see("end", s.end("supervise"))
    s.see("messages", sorted(set(s.read("supervise.err").splitlines())))


# -- signals to supervise itself --------------------------------------------------------------------------------------

def ends_orderly(name, signo):
    @scenario(name=f"{name} to supervise", differs={
        "end": Differs("stops its service as `svc -dx` does", theirs=-signo, ours=0, by="daemons"),
        "the service lives": Differs("stops its service as `svc -dx` does", theirs=True, ours=False, by="daemons"),
        "signals": Differs("stops its service as `svc -dx` does", theirs="ready\n", ours="ready\nTERM\nCONT\n", by="daemons"),
        "status": Differs("stops its service as `svc -dx` does", theirs=lambda seen: seen["want"] == "u",
                          ours=lambda seen: (seen["pid"], seen["want"]) == (0, "d"), by="daemons")})
    def play(s):
        s.service("web", None)
        s.write("web/run", recorder.SIGNALS, 0o755)
        s.write("web/ends-on", "CONT")
        s.start("supervise", "web")
        s.wait_svstat("web", UP)
        s.wait_text("web/signals", "ready")
        pid = s.pid("web")
        s.see("end", s.end("supervise", signo))
        s.see("the service lives", proc_alive(pid))
        s.see("signals", s.read("web/signals"))
        s.see("status", s.status("web"))
        s.run("svok", "web")


ends_orderly("TERM", signal.SIGTERM)
ends_orderly("INT", signal.SIGINT)


@scenario(differs={
    "supervised": Differs("goes on under another pid", theirs=False, ours=True, by="daemons"),
    "svstat": Differs("goes on under another pid", theirs="supervise not running", ours=re.compile(r"up \(pid N\) S seconds"),
                      by="daemons")})
def kill_to_supervise(s):
    started(s, run=COUNTED + SLEEP)
    pid = s.pid("web")
    s.see("end", s.end("supervise", signal.SIGKILL))
    (s.wait_ok if s.has_our_daemons else s.wait_not_ok)("web")
    s.see("the service lives", proc_alive(pid))
    s.see("supervised", s.is_ok("web"))
    s.see("svstat", s.svstat("web"))
    s.see("runs", s.read("web/runs"))
    if s.is_ok("web"):
        s.run("svc", "-dx", "web", see=False)
        s.wait_not_ok("web")


if __name__ == "__main__":
    sys.exit(main())
