#!/usr/bin/python3
"""The small tools of daemontools and sv, ours beside Debian's: the scripts of tool_cases.py, and what needs more than a
script. As tool_pair.py says; without --ours also ours with Debian's supervise and the reverse.
"""
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios

import tool_cases
from tool_pair import BIN, PEERS, Differs, main, read_proc, scenario, wait_until
from harness import proc_state

PREAMBLE = r"""
exec 2>&1
t() { "$@"; echo "= $?"; }
must() { for i in $(seq 3000); do "$@" >/dev/null 2>&1 && return; sleep 0.02; done; echo "never: $*"; exit 1; }
must_not() { must not "$@"; }
not() { ! "$@"; }
record() {  # PID PAUSED WANT [SECONDS in octal escapes]: a status of 18 bytes
  printf "${4-\\100\\000\\000\\000\\153\\000\\000\\000}\\026\\350\\255\\154"
  for shift in 0 8 16 24; do printf "\\$(printf %03o $(($1 >> shift & 255)))"; done
  printf "\\$(printf %03o "$2")$3"
}
kept() { mkdir "$1"; printf '#!/bin/sh\nexec sleep 1000\n' >"$1/run"; chmod +x "$1/run"; }
teller() {  # a service that notes signals in its file `told`
  mkdir "$1"
  { echo '#!/bin/sh'; for s in HUP ALRM INT TERM; do echo "trap 'echo $s >>told' $s"; done
    echo ': >ready; while :; do sleep 0.02; done'; } >"$1/run"
  chmod +x "$1/run"
}
supervised() { for d; do env --default-signal supervise "$d" </dev/null >/dev/null 2>&1 & done; for d; do must svok "$d"; done; }
shows() { svstat "$2" | grep -q -e "$1"; }
up() { shows ': up' "$1" && { ! grep -q ready "$1/run" || test -e "$1/ready"; }; }
down() { shows ': down' "$1"; }
told() { grep -q "$1" "$2/told"; }
pid_of() { svstat "$1" | sed -n 's/.*(pid \([0-9]*\)).*/\1/p'; }
another() { new=$(pid_of "$2"); [ -n "$new" ] && [ "$new" != "$1" ]; }
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
"""


def script(name, text, **how):
    """One scenario: what a shell script says with both kinds of tools, and the files that it leaves."""
    @scenario(name=name.removeprefix("ROOT "), needs_root=name.startswith("ROOT "), **how)
    def play(s):
        s.see("said", s.run("bash", "-c", PREAMBLE + text, see=False).out)
        s.see("left", {path: what for path, what in s.tree().items() if "supervise/" not in path and "told" not in path})


for case, words in tool_cases.ALL.items():
    script(case, words)
for case, words in tool_cases.SUPERVISED.items():
    script(f"supervised {case}" if not case.startswith("ROOT ") else f"ROOT supervised {case[5:]}", words)


# -- intended differences ---------------------------------------------------------------------------------------------

def differs(name, text, cites, ours, theirs=lambda said: True):
    script(name, text, differs={"said": Differs(cites, ours, theirs, by="clients")})


CONTROLLED = "mkdir -p a/supervise; : >a/supervise/control; "
differs("svc with the letters of encore", CONTROLLED + "t svc -q1w2 a; cat a/supervise/control",
        "sends them in both dialects", "= 0\nq1w2", lambda said: "illegal option -- q" in said)
differs("svc with the addresses of encore", CONTROLLED + "t svc -d+Lud=d a; cat a/supervise/control",
        "sends them in both dialects", "= 0\nd+Lud=", lambda said: "illegal option -- +" in said)
differs("svstat cannot read a status", "mkdir -p a/supervise/status; : >a/supervise/ok; t svstat a",
        "it was a slip", "a: unable to read supervise/status: is a directory\n= 0\n", lambda said: said.startswith("a: down"))
differs("envdir and a dangling link", "mkdir e; echo one >e/A; ln -s nowhere e/B; ln -s nowhere e/C; export B=old C=old; "
        "t envdir e sh -c 'echo \"[$A${B-none}${C-none}]\"'", "removes the variable, as for an empty file", "[onenonenone]\n= 0\n",
        lambda said: "one]" in said or "oneone" in said)
for label in ("@", "@4", "@4000000037C219BF2EF02E94", "@ffffffffffffffff00000000", "@0000000037c219bf2ef02e94"):
    shown = re.sub("@[0-9a-f]{24}", "@STAMP", label)
    differs(f"tai64nlocal and {label}", f"printf '{label} x\\ny\\n' | sh -c 'tai64nlocal; echo = $?'", "passes the line unchanged",
            f"{shown} x\ny\n= 0\n", lambda said: "= 139" in said)
differs("SUPERVISEDIR", "mkdir -p a/state; : >a/state/control; export SUPERVISEDIR=state; t svc -u a; cat a/state/control; rm -r a",
        "is honoured in both dialects", "= 0\nu", lambda said: "unable to control a" in said)


# -- readproctitle ----------------------------------------------------------------------------------------------------

def show_title(s, name, words, pieces):
    """What ps would show after each piece of input."""
    reader = s.start("readproctitle", *words, name=name, stdin=subprocess.PIPE)
    for piece in pieces:
        reader.stdin.write(piece)
        reader.stdin.flush()

        def taken():
            waiting = struct.unpack("i", fcntl.ioctl(reader.stdin.fileno(), termios.FIONREAD, b"\0\0\0\0"))[0]
            return waiting == 0 and proc_state(reader.pid) == "S"
        wait_until(taken, "readproctitle to take all and wait for more")
        s.see(f"{name} after {piece!r}", read_proc(reader.pid, "cmdline").split(b"\0")[1:])
    reader.stdin.close()
    s.see(f"{name} ends", s.end(name))


@scenario()
def readproctitle_shows_the_newest_bytes(s):
    show_title(s, "title", ["service", "errors:", "." * 20], [b"hello\nworld", b"\0!", b"x" * 100, bytes(range(1, 256))])


@scenario()
def readproctitle_overwrites_what_was_there(s):
    show_title(s, "title", ["some text that was there"], [b"a", b"b"])
    show_title(s, "short", ["abcde"], [b"x", b"y", b"z"])


# -- sv ---------------------------------------------------------------------------------------------------------------

def runsv(s, name, **how):
    s.service(name, **how)
    s.start(PEERS / "bin/runsv", name, name=f"runsv-{name}")
    s.wait_ok(name)


def sv(s, *words, see=True, env=None):
    ended = s.run("sv", *words, see=False, env=env)
    if see:
        s.see("sv " + " ".join(words), {"status": ended.status, "out": without_times(ended.out), "err": ended.err})
    return ended


def without_times(text):
    return re.sub(r"\b\d+s\b", "Ns", text)


def wait_sv(s, name, text):
    wait_until(lambda: text in s.run("sv", "status", name, see=False).out, f"{text!r} of {name}")


@scenario()
def sv_usage(s):
    for words in ([], ["-z"], ["-w"], ["up"], ["zap", "a"], ["r", "a"], ["force", "a"], ["-v"], ["", "a"], ["-w3", "status"]):
        sv(s, *words)


@scenario()
def sv_and_directories_that_are_none(s):
    s.mkdir("a")
    s.mkdir("b/supervise")
    os.mkfifo(s.path("b/supervise/ok"))
    s.write("f", "")
    for verb in ("status", "up", "start", "exit", "shutdown", "check"):
        sv(s, "-w1", verb, "./nowhere", "./a", "./b", "./f")
    sv(s, "status", "b/", "nowhere/")
    sv(s, "status", "nowhere", env={"SVDIR": str(s.dir)})
    sv(s, "status", "a", env={"SVDIR": "/nowhere"})


@scenario()
def sv_shows_status(s):
    runsv(s, "a")
    wait_sv(s, "./a", "run: ")
    sv(s, "status", "./a", "a/", "./a/../a")
    sv(s, "s", "a", env={"SVDIR": str(s.dir)})
    s.write("a/down", "")
    sv(s, "status", "./a")
    sv(s, "pause", "./a")
    wait_sv(s, "./a", "paused")
    sv(s, "status", "./a")
    sv(s, "cont", "./a")
    sv(s, "down", "./a")
    wait_sv(s, "./a", "down: ")
    sv(s, "once", "./a")
    wait_sv(s, "./a", "run: ")
    sv(s, "status", "./a")
    sv(s, "kill", "./a")
    wait_sv(s, "./a", "down: ")
    sv(s, "status", "./a")


@scenario()
def sv_shows_a_log(s):
    runsv(s, "a", log="exec cat")
    wait_sv(s, "./a", "run: log: ")
    wait_sv(s, "./a", "run: ./a: ")
    sv(s, "status", "./a")
    s.write("a/log/down", "")
    sv(s, "status", "./a")
    s.run("sv", "down", "./a/log")


@scenario()
def sv_waits(s):
    runsv(s, "a", down=True)
    for words in (["start"], ["stop"], ["-v", "up"]):
        sv(s, *words, "./a")
    s.wait_pid("a")
    for words in (["restart"], ["try-restart"], ["-v", "term"], ["force-restart"]):
        pid = s.pid("a")
        sv(s, *words, "./a")
        s.wait_pid("a", other_than=pid)  # runit's looks at whole seconds, and so may not have waited for it
    for words in (["-v", "down"], ["check"], ["force-stop"], ["start"], ["check"]):
        sv(s, *words, "./a")
    sv(s, "shutdown", "./a")
    s.wait_not_ok("a")
    sv(s, "status", "./a")
    sv(s, "exit", "./a")


@scenario()
def sv_reloads(s):
    runsv(s, "a", run="trap '' HUP; : >ready; exec sleep 1000")
    wait_until(lambda: s.file("a/ready"), "the service's trap")
    wait_sv(s, "./a", "run: ")
    sv(s, "reload", "./a")


@scenario()
def sv_gives_up(s):
    s.service("a", "trap '' TERM; : >ready; while :; do sleep 0.1; done")
    s.start(PEERS / "bin/runsv", "a", name="runsv")
    s.wait_ok("a")
    wait_until(lambda: s.file("a/ready"), "the service's trap")
    wait_sv(s, "./a", "run: ")
    sv(s, "-w1", "stop", "./a")
    sv(s, "status", "./a")
    sv(s, "-w1", "force-stop", "./a")
    wait_sv(s, "./a", "down: ")
    sv(s, "status", "./a")


@scenario()
def sv_asks_the_check_script(s):
    runsv(s, "a")
    s.script("a/check", "[ -e good ]")
    sv(s, "-w1", "start", "./a")
    s.write("a/good", "")
    sv(s, "start", "./a")
    sv(s, "check", "./a")
    s.path("a/check").unlink()
    s.write("a/check", "no script", 0o644)
    sv(s, "check", "./a")


@scenario()
def sv_several_services(s):
    for name in "abc":
        runsv(s, name, down=name == "b")
    wait_sv(s, "./a", "run: ")
    wait_sv(s, "./c", "run: ")
    sv(s, "status", "./a", "./b", "./nowhere", "./c")
    sv(s, "-w1", "start", "./a", "./nowhere", "./b")
    sv(s, "stop", *["./a", "./nowhere"] * 60)


@scenario()
def sv_by_another_name(s):
    runsv(s, "web")
    wait_sv(s, "./web", "run: ")
    s.path("web.init").mkdir()
    s.path("web.init/web").symlink_to(s.bin / "sv")
    s.path("web.init/gone").symlink_to(s.bin / "sv")
    env = {"SVDIR": str(s.dir)}
    for words in (["status"], ["stop"], ["status"], ["start"], ["-w3", "restart"], ["s"], ["zap"], [], ["-z"]):
        ended = s.run("web.init/web", *words, see=False, env=env)
        s.see(f"web {words}", {"status": ended.status, "out": without_times(ended.out), "err": ended.err})
        if words == ["stop"]:
            wait_sv(s, "./web", "down: ")
    s.run("web.init/gone", "status", env=env)
    s.mkdir("gone")
    s.run("web.init/gone", "status", env=env)


def written(s, name, record, verb, options=()):
    """What sv writes into the control of a supervisor with this record. Both fifos are held by the test."""
    folder = s.path(f"{name}/supervise")
    folder.mkdir(parents=True)
    fifos = {}
    for fifo in ("ok", "control"):
        os.mkfifo(folder / fifo)
        fifos[fifo] = os.open(folder / fifo, os.O_RDWR | os.O_NONBLOCK)
    (folder / "status").write_bytes(record)
    try:
        sv(s, *options, verb, f"./{name}", see=False)
        try:
            return os.read(fifos["control"], 100)
        except BlockingIOError:
            return b""
    finally:
        for fd in fifos.values():
            os.close(fd)


def runsv_record(pid, want, kind, term=0):
    return bytes.fromhex("400000006b000000") + b"\0" * 4 + struct.pack("<I", pid) + b"\0" + want + bytes([term, kind])


@scenario()
def sv_writes(s):
    verbs = ["up", "down", "once", "exit", "pause", "cont", "hup", "alarm", "interrupt", "quit", "1", "2", "term", "kill", "u", "x", "e"]
    for number, verb in enumerate(verbs):
        s.see(verb, written(s, f"run{number}", runsv_record(7, b"d" if verb[0] == "u" else b"u", 1), verb))
    for number, verb in enumerate(["start", "stop", "restart", "reload", "try-restart", "force-stop", "force-restart", "force-reload",
                                   "shutdown", "force-shutdown", "D", "T", "X", "check"]):
        s.see(verb, written(s, f"wait{number}", runsv_record(7, b"d" if verb == "start" else b"u", 1), verb, ["-w0"]))


@scenario(differs={"up again": Differs("writes, save for `down`", ours="u", theirs="", by="clients")})
def sv_writes_what_is_wanted_already(s):
    s.see("up again", written(s, "up", runsv_record(7, b"u", 1), "up"))
    s.see("down again", written(s, "down", runsv_record(7, b"d", 1, 1), "down"))
    s.see("down after once", written(s, "once", runsv_record(7, b"d", 1, 0), "down"))


def of_supervise(ours):
    """runit's sv cannot read a status of 18 bytes."""
    return Differs("supervise's, too, of 18, 20 and 40 bytes", by="clients", ours={"status": 0, "out": ours, "err": ""},
                   theirs=lambda value: "bad format" in value["out"])


@scenario(differs={"sv -w20 restart ./a": of_supervise("ok: run: ./a: (pid N) Ns\n"),
                   "sv -w20 stop ./a": of_supervise("ok: down: ./a: Ns, normally up\n"),
                   "sv -w20 shutdown ./a": of_supervise("ok: ./a: runsv not running\n")})
def sv_of_supervise(s):
    s.service("a")
    s.start("supervise", "a")
    s.wait_ok("a")
    pid = s.wait_pid("a")
    if sv(s, "-w20", "restart", "./a").status == 0:
        s.ours("another process", s.pid("a") != pid, True)
    sv(s, "-w20", "stop", "./a")
    sv(s, "-w20", "shutdown", "./a")


if __name__ == "__main__":
    chosen = any(word.startswith("--ours") for word in sys.argv)
    if not chosen and not (BIN / "supervise").exists():
        sys.argv += ["--ours", "clients"]
        chosen = True
    status = main()
    for ours in () if chosen else ("clients", "daemons"):
        status |= subprocess.run([sys.executable, "-B", __file__, "-k", "supervise", "--ours", ours, *sys.argv[1:]],
                                 check=False).returncode
    sys.exit(status)
