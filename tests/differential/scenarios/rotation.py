"""Rotation: when, in what order files are renamed, what they hold, of programs and of the activity log."""
import os
import signal

from programs import probe, quiet, sh
from scenario import scenario
from side import wait_until


def steps(lines, wait="0.05"):
    """A program that writes each line when the file `N` appears, so that each is read on its own."""
    tell = "".join(f"while [ ! -e step{number} ]; do sleep {wait}; done; printf '{line}'; " for number, line in enumerate(lines))
    return sh(f"{tell}exec sleep 1000")


def rotated(s, lines, **keys):
    """Contents of the log and its backups after these lines."""
    s.start({"a": quiet(steps(lines), directory="%(here)s", stdout_logfile="%(here)s/a.out", **keys)})
    for number, line in enumerate(lines):
        s.write(f"step{number}", "")
        text = line.replace("\\n", "\n")
        wait_until(lambda: any(text in (s.read(name) or "") for name in os.listdir(s.dir) if name.startswith("a.out"))
                   or keys.get("stdout_logfile_backups") == 0 and s.rpc.getProcessInfo("a")["state"] == 20 and s.read("a.out") == "",
                   lambda: f"{text!r} in some file: {contents(s)}")
    return contents(s)


def contents(s):
    return {name: s.read(name) for name in s.names(".") if name.startswith("a.out")}


TEN = [f"{number}23456789\\n" for number in range(10)]


@scenario(short=True)
def backups_are_shifted(s):
    s.see("files", rotated(s, TEN[:5], stdout_logfile_maxbytes=10, stdout_logfile_backups=3))


@scenario()
def below_the_limit_nothing_happens(s):
    s.see("files", rotated(s, TEN[:2], stdout_logfile_maxbytes=21))


@scenario()
def exactly_at_the_limit(s):
    s.see("files", rotated(s, TEN[:3], stdout_logfile_maxbytes=20))


@scenario()
def a_write_is_never_split(s):
    s.see("files", rotated(s, ["x" * 95 + "\\n", "y\\n", "z" * 30 + "\\n"], stdout_logfile_maxbytes=10))


@scenario(short=True)
def without_backups_the_file_is_emptied(s):
    s.start({"a": quiet(steps(TEN[:2]), directory="%(here)s", stdout_logfile="%(here)s/a.out", stdout_logfile_maxbytes=15, stdout_logfile_backups=0)})
    s.write("step0", "")
    s.wait_file("a.out", "0234")
    s.write("step1", "")
    wait_until(lambda: s.read("a.out") == "", lambda: f"an empty file: {contents(s)}")
    s.see("files", contents(s))


@scenario()
def without_a_limit_nothing_is_rotated(s):
    s.see("files", rotated(s, TEN, stdout_logfile_maxbytes=0, stdout_logfile_backups=2))


@scenario()
def default_number_of_backups(s):
    s.see("files", rotated(s, TEN + ["a23456789\\n", "b23456789\\n"], stdout_logfile_maxbytes="10"))


@scenario()
def old_backups_beyond_the_number_stay(s):
    s.write("a.out.7", "from another life")
    s.write("a.out.2", "second")
    s.see("files", rotated(s, TEN[:2], stdout_logfile_maxbytes=10, stdout_logfile_backups=2))


@scenario()
def gaps_between_backups(s):
    s.write("a.out.3", "third")
    s.see("files", rotated(s, TEN[:2], stdout_logfile_maxbytes=10, stdout_logfile_backups=5))


@scenario()
def a_file_that_is_too_large_at_the_start(s):
    s.write("a.out", "from before, more than ten bytes\n")
    s.see("files", rotated(s, ["x\\n"], stdout_logfile_maxbytes=10))


@scenario()
def stderr_has_its_own_limits(s):
    s.start({"a": quiet(sh("echo 0123456789; echo 0123456789 >&2; exec sleep 1000"), stdout_logfile="%(here)s/a.out", stderr_logfile="%(here)s/a.out.err",
                        stdout_logfile_maxbytes=100, stderr_logfile_maxbytes=5, stderr_logfile_backups=1)})
    s.wait_file("a.out.err.1", "9\n")
    s.wait_file("a.out", "9\n")
    s.see("files", contents(s))


@scenario()
def sizes_in_words(s):
    s.see("files", rotated(s, ["x" * 1000 + "\\n", "y" * 100 + "\\n", "z\\n"], stdout_logfile_maxbytes="1kb"))


@scenario()
def modes_after_a_rotation(s):
    s.start({"a": quiet(sh("echo 0123456789; exec sleep 1000"), stdout_logfile_maxbytes=10, stdout_logfile="%(here)s/a.out")},
            wrap=["/bin/sh", "-c", 'umask 077; exec "$@"', "sh"])
    s.wait_file("a.out.1", "9\n")
    s.wait_file("a.out")
    s.see("modes", (s.mode("a.out"), s.mode("a.out.1")))


@scenario(short=True)
def the_activity_log_rotates(s):
    s.start({"a": quiet(probe("tell-signals"), stdout_logfile="%(here)s/a.out")}, supervisord={"logfile_maxbytes": 300, "logfile_backups": 2, "loglevel": "debug"})
    s.wait_file("a.out", "ready")
    for _ in range(60):
        s.rpc.signalProcess("a", "CONT")
    names = [name for name in s.names(".") if name.startswith("s.log")]
    s.see("files", names)
    s.see("each is full", [s.dir.joinpath(name).stat().st_size >= 300 for name in names[1:]])
    s.see("a line", s.log(name="s.log.1")[-1])


@scenario()
def the_activity_log_without_backups(s):
    s.start({"a": quiet(probe("tell-signals"), stdout_logfile="%(here)s/a.out")}, supervisord={"logfile_maxbytes": 300, "logfile_backups": 0, "loglevel": "debug"})
    s.wait_file("a.out", "ready")
    for _ in range(20):
        s.rpc.signalProcess("a", "CONT")
    s.see("files", [name for name in s.names(".") if name.startswith("s.log")])
    s.see("small", (s.dir / "s.log").stat().st_size < 600)


@scenario()
def reopening_after_a_rotation(s):
    s.start({"a": quiet(steps(TEN[:2]), directory="%(here)s", stdout_logfile="%(here)s/a.out", stdout_logfile_maxbytes=15)})
    s.write("step0", "")
    s.wait_file("a.out", "0234")
    (s.dir / "a.out").rename(s.dir / "a.out.moved")
    s.send(signal.SIGUSR2)
    s.wait_file("a.out")
    s.write("step1", "")
    s.wait_file("a.out", "1234")
    s.see("files", contents(s))
