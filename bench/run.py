#!/usr/bin/python3
"""Upkeep beside its peers and beside the least that the work can cost, in interleaved rounds of one run.

    bench/run.py [--only WORK[,WORK...]] [-n N] [--rounds R] [--write DIR]

Prints the tables; --write puts benchmarks.md and the charts into DIR (docs) as well. Every peer is set up as its users run
it: the same programs, its own defaults. Medians over the rounds; what counts is ratios of one run, since machines are noisy.
Where the variable DINIT names a folder with dinit and dinitctl, they take part.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
import types
from pathlib import Path

import capture
import events
import growth
import life
import multilog
import report
import requests
import update
from peers import DIRECTORIES, INI, available

MANY = 2000
TOP = Path(__file__).resolve().parents[1]


def merge(values, group, contender, found, suffix=""):
    for metric, value in found.items():
        values.setdefault(group, {}).setdefault(metric + suffix, {}).setdefault(contender, []).append(value)


def group_of(peer):
    return "directories" if peer in DIRECTORIES else "ini"


def lives(values, tools, options, stages):
    for peer in available([*INI, *DIRECTORIES], tools):
        found = life.live(tools, peer, options.count, stages)
        merge(values, group_of(peer), peer.name, found)
        yield f"{group_of(peer)}/{peer.name}", found


def many(values, tools, options):
    """Among 2000: the restart of one, and with the memory at N what a further one takes."""
    for peer in available([*INI, *DIRECTORIES], tools):
        if peer.name in ("supervisord", "s6", "svscan"):
            continue  # two would take minutes and are far off; the third stops at 1000 directories
        found = life.live(tools, peer, MANY, ("idle", "restart"))
        merge(values, group_of(peer), peer.name, {"restart_many": found["restart"], "memory_many": found["memory"]})
        yield f"{group_of(peer)}/{peer.name} among {MANY}", found


def add_growth(values, count):
    for metrics in list(values.values()):
        for name, at_many in metrics.pop("memory_many", {}).items():
            base = metrics.get("memory", {}).get(name)
            if base and count < MANY:
                growth = (report.median(at_many) - report.median(base)) * 1024 / (MANY - count)
                metrics.setdefault("growth", {})[name] = [growth]


def logs(values, tools, options):
    for peer in capture.CONTENDERS:
        found = capture.measure(tools, peer) | capture.fair(tools, peer)
        merge(values, "logs", peer.name, found)
        yield f"logs/{peer.name}", found


def multilogs(values, tools, options):
    for task in multilog.TASKS:
        for contender in multilog.CONTENDERS:
            found = multilog.measure(tools, contender, task)
            merge(values, "multilog", contender.name, found)
            yield f"multilog/{contender.name}", found


def control(values, tools, options):
    for peer in requests.CONTENDERS:
        found = requests.measure(tools, peer, options.count)
        merge(values, "control", peer.name, found)
        yield f"requests/{peer.name}", found
    for peer in events.CONTENDERS:
        found = events.measure(tools, peer)
        merge(values, "control", peer.name, found)
        yield f"events/{peer.name}", found
    for name, words in (("upkeep", [tools.ours / "supervisorctl", "version"]), ("supervisord", [tools.peers / "supervisorctl", "version"]),
                        ("true", ["/bin/true"])):
        found = {"version": life.median_run(words, 30)}
        merge(values, "control", name, found)
        yield f"version/{name}", found


def updates(values, tools, options):
    for peer in update.CONTENDERS:
        found = update.measure(tools, peer, 20) | update.measure(tools, peer, MANY)
        found["update_surplus"] = max(0, found["update_2000"] - found["reread_2000"]) / found["update_20"]
        merge(values, "control", peer.name, found)
        yield f"update/{peer.name}", found


def grow(values, tools, options):
    for count in growth.COUNTS:
        obstacle = growth.in_the_way(count)
        for peer in growth.CONTENDERS:
            if obstacle:
                print(f"no {count}: {obstacle}", file=sys.stderr)
                continue
            found = growth.measure(tools, peer, count)
            for metric, value in found.items():
                values.setdefault("growth", {}).setdefault(metric, {}).setdefault(f"{peer.kind}/{peer.name}", []).append((count, value))
            yield f"{count} {peer.kind}/{peer.name}", found


# In every round, and once: what takes minutes or shows its own spread.
OFTEN = {"logs": logs, "multilog": multilogs, "control": control}
ONCE = {"many": many, "update": updates, "growth": grow}


def works(values, tools, options):
    """Each yields what it measured, as it is measured."""
    wanted = options.only or (*life.STAGES, *OFTEN, *ONCE)
    stages = [stage for stage in life.STAGES if stage in wanted]
    for number in range(options.rounds):
        rounds = [lives(values, tools, options, stages)] if stages else []
        rounds += [work(values, tools, options) for name, work in OFTEN.items() if name in wanted]
        yield from ((f"round {number + 1} {name}", found) for work in rounds for name, found in work)
    for name, work in ONCE.items():
        if name in wanted:
            yield from work(values, tools, options)


def versions(tools):
    said = {}
    for name, words in (("upkeep", [tools.ours / "upkeep", "--version"]), ("supervisord", [tools.peers / "supervisord", "--version"]),
                        ("dinit", [tools.dinit / "dinit", "--version"] if tools.dinit else None)):
        if words:
            said[name] = subprocess.run(words, capture_output=True, text=True).stdout.split("\n")[0]
    for package in ("daemontools", "runit", "s6"):
        policy = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True).stdout
        said[package] = next((line.split()[1] for line in policy.splitlines() if "Candidate" in line), "unknown")
    return ", ".join(f"{name} {version}" for name, version in said.items())


def page(values, tools, options):
    command = "make bench"
    return f"""# Benchmarks

One run of `{command}`, {time.strftime("%Y-%m-%d")}: {options.rounds} interleaved rounds, N = {options.count}. The numbers are
medians, ± is half the distance of the quartiles. `floor` is no supervisor but the least that the work can cost: a bare
`posix_spawn` and `waitid` loop under the same driver (`bench/floor/floor.cc`). A cell marked **short** misses what we want
to reach; [performance.md](performance.md) says why. Machines differ and are noisy: only ratios within one run count.

Machine: {report.machine()}
Versions: {versions(tools)}

{report.tables(report.Results(values))}
{report.growth_table(values.get("growth", {}))}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=Path, default=TOP / "build/release/bin")
    parser.add_argument("--tools", type=Path, default=TOP / "build/release/bench", help="folder of bench-stamp and bench-floor")
    parser.add_argument("--peers", type=Path, default=TOP / "build/peers/bin")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[],
                        help=f"some of {', '.join((*life.STAGES, *OFTEN, *ONCE))}")
    parser.add_argument("-n", "--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=TOP / "build/bench.json", help="where the results are collected")
    parser.add_argument("--earlier", type=Path, help="results of a run that ended early, to go on with")
    parser.add_argument("--write", type=Path, help="folder for benchmarks.md and its charts")
    options = parser.parse_args()
    dinit = os.environ.get("DINIT")
    tools = types.SimpleNamespace(ours=options.ours.resolve(), peers=options.peers.resolve(), stamp=options.tools.resolve() / "bench-stamp",
                                  floor=options.tools.resolve() / "bench-floor", dinit=Path(dinit).resolve() if dinit else None)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    values = json.loads(options.earlier.read_text()) if options.earlier else {}
    for name, found in works(values, tools, options):
        print(f"{name:32}", "  ".join(f"{metric} {value:.4g}" for metric, value in found.items()), file=sys.stderr, flush=True)
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(values))  # should a later part fail
    add_growth(values, options.count)
    text = page(values, tools, options)
    print(text)
    if options.write:
        (options.write / "benchmarks").mkdir(parents=True, exist_ok=True)
        (options.write / "benchmarks.md").write_text(text)
        for group in report.GROUPS:
            report.draw_bars(report.Results(values), group, options.write / f"benchmarks/{group}.svg")
        report.draw_growth(values.get("growth", {}), options.write / "benchmarks/growth.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
