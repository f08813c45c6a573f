#!/usr/bin/python3
"""Rules of the tree that neither compiler nor formatter knows: layers.py [ROOT].

Prints `file:line: what is wrong` for each offence and exits 1 when there is one. The layer table is read from the
upkeep_layer() lines of CMakeLists.txt, so that what may be included and what is linked cannot differ.
"""

import fnmatch
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Offence(NamedTuple):
    file: str
    line: int
    text: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.text}"


# Calls nobody in src/ makes: pattern, where it is allowed after all, reason.
BANNED_CALLS = [
    (r"\bdup\s*\(", (), "dup() leaks into children: use F_DUPFD_CLOEXEC"),
    (r"\bdup2\s*\(", ("src/keeper/*", "src/engine/engine_start.cc"),
     "dup2() leaks into children: only a child before its exec, and a daemon's own stdio, want that"),
    (r"\bstrerror\s*\(", (), "strerror() is not thread-safe: use Error::from_errno or strerrordesc_np"),
    (r"(?<![\w.>])system\s*\(", (), "system() runs a shell: spawn through the keeper"),
    (r"\bpopen\s*\(", (), "popen() runs a shell: spawn through the keeper"),
    (r"\b(u|nano)?sleep\s*\(|\bsleep_(for|until)\s*\(", (), "nothing sleeps: give the loop a deadline"),
    (r"(?<![\w.>])v?fork\s*\(", ("src/keeper/*", "src/app/*"), "only the keeper forks"),
    (r"\bthrow\b", (), "errors are Result<T>"),
]

# Libraries that one file hides, so that one file is rewritten when a library is replaced.
HIDDEN_LIBRARIES = [
    ("boost/*", ("src/wire/http.cc",)),
    ("nlohmann/*", ("src/wire/json.cc",)),
    ("pugixml.hpp", ("src/wire/xmlrpc.cc",)),
    ("tl/expected.hpp", ("src/base/result.h", "src/engine/control.h")),
    ("histedit.h", ("src/ctl/*",)),
    ("fmt/format*.h", ("src/base/fmt.cc",)),
]

# The core decides, it does not act: no system calls, no clock.
CORE_BANNED = [
    (r"#\s*include\s*<(unistd\.h|fcntl\.h|sys/(?!types\.h).*|poll\.h|thread|fstream|iostream)>", "core makes no system calls"),
    (r"_clock::now\s*\(", "core gets the time as an argument"),
]

# Paths of somebody's own machine, in any tracked file. (The brackets keep this line from reporting itself.)
MACHINE_PATHS = re.compile(r"(?<![\w.])/wor[k]/")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def layer_table(root):
    """{layer: set of the layers it may include}, its own among them."""
    text = (root / "CMakeLists.txt").read_text()
    table = {}
    for name, uses in re.findall(r"^\s*upkeep_layer\(\s*(\w+)(?:\s+USES\s+([\w\s]+?))?\s*\)", text, re.MULTILINE):
        table[name] = {name, *uses.split()}
    table["app"] = {"app", *table}  # the entry points: the only place where everything meets
    return table


def without_comments_and_strings(text):
    """The code alone; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
    # A digit separator (1'000) is no character literal.
    text = re.sub(r"(?<=\d)'(?=\d)", "", text)
    return pattern.sub(lambda match: " " + "\n" * match[0].count("\n"), text)


def matches(path, patterns):
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def check_includes(root, path, layers, offences, included):
    name = path.relative_to(root).as_posix()
    layer = name.split("/")[1]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        ours, library = include.groups()
        if library:
            for pattern, allowed in HIDDEN_LIBRARIES:
                if fnmatch.fnmatch(library, pattern) and not matches(name, allowed):
                    offences.append(Offence(name, number, f"<{library}> is hidden behind {', '.join(allowed)}"))
            continue
        target = f"src/{ours}"
        if not (root / target).is_file():
            offences.append(Offence(name, number, f'"{ours}" is no header of src/ (write layer/file.h)'))
            continue
        if target != name:
            included.add(target)
        used = ours.split("/")[0]
        if layer in layers and used not in layers[layer]:
            offences.append(Offence(name, number, f"layer {layer} may not include {used} (see CMakeLists.txt)"))


def check_calls(root, path, offences):
    name = path.relative_to(root).as_posix()
    code = without_comments_and_strings(path.read_text())
    rules = [(pattern, why) for pattern, allowed, why in BANNED_CALLS if not matches(name, allowed)]
    if name.startswith("src/core/"):
        rules += CORE_BANNED
    for number, line in enumerate(code.splitlines(), 1):
        for pattern, why in rules:
            if re.search(pattern, line):
                offences.append(Offence(name, number, why))


def tracked_files(root):
    """What git tracks; in an unpacked tarball everything outside build/."""
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=False)
    if listing.returncode == 0 and listing.stdout:
        paths = [root / name for name in listing.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in root.rglob("*") if path.relative_to(root).parts[0] not in (".git", "build")]
    return [path for path in paths if path.is_file()]


def check_machine_paths(root, offences):
    for path in tracked_files(root):
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if MACHINE_PATHS.search(line):
                offences.append(Offence(path.relative_to(root).as_posix(), number, "path of somebody's own machine"))


def check(root):
    root = Path(root)
    offences, included = [], set()
    layers = layer_table(root)
    sources = sorted(path for path in (root / "src").rglob("*") if path.suffix in (".cc", ".h"))
    for path in sources:
        name = path.relative_to(root).as_posix()
        if len(Path(name).parts) != 3 or name.split("/")[1] not in layers:
            offences.append(Offence(name, 1, "belongs to no layer of CMakeLists.txt"))
            continue
        check_includes(root, path, layers, offences, included)
        check_calls(root, path, offences)
    for folder in ("tests", "fuzz", "bench"):  # these may include anything, and keep a header alive
        for path in (root / folder).rglob("*.*"):
            if path.suffix in (".cc", ".h"):
                included.update(f"src/{target}" for target in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(), re.MULTILINE))
    for path in sources:
        name = path.relative_to(root).as_posix()
        if path.suffix == ".h" and name not in included:
            offences.append(Offence(name, 1, "nobody includes this header"))
    check_machine_paths(root, offences)
    return sorted(offences)


def main():
    offences = check(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    for offence in offences:
        print(offence)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
