"""A changed configuration at run time: what counts as a change, what is added and removed, and what stays as it was."""
import os

from programs import WAIT, quiet, sh
from scenario import scenario

OFF = {"command": WAIT, "autostart": "false", "stdout_logfile": "NONE", "stderr_logfile": "NONE"}


def reread_after(s, programs, supervisord=None):
    s.write_config(programs, supervisord)
    return s.call("reloadConfig")


@scenario(short=True)
def added_changed_removed(s):
    s.start({"same": OFF, "changed": OFF, "gone": OFF, "gone2": {**OFF, "priority": 1}})
    s.see("nothing", s.call("reloadConfig"))
    s.see("answer", reread_after(s, {"same": OFF, "changed": {**OFF, "startsecs": 7}, "new2": OFF, "new1": OFF, "early": {**OFF, "priority": 1}}))
    s.see("still the old ones", [info["name"] for info in s.all_info()])
    s.see("again", s.call("reloadConfig"))
    s.see("log", s.log(level="INFO"))


CHANGES = {  # keys that are added to a program -> it has changed
    "command": {"command": "/bin/sleep  1000"}, "directory": {"directory": "/"}, "umask": {"umask": "022"}, "priority": {"priority": 5},
    "autostart": {"autostart": "true"}, "autorestart": {"autorestart": "true"}, "unexpected": {"autorestart": "unexpected"},
    "startsecs": {"startsecs": 2}, "startretries": {"startretries": 4}, "user": {"user": "root"}, "stopsignal": {"stopsignal": "INT"},
    "same-signal": {"stopsignal": "15"}, "stopwaitsecs": {"stopwaitsecs": 11}, "stopasgroup": {"stopasgroup": "true"},
    "killasgroup": {"killasgroup": "true"}, "exitcodes": {"exitcodes": "0,1"}, "same-codes": {"exitcodes": "0"}, "redirect": {"redirect_stderr": "true"},
    "environment": {"environment": 'A="1"'}, "empty-environment": {"environment": ""}, "serverurl": {"serverurl": "unix:///x"},
    "stdout": {"stdout_logfile": "%(here)s/x"}, "stdout-auto": {"stdout_logfile": "AUTO"}, "stderr": {"stderr_logfile": "%(here)s/x"},
    "maxbytes": {"stdout_logfile_maxbytes": "1MB"}, "same-maxbytes": {"stdout_logfile_maxbytes": "51200KB"}, "backups": {"stderr_logfile_backups": 3},
    "capture": {"stdout_capture_maxbytes": 5}, "events": {"stderr_events_enabled": "true"}, "syslog": {"stdout_syslog": "true"},
    "numprocs": {"numprocs": 2, "process_name": "%(process_num)d"}, "process_name": {"process_name": "other"}, "unknown-key": {"x_mine": "1"},
}


@scenario(short=True)
def what_counts_as_a_change(s):
    s.start({name: OFF for name in CHANGES})
    s.see("answer", reread_after(s, {name: {**OFF, **keys} for name, keys in CHANGES.items()}))


@scenario()
def what_counts_as_a_change_back(s):
    s.start({name: {**OFF, **keys} for name, keys in CHANGES.items() if name != "autostart"})
    s.see("answer", reread_after(s, {name: OFF for name in CHANGES}))


@scenario()
def logs_named_auto(s):
    auto = {"command": WAIT, "autostart": "false"}
    kinds = {"auto": {}, "file": {"stdout_logfile": "%(here)s/x"}, "none": {"stdout_logfile": "NONE"}}
    s.start({f"{one}-{other}": {**auto, **kinds[one]} for one in kinds for other in kinds})
    s.see("answer", reread_after(s, {f"{one}-{other}": {**auto, **kinds[other]} for one in kinds for other in kinds}))


@scenario()
def the_global_environment_marks_all(s):
    s.start({"a": OFF, "b": {**OFF, "environment": 'A="own"'}}, supervisord={"environment": 'A="1"'})
    s.see("answer", reread_after(s, {"a": OFF, "b": {**OFF, "environment": 'A="own"'}}, {"environment": 'A="2"'}))


@scenario()
def order_in_environments_does_not_matter(s):
    s.start({"a": {**OFF, "environment": 'A="1",B="2"'}})
    s.see("answer", reread_after(s, {"a": {**OFF, "environment": "B=2 , A='1'"}}))


@scenario()
def groups_change(s):
    programs = {"a": OFF, "b": OFF, "c": OFF}
    s.start({**programs, "group:order": {"programs": "a,b"}, "group:priority": {"programs": "a"}, "group:less": {"programs": "a,b"},
             "group:same": {"programs": "a"}})
    s.see("answer", reread_after(s, {**programs, "group:order": {"programs": "b,a"}, "group:priority": {"programs": "a", "priority": 3},
                                     "group:less": {"programs": "a"}, "group:same": {"programs": " a "}}))


@scenario()
def a_program_moves_into_a_group(s):
    s.start({"a": OFF, "b": OFF})
    s.see("answer", reread_after(s, {"a": OFF, "b": OFF, "group:g": {"programs": "a"}}))


@scenario(short=True, cites=["a configuration that cannot be reread: its error goes to the client"])
def an_error_changes_nothing(s):
    s.start({"a": OFF})
    s.see("answer", reread_after(s, {"a": {**OFF, "startsecs": "soon"}, "b": OFF}))
    s.see("processes", [info["name"] for info in s.all_info()])
    s.config.unlink()
    s.see("no file", s.call("reloadConfig"))
    s.write("s.conf", "nonsense")
    s.see("nonsense", s.call("reloadConfig"))
    s.see("log", [line for line in s.log("^[A-Z]{4} ") if "not reread" not in line])
    s.ours("reason", s.log("WARN the configuration is not reread")[:1],
           ["WARN the configuration is not reread: invalid literal for int() with base 10: 'soon' in section 'program:a' "
            "(file: 'DIR/s.conf') (at DIR/s.conf:18)"])


@scenario(short=True)
def adding_a_group(s):
    s.start({"a": quiet()})
    s.wait_state("a", "RUNNING")
    s.see("before reread", s.call("addProcessGroup", "new"))
    s.see("reread", reread_after(s, {"a": quiet(), "new": quiet(numprocs=2, process_name="n%(process_num)d"), "off": quiet(autostart="false")}))
    s.see("answers", [s.call("addProcessGroup", name) for name in ("new", "off", "a", "nope", "new")])
    s.wait_state("new:n1", "RUNNING")
    s.wait_state("new:n0", "RUNNING")
    s.see("processes", [(f"{info['group']}:{info['name']}", info["statename"]) for info in s.all_info()])
    s.see("log", {name: s.about(name) for name in ("a", "n0", "n1", "off")})


@scenario(short=True)
def removing_a_group(s):
    s.start({"a": quiet(), "b": {"command": WAIT, "startsecs": 0}, "off": OFF})
    s.wait_state("a", "RUNNING")
    s.wait_state("b", "RUNNING")
    s.see("running", s.call("removeProcessGroup", "a"))
    s.see("stopped", s.call("removeProcessGroup", "off"))
    s.rpc.stopProcess("b")
    s.see("stopped by hand", s.call("removeProcessGroup", "b"))
    s.see("unknown", s.call("removeProcessGroup", "b"))
    s.see("processes", [info["name"] for info in s.all_info()])
    s.see("auto logs stay", s.names("auto"))
    s.see("back again", (s.call("addProcessGroup", "off"), s.state("off")))


@scenario()
def running_groups_keep_their_old_settings(s):
    s.start({"a": quiet(sh("echo old >> log; exec sleep 1000"), directory="%(here)s")})
    s.wait_file("log", "old")
    s.see("reread", reread_after(s, {"a": quiet(sh("echo new >> log; exec sleep 1000"), directory="%(here)s")}))
    s.rpc.stopProcess("a")
    s.rpc.startProcess("a")
    s.wait_file("log", "old\nold\n")
    s.rpc.stopProcess("a")
    s.see("replaced", (s.call("removeProcessGroup", "a"), s.call("addProcessGroup", "a")))
    s.wait_file("log", "new")
    s.see("commands", s.read("log"))


@scenario()
def added_groups_come_after_the_others(s):
    s.start({"m": OFF, "z": OFF})
    reread_after(s, {"m": OFF, "z": OFF, "a": OFF, "first": {**OFF, "priority": 1}})
    for name in ("first", "a"):
        s.rpc.addProcessGroup(name)
    s.see("listed", [info["name"] for info in s.all_info()])
    s.see("end", s.stop())


@scenario()
def the_identifier_changes_at_once(s):
    s.start({"a": OFF}, supervisord={"identifier": "one"})
    s.see("answer", reread_after(s, {"a": OFF, "b": {"command": WAIT, "autostart": "false"}}, {"identifier": "two"}))
    s.see("identification", s.call("getIdentification"))
    s.rpc.addProcessGroup("b")
    s.see("auto logs", s.names("auto"))


@scenario()
def an_identifier_on_the_command_line_stays(s):
    s.start({"a": OFF}, "-n", "-i", "mine", supervisord={"identifier": "one"})
    reread_after(s, {"a": OFF}, {"identifier": "two"})
    s.see("identification", s.call("getIdentification"))


@scenario()
def warnings_of_the_file_are_not_logged_again(s):
    noisy = {**OFF, "stdout_logfile": "syslog", "redirect_stderr": "true", "stderr_logfile": "%(here)s/x"}
    s.start({"a": noisy})
    before = s.log()
    s.see("answer", reread_after(s, {"a": noisy, "b": noisy}))
    s.see("new lines", s.log()[len(before):])


@scenario()
def pending_configurations_are_shown(s):
    s.start({"a": OFF, "gone": OFF})
    reread_after(s, {"a": {**OFF, "priority": 4}, "new": {"command": WAIT, "autostart": "false"}})
    s.see("all", s.call("getAllConfigInfo"))


@scenario()
def an_auto_log_of_an_added_group(s):
    s.start({})
    reread_after(s, {"a": {"command": sh("echo hi; exec sleep 1000"), "startsecs": 0}})
    s.rpc.addProcessGroup("a")
    s.wait_state("a", "RUNNING")
    s.see("names", s.names("auto"))
    s.see("modes", sorted({s.mode("auto/" + name) for name in os.listdir(s.dir / "auto")}))
    s.see("info", s.info("a"))
