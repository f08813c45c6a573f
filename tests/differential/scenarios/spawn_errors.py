"""Every way in which a start can fail: what is logged, shown, and left in the program's own log."""
import os

from programs import WAIT, quiet, sh
from scenario import Differs, scenario
from side import wait_until

ONCE = {"startretries": 0, "startsecs": 30}  # a busy machine may be slow to fail


def failed(s, name="a"):
    s.wait_state(name, "FATAL")
    return {"log": s.about(name), "errors": sorted(set(s.log("spawnerr"))), "info": s.brief(name)}


def failing(title, command, short=False, **keys):
    @scenario(title, short)
    def play(s):
        s.write("plain", "text", 0o644)
        s.write("script", "echo no header\n", 0o755)
        s.write("bad-header", "#!/nonexistent/interpreter\n", 0o755)
        s.write("empty", "", 0o755)
        (s.dir / "folder").mkdir()
        s.start({"a": quiet(command, **{**ONCE, **keys}, redirect_stderr="true")
                 | ({} if "stdout_logfile" in keys else {"stdout_logfile": "%(here)s/a.out"})})
        s.see("end", failed(s))
        s.see("its log", s.read("a.out"))


failing("not found", "/nonexistent/program with words", short=True)
failing("not found in PATH", "no-such-program-anywhere")
failing("a folder", "%(here)s/folder")
failing("not executable", "%(here)s/plain", short=True)
failing("an empty command", "")
failing("only blanks and quotes", "''")
failing("an open quote", "/bin/echo 'it", short=True)
failing("an open escape", "/bin/echo it\\")
failing("a script without a header", "%(here)s/script", short=True)
failing("an empty file", "%(here)s/empty")
failing("a missing interpreter", "%(here)s/bad-header")
failing("directory does not exist", WAIT, short=True, directory="/nonexistent/folder")
failing("directory is a file", WAIT, directory="%(here)s/plain")
failing("log is a folder", WAIT, short=True, stdout_logfile="%(here)s/folder")
failing("a long argument list", "/bin/true " + "x" * 140000)


@scenario()
def relative_path_is_checked_in_one_folder_and_run_in_another(s):
    s.write("tool", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    (s.dir / "home").mkdir()
    s.start({"a": quiet("./tool", directory="%(here)s/home", stdout_logfile="%(here)s/a.out", redirect_stderr="true", **ONCE),
             "b": quiet("./tool")})
    s.see("end", failed(s))
    s.see("its log", s.read("a.out"))
    s.wait_state("b", "RUNNING")
    s.see("the other", s.brief("b"))


@scenario(short=True)
def error_text_without_redirection(s):
    s.start({"a": {"command": WAIT, "directory": "/nonexistent", "stdout_logfile": "%(here)s/a.out", "stderr_logfile": "%(here)s/a.err", **ONCE}})
    s.see("end", failed(s))
    s.see("logs", (s.read("a.out"), s.read("a.err")))


@scenario(cites=["the same, and an INFO line that says which step of the start failed"])
def ours_names_the_step_that_failed(s):
    s.start({"a": quiet(directory="/nonexistent", **ONCE)})
    s.wait_all("FATAL")
    s.ours("failing step", s.log("'a' never ran"), ["INFO 'a' never ran its program: chdir failed with ENOENT (its log may say more)"])


@scenario()
def folder_of_the_log_is_gone(s):
    (s.dir / "logs").mkdir()
    s.start({"a": quiet(autostart="false", stdout_logfile="%(here)s/logs/a.out", **ONCE)})
    (s.dir / "logs").rmdir()
    s.see("answer", s.call("startProcess", "a", False))
    s.see("end", failed(s))


@scenario(needs_root=True)
def programs_and_files_out_of_reach(s):
    """No permission, as a daemon that is not root."""
    s.dir.chmod(0o777)
    s.write("mine", "#!/bin/sh\n", 0o744)
    s.write("log", "", 0o600)
    (s.dir / "closed").mkdir()
    (s.dir / "closed").chmod(0o700)
    s.start({"mine": quiet("%(here)s/mine", **ONCE), "log": quiet(stdout_logfile="%(here)s/log", **ONCE),
             "directory": quiet(directory="%(here)s/closed", stderr_logfile="%(here)s/directory.err", **ONCE),
             "hidden": quiet("%(here)s/closed/x", **ONCE)}, supervisord={"user": "nobody"})
    s.wait_all("FATAL")
    for name in ("mine", "log", "directory", "hidden"):
        s.see(name, failed(s, name))
    s.see("text", s.read("directory.err"))


@scenario(needs_root=True)
def a_user_that_only_root_can_become(s):
    s.dir.chmod(0o777)
    s.start({"a": quiet(user="daemon", stderr_logfile="%(here)s/a.err", **ONCE)}, supervisord={"user": "nobody"})
    s.see("end", failed(s))
    s.see("text", s.read("a.err"))


@scenario(needs_root=True)
def a_user_that_it_is_already(s):
    s.dir.chmod(0o777)
    s.start({"a": quiet(user="nobody")}, supervisord={"user": "nobody"})
    s.wait_state("a", "RUNNING")
    s.see("info", s.brief("a"))


@scenario()
def tries_after_spawn_errors(s):
    s.start({"a": quiet("/nonexistent", startretries=2)})
    s.wait_state("a", "BACKOFF")
    s.see("while it waits", {k: v for k, v in s.info("a").items() if k in ("statename", "spawnerr", "description", "pid", "start", "stop")})
    s.see("end", failed(s))


@scenario()
def no_tries_at_all(s):
    s.start({"a": quiet("/nonexistent", startretries=-1)})
    s.see("end", failed(s))


@scenario(short=True)
def answers_to_a_start_that_fails(s):
    s.write("plain", "text", 0o644)
    s.start({"missing": quiet("/nonexistent", autostart="false", **ONCE), "plain": quiet("%(here)s/plain", autostart="false", **ONCE),
             "quick": quiet(sh("exit 3"), autostart="false", **ONCE), "quote": quiet("'", autostart="false", **ONCE),
             "directory": quiet(directory="/nonexistent", autostart="false", **ONCE)})
    for name in ("missing", "plain", "quick", "quote", "directory"):
        s.see(name, s.call("startProcess", name))
    s.wait_log("gave up: directory")
    s.wait_log("gave up: quick")
    s.see("info", [s.brief(info["name"]) for info in s.all_info()])


@scenario()
def a_fatal_program_is_started_once_it_can(s):
    s.start({"a": quiet("%(here)s/tool", **ONCE)})
    s.see("first", failed(s))
    s.write("tool", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    s.see("answer", s.call("startProcess", "a"))
    s.see("info", s.brief("a"))
    s.see("log", s.about("a"))


@scenario()
def leaves_nothing_open(s):
    """Failing starts do not use up descriptors: fifty of them, with a limit that could not bear a leak."""
    s.start({"a": quiet(stdout_logfile="%(here)s/auto", autostart="false", **ONCE)}, supervisord={"minfds": 64},
            wrap=["/bin/bash", "-c", 'ulimit -n 64; exec "$@"', "sh"])
    before = len(os.listdir(f"/proc/{s.pid}/fd"))
    for _ in range(1 if s.is_original else 50):
        s.call("startProcess", "a", False)
        s.wait_state("a", "FATAL")
    wait_until(lambda: s.is_original or len(os.listdir(f"/proc/{s.pid}/fd")) <= before + 1, "no descriptors left")
    s.see("log", sorted(set(s.about("a"))))
