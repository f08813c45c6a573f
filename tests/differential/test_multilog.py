#!/usr/bin/python3
"""multilog, ours beside Debian's: script language, files, rotation, processors, recovery, signals, trouble. As
tool_pair.py says.

Where files end depends on how the original happened to read its input, so of rotated files the concatenation is compared
and for each side the rule is checked: a file ends at a newline within size - 2000..size, or at size.
"""
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import time

from tool_pair import DEADLINE, Differs, main, scenario, wait_until

SUFFIX = re.compile(r"@[0-9a-f]{24}")


# -- looking at log directories ---------------------------------------------------------------------------------------
def names(s, directory):
    return sorted(os.listdir(s.path(directory)))


def old_files(s, directory):
    return [name for name in names(s, directory) if SUFFIX.match(name)]


def look(s, directory, content=True):
    """What is in a log directory, in name order: stamps cannot be keys, they are made equal."""
    return [[name, s.file(f"{directory}/{name}", content)] for name in names(s, directory)]


def kinds(s, directory):
    """Which names there are, with their modes: stamps and sizes left out."""
    return sorted({(SUFFIX.sub("@STAMP", name), s.file(f"{directory}/{name}")["mode"]) for name in names(s, directory)})


def log(s, directory):
    """Everything that was logged: finished files in name order, then current."""
    return "".join(s.read(f"{directory}/{name}") for name in [*old_files(s, directory), "current"])


def ends_are_right(s, directory, size):
    for name in old_files(s, directory):
        text = s.read(f"{directory}/{name}")
        if len(text) != size and not (size - 2000 <= len(text) <= size and text.endswith("\n")):
            return f"{name}: {len(text)} bytes, ends with {text[-10:]!r}"
    return "right"


def multilog(s, *words, input=b"", directory="d", **how):
    """One run, and all that it leaves."""
    ended = s.run("multilog", *words, input=input, **how)
    if s.path(directory).is_dir():
        s.see("files", look(s, directory))
    return ended


def lines(count, width=20, seed=1):
    noise = random.Random(seed)
    return "".join(f"{i} ".ljust(noise.randrange(2, width), "x") + "\n" for i in range(count))


def feed(s, *words, name="multilog"):
    """multilog in the background, reading a pipe: (process, the pipe's write end)."""
    reader, writer = os.pipe()
    process = s.start("multilog", *words, name=name, stdin=reader)
    os.close(reader)
    return process, writer


# -- one run: the script language -------------------------------------------------------------------------------------
TEXT = "one\ntwo\nthree\n\nfive\n"
RUNS = {  # name: (words, input)
    "no actions": ([], TEXT),
    "a directory": (["./d"], TEXT),
    "a directory by its whole path": ("ABSOLUTE", TEXT),
    "an empty input": (["./d"], ""),
    "one empty line": (["./d"], "\n"),
    "a last line without newline": (["./d"], "a\nb"),
    "zero bytes": (["./d"], "a\0b\n\0\n"),
    "all bytes": (["./d"], "".join(map(chr, range(256))) * 5),
    "a line of 1000": (["./d"], "x" * 1000 + "\n"),
    "a line of 1000 without newline": (["./d"], "x" * 1000),
    "a line of 1001 without newline": (["./d"], "x" * 1001),
    "a line of 5000": (["./d"], "x" * 5000 + "\nend\n"),
    "words that mean nothing": (["", "main", "Foo", "x", "?", "1", "d", "./d"], TEXT),
    "words of the other dialect": (["T", "F", "S", "wgz", "-t*", "./d"], TEXT),
    "a stamp that is not first": (["./d", "t"], TEXT),
    "words that begin as actions do": (["state", "name", "else", "./d"], "a\n"),
    "e": (["e"], TEXT),
    "e, 199 bytes": (["e"], "x" * 199 + "\n"),
    "e, 200 bytes": (["e"], "x" * 200 + "\n"),
    "e, 201 bytes": (["e"], "x" * 201 + "\n"),
    "e, 3000 bytes": (["e"], "x" * 3000 + "\ny\n"),
    "e, no newline": (["e"], "x"),
    "t e, 173 bytes": (["t", "e"], "x" * 173 + "\n"),
    "t e, 174 bytes": (["t", "e"], "x" * 174 + "\n"),
    "t e, 175 bytes": (["t", "e"], "x" * 175 + "\n"),
    "t": (["t", "./d"], TEXT),
    "a word that begins with t": (["tea", "./d"], "a\n"),
    "t and a line of 973": (["t", "./d"], "x" * 973 + "\n"),
    "t and a long line": (["t", "./d"], "x" * 3000 + "\ny\n"),
    "t and no newline": (["t", "./d"], "a"),
    "e twice": (["e", "e"], "a\n"),
    "e before and after a pattern": (["e", "-a", "e"], "a\nb\n"),
    "deselect all": (["-*", "./d"], TEXT),
    "deselect all, select one": (["-*", "+two", "./d"], TEXT),
    "deselect, select, deselect": (["-*", "+t*", "-two", "./d"], TEXT),
    "select changes nothing selected": (["+zzz", "./d"], TEXT),
    "selection flows into the next directory": (["-two", "./c", "+two", "-one", "./d"], TEXT),
    "patterns see the stamp": (["t", "-* two", "./d"], TEXT),
    "patterns see 1000 bytes": (["-" + "x" * 1000, "./d"], "x" * 1500 + "\n" + "x" * 999 + "\n"),
    "a pattern of 1001": (["-" + "x" * 1001, "./d"], "x" * 1001 + "\n"),
    "patterns see 974 bytes after a stamp": (["t", "-* " + "x" * 974, "./d"], "x" * 975 + "\n" + "x" * 973 + "\n"),
    "the rest of a long line goes where its front went": (["-a*", "./c", "+*", "./d"], "a" * 4000 + "\nb\n"),
    "a long line deselected": (["-a*", "./d"], "a" * 4000 + "\nb\n"),
    "status file": (["=status", "./d"], TEXT),
    "status file of a long line": (["=status"], "s" * 1500 + "\n"),
    "status file, 999": (["=status"], "s" * 999 + "\n"),
    "status file, 1000": (["=status"], "s" * 1000 + "\n"),
    "status file, no newline": (["=status"], "s"),
    "status file, nothing selected": (["-*", "=status"], TEXT),
    "status file with stamp": (["t", "=status"], "a\n"),
    "two status files": (["=status", "-five", "=other"], TEXT),
    "the same status file twice": (["-one", "=status", "+one", "-three", "=status"], "one\ntwo\nthree\n"),
    "status file in no directory": (["=none/status", "./d"], TEXT),
    "status file that is a directory": (["=."], TEXT),
    "size too small": (["s1", "./d"], lines(100)),
    "size no number": (["sabc", "./d"], lines(100)),
    "a directory below none": (["./none/d"], TEXT),
    "the same directory twice": (["./d", "./d"], TEXT),
    "the second directory fails": (["./d", "./none/d"], TEXT),
}


def run_of(name, words, text):
    @scenario(name=f"run {name}")
    def play(s):
        real = [str(s.path("d"))] if words == "ABSOLUTE" else words
        ended = s.run("multilog", *real, input=text, see="ended" if words == "ABSOLUTE" else True)
        s.see("streams", [ended.out, ended.err])
        for directory in ("c", "d"):
            if s.path(directory).is_dir():
                s.see(directory, look(s, directory))
        for file in ("status", "other"):
            s.see_file(file)


for run_name, (run_words, run_text) in RUNS.items():
    run_of(run_name, run_words, run_text)

PATTERNS = [  # pattern, line
    ("", ""), ("", "a"), ("a", "a"), ("a", "b"), ("a", "ab"), ("ab", "a"), ("A", "a"), ("*", ""), ("*", "anything"),
    ("*a", "a"), ("*a", "ba"), ("*a", "baa"), ("*a", "bab"), ("a*", "a"), ("a*", "abc"), ("a*", "ba"), ("*a*", "bab"),
    ("*a*", "b"), ("* one", "xy one"), ("* one", "  one"), ("* one", "xy one "), ("* one", " one"),
    ("* * one", "x y one"), ("* * one", "   one"), ("**", "a*b"), ("**", "abc"), ("**", "*"), ("**", ""),
    ("***", "a*b"), ("***", "**"), ("a**b", "a*b"), ("a**b", "ax*yb"), ("*ab", "aab"), ("*ab", "xab"), ("*ab*", "aaab"),
    ("?", "a"), ("?", "?"), ("[ab]", "a"), ("[ab]", "[ab]"), ("\\*", "*"), ("\\*", "\\x"), ("* ERR*", "now ERR: x"),
    ("*: *: *", "a: b: c"), ("*: *: *", "a b: c"), ("+a", "+a"), ("-a", "-a"), (" ", " "), ("\t*", "\tx"),
]


@scenario()
def patterns(s):
    for pattern, line in PATTERNS:
        for action in ("-", "+"):
            words = [f"-{pattern}", "e"] if action == "-" else ["-*", f"+{pattern}", "e"]
            s.see(f"{action}{pattern!r} {line!r}", s.run("multilog", *words, input=line + "\n", see=False).err)


@scenario()
def all_patterns_in_one_run(s):
    words = [word for pattern, _ in PATTERNS if "*" != pattern for word in (f"-{pattern}", f"+{pattern[:-1]}x")]
    multilog(s, *words, "./d", input="".join(line + "\n" for _, line in PATTERNS))


@scenario()
def status_file_keeps_its_length(s):
    s.write("status", "z" * 3000)
    s.run("multilog", "=status", input="a\n")
    s.see_file("status")


@scenario()
def stamps_are_now_and_rise(s):
    s.run("multilog", "t", "./d", input=lines(5000), see=False)
    every = [line[:25] for line in log(s, "d").splitlines()]
    s.see("well formed", len(every) == 5000 and all(SUFFIX.fullmatch(stamp) for stamp in every))
    s.see("in order", every == sorted(every))
    seconds = int(every[0][1:17], 16) - 4611686018427387914
    s.see("now", -5 < seconds - time.time() < 5)
    s.ours("distinct", len(set(every)) == len(every), True)


# -- rotation ---------------------------------------------------------------------------------------------------------
def rotation_of(name, text, size, *words):
    @scenario(name=f"rotation {name}")
    def play(s):
        s.run("multilog", f"s{size}", "n100000", *words, "./d", input=text)
        s.see("log", log(s, "d"))
        s.see("ends", ends_are_right(s, "d", min(max(size, 4096), 16777215)))
        s.see("modes", sorted({s.file(f"d/{name}")["mode"] for name in old_files(s, "d")}))
        s.see("current", s.file("d/current", content=False)["mode"])
        s.see("enough files", len(old_files(s, "d")) >= len(text) // max(size, 4096) - 1)


rotation_of("of short lines", lines(6000), 4096)
rotation_of("of short lines, larger", lines(30000), 50000)
rotation_of("of lines near 1000", lines(300, 1100), 4096)
rotation_of("of lines near 2000", lines(200, 2100), 4096)
rotation_of("of long lines", lines(60, 9000), 4096)
rotation_of("of long lines, odd size", lines(60, 9000), 5003)
rotation_of("of one giant line", "g" * 50000, 4096)
rotation_of("of one giant line with newline", "g" * 50000 + "\nend\n", 4096)
rotation_of("of empty lines", "\n" * 20000, 4096)
rotation_of("of lines of exactly 96", ("x" * 95 + "\n") * 500, 4096)
rotation_of("of a line that ends at size", "x" * 4095 + "\n" + "y\n" * 100, 4096)
rotation_of("of a line that ends behind size", "x" * 4096 + "\n" + "y\n" * 100, 4096)
rotation_of("of a line that ends before the window", "x" * 2094 + "\n" + "y" * 2000 + "\n", 4096)
rotation_of("below the least size", lines(3000), 1)
rotation_of("of selected lines", lines(9000), 4096, "-*7*")


@scenario()
def lines_one_by_one_give_the_same_files(s):
    process, writer = feed(s, "s4096", "n100", "./d")
    done = 0
    for i in range(140):
        line = f"line {i} ".ljust(60, "x") + "\n"
        os.write(writer, line.encode())
        done += len(line)
        wait_until(lambda: sum(os.path.getsize(s.path(f"d/{name}")) for name in [*old_files(s, "d"), "current"]
                               if s.path(f"d/{name}").exists()) >= done, "the line in a file")
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))


@scenario()
def default_size_and_number(s):
    s.run("multilog", "./d", input=lines(200000, 10), see=False)
    s.see("files", len(old_files(s, "d")))
    s.see("ends", ends_are_right(s, "d", 99999))


for count, kept in ((0, 1), (1, 1), (2, 1), (3, 2), (5, 4)):
    @scenario(name=f"n{count} keeps {kept}")
    def n_keeps(s, count=count):
        s.run("multilog", "s4096", f"n{count}", "./d", input=lines(4000))
        s.see("old files", len(old_files(s, "d")))
        s.see("the newest", lines(4000).endswith(log(s, "d")))


@scenario()
def settings_count_for_what_follows(s):
    s.run("multilog", "s4096", "n3", "./c", "s8192", "n5", "./d", input=lines(6000))
    s.see("old files", [len(old_files(s, "c")), len(old_files(s, "d"))])
    s.see("ends", [ends_are_right(s, "c", 4096), ends_are_right(s, "d", 8192)])


@scenario()
def foreign_names_count(s):
    s.mkdir("d")
    for name in ("@000000000000000000000000.mine", "@zz", "@" + "z" * 24, "@" + "5" * 23, "a" * 30):
        s.write(f"d/{name}", name)
    s.run("multilog", "./d", input="a\n")
    s.see("untouched at a start", [n for n in names(s, "d")])
    s.run("multilog", "s4096", "n3", "./d", input=lines(1000), see="rotating")
    s.see("after rotation", names(s, "d"))


@scenario()
def fewer_files_than_before(s):
    s.run("multilog", "s4096", "n10", "./d", input=lines(6000), see="ten")
    s.see("ten left", len(old_files(s, "d")))
    s.run("multilog", "s4096", "n3", "./d", input="a\n", see="no rotation")
    s.see("no rotation left", len(old_files(s, "d")))
    s.run("multilog", "s4096", "n3", "./d", input=lines(400), see="three")
    s.see("three left", len(old_files(s, "d")))


@scenario()
def current_is_continued(s):
    for i in range(3):
        s.run("multilog", "./d", input=f"run {i}\n", see=f"run {i}")
    s.see("files", look(s, "d"))


@scenario()
def current_larger_than_size(s):
    s.run("multilog", "./d", input=lines(900), see="large")
    s.run("multilog", "s4096", "./d", input="small\n", see="small")
    s.see("log", log(s, "d"))
    s.see("current", s.read("d/current"))


@scenario()
def umask_is_ours(s):
    s.run("sh", "-c", "umask 077; exec multilog s4096 '!cat' ./d", input=lines(600))
    s.see("modes", kinds(s, "d"))


# -- processors -------------------------------------------------------------------------------------------------------
@scenario()
def processor(s):
    s.run("multilog", "s4096", "n50", "!tr 0-9 a-j", "./d", input=lines(2000))
    expected = lines(2000)
    current = s.read("d/current")
    s.see("processed", "".join(s.read(f"d/{n}") for n in old_files(s, "d")) ==
          expected[:len(expected) - len(current)].translate(str.maketrans("0123456789", "abcdefghij")))
    s.see("left", kinds(s, "d"))


@scenario()
def processor_with_state(s):
    s.run("multilog", "s4096", "n50", "!cat >/dev/null; read n <&4; n=$((n+1)); echo $n >&5; echo run $n", "./d",
          input=("x" * 99 + "\n") * 300)
    counts = [s.read(f"d/{n}") for n in old_files(s, "d")]
    s.see("counted", counts == [f"run {i + 1}\n" for i in range(len(counts))] and len(counts) > 5)
    s.see("state", s.read("d/state") == f"{len(counts)}\n")


@scenario()
def processor_environment(s):
    s.run("multilog", "s4096", '!cat >/dev/null; ls; pwd; ls /proc/self/fd | tr "\\n" " "; kill -l $(grep SigBlk /proc/self/status | cut -c9-) '
          '2>/dev/null; grep SigBlk /proc/self/status; echo told >&2', "./d", input=("x" * 99 + "\n") * 30)
    s.see("files", [kinds(s, "d"), *(s.read(f"d/{name}") for name in old_files(s, "d"))])


@scenario()
def processor_stays_for_later_directories(s):
    s.run("multilog", "s4096", "./c", "!echo P; cat >/dev/null", "./d", "./e", input=("x" * 99 + "\n") * 30)
    s.see("old files", {d: [s.read(f"{d}/{n}")[:5] for n in old_files(s, d)] for d in "cde"})


@scenario()
def processor_fails_then_succeeds(s):
    s.run("multilog", "s4096", "!cat; test -e ../again || { : >../again; exit 1; }", "./d", input=("x" * 99 + "\n") * 30)
    s.see("files", [kinds(s, "d"), log(s, "d")])


@scenario(differs={"multilog s4096 !test -e ../again || { : >../again; kill -9 $$; }; cat ./d": Differs(
    "`processor crashed in DIR, pausing: ` and a left-over error",
    {"status": 0, "out": "", "err": "multilog: warning: processor crashed in ./d, pausing\n"},
    lambda v: v["status"] == 0 and v["err"].startswith("multilog: warning: processor crashed in ./d, pausing: "))})
def processor_crashes(s):
    s.run("multilog", "s4096", "!test -e ../again || { : >../again; kill -9 $$; }; cat", "./d", input=("x" * 99 + "\n") * 30)
    s.see("files", [kinds(s, "d"), log(s, "d")])


@scenario()
def processor_of_no_words(s):
    s.run("multilog", "s4096", "!", "./d", input=("x" * 99 + "\n") * 30)
    s.see("files", [kinds(s, "d"), [s.read(f"d/{name}") for name in old_files(s, "d")]])


@scenario()
def processor_that_takes_a_while_and_term(s):
    process, writer = feed(s, "s4096", "!: >../running; sleep 1; cat", "./d")
    os.write(writer, b"y" * 99 + b"\n" + (b"x" * 99 + b"\n") * 21)
    wait_until(lambda: s.path("running").exists(), "the processor")
    os.write(writer, b"later\n")
    s.see("status", s.end("multilog", signal.SIGTERM))
    os.close(writer)
    s.see("files", kinds(s, "d"))


# -- dirty starts -----------------------------------------------------------------------------------------------------
def dirty(name, files, links=(), words=(), differs=None):
    """files: {name: mode}; links: pairs (old, new)."""
    @scenario(name=f"start with {name}", differs=differs or {})
    def play(s):
        s.mkdir("d")
        for file, mode in files.items():
            s.write(f"d/{file}", f"was {file}\n", mode)
        for old, new in links:
            os.link(s.path(f"d/{old}"), s.path(f"d/{new}"))
        s.run("multilog", *words, "./d", input="new\n")
        s.see("files", look(s, "d"))


FOUND = [None, 0o644, 0o744]
for current_mode in FOUND:
    for previous_mode in FOUND:
        for processed_mode in FOUND:
            found = {"current": current_mode, "previous": previous_mode, "processed": processed_mode}
            found = {file: mode for file, mode in found.items() if mode is not None}
            for state in ({}, {"state": 0o644, "newstate": 0o644}):
                label = " ".join(f"{file}:{mode:o}" for file, mode in {**found, **state}.items()) or "nothing"
                dirty(label, {**found, **state})
EARLY = "@400000000000000000000000"
for file in ("current", "previous", "processed"):
    dirty(f"{file} that has its final name", {file: 0o744 if file == "processed" else 0o644}, [(file, f"{EARLY}.s")])
dirty("current of mode 0600", {"current": 0o600})
dirty("current of mode 0100", {"current": 0o700})
dirty("current with x for others only", {"current": 0o655})
dirty("purge at a dirty start", {"current": 0o644, **{f"@40000000000000000000000{i}.s": 0o744 for i in range(6)}}, words=["n3"])
dirty("a link to current elsewhere", {"current": 0o644}, [("current", "copy")], differs={"files": Differs(
    "a file that has a second name", lambda v: [n for n, _ in v] == ["@STAMP.u", "copy", "current", "lock", "state"],
    lambda v: [n for n, _ in v] == ["copy", "current", "lock", "state"])})


@scenario()
def empty_current_of_a_crash(s):
    s.mkdir("d")
    s.write("d/current", "", 0o644)
    multilog(s, "./d", input="new\n")


@scenario()
def state_that_is_a_directory(s):
    s.mkdir("d/state")
    s.run("multilog", "./d", input="a\n")
    s.see("files", look(s, "d"))


@scenario()
def current_that_is_a_directory(s):
    s.mkdir("d/current")
    s.run("multilog", "./d", input="a\n")


@scenario()
def lock_that_is_a_directory(s):
    s.mkdir("d/lock")
    s.run("multilog", "./d", input="a\n")


@scenario()
def a_file_in_place_of_the_directory(s):
    s.write("d", "file")
    s.run("multilog", "./d", input="a\n")


@scenario(needs_root=True)
def no_permission(s):
    s.mkdir("d", 0o555)
    s.path(".").chmod(0o755)
    for directory in ("./d", "./new"):
        s.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", s.bin / "multilog", directory, input="a\n", see=directory)


@scenario(needs_root=True)
def no_permission_to_a_file(s):
    s.mkdir("d", 0o777)
    s.write("d/current", "old\n", 0o744)
    s.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", s.bin / "multilog", "./d", input="a\n", see="run")


@scenario(differs={"files": Differs("a clean `current` without `state`", lambda v: "state" in v, lambda v: True)})
def clean_current_without_state(s):
    s.mkdir("d")
    s.write("d/current", "x" * 3000 + "\n", 0o744)
    if not s.is_original:  # which would try for ever
        s.run("multilog", "s4096", "!cat", "./d", input="new\n", see=False)
    s.see("files", names(s, "d"))


# -- locks, signals, waiting ------------------------------------------------------------------------------------------
@scenario()
def locked_by_another(s):
    process, writer = feed(s, "./d")
    wait_until(lambda: s.path("d/current").exists(), "current")
    second = s.run("multilog", "./d", input="second\n")
    os.write(writer, b"first\n")
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("log", log(s, "d"))
    s.see("second", second.status)


def started(s, *words):
    process, writer = feed(s, *words)
    wait_until(lambda: s.path("d/current").exists(), "current")
    return process, writer


def current_is(s, text):
    wait_until(lambda: s.read("d/current") == text, lambda: f"{text!r} in current, not {s.read('d/current')[-200:]!r}")


@scenario()
def lines_are_there_at_once(s):
    process, writer = started(s, "./d")
    for i in range(5):
        os.write(writer, f"{i}\n".encode())
        current_is(s, "".join(f"{n}\n" for n in range(i + 1)))
    os.write(writer, b"part")
    time.sleep(0.2)  # long enough for a program that would write it; the check below cannot fail on a slow machine
    s.see("no part of a line", s.read("d/current"))
    s.see("mode in use", s.file("d/current")["mode"])
    os.write(writer, b"ial\n")
    current_is(s, "0\n1\n2\n3\n4\npartial\n")
    os.close(writer)
    s.see("status", s.end("multilog"))


@scenario()
def front_of_a_long_line_is_there(s):
    process, writer = started(s, "./d")
    os.write(writer, b"l" * 999)
    os.write(writer, b"l" * 4001)
    wait_until(lambda: len(s.read("d/current")) >= 4000, "the front of a long line")
    os.write(writer, b"\nnext\n")
    current_is(s, "l" * 5000 + "\nnext\n")
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))


@scenario()
def end_in_the_middle_of_a_line(s):
    process, writer = started(s, "t", "./d")
    os.write(writer, b"a\npart")
    wait_until(lambda: s.read("d/current").endswith(" a\n"), "the first line")
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))


@scenario()
def term_between_lines(s):
    process, writer = started(s, "./d")
    os.write(writer, b"a\n")
    current_is(s, "a\n")
    s.see("status", s.end("multilog", signal.SIGTERM))
    s.see("files", look(s, "d"))
    os.close(writer)


@scenario()
def term_without_input(s):
    process, writer = started(s, "./d")
    s.see("status", s.end("multilog", signal.SIGTERM))
    s.see("files", look(s, "d"))
    os.close(writer)


@scenario()
def term_within_a_line(s):
    reader, writer = os.pipe()
    process = s.start("multilog", "./d", stdin=reader)
    wait_until(lambda: s.path("d/current").exists(), "current")
    os.write(writer, b"a\n")
    current_is(s, "a\n")
    os.write(writer, b"par")
    time.sleep(0.3)  # the original must have read it: there is nothing to see of that
    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    s.see("goes on", process.poll())
    os.write(writer, b"tial\nfor the successor\n")
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))
    os.close(writer)
    with os.fdopen(reader, "rb") as rest:
        s.see("left in the pipe", rest.read())


@scenario()
def term_within_a_long_line(s):
    reader, writer = os.pipe()
    process = s.start("multilog", "./d", stdin=reader)
    os.write(writer, b"l" * 5000)
    wait_until(lambda: len(s.read("d/current")) >= 4000, "the front")
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.2)  # the original must have seen it
    os.write(writer, b"rest\nfor the successor\n")
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))
    os.close(writer)
    with os.fdopen(reader, "rb") as rest:
        s.see("left in the pipe", rest.read())


@scenario()
def term_within_a_line_that_ends_with_the_input(s):
    process, writer = started(s, "./d")
    os.write(writer, b"par")
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))


@scenario()
def alarm_rotates(s):
    process, writer = started(s, "./d")
    os.write(writer, b"a\n")
    current_is(s, "a\n")
    process.send_signal(signal.SIGALRM)
    wait_until(lambda: len(old_files(s, "d")) == 1, "the rotated file")
    process.send_signal(signal.SIGALRM)  # nothing to rotate
    time.sleep(0.2)  # the original would see it too late, if it came with the next line
    os.write(writer, b"b\n")
    current_is(s, "b\n")
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))


@scenario()
def alarm_rotates_each_directory_that_is_used(s):
    process, writer = started(s, "-a", "./c", "+a", "./d")
    os.write(writer, b"a\n")
    current_is(s, "a\n")
    process.send_signal(signal.SIGALRM)
    wait_until(lambda: len(old_files(s, "d")) == 1, "the rotated file")
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("files", [look(s, "c"), look(s, "d")])


@scenario()
def other_signals_kill(s):
    for signo in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1):
        process, writer = feed(s, f"./d{signo:d}", name=f"multilog{signo:d}")
        os.write(writer, b"a\n")
        s.wait_text(f"d{signo:d}/current", "a\n")
        s.see(f"status {signo:d}", s.end(f"multilog{signo:d}", signo))
        os.close(writer)
        s.see(f"files {signo:d}", look(s, f"d{signo:d}"))


@scenario()
def signals_ignored_by_the_parent(s):
    reader, writer = os.pipe()
    process = s.start("env", "--ignore-signal=TERM,ALRM", "multilog", "./d", name="multilog", stdin=reader)
    os.write(writer, b"a\n")
    current_is_there = wait_until(lambda: s.read("d/current") == "a\n", "the line")
    process.send_signal(signal.SIGALRM)
    wait_until(lambda: len(old_files(s, "d")) == 1, "the rotated file")
    s.see("status", [current_is_there, s.end("multilog", signal.SIGTERM)])
    os.close(reader)
    os.close(writer)


@scenario()
def standard_input_is_a_file(s):
    s.write("input", lines(3000))
    with open(s.path("input"), "rb") as file:
        s.start("multilog", "s4096", "n100", "./d", stdin=file)
        s.see("status", s.end("multilog"))
    s.see("log", log(s, "d"))


@scenario()
def standard_input_is_a_socket(s):
    ours, theirs = socket.socketpair()
    s.start("multilog", "t", "./d", stdin=theirs)
    theirs.close()
    ours.sendall(b"a\nb")
    wait_until(lambda: s.read("d/current").endswith(" a\n"), "the line")
    ours.sendall(b"c\n")
    ours.close()
    s.see("status", s.end("multilog"))
    s.see("files", look(s, "d"))


@scenario()
def standard_input_is_a_terminal(s):
    master, slave = os.openpty()
    s.start("multilog", "./d", stdin=slave)
    os.close(slave)
    wait_until(lambda: s.path("d/current").exists(), "current")
    os.write(master, b"typed\n")
    wait_until(lambda: s.read("d/current") == "typed\n", "the line")
    s.see("status", s.end("multilog", signal.SIGTERM))
    os.close(master)
    s.see("files", look(s, "d"))


@scenario()
def standard_input_is_nothing(s):
    s.run("sh", "-c", "exec multilog ./d </dev/null")
    s.run("sh", "-c", "exec multilog ./d <&-; ", see="closed")
    s.see("files", names(s, "d"))


@scenario()
def standard_error_is_closed(s):
    s.run("sh", "-c", "multilog e ./d 2>&-; echo $?", input="a\n")
    s.see("log", log(s, "d"))


# -- trouble ----------------------------------------------------------------------------------------------------------
@scenario(needs_root=True)
def full_disk(s):
    """A small file system of our own, in a mount namespace; space appears, and nothing is missing."""
    text = lines(30000, 40)
    s.write("input", text)
    s.write("full.sh", """
mount -t tmpfs -o size=200k none "$1" || exit 77
cd "$1"; head -c 100000 /dev/zero >filler
cat ../input | multilog s50000 n1000 ./log 2>../said & multilog=$!
n=0; until grep -q 'out of disk space' ../said; do sleep 0.1; n=$((n+1)); [ $n -lt 400 ] || exit 1; done
mount -o remount,size=8m none "$1"; wait; cat log/@* log/current >../result
""")
    s.mkdir("disk")
    ended = s.run("unshare", "-m", "sh", s.path("full.sh"), s.path("disk"), see=False)
    s.see("status", ended.status)
    s.see("same bytes", s.read("result") == text)
    said = s.read("said").splitlines()
    s.see("said", [sorted(set(said))[0], len(said) in (1, 2, 3)])


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@scenario()
def file_size_limit(s):
    process, writer = feed(s, "./d")
    os.close(writer)
    s.end("multilog")
    reader, writer = os.pipe()
    process = s.start("multilog", "./d", name="limited", stdin=reader, preexec_fn=small_files)
    os.close(reader)
    os.write(writer, lines(600).encode())
    s.wait_text("limited.err", "\n")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.close(writer)
    s.see("status", s.end("limited"))
    s.see("said", s.read("limited.err"))
    s.see("log", log(s, "d") == lines(600))


@scenario()
def directory_is_moved_while_in_use(s):
    process, writer = started(s, "s4096", "n50", "./d")
    s.path("d").rename(s.path("moved"))
    os.write(writer, lines(600).encode())
    os.close(writer)
    s.see("status", s.end("multilog"))
    s.see("log", log(s, "moved") == lines(600))
    s.see("d", s.path("d").exists())


# -- guarantees of ours -----------------------------------------------------------------------------------------------
def numbered(first, count):
    return "".join(f"{i:09} {'x' * (i * 7 % 90)}\n" for i in range(first, first + count))


@scenario()
def kills_lose_nothing(s):
    """kill -9 in a loop, under load: every line is there, in order, and what is repeated fits into a look at the pipe."""
    if not s.has_ours:
        return
    total, repeated_most = 150000, 256 << 10
    reader, writer = os.pipe()
    producer = subprocess.Popen([sys.executable, "-c", f"import sys\nfor i in range({total}):\n"
                                 " sys.stdout.write(f\"{i:09} {'x' * (i * 7 % 90)}\\n\")"], stdout=writer)
    os.close(writer)
    kills = 0
    noise = random.Random(4)
    while True:
        process = s.start("multilog", "s65536", "n100000", "./d", stdin=reader, name="multilog")
        try:
            process.wait(noise.uniform(0.01, 0.12))
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    os.close(reader)
    producer.wait()
    s.ours("last exit", process.returncode, 0)
    s.ours("kills", kills > 3, True)
    seen, next_number, worst = log(s, "d"), 0, 0
    for line in seen.splitlines():
        if not re.fullmatch(r"\d{9} x*", line):
            continue  # a line that a kill cut off, which is there again
        number = int(line[:9])
        assert number <= next_number, f"{number} follows {next_number - 1}"
        worst = max(worst, len(numbered(number, next_number - number)) if number < next_number - 1 else 0)
        next_number = max(next_number, number + 1)
    s.ours("every line", next_number, total)
    s.ours("repeated", worst <= repeated_most, True)


@scenario()
def kill_keeps_the_beginning_of_a_line(s):
    if not s.has_ours:
        return
    reader, writer = os.pipe()
    for part in ("be", "gin", "ning"):
        process = s.start("multilog", "./d", stdin=reader)
        os.write(writer, part.encode())
        time.sleep(0.2)
        s.end("multilog", signal.SIGKILL)
    s.start("multilog", "./d", stdin=reader)
    os.write(writer, b" and end\n")
    current_is(s, "beginning and end\n")
    os.close(writer)
    s.end("multilog")


@scenario()
def fragments_fill_the_pipe(s):
    """Each write in a slot of its own (O_DIRECT), and no newline: the writer must not wait for ever."""
    reader, writer = os.pipe2(os.O_DIRECT)
    s.start("multilog", "./d", stdin=reader)
    for _ in range(300):
        os.write(writer, b"f")
    os.write(writer, b"\n")
    current_is(s, "f" * 300 + "\n")
    os.close(reader)
    os.close(writer)
    s.see("status", s.end("multilog"))


def date_stamps(word, pattern):
    @scenario(name=f"action {word}")
    def play(s):
        if not s.has_ours:
            return
        s.run("multilog", word, "./d", input="a\nb\n", see=False)
        s.ours("line", s.read("d/current"), re.compile(f"({pattern} [ab]\n){{2}}"))
        s.run("multilog", "./e", word, input="a\nb\n", see=False)
        s.ours("not first", s.read("e/current"), "a\nb\n")


date_stamps("h", r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{5}")
date_stamps("hT", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{5}")


@scenario()
def encore_dialect(s):
    if not s.has_ours:
        return
    encore = {"UPKEEP_DAEMONTOOLS": "encore"}
    s.run("multilog", "T", "./d", input="a\n", see=False, env=encore)
    s.ours("T", s.read("d/current"), re.compile(r"\d{10}\.\d{6} a\n"))
    s.run("multilog", "F", "-[ab]?", "S", "+ax", "-?b", "./e", input="ax\nbx\ncx\n?b\nab\n", see=False, env=encore)
    s.ours("F and S", s.read("e/current"), "ax\ncx\n")
    s.run("multilog", "s4096", "wgz", "!gzip", "./f", input=lines(600), see=False, env=encore)
    s.ours("w", {name[25:] for name in old_files(s, "f")}, lambda v: v == {".gz"} or v == [".gz"])


if __name__ == "__main__":
    assert DEADLINE
    sys.exit(main())
