"""Output that is changed on its way: colours that are stripped, text that is captured."""
from programs import quiet, quitter, sh
from scenario import Differs, scenario

COLOURS = r"printf '\033[31mred\033[0m plain \033[1;42mgreen\033[m \033[2Kcut \033]0;title\007 \033[5qafter mark\nend\n'"


@scenario(short=True)
def strip_ansi(s):
    s.start({"a": quitter(sh(COLOURS), stdout_logfile="%(here)s/a.out")}, supervisord={"strip_ansi": "true"})
    s.wait_state("a", "EXITED")
    s.see("file", s.read("a.out"))


@scenario()
def strip_ansi_by_option_and_in_the_echo(s):
    s.start({"a": quitter(sh(COLOURS), stdout_logfile="%(here)s/a.out")}, "-n", "-t", "-e", "debug")
    s.wait_state("a", "EXITED")
    s.wait_log("output")
    lines = s.log()
    s.see("file", s.read("a.out"))
    s.see("echo", [lines[i:i + 2] for i, line in enumerate(lines) if "output" in line])


@scenario()
def colours_are_kept_otherwise(s):
    s.start({"a": quitter(sh(COLOURS), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "EXITED")
    s.see("file", s.read("a.out"))


CAPTURED = ("echo before; printf '<!--XSUPERVISOR:BEGIN-->inner text<!--XSUPERVISOR:END-->'; "
            "echo 'after this comes enough to fill the buffer up'; echo 'and even more of it, until it is emptied'; exec sleep 1000")


@scenario(short=True)
def captured_text_is_not_logged(s):
    s.start({"a": quiet(sh(CAPTURED), stdout_logfile="%(here)s/a.out", stdout_capture_maxbytes="1KB")})
    s.wait_file("a.out", "emptied")
    s.see("file", s.read("a.out"))


@scenario()
def capture_and_the_echo(s):
    s.start({"a": quiet(sh(CAPTURED), stdout_logfile="%(here)s/a.out", stdout_capture_maxbytes="1KB")}, supervisord={"loglevel": "debug"})
    s.wait_file("a.out", "emptied")
    s.see("told", s.log("emitted a comm event"))


@scenario()
def capture_of_stderr(s):
    s.start({"a": quiet(sh(f"exec 1>&2; {CAPTURED}"), stderr_logfile="%(here)s/a.err", stderr_capture_maxbytes="1KB")})
    s.wait_file("a.err", "emptied")
    s.see("file", s.read("a.err"))


@scenario(differs={"file": Differs("the last 24 bytes before a program's end are lost", theirs="", ours="short\n")})
def capture_of_little_text(s):
    s.start({"a": quitter(sh("echo short"), stdout_logfile="%(here)s/a.out", stdout_capture_maxbytes="1KB")})
    s.wait_state("a", "EXITED")
    s.see("file", s.read("a.out"))


@scenario()
def tags_without_capture_are_text(s):
    s.start({"a": quitter(sh("echo '<!--XSUPERVISOR:BEGIN-->x<!--XSUPERVISOR:END-->'"), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "EXITED")
    s.see("file", s.read("a.out"))


@scenario(differs={"warnings": Differs("a captured text that a program begins and never ends vanishes", theirs=0, ours=1)})
def a_captured_text_without_an_end(s):
    s.start({"a": quitter(sh("echo before the beginning; printf '<!--XSUPERVISOR:BEGIN-->'; echo this is lost, and it is long enough"),
                          stdout_logfile="%(here)s/a.out", stdout_capture_maxbytes="1KB")})
    s.wait_state("a", "EXITED")
    s.see("file", s.read("a.out"))
    if not s.is_original:
        s.wait_log("^WARN (?!exited)")
    s.see("warnings", len(s.log("^WARN (?!exited)")))
