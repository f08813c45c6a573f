#!/usr/bin/python3
"""Quick checks of everything that is not C++: lint.py [ROOT] prints `file:line: what is wrong` and exits 1 on an offence.

Shell and Python scripts must parse and be runnable; text has no trailing blanks and ends with a newline; C++ sources and
CMake files use spaces; relative links in documents lead somewhere.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

from layers import Offence, tracked_files

DATA_FOLDERS = ("fuzz/corpus/",)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def check_text(name, data, offences):
    lines = data.split("\n")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() and not name.startswith("tests/"):  # tests quote what programs print
            offences.append(Offence(name, number, "trailing blank"))
        if "\t" in line and name.endswith((".cc", ".h", ".py", ".cmake", "CMakeLists.txt")):
            offences.append(Offence(name, number, "tab"))
    if data and not data.endswith("\n"):
        offences.append(Offence(name, len(lines), "no newline at the end"))


def check_script(path, name, data, offences):
    first = data.split("\n", 1)[0]
    if not first.startswith("#!"):
        return
    if not path.stat().st_mode & 0o100 and not name.startswith("tests/"):
        offences.append(Offence(name, 1, "has a #! line but cannot be executed"))
    if re.search(r"\b(ba|da)?sh\b", first):
        shell = "bash" if "bash" in first else "sh"
        result = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
        if result.returncode:
            offences.append(Offence(name, 1, result.stderr.strip()))


def check_python(name, data, offences):
    try:
        ast.parse(data)
    except SyntaxError as error:
        offences.append(Offence(name, error.lineno or 1, error.msg))


def check_links(path, name, data, offences):
    for number, line in enumerate(data.split("\n"), 1):
        for target in LINK.findall(line):
            if not (path.parent / target).exists():
                offences.append(Offence(name, number, f"link to {target}, which does not exist"))


def check(root):
    root = Path(root)
    offences = []
    for path in tracked_files(root):
        name = path.relative_to(root).as_posix()
        if path.is_symlink() or name.startswith(DATA_FOLDERS):
            continue
        try:
            data = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        if "\0" in data or "\r" in data:  # test data
            continue
        check_text(name, data, offences)
        check_script(path, name, data, offences)
        if name.endswith(".py"):
            check_python(name, data, offences)
        if name.endswith(".md"):
            check_links(path, name, data, offences)
    return sorted(offences)


def main():
    offences = check(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    for offence in offences:
        print(offence)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
