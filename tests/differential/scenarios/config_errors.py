"""Configurations that are refused: status 2, the text on stderr, nothing started, nothing written.

What the parser makes of files is compared in test_config_parse.py; here a few of each kind go through the daemon.
"""
import re

from programs import WAIT
from scenario import Differs, scenario
from side import wait_until

MADE_OF = {  # name -> text after a good [supervisord] section
    "no command": "[program:a]\n",
    "boolean": "[program:a]\ncommand=x\nautostart=maybe\n",
    "integer": "[program:a]\ncommand=x\nstartsecs=1.5\n",
    "signal": "[program:a]\ncommand=x\nstopsignal=NOPE\n",
    "signal number": "[program:a]\ncommand=x\nstopsignal=35\n",
    "exit codes": "[program:a]\ncommand=x\nexitcodes=0,256\n",
    "autorestart": "[program:a]\ncommand=x\nautorestart=Never\n",
    "user of a program": "[program:a]\ncommand=x\nuser=nobody-of-this-name\n",
    "folder of a program's log": "[program:a]\ncommand=x\nstdout_logfile=/nonexistent/folder/log\n",
    "umask of a program": "[program:a]\ncommand=x\numask=9\n",
    "stop and kill as group": "[program:a]\ncommand=x\nstopasgroup=true\nkillasgroup=false\n",
    "numbers without a name": "[program:a]\ncommand=x\nnumprocs=2\n",
    "name with a colon": "[program:a:b]\ncommand=x\n",
    "unknown name in an expansion": "[program:a]\ncommand=%(nope)s\n",
    "bad format": "[program:a]\ncommand=100%!\n",
    "environment": "[program:a]\ncommand=x\nenvironment=A=1 B=2\n",
    "environment without an end": "[program:a]\ncommand=x\nenvironment=A=\"1\n",
    "group of an unknown program": "[group:g]\nprograms=nope\n",
    "event listener without events": "[eventlistener:l]\ncommand=x\n",
    "event listener with an unknown event": "[eventlistener:l]\ncommand=x\nevents=NOPE\n",
    "event listener with redirected stderr": "[eventlistener:l]\ncommand=x\nevents=TICK_5\nredirect_stderr=true\n",
    "event listener without a buffer": "[eventlistener:l]\ncommand=x\nevents=TICK_5\nbuffer_size=0\n",
    "fcgi program without a socket": "[fcgi-program:f]\ncommand=x\n",
    "fcgi program with a socket mode over tcp": "[fcgi-program:f]\ncommand=x\nsocket=tcp://localhost:1\nsocket_mode=0700\n",
    "server without a file": "[unix_http_server]\n",
    "server with half a login": "[unix_http_server]\nfile=%(here)s/x\nusername=u\n",
    "server with a bad mode": "[unix_http_server]\nfile=%(here)s/x\nchmod=rwx\n",
    "server with a bad owner": "[unix_http_server]\nfile=%(here)s/x\nchown=nobody-of-this-name\n",
    "server without a port": "[inet_http_server]\n",
    "server with a bad port": "[inet_http_server]\nport=99999\n",
    "rpcinterface without a factory": "[rpcinterface:x]\n",
    "include without files": "[include]\n",
    "line without a delimiter": "[program:a]\ncommand\n",
    "key without a name": "[program:a]\n=x\n",
}


def outcome(s):
    """Whether it starts with this configuration."""
    s.launch()
    wait_until(lambda: s.process.poll() is not None or s.log("supervisord started"), "a start or an end")
    return "refused" if s.process.poll() is not None else "started"


def show_end(text):
    def play(s):
        s.write("s.conf", "[supervisord]\nlogfile=%(here)s/s.log\npidfile=%(here)s/s.pid\nchildlogdir=%(here)s/auto\n" + text)
        s.see("end", s.run("-n"))
        s.see("files", s.names("."))
        s.see("child logs", s.names("auto"))
    return play


for title, text in MADE_OF.items():
    scenario(title, short=title in ("boolean", "unknown name in an expansion"))(show_end(text))


@scenario()
def no_header(s):
    s.write("s.conf", "logfile=x\n")
    s.see("end", s.run("-n"))


@scenario()
def no_supervisord_section(s):
    s.write("s.conf", "[program:a]\ncommand=x\n")
    s.see("end", s.run("-n"))


@scenario()
def empty_file(s):
    s.write("s.conf", "")
    s.see("end", s.run("-n"))


@scenario()
def bytes_that_are_not_utf8(s):
    s.write("s.conf", b"[supervisord]\n[program:a]\ncommand=\xff\n")
    s.see("end", s.run("-n"))


@scenario(short=True)
def an_error_in_an_included_file(s):
    s.write("s.conf", "[supervisord]\n[include]\nfiles=conf.d/*.conf\n")
    s.write("conf.d/a.conf", "[program:a]\ncommand=x\nstartsecs=soon\n")
    s.see("end", s.run("-n"))


@scenario(differs={"rest of stderr": Differs("where a file is to blame a third: `The cause is at FILE:LINE`", theirs=None,
                                             ours="DIR/conf.d/a.conf:3")})
def the_line_that_is_to_blame(s):
    s.write("s.conf", "[supervisord]\n[include]\nfiles=conf.d/*.conf\n")
    s.write("conf.d/a.conf", "[program:a]\ncommand=x\nstartsecs=soon\n")
    s.see("end", s.run("-n"))
    s.see("rest of stderr", s.cause)


@scenario(differs={"error": Differs("a bad FastCGI socket: Python's tuple", theirs="Error: ('Bad socket format %s', 'foo') in [fcgi-program:f] socket",
                                    ours="Error: Bad socket format foo in [fcgi-program:f] socket")})
def a_bad_fcgi_socket(s):
    s.write_config({"fcgi-program:f": {"command": WAIT, "socket": "foo"}})
    end = s.run("-n")
    s.see("status", end["status"])
    s.see("error", end["err"].splitlines()[0])


@scenario(differs={"end": Differs("`rpcinterface` that cannot be loaded: status 2 without a reason",
                                  ours=lambda lines: "nope.nope:make cannot be resolved within [rpcinterface:x]: " in lines[0],
                                  theirs=["Error: nope.nope:make cannot be resolved within [rpcinterface:x]"])})
def an_interface_that_cannot_be_loaded(s):
    s.write_config({"rpcinterface:x": {"supervisor.rpcinterface_factory": "nope.nope:make"}})
    outcome(s)
    s.see("end", [line for line in s.read("err").splitlines() + s.log() if "nope.nope" in line])


@scenario(differs={"end": Differs("an unknown program in a group is blamed on the previous program's section",
                                  ours=lambda end: "[group:g] names unknown program or fcgi-program nope" in end["err"],
                                  theirs=lambda end: "[group:g] names" not in end["err"])})
def the_second_name_of_a_group_is_unknown(s):
    s.write_config({"a": {"command": WAIT}, "group:g": {"programs": "a,nope"}})
    s.see("end", s.run("-n"))


@scenario(differs={"secret": Differs("prints its whole dictionary", ours="refused", theirs="given to the program")})
def an_expansion_without_a_name_tells_no_secrets(s):
    s.write_config({"a": {"command": "/bin/echo %s", "startsecs": 0, "stdout_logfile": "%(here)s/a.out"}})
    s.launch(env={"SECRET": "hunter2"})
    wait_until(lambda: s.process.poll() is not None or s.read("a.out"), "an end")
    s.see("secret", "given to the program" if "hunter2" in (s.read("a.out") or s.read("err")) else "refused")


@scenario(needs_root=True)
def programs_of_other_users_need_root(s):
    s.write_config({"a": {"command": WAIT, "user": "root"}}, supervisord={"user": "root"})
    s.dir.chmod(0o777)
    s.see("end", s.run("-n", user=65534))


@scenario(differs={"start": Differs("a byte order mark makes the first line an error", ours="status 2: about the log level",
                                    theirs="status 2: about the header")})
def byte_order_mark(s):
    s.write("s.conf", b"\xef\xbb\xbf[supervisord]\nloglevel=loud\n")
    end = s.run("-n")
    about = "log level" if "loud" in end["err"] else "header" if "no section headers" in end["err"] else end["err"]
    s.see("start", f"status {end['status']}: about the {about}")


@scenario(differs={"value": Differs("is expanded twice", ours="50%", theirs=re.compile("refused.*"))})
def a_percent_sign_in_the_global_environment(s):
    s.write_config({"a": {"command": "/bin/sh -c 'echo $P > %(here)s/a.out'", "startsecs": 0, "autorestart": "false"}},
                   supervisord={"environment": 'P="50%%"'})
    s.launch()
    wanted = s.dir / "a.out"
    wait_until(lambda: s.process.poll() is not None or (wanted.exists() and wanted.read_text()), "an end")
    s.see("value", "refused" if s.process.poll() is not None else (s.read("a.out") or "").strip())


@scenario(differs={"position": Differs("position of invalid UTF-8 counts from its last read", ours="20014", theirs=lambda text: int(text) < 20014)})
def position_of_bytes_that_are_not_utf8(s):
    s.write("s.conf", b"[supervisord]\n" + b"# comment\n" * 2000 + b"\xff\n")
    end = s.run("-n")
    s.see("status", end["status"])
    s.see("position", re.search(r"in position (\d+)", end["err"])[1])


@scenario(differs={"outcome": Differs("`stopsignal=SIG_IGN` and other constants of Python", theirs="started", ours="refused")})
def a_signal_that_is_a_constant_of_python(s):
    s.write_config({"a": {"command": WAIT, "autostart": "false", "stopsignal": "SIG_IGN"}})
    s.see("outcome", outcome(s))


@scenario(differs={"outcome": Differs("a numeric group in `chown` and `socket_owner` must be in the database", theirs="refused", ours="started")},
          needs_root=True)
def an_owner_whose_group_has_no_name(s):
    s.write_config(server={"chown": "root:54321"})
    s.see("outcome", outcome(s))


@scenario(differs={"outcome": Differs("`result_handler` that cannot be loaded", theirs="refused", ours="started")})
def a_result_handler_that_cannot_be_loaded(s):
    s.write_config({"eventlistener:l": {"command": WAIT, "events": "TICK_3600", "autostart": "false", "result_handler": "nope:nope"}})
    s.see("outcome", outcome(s))


@scenario(differs={"status": Differs('`-c ""` ends with a traceback', theirs=1, ours=2)})
def an_empty_file_name(s):
    s.see("status", s.run("-c", "", config=False)["status"])
