"""What clients can ask that concerns the daemon itself: its state, its log, input of programs, calls of several methods."""
from programs import probe, quiet
from scenario import Differs, scenario
from side import wait_until


@scenario(differs={"version": Differs("Upkeep does what Supervisor 4.3.0 does", theirs="4.2.5", ours="4.3.0")})
def the_daemon(s):
    s.start({})
    s.see("state", s.call("getState"))
    s.see("pid", s.call("getPID") == s.pid)
    s.see("versions", (s.call("getAPIVersion"), s.call("getVersion")))
    s.see("version", s.call("getSupervisorVersion"))
    s.see("identification", s.call("getIdentification"))


@scenario()
def calls_with_bad_arguments(s):
    s.start({"a": quiet(autostart="false")})
    s.see("none", s.call("startProcess"))
    s.see("too many", s.call("startProcess", "a", True, 3))
    s.see("no method", s.call("noSuchMethod"))
    s.see("log offsets", (s.call("readLog", -1, 5), s.call("readLog", 0, -1)))


@scenario()
def start_without_waiting(s):
    s.start({"a": quiet(autostart="false", startsecs=600)})
    s.see("answer", s.call("startProcess", "a", False))
    s.wait_state("a", "STARTING")
    s.see("again", s.call("startProcess", "a", False))
    s.see("stop", s.call("stopProcess", "a", False))
    s.wait_state("a", "STOPPED")


@scenario()
def start_of_a_group_with_failures(s):
    s.start({"good": quiet(autostart="false"), "missing": quiet("/nonexistent", autostart="false"),
             "quick": quiet(probe("exit-after", 0, 1), autostart="false", startsecs=20, startretries=0), "group:g": {"programs": "good,missing,quick"}})
    s.see("answer", sorted(s.call("startProcessGroup", "g"), key=lambda row: row["name"]))
    s.wait_state("g:good", "RUNNING")
    s.see("states", [s.state(f"g:{name}") for name in ("good", "missing", "quick")])


@scenario(short=True)
def input_of_a_program(s):
    s.start({"a": quiet(probe("echo-stdin"), stdout_logfile="%(here)s/a.out"), "off": quiet(autostart="false")})
    s.wait_file("a.out", "ready")
    s.see("answers", [s.rpc.sendProcessStdin("a", text) for text in ("hello\n", "", "ü\n")])
    s.wait_file("a.out", "ü")
    s.see("file", s.read("a.out"))
    s.see("not running", s.call("sendProcessStdin", "off", "x"))
    s.see("unknown", s.call("sendProcessStdin", "nope", "x"))


@scenario()
def input_of_a_program_that_closed_it(s):
    s.start({"a": quiet("/bin/sh -c 'exec <&-; echo closed; exec sleep 1000'", stdout_logfile="%(here)s/a.out")})
    s.wait_file("a.out", "closed")
    wait_until(lambda: "NO_FILE" in str(s.call("sendProcessStdin", "a", "x")), "an answer that says so")
    s.see("state", s.state("a"))


@scenario()
def all_configurations(s):
    s.start({"a": quiet(numprocs=2, process_name="a%(process_num)d", exitcodes="0,3", stopsignal="QUIT", priority=7, autostart="false"),
             "b": {"command": "/bin/sleep 1000", "autostart": "false", "redirect_stderr": "true", "stopasgroup": "true", "user": "root",
                   "environment": 'A="1"', "directory": "/", "umask": "022"},
             "group:g": {"programs": "a", "priority": 3}})
    s.see("all", s.call("getAllConfigInfo"))


@scenario(short=True)
def values_in_all_their_spellings(s):
    """Booleans, numbers and sizes as Python reads them."""
    s.start({name: quiet(autostart=word) for name, word in
             {"b1": "no", "b2": "Off", "b3": "0", "b4": "FALSE"}.items()}
            | {name: quiet(autostart="false", startsecs=word) for name, word in {"n1": "+7", "n2": " 1_0 ", "n3": "-3", "n4": "007"}.items()}
            | {name: quiet(autostart="false", stdout_logfile_maxbytes=word) for name, word in
               {"s1": "1KB", "s2": "2 mb", "s3": "1gb", "s4": "5"}.items()}
            | {name: quiet(autostart="false", stopsignal=word) for name, word in {"t1": "sigHUP", "t2": "9", "t3": "RTMIN", "t4": "64"}.items()}
            | {name: quiet(autostart="false", exitcodes=word) for name, word in {"e1": "0", "e2": " 3 , 2,255", "e3": ""}.items()})
    s.see("all", s.call("getAllConfigInfo"))
