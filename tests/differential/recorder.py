"""Run scripts that tell what happens to them."""

# Appends "ready" and then the name of every signal it gets to the file `signals`; ends by itself on the one named in the
# file `ends-on`, if there is one. It takes signals one by one with sigwait, so each is told as often as it arrives.
SIGNALS = """#!/usr/bin/python3 -ES
import os, signal
told = {getattr(signal, "SIG" + name) for name in "TERM CONT HUP ALRM INT QUIT USR1 USR2 WINCH".split()}
signal.pthread_sigmask(signal.SIG_BLOCK, told)
def tell(word):
    with open("signals", "a") as file:
        file.write(word + "\\n")
tell("ready")
while True:
    name = signal.Signals(signal.sigwait(told)).name[3:]
    tell(name)
    if os.path.exists("ends-on") and open("ends-on").read() == name:
        break
"""

# What a process inherits, as lines in the file `inherited`.
INHERITED = """#!/usr/bin/python3 -ES
import os, resource, signal, sys
def file(fd):
    return os.readlink(f"/proc/self/fd/{fd}")
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
def signals(what):
    mask = int(status[what], 16) & ((1 << 31) - 1)
    return " ".join(signal.Signals(n + 1).name for n in range(31) if mask >> n & 1)
listing = sorted(int(fd) for fd in os.listdir("/proc/self/fd"))
lines = [
    "command " + " ".join(sys.argv[:1]),
    "environment " + " ".join(sorted(f"{k}={v}" for k, v in os.environ.items() if k != "LC_CTYPE")),
    "directory " + os.getcwd(),
    "umask %03o" % os.umask(0),
    "descriptors " + " ".join(f"{fd}:{file(fd)}" for fd in listing if os.path.exists(f"/proc/self/fd/{fd}")),
    "blocked " + signals("SigBlk"),
    "nice %d" % os.nice(0),
    "files %d" % resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    "core %d" % resource.getrlimit(resource.RLIMIT_CORE)[0],
    "oom " + open("/proc/self/oom_score_adj").read().strip(),
    "session-of-starter %s" % (os.getsid(0) == int(open("starter").read())),
    "group-of-starter %s" % (os.getpgid(0) == int(open("starter").read())),
]
with open("inherited.new", "w") as out:
    out.write("\\n".join(lines) + "\\n")
os.rename("inherited.new", "inherited")
import time
time.sleep(1000)
"""
