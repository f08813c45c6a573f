"""What a program finds when it starts: descriptors, groups, signals, environment, folder, umask, user, arguments."""
import os
import re
import signal

from harness import read_proc
from programs import probe, quiet, quitter, sh
from scenario import Differs, scenario

FDS = probe("fds")
MINE = re.compile(r"env (UPKEEP_TEST_ID|PWD|OLDPWD|_)=.*")  # of the test, or of shells


def report(s, name="a", facts=""):
    """What the probe wrote: the lines that match `facts`."""
    s.wait_file(f"{name}.out", "\nend")
    return [line for line in s.read(f"{name}.out").splitlines() if re.match(facts, line) and not MINE.match(line)]


def told(s, keys=None, facts="", **how):
    """Starts the probe as program `a`."""
    s.start({"a": {**quiet(FDS, stdout_logfile="%(here)s/a.out"), **(keys or {})}}, **how)
    return report(s, facts=facts)


@scenario(short=True)
def descriptors(s):
    s.see("fds", told(s, facts="fd "))


@scenario()
def descriptors_with_redirected_stderr(s):
    s.see("fds", told(s, {"redirect_stderr": "true"}, facts="fd "))
    pid = s.pid_of("a")
    s.see("one pipe", os.readlink(f"/proc/{pid}/fd/1") == os.readlink(f"/proc/{pid}/fd/2"))


def ignored_signals(s):
    """Without 32 and 33: they are the C library's own, and ctest ignores one of them."""
    mask = int(report(s, facts="ignored ")[0].split()[1], 16) & ~(3 << 31)
    return [number for number in range(1, 65) if mask & 1 << number - 1]


@scenario(short=True, differs={"ignored": Differs("SIGPIPE and SIGXFSZ ignored, by Python's habit", ours=[], theirs=[13, 25])})
def signals(s):
    s.see("blocked and caught", told(s, facts="(blocked|caught) "))
    s.see("ignored", ignored_signals(s))


@scenario(differs={"SIGUSR1 is ignored": Differs("signals that the caller ignored stay ignored", theirs=True, ours=False)})
def signals_that_the_caller_ignored(s):
    """nohup supervisord, for instance."""
    s.start({"a": quiet(FDS, stdout_logfile="%(here)s/a.out")}, wrap=["/bin/sh", "-c", "trap '' USR1; exec \"$@\"", "sh"])
    s.see("SIGUSR1 is ignored", signal.SIGUSR1 in ignored_signals(s))


@scenario(short=True)
def group_and_session(s):
    facts = dict(line.split(" ", 1) for line in told(s, facts="(pid|pgid|sid|ppid) "))
    s.see("own process group", facts["pid"] == facts["pgid"])
    s.see("session of the daemon", int(facts["sid"]) == os.getsid(s.pid))
    s.see("child of the daemon", int(facts["ppid"]) == s.pid)


@scenario(short=True)
def environment(s):
    s.see("env", told(s, {"environment": 'PROGRAM="own",BOTH="program"'}, facts="env ", env={"CALLER": "x", "BOTH": "caller"},
                      supervisord={"environment": 'GLOBAL="all",BOTH="global"'}))


@scenario()
def environment_may_replace_what_the_daemon_sets(s):
    s.see("env", told(s, {"environment": 'SUPERVISOR_ENABLED="no",SUPERVISOR_PROCESS_NAME="mine",HOME="/nowhere"'}, facts="env (SUPER|HOME)",
                      supervisord={"environment": 'SUPERVISOR_GROUP_NAME="global"'}))


@scenario()
def environment_of_processes_in_groups(s):
    s.start({"a": quiet(FDS, numprocs=2, process_name="a_%(process_num)02d", stdout_logfile="%(here)s/%(process_num)d.out",
                        environment='N="%(process_num)d",OF="%(numprocs)d",G="%(group_name)s",P="%(program_name)s",H="%(here)s"'),
             "group:g": {"programs": "a"}})
    for number in "01":
        s.see(number, report(s, number, "env (SUPER|N|OF|G|P|H=)"))


@scenario()
def server_url(s):
    s.start({"unset": quiet(FDS, stdout_logfile="%(here)s/unset.out", serverurl=""),
             "auto": quiet(FDS, stdout_logfile="%(here)s/auto.out", serverurl="AUTO"),
             "mine": quiet(FDS, stdout_logfile="%(here)s/mine.out", serverurl="http://example:1/x")})
    for name in ("unset", "auto", "mine"):
        s.see(name, report(s, name, "env SUPERVISOR_SERVER_URL"))


@scenario()
def environment_values_in_quotes(s):
    s.see("env", told(s, {"environment": "A=1,B=\"two, three\",C='x',D=a/b.c-d:e+f(g),E=\"\",F=\"it's\",G=\"50%%\""}, facts="env [A-G]="))


@scenario()
def environment_of_the_caller_in_the_configuration(s):
    s.see("report", told(s, {"command": FDS + " %(ENV_WORD)s", "environment": 'COPY="%(ENV_WORD)s"'}, facts="arg|env COPY", env={"WORD": "hi"}))


@scenario()
def own_variables_in_the_command(s):
    s.see("report", told(s, {"command": FDS + " %(ENV_MINE)s %(ENV_ALL)s", "environment": 'MINE="m"'}, facts="arg",
                         supervisord={"environment": 'ALL="a"'}))


@scenario(short=True)
def umask_and_directory(s):
    (s.dir / "home").mkdir()
    s.see("report", told(s, {"umask": "027", "directory": "%(here)s/home"}, facts="umask|cwd"))


@scenario()
def umask_of_the_caller(s):
    s.see("report", told(s, facts="umask|cwd", wrap=["/bin/sh", "-c", 'umask 031; exec "$@"', "sh"]))


@scenario(short=True, needs_root=True)
def user(s):
    s.dir.chmod(0o777)
    s.see("report", told(s, {"user": "nobody"}, facts="uid|euid|gid|egid|groups|env (HOME|USER|LOGNAME|PATH)", env={"USER": "root"}))


@scenario(needs_root=True)
def user_by_number(s):
    s.see("report", told(s, {"user": "1"}, facts="uid|euid|gid|egid|groups"))


@scenario(needs_root=True)
def user_root_as_root(s):
    s.see("report", told(s, {"user": "root"}, facts="uid|euid|gid|egid|groups"))


@scenario(needs_root=True)
def log_of_a_program_of_another_user(s):
    s.start({"a": quiet(sh("echo hello; exec sleep 1000"), user="nobody", stdout_logfile="%(here)s/a.out")})
    s.wait_file("a.out", "hello")
    s.see("log", (s.mode("a.out"), os.lstat(s.dir / "a.out").st_uid))


@scenario(short=True)
def words_of_a_command(s):
    s.see("args", told(s, {"command": FDS + """ plain 'single "quoted" \\x' "double 'quoted' \\" \\\\ \\x" '' back\\ slash a'b'"c" x#y a;b\n  next -- $HOME * ~ 100%% """},
                       facts="arg"))


@scenario()
def first_word_as_written(s):
    os.symlink(probe("").split()[0], s.dir / "linked")
    s.start({"a": quiet("linked wait", environment=f'PATH="{s.dir}"')})
    s.wait_state("a", "RUNNING")
    s.see("cmdline", read_proc(s.pid_of("a"), "cmdline").decode().split("\0"))


@scenario(short=True)
def lookup_in_path(s):
    for folder in ("one", "two"):
        s.write(f"{folder}/tool", f"#!/bin/sh\necho {folder} > {s.dir}/$1\n", 0o755)
    s.write("bad/tool", "not executable", 0o644)
    (s.dir / "folder/tool").mkdir(parents=True)
    here = s.dir
    s.start({"caller": quitter("tool caller"), "own": quitter("tool own", environment=f'PATH="{here}/two:{here}/one"'),
             "file": quiet("tool file", environment=f'PATH="{here}/bad:{here}/one"', startretries=0),
             "folder": quiet("tool folder", environment=f'PATH="{here}/folder:{here}/one"', startretries=0),
             "nowhere": quiet("tool nowhere", environment='PATH="/nonexistent"', startretries=0),
             "empty": quiet("tool empty", environment='PATH=""', startretries=0)}, env={"PATH": f"{here}/one:/usr/bin:/bin"})
    s.wait_state("caller", "EXITED")
    s.wait_state("own", "EXITED")
    s.see("found", (s.read("caller"), s.read("own")))
    for name in ("file", "folder", "nowhere", "empty"):
        s.wait_state(name, "FATAL")
        s.see(name, (s.about(name), s.brief(name)))


@scenario()
def lookup_in_the_global_path(s):
    s.write("two/tool", f"#!/bin/sh\necho two > {s.dir}/found\n", 0o755)
    s.start({"a": quitter("tool")}, supervisord={"environment": 'PATH="%(here)s/two"'})
    s.wait_state("a", "EXITED")
    s.see("found", s.read("found"))


@scenario()
def lookup_without_any_path(s):
    s.start({"a": quitter("true"), "b": quiet("/bin/sleep 1000")}, wrap=["/usr/bin/env", "-u", "PATH"])
    s.wait_state("a", "EXITED")
    s.wait_state("b", "RUNNING")
    s.see("states", (s.brief("a"), s.brief("b")))


@scenario()
def input_is_an_open_pipe(s):
    s.start({"a": quiet(probe("echo-stdin"), stdout_logfile="%(here)s/a.out")})
    s.wait_file("a.out", "ready")
    s.rpc.sendProcessStdin("a", "hello\n")
    s.wait_file("a.out", "hello")
    s.see("output", s.read("a.out"))


@scenario()
def output_closed_early_does_not_matter(s):
    s.start({"a": quiet(sh("exec >&- 2>&-; exec sleep 1000"), stdout_logfile="%(here)s/a.out")})
    s.wait_state("a", "RUNNING")
    s.rpc.signalProcess("a", "CONT")
    s.see("state", s.brief("a"))
    s.see("log", s.about("a"))


@scenario()
def an_empty_environment(s):
    s.see("env", told(s, {"environment": ""}, facts="env (SUPER|TZ|LC_ALL)"))


@scenario(cites=["programs that share a file overwrite and rotate it under each other"])
def two_programs_with_one_log(s):
    s.start({"a": quitter(sh("echo from a"), stdout_logfile="%(here)s/both.out"), "b": quitter(sh("echo from b"), stdout_logfile="%(here)s/both.out")})
    s.wait_all("EXITED")
    s.ours("log", sorted(s.read("both.out").splitlines()), ["from a", "from b"])


@scenario()
def a_program_that_is_there_on_a_second_try(s):
    s.start({"a": quiet("%(here)s/later", startretries=5)})
    s.wait_log("spawnerr")
    s.write("later", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    s.wait_state("a", "RUNNING")
    s.see("spawnerr", s.brief("a")["spawnerr"])
    s.see("log", sorted(set(s.about("a"))))


@scenario()
def programs_of_an_ordinary_user(s):
    s.dir.chmod(0o777)
    s.see("report", told(s, facts="uid|gid|env (USER|HOME)", supervisord={"user": None}, **({"user": 65534} if os.geteuid() == 0 else {})))
