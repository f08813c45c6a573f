#!/usr/bin/python3
"""`upkeep check` calls an error what the loader refuses and nothing else, and leaves the machine as it is; `upkeep config`."""
import concurrent.futures
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from harness import BIN, ROOT

sys.path.insert(0, str(ROOT / "tests" / "differential"))
from config_cases import CASES, KEY_CASES  # noqa: E402

ENVIRONMENT = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": "/tmp", "GREETING": "hello", "PERCENT": "100%", "NUMBER": "12", "LANG": "C.UTF-8"}
ARGUMENTS = ["-c", "a.conf"]


def cases():
    """{name: files} of what is read by -c alone. Of the many that try one key after another, every tenth."""
    for name, case in (CASES | dict(list(KEY_CASES.items())[::10])).items():
        files, arguments = case[:2] if isinstance(case, tuple) else (case, ARGUMENTS)
        if arguments == ARGUMENTS:
            yield name, files


def write(folder, files):
    for name, content in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def run(folder, *command):
    return subprocess.run([BIN / command[0], *command[1:]], env=ENVIRONMENT, cwd=folder, capture_output=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL)


def listing(folder):
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in pathlib.Path(folder).rglob("*"))


def trouble_with(name, files):
    """What check says that the loader does not, or the other way round; None: they agree."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        write(folder, files)
        before = listing(folder)
        refusal = run(folder, "config_dump", "/usr/bin/supervisord", *ARGUMENTS).stdout.decode()
        checked = run(folder, "upkeep", "check", "--json", "a.conf")
        if listing(folder) != before:
            return f"{name}: something was changed"
        if checked.stderr or checked.returncode not in (0, 1, 2):
            return f"{name}: status {checked.returncode}: {checked.stderr}"
        report = json.loads(checked.stdout)
        is_refused = refusal.startswith("error ")
        if is_refused != (report["errors"] > 0) or is_refused != (checked.returncode == 2):
            return f"{name}: loader: {refusal.splitlines()[0]}; check: {report['findings']}"
        for finding in report["findings"]:
            line, column, text = finding["line"], finding["column"], finding["text"]
            if line and (text is None or (column and column > len(text) + 1)):
                return f"{name}: no such place: {finding}"
    return None


class Agreement(unittest.TestCase):
    def test_errors_are_what_the_loader_refuses(self):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            troubles = list(pool.map(lambda case: trouble_with(*case), cases()))
        self.assertGreater(len(troubles), 400)
        self.assertEqual([trouble for trouble in troubles if trouble], [])

    def test_a_disagreement_is_noticed(self):
        original = run

        def meddling(folder, *command):
            (pathlib.Path(folder) / "new").write_text("")
            return original(folder, *command)

        def forgiving(folder, program, *words):
            return original(folder, program, *[word for word in words if word != "a.conf"], *(["b.conf"] if program == "upkeep" else ["a.conf"]))

        with mock.patch(f"{__name__}.run", meddling):
            self.assertIn("something was changed", trouble_with("changed", {"a.conf": "[supervisord]\n"}))
        with mock.patch(f"{__name__}.run", forgiving):
            self.assertIn("loader: error", trouble_with("other file", {"a.conf": "nonsense\n", "b.conf": "[supervisord]\n"}))


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_upkeep(self, *words):
        done = run(self.folder, "upkeep", *words)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def good_file(self, more=""):
        write(self.folder, {"a.conf": "[supervisord]\nuser=root\nlogfile=%(here)s/l\npidfile=%(here)s/p\n" + more})

    def test_statuses(self):
        self.good_file()
        self.assertEqual(self.run_upkeep("check", "a.conf"), (0, "a.conf: nothing is wrong\n", ""))
        self.good_file("[program:a]\ncommand=cat >x\n")
        self.assertEqual(self.run_upkeep("check", "a.conf")[0], 0)
        self.assertEqual(self.run_upkeep("check", "--strict", "a.conf")[0], 1)
        self.good_file("[program:a]\ncommand=/no/such/command\n")
        self.assertEqual(self.run_upkeep("check", "-c", "a.conf")[0], 1)
        self.good_file("loglevel=nope\n[program:a]\ncommand=/no/such/command\n")
        status, out, _ = self.run_upkeep("check", "--configuration=a.conf")
        self.assertEqual(status, 2)
        self.assertIn("a.conf:5:10: error: bad logging level name 'nope'\n    5 | loglevel=nope\n      |          ^\n", out)
        self.assertTrue(out.endswith("\n1 error, 1 warning, 0 surprises\n"), out)
        for wrong in (["--nope"], ["a", "b"], ["-c"]):
            status, out, err = self.run_upkeep("check", *wrong)
            self.assertEqual((status, out), (3, ""), err)
            self.assertIn("Usage: upkeep check", err)

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.good_file(f"[inet_http_server]\nport=127.0.0.1:{server.getsockname()[1]}\n[rpcinterface:supervisor]\n"
                           "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n")
            status, out, _ = self.run_upkeep("check", "--json", "a.conf")
            self.assertEqual((status, [finding["rule"] for finding in json.loads(out)["findings"]]), (1, ["port-in-use"]))
        self.assertEqual(self.run_upkeep("check", "a.conf")[0], 0)

    def test_bytes_that_a_terminal_would_act_upon_are_not_shown(self):
        self.good_file("[program:a]\ncommand=\x1b[31m\n")
        status, out, _ = self.run_upkeep("check", "a.conf")
        self.assertEqual(status, 1)
        self.assertNotIn("\x1b", out)

    def test_config(self):
        self.good_file("[program:a]\ncommand=cat %(ENV_GREETING)s\n[program:b]\ncommand=cat\n[group:g]\nprograms=b\n")
        status, out, err = self.run_upkeep("config", "-c", "a.conf", "--json")
        self.assertEqual((status, err), (0, ""))
        document = json.loads(out)
        self.assertEqual((document["version"], document["file"]), (1, "a.conf"))
        self.assertEqual([process["name"] for process in document["processes"]], ["a", "g:b"])
        values = {value["key"]: (value["value"], value["origin"]) for value in document["processes"][0]["values"]}
        self.assertEqual(values["command"], ("cat hello", {"file": "a.conf", "line": 6}))
        self.assertEqual(values["startsecs"], ("1", None))
        for name in ("g", "g:*", "g:b"):
            status, out, _ = self.run_upkeep("config", "-c", "a.conf", name)
            self.assertEqual((status, out.splitlines()[0]), (0, "g:b  [program:b] a.conf:7"))
        status, out, err = self.run_upkeep("config", "-c", "a.conf", "a", "nope")
        self.assertEqual((status, err), (1, "upkeep config: a.conf has no program 'nope'\n"))
        self.assertTrue(out.startswith("a  [program:a] a.conf:5\n"))
        self.good_file("loglevel=nope\n")
        status, out, err = self.run_upkeep("config", "-c", "a.conf")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("upkeep config: a.conf:5: bad logging level name 'nope'\n", err)


if __name__ == "__main__":
    unittest.main()
