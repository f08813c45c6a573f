#!/usr/bin/python3
"""Reads the same configurations with Supervisor's own parser and with ours and compares what comes out.

test_config_parse.py [CONFIG_DUMP [PEER]]
  CONFIG_DUMP  our tool (default: $UPKEEP_BIN/config_dump)
  PEER         folder with the unpacked Debian package supervisor (default: $UPKEEP_PEERS/root)

Each case (config_cases.py) is a set of files in a fresh folder, which is the current directory. Cases in DIFFERENCES must
differ, all others must not: an intended difference that is gone is a failure, too. After the listed cases come generated ones, from
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

from config_cases import CASES, DIFFERENCES, EVENTS, KEY_CASES
from config_generator import Generator, is_intended

BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("UPKEEP_BIN", "build/dev/bin") + "/config_dump").resolve()
PEER = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("UPKEEP_PEERS", "build/peers") + "/root")
MODULES = PEER.resolve() / "usr/lib/python3/dist-packages"
PROGRAM = "/usr/bin/supervisord"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "GREETING": "hello", "PERCENT": "100%", "NUMBER": "12", "LANG": "C.UTF-8"}

# Lines of ours that the original has no counterpart for: hints, the warning that main() adds there, sections of ours.
OURS_ALONE = ("services of the group ", ": unknown key ", ": unknown section [", "there it runs as a plain program", "Supervisor is running as root.")


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
