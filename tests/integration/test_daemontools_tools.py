#!/usr/bin/python3
"""The small tools of daemontools in daemontools-encore's dialect, which Debian has no package of, and svscanboot. The
expectations were observed with daemontools-encore 1.11. What Debian's daemontools and runit can be asked is in
tests/differential/test_daemontools_tools.py."""
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time

from harness import BIN, Case, main, need_namespace, read_proc, root_only, wait_until

SINCE = bytes.fromhex("400000006b00fb4616e8ad6c")
STATES = ["stopped", "starting", "started", "running", "stopping", "failed", "status unknown"]
RUNNING, STOPPED = 3, 0


def record(pid=7, want=b"u", state=None, paused=0):
    more = b"" if state is None else bytes([state, 0])
    return SINCE + struct.pack("<I", pid) + bytes([paused]) + want + more


class Tools(Case):
    dialect = "encore"

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="uk-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name).resolve()
        self.dir.chmod(0o755)

    def run_tool(self, *words, env=None, **how):
        """(status, everything that was said)"""
        environment = {"PATH": f"{BIN}:/usr/bin:/bin", "UPKEEP_DAEMONTOOLS": self.dialect, "LC_ALL": "C", **(env or {})}
        ended = subprocess.run([BIN / words[0], *words[1:]], cwd=self.dir, env=environment, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False, **how)
        return ended.returncode, ended.stdout

    def says(self, words, status, text, **how):
        self.assertEqual(self.run_tool(*words, **how), (status, text))

    def directory(self, name, *records):
        """A service directory with this status; plain files stand for the fifos of a supervisor that lives."""
        folder = self.dir / name / "supervise"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ok").touch()
        (folder / "control").write_bytes(b"")
        (folder / "status").write_bytes(b"".join(records))
        return folder

    def svstat(self, *words, **how):
        status, text = self.run_tool("svstat", *words, **how)
        self.assertEqual(status, 0)
        return re.sub(r"\d+ seconds", "S seconds", text)


class Svc(Tools):
    def written(self, *options, env=None):
        folder = self.directory("a")
        self.says(("svc", *options, "a"), 0, "", env=env)
        return (folder / "control").read_text()

    def test_begins_with_the_service(self):
        self.assertEqual(self.written("-dx"), "ldx")
        self.assertEqual(self.written(), "l")

    def test_sends_a_letter_again_to_the_other(self):
        self.assertEqual(self.written("-dLd+t=kq12w"), "ldLd+t=kq12w")
        self.assertEqual(self.written("-uuLuul"), "luLul")

    def test_usage(self):
        line = ("svc options: + kill process group, = kill parent process, L kill log, l kill main, u up, d down, o once, x exit, p pause, "
                "c continue, h hup, a alarm, i interrupt, t term, k kill, q quit, 1 SIGUSR1, 2 SIGUSR2, w SIGWINCH\n")
        self.says(("svc", "-z"), 100, "svc: illegal option -- z\n" + line)
        self.says(("svc", "-" + "L" * 31, "nowhere"), 0, "svc: warning: unable to chdir to nowhere: file does not exist\n")
        self.says(("svc", "-" + "L" * 32, "nowhere"), 100, "svc: fatal: too many options\n")


class Svstat(Tools):
    USAGE = "svstat: usage: svstat [-L] [-l] dir [dir ...]\n"

    def test_usage(self):
        self.says(("svstat",), 100, self.USAGE)
        self.says(("svstat", "-l"), 100, self.USAGE)
        self.says(("svstat", "-z", "a"), 100, "svstat: illegal option -- z\n" + self.USAGE)

    def test_shows_the_state(self):
        for state, word in enumerate(STATES):
            self.directory("a", record(state=state))
            self.assertEqual(self.svstat("a"), f"a: up (pid 7) S seconds, {word}\n")
            self.directory("a", record(0, b"d", state))
            self.assertEqual(self.svstat("a"), f"a: down S seconds, normally up, {word}\n")

    def test_shows_once_and_what_is_wanted(self):
        self.directory("a", record(want=b"\0", state=RUNNING))
        self.assertEqual(self.svstat("a"), "a: up (pid 7) S seconds, once, running\n")
        self.directory("a", record(want=b"d", state=STOPPED))
        self.assertEqual(self.svstat("a"), "a: up (pid 7) S seconds, want down, stopped\n")

    def test_shows_the_originals_text_for_its_record(self):
        self.directory("a", record(want=b"\0"))
        self.assertEqual(self.svstat("a"), "a: up (pid 7) S seconds\n")

    def test_shows_a_log(self):
        self.directory("a", record(state=RUNNING), record(0, b"d", STOPPED))
        service, log = "a: up (pid 7) S seconds, running\n", "a log: down S seconds, normally up, stopped\n"
        self.assertEqual(self.svstat("a"), service + log)
        self.assertEqual(self.svstat("-l", "a"), service)
        self.assertEqual(self.svstat("-L", "a"), log)
        self.assertEqual(self.svstat("-Ll", "a"), service)
        self.directory("b", record(state=RUNNING))
        self.assertEqual(self.svstat("-L", "b"), "b: no log service\n")

    def test_in_the_originals_dialect_a_log_does_not_show(self):
        self.directory("a", record(state=RUNNING), record(0, b"d", STOPPED))
        self.assertEqual(self.svstat("a", env={"UPKEEP_DAEMONTOOLS": ""}), "a: up (pid 7) S seconds\n")

    def test_is_as_good_from_outside_as_from_inside(self):
        """A directory where nothing is wrong is not entered, save where SUPERVISEDIR is absolute."""
        self.directory("a", record())
        tree = self.dir / "run"
        (self.dir / "a/supervise").rename(self.dir / "kept")
        tree.mkdir()
        (self.dir / "kept").rename(tree / str(self.dir / "a")[1:].replace("/", ":"))
        self.assertEqual(self.svstat("a", env={"SUPERVISEDIR": str(tree)}), "a: up (pid 7) S seconds\n")
        self.assertEqual(self.svstat("a"), "a: unable to open supervise/ok: file does not exist\n")
        self.assertEqual(self.svstat("a", env={"SUPERVISEDIR": "elsewhere"}),
                         "a: unable to open elsewhere/ok: file does not exist\n")

    def test_shows_many_directories(self):
        names = [f"s{number:03}" for number in range(300)]
        for name in names:
            self.directory(name, record())
        self.assertEqual(self.svstat(*names), "".join(f"{name}: up (pid 7) S seconds\n" for name in names))


class SuperviseFolder(Tools):
    def test_svc_and_svok_honour_it_in_both_dialects(self):
        folder = self.directory("a")
        folder.rename(self.dir / "a/st")
        for dialect, data in (("encore", "lu"), ("", "u")):
            env = {"SUPERVISEDIR": "st", "UPKEEP_DAEMONTOOLS": dialect}
            (self.dir / "a/st/control").write_text("")
            self.says(("svc", "-u", "a"), 0, "", env=env)
            self.assertEqual((self.dir / "a/st/control").read_text(), data)
            self.says(("svok", "a"), 0, "", env=env)
        (self.dir / "a/st/ok").unlink()
        (self.dir / "a/st/ok").mkdir()
        self.says(("svok", "a"), 111, "svok: fatal: unable to open st/ok: is a directory\n", env={"SUPERVISEDIR": "st"})
        self.says(("svok", "a"), 111, "svok: fatal: unable to open a/st/ok: is a directory\n",
                  env={"SUPERVISEDIR": "st", "UPKEEP_DAEMONTOOLS": ""})


class Svup(Tools):
    def test_usage(self):
        line = "svup: usage: svup [-L] [-l] dir\n"
        self.says(("svup",), 100, line)
        self.says(("svup", "-L"), 100, line)
        self.says(("svup", "-z", "a"), 100, "svup: illegal option -- z\n" + line)

    def test_is_about_the_pid_or_the_state(self):
        for state in range(7):
            self.directory("a", record(0, b"u", state))
            self.says(("svup", "a"), 0 if STATES[state] in ("started", "running") else 100, "")
            self.directory("a", record(7, b"u", state))
            self.says(("svup", "a"), 0, "")
        self.directory("a", record(0))
        self.says(("svup", "a"), 100, "")

    def test_wants_both_where_there_is_a_log(self):
        self.directory("a", record(state=RUNNING), record(0, b"d", STOPPED))
        for words, status in (((), 100), (("-l",), 0), (("-L",), 100)):
            self.says(("svup", *words, "a"), status, "")
        self.directory("a", record(state=RUNNING), record(state=RUNNING))
        for words, status in (((), 0), (("-l",), 0), (("-L",), 0)):
            self.says(("svup", *words, "a"), status, "")
        self.directory("a", record())
        self.says(("svup", "-L", "a"), 100, "")

    def test_cannot_tell(self):
        self.says(("svup", "nowhere"), 111, "svup: fatal: unable to chdir to nowhere: file does not exist\n")
        folder = self.directory("a")
        self.says(("svup", "a"), 111, "svup: fatal: bad data in supervise/status: truncated file\n")
        (folder / "status").unlink()
        self.says(("svup", "a"), 100, "")
        (folder / "ok").unlink()
        self.says(("svup", "a"), 100, "")
        os.mkfifo(folder / "ok")
        self.says(("svup", "a"), 100, "")


class Environment(Tools):
    def environment_of(self, *words, env=None):
        status, text = self.run_tool(*words, "/usr/bin/env", env=env)
        self.assertEqual(status, 0, text)
        return dict(line.split("=", 1) for line in text.splitlines())

    def test_envdir_with_a_prefix(self):
        (self.dir / "e").mkdir()
        (self.dir / "e/A").write_text("1\n")
        (self.dir / "e/B").write_text("")
        got = self.environment_of("envdir", "-p", "X", "e", env={"XB": "old", "B": "kept"})
        self.assertEqual((got["XA"], got.get("A"), got.get("XB"), got["B"]), ("1", None, None, "kept"))
        line = "envdir: usage: envdir [ -p prefix ] dir child\n"
        self.says(("envdir",), 111, line)
        self.says(("envdir", "e"), 111, line)
        self.says(("envdir", "-p"), 111, "envdir: option requires an argument -- p\n" + line)

    def test_envini(self):
        (self.dir / "f").write_text("A=1\n [s] \nB = two words \n;C=3\n#D=4\nE\nF =\n[]\nG=x=y\n")
        got = self.environment_of("envini", "-pP", "f")
        self.assertEqual({name: value for name, value in got.items() if name.startswith("P") and name != "PATH"},
                         {"PA": "1", "Ps_B": "two words", "Ps_#D": "4", "Ps_F": "", "P_G": "x=y"})
        self.says(("envini", "nowhere", "echo", "ran"), 0, "ran\n")
        self.says(("envini", ".", "true"), 111, "envini: fatal: unable to read .: is a directory\n")
        self.says(("envini", "f", "nosuch"), 111, "envini: fatal: unable to run nosuch: file does not exist\n")
        for words in ((), ("f",)):
            self.says(("envini", *words), 111, "envini: usage: envini [ -p prefix ] inifile child\n")

    def test_softlimit(self):
        show = ("bash", "-c", "ulimit -n")
        self.says(("softlimit", *show), 0, "20\n", env={"SOFTLIMIT_OPENFILES": "20"})
        self.says(("softlimit", "-o30", *show), 0, "30\n", env={"SOFTLIMIT_OPENFILES": "20"})
        self.says(("softlimit", "bash", "-c", "ulimit -Sd; ulimit -Sv"), 0, "195312\n195312\n",
                  env={"SOFTLIMIT_MEMBYTES": "200000000", "SOFTLIMIT_DATABYTES": "100000000"})
        status, text = self.run_tool("softlimit", "true", env={"SOFTLIMIT_PROCS": "x"})
        self.assertEqual((status, text.split(" [")[0]), (100, "softlimit: usage: softlimit"))

    def test_softlimit_removes_a_limit(self):
        def within_1024(*words):
            ended = subprocess.run(("prlimit", "--core=0:1024", *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env={"PATH": "/usr/bin:/bin", "UPKEEP_DAEMONTOOLS": "encore"}, check=False)
            return ended.returncode, ended.stdout
        may_raise = within_1024("prlimit", "--core=unlimited", "true")[0] == 0  # not even root may, in some containers
        expected = (0, "unlimited\nunlimited\n") if may_raise else (111, "softlimit: fatal: setrlimit failed: permission denied\n")
        self.assertEqual(within_1024(str(BIN / "softlimit"), "-c", "-", "bash", "-c", "ulimit -Sc; ulimit -Hc"), expected)


@root_only
class Accounts(Tools):
    def test_setuidgid_keeps_groups_if_asked(self):
        groups = subprocess.run(["id", "-G", "nobody"], capture_output=True, text=True, check=True).stdout
        self.says(("setuidgid", "-s", "nobody", "id", "-G"), 0, groups)
        self.says(("setuidgid", "nobody", "id", "-u"), 0, "65534\n")

    def test_setuidgid_usage(self):
        line = "setuidgid: usage: setuidgid [-s] account child\n"
        for words in ((), ("-s",), ("-s", "nobody")):
            self.says(("setuidgid", *words), 100, line)
        self.says(("setuidgid", "-z"), 100, "setuidgid: illegal option -- z\n" + line)

    def test_setuser_is_like_a_login(self):
        self.says(("setuser", "daemon", "sh", "-c", "echo $HOME $SHELL $USER $UID $GID; pwd; id -un"), 0,
                  "/usr/sbin /usr/sbin/nologin daemon 1 1\n/usr/sbin\ndaemon\n")

    def test_setuser_usage_and_trouble(self):
        for words in ((), ("daemon",)):
            self.says(("setuser", *words), 100, "setuser: usage: setuser account child\n")
        self.says(("setuser", "nosuch", "true"), 111, "setuser: fatal: unknown account nosuch\n")
        self.says(("setuser", "nobody", "true"), 111,
                  "setuser: fatal: unable to chdir to /nonexistent: file does not exist\n")


@root_only
class Svscanboot(Tools):
    """In a mount namespace of its own, where /usr/local/bin and /etc/service are the test's."""

    def boot(self, service_folder):
        bin_folder = self.dir / "bin"
        bin_folder.mkdir()
        for tool in ("svc", "readproctitle", "svscanboot"):
            (bin_folder / tool).symlink_to((BIN / tool).resolve())
        svscan = bin_folder / "svscan"
        svscan.write_text("#!/bin/sh\nenv >env\nreadlink /proc/$$/fd/0 >stdin\necho \"$0 $*\" >words\necho trouble >&2\n"
                          "echo trouble too\n: >ready\nwhile [ ! -e stop ]; do sleep 0.02; done\n")
        svscan.chmod(0o755)
        script = (f"mkdir -p {service_folder} && mount --bind {self.dir}/services {service_folder} && "
                  f"mount --bind {bin_folder} /usr/local/bin && cd {self.dir} && exec {bin_folder}/svscanboot")
        process = subprocess.Popen([*need_namespace("-m"), "sh", "-c", script], stdin=subprocess.PIPE,
                                   env={"PATH": "/usr/bin:/bin", "OTHER": "variable"})

        def end():
            (self.dir / "stop").touch()
            process.stdin.close()
            process.wait(30)
        self.addCleanup(end)
        wait_until((self.dir / "ready").exists, "svscan to run")
        return process

    def test_becomes_svscan_with_readproctitle_as_its_log(self):
        services = self.dir / "services"
        for name in ("a", "a/log", "b"):
            (services / name / "supervise").mkdir(parents=True)
            (services / name / "supervise/control").touch()
        process = self.boot("/etc/service")
        self.assertEqual((self.dir / "words").read_text(), "/usr/local/bin/svscan /etc/service\n")
        self.assertEqual((self.dir / "stdin").read_text(), "/dev/null\n")
        variables = dict(line.split("=", 1) for line in (self.dir / "env").read_text().splitlines())
        path = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin"
        self.assertEqual(variables.pop("PATH"), path)
        self.assertLessEqual(set(variables), {"PWD", "OLDPWD", "SHLVL", "_"}, "the shell's own")
        for name in ("a", "a/log", "b"):
            self.assertEqual((services / name / "supervise/control").read_text(), "dx", name)
        self.assertEqual(read_proc(process.pid, "cmdline").split(b"\0")[1:3], [b"/usr/local/bin/svscan", b"/etc/service"])

        def title():
            reader = [pid for pid in read_proc(process.pid, f"task/{process.pid}/children").split()
                      if read_proc(int(pid), "cmdline").startswith(b"readproctitle")]
            words = read_proc(int(reader[0]), "cmdline").split(b"\0") if reader else []
            return words if words and words[-2].endswith(b"trouble\ntrouble too\n") else None
        words = wait_until(title, "svscan's errors in the process title")
        self.assertEqual(words[:3], [b"readproctitle", b"service", b"errors:"])
        self.assertEqual(len(words[3]), 400)


class Startup(Tools):
    def test_is_quick(self):
        """A client is run by scripts in loops: its start must stay far below what a person or a loop notices."""
        def once():
            begun = time.monotonic()
            self.run_tool("svok", ".")
            return time.monotonic() - begun
        self.assertLess(min(once() for _ in range(20)), 0.05)


if __name__ == "__main__":
    main()
