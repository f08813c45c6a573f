#!/usr/bin/python3
"""The sample of our echo_supervisord_conf, as Supervisor's own parser and as ours read it: as it is, where it must mean
the same as hardly any configuration at all, and with every example in it taken for real.

Environment as of test_config_parse.py, whose machinery this uses.
"""
import difflib
import os
import re
import subprocess
import sys
import warnings

import test_config_parse as parse
from config_cases import ini

ALMOST_EMPTY = """[unix_http_server]
file=/tmp/supervisor.sock
[supervisord]
logfile=/tmp/supervisord.log
pidfile=/tmp/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///tmp/supervisor.sock
"""


def differences(one, other):
    return list(difflib.unified_diff(one, other, n=0, lineterm=""))


def main():
    if not (parse.MODULES / "supervisor").is_dir():
        sys.exit(f"{parse.MODULES} has no supervisor: run scripts/fetch-peers first")
    sample = subprocess.run([parse.BIN.with_name("echo_supervisord_conf")], capture_output=True, text=True, check=True).stdout
    sys.path.insert(0, str(parse.MODULES))
    warnings.simplefilter("ignore")
    os.environ.clear()
    os.environ.update(parse.ENVIRONMENT)
    # Where lines count, as in messages, the comments of the sample are counted too.
    everything = re.sub(r"(?m)^;(?=\S)", "", sample).replace("=/etc/service\n", "=/tmp\n")  # it must exist
    failures = []
    for name, text in (("as it is", sample), ("with all examples", everything)):
        theirs, ours = parse.both(ini(text))
        if theirs != ours or theirs[0].startswith("error"):
            failures.append((f"the sample {name}: Supervisor's and ours", differences(theirs, ours) or theirs))
    for side, (all_of_it, hardly_any) in (("Supervisor", [parse.both(ini(t))[0] for t in (sample, ALMOST_EMPTY)]),
                                          ("ours", [parse.both(ini(t))[1] for t in (sample, ALMOST_EMPTY)])):
        if all_of_it != hardly_any:
            failures.append((f"{side}: the sample and hardly any configuration", differences(all_of_it, hardly_any)))
    if "[program:" not in everything or len(parse.both(ini(everything))[0]) <= len(parse.both(ini(sample))[0]):
        failures.append(("the examples add nothing", []))
    for name, lines in failures:
        print("FAIL " + name, *lines, sep="\n  ")
    print(f"{len(sample.splitlines())} lines, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
