#!/usr/bin/python3
"""Our supervisorctl against Supervisor's own, on Supervisor's own daemon; with --swap, other pairs.

Two daemons with equal configurations run side by side. Each command line is given to the original client at the one and
to ours at the other, once both daemons have come to rest in equal states; standard output and exit status must agree
after times, process ids and paths are made equal. Differences that are meant stand in INTENDED with their reasons; one
that no longer shows is an error too.

    supervisorctl.py --ours BUILD/bin/supervisorctl --peer PEERS/root [--swap client|daemon|both] [-v] [-k WORD]

--swap says what is ours on the second side: the client (the default), the daemon, for which every step that needs none is
left out, or both.
"""
import argparse
import base64
import concurrent.futures
import http.client
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client

DEADLINE = 20  # seconds, for everything that is waited for

# name of the step -> why ours differs
INTENDED = {
    "option --history-file": "the original rejects the spelling that its own help shows; ours takes both",
    "configuration without a section header": "the original dies with a Python traceback and status 1; ours says what is wrong",
    "tail -f, bytes that are not UTF-8": "the original prints Python's repr of the whole chunk; ours the bytes",
}

# name of the step -> why ours differs, and what ours prints (a pattern) and answers. What the original does depends on
# timing, so that once in a while both agree.
INTENDED_RACES = {
    "fg, end of input": ("the original mostly hangs at end of input and has to be killed; ours leaves",
                         r"==> Press Ctrl-C to exit <==\n(.|\n)*Exiting foreground\n", 0),
    "fg, Ctrl-C": ("the original says that it leaves, and does so up to 30 s later; ours leaves at once",
                   r"==> Press Ctrl-C to exit <==\n(.|\n)*hello\nExiting foreground\n", 0),
}

# With the original's client on both sides, only the beginning is certain.
RACES_OF_THE_ORIGINAL = {name: (reason, r"==> Press Ctrl-C to exit <==\n(.|\n)*", None)
                         for name, (reason, _, _) in INTENDED_RACES.items()}

CONFIG = """
[unix_http_server]
file={dir}/s.sock
{auth}
[supervisord]
logfile={dir}/supervisord.log
pidfile={dir}/supervisord.pid
childlogdir={dir}
[rpcinterface:{namespace}]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{dir}/s.sock
{programs}
"""

PROGRAMS = """
[program:web]
command=/bin/sleep 1000
startsecs=0
stdout_logfile=NONE
[program:echo]
command=/bin/sh -c "echo one; echo two; echo three; echo oops >&2; printf 'h\\303\\251llo\\n'; exec sleep 1000"
startsecs=0
[program:cat]
command=/bin/cat
startsecs=0
[program:raw]
command=/bin/sh -c "printf 'a\\377b\\n'; exec sleep 1000"
startsecs=0
[program:idle]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:done]
command=/bin/sh -c "sleep 0.1; exit 0"
autorestart=false
startsecs=0
[program:crash]
command=/bin/sh -c "exit 3"
startretries=0
startsecs=1
autostart=false
[program:missing]
command=/nonexistent/program
autostart=false
[program:notexec]
command=/etc/passwd
autostart=false
[program:a_name_that_is_longer_than_thirty_characters]
command=/bin/sleep 1000
startsecs=0
[program:ga]
command=/bin/sleep 1000
startsecs=0
[program:gb]
command=/bin/sleep 1000
startsecs=0
priority=5
[group:grp]
programs=ga,gb
priority=500
"""

SLOW = """
[program:slow]
command=/bin/sh -c "trap '' TERM; while :; do sleep 0.1; done"
startsecs=0
stopwaitsecs=600
"""


class Step:
    """One command line. `until`: text of the output after which Ctrl-C is sent. `before`: called with each Side first.

    `stderr`: compare that too. `sort`: the order of the lines depends on when the daemon's children die. `limit`: seconds
    after which a client that has not left is taken to hang. `lines`: compare only that many, the rest depends on timing.
    `localhost`: only where that name is known, as ours knows it in any case.
    """

    def __init__(self, *words, name=None, stdin="", until=None, before=None, stderr=False, config="supervisord.conf",
                 sort=False, limit=DEADLINE, lines=None, localhost=False):
        self.words = words
        self.name = name or " ".join(words) + (" < " + repr(stdin) if stdin else "")
        self.stdin, self.until, self.before, self.stderr, self.config = stdin, until, before, stderr, config
        self.sort, self.limit, self.lines, self.localhost = sort, limit, lines, localhost


def resolves(name):
    try:
        return bool(socket.getaddrinfo(name, 1))
    except OSError:
        return False


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path, login):
        super().__init__(headers=[("Authorization", login)] if login else [])
        self.path = path

    def make_connection(self, host):
        return UnixConnection(self.path)


class Side:
    """One daemon in a folder of its own, and the client that is tried on it; both are commands."""

    def __init__(self, client, supervisord, peer, settings):
        self.client, self.supervisord, self.peer = client, supervisord, peer
        self.dir = tempfile.mkdtemp(prefix="ctl")
        self.env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": self.dir,
                    "PYTHONPATH": peer + "/usr/lib/python3/dist-packages", "PYTHONWARNINGS": "ignore"}
        self.settings = settings
        self.daemon = None
        self.login = settings.get("login")
        self.write_config(settings.get("programs", PROGRAMS))

    def write_config(self, programs, name="supervisord.conf"):
        text = CONFIG.format(dir=self.dir, auth=self.settings.get("auth", ""), programs=programs,
                             namespace=self.settings.get("namespace", "supervisor"))
        self.write(name, text)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        command = [*self.supervisord, "-n", "-c", self.dir + "/supervisord.conf"]
        self.daemon = subprocess.Popen(command, cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def rpc(self):
        login = None
        if self.login:
            login = "Basic " + base64.b64encode(self.login.encode()).decode()
        return xmlrpc.client.ServerProxy("http://localhost", transport=UnixTransport(self.dir + "/s.sock", login))

    def states(self):
        """Name -> state; None while the daemon does not answer; {} when it has none to tell, or is shutting down."""
        try:
            with self.rpc() as server:
                return {info["group"] + ":" + info["name"]: info["statename"]
                        for info in server.supervisor.getAllProcessInfo()}
        except xmlrpc.client.Fault as fault:
            return {} if fault.faultCode in (1, 6) else None
        except (OSError, xmlrpc.client.ProtocolError, http.client.HTTPException):
            return None

    def run(self, step):
        if step.before:
            step.before(self)
        words = [word.replace("{dir}", self.dir) for word in step.words]
        if step.config:
            words = ["-c", os.path.join(self.dir, step.config)] + words
        process = subprocess.Popen(self.client + words, cwd=self.dir, env=self.env, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            return self.converse(process, step)
        finally:
            process.kill()
            process.wait()

    def converse(self, process, step):
        out = b""
        if step.until is not None:
            out = self.read_until(process, step)
            time.sleep(0.3)  # the original, interrupted while it prints, forgets its newline
            process.send_signal(signal.SIGINT)
        try:
            rest, err = process.communicate(b"" if step.until else step.stdin.encode(), timeout=step.limit)
            return out + rest, err, process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            rest, err = process.communicate()
            return out + rest, err, "hangs"

    def read_until(self, process, step):
        process.stdin.write(step.stdin.encode())
        process.stdin.flush()
        out = b""
        end = time.monotonic() + DEADLINE
        while step.until.encode() not in out and time.monotonic() < end:
            if select.select([process.stdout], [], [], 0.5)[0]:
                out += os.read(process.stdout.fileno(), 65536)
        return out

    def stop(self):
        """Ends the daemon and its programs, which all share the session that we gave it."""
        if self.daemon:
            while members := session_members(self.daemon.pid):  # the two processes of ours replace each other
                for pid in members:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                self.daemon.poll()
            self.daemon.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def session_members(session):
    members = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="latin-1") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            members.append(int(entry))
    return sorted(members, reverse=True)


RESTLESS = {"STARTING", "STOPPING", "BACKOFF"}


def wait_until_equal(sides):
    """Both daemons show equal states, and such as last; not asked of those that are shutting down or show none."""
    may_be_empty = sides[0].settings.get("programs") in (SLOW, "")
    end = time.monotonic() + DEADLINE
    while True:
        states = [side.states() for side in sides]
        if states[0] is not None and states[0] == states[1]:
            if may_be_empty or (states[0] and not RESTLESS & set(states[0].values())):
                return
        if time.monotonic() > end:
            raise SystemExit(f"the daemons do not come to rest: {states}")
        time.sleep(0.1)


def normal(text, side, sort=False, lines=None):
    text = text.decode("utf-8", "backslashreplace")
    if sort:
        text = "".join(sorted(text.splitlines(True)))
    text = "".join(text.splitlines(True)[:lines])
    text = text.replace(side.dir, "DIR")
    text = re.sub(r"(?m)(error: .*): file: .* line: \d+$", r"\1: file: F line: N", text)
    text = re.sub(r"pid \d+, uptime (\d+ days?, )?\d+:\d\d:\d\d", "pid N, uptime U", text)
    text = re.sub(r"(?m)^[1-9]\d*$", "N", text)
    text = re.sub(r"(?m)^((?:supervisor> )?)4\.[23]\.\d$", r"\1VERSION", text)  # ours is on a par with 4.3, Debian's is 4.2
    text = re.sub(r"[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M", "DATE", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", "TIME", text)
    text = re.sub(r"pid '?\d+'?", "pid N", text)
    text = re.sub(r"(Usage: |use )\S+supervisorctl", r"\1PROGRAM", text)
    return text


def compare(sides, steps, options, tally):
    for step in steps:
        if step.localhost and not resolves("localhost"):
            tally.seen.add(step.name)
            continue
        if options.k and options.k not in step.name:
            if step.before:
                for side in sides:
                    step.before(side)
            continue
        if sides[0].daemon:
            wait_until_equal(sides)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda side: side.run(step), sides))
        shown = [(normal(out, side, step.sort, step.lines), status) + ((normal(err, side),) if step.stderr else ())
                 for (out, err, status), side in zip(results, sides)]
        tally.count += 1
        same = shown[0] == shown[1]
        if step.name in options.races:
            _, output, status = options.races[step.name]
            if not re.fullmatch(output, shown[1][0]) or status is not None and shown[1][1] != status:
                tally.complain(f"{step.name}: ours gave {shown[1]!r}")
        elif same and step.name in options.intended:
            tally.complain(f"{step.name}: listed as an intended difference, but both agree")
        elif not same and step.name not in options.intended:
            tally.complain(f"{step.name}:\n  original {shown[0]!r}\n  ours     {shown[1]!r}\n  stderr   {results[1][1]!r}")
        tally.seen.add(step.name)
        if options.v:
            print(("ok   " if same else "diff ") + step.name, shown[0], flush=True)


class Tally:
    def __init__(self):
        self.count, self.failures, self.seen = 0, 0, set()

    def complain(self, text):
        self.failures += 1
        print("FAILED: " + text, flush=True)


def without_server():
    """No daemon: options, configuration files, and what cannot be reached."""
    def stale_socket(side):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(side.dir + "/stale")
        listener.close()

    def files(side):
        side.write("empty.conf", "")
        side.write("other.conf", "[supervisord]\n")
        side.write("broken.conf", "[supervisorctl]\nserverurl=%(nosuch)s\n")
        side.write("noheader.conf", "serverurl=x\n")
        side.write("here.conf", "[supervisorctl]\nserverurl=unix://%(here)s/../x/s.sock\nprompt=my prompt\n")
        side.write("include.conf", "[supervisorctl]\nserverurl=unix:///nope/a\n[include]\nfiles=empty.conf\n")
        side.write("bare.conf", "[supervisorctl]\n")

    commands = ["status", "status web", "pid", "pid web", "start web", "start", "stop web", "restart web", "signal HUP web",
                "signal", "tail web", "tail", "maintail", "clear web", "clear", "fg web", "avail", "avail x", "reread",
                "reread x", "update", "update x", "add", "add x", "remove", "remove x", "reload", "reload x", "shutdown",
                "shutdown x", "version", "version x", "open unix:///nope/other", "open nonsense", "open http://127.0.0.1:1",
                "open https://localhost/", "tail -f web", "maintail -f", "help", "bogus", "exit"]
    return [Step(*command.split(), before=files if command == "status" else None) for command in commands] + [
        Step("-s", "unix://{dir}/stale", "status", config=None, before=stale_socket),
        Step("-s", "unix://{dir}/stale", "pid", config=None),
        Step("-s", "unix://{dir}/stale", "shutdown", config=None),
        Step("-s", "unix://{dir}/stale", "reload", config=None),
        Step("-s", "unix://{dir}", "status", config=None),
        Step("-s", "unix://{dir}/supervisord.conf/x", "status", config=None),
        Step("-s", "unix:///" + "x" * 120, "status", config=None),
        Step("-s", "http://127.0.0.1:1", "status", config=None),
        Step("-s", "http://localhost:1/", "avail", config=None, localhost=True),
        Step("-s", "http://127.0.0.1:x", "status", config=None),
        Step("-s", "http://127.0.0.1:70000", "status", config=None),
        Step("-s", "https://localhost:1", "status", config=None),
        Step("-s", "localhost:9001", "status", config=None),
        Step("-s", "nonsense", "status", config=None, stderr=True),
        Step("-s", "", "status", config=None, stderr=True),
        Step("--serverurl=nonsense", "status", config=None, stderr=True),
        Step("--serv", "unix:///nope", "status", config=None),
        Step("--serverurl=unix:///nope", "-i", "status", config=None),
        Step("-x", config=None, stderr=True),
        Step("--bogus", config=None, stderr=True),
        Step("--h", config=None, stderr=True),
        Step("-c", config=None, stderr=True),
        Step("--configuration", config=None, stderr=True),
        Step("--help=1", config=None, stderr=True),
        Step("-u", "a", "-u", "b", "status", stderr=True),
        Step("-ua", "--user=b", "status", stderr=True),
        Step("-i", "-i", "help", stderr=True),
        Step("-h", config=None, stderr=True),
        Step("-?", "status", config=None, stderr=True),
        Step("--help", config=None, stderr=True),
        Step("-r", "h", "help", config=None, stderr=True),
        Step("--hist", "h", "help", config=None, stderr=True),
        Step("--history-file", "h", "help", config=None, name="option --history-file"),
        Step("-is", "unix:///nope", "--", "status", config=None),
        Step("status", "-c", "x", config=None, name="status -c x"),
        Step("-v", config=None, stderr=True),
        Step("--version", config=None, stderr=True),
        Step("-", config=None, stderr=True),
        Step("status", config="nosuch.conf", stderr=True, name="missing configuration"),
        Step("status", config="empty.conf", stderr=True, name="empty configuration"),
        Step("status", config="other.conf", stderr=True, name="configuration without supervisorctl"),
        Step("status", config="noheader.conf", name="configuration without a section header"),
        Step("status", config="broken.conf", name="configuration with an unknown expansion"),
        Step("status", config="here.conf", name="serverurl with %(here)s"),
        Step("status", config="include.conf", name="include is not followed"),
        Step("-s", "unix:///nope/b", "status", config="include.conf", name="-s beats the file"),
        Step("status", config="bare.conf", name="default serverurl", localhost=True),
        Step(config="here.conf", stdin="help start\n", name="prompt of the file"),
        Step("help", "nosuch", "topic"), Step("help", "EOF"), Step("EOF"), Step("quit"), Step(""), Step("  "),
        Step("?"), Step("? start"), Step("?start"), Step("!ls"), Step("/x"), Step("status-x"), Step("Status"),
    ] + [Step("help", topic) for topic in (
        "add avail clear exit fg help maintail open pid quit reload remove reread restart shutdown signal start status "
        "stop tail update version").split()]


def commands():
    """A daemon at rest, and the commands that concern processes."""
    lines = """status|status web|status nope|status web nope cat|status grp:*|status grp:|status nogrp:*|status all
        status web all|status idle|status nope idle|status idle nope|status cat web cat|status grp|status ga|status grp:ga
        status a_name_that_is_longer_than_thirty_characters web|status web:web|status :|status a:b:c
        pid|pid web|pid idle|pid nope|pid idle nope|pid nope idle|pid all|pid grp:*|pid grp:ga web|pid all nope
        avail|version|version x|start|start web|start idle|start idle|stop idle|stop idle|start missing|start notexec
        start crash|start nope|start nope idle web|stop idle|start nogrp:*|start nogrp:|start grp:*|stop grp:ga|start grp:*
        stop grp:*|stop grp:*|start grp:|start ga|stop nogrp:*|stop nope|stop|restart web|restart idle|stop idle
        restart grp:*|restart|restart nope|restart nogrp:*|restart crash|stop web cat nope|start web cat
        signal|signal HUP|signal CONT web|signal SIGCONT web|signal cont web|signal 18 web|signal BOGUS web|signal 99 web
        signal CONT idle|signal CONT nope|signal CONT grp:*|signal CONT grp:|signal CONT nogrp:*|signal BOGUS grp:*
        signal CONT all|signal CONT web idle nope|signal BOGUS all|signal BOGUS nope|signal 0 web
        tail echo|tail -4 echo|tail -0 echo|tail --4 echo|tail -+3 echo|tail echo stdout|tail echo stderr|tail echo STDERR
        tail -3 echo stderr|tail echo bogus|tail -x echo|tail - echo|tail -f|tail|tail a b c d|tail a b c|tail nope|tail web
        tail -99999999999 echo|tail -2147483647 echo|tail grp:ga|tail grp:*|tail -5 echo stderr
        maintail bogus|maintail -x|maintail a b|maintail -99999999999|maintail -0 x
        clear|clear nope|clear grp:*|clear echo nope|clear grp:ga|clear idle|clear all|tail echo|fg|fg a b|fg nope|fg idle
        fg grp:*|open nonsense|open ftp://x|open|add|remove|exit|quit|EOF|reload x|shutdown x|avail x|reread x""".split("|")
    lines = [line.strip() for text in lines for line in text.split("\n")]
    interactive = ("status web\nhelp\n\n  \nbogus\npid nope\nshutdown\nn\nreload\nno\nhelp fg\nstart idle\nstop idle\n? tail\n"
                   "open nonsense\nexit\nstatus\n")
    return [Step(*line.split(), sort=line in ("stop grp:*", "restart grp:*")) for line in lines] + [
        Step("signal CONT", "web", name="words joined: 'signal CONT' web"),
        Step("status", "  web   cat ", name="words re-split"),
        Step("open", "unix://{dir}/s.sock"),
        Step("open", "unix://{dir}/nope"),
        Step("maintail", "-200", name="maintail has a log", lines=0),
        Step("restart", "echo", "raw"),
        Step("tail", "-f", "echo", until="h\u00e9llo\n"),
        Step("tail", "-f", "echo", "stderr", until="oops\n"),
        Step("tail", "-f", "raw", until="b", name="tail -f, bytes that are not UTF-8"),
        Step("tail", "-f", "nope", stderr=True),
        Step("tail", "-f", "web", stderr=True),
        Step("tail", "-f", "echo:*", stderr=True),
        Step("tail", "-f", "echo", "bogus"),
        Step("-i", "tail", "-f", "echo", until="h\u00e9llo\n"),
        Step("maintail", "-f", until="cat", lines=1),
        Step("fg", "cat", stdin="hello\n", until="hello\n", name="fg, Ctrl-C", limit=5),
        Step("fg", "cat", stdin="end\n", name="fg, end of input", limit=5),
        Step(stdin=interactive, name="shell"),
        Step("-i", stdin="version\n", name="shell, end of input"),
        Step(stdin="tail echo", name="shell, unfinished line"),
        Step(stdin="EOF\nstatus\n", name="shell, EOF typed"),
        Step(stdin="shutdown\n", name="shell, end of input at a question"),
        Step("-i", "status", "web", name="-i with an action"),
        Step("-i", "reload", stdin="n\n", name="-i reload, refused"),
        Step("-i", "shutdown", stdin="\n", name="-i shutdown, refused"),
        Step("-u", "nobody", "-p", "needed", "status", "web"),
    ]


def changing_configuration():
    old = "\n[program:{}]\ncommand=/bin/sleep 1000\nstartsecs=0\n"
    extra = old.format("new1") + old.format("new2")

    def grow(side):
        side.write_config(PROGRAMS.replace("[program:idle]", "[program:idle]\nstopwaitsecs=3") + extra)

    def spoil(side):
        side.write_config(PROGRAMS + "\n[program:bad]\n")

    def shrink(side):
        side.write_config(PROGRAMS.replace("[program:cat]\ncommand=/bin/cat", "[program:dog]\ncommand=/bin/cat"))

    def change(side):
        side.write_config(PROGRAMS.replace("sleep 1000\nstartsecs=0\npriority=5", "sleep 999\nstartsecs=0\npriority=6"))

    return [Step("reread"), Step("update"), Step("update", "all"), Step("update", "nope"), Step("update", "web"),
            Step("reread", before=grow, name="reread after additions"), Step("avail", name="avail after additions"),
            Step("add", "new1"), Step("add", "new1", name="add twice"), Step("add", "nope", "new1"), Step("remove", "new1"),
            Step("stop", "new1"), Step("remove", "new1", name="remove stopped"), Step("remove", "nope"),
            Step("update", "new2", "nope", name="update one of two"), Step("update", name="update the rest"),
            Step("status", name="status after update"),
            Step("reread", before=spoil, name="reread of a bad file"), Step("update", name="update with a bad file"),
            Step("reread", before=shrink, name="reread after removals"), Step("update", "all", name="update with removals"),
            Step("reread", before=change, name="reread after a change"), Step("update", "grp", name="update changed group"),
            Step("status", name="status at the end"), Step("-i", "reload", stdin="y\n", name="-i reload, confirmed"),
            Step("status", name="status after reload"), Step("reload")]


def shutting_down():
    return [Step("shutdown")] + [Step(*line.split(), name=line + " in shutdown") for line in (
        "status|start slow|stop slow|pid|avail|reread|update|add x|remove x|reload|shutdown|version|tail slow|fg slow|"
        "clear all|signal HUP slow|maintail|restart slow|open unix:///nope").split("|")]


def with_login():
    login = ("-u", "joe", "-p", "secret")
    return [Step(*line.split(), name=line + " without a login") for line in
            "status|avail|start web|shutdown|tail -f web|version|help|update|open unix:///nope".split("|")] + [
        Step(*login, "status"), Step(*login, "pid", "web"), Step("-u", "joe", "-p", "wrong", "status"),
        Step("-u", "joe", "status"), Step(*login, "tail", "-f", "echo", until="three\n"),
        Step(*login, "-i", "version"),
        Step("-i", "version", stdin="joe\nsecret\n", name="-i asks for the login"),
        Step(stdin="joe\nwrong\njoe\nsecret\nversion\n", name="shell asks until the login is right"),
        Step("-i", "version", stdin="joe\n", name="-i, end of input at the password")]


def other_alphabets():
    return [Step(*line.split()) for line in "status|status caf\u00e9|pid caf\u00e9|tail caf\u00e9|stop caf\u00e9|avail".split("|")]


SCENARIOS = [
    (without_server, None),
    (commands, {}),
    (changing_configuration, {}),
    (shutting_down, {"programs": SLOW}),
    (other_alphabets, {"programs": "[program:caf\u00e9]\ncommand=/bin/sh -c \"echo \u65e5\u672c; exec sleep 1000\"\n"}),
    (with_login, {"auth": "username=joe\npassword=secret", "login": "joe:secret"}),
    (lambda: [Step("status"), Step("pid"), Step("avail"), Step("shutdown")], {"namespace": "other", "programs": ""}),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True, help="our supervisorctl")
    parser.add_argument("--peer", required=True, help="folder into which Debian's package supervisor was unpacked")
    parser.add_argument("--swap", choices=("client", "daemon", "both"), default="client", help="what is ours on the second side")
    parser.add_argument("-v", action="store_true", help="print every step")
    parser.add_argument("-k", help="only steps whose name contains this")
    options = parser.parse_args()
    if options.swap == "both" and os.environ.get("UPKEEP_DIFFERENTIAL") != "full":
        print("both sides ours: only with UPKEEP_DIFFERENTIAL=full, as each is tried with the original's other side")
        return 77  # skipped
    peer = os.path.abspath(options.peer)
    ours = os.path.abspath(options.ours)
    clients = [[sys.executable, peer + "/usr/bin/supervisorctl"], [ours]]
    daemons = [[sys.executable, peer + "/usr/bin/supervisord"], [os.path.join(os.path.dirname(ours), "supervisord")]]
    second = clients[options.swap != "daemon"], daemons[options.swap != "client"]
    options.intended = INTENDED if options.swap != "daemon" else {}
    options.races = INTENDED_RACES if options.swap != "daemon" else RACES_OF_THE_ORIGINAL
    tally = Tally()
    for steps, settings in SCENARIOS:
        if settings is None and options.swap == "daemon":
            continue
        sides = [Side(*pair, peer, settings or {}) for pair in ((clients[0], daemons[0]), second)]
        try:
            if settings is not None:
                for side in sides:
                    side.start()
            compare(sides, steps(), options, tally)
        finally:
            for side in sides:
                side.stop()
    if not options.k:
        for name in (options.intended.keys() | options.races.keys()) - tally.seen:
            tally.complain(f"{name}: listed as an intended difference, but no step has this name")
    print(f"{tally.count} command lines, {len(options.intended) + len(options.races)} intended differences, {tally.failures} failures")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
