#!/usr/bin/python3
"""Reads the same configurations with Supervisor's own parser and with ours and compares what comes out.

test_config_parse.py [CONFIG_DUMP [PEER]]
  CONFIG_DUMP  our tool (default: $UPKEEP_BIN/config_dump)
  PEER         folder with the unpacked Debian package supervisor (default: $UPKEEP_PEERS/root)

Each case is a set of files in a fresh folder, which is the current directory. Cases in DIFFERENCES must differ, all
others must not: an intended difference that is gone is a failure, too. After the listed cases come generated ones, from
a printed seed (UPKEEP_SEED repeats it, UPKEEP_RANDOM_CASES says how many).
"""

import contextlib
import difflib
import io
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import warnings

BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("UPKEEP_BIN", "build/dev/bin") + "/config_dump").resolve()
PEER = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("UPKEEP_PEERS", "build/peers") + "/root")
MODULES = PEER.resolve() / "usr/lib/python3/dist-packages"
PROGRAM = "/usr/bin/supervisord"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "GREETING": "hello", "PERCENT": "100%", "NUMBER": "12", "LANG": "C.UTF-8"}


def program(*lines, head="[supervisord]"):
    return {"a.conf": "\n".join([head, "[program:web]", *lines, ""])}


def ini(text):
    return {"a.conf": text}


def fcgi(*lines):
    return ini("\n".join(["[supervisord]", "[fcgi-program:web]", "command=x", *lines, ""]))


def listener(*lines):
    return ini("\n".join(["[supervisord]", "[eventlistener:web]", "command=x", *lines, ""]))


EVENTS = ["EVENT", "PROCESS_STATE", "PROCESS_STATE_STOPPED", "PROCESS_STATE_EXITED", "PROCESS_STATE_STARTING", "PROCESS_STATE_STOPPING",
          "PROCESS_STATE_BACKOFF", "PROCESS_STATE_FATAL", "PROCESS_STATE_RUNNING", "PROCESS_STATE_UNKNOWN", "PROCESS_COMMUNICATION",
          "PROCESS_COMMUNICATION_STDOUT", "PROCESS_COMMUNICATION_STDERR", "PROCESS_LOG", "PROCESS_LOG_STDOUT", "PROCESS_LOG_STDERR",
          "REMOTE_COMMUNICATION", "SUPERVISOR_STATE_CHANGE", "SUPERVISOR_STATE_CHANGE_RUNNING", "SUPERVISOR_STATE_CHANGE_STOPPING",
          "TICK", "TICK_5", "TICK_60", "TICK_3600", "PROCESS_GROUP", "PROCESS_GROUP_ADDED", "PROCESS_GROUP_REMOVED"]
RPC = "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"

# Every key the original knows: section with what it needs, then key and a good value that is not the default. Each is tried
# with several values and with every name that could expand in it.
PROGRAM_KEYS = {
    "command": "x", "process_name": "p", "numprocs": "0", "numprocs_start": "7", "priority": "7", "autostart": "off", "autorestart": "on",
    "startsecs": "7", "startretries": "7", "exitcodes": "0,3", "stopsignal": "HUP", "stopwaitsecs": "7", "stopasgroup": "on",
    "killasgroup": "on", "user": "nobody", "redirect_stderr": "off", "environment": "A=1", "directory": "/", "umask": "017", "serverurl": "x",
    **{f"{channel}_{key}": value for channel in ("stdout", "stderr") for key, value in {
        "logfile": "/tmp/f", "logfile_maxbytes": "7kb", "logfile_backups": "7", "capture_maxbytes": "7kb", "events_enabled": "on",
        "syslog": "on"}.items()}}
KEYS = {
    "[include]\nfiles=x\n": {"files": "other"},
    "[supervisord]\n": {"minfds": "7", "minprocs": "7", "directory": "/", "user": "root", "umask": "017", "logfile": "/tmp/f",
                       "logfile_maxbytes": "7kb", "logfile_backups": "7", "loglevel": "Debug", "pidfile": "/tmp/f", "identifier": "other",
                       "nodaemon": "on", "silent": "on", "childlogdir": "/", "nocleanup": "on", "strip_ansi": "on"},
    "[program:a]\ncommand=x\n": PROGRAM_KEYS,
    "[program:b]\ncommand=x\n[group:g]\n": {"programs": "b", "priority": "7"},
    "[eventlistener:a]\ncommand=x\nevents=EVENT\n": {**PROGRAM_KEYS, "events": "tick", "buffer_size": "7",
                                                    "result_handler": "supervisor.dispatchers:default_handler"},
    "[fcgi-program:a]\ncommand=x\nsocket=unix:///s\n": {**PROGRAM_KEYS, "socket": "unix:///t", "socket_backlog": "7", "socket_owner": "root",
                                                       "socket_mode": "017"},
    "[inet_http_server]\nport=1\nusername=u\npassword=p\n": {"port": "h:7", "username": "v", "password": "q"},
    "[unix_http_server]\nfile=s\nusername=u\npassword=p\n": {"file": "t", "username": "v", "password": "q", "chmod": "017", "chown": "root"},
    "[rpcinterface:x]\n": {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
}
# A precision of 0 leaves nothing of a name, so the value stays good.
VALUES = ["GOOD", "", "-1", "x y", "GOOD%%"] + [f"GOOD%({name}).0s" for name in (
    "ENV_GREETING", "here", "host_node_name", "program_name", "group_name", "process_num", "numprocs", "nope")]
KEY_CASES = {f"{section.splitlines()[-1 if 'group' in section else 0]} {key}={value}":
             {"a.conf": f"[supervisord]\n{section}{key}={value.replace('GOOD', good)}\n"}
             for section, keys in KEYS.items() for key, good in keys.items() for value in VALUES}

# name: files, or (files, arguments), or (files, arguments, path of the program)
CASES = {
    # The line grammar.
    "empty file": ini(""),
    "minimal": ini("[supervisord]\n"),
    "no header": ini("x=1\n"),
    "key before header": ini("\n; comment\n  key = value # c\n[supervisord]\n"),
    "no delimiter": ini("[supervisord]\nnonsense\n[program:a]\ncommand=x\nmore nonsense\n"),
    "empty key": ini("[supervisord]\n= value\n"),
    "empty brackets": ini("[supervisord]\n[]\n"),
    "comment cuts value": program("command=bash -c 'a ; b'"),
    "comment needs a blank": program("command=a; b;c#d # e"),
    "comment marks in step": program("command=a#b # c ; d"),
    "comment in value": program("command=a", "; comment", "  b", "", "  c", "directory=/"),
    "continuation": program("command=a", "  b", "\tc=d", "  [x]"),
    "indented keys": program("  command=a", "  directory=/x", "    y", "  umask=022"),
    "tabs are one column": ini("[supervisord]\n[program:a]\n\tcommand=x\n  directory=/\n"),
    "deeper header": ini("[supervisord]\n[program:a]\n  command=x\n    [program:b]\n  [program:c]\ncommand=y\n"),
    "header closes the value": ini("[supervisord]\n[program:a]\ncommand=x\n[program:b]\n  command=y\n   z\n"),
    "only a comment mark": program("command=x ;", "directory=;", "umask=#"),
    "value on the next line": program("command=", "   x", "directory =", " /"),
    "blank in key": program("command=x", "start secs=3"),
    "blank line in value": program("command=a", "", "  b", "", ""),
    "colon delimiter": program("command: a:b=c", "directory : /x"),
    "duplicates merge": ini("[supervisord]\n[program:a]\ncommand=1\ncommand=2\n[program:b]\ncommand=x\n[program:a]\nstartsecs=7\n"),
    "upper case key": program("CoMMand=x", "StartSecs=4"),
    "greedy header": ini("[supervisord]\n[program:a] junk\ncommand=x\n[program:b]]\ncommand=y\n"),
    "blank in header": ini("[supervisord]\n[ program:a ]\ncommand=x\n"),
    "broken header": ini("[supervisord]\n[program:a\ncommand=x\n"),
    "default section": ini("[DEFAULT]\nstartsecs=5\n[supervisord]\n[program:a]\ncommand=x\n"),
    "default and rpc": ini("[DEFAULT]\nstartsecs=1\n[supervisord]\n" + RPC),
    "default and rpc expansion": ini("[DEFAULT]\nstartsecs=%(nope)s\n[supervisord]\n" + RPC),
    "crlf": ini("[supervisord]\r\n[program:a]\r\ncommand=x\r\n  y\r\n"),
    "cr": ini("[supervisord]\r[program:a]\rcommand=x\r"),
    "unicode spaces": ini("[supervisord]\n[program:a]\n\u00a0command\u2003=\u3000x y\u00a0\n\f\u00a0z\n"),
    "not utf-8": {"a.conf": b"[supervisord]\n[program:a]\ncommand=\xff\n"},
    "not utf-8 in the middle": {"a.conf": b"[supervisord]\n[program:a]\ncommand=\xe2\x82x\n"},
    "cut utf-8": {"a.conf": b"[supervisord]\n[program:a]\ncommand=\xe2\x82"},
    "byte order mark": {"a.conf": "\ufeff[supervisord]\n"},
    "no supervisord section": ini("[program:a]\ncommand=x\n"),
    "unknown sections": ini("[supervisord]\n[nope]\nx=%(y)s\n[programs:a]\n"),
    # [include].
    "include": {"a.conf": "[supervisord]\n[include]\nfiles=b/*.conf c?.ini\n  %(here)s/d.ini none.ini\n",
                "b/2.conf": "[program:b2]\ncommand=%(here)s/x\n", "b/1.conf": "[program:b1]\ncommand=x\n",
                "b/.3.conf": "[program:b3]\ncommand=x\n", "c1.ini": "[supervisord]\nidentifier=c1\n[program:b1]\ncommand=y\n",
                "d.ini": "[include]\nfiles=b/.3.conf\n"},
    "include without files": ini("[supervisord]\n[include]\n"),
    "include error": {"a.conf": "[supervisord]\n[include]\nfiles=b.ini\n", "b.ini": "[program:x]\ncommand=x\nnope\n"},
    "include folder": {"a.conf": "[supervisord]\n[include]\nfiles=b\n", "b/x": ""},
    "include error suffix": {"a.conf": "[supervisord]\n[include]\nfiles=b.ini\n", "b.ini": "[program:x]\nstartsecs=x\n"},
    "include order": {"a.conf": "[supervisord]\n[include]\nfiles=z.ini\n a.ini\n", "z.ini": "[program:x]\ncommand=z\numask=1\n", "a.ini": "[program:x]\ncommand=a\n"},
    "include over main": {"a.conf": "[supervisord]\nidentifier=main\n[program:x]\ncommand=%(here)s\ndirectory=%(here)s\n[include]\nfiles=b/[x-z]?.ini\n",
                          "b/y1.ini": "[supervisord]\nidentifier=%(here)s\n[program:x]\ncommand=%(here)s\n", "b/a1.ini": "nonsense"},
    "include absolute": ini("[supervisord]\n[include]\nfiles=/no/such/*.conf %(here)s/none ~/x **/x\n"),
    "include twice": {"a.conf": "[supervisord]\n[include]\nfiles=b.ini b.ini ./b.ini\n", "b.ini": "[program:x]\ncommand=%(here)s\n"},
    "include main again": ini("[supervisord]\n[include]\nfiles=a.conf\n[program:x]\ncommand=x\n"),
    "include not utf-8": {"a.conf": "[supervisord]\n[include]\nfiles=b.ini\n", "b.ini": b"[program:x]\ncommand=\xff\n"},
    "include with default": {"a.conf": "[supervisord]\n[include]\nfiles=b.ini\n[program:x]\ncommand=x\n", "b.ini": "[DEFAULT]\nstartsecs=7\ndirectory=%(here)s\n"},
    "include without header": {"a.conf": "[supervisord]\n[include]\nfiles=b.ini\n", "b.ini": "command=x\n"},
    "include gives supervisord": {"a.conf": "[include]\nfiles=b.ini\n", "b.ini": "[supervisord]\nidentifier=b\n"},
    "include bad expansion": ini("[supervisord]\n[include]\nfiles=%(nope)s\n"),
    "include breaks escapes": ini("[supervisord]\n[include]\nfiles=b\n[program:x]\ncommand=%%(here)s\n"),
    "include host": ini("[supervisord]\n[include]\nfiles=%(host_node_name)s.ini\n"),
    "here for username": ini("[supervisord]\n[include]\nfiles=x\n[unix_http_server]\nfile=s\nusername=%(here)s\npassword=x\n"),
    # Expansions.
    "expand names": program("command=%(here)s %(program_name)s %(group_name)s %(host_node_name)s %(ENV_GREETING)s %(process_num)d %(numprocs)d"),
    "expand unknown": program("command=%(nope)s"),
    "expand formats": program("command=%(process_num)03d|%(process_num)+5d|%(process_num)-5d|%(process_num)x|%(process_num)#o|%(program_name)6.2s|%(program_name)-6s|%(program_name)r|%%|%(process_num).4d|%(process_num)05.2d", "numprocs_start=11"),
    **{f"expand {v!r}": program("command=a " + v) for v in [
        "% (x)", "%(program_name)s %s", "%(program_name)s %Y", "%*d", "%(program_name)s %*d", "%.*d", "%5%", "%(process_num)%", "%%%", "%(a(b))s",
        "%5", "%(process_num)c", "%(program_name)c", "%(process_num)s|%(process_num)r|%(process_num)3s", "%c", "%x", "%f", "%(here)f", "%(here)", "%(",
        "%(process_num)f|%(process_num)+9.2f|%(process_num)09.1e|%(process_num)g|%(process_num)G|%(process_num)#.3g|%(process_num)-8.0f|"]},
    "expand flags": program("command=%(process_num)#x %(process_num)X %(process_num)i %(process_num)u %(process_num)c %(process_num)ld|", "numprocs_start=65"),
    "expand lone percent": program("command=100%"),
    "expand percent space": program("command=100% sure"),
    "expand bad conversion": program("command=a %(program_name)Y"),
    "expand bad unicode conversion": program("command=ää %(program_name)€"),
    "expand unclosed": program("command=a %(program_name"),
    "expand number of text": program("command=a %(program_name)d"),
    "expand hex of text": program("command=a %(program_name)x"),
    "expand dict number": program("command=a %d"),
    "expand dict": program("command=a %s"),
    "expand star": program("command=a %(program_name)*s"),
    "expand no process_num": program("command=x", "startsecs=%(process_num)d"),
    "expand priority": program("command=x", "priority=%(program_name)s"),
    "expand in group": ini("[supervisord]\n[group:g]\nprograms=a\npriority=%(ENV_GREETING)s\n[program:a]\ncommand=x\n"),
    "logfile twice": program("command=x", "stdout_logfile=/tmp/%%%%(x)s.log"),
    "logfile percent": program("command=x", "stdout_logfile=/tmp/%%x.log"),
    "logfile environment": program("command=x", "stdout_logfile=/tmp/%(ENV_PERCENT)s.log"),
    "own environment": program("command=%(ENV_A)s %(ENV_B)s", "environment=A=1,B=%(ENV_GREETING)s", "directory=/%(ENV_A)s", "process_name=p%(ENV_A)s"),
    "own environment too early": program("command=x", "environment=U=root", "user=%(ENV_U)s"),
    "global environment": ini("[supervisord]\nenvironment=G=\"x y\",H=%(here)s\n[program:a]\ncommand=%(ENV_G)s\nenvironment=H=2\n"),
    "global environment host": ini("[supervisord]\nenvironment=G=%(host_node_name)s\n"),
    "global environment percent": ini("[supervisord]\nenvironment=G=\"a%%b\"\n"),
    "global environment bad": ini("[supervisord]\nenvironment=G=\n"),
    # Types.
    **{f"boolean {v!r}": program("command=x", f"autostart={v}") for v in ["YES", "oN", "0", "", "maybe", "2"]},
    **{f"integer {v!r}": program("command=x", f"startsecs={v}") for v in ["+3", "-2", " 1_000", "0x10", "1.5", "", "1__0", "_1", "007", "1e3", "it's"]},
    **{f"size {v!r}": ini(f"[supervisord]\nlogfile_maxbytes={v}\n") for v in ["1KB", "2mB", "3 GB", "-1kb", "10K", "1.5MB", "5B", "", "7"]},
    **{f"octal {v!r}": program("command=x", f"umask={v}") for v in ["022", "22", "0o22", "0O17", "8", "", "777"]},
    **{f"level {v!r}": ini(f"[supervisord]\nloglevel={v}\n") for v in ["DEBUG", "warn", "warning", "blather", ""]},
    **{f"signal {v!r}": program("command=x", f"stopsignal={v}") for v in ["hup", "SIGKILL", "9", "0", "35", "34", "64", "rtmin", "sigsigterm", "foo", "", "-1", " sigint ", "SIG_IGN", "CLD", "POLL", "IO", "IOT", "PWR", "STKFLT", "RTMAX", "SIGRTMIN", "RTMIN+1", "ITIMER", "65", "1_5"]},
    **{f"exit codes {v!r}": program("command=x", f"exitcodes={v}") for v in ["0,2", "", " 1 , 2", "0,", "256", "-1", "a", "2,0"]},
    **{f"autorestart {v!r}": program("command=x", f"autorestart={v}") for v in ["TRUE", "off", "Unexpected", "Never", ""]},
    **{f"user {v!r}": program("command=x", f"user={v}") for v in ["root", "0", "nobody", "no-such-user", "4000000", "-5", ""]},
    **{f"logfile {v!r}": program("command=x", f"stdout_logfile={v}") for v in ["NONE", "Off", "auto", "syslog", "", "x.log", "sub/x.log", "/no/such/x.log", "~/x.log", "~root/x", "~nobody-such/x", "/tmp/", "/x"]},
    **{f"serverurl {v!r}": program("command=x", f"serverurl={v}") for v in ["auto", " AUTO ", "", "http://x", "unix:///x"]},
    **{f"directory {v!r}": ini(f"[supervisord]\ndirectory={v}\n") for v in ["/tmp", "~", "nope", "", "~/"]},
    **{f"main log {v!r}": ini(f"[supervisord]\nlogfile={v}\npidfile={v}\n") for v in ["syslog", "Syslog", "x", "./x/../y", "no/x", "~/x", "/tmp//x", "//tmp/x", "/../tmp/x"]},
    "childlogdir": ini("[supervisord]\nchildlogdir=/tmp\n"),
    "childlogdir missing": ini("[supervisord]\nchildlogdir=/no/such\n"),
    "all of supervisord": ini("[supervisord]\nnodaemon=true\nsilent=true\nnocleanup=1\nstrip_ansi=on\nminfds=5\nminprocs=6\n"
                              "umask=077\nidentifier=me %(here)s\nlogfile_backups=3\nuser=root\nloglevel=trace\n"),
    "minfds": ini("[supervisord]\nminfds=x\nminprocs=y\n"),
    # environment=
    **{f"environment {v!r}": program("command=x", f"environment={v}") for v in [
        "A=1,B=2", "A=1 , B = 2 ", "A=1,\n  B=2", "A=1,", 'A="x,y"', "A='x'", 'A=""', "A=", "A=,B=1", "A=1 B=2", "A=1,,B=2",
        "A=a=b", "A=x@y", "A=http://h/?q", "A=1;B=2", "A=foo bar", "A=~/x", "A=$HOME", "A=*", "A=a#b,B=2", 'A="it\'s"',
        "A=\"'x'\"", 'A="a\\"b"', "A='a\\'b'", 'A="\\\\d"', 'A=foo"bar baz"', '"A"=1', "A=1,A=2", "", "A", "=", "A=ä", "ä=1",
        'A="x', "A=%(nope)s", "A=a#b\n  c,B=2", "A=1 #,B=2"]},
    # Programs.
    "no command": program("directory=/"),
    "empty command": program("command="),
    "numprocs": program("command=%(process_num)d", "numprocs=12", "process_name=%(program_name)s_%(process_num)d"),
    "numprocs without num": program("command=x", "numprocs=2"),
    "numprocs 0": program("command=x", "numprocs=0"),
    "numprocs -1": program("command=x", "numprocs=-1"),
    "numprocs 1 start": program("command=%(process_num)d", "numprocs_start=7"),
    "process name format": program("command=x", "process_name=%(nope)s"),
    "process name blank": program("command=x", "process_name=a b"),
    "process name colon": program("command=x", "process_name=a:b"),
    "process name from environment": program("command=x", "environment=X=\"a b\"", "process_name=%(ENV_X)s"),
    "program name": ini("[supervisord]\n[program:a b]\ncommand=x\n"),
    "program name slash": ini("[supervisord]\n[program:a/b'c]\ncommand=x\n"),
    "program name trimmed": ini("[supervisord]\n[program: ab ]\ncommand=x\n"),
    "program name empty": ini("[supervisord]\n[program:]\ncommand=x\n"),
    "stop and kill group": program("command=x", "stopasgroup=true", "killasgroup=false"),
    "stop group": program("command=x", "stopasgroup=true"),
    "kill group": program("command=x", "killasgroup=true"),
    "redirect with file": program("command=x", "redirect_stderr=true", "stderr_logfile=/tmp/x"),
    "redirect with empty file": program("command=x", "redirect_stderr=true", "stderr_logfile="),
    "redirect": program("command=x", "redirect_stderr=true"),
    "auto without rollover": program("command=x", "stdout_logfile_maxbytes=0", "stderr_logfile_maxbytes=0"),
    "log settings": program("command=x", "stdout_logfile=/tmp/%(process_num)d", "stdout_logfile_backups=%(process_num)d",
                            "stdout_logfile_maxbytes=%(process_num)dKB", "stdout_syslog=%(process_num)d",
                            "stderr_capture_maxbytes=1MB", "stderr_events_enabled=true", "stdout_capture_maxbytes=-1",
                            "stderr_syslog=yes", "stdout_events_enabled=1", "stderr_logfile_backups=2", "numprocs_start=1"),
    "several errors": program("startretries=x", "startsecs=y", "autostart=z", "stdout_logfile=/no/such/x"),
    "order": ini("[supervisord]\n[program:b]\ncommand=x\n[program:a]\ncommand=x\npriority=5\n[program:c]\ncommand=x\npriority=5\n[program:B]\ncommand=x\n"),
    "negative priority": ini("[supervisord]\n[program:b]\ncommand=x\n[program:z]\ncommand=x\npriority=-1\n"),
    # Groups.
    "group": ini("[supervisord]\n[group:g]\nprograms=b, a\npriority=7\n[program:a]\ncommand=%(group_name)s\npriority=1\n[program:b]\ncommand=x\n[program:c]\ncommand=x\n"),
    "two groups": ini("[supervisord]\n[group:g]\nprograms=a\n[group:h]\nprograms=a\n[program:a]\ncommand=%(group_name)s\n"),
    "group unknown": ini("[supervisord]\n[group:g]\nprograms=b\n"),
    "group unknown second": ini("[supervisord]\n[group:g]\nprograms=a,b\n[program:a]\ncommand=x\n"),
    "group trailing comma": ini("[supervisord]\n[group:g]\nprograms=a,\n[program:a]\ncommand=x\n"),
    "group program twice": ini("[supervisord]\n[group:g]\nprograms=a,a\n[program:a]\ncommand=x\n"),
    "group case": ini("[supervisord]\n[group:g]\nprograms=A\n[program:a]\ncommand=x\n"),
    "group over lines": ini("[supervisord]\n[group:g]\nprograms=a,\n  b,\n  c\n[program:a]\ncommand=x\n[program:b]\ncommand=x\n[program:c]\ncommand=x\n"),
    "group members keep their order": ini("[supervisord]\n[group:g]\nprograms=b,a\n[program:a]\ncommand=x\npriority=1\nnumprocs=11\nprocess_name=%(process_num)d\n[program:b]\ncommand=x\n"),
    "group empty": ini("[supervisord]\n[group:g]\n[group:h]\nprograms=\n"),
    "group name": ini("[supervisord]\n[group:g h]\nprograms=\n"),
    "group ambiguous": ini("[supervisord]\n[group:g]\nprograms=a\n[program:a]\ncommand=x\n[fcgi-program:a]\ncommand=x\nsocket=tcp://h:1\n"),
    "group and program": ini("[supervisord]\n[group:a]\nprograms=b\n[program:a]\ncommand=x\n[program:b]\ncommand=x\n"),
    "group program error": ini("[supervisord]\n[group:g]\nprograms=a b\n[program:a b]\ncommand=x\n"),
    # Servers and RPC interfaces.
    "unix server": ini("[supervisord]\n[unix_http_server]\nfile = %(here)s/x.sock\nchmod=0770\nchown=root:root\nusername=u\npassword=%(ENV_GREETING)s\n"),
    "two unix servers": ini("[supervisord]\n[unix_http_server:b]\nfile=~/b\nchown=nobody\n[unix_http_server]\nfile=/a/../c\n"),
    "unix server without file": ini("[supervisord]\n[unix_http_server]\n"),
    "unix server chmod": ini("[supervisord]\n[unix_http_server]\nfile=x\nchmod=rwx\n"),
    "unix server chown": ini("[supervisord]\n[unix_http_server]\nfile=x\nchown=root:no-such-group\n"),
    "unix server credentials": ini("[supervisord]\n[unix_http_server]\nfile=x\nusername=a\n"),
    "unix server expansion": ini("[supervisord]\n[unix_http_server]\nfile=x\nusername=%(here)s\npassword=x\n"),
    "rpc": ini("[supervisord]\n" + RPC),
    "rpc without factory": ini("[supervisord]\n[rpcinterface:x]\n"),
    "rpc unknown factory": ini("[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=no.such:thing\n"),
    "inet server": ini("[supervisord]\n[inet_http_server]\nport = *:9001\nusername=u\npassword={SHA}%(ENV_GREETING)s\n[program:a]\ncommand=x\n"),
    "inet servers": ini("[supervisord]\n[inet_http_server:b]\nport=LOCALHOST:1\n[inet_http_server]\nport=2\n[inet_http_serverx]\nport=:65535\n"),
    "inet and unix server": ini("[supervisord]\n[unix_http_server]\nfile=/x\n[inet_http_server]\nport=2\n"),
    **{f"inet port {v!r}": ini(f"[supervisord]\n[inet_http_server]\nport={v}\n") for v in [
        "9001", " 9001 ", "", "x", "0", "65536", "-1", "h:", ":", "h:x", "h:0", "h:65536", "h: 80", "[::1]:80", "a:b:80", "*", "*:80", "1_0", "h:+8", "%(here)s", "::"]},
    "inet server without port": ini("[supervisord]\n[inet_http_server:x]\n"),
    "inet server credentials": ini("[supervisord]\n[inet_http_server]\nport=x\npassword=a\n"),
    "inet server empty username": ini("[supervisord]\n[inet_http_server]\nport=1\nusername=\npassword=\n"),
    "inet before unix": ini("[supervisord]\n[unix_http_server]\n[inet_http_server]\n"),
    "unix credentials before chmod": ini("[supervisord]\n[unix_http_server]\nfile=x\nusername=a\nchmod=rwx\n"),
    "unix file before credentials": ini("[supervisord]\n[unix_http_server]\nusername=a\n"),
    "unix server numeric owner": ini("[supervisord]\n[unix_http_server]\nfile=x\nchown=0:0\n"),
    "unix server unknown owner": ini("[supervisord]\n[unix_http_server]\nfile=x\nchown=no-such\n"),
    "unix server unknown numeric group": ini("[supervisord]\n[unix_http_server]\nfile=x\nchown=0:4000000\n"),
    "unix server empty": ini("[supervisord]\n[unix_http_server]\nfile=\n"),
    # FastCGI programs.
    "fcgi": fcgi("socket=unix://%(here)s/%(program_name)s.sock", "socket_mode=0770", "socket_owner=nobody:root", "socket_backlog=12", "numprocs=2", "process_name=%(program_name)s_%(process_num)d", "priority=4"),
    "fcgi tcp": fcgi("socket=tcp://LocalHost:09000"),
    "fcgi user": fcgi("socket=unix:///x//y/../z", "user=nobody"),
    "fcgi user is us": fcgi("socket=unix:///x", "user=root"),
    "fcgi owner without group": fcgi("socket=unix:///x", "socket_owner=0", "user=nobody"),
    **{f"fcgi socket {v!r}": fcgi(f"socket={v}") for v in [
        "", "tcp://h:0", "tcp://h:65535", "tcp://h:65536", "unix:///", "unix:////x", "tcp://%(group_name)s:1", "tcp://h:%(process_num)d", "unix:///%(host_node_name)s"]},
    **{f"fcgi bad socket {v!r}": fcgi(f"socket={v}") for v in ["foo", "unix://x", "tcp://h", "tcp://:1", "tcp://a b:1", "tcp://a:b:1", "TCP://h:1", "http://h:1", "tcp://h:", "tcp://h:1x", "it's"]},
    **{f"fcgi backlog {v!r}": fcgi("socket=tcp://h:1", f"socket_backlog={v}") for v in ["1", "65535", "0", "65536", "-1", "x", ""]},
    **{f"fcgi mode {v!r}": fcgi("socket=unix:///x", f"socket_mode={v}") for v in ["0777", "8", ""]},
    **{f"fcgi owner {v!r}": fcgi("socket=unix:///x", f"socket_owner={v}") for v in ["nobody", "no-such", "root:no-such", "root:root", "", "0:0"]},
    "fcgi mode with tcp": fcgi("socket=tcp://h:1", "socket_mode=0700"),
    "fcgi owner with tcp": fcgi("socket=nonsense", "socket_owner=root"),
    "fcgi without socket": fcgi(),
    "fcgi without command": ini("[supervisord]\n[fcgi-program:f]\nsocket=tcp://h:1\n"),
    "fcgi name": ini("[supervisord]\n[fcgi-program:a b]\n"),
    "fcgi user unknown": fcgi("user=no-such-user"),
    "fcgi user with program name": fcgi("user=%(program_name)s"),
    "fcgi error order": fcgi("socket_mode=x", "socket_owner=x", "socket_backlog=x", "priority=x", "user=no-such"),
    "fcgi in a group": ini("[supervisord]\n[group:g]\nprograms=f,a\n[fcgi-program:f]\ncommand=x\nsocket=nonsense\n[program:a]\ncommand=y\n"),
    # Event listeners.
    "listener": listener("events=tick_60 , Process_State,TICK_60", "buffer_size=%(ENV_NUMBER)s", "numprocs=2", "process_name=%(program_name)s_%(process_num)d", "stdout_logfile=NONE", "stdout_capture_maxbytes=1MB"),
    "listener priority": listener("events=EVENT", "priority=5"),
    "listener of all events": listener("events=" + ",".join(EVENTS)),
    **{f"listener events {v!r}": listener(f"events={v}") for v in ["", "TICK_6", "TICK_5,", ",", "%(program_name)s", "%(here)s", "PROCESS_STATE\n  ,TICK", "tick_5 tick_60"]},
    **{f"listener buffer {v!r}": listener("events=EVENT", f"buffer_size={v}") for v in ["1", "0", "-5", "x", "", "1_0"]},
    "listener without events": listener(),
    "listener redirect": listener("events=EVENT", "redirect_stderr=true"),
    "listener redirect false": listener("events=EVENT", "redirect_stderr=false"),
    "listener redirect expansion": listener("events=EVENT", "redirect_stderr=%(program_name)s"),
    "listener handler": listener("events=EVENT", "result_handler=supervisor.dispatchers:default_handler"),
    "listener foreign handler": listener("events=EVENT", "result_handler=no.such:handler"),
    "listener error order": listener("priority=x", "buffer_size=x", "events=x", "redirect_stderr=x"),
    "listener error order 2": listener("buffer_size=0", "events=x", "redirect_stderr=true"),
    "listener error order 3": listener("buffer_size=0", "events=%(nope)s", "redirect_stderr=x"),
    "listener error order 4": listener("redirect_stderr=x"),
    "listener without command": ini("[supervisord]\n[eventlistener:x]\nevents=EVENT\n"),
    "listener name": ini("[supervisord]\n[eventlistener:a b]\ncommand=x\nevents=EVENT\n"),
    "listener name blanks": ini("[supervisord]\n[eventlistener: ab ]\ncommand=%(group_name)s %(program_name)s\nevents=EVENT\n"),
    "listener in a group": ini("[supervisord]\n[group:g]\nprograms=x\n[eventlistener:x]\ncommand=x\nevents=EVENT\n"),
    "listener stderr": listener("events=EVENT", "stderr_logfile=/tmp/x", "stderr_logfile_maxbytes=0", "stderr_syslog=1"),
    # Order of groups.
    "kinds of groups": ini("[supervisord]\n[fcgi-program:d]\ncommand=x\nsocket=tcp://h:1\n[eventlistener:c]\ncommand=x\nevents=EVENT\n[program:b]\ncommand=x\n[group:a]\nprograms=e\n[program:e]\ncommand=x\n"),
    "order of errors": ini("[supervisord]\n[fcgi-program:d]\n[eventlistener:c]\n[program:b]\n[group:a]\nprograms=e\n"),
    "order of errors 2": ini("[supervisord]\n[fcgi-program:d]\n[eventlistener:c]\n[program:b]\n"),
    "order of errors 3": ini("[supervisord]\n[fcgi-program:d]\n[eventlistener:c]\n"),
    # What nobody reads.
    "unknown keys": ini("[supervisord]\nfoo=1\nlogfle=2\n[program:a]\ncommand=x\nfoo=%(bar)s\n[eventlistener:b]\ncommand=x\nevents=EVENT\nsocket=x\n[include]\nfile=x\nfiles=none\n[group:g]\nprogram=a\n"),
    "sections of others": ini("[supervisord]\n[supervisorctl]\nserverurl=%(nope)s\n[ctlplugin:x]\nx=%(nope)s\n[progam:x]\n[circus]\nx=1\n"),
    "rpc with arguments": ini("[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\nx=%(nope)s\n"),
    "error order": ini("[supervisord]\n[unix_http_server]\n[program:x]\n[rpcinterface:x]\n"),
    # Constructs met in files that people use.
    "found: comments after values": ini("[unix_http_server]\nfile=/tmp/s.sock ; (the path)\n;chmod=0777\n[supervisord] ;; main\nlogfile=/tmp/l ;;log\nlogfile_maxbytes=50MB        ; (max)\n"
                                        "[inet_http_server]         ; disabled by default\nport=*:9001   ; (ip:port, *:port for all)\n[program:a] ; x\ncommand=/bin/a -c ;x\nstdout_logfile = /dev/stdout ;/tmp/other\n"),
    "found: quotes and marks": program("command=/bin/bash -c \"while true; do date +%%H; sleep 1;done\"", "environment=A='1;2',B=\"#x\""),
    "found: hash in a command": program("command=run --color=#fff --tag=a#b # not this"),
    "found: nginx": program("command=nginx -g \"daemon off;\"", "stdout_logfile=/dev/stdout", "stdout_logfile_maxbytes=0", "stderr_logfile=/dev/stderr", "stderr_logfile_maxbytes=0", "autorestart=True"),
    "found: shell variables": program("command=$SHELL -c ${HOME}/x", "environment=A=$HOME", "directory=$HOME"),
    "found: back-slashes": program("command=C:\\\\x\\y a\\ b", "environment=A=1, B=2\\ 3"),
    "found: quoted values": program("command=\"/bin/x\" 'y'", "autostart=\"true\""),
    "found: quoted path": program("command=x", "stdout_logfile=\"/tmp/x.log\"", "directory=\"/tmp\""),
    "found: environment over lines": program("command=x", "environment=", "    A=\"1\",", "    B=\"%(ENV_GREETING)s:/x\", ; why", "    PATH=\"/x:%(ENV_PATH)s\""),
    "found: environment with a url": program("command=x", "environment=URL=\"http://h:1/?a=b&c=%%20\",D=\"x=y\",E=\"a b\",F=\"\""),
    "found: command over lines": program("command=/bin/x", "  --a=1 \\", "  --b=2", "", "autostart=true"),
    "found: key indented too far": program("command=/bin/x", " autostart=false", "\tuser=nobody", "numprocs=1"),
    "found: numbered processes": program("command=w --port=80%(process_num)02d -n %(program_name)s@%(host_node_name)s", "process_name=%(program_name)s_%(process_num)02d", "numprocs=3", "numprocs_start=1",
                                         "stdout_logfile=/tmp/%(program_name)s_%(process_num)02d.log", "redirect_stderr=true"),
    "found: process_num without a name": program("command=w", "process_name=%(process_num)s", "numprocs=2"),
    "found: host name in a log's name": program("command=w", "stdout_logfile=/tmp/%(host_node_name)s-%(program_name)s.log"),
    "found: templates left unfilled": ini("[supervisord]\nuser={{ user }}\n[program:{{ name }}]\ncommand=x\n"),
    "found: conditions of a template": ini("[supervisord]\n{% if x %}\n[program:a]\ncommand=x\n{% endif %}\n"),
    "found: always": program("command=x", "autorestart=always"),
    "found: boolean in other words": program("command=x", "autostart=enabled"),
    "found: keys of other sections": ini("[supervisord]\nautostart=true\nstdout_logfile=/dev/stdout\nhttp_port=/tmp/s\n[program:a]\ncommand=x\nloglevel=debug\nlogfile=/no/such\ngroup=g\nredirect_stdout=true\n"),
    "found: sections of a build tool": ini("[supervisord]\n[buildout]\nparts =\n    a\n    b\ndirectory=${x:y}\nversions += z\n[versions]\na = 1\n"),
    "found: a colon in the middle": ini("[supervisord]\n[program:a:b]\ncommand=x\n"),
    "found: a name with a dot": ini("[supervisord]\n[program:a.b-c_d@1]\ncommand=x\n"),
    "found: group of groups": ini("[supervisord]\n[group:g]\nprograms=h\n[group:h]\nprograms=a\n[program:a]\ncommand=x\n"),
    "found: sizes with blanks and points": program("command=x", "stdout_logfile_maxbytes=10 MB", "stderr_logfile_maxbytes=1.5GB"),
    "found: size with one letter": program("command=x", "stdout_logfile_maxbytes=10M"),
    "found: signal with prefix": program("command=x", "stopsignal=SIGQUIT ; gracefully"),
    "found: no log": program("command=x", "stdout_logfile=None", "stderr_logfile=off"),
    "found: log to a descriptor": program("command=x", "stdout_logfile=/dev/fd/1", "stderr_logfile=/proc/self/fd/2"),
    "found: user with a group": program("command=x", "user=nobody:nogroup"),
    "found: url of two slashes": ini("[supervisord]\n[supervisorctl]\nserverurl=unix://tmp/s.sock\n[unix_http_server]\nfile=unix:///tmp/s.sock\n"),
    "found: asgi behind a socket": ini("[supervisord]\n[fcgi-program:asgi]\n# the socket\nsocket=tcp://localhost:8000\n\n# where\ndirectory=/tmp\ncommand=daphne -u /run/d%(process_num)d.sock --fd 0 m.asgi:application\n\nnumprocs=4\nprocess_name=asgi%(process_num)d\nautostart=true\nautorestart=true\nstdout_logfile=/tmp/asgi.log\nredirect_stderr=true\n"),
    "found: exit with the programs": ini("[supervisord]\nnodaemon=true\n[eventlistener:exit]\ncommand=sh -c \"echo READY; read line; kill -3 $PPID\"\nevents=PROCESS_STATE_FATAL,PROCESS_STATE_EXITED , process_state_stopped\nbuffer_size=100\npriority=1\n"),
    "found: output as events": ini("[supervisord]\n[program:a]\ncommand=x\nstdout_events_enabled=true\nstderr_events_enabled = true\n[eventlistener:stdout]\ncommand = show\nbuffer_size = 100\nevents = PROCESS_LOG\nresult_hander = x:y\n"),
    "found: output as events, with its handler": ini("[supervisord]\n[eventlistener:stdout]\ncommand = show\nevents = PROCESS_LOG\nresult_handler = supervisor_stdout:event_handler\n"),
    # The command line.
    "overrides": (ini("[supervisord]\nloglevel=debug\nlogfile=a\nminfds=3\n"),
                  ["-c", "a.conf", "-e", "warn", "-n", "-l", "/tmp/b", "--minfds=7", "-iX", "-y", "3kb", "-z2", "-j", "p", "-m", "077", "-k", "-t", "-s", "-q", "/tmp", "-d", "/", "--minprocs", "9", "-uroot"]),
    "file still checked": (ini("[supervisord]\nloglevel=nope\n"), ["-c", "a.conf", "-e", "warn"]),
    "user of the command line": (ini("[supervisord]\n"), ["-c", "a.conf", "-u", "no-such-user"]),
    "search": ({"etc/supervisord.conf": "[supervisord]\n", "x": ""}, []),
    "search first": ({"supervisord.conf": "[supervisord]\nidentifier=first\n", "etc/supervisord.conf": "[supervisord]\n"}, []),
    "search nothing": ({"x": ""}, []),
    "missing": ({"x": ""}, ["-c", "no/such.conf"]),
    "folder": ({"x/y": ""}, ["-c", "x"]),
    "search beside the program": ({"x/etc/supervisord.conf": "[supervisord]\nidentifier=%(here)s\n", "supervisord.conf": "[supervisord]\n"}, [], "x/bin/supervisord"),
    "search above the program": ({"x/supervisord.conf": "[supervisord]\nidentifier=x\n", "supervisord.conf": "[supervisord]\n"}, [], "x/bin/supervisord"),
    "search nothing beside the program": ({"x/y": ""}, [], "x//bin/../supervisord"),
    "search with the program here": ({"etc/supervisord.conf": "[supervisord]\nidentifier=x\n"}, [], "./supervisord"),
    "here of a relative path": ({"x/a.conf": "[supervisord]\n[unix_http_server]\nfile=%(here)s/s\n"}, ["-c", "x/../x/a.conf"]),
    "flags only switch on": (ini("[supervisord]\nnodaemon=false\nsilent=0\nnocleanup=no\nstrip_ansi=off\n"), ["-c", "a.conf", "-n", "--silent", "--nocleanup", "--strip_ansi"]),
    "flags of the file stay": (ini("[supervisord]\nnodaemon=true\nsilent=1\nnocleanup=yes\nstrip_ansi=on\n"), ["-c", "a.conf"]),
    **{f"empty argument {option}": (ini("[supervisord]\nlogfile=l\npidfile=p\nidentifier=i\n"), ["-ca.conf", option, ""]) for option in
       ["-l", "-j", "-i", "-u", "-d", "-m", "-e", "-y", "-z", "-q", "-a", "--minprocs"]},
    **{f"zero argument {option}": (ini("[supervisord]\nlogfile_maxbytes=7\nlogfile_backups=7\nminfds=7\nminprocs=7\numask=7\n"), ["-ca.conf", option, "0"])
       for option in ["-y", "-z", "-a", "--minprocs", "-m", "-u"]},
    "prefix": (ini("[supervisord]\n"), ["--conf=a.conf", "--silent"]),
    **{"arguments " + " ".join(a): (ini("[supervisord]\n"), a) for a in [
        ["-x"], ["--foo"], ["-c"], ["--configuration"], ["--nodaemon=1"], ["--log=x"], ["-n", "-n", "-c", "a.conf"],
        ["foo"], ["-n", "foo", "it's"], ["-e", "foo"], ["--loglevel=foo"], ["-m", "9"], ["-a", "x"], ["-d", "/no/such"],
        ["-l", "/no/such/x"], ["-y", "10K"], ["-z", "x"], ["-n", "--", "-x"], ["-"], ["--="], ["-:"], ["-nsv"], ["-h"], ["-?"],
        ["--help"], ["-v", "-h"], ["-n", "-h", "-n"], ["-nc", "a.conf"], ["-nca.conf"], ["--user"], ["--nodaemon", "-n", "-ca.conf"],
        ["--profile_options=cumulative,calls", "-ca.conf"], ["--min=1"], ["--minf=7", "-ca.conf"], ["--no"], ["--s"], ["--st", "-ca.conf"],
        ["--logfile_=1"], ["--logfile", "/tmp/x", "-ca.conf"], ["--help=x"], ["--version=1"], ["-n=1"], ["-ca.conf", "-cb.conf"], ["-c", ""],
        ["-ca.conf", "ä"], ["-s", "-s"], ["-k", "--nocleanup"], ["--u=root", "-u", "root"], ["-ca.conf", "-u-5"], ["-ca.conf", "-u", "0"],
        ["-z", "1.5"], ["-q", "/no/such"], ["-j", "/no/such/x"], ["--environment=A=1"], ["-t", "-c", "a.conf"], ["-m", "0o17", "-ca.conf"],
        ["-c", "a.conf", "--"], ["-c", "a.conf", "--", "x"], ["--minprocs"], ["-nx"], ["--identifier", "--", "-ca.conf"]]},
}

DIFFERENCES = {
    "byte order mark": "ours skips it; the original takes it for a line without a section",
    "default and rpc": "the original refuses only when its servers start",
    "cut utf-8": "ours counts the position from the start of the file, the original from its last read",
    "expand dict": "the original prints its whole dictionary",
    "expand percent space": "the original prints its whole dictionary",
    "global environment host": "as in Supervisor's development line: one expansion with host_node_name",
    "global environment percent": "as in Supervisor's development line: one expansion",
    "group unknown second": "the original names the section of the previous program",
    "group trailing comma": "the original names the section of the previous program",
    "group and program": "ours drops the second group of a name with a warning, the original at a later step without",
    "group program twice": "ours drops the first of two processes of a name with a warning, the original at a later step without",
    "signal 'SIG_IGN'": "by accident the original takes some of Python's constants for signals 0, 1 and 2",
    "arguments -c ": "the original ends with a traceback",
    "rpc unknown factory": "ours leaves it out with a warning: the programs must run all the same",
    "found: output as events, with its handler": "ours takes it with a warning: the programs must run all the same",
    "listener foreign handler": "likewise, with the default in its place",
    "unix server unknown numeric group": "ours takes any number: containers seldom have a group for each",
    **{name: "ours without the look of a Python tuple" for name in CASES if name.startswith("fcgi bad socket")},
    **{f"[fcgi-program:a] socket={value}": "likewise" for value in ["-1", "x y"]},
    **{f"{key}={value}": "Python code cannot be loaded, whatever its name" for value in ["", "-1", "x y", "GOOD%%"]
       for key in ["[eventlistener:a] result_handler", "[rpcinterface:x] supervisor.rpcinterface_factory"]},
}

# Lines of ours that the original has no counterpart for: hints and the warning that main() adds there.
OURS_ALONE = (": unknown key ", ": unknown section [", "there it runs as a plain program", "Supervisor is running as root.")


class Refused(Exception):
    pass


def mode(number):
    """What the system makes of it: a mode of -1 is all bits."""
    return number if number is None else number & 0o7777


def peer_dump(arguments, program_path):
    """The same lines as config_dump prints, from Supervisor's own objects."""
    from supervisor import datatypes, events, options as module

    class Options(module.ServerOptions):
        def usage(self, message):
            raise Refused(str(message))

        def help(self, _):
            raise Refused("help")

        def version(self, _):
            raise Refused("version")

    sys.argv = [program_path, *arguments]
    tempfile.tempdir = None
    options = Options()
    try:
        options.realize(arguments, doc="", progname=program_path)
    except Refused as refusal:
        return [str(refusal)] if str(refusal) in ("help", "version") else [f"error {str(refusal)!r}"]
    except AttributeError as crash:
        return [f"crash {crash}"]

    lines = []

    def put(key, value):
        lines.append(f"{key}={value}")

    for name in ["logfile", "logfile_maxbytes", "logfile_backups", "loglevel", "pidfile", "identifier", "childlogdir"]:
        value = getattr(options, name)
        if name == "childlogdir":
            value = os.path.abspath(value)  # as mkstemp() makes it before it names a file
        put(name, repr(value) if isinstance(value, str) else value)
    for name in ["nodaemon", "silent", "nocleanup", "strip_ansi"]:
        put(name, bool(getattr(options, name)))
    put("minfds", options.minfds)
    put("minprocs", options.minprocs)
    put("umask", mode(options.umask if isinstance(options.umask, int) else int(options.umask, 8)))
    put("directory", repr(options.directory))
    put("uid", options.uid)
    for group in options.process_group_configs:
        put("group", repr(group.name))
        put("priority", group.priority)
        if isinstance(group, module.FastCGIGroupConfig):
            config = group.socket_config
            put("socket", repr(config.url))
            if config.url.startswith("unix:"):
                put("owner", config.owner[0] if config.owner else -1)
                put("owning group", config.owner[1] if config.owner else -1)
                put("mode", mode(config.mode))
            put("backlog", config.backlog)
        if isinstance(group, module.EventListenerPoolConfig):
            for event in sorted(map(events.getEventNameByType, group.pool_events)):
                put("event", event)
            put("buffer_size", group.buffer_size)
            put("result_handler", f"{group.result_handler.__module__}:{group.result_handler.__name__}")
        for process in group.process_configs:
            put("process", repr(process.name))
            for name in ["command", "directory"]:
                put(name, repr(getattr(process, name)))
            put("umask", mode(process.umask))
            for name in ["uid", "priority", "autostart"]:
                put(name, getattr(process, name))
            put("autorestart", {datatypes.RestartUnconditionally: "always", datatypes.RestartWhenExitUnexpected: "unexpected",
                                False: "never"}[process.autorestart])
            for name in ["startsecs", "startretries", "stopsignal", "stopwaitsecs", "stopasgroup", "killasgroup"]:
                put(name, int(getattr(process, name)) if name == "stopsignal" else getattr(process, name))
            put("exitcodes", ",".join(map(str, process.exitcodes)))
            put("redirect_stderr", process.redirect_stderr)
            for channel in ["stdout", "stderr"]:
                logfile = getattr(process, channel + "_logfile")
                # The original keeps an empty name, which then means no log.
                put(channel + "_logfile", "AUTO" if logfile is datatypes.Automatic else repr(logfile or None))
                for name in ["logfile_maxbytes", "logfile_backups", "capture_maxbytes", "events_enabled", "syslog"]:
                    put(f"{channel}_{name}", getattr(process, f"{channel}_{name}"))
            put("serverurl", repr(process.serverurl))
            for name, value in sorted(process.environment.items()):
                put("environment " + name, repr(value))
    for server in options.server_configs:
        put("server", repr(server["section"]))
        if server["family"] == socket.AF_INET:
            put("host", repr(server["host"]))
            put("port", server["port"])
        else:
            put("file", repr(server["file"]))
            put("chmod", mode(server["chmod"]))
            put("owner", server["chown"][0])
            put("owning group", server["chown"][1])
        put("username", repr(server["username"] or ""))
        put("password", repr(server["password"] if server["username"] else ""))
    for name, _, _ in options.rpcinterface_factories:
        put("rpcinterface", repr(name))
    put("serverurl", repr(options.serverurl or ""))
    lines += [f"WARN {text!r}" for text in options.parse_warnings]
    lines += [f"INFO {text!r}" for text in options.parse_infos]
    return lines


def our_dump(arguments, program_path):
    run = subprocess.run([BIN, program_path, *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
    if run.returncode != 0:
        return [f"config_dump failed with {run.returncode}: {run.stderr.decode()}"]
    lines = run.stdout.decode().splitlines()
    return [line for line in lines if not any(text in line for text in OURS_ALONE)]


def both(case):
    files, arguments, program_path = (*case, PROGRAM)[:3] if isinstance(case, tuple) else (case, ["-c", "a.conf"], PROGRAM)
    before = os.getcwd()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chdir(folder)
        try:
            for name, content in files.items():
                path = pathlib.Path(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
            with contextlib.redirect_stderr(io.StringIO()):
                theirs = peer_dump(arguments, program_path)
            return theirs, our_dump(arguments, program_path)
        finally:
            os.chdir(before)


class Generator:
    """Small files from the pieces that matter: indents, comments, delimiters, percent signs, quotes."""

    HEADERS = ["[supervisord]", "[program:a]", "[program:b]", "[group:g]", "[unix_http_server]", "[DEFAULT]", "[include]",
               "[program:a] ; x", " [program:c]", "[other]", "[group:h]",
               "[fcgi-program:f]", "[eventlistener:e]", "[inet_http_server]", "[inet_http_server:b]", "[unix_http_server:b]"]
    KEYS = ["command", "directory", "environment", "numprocs", "process_name", "priority", "startsecs", "stopsignal",
            "autorestart", "exitcodes", "umask", "stdout_logfile", "stderr_logfile_maxbytes", "redirect_stderr", "programs",
            "file", "chmod", "username", "password", "loglevel", "logfile", "identifier", "files", "Command", "killasgroup",
            "stopasgroup", "serverurl", "user", "nodaemon", "socket", "socket", "socket_owner", "socket_mode", "socket_backlog", "events", "events",
            "buffer_size", "port", "port", "chown"]
    PIECES = ["x", "a", "b", " ", "  ", ";", " ;", "#", " #", "=", ":", "%", "%%", "%(here)s", "%(program_name)s", "%(process_num)02d",
              "%(nope)s", "%(ENV_GREETING)s", "'", '"', "\\", "1", "2", "0", "true", "false", "auto", "A=1", ",", "/tmp/", "[", "]", "ä",
              "\t", "TERM", "022", "%(process_num)", "info", "KB"]
    SENSIBLE = {"socket": ["unix:///tmp/x", "tcp://h:1", "unix://%(here)s/%(program_name)s"], "socket_owner": ["root", "nobody:root"],
                "socket_mode": ["0770"], "socket_backlog": ["7"], "events": ["EVENT", "tick_5,TICK_60"], "buffer_size": ["1", "50"],
                "port": ["9001", "*:9001", "H:1"], "chown": ["root:root"],
                "numprocs": ["1", "2", "0"], "process_name": ["%(program_name)s_%(process_num)d", "p"], "priority": ["1", "999"],
                "startsecs": ["0", "5"], "programs": ["a", "b,a", "a, c"], "file": ["s.sock"], "loglevel": ["info", "debug"],
                "autorestart": ["true", "unexpected"], "exitcodes": ["0,2"], "stopsignal": ["HUP", "9"], "umask": ["022"],
                "chmod": ["0700"], "user": ["root", "0"], "redirect_stderr": ["true"], "logfile": ["/tmp/l"], "nodaemon": ["true"],
                "stopasgroup": ["true"], "killasgroup": ["true"], "stderr_logfile_maxbytes": ["0", "1MB"], "environment": ["A=1,B=\"x\""]}

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, key):
        if key in self.SENSIBLE and self.random.random() < 0.75:
            return self.random.choice(self.SENSIBLE[key])
        return "".join(self.random.choices(self.PIECES, k=self.random.randint(0, 5)))

    def line(self):
        roll = self.random.random()
        indent = self.random.choice(["", "", "", "", " ", "   ", "\t"])
        if roll < 0.06:
            return ""
        if roll < 0.12:
            return indent + self.random.choice([";", "#"]) + " comment"
        if roll < 0.2:
            return " " * self.random.randint(1, 4) + self.value("")
        key = self.random.choice(self.KEYS)
        return indent + key + self.random.choice(["=", " = ", ":", "= "]) + self.value(key)

    def file(self):
        lines = ["[supervisord]"]
        for _ in range(self.random.randint(1, 5)):
            lines.append(self.random.choice(self.HEADERS))
            if lines[-1].startswith(("[program", "[fcgi", "[event")) and self.random.random() < 0.9:
                lines.append("command=run")
            for header, key in ("[fcgi", "socket"), ("[event", "events"), ("[inet", "port"), ("[unix", "file"):
                if lines[-1].startswith(header) or lines[-2].startswith(header) and self.random.random() < 0.8:
                    lines.append(f"{key}={self.value(key)}")
            lines += [self.line() for _ in range(self.random.randint(0, 4))]
        return "\n".join(lines) + self.random.choice(["", "\n"])


def is_intended(theirs, ours):
    """What makes a generated case differ on purpose; see DIFFERENCES."""
    text = "\n".join(theirs + ours)
    if "Format string" in text and "environment" in text:  # of [supervisord], which is expanded once
        return True
    return any(words in text for words in ("not enough arguments for format string", "names unknown program", "Bad socket format", "Unix socket path", "Unknown event type", "cannot be resolved within",
                                           "Several groups are", "Several processes of"))


def main():
    if not (MODULES / "supervisor").is_dir():
        sys.exit(f"{MODULES} has no supervisor: run scripts/fetch-peers first")
    if not BIN.exists():
        sys.exit(f"{BIN} is missing: build the target config_dump first")
    sys.path.insert(0, str(MODULES))
    warnings.simplefilter("ignore")
    os.environ.clear()
    os.environ.update(ENVIRONMENT)

    from supervisor import events
    assert sorted(EVENTS) == sorted(name for name in vars(events.EventTypes) if name.isupper() and not name.startswith("__")), "EVENTS is out of date"

    failures = 0
    for name, case in (CASES | KEY_CASES).items():
        theirs, ours = both(case)
        if (theirs != ours) == (name in DIFFERENCES):
            continue
        failures += 1
        if name in DIFFERENCES:
            print(f"FAIL {name}: no longer differs: {DIFFERENCES[name]}")
        else:
            print(f"FAIL {name}", *difflib.unified_diff(theirs, ours, "Supervisor", "ours", n=0, lineterm=""), sep="\n  ")

    seed = int(RANDOM_SEED or random.SystemRandom().randrange(1 << 32))
    generator = Generator(seed)
    good = 0
    for _ in range(RANDOM_CASES):
        content = generator.file()
        theirs, ours = both({"a.conf": content})
        good += not theirs[0].startswith("error")
        if theirs != ours and not is_intended(theirs, ours):
            failures += 1
            print(f"FAIL generated (UPKEEP_SEED={seed}): {content!r}",
                  *difflib.unified_diff(theirs, ours, "Supervisor", "ours", n=0, lineterm=""), sep="\n  ")
    print(f"{len(CASES) + len(KEY_CASES)} cases, {len(DIFFERENCES)} of them differ on purpose; {RANDOM_CASES} generated ones with seed {seed}, "
          f"{good} of them accepted; {failures} failures")
    return 1 if failures else 0


# Read before main() replaces the environment.
RANDOM_SEED = os.environ.get("UPKEEP_SEED")
RANDOM_CASES = int(os.environ.get("UPKEEP_RANDOM_CASES", "300"))

if __name__ == "__main__":
    sys.exit(main())
