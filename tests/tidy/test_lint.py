#!/usr/bin/python3
"""lint.py can fail: one tree per rule."""

import tempfile
import unittest
from pathlib import Path

import lint


class Lint(unittest.TestCase):
    def offences(self, name, text, mode=0o755):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(mode)
            return [f"{offence.file}:{offence.line}" for offence in lint.check(folder)]

    def test_clean_files_pass(self):
        self.assertEqual(self.offences("scripts/a", "#!/bin/sh\nif true; then echo; fi\n"), [])
        self.assertEqual(self.offences("a.py", "x = 1\n", 0o644), [])
        self.assertEqual(self.offences("a.md", "[x](a.md), [y](https://example.org)\n"), [])

    def test_broken_shell(self):
        self.assertEqual(self.offences("scripts/a", "#!/bin/sh\nif true; then\n"), ["scripts/a:1"])

    def test_broken_python(self):
        self.assertEqual(self.offences("a.py", "x = 1\ny = (\n", 0o644), ["a.py:2"])

    def test_script_without_its_run_bit(self):
        self.assertEqual(self.offences("scripts/a", "#!/bin/sh\n", 0o644), ["scripts/a:1"])

    def test_trailing_blank_tab_and_missing_newline(self):
        self.assertEqual(self.offences("a.cc", "int a; \n\tint b;\nint c;"), ["a.cc:1", "a.cc:2", "a.cc:3"])

    def test_dead_link(self):
        self.assertEqual(self.offences("a.md", "\n[x](docs/gone.md)\n"), ["a.md:2"])


if __name__ == "__main__":
    unittest.main()
