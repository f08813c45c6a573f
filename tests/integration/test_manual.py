#!/usr/bin/python3
"""The manual tells the truth: every applet, option, command, method, fault and event has its place in a page and the other
way round, and the examples do what the pages show."""
import concurrent.futures
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

import harness
from harness import BIN, MARKER, Case, Supervisord, probe, wait_until
from manual_pages import ROOT, SOURCES, Page, pages, sessions

PAGES = pages()
# Pages of others that ours point to.
OUTSIDE = {("ps", "1"), ("cron", "8"), ("flock", "1"), ("flock", "2"), ("fnmatch", "3"), ("getrlimit", "2"), ("logrotate", "8"),
           ("setsid", "2"), ("strace", "1"), ("tzset", "3"), ("unix", "7"), ("curl", "1"),
           ("sd_notify", "3")}
PATH = f"{BIN}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def page_of(name):
    return next(page for (found, _), page in PAGES.items() if found == name)


def output_of(*command, dialect=""):
    """What a program says: of usage, on whichever stream."""
    result = subprocess.run(command, env={"PATH": PATH, "UPKEEP_DAEMONTOOLS": dialect, "TERM": "dumb"}, text=True, check=False,
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    return result.stdout + result.stderr


def applets():
    return re.findall(r"^  (\S+) ", output_of("upkeep", "--help").split("Applets:")[1], re.MULTILINE)


class Contents(unittest.TestCase):
    def test_every_applet_has_a_page_and_is_listed(self):
        names = set(applets())
        self.assertLessEqual(names, {name for name, _ in PAGES})
        listed = {name for name, _ in re.findall(r"\*([\w.-]+)\*\((\d)\)", PAGES["upkeep", "1"].part("# APPLETS"))}
        self.assertEqual(listed, names)

    def test_every_page_says_what_it_is_about(self):
        for (name, section), page in PAGES.items():
            with self.subTest(page=name):
                self.assertRegex(page.text, rf"^{re.escape(name)}\({section}\) ")
                self.assertRegex(page.part("# NAME"), rf"^\n\n{re.escape(name)} - [a-z].*[^.]\n")
                headings = re.findall(r"^# (.*)$", page.prose, re.MULTILINE)
                self.assertEqual(headings[-1], "SEE ALSO")
                if section in "18":
                    self.assertEqual(headings[:3], ["NAME", "SYNOPSIS", "DESCRIPTION"])
                    self.assertIn("EXIT STATUS", headings)

    def test_references_lead_somewhere(self):
        for (name, section), page in PAGES.items():
            for reference in page.references():
                self.assertTrue(reference in PAGES or reference in OUTSIDE, f"{name}({section}): {reference}")


    def test_a_page_that_cannot_be_made_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            made = subprocess.run([ROOT / "scripts/manual", "false", folder], capture_output=True, text=True, check=False)
        self.assertEqual((made.returncode, made.stdout), (1, ""))
        self.assertIn("manual: docs/man/supervisord.", made.stderr)
        self.assertIn("status 1", made.stderr)


class Options(unittest.TestCase):
    """Options of usage texts and of pages are the same."""

    def test_supervisord(self):
        told = set(re.findall(r"(?<!\S)(-[a-z?]|--[a-z_]+)(?=[ ,]|$)", output_of("supervisord", "--help"), re.MULTILINE))
        generated = subprocess.run([BIN / "print_keys", "options"], capture_output=True, text=True, check=True).stdout
        page = page_of("supervisord")
        self.assertIn("%keys options", page.text)
        shown = page.options() | set(re.findall(r"\*(-{1,2}[a-z_]+)\*", generated.replace("\\", "")))
        self.assertGreater(len(told), 20)
        self.assertEqual(shown, told)

    def test_supervisorctl(self):
        told = set()
        for line in output_of("supervisorctl", "--help").split("\n"):
            if line.startswith("-"):
                told.update(line.split(" ")[0].split("/"))
        self.assertGreater(len(told), 10)
        self.assertEqual(page_of("supervisorctl").options("# OPTIONS"), told | {"-?"})  # which the original keeps to itself

    def test_commands_of_upkeep(self):
        names = re.findall(r"^  (\S+) ", output_of("upkeep", "--help").split("Commands:")[1].split("Applets:")[0], re.MULTILINE)
        self.assertEqual([term.strip("*") for term in PAGES["upkeep", "1"].terms("# COMMANDS")], names)
        for name in names:
            usage = output_of("upkeep", name, "--help").split("\n\n", 1)[1]
            with self.subTest(command=name):
                self.assertEqual(page_of(f"upkeep-{name}").options(), set(re.findall(r"(?<!\S)(-[a-z]|--[a-z-]+)\b", usage)))

    def test_small_tools(self):
        # How each is made to show its usage. What is not in it although it works: sv -V.
        commands = {"svc": ["-?"], "svok": [], "svstat": [], "svup": [], "setuidgid": [], "envuidgid": [], "setuser": [],
                    "envdir": [], "envini": [], "softlimit": [], "setlock": [], "fghack": [], "pgrphack": [], "supervise": [],
                    "sv": []}
        for name, words in commands.items():
            usage = "".join(output_of(name, *words, dialect=dialect) for dialect in ("", "encore"))
            if name == "svc":  # "svc options: u up, d down"
                letters = re.findall(r"(?:options:|,) (\S) ", usage)
            else:
                letters = [letter for cluster in re.findall(r"(?<![\w-])-(\w+)", usage) for letter in cluster]
            with self.subTest(tool=name):
                self.assertIn(f"{name} options" if name == "svc" else "usage", usage)
                self.assertEqual(page_of(name).options() - {"-V"}, {"-" + letter for letter in letters})


class Lists(unittest.TestCase):
    def test_commands_of_supervisorctl(self):
        with tempfile.NamedTemporaryFile("w+", suffix=".conf") as file:
            file.write("[supervisorctl]\n")
            file.flush()
            told = output_of("supervisorctl", "-c", file.name, "help").split("=\n", 1)[1].split()
        page = page_of("supervisorctl")
        shown = {re.match(r"\w+", word)[0] for term in page.terms("# COMMANDS") for word in re.findall(r"\*([a-z][^*]*)\*", term)}
        self.assertGreater(len(told), 15)
        self.assertEqual(shown - {"stdout", "stderr"}, set(told) | {"help"})

    def test_faults(self):
        source = (ROOT / "src/engine/control.h").read_text()
        codes = re.findall(r"^  [A-Z]\w+ = (\d+),$", source.split("enum class Refusal")[1].split("}")[0], re.MULTILINE)
        names = re.findall(r'return "([A-Z_]+)";\n', (ROOT / "src/engine/control.cc").read_text().split("switch")[1])
        rows = [tuple(term.replace("*", "").split()) for term in page_of("upkeep-xmlrpc").terms("# FAULTS")]
        self.assertEqual(rows, list(zip(codes, names)))

    def test_event_types(self):
        source = (ROOT / "src/core/event_type.cc").read_text().split("is_event_name")[0]
        names = set(re.findall(r'"([A-Z_0-9]+)"', source))
        page = page_of("upkeep-events")
        shown = set(re.findall(r"\*([A-Z_0-9]{4,})\*", page.part("# TYPES")))
        self.assertEqual(shown, names)

    def test_messages_of_the_keeper(self):
        header = (ROOT / "src/wire/keeper_messages.h").read_text()
        messages = " ".join(re.findall(r"using From\w+ =\s+std::variant<([^>]*)>", header))
        names = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).upper() for word in re.findall(r"\w+", messages)}
        self.assertGreater(len(names), 20)
        page = page_of("upkeep-keeper")
        shown = {word for term in page.terms("## Messages of the engine", "## Messages of the keeper")
                 for word in re.findall(r"\*([A-Z_]+)\*", term)}
        self.assertEqual(shown, names - {"KEEPER_STATE"})  # which is never sent


@harness.ours_only
class Methods(Case):
    def test_methods(self):
        daemon = Supervisord(self, {"web": {"command": probe("sleep")}}).start()
        told = set(daemon.rpc.system.listMethods())
        page = page_of("upkeep-xmlrpc")
        shown = set(re.findall(r"\*((?:supervisor|system|upkeep)\.\w+)\*", "\n".join(page.terms())))
        self.assertEqual(shown, told)
        for member in daemon.rpc.supervisor.getProcessInfo("web"):
            self.assertIn(f"*{member}*", page.prose)


class Configurations(unittest.TestCase):
    def test_examples_are_read_without_a_word(self):
        count = 0
        for (name, _), page in PAGES.items():
            for lines in page.blocks_of("config"):
                text = "\n".join(lines) + "\n"
                if not text.startswith("[supervisord]"):
                    text = "[supervisord]\n" + text
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder) / "supervisord.conf"
                    path.write_text(text)
                    told = output_of(str(BIN / "config_dump"), "supervisord", "-c", str(path))
                with self.subTest(page=name, text=text):
                    self.assertEqual(re.findall(r"^(?:error|WARN|ERRO) .*", told, re.MULTILINE), [])
                    self.assertIn("logfile=", told)
                count += 1
        self.assertGreater(count, 3)


# Paths that an example may use: they are moved into the folder of the test.
PLACES = re.compile(r"(?<![\w.])/(?=(?:srv|run|var|etc/service)\b)")


class Shell:
    """A shell in a folder of its own that takes one command after the other."""

    def __init__(self, folder):
        self.folder, self.id, self.count = folder, uuid.uuid4().hex, 0
        self.work = folder / "work"
        self.work.mkdir()
        for place in ("srv", "run", "var/log", "etc/service"):
            (folder / place).mkdir(parents=True)
        environment = {"PATH": PATH, "HOME": str(self.work), MARKER: self.id, "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, env=environment, cwd=self.work,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, process_group=0)

    def run(self, command):
        """Exit status and output of the command."""
        self.count += 1
        out, status = self.folder / f"out.{self.count}", self.folder / f"status.{self.count}"
        command = PLACES.sub(f"{self.folder}/", command)
        self.process.stdin.write(f"{{ {command}\n}} >{out} 2>&1; echo $? >{status}.new; mv {status}.new {status}\n")
        self.process.stdin.flush()
        wait_until(status.exists, f"the end of {command!r}")
        text = out.read_text(errors="replace").replace(str(self.folder), "").replace(str(BIN), "/usr/bin")
        return int(status.read_text()), text

    def marked(self):
        needle = f"{MARKER}={self.id}".encode()
        return [pid for pid in harness.all_pids()
                if needle in harness.read_proc(pid, "environ").split(b"\0") and harness.proc_alive(pid)]

    def end(self):
        for signo in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL, signal.SIGKILL):
            for pid in self.marked():
                harness.kill_quietly(pid, signo)
            deadline = time.monotonic() + 2
            while self.marked() and time.monotonic() < deadline:
                time.sleep(0.02)
        self.process.stdin.close()
        self.process.wait()


def normal(text):
    """What differs from run to run made equal: numbers, dates, blanks."""
    text = re.sub(r"@[0-9a-f]{24}", "@LABEL", text)
    text = re.sub(r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b", "Mon", re.sub(r"\b[AP]M\b", "PM", text))
    return [re.sub(r"\s+", " ", re.sub(r"\d+", "0", line)).strip() for line in text.rstrip("\n").split("\n")]


class Examples(unittest.TestCase):
    """The sessions of each page, in one shell; a command is repeated until it prints what the page shows."""
    patience_s = 20

    def trouble_with(self, page):
        """What the first command does that fails; None: all is well."""
        with tempfile.TemporaryDirectory(prefix="uk-") as folder:
            shell = Shell(pathlib.Path(folder))
            try:
                for lines in page.blocks_of("runs"):
                    for command, printed in sessions(lines):
                        self.step(shell, command, "\n".join(printed))
            except AssertionError as error:
                return f"{page.name}({page.section}): {error}"
            finally:
                shell.end()
        return None

    def step(self, shell, command, printed):
        deadline = time.monotonic() + self.patience_s
        while True:
            status, output = shell.run(command)
            if command.endswith("&") or (status == 0 and normal(output) == normal(printed)):
                return
            if time.monotonic() > deadline:
                self.fail(f"$ {command}\nstatus {status}, printed:\n{output}\nand not:\n{printed}")
            time.sleep(0.05)

    def test_do_what_the_pages_show(self):
        with_sessions = [page for page in PAGES.values() if page.blocks_of("runs")]
        self.assertGreater(len(with_sessions), 10)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:  # they mostly wait
            troubles = list(filter(None, pool.map(self.trouble_with, with_sessions)))
        self.assertEqual(troubles, [], "\n\n".join(troubles))

    def test_a_wrong_example_is_noticed(self):
        page = Page(SOURCES / "svok.8.scd")
        page.blocks = [("runs", ["$ echo one", "two"])]
        self.patience_s = 0.1
        self.assertIn("svok(8): $ echo one", self.trouble_with(page))


if __name__ == "__main__":
    unittest.main()
