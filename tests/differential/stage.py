"""Plays scenarios on two sides at the same time, judges what was seen, and tells of it: the main program of a script.

    SCRIPT [-k WORD]... [-v] [-j N] [--list]
"""
import concurrent.futures
import difflib
import os
import pathlib
import pprint
import time
import traceback

import scenario
from pending import PENDING

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/compatibility.md"
KEEP = os.environ.get("UPKEEP_KEEP") == "1"


def play(one, make_side, is_original):
    """What one side saw, and why it could not go on ("" if it could)."""
    side = None
    try:
        side = make_side(is_original)
        one.play(side)
        return side, ""
    except scenario.Skipped:
        raise
    except Exception:  # whatever it is: it is told, and other scenarios go on
        return side, "\n".join([traceback.format_exc(limit=-2), side.trouble() if side else "no side"])
    finally:
        if side:
            side.clean_up(KEEP)


def show(value):
    return pprint.pformat(value, width=140, sort_dicts=False).splitlines()


def judge(one, original, ours, document):
    """What is wrong, as texts."""
    wrong = []
    for what in list(original.seen) + [what for what in ours.seen if what not in original.seen]:
        if what not in original.seen or what not in ours.seen:
            wrong.append(f"{what}: only one side saw it")
            continue
        theirs, own, differs = original.seen[what], ours.seen[what], one.differs.get(what)
        if not differs and theirs != own:
            wrong.append("\n".join([f"{what}:", *difflib.ndiff(show(theirs), show(own))]))
        if differs and theirs == own:
            wrong.append(f"{what}: the intended difference is gone: {show(own)}")
        if differs and not scenario.is_as_expected(own, differs.ours):
            wrong.append("\n".join([f"{what}: ours is not as intended:", *show(own)]))
        if differs and not scenario.is_as_expected(theirs, differs.theirs):
            wrong.append("\n".join([f"{what}: the original is not as stated:", *show(theirs)]))
    wrong += [f"{what}: an intended difference that nobody looked at" for what in one.differs if what not in ours.seen]
    wrong += ["\n".join([f"{what}: ours is not as expected:", *show(value)]) for what, value, expected in ours.claims
              if not scenario.is_as_expected(value, expected)]
    cited = [differs.cites for differs in one.differs.values()] + list(one.cites)
    wrong += [f"{DOCUMENT.name} does not say {text!r}" for text in cited if text not in document]
    return wrong


def compare(one, make_side, document):
    """(seconds, what is wrong); or (None, why it was skipped)."""
    begun = time.monotonic()
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            (original, trouble), (ours, own_trouble) = pool.map(lambda is_original: play(one, make_side, is_original), (True, False))
    except scenario.Skipped as reason:
        return None, str(reason)
    wrong = [f"{who} could not be played: {text}" for who, text in (("the original", trouble), ("ours", own_trouble)) if text]
    if not wrong:
        wrong = judge(one, original, ours, document)
    return time.monotonic() - begun, wrong


def add_options(parser):
    parser.add_argument("-k", action="append", help="only scenarios whose name contains one of these words")
    parser.add_argument("-v", action="store_true", help="tell of each")
    parser.add_argument("-j", type=int, default=4 * (os.cpu_count() or 1), help="so many scenarios at a time; they mostly wait")
    parser.add_argument("--list", action="store_true", help="names only")


def play_all(make_side, options, full=False):
    """Plays what the options choose; the exit status of the script."""
    full = full or options.k
    chosen = [one for one in scenario.SCENARIOS if full or one.short]
    if options.k:
        chosen = [one for one in chosen if any(word in one.name for word in options.k)]
    if options.list:
        print(*(one.name for one in chosen), sep="\n")
        return 0
    left_out = [f"{one.name}: needs root" for one in chosen if not one.can_run]
    chosen = [one for one in chosen if one.can_run]

    begun, failed, document = time.monotonic(), 0, DOCUMENT.read_text()
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        running = {pool.submit(compare, one, make_side, document): one for one in chosen}
        for done in concurrent.futures.as_completed(running):
            seconds, wrong = done.result()
            if seconds is None:
                left_out.append(f"{running[done].name}: {wrong}")
                chosen.remove(running[done])
                continue
            name = running[done].name
            if name in PENDING:
                wrong = [] if wrong else ["it passes: take it off the list of pending.py"]
            failed += bool(wrong)
            if options.v or wrong:
                verdict = "FAILED" if wrong else "pending" if name in PENDING else "ok"
                print(f"{verdict} {name} ({seconds:.1f} s)", flush=True)
            for text in wrong:
                print("    " + text.replace("\n", "\n    "), flush=True)
    if left_out:
        print("not played:", *left_out, sep="\n  ")
    intended = sum(len(one.differs) + len(one.cites) for one in chosen)
    print(f"{len(chosen)} scenarios in {time.monotonic() - begun:.0f} s, {len(chosen) - failed} passed, {failed} failed; "
          f"{intended} intended differences asserted")
    return 1 if failed or not chosen else 0
