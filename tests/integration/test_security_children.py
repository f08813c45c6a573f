#!/usr/bin/python3
"""What the daemon holds, and what it hands down: privileges, descriptors, environment.

The daemon here is started by somebody careless: with descriptors open that are nobody else's business and with odd
variables in its environment.
"""
import os
import pathlib
import re
import stat
import subprocess
import sys

from harness import Case, PROBE, main, ours_only, probe, read_proc, root_only, wait_until

SCRIPTS = pathlib.Path(__file__).parent
NOBODY = "65534"
JUNK = 'exec 5</etc/passwd 9>/dev/null 17<>/dev/null 200</dev/null; exec "$@"'
STDIO = ["0 pipe read", "1 pipe write", "2 pipe write"]


CARELESS = ("/bin/bash", "-c", JUNK, "careless")  # starts what follows with these descriptors open


def status_of(pid):
    return dict(re.findall(r"^(\w+):\s*(.*?)\s*$", read_proc(pid, "status").decode(), re.M))


def fds_of(text):
    return re.findall(r"^fd (.*)$", text, re.M)


@ours_only
class Descriptors(Case):
    def test_programs_get_their_three(self):
        d = self.supervisord({"a": {"command": probe("fds"), "stdout_logfile": "%(here)s/a", "startsecs": 0},
                              "quiet": {"command": probe("wait"), "stdout_logfile": "NONE", "startsecs": 0}})
        d.start(wrap=CARELESS)
        self.assertEqual(fds_of(d.wait_text("a", "end\n")), STDIO)

    def test_so_do_programs_that_a_new_engine_or_keeper_starts(self):
        d = self.supervisord({"a": {"command": probe("fds"), "stdout_logfile": "%(here)s/a", "startsecs": 0,
                                    "autostart": False}})
        d.start(wrap=CARELESS)
        d.kill_engine()
        d.wait_ready_again()
        d.rpc.supervisor.startProcess("a")
        self.assertEqual(fds_of(d.wait_text("a", "end\n")), STDIO)

    def test_neither_keeper_nor_engine_keep_what_they_inherited(self):
        """They may have it open, but nothing that is executed gets it."""
        d = self.supervisord({"a": {"command": probe("wait")}})
        d.start(wrap=CARELESS)
        for pid in (d.pid, d.engine_pid):
            for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                number = int(entry.name)
                info = read_proc(pid, f"fdinfo/{number}").decode()
                flags = int(re.search(r"flags:\s*(\d+)", info)[1], 8) if info else os.O_CLOEXEC
                try:
                    where = os.readlink(entry)
                except FileNotFoundError:  # closed meanwhile
                    continue
                self.assertTrue(number < 3 or flags & os.O_CLOEXEC, f"{pid}: {number} {where}")

    def test_the_daemon_closes_what_it_inherited_above_four(self):
        """Whoever waits for the end of a pipe must not wait for the daemon."""
        d = self.supervisord({"a": {"command": probe("wait")}})
        os.mkfifo(d.dir / "fifo")
        reader = os.open(d.dir / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        d.start(wrap=["sh", "-c", 'exec "$@" 9>"$0"', str(d.dir / "fifo")])
        self.assertEqual(os.read(reader, 1), b"", "end of file: nobody has it open for writing")

    def test_event_listeners_and_fastcgi_programs_too(self):
        d = self.supervisord({"eventlistener:e": {"command": probe("fds"), "events": "TICK_5", "stdout_logfile": "NONE",
                                                  "stderr_logfile": "NONE", "startsecs": 0, "environment": "X=1"},
                              "fcgi-program:f": {"command": probe("fds"), "socket": "unix://%(here)s/f.sock",
                                                 "stdout_logfile": "%(here)s/f", "startsecs": 0}})
        d.start(wrap=CARELESS)
        self.assertEqual(fds_of(d.wait_text("f", "end\n")), ["0 socket both", *STDIO[1:]])
        pid = d.wait_state("e:e", "RUNNING")["pid"]
        self.assertEqual(sorted(int(n) for n in os.listdir(f"/proc/{pid}/fd")), [0, 1, 2])

    def test_services_and_their_scripts_too(self):
        d = self.supervisord()
        web = d.dir / "scan/web"
        (web / "control").mkdir(parents=True)
        scripts = {"run": f"exec {PROBE} fds > ../../run", "control/t": f"{PROBE} fds > ../../control & sleep 1; kill $!"}
        for script, text in scripts.items():
            (web / script).write_text(f"#!/bin/sh\n{text}\n")
            (web / script).chmod(0o755)
        d.write_config({"svscan:s": {"directory": d.dir / "scan"}})
        d.start(wrap=CARELESS)
        self.assertEqual([fd.split()[0] for fd in fds_of(d.wait_text("run", "end\n"))], ["0", "1", "2"])
        wait_until(lambda: (web / "supervise/control").exists(), "the control fifo")
        with open(web / "supervise/control", "wb") as control:
            control.write(b"t")
        found = [fd.split()[0] for fd in fds_of(d.wait_text("control", "end\n"))]
        self.assertEqual(found, ["0", "1", "2"])


@ours_only
class Environment(Case):
    def environment_of(self, d, name):
        pid = d.wait_state(name, "RUNNING")["pid"]
        # Before execve it has the keeper's, and in the midst of it none.
        found = wait_until(lambda: (text := read_proc(pid, "environ")) and b"SUPERVISOR_PROCESS_NAME" in text and text, "its own")
        return dict(v.split("=", 1) for v in found.decode().split("\0") if v)

    def test_programs_get_the_daemons_and_nothing_of_ours(self):
        d = self.supervisord({"a": {"command": probe("wait"), "startsecs": 0, "environment": "OWN=1"}},
                             supervisord={"environment": "SHARED=2"})
        d.start(env={"ODD": "x=y\n=", "EMPTY": "", "NOTIFY_SOCKET": ""})
        for _ in range(2):  # from the first engine, and from one that recovered
            given = {"OWN": "1", "SHARED": "2", "SUPERVISOR_ENABLED": "1", "SUPERVISOR_PROCESS_NAME": "a",
                     "SUPERVISOR_GROUP_NAME": "a", "SUPERVISOR_SERVER_URL": f"unix://{d.socket}"}
            started_with = d.environment({"ODD": "x=y\n=", "EMPTY": "", "NOTIFY_SOCKET": ""})
            found = self.environment_of(d, "a")
            self.assertEqual({k: v for k, v in found.items() if started_with.get(k) != v}, given)
            self.assertEqual(set(started_with) - set(found), set())
            d.kill_engine()
            d.wait_ready_again()
            d.rpc.supervisor.stopProcess("a")
            d.rpc.supervisor.startProcess("a")

    def test_passwords_are_in_no_command_line_and_no_environment(self):
        d = self.supervisord({"a": {"command": probe("wait"), "startsecs": 0}})
        text = d.config.read_text().replace(f"file={d.socket}", f"file={d.socket}\nusername=u\npassword=t0ps3cret")
        d.config.write_text(text)
        d.launch()
        d.wait_log("entered RUNNING")
        for pid in d.marked():
            for name in ("cmdline", "environ"):
                self.assertNotIn(b"t0ps3cret", read_proc(pid, name), f"{pid} {name}")
        self.assertNotIn("t0ps3cret", d.log() + d.read("output"))


@ours_only
@root_only
class Privileges(Case):
    def assert_nobody(self, pid, who):
        """All four ids of each kind, no further group, no capability that acts."""
        status = status_of(pid)
        self.assertEqual(status["Uid"].split(), [NOBODY] * 4, who)
        self.assertEqual(status["Gid"].split(), [NOBODY] * 4, who)
        self.assertEqual(status["Groups"].split(), [NOBODY], who)
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, f"{who} {kind}")

    def open_dir(self, programs, **supervisord):
        d = self.supervisord()
        os.chmod(d.dir, 0o777)
        d.write_config(programs, supervisord=supervisord)
        return d

    def test_a_daemon_with_a_user_is_that_user_only(self):
        d = self.open_dir({"a": {"command": probe("wait"), "startsecs": 0}}, user="nobody")
        d.start()
        pid = d.wait_state("a", "RUNNING")["pid"]
        for who, number in {"keeper": d.pid, "engine": d.engine_pid, "program": pid}.items():
            self.assert_nobody(number, who)
        d.kill_engine()
        d.wait_ready_again()
        self.assert_nobody(d.engine_pid, "the next engine")
        before = d.pid
        os.kill(before, 9)
        wait_until(lambda: d.read("s.pid").strip() not in ("", str(before)), "another keeper")
        d.wait_ready_again()
        for who, number in {"the next keeper": d.pid, "its engine": d.engine_pid}.items():
            self.assert_nobody(number, who)

    def test_so_is_one_in_the_background(self):
        d = self.open_dir({"a": {"command": probe("wait"), "startsecs": 0}}, user="nobody")
        d.start_daemon()
        for who, number in {"keeper": d.pid, "engine": d.engine_pid, "program": d.wait_state("a", "RUNNING")["pid"]}.items():
            self.assert_nobody(number, who)

    def test_a_program_with_a_user_has_nothing_left_of_root(self):
        d = self.started({"a": {"command": probe("wait"), "user": "nobody", "startsecs": 0}})
        self.assert_nobody(d.wait_state("a", "RUNNING")["pid"], "program")

    def test_such_a_program_cannot_look_into_the_daemon(self):
        """Memory, environment and descriptors of root are root's: the kernel's rule, which nothing of ours loosens."""
        d = self.started()
        for pid in (d.pid, d.engine_pid):
            for name in ("mem", "environ", "fd/0"):
                ended = subprocess.run([sys.executable, "-c", f"open('/proc/{pid}/{name}', 'rb').read(1)"], user=65534,
                                       group=65534, extra_groups=[], capture_output=True, text=True, check=False)
                self.assertIn("PermissionError", ended.stderr, name)

    def test_files_of_the_daemon_are_not_for_everybody(self):
        """Whatever the umask it was started with: what it makes for itself alone stays so."""
        d = self.supervisord({"a": {"command": probe("say", "x"), "startsecs": 0}})
        before = os.umask(0)
        try:
            d.start()
        finally:
            os.umask(before)
        auto = wait_until(lambda: list((d.dir / "auto").glob("a-stdout*")), "an automatic log")[0]
        self.assertEqual(stat.S_IMODE(auto.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(d.socket.stat().st_mode), 0o700)


if __name__ == "__main__":
    main()
