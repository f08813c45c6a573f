"""The command line: errors, exit statuses, the search for a file, and which of option and file wins."""
import os
import re

from programs import WAIT, quiet
from scenario import Differs, scenario

ERRORS = {
    "unknown short option": ["-x"],
    "unknown long option": ["--foo"],
    "missing argument": ["-i"],
    "missing argument of a long option": ["--logfile"],
    "argument given to a flag": ["--nodaemon=1"],
    "ambiguous prefix": ["--log=x"],
    "flag given twice": ["-n", "-n"],
    "option given twice": ["-i", "a", "--identifier=b"],
    "file given twice": ["-c", "other.conf"],
    "stray words": ["-n", "foo", "bar"],
    "stray word ends the options": ["foo", "-n"],
    "log level": ["-e", "loud"],
    "log level warning": ["--loglevel", "warning"],
    "umask": ["-m", "0x22"],
    "byte size": ["-y", "1.5MB"],
    "byte size without a number": ["--logfile_maxbytes=kb"],
    "number": ["-z", "many"],
    "number of descriptors": ["-a", "1e3"],
    "number of processes": ["--minprocs="],
    "directory": ["-d", "/nonexistent/folder"],
    "folder of the log": ["-l", "/nonexistent/folder/s.log"],
    "folder of the pidfile": ["-j", "/nonexistent/folder/s.pid"],
    "folder of child logs": ["-q", "/etc/passwd"],
    "user by name": ["-n", "-u", "nobody-of-this-name"],
    "user by number": ["-n", "-u", "4000000"],
}


def show_end(words):
    def play(s):
        s.write_config()
        s.see("end", s.run(*words))
    return play


for title, options in ERRORS.items():
    scenario(f"error: {title}", short=title in ("unknown long option", "stray words", "byte size"))(show_end(options))


@scenario()
def a_file_that_is_missing(s):
    s.see("end", s.run("-c", "nowhere/s.conf", config=False))
    s.see("absolute", s.run("-n"))


@scenario()
def a_file_that_is_a_folder(s):
    s.see("end", s.run("-c", "auto", config=False))


@scenario(needs_root=True)
def a_file_that_may_not_be_read(s):
    s.write_config(supervisord={"user": None})
    s.config.chmod(0o600)
    s.see("end", s.run("-n", user=65534))


@scenario(differs={"version": Differs("Upkeep does what Supervisor 4.3.0 does", theirs={"status": 0, "out": "4.2.5\n", "err": ""},
                                      ours={"status": 0, "out": "4.3.0\n", "err": ""})})
def version(s):
    s.see("version", s.run("-v", config=False))
    s.see("long form is the same", s.run("--version", config=False) == s.run("-v", config=False))
    s.see("before later errors", s.run("-v", "foo", config=False)["status"])


@scenario()
def help_goes_to_standard_output(s):
    for option in ("-h", "-?", "--help", "--he"):
        end = s.run(option, config=False)
        s.see(option, (end["status"], end["err"], end["out"].endswith("\n\n")))
    end["out"] = s.normal(end["out"])
    s.see("usage", "Usage: SUPERVISORD [options]" in end["out"])
    s.see("options", sorted(set(re.findall(r"(?<![\w-])--?[a-z_]+", end["out"]))))


ROOT_WARNING = ("Supervisord is running as root and it is searching for its configuration file in default locations (including "
                "its current working directory); you probably want to specify a \"-c\" argument specifying an absolute path "
                "to a configuration file for improved security.")


def install(s):
    """The program as DIR/p/bin/supervisord; where that looks for its file is in its own folder."""
    (s.dir / "p/bin").mkdir(parents=True)
    (s.dir / "p/etc").mkdir()
    (s.dir / "cwd/etc").mkdir(parents=True)
    program = s.dir / "p/bin/supervisord"
    program.symlink_to(s.program)
    return program


def search(s, program):
    """What a bad file found is blamed for; the original decorates its warning with a place in Python."""
    end = s.run("-n", config=False, program=program, cwd=s.dir / "cwd")
    lines = end["err"].splitlines()
    return {"status": end["status"], "warned": any(ROOT_WARNING in line for line in lines), "error": lines[-2:]}


@scenario(short=True)
def search_path(s):
    program = install(s)
    # the last place first: each file found makes its value the error
    for number, place in enumerate(["cwd/etc", "cwd", "p", "p/etc"]):
        s.write(f"{place}/supervisord.conf", f"[supervisord]\nloglevel=place{number}\n")
        s.see(place, search(s, program))


@scenario()
def no_file_in_the_search_path(s):
    if not os.path.exists("/etc/supervisord.conf") and not os.path.exists("/etc/supervisor/supervisord.conf"):
        s.see("end", search(s, install(s)))


@scenario()
def search_path_of_a_program_found_by_name(s):
    program = install(s)
    s.write("p/etc/supervisord.conf", "[supervisord]\nloglevel=found\n")
    end = s.run("-n", config=False, program="supervisord", wrap=["/usr/bin/env"], cwd=s.dir / "cwd",
                env={"PATH": f"{program.parent}:/usr/bin:/bin"})
    s.see("error", end["err"].splitlines()[-2:])
    s.see("status", end["status"])


@scenario(short=True)
def options_beat_the_file(s):
    (s.dir / "elsewhere").mkdir()
    s.start({"a": {"command": WAIT, "startsecs": 0}}, "-n", "-l", f"{s.dir}/o.log", "-j", f"{s.dir}/s.pid", "-i", "mine", "-e", "debug",
            "-q", f"{s.dir}/elsewhere", "-z", "1", "-y", "1KB",
            supervisord={"logfile": "%(here)s/s.log", "identifier": "files", "loglevel": "critical", "pidfile": "%(here)s/f.pid"})
    s.wait_state("a", "RUNNING")
    s.see("identification", s.call("getIdentification"))
    s.see("log of the file", s.read("s.log"))
    s.see("pidfile of the file", s.read("f.pid"))
    s.see("child logs", s.names("elsewhere"))
    for _ in range(40):
        s.rpc.signalProcess("a", "CONT")
    s.see("backups", sorted(n for n in s.names(".") if n.startswith("o.log") and n not in ("o.log", "o.log.1")))
    s.see("rotated", "o.log.1" in s.names("."))
    s.see("debug lines", "DEBG sending a (pid N) sig SIGCONT" in s.log("sig", name="o.log"))


@scenario()
def the_file_is_checked_also_where_options_win(s):
    s.write_config(supervisord={"loglevel": "loud"})
    s.see("end", s.run("-n", "-e", "info"))


@scenario()
def long_options_may_be_cut_short(s):
    s.start({}, "--nod", "--id=short", "--logl", "warn")
    s.see("identification", s.call("getIdentification"))
    s.see("log", s.log(level="INFO"))


@scenario()
def a_relative_file(s):
    s.start(None, "-n", "-c", "../" + s.dir.name + "/s.conf", config=False)
    s.see("log", s.log())


@scenario()
def options_that_ours_may_ignore(s):
    s.start({}, "-n", "--profile_options=cumulative,calls")
    s.see("identification", s.call("getIdentification"))


@scenario()
def options_and_words_of_other_forms(s):
    s.write_config()
    s.see("a lone dash", s.run("-n", "-"))
    s.see("two dashes", s.run("-n", "--", "x"))
    s.see("flags together", s.run("-nsx"))
    s.see("value attached", s.run("-eloud"))


@scenario()
def strip_ansi_is_no_test_of_the_file(s):
    s.start({"a": quiet()}, "-n", "-t")
    s.wait_state("a", "RUNNING")
    s.see("state", s.state("a"))
