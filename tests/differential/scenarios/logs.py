"""What becomes of a program's output: files, special files, reopening, clearing, echo, syslog."""
import contextlib
import os
import re
import socket
import subprocess
import threading

from programs import probe, quiet, quitter, sh
from scenario import Differs, Skipped, scenario
from side import wait_until


@scenario(short=True)
def two_files(s):
    s.start({"a": quitter(sh("echo out; echo err >&2; printf 'no newline'"), stdout_logfile="%(here)s/a.out", stderr_logfile="%(here)s/a.err")},
            wrap=["/bin/sh", "-c", 'umask 022; exec "$@"', "sh"])
    s.wait_state("a", "EXITED")
    s.see("files", {name: (s.read(name), s.mode(name)) for name in ("a.out", "a.err")})


@scenario(short=True)
def redirected_stderr(s):
    s.start({"a": quitter(sh("echo 1; echo 2 >&2; echo 3"), stdout_logfile="%(here)s/a.out", stderr_logfile="%(here)s/a.err", redirect_stderr="true")})
    s.wait_state("a", "EXITED")
    s.see("files", (s.read("a.out"), s.read("a.err")))
    s.see("info", {key: s.info("a")[key] for key in ("stdout_logfile", "stderr_logfile", "logfile")})
    s.see("warnings", s.log("WARN For"))


@scenario(short=True)
def auto_and_none(s):
    s.start({"auto": {"command": sh("echo hello; echo oops >&2; exec sleep 1000"), "startsecs": 0, "redirect_stderr": "false"},
             "none": quiet(sh("echo hello; exec sleep 1000")), "off": quiet(stdout_logfile="off", stderr_logfile=""),
             "word": {"command": "/bin/sleep 1000", "stdout_logfile": "Auto", "stderr_logfile": "None"}})
    s.wait_all("RUNNING")
    log = s.rpc.getProcessInfo("auto")["stdout_logfile"]
    wait_until(lambda: os.path.getsize(log), "output")
    s.see("auto", open(log, encoding="utf-8").read())
    s.see("names", s.names("auto"))
    s.see("info", {name: [s.info(name)[key] for key in ("stdout_logfile", "stderr_logfile")] for name in ("auto", "none", "off", "word")})


@scenario()
def auto_logs_survive_restarts_of_the_program(s):
    s.start({"a": {"command": sh("echo $$; exec sleep 1000"), "startsecs": 0}})
    s.wait_state("a", "RUNNING")
    log = s.rpc.getProcessInfo("a")["stdout_logfile"]
    wait_until(lambda: os.path.getsize(log), "output")
    s.rpc.stopProcess("a")
    s.rpc.startProcess("a")
    wait_until(lambda: open(log, encoding="utf-8").read().count("\n") == 2, "both lines")
    s.see("the same file", s.rpc.getProcessInfo("a")["stdout_logfile"] == log)


@scenario()
def a_log_is_appended_to(s):
    s.write("a.out", "old\n")
    s.start({"a": quitter(sh("echo new"), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "EXITED")
    s.see("file", s.read("a.out"))


@scenario()
def relative_names_and_home(s):
    (s.dir / "sub").mkdir()
    s.start({"a": quitter(sh("echo relative"), stdout_logfile="sub/../a.out"), "b": quitter(sh("echo home"), stdout_logfile="~/b.out")})
    s.wait_all("EXITED")
    s.see("files", (s.read("a.out"), s.read("b.out")))
    s.see("info", s.info("a")["stdout_logfile"])


@scenario()
def names_with_numbers_and_percent(s):
    s.start({"a": quitter(sh("echo $0"), numprocs=2, process_name="a%(process_num)d", stdout_logfile="%(here)s/%(program_name)s.%(process_num)02d.100%%%%")})
    s.wait_all("EXITED")
    s.see("files", [name for name in s.names(".") if name.startswith("a.")])


@scenario()
def output_before_an_exit_is_not_lost(s):
    s.start({"a": quitter(sh("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done"), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "EXITED")
    s.ours("last line", s.read("a.out").splitlines()[-1], "line 2999")
    s.see("first line", s.read("a.out").splitlines()[0])


@scenario()
def bytes_are_kept_as_they_are(s):
    s.start({"a": quitter(sh(r"printf '\000\001\377\r\n\033[31m'"), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "EXITED")
    s.see("file", list((s.dir / "a.out").read_bytes()))


@scenario()
def dev_null_and_dev_stderr(s):
    s.start({"null": quiet(sh("echo null; exec sleep 1000"), stdout_logfile="/dev/null", stdout_logfile_maxbytes=0),
             "err": quiet(sh("echo to the stderr of the daemon; exec sleep 1000"), stdout_logfile="/dev/stderr", stdout_logfile_maxbytes=0)})
    s.wait_all("RUNNING")
    s.wait_file("err", "daemon")
    s.see("stderr", s.read("err"))
    s.see("null", os.path.getsize("/dev/null"))


@scenario()
def dev_stdout(s):
    s.start({"a": quiet(sh("echo hello; exec sleep 1000"), stdout_logfile="/dev/stdout", stdout_logfile_maxbytes=0)}, "-n", "-s")
    s.wait_file("out", "hello")
    s.see("stdout", s.read("out"))


@scenario()
def a_fifo(s):
    os.mkfifo(s.dir / "fifo")
    got = []

    def read():
        with open(s.dir / "fifo", "rb") as fifo:
            got.append(fifo.readline())
    reader = threading.Thread(target=read)
    reader.start()
    try:
        s.start({"a": quiet(sh("echo hello; exec sleep 1000"), stdout_logfile="%(here)s/fifo", stdout_logfile_maxbytes=0)})
        wait_until(lambda: got, "a line")
    finally:
        os.close(os.open(s.dir / "fifo", os.O_RDWR | os.O_NONBLOCK))  # a reader without a writer goes home
        reader.join(5)
    s.see("line", got[0].decode())


@scenario(short=True)
def echo_at_level_debug(s):
    s.start({"a": quiet(sh(r"echo out; sleep 0.2; echo err >&2; sleep 0.2; printf 'ok\377'; exec sleep 1000"), stdout_logfile="%(here)s/a.out",
                        stderr_logfile="%(here)s/a.err")}, supervisord={"loglevel": "debug"})
    s.wait_file("a.out", "ok")
    s.wait_log("Undecodable")
    lines = s.log()
    s.see("echo", [lines[i:i + 2] for i, line in enumerate(lines) if "output" in line])


@scenario()
def no_echo_without_a_log(s):
    s.start({"a": quiet(sh("echo out; exec sleep 1000"))}, supervisord={"loglevel": "debug"})
    s.wait_log("output")
    lines = s.log()
    s.see("echo", [lines[i:i + 2] for i, line in enumerate(lines) if "output" in line])


@scenario(short=True)
def clearing_a_program_s_log(s):
    s.start({"a": quiet(probe("tell-signals"), stdout_logfile="%(here)s/a.out", stderr_logfile="%(here)s/a.err"),
             "off": quiet(autostart="false", stdout_logfile="%(here)s/off.out")})
    s.write("a.out.1", "backup")
    s.write("off.out", "kept")
    s.wait_file("a.out", "ready")
    s.see("answer", s.call("clearProcessLogs", "a"))
    s.see("file", s.read("a.out"))
    s.rpc.signalProcess("a", "HUP")
    s.wait_file("a.out", "HUP")
    s.see("afterwards", (s.read("a.out"), s.read("a.out.1")))
    s.see("not running", (s.call("clearProcessLogs", "off"), s.read("off.out")))
    s.see("unknown", s.call("clearProcessLogs", "nope"))
    s.see("all", s.call("clearAllProcessLogs"))


@scenario()
def clearing_the_activity_log(s):
    s.start({"a": quiet(autostart="false")})
    old = os.open(s.dir / "s.log", os.O_RDONLY)
    try:
        s.see("answer", s.call("clearLog"))
        s.see("new file", s.log())
        s.see("old file ends with", s.normal(os.read(old, 65536).decode().splitlines()[-1][24:]))
        s.see("removed", os.fstat(old).st_nlink)
    finally:
        os.close(old)
    s.rpc.startProcess("a")
    s.see("afterwards", s.log("spawned"))
    (s.dir / "s.log").unlink()
    s.see("without a file", s.call("clearLog"))


@scenario()
def reading_logs(s):
    s.start({"a": quiet(sh("echo 0123456789; echo oops >&2; exec sleep 1000"), stdout_logfile="%(here)s/a.out", stderr_logfile="%(here)s/a.err"),
             "none": quiet(autostart="false"), "never": quiet(autostart="false", stdout_logfile="%(here)s/never.out")})
    s.wait_file("a.out", "9\n")
    s.wait_file("a.err", "oops\n")
    for offset, length in ((0, 0), (0, 4), (2, 3), (-4, 0), (-100, 0), (5, -1), (-3, 2), (99, 5), (11, 0), (0, 999)):
        s.see(f"{offset} {length}", s.call("readProcessStdoutLog", "a", offset, length))
    for offset, length in ((0, 5), (4, 3), (0, 0), (99, 9)):
        s.see(f"tail {offset} {length}", s.call("tailProcessStdoutLog", "a", offset, length))
    s.see("stderr", s.call("readProcessStderrLog", "a", 0, 0))
    s.see("none", s.call("readProcessStdoutLog", "none", 0, 0))
    s.see("never", s.call("readProcessStdoutLog", "never", 0, 0))
    s.see("unknown", s.call("readProcessStdoutLog", "nope", 0, 0))
    s.see("main", s.call("readLog", 24, 36))


@scenario(differs={"after the next start": Differs("a log that was deleted is written to until it is reopened", theirs="ready\n",
                                                   ours="TERM\nready\n")})
def removing_a_log_under_a_program(s):
    s.start({"a": quiet(probe("tell-signals"), stdout_logfile="%(here)s/a.out", stdout_logfile_maxbytes=0)})
    s.wait_file("a.out", "ready")
    (s.dir / "a.out").unlink()
    s.rpc.stopProcess("a")
    s.rpc.startProcess("a")
    s.wait_file("a.out", "ready")
    s.see("after the next start", s.read("a.out"))


@scenario(differs={"bytes": Differs("after a rotation a file truncated from outside has a hole of zeros", ours="new\n",
                                    theirs=lambda text: text.startswith("\0") and text.endswith("new\n"))})
def truncated_from_outside_after_a_rotation(s):
    s.start({"a": quiet(sh("echo 1234567890; while [ ! -e a.out.1 ]; do sleep 0.05; done; echo after; while [ ! -e go ]; do sleep 0.05; done; echo new; exec sleep 1000"), directory="%(here)s",
                        stdout_logfile="%(here)s/a.out", stdout_logfile_maxbytes=11)})
    s.wait_file("a.out", "after")
    os.truncate(s.dir / "a.out", 0)
    s.write("go", "")
    s.wait_file("a.out", "new")
    s.see("bytes", s.read("a.out"))


@scenario()
def truncated_from_outside_before_any_rotation(s):
    s.start({"a": quiet(probe("tell-signals"), stdout_logfile="%(here)s/a.out")})
    s.wait_file("a.out", "ready")
    os.truncate(s.dir / "a.out", 0)
    s.rpc.signalProcess("a", "HUP")
    s.wait_file("a.out", "HUP")
    s.see("bytes", s.read("a.out"))


# A /dev of its own, with the socket DIR/syslog as /dev/log.
OWN_DEV = """cd "$0" && mkdir dev && mount -t tmpfs dev dev || exit 99
for name in null zero random urandom log; do : > dev/$name; done
for name in null zero random urandom; do mount --bind /dev/$name dev/$name; done
mount --bind syslog dev/log && mount --rbind dev /dev && exec "$@" """


class Syslog:
    """Datagrams sent to /dev/log by a daemon that is started with `wrap`."""

    def __init__(self, s):
        if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode != 0:
            raise Skipped("no mount namespaces")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(str(s.dir / "syslog"))
        self.wrap = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", OWN_DEV, str(s.dir)]
        self.got = []

    def wait(self, text):
        """All messages up to one that contains `text`, times cut out."""
        def look():
            with contextlib.suppress(BlockingIOError):
                while True:
                    message = self.socket.recv(65536).decode("utf-8", "backslashreplace").rstrip("\0\n")
                    self.got.append(re.sub(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", "TIME ", message))
            return any(text in message for message in self.got)
        wait_until(look, lambda: f"{text!r} in {self.got}")
        return self.got


@scenario(short=True, needs_root=True)
def syslog_of_a_program(s):
    syslog = Syslog(s)
    s.start({"a": quiet(sh("echo one; exec sleep 1000"), stdout_syslog="true", stdout_logfile="%(here)s/a.out"),
             "b": quiet(sh("while [ ! -e go ]; do sleep 0.05; done; printf 'x\\n\\n y \\n' >&2; exec sleep 1000"), directory="%(here)s",
                        stderr_syslog="true")}, wrap=syslog.wrap)
    syslog.wait("one")
    s.write("go", "")
    s.see("messages", syslog.wait(" y"))
    s.see("file", s.read("a.out"))


@scenario(needs_root=True)
def syslog_as_the_name_of_a_log(s):
    syslog = Syslog(s)
    s.start({"a": quiet(sh("echo out; exec sleep 1000"), stdout_logfile="syslog")}, wrap=syslog.wrap)
    s.see("messages", syslog.wait("out"))
    s.see("info", s.info("a")["stdout_logfile"])
    s.see("warnings", s.log("WARN"))


@scenario(needs_root=True)
def syslog_as_the_activity_log(s):
    syslog = Syslog(s)
    s.start({"a": quiet()}, supervisord={"logfile": "syslog"}, wrap=syslog.wrap)
    s.see("messages", [re.sub(r"pid \d+", "pid N", message) for message in syslog.wait("success: a")])
    s.see("stdout", s.log(name="out"))


@scenario(differs={"kind": Differs("clearing or rotating a log unlinks whatever it names", theirs="-", ours="p")})
def clearing_what_is_no_file(s):
    os.mkfifo(s.dir / "fifo")
    reader = os.open(s.dir / "fifo", os.O_RDWR | os.O_NONBLOCK)
    try:
        s.start({"a": quiet(stdout_logfile="%(here)s/fifo", stdout_logfile_maxbytes=0)})
        s.wait_state("a", "RUNNING")
        s.see("answer", s.call("clearProcessLogs", "a"))
        s.see("kind", s.mode("fifo")[0])
    finally:
        os.close(reader)


@scenario(differs={"complaints": Differs("logs on a fifo or tty need `maxbytes=0` | are never rotated |", theirs=1, ours=0)})
def a_fifo_with_a_limit(s):
    os.mkfifo(s.dir / "fifo")
    reader = os.open(s.dir / "fifo", os.O_RDWR | os.O_NONBLOCK)
    try:
        s.start({"a": quiet(sh("echo hello; exec sleep 1000"), stdout_logfile="%(here)s/fifo")})
        got = wait_until(lambda: read_some(reader), "a line")
        s.see("line", got)
        if s.is_original:
            s.wait_log("CRIT uncaptured python exception")
        s.see("complaints", len(s.log("CRIT uncaptured")))
        s.see("state", s.state("a"))
    finally:
        os.close(reader)


def read_some(fd):
    with contextlib.suppress(BlockingIOError):
        return os.read(fd, 1000).decode()
    return ""


@scenario(differs={"file": Differs("negative `maxbytes`: the log stays empty", theirs="", ours="hello\n")})
def a_negative_limit(s):
    s.start({"a": quiet(probe("echo-stdin"), stdout_logfile_maxbytes=0), "b": quitter(sh("echo hello"), stdout_logfile="%(here)s/b.out",
                                                                                     stdout_logfile_maxbytes=-1)})
    s.wait_state("b", "EXITED")
    s.see("file", s.read("b.out"))


@scenario(cites=["| a log that cannot be written raises and loses the chunk |"])
def a_full_disk(s):
    """/dev/full takes nothing."""
    s.start({"a": quiet(sh("echo one; echo two; exec sleep 1000"), stdout_logfile="/dev/full", stdout_logfile_maxbytes=0)})
    s.wait_state("a", "RUNNING")
    if not s.is_original:
        s.wait_log("No space left on device")
    s.see("state", s.state("a"))
    s.ours("told once", len(s.log("No space left on device")), 1)


@scenario(needs_root=True, cites=["syslog gets no line that is not UTF-8"])
def syslog_of_bytes_that_are_not_utf8(s):
    syslog = Syslog(s)
    s.start({"a": quiet(sh(r"printf 'bad \377\n'; while [ ! -e go ]; do sleep 0.05; done; echo good; exec sleep 1000"), directory="%(here)s",
                        stdout_syslog="true", stdout_logfile="%(here)s/a.out")}, wrap=syslog.wrap)
    s.wait_file("a.out", "bad")
    s.write("go", "")
    messages = syslog.wait("good")
    s.see("good", messages[-1])
    s.ours("bad", messages[0], "<14>TIME supervisord: a bad \\xff")
