#!/usr/bin/python3
"""layers.py can fail: each rule is broken once in a small tree, and the offence must be reported in its place."""

import tempfile
import unittest
from pathlib import Path

import layers

CLEAN = {
    "CMakeLists.txt": "upkeep_layer(base)\nupkeep_layer(core USES base)\nupkeep_layer(os USES base)\n"
                      "upkeep_layer(keeper USES base)\n",
    "src/base/fd.h": "#pragma once\n",
    "src/base/fd.cc": '#include "base/fd.h"\n// dup() and system() in a comment, and in text:\nauto s = "strerror(1)";\n'
                      "int n = 1'000 + system_load();\n",
    "src/core/process.h": '#include "base/fd.h"\n',
    "src/core/process.cc": '#include "core/process.h"\n',
    "src/keeper/child.cc": "void f() { dup2(1, 2); fork(); }\n",
    "src/app/main.cc": '#include "core/process.h"\n',
}


class Layers(unittest.TestCase):
    def offences(self, **changes):
        files = CLEAN | {name: text for name, text in changes.get("files", {}).items()}
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [f"{offence.file}:{offence.line}" for offence in layers.check(folder)]

    def test_clean_tree_passes(self):
        self.assertEqual(self.offences(), [])

    def test_upward_include(self):
        changed = {"src/base/fd.cc": '#include "base/fd.h"\n\n#include "core/process.h"\n'}
        self.assertEqual(self.offences(files=changed), ["src/base/fd.cc:3"])

    def test_layers_beside_each_other(self):
        changed = {"src/os/loop.cc": '#include "core/process.h"\n'}
        self.assertEqual(self.offences(files=changed), ["src/os/loop.cc:1"])

    def test_unknown_header(self):
        changed = {"src/os/loop.cc": '#include "fd.h"\n'}
        self.assertEqual(self.offences(files=changed), ["src/os/loop.cc:1"])

    def test_unknown_layer(self):
        self.assertEqual(self.offences(files={"src/util/x.cc": "\n"}), ["src/util/x.cc:1"])

    def test_dead_header(self):
        changed = {"src/os/dead.h": '#include "os/dead.h"\n'}
        self.assertEqual(self.offences(files=changed), ["src/os/dead.h:1"])

    def test_header_used_by_a_test_only_lives(self):
        changed = {"src/os/x.h": "\n", "tests/unit/os/x_test.cc": '#include "os/x.h"\n'}
        self.assertEqual(self.offences(files=changed), [])

    def test_hidden_library(self):
        changed = {"src/os/x.cc": "#include <boost/beast/http.hpp>\n"}
        self.assertEqual(self.offences(files=changed), ["src/os/x.cc:1"])

    def test_core_is_pure(self):
        changed = {"src/core/process.cc": '#include "core/process.h"\n#include <unistd.h>\n'
                                          "auto t = std::chrono::steady_clock::now();\n"}
        self.assertEqual(self.offences(files=changed), ["src/core/process.cc:2", "src/core/process.cc:3"])

    def test_banned_calls(self):
        for call in ("dup(1)", "::dup2(1, 2)", "strerror(1)", "::system(s)", "popen(s)", "sleep(1)", "usleep(1)",
                     "nanosleep(a, b)", "std::this_thread::sleep_for(t)", "::fork()", "throw 1"):
            with self.subTest(call):
                changed = {"src/os/x.cc": f"// A comment.\nvoid f() {{ {call}; }}\n"}
                self.assertEqual(self.offences(files=changed), ["src/os/x.cc:2"])

    def test_machine_path(self):
        changed = {"docs/x.md": "see\n" + "/wor" + "k/main/x\n"}
        self.assertEqual(self.offences(files=changed), ["docs/x.md:2"])


if __name__ == "__main__":
    unittest.main()
