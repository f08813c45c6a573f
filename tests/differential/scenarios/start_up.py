"""What is logged and made at the start, before any program runs: order, levels, files, warnings about the configuration."""
import os
import socket

from programs import WAIT, quiet
from scenario import Differs, scenario
from side import wait_until

NOT_ROOT = {"user": None}


@scenario(short=True)
def log_of_a_start(s):
    s.start({"a": quiet()})
    s.wait_log("success")
    s.see("log", s.log(level="INFO"))
    s.see("stdout is the log", (s.read("out") == s.read("s.log"), s.read("err")))


@scenario(needs_root=True)
def root_without_user_is_critical(s):
    s.start({}, supervisord={"user": None})
    s.see("log", s.log())


@scenario(short=True)
def queued_messages_are_sorted_by_level(s):
    s.write("b.conf", "")
    s.start({"include": {"files": "b.conf none.conf"},
             "a": {"command": WAIT, "stdout_logfile_maxbytes": 0, "redirect_stderr": "true", "stderr_logfile": "%(here)s/x.err"},
             "b": {"command": WAIT, "stdout_logfile": "syslog", "stderr_logfile": "syslog", "autostart": "false"}})
    s.see("log", s.log("^(CRIT|WARN|INFO (Inc|Set|RPC|supervisord))"))


@scenario()
def include_is_told(s):
    s.write("conf.d/1.conf", "[program:one]\ncommand=/bin/sleep 1000\nautostart=false\n")
    s.write("conf.d/2.conf", "[program:two]\ncommand=/bin/sleep 1000\nautostart=false\n[supervisord]\nidentifier=two\n")
    s.write_config()
    with open(s.config, "a", encoding="utf-8") as file:
        file.write("[include]\nfiles=conf.d/*.conf nothing/*.conf\n  conf.d/1.conf\n")
    s.launch()
    s.wait_ready()
    s.see("log", s.log())
    s.see("identification", s.call("getIdentification"))
    s.see("names", [info["name"] for info in s.all_info()])


@scenario()
def warnings_come_once_for_each_process(s):
    s.start({"a": {"command": WAIT, "numprocs": 3, "process_name": "%(process_num)d", "autostart": "false",
                   "stdout_logfile": "syslog", "stderr_logfile_maxbytes": 0}})
    s.see("warnings", s.log("WARN"))


@scenario()
def a_server_with_a_password(s):
    s.write_config({}, server={"username": "u", "password": "p"})
    s.launch()
    s.wait_log("supervisord started")
    s.see("log", s.log())


@scenario()
def two_servers(s):
    s.start({"unix_http_server:more": {"file": "%(here)s/more.sock", "chmod": "0770"}})
    s.see("log", s.log())
    s.see("modes", (s.mode("s.sock"), s.mode("more.sock")))
    s.see("end", s.stop())
    s.see("sockets are gone", (s.mode("s.sock"), s.mode("more.sock")))


@scenario()
def no_server_and_no_interface(s):
    s.write("s.conf", "[supervisord]\nlogfile=%(here)s/s.log\npidfile=%(here)s/s.pid\nuser=root\n")
    s.launch()
    s.wait_log("supervisord started")
    s.see("log", s.log())
    s.see("end", s.stop())
    s.see("files", [name for name in s.names(".") if name not in ("out", "err", "auto")])


@scenario(needs_root=True)
def owner_and_mode_of_the_socket(s):
    s.start(server={"chmod": "0705", "chown": "nobody:daemon"})
    status = os.lstat(s.dir / "s.sock")
    s.see("socket", (s.mode("s.sock"), status.st_uid, status.st_gid))


@scenario(short=True)
def auto_logs_are_made_for_every_process(s):
    s.start({"a": {"command": WAIT, "autostart": "false"}, "b": {"command": WAIT, "redirect_stderr": "true"},
             "c": {"command": WAIT, "stdout_logfile": "NONE", "numprocs": 2, "process_name": "c_%(process_num)d",
                   "autostart": "false"}}, supervisord={"identifier": "me"})
    s.see("names", s.names("auto"))
    s.see("modes", sorted({s.mode("auto/" + name) for name in os.listdir(s.dir / "auto")}))


OLD_LOGS = ["a-stdout---supervisor-abcd1234.log", "a-stdout---supervisor-abcd1234.log.3", "gone-stderr---supervisor-x.log",
            "x---supervisor-q.log.99999.bak", "a-stdout---other-abcd1234.log", "---supervisor-x.log", "b---supervisor-a b.log",
            "unrelated.log", "a-stdout---supervisor-.log", "a---supervisor-x.logs"]


@scenario(short=True)
def old_auto_logs_are_deleted(s):
    for name in OLD_LOGS:
        s.write(f"auto/{name}", "x")
    s.start({"p": quiet()})
    s.see("left", sorted(os.listdir(s.dir / "auto")))


@scenario()
def old_auto_logs_are_kept_with_nocleanup(s):
    for name in OLD_LOGS:
        s.write(f"auto/{name}", "x")
    s.start({"p": quiet()}, supervisord={"nocleanup": "true"})
    s.see("left", sorted(os.listdir(s.dir / "auto")))


@scenario(differs={"left": Differs("an identifier with characters of regular expressions: AUTO logs are never cleaned", ours=[],
                                   theirs=["a-stdout---me+you-x.log"])})
def old_auto_logs_of_an_odd_identifier(s):
    s.write("auto/a-stdout---me+you-x.log", "x")
    s.start({"p": quiet()}, supervisord={"identifier": "me+you"})
    s.see("left", sorted(os.listdir(s.dir / "auto")))


@scenario(cites=["levels `trace` and `blather` tell of HTTP requests and of the event loop"])
def log_levels_and_their_names(s):
    s.start({"a": quiet(autostart="false")}, supervisord={"loglevel": "TRACE"})
    s.see("from INFO upwards", s.log("^[A-Z]{4} ", level="INFO"))
    s.call("getState")
    s.call("startProcess", "nope")
    s.see("calls", sorted(set(s.log("^TRAC XML-RPC"))))
    s.ours("the rest", sorted(set(s.log("^(TRAC|BLAT) (?!XML-RPC)"))), [])


@scenario()
def log_level_error_is_silent(s):
    s.start({"a": quiet("/nonexistent", startretries=0)}, supervisord={"loglevel": "error"})
    s.wait_state("a", "FATAL")
    s.see("log", s.log())
    s.see("stdout", s.log(name="out"))


@scenario()
def silent(s):
    s.start({}, "-n", "-s")
    s.see("stdout", (s.read("out"), s.read("err")))
    s.see("log", s.log())


@scenario(short=True)
def log_on_standard_output_appears_twice(s):
    s.start({"a": quiet()}, supervisord={"logfile": "/dev/stdout", "logfile_maxbytes": 0})
    s.wait_state("a", "RUNNING")
    lines = s.log("supervisord started|spawned", name="out")
    s.see("lines", sorted(lines))


@scenario(differs={"start": Differs("an activity log that cannot be written: traceback, exit 1", theirs="status 1 with a traceback",
                                    ours="status 1 with a message")})
def a_log_that_cannot_be_written(s):
    s.write_config(supervisord={"logfile": "%(here)s/auto"})
    end = s.run("-n")
    s.see("start", f"status {end['status']} with a {'traceback' if 'Traceback' in end['err'] else 'message'}")
    s.see("stdout", end["out"])


@scenario(differs={"log on stdout": Differs("| opens its log and deletes AUTO logs, then finds the address in use | opens servers first |",
                                            theirs=True, ours=False)})
def a_server_that_cannot_be_opened(s):
    s.write_config(server={"file": "/nonexistent/folder/s.sock"})
    end = s.run("-n")
    s.see("log on stdout", end.pop("out") != "")
    s.see("end", end)


@scenario(short=True)
def a_dead_socket_is_replaced(s):
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(s.dir / "s.sock"))
    dead.close()
    s.start({})
    s.see("stderr", s.read("err"))
    s.see("log", s.log())


@scenario(differs={"file": Differs("only sockets, and at the end only our own", ours="precious", theirs=None)})
def a_file_with_the_name_of_the_socket(s):
    s.write("s.sock", "precious")
    s.write_config({})
    s.launch()
    wait_until(lambda: s.process.poll() is not None or s.log("supervisord started"), "a start or an end")
    s.see("file", s.read("s.sock") if not s.is_ready() else None)


@scenario(short=True, differs={"child logs": Differs("opens its log and deletes AUTO logs, then finds the address in use",
                                                     theirs="new ones", ours="untouched"),
                               "more of it": Differs("who the pidfile names and who listens on the socket", theirs=[],
                                                     ours=["The pidfile DIR/s.pid names pid N, which is running",
                                                           "The socket DIR/s.sock is listened on by pid N "
                                                           "(upkeep-engine)"])})
def a_second_instance(s):
    s.start({"a": {"command": WAIT, "startsecs": 0}})
    s.wait_state("a", "RUNNING")
    before = sorted(os.listdir(s.dir / "auto"))
    end = s.run("-n")
    s.see("second", end["status"])
    s.see("its error", end["err"].splitlines()[:2])
    s.see("more of it", end["err"].splitlines()[2:])
    s.see("child logs", "untouched" if sorted(os.listdir(s.dir / "auto")) == before else "new ones")
    s.see("the first goes on", (s.state("a"), s.read("s.pid") == f"{s.process.pid}\n"))


@scenario(differs={"unknown": Differs("unknown sections and keys pass in silence", theirs=[],
                                      ours=[
                                          'WARN DIR/s.conf:16: unknown key "autostrat" in section [program:a] is ignored, did you mean "autostart"?',
                                          'WARN DIR/s.conf:17: unknown key "x_note" in section [program:a] is ignored',
                                          "WARN DIR/s.conf:19: unknown section [x_section:b] is ignored"])})
def keys_that_nobody_knows(s):
    s.start({"a": {"command": WAIT, "autostart": "false", "autostrat": "true", "x_note": "mine"},
             "x_section:b": {"command": WAIT}})
    s.see("unknown", s.log("autostrat|x_note|x_section"))


@scenario(differs={"groups": Differs("two groups of one name fail later, or in silence", theirs=[],
                                     ours=lambda lines: len(lines) == 1 and lines[0].startswith("WARN"))})
def two_groups_of_one_name(s):
    s.start({"foo": quiet(autostart="false"), "other": quiet(autostart="false"), "group:foo": {"programs": "other"}})
    s.see("groups", s.log(r"WARN.*\bfoo\b"))
    s.see("processes", [f"{info['group']}:{info['name']}" for info in s.all_info()])


@scenario(differs={"warnings": Differs("two processes of one name in a group: the later runs, in silence", theirs=0, ours=1)})
def two_processes_of_one_name(s):
    s.start({"a": quiet(process_name="same", autostart="false"), "b": quiet(process_name="same", autostart="false"), "group:g": {"programs": "a,b"}})
    s.see("warnings", len(s.log("^WARN")))
    s.see("processes", [f"{info['group']}:{info['name']}" for info in s.all_info()])


@scenario(differs={"states": Differs("`group:process` beyond 256 bytes", theirs=["RUNNING", "RUNNING"], ours=lambda states: states[0] != "RUNNING"
                                     and states[1] == "RUNNING")})
def a_very_long_name(s):
    s.start({"l" * 200: quiet(startretries=0), "m": quiet()})
    wait_until(lambda: {info["statename"] for info in s.rpc.getAllProcessInfo()} <= {"RUNNING", "FATAL"}, "rest")
    s.see("states", [info["statename"] for info in s.all_info()])


@scenario(differs={"left": Differs("AUTO log cleanup removes whatever bears such a name", theirs=None, ours="a link")})
def old_auto_logs_that_are_no_files(s):
    (s.dir / "auto/a-stdout---supervisor-abcd1234.log").symlink_to("/nonexistent")
    (s.dir / "auto/b-stdout---supervisor-abcd1234.log").mkdir()
    s.start({"p": quiet()})
    s.see("left", "a link" if (s.dir / "auto/a-stdout---supervisor-abcd1234.log").is_symlink() else None)
    s.see("folder", s.mode("auto/b-stdout---supervisor-abcd1234.log"))
    s.see("told of the folder", s.log("Failed to clean up.*b-stdout"))
