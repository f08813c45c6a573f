#!/usr/bin/python3
"""Start, configuration errors, going into the background, signals to the daemon itself, and the end."""
import contextlib
import os
import re
import signal
import socket
import threading

from harness import DEBIAN, Case, command_of, ini, main, ours_only, probe, proc_comm

IN_USE = ("Error: Another program is already listening on a port that one of our HTTP servers is configured to use.  "
          "Shut this program down first before starting supervisord.\n")


@contextlib.contextmanager
def listener(path):
    """Somebody who takes what a client says and hangs up."""
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    with other.accept()[0] as client:
                        client.recv(100)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            other.shutdown(socket.SHUT_RDWR)
            thread.join()


class CommandLine(Case):
    def test_version(self):
        ended = self.supervisord().run_to_end("-v")
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "4.2.5\n" if DEBIAN else "4.3.0\n", ""))

    def test_errors_are_told_exactly_and_end_with_2(self):
        d = self.supervisord()
        argv0 = command_of("supervisord")
        for options, message in (
                (("-x",), "option -x not recognized"), (("--foo",), "option --foo not recognized"),
                (("-e", "foo"), "invalid value for -e 'foo': bad logging level name 'foo'"),
                (("-n", "-n"), "conflicting command line option '-n'"),
                (("--log", "x"), "option --log not a unique prefix"),
                (("foo",), "positional arguments are not supported: ['foo']"),
                (("-n", "-l"), "option -l requires argument"),
                (("-d", "/nope"), "invalid value for -d '/nope': /nope is not an existing directory")):
            ended = d.run_to_end(*options)
            self.assertEqual((ended.returncode, ended.stdout, ended.stderr),
                             (2, "", f"Error: {message}\nFor help, use {argv0} -h\n"))
        for path, message in (("/nope/s.conf", "could not find config file /nope/s.conf"),
                              (str(d.dir), f"could not read config file {d.dir}")):
            ended = d.run_to_end("-c", path, config=False)
            self.assertEqual((ended.returncode, ended.stderr), (2, f"Error: {message}\nFor help, use {argv0} -h\n"))


class ConfigurationErrors(Case):
    def check(self, text, message):
        d = self.supervisord(text=text)
        ended = d.run_to_end("-n")
        told = f"Error: {message.replace('FILE', str(d.config))}\nFor help, use {command_of('supervisord')} -h\n"
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr[:len(told)]), (2, "", told))
        # ours may add where to look
        self.assertRegex(ended.stderr[len(told):], "^$" if DEBIAN else rf"^(The cause is at {d.config}(:\d+)?\n)?$")
        self.assertEqual([], [p.name for p in d.dir.glob("*.log")])

    def check_program(self, keys, message, located=True):
        where = " in section 'program:x' (file: 'FILE')" if located else ""
        self.check(ini({"supervisord": {}, "program:x": {"command": "/bin/true", **keys}}), message + where)

    def test_file(self):
        self.check("[program:x]\ncommand=a\n", ".ini file does not include supervisord section")
        self.check("a=b\n", "File contains no section headers.\nfile: 'FILE', line: 1\n'a=b\\n'")
        self.check("[supervisord]\nnonsense\n", "Source contains parsing errors: 'FILE'\n\t[line  2]: 'nonsense\\n'")
        self.check("[supervisord]\nloglevel=loud\n", "bad logging level name 'loud'")
        self.check("[supervisord]\n[program:x]\nuser=root\n",
                   "program section program:x does not specify a command in section 'program:x' (file: 'FILE')")

    def test_program(self):
        self.check_program({"autostart": "maybe"}, "not a valid boolean value: 'maybe'")
        self.check_program({"startsecs": "1.5"}, "invalid literal for int() with base 10: '1.5'")
        self.check_program({"user": "no-such-user"}, "Invalid user name no-such-user")
        self.check_program({"stopsignal": "FOO"}, "value 'FOO' is not a valid signal name")
        self.check_program({"exitcodes": "0,x"}, "not a valid list of exit codes: '0,x'")
        self.check_program({"autorestart": "Later"}, "invalid 'autorestart' value 'later'")
        self.check_program({"environment": "A="}, "Unexpected end of key/value pairs in value 'A='")
        self.check_program({"stdout_logfile": "/nope/x.log"},
                           "The directory named as part of the path /nope/x.log does not exist")
        self.check_program({"numprocs": 2}, "%(process_num) must be present within process_name when numprocs > 1")
        self.check_program({"stopasgroup": "true", "killasgroup": "false"},
                           "Cannot set stopasgroup=true and killasgroup=false")

    def test_http_server(self):
        self.check("[supervisord]\n[unix_http_server]\n", "section [unix_http_server] has no file value")
        self.check("[supervisord]\n[unix_http_server]\nfile=/tmp/s\nchmod=9\n", "Invalid chmod value 9")


def this_listens(socket):
    """What ours says of a socket of this very process."""
    if DEBIAN:
        return ""
    return f"The socket {socket} is listened on by pid {os.getpid()} ({proc_comm(os.getpid())})\n"


class SecondInstance(Case):
    def test_refuses_and_harms_nothing(self):
        d = self.started({"a": {"command": probe("say", "hello"), "startsecs": 0}})
        d.wait_all()
        before = d.info("a")
        pid, log = d.pid, d.log()
        second = d.run_to_end("-n")
        self.assertEqual(second.returncode, 2)
        self.assertIn(IN_USE.rstrip("\n") if DEBIAN else "Error: ", second.stderr)
        if not DEBIAN:
            self.assertIn(f"\nThe pidfile {d.pidfile} names pid {pid}, which is running\n"
                          f"The socket {d.socket} is listened on by pid {d.engine_pid} (upkeep-engine)\n", second.stderr)
        self.assertEqual((d.pid, d.is_ready(), d.pid_of("a")), (pid, True, before["pid"]))
        if not DEBIAN:  # the reference deletes the running instance's logs and writes into its activity log
            self.assertTrue(os.path.exists(before["stdout_logfile"]))
            self.assertEqual(d.log(), log)

    def test_a_listener_of_somebody_else_is_respected(self):
        d = self.supervisord()
        with listener(d.socket):
            ended = d.run_to_end("-n")
            self.assertEqual((ended.returncode, ended.stderr),
                             (2, IN_USE + f"For help, use {command_of('supervisord')} -h\n" + this_listens(d.socket)))
        self.assertTrue(d.socket.exists())
        d.start()  # nobody listens any more: the socket is taken over
        self.assertIn(f"Unlinking stale socket {d.socket}\n", d.read("output"))
        self.assertEqual(d.socket.stat().st_mode & 0o7777, 0o700)


class Background(Case):
    def test_started_means_ready(self):
        d = self.supervisord({"a": {"command": probe("fds"), "startsecs": 0, "stdout_logfile": "%(here)s/a"}})
        d.write_config({"a": {"command": probe("fds"), "startsecs": 0, "stdout_logfile": f"{d.dir}/a"}},
                       supervisord={"directory": "/", "umask": "027"})
        d.start_daemon()
        if DEBIAN:
            d.wait_ready()
        self.assertEqual(d.rpc.supervisor.getState()["statename"], "RUNNING")  # at once
        pid = d.pid
        self.assertEqual((os.getsid(pid), os.getpgid(pid)), (pid, pid))
        self.assertEqual({os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)}, {"/dev/null"})
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        report = d.wait_text("a", "end\n")
        self.assertIn("cwd /\n", report)
        self.assertIn("umask 027\n", report)
        self.assertEqual(d.pidfile.stat().st_mode & 0o777, 0o640)
        self.assertEqual(d.log_lines("daemonizing|started with|set current"), [
            "INFO daemonizing the supervisord process", "INFO set current directory: '/'",
            f"INFO supervisord started with pid {pid}"])
        self.assertEqual(d.pid_of("a"), int(re.search(r"^pid (\d+)", report, re.M).group(1)))

    def test_an_address_in_use_still_reaches_the_terminal(self):
        d = self.supervisord()
        with listener(d.socket):
            ended = d.run_to_end()
        self.assertEqual((ended.returncode, ended.stderr),
                         (2, IN_USE + f"For help, use {command_of('supervisord')} -h\n" + this_listens(d.socket)))
        self.assertFalse(d.pidfile.exists())


class ActivityLog(Case):
    def test_lines_and_their_form(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        d.wait_all()
        for line in d.log().splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (CRIT|ERRO|WARN|INFO) \S")
        wanted = ["INFO RPC interface 'supervisor' initialized",
                  "CRIT Server 'unix_http_server' running without any HTTP authentication checking",
                  f"INFO supervisord started with pid {d.pid}"]
        self.assertEqual(d.log_lines("RPC|Server|started with"), wanted)
        self.assertIn(d.log(), d.read("output"))  # in the foreground every line goes to stdout, too

    def test_silent(self):
        d = self.supervisord().start("-n", "-s")
        d.stop()
        self.assertEqual(d.read("output"), "")


class Signals(Case):
    def test_term_int_and_quit_end_it_in_order(self):
        for name in ("TERM", "INT", "QUIT"):
            d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
            d.wait_all()
            self.assertEqual(d.stop(getattr(signal, f"SIG{name}")), 0)
            self.assertEqual(d.log_lines("received SIG(?!CHLD)"), [f"WARN received SIG{name} indicating exit request"])
            self.assertEqual(d.log_lines("stopped"), ["WARN stopped: a (terminated by SIGTERM)"])
            self.assertFalse(d.socket.exists() or d.pidfile.exists())

    def test_hup_is_a_restart_with_the_new_configuration_and_the_old_pid(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0},
                          "gone": {"command": probe("wait"), "startsecs": 0}})
        d.wait_all()
        pid, first = d.pid, d.pid_of("a")
        auto = d.info("a")["stdout_logfile"]
        d.write_config({"a": {"command": probe("wait"), "startsecs": 0},
                        "new": {"command": probe("wait"), "startsecs": 0}}, supervisord={"identifier": "supervisor"})
        os.kill(pid, signal.SIGHUP)
        d.wait_log("supervisord started with pid", 2)
        d.wait_ready()
        self.assertEqual(set(d.wait_all()), {"a", "new"})
        self.assertEqual(d.pid, pid)
        self.assertNotEqual(d.pid_of("a"), first)
        self.assertFalse(os.path.exists(auto))
        self.assertEqual(d.log_lines("restart request"), ["WARN received SIGHUP indicating restart request"])

    def test_hup_with_a_broken_configuration_ends_with_2(self):
        d = self.started({"a": {"command": probe("wait"), "startsecs": 0}})
        d.wait_all()
        d.write_config({}, text="[nothing]\n")
        os.kill(d.pid, signal.SIGHUP)
        self.assertEqual(d.process.wait(30), 2)
        self.assertIn("Error: .ini file does not include supervisord section\n", d.read("output"))

    def test_usr2_reopens_the_logs(self):
        d = self.started({"a": {"command": probe("lines", "--rate", 20), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a.log"}})
        d.wait_text("a.log", "\n")
        os.rename(d.logfile, f"{d.logfile}.old")
        os.rename(d.dir / "a.log", d.dir / "a.old")
        os.kill(d.pid, signal.SIGUSR2)
        d.wait_text("a.log", "\n")
        logs = d.read("s.log.old") + d.log()  # the reference tells of it before it reopens, others may do so after
        self.assertIn("INFO received SIGUSR2 indicating log reopen request\n", logs)
        self.assertIn("INFO supervisord logreopen\n", logs)
        self.assertTrue(d.logfile.exists())
        old, new = d.read("a.old"), d.read("a.log")
        last, first = int(old.splitlines()[-1].split()[0]), int(new.split()[0])
        self.assertEqual(first, last + 1)

    @ours_only
    def test_usr1_is_only_logged(self):
        d = self.started()
        os.kill(d.pid, signal.SIGUSR1)
        d.wait_log("SIGUSR1")
        self.assertTrue(d.is_ready())

    def test_hup_during_shutdown_is_ignored(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        os.kill(d.pid, signal.SIGTERM)
        d.wait_log("waiting for slow to die")
        os.kill(d.pid, signal.SIGHUP)
        d.wait_log("^WARN ignored SIGHUP indicating restart request \\(shutdown in progress\\)$")
        self.assertEqual(d.process.wait(30), 0)


class Limits(Case):
    def test_minfds_raises_the_limit_for_all(self):
        d = self.supervisord({"a": {"command": probe("fds"), "stdout_logfile": "%(here)s/a"}})
        d.start(wrap=("/bin/sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh"))
        self.assertIn("nofile 1024\n", d.wait_text("a", "end\n"))
        self.assertEqual(d.log_lines("RLIMIT_NOFILE"), ["INFO Increased RLIMIT_NOFILE limit to 1024"])


if __name__ == "__main__":
    main()
