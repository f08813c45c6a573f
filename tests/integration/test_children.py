#!/usr/bin/python3
"""What a program finds when it starts, and what is told when it cannot be started."""
import os
import re

from harness import DEBIAN, Case, main, probe, root_only


class Report:
    """What `probe fds` wrote."""

    def __init__(self, text):
        self.lines = text.splitlines()

    def all(self, name):
        return [line.split(" ", 1)[1] for line in self.lines if line.split(" ", 1)[0] == name]

    def one(self, name):
        (value,) = self.all(name)
        return value

    @property
    def environment(self):
        return dict(line.split("=", 1) for line in self.all("env"))


class Inherited(Case):
    def reports(self, programs, **how):
        for name, keys in programs.items():
            keys.setdefault("command", probe("fds"))
            if not name.startswith("group:"):
                keys["stdout_logfile"] = f"%(here)s/{name}.%(process_num)d"
                keys["startsecs"] = 0
        self.daemon = d = self.started(programs, **how)
        d.wait_all()
        names = [n for n in programs if not n.startswith("group:")]
        return {n: Report(d.wait_text(f"{n}.0", "end\n")) for n in names}

    def test_descriptors_signals_and_groups(self):
        found = self.reports({"a": {}, "merged": {"redirect_stderr": True}})
        for name, report in found.items():
            self.assertEqual(report.all("fd"), ["0 pipe read", "1 pipe write", "2 pipe write"], name)
            self.assertEqual(int(report.one("blocked"), 16), 0)
            # the reference leaves SIGPIPE and SIGXFSZ ignored, as Python does
            self.assertEqual(int(report.one("ignored"), 16), 1 << 12 | 1 << 24 if DEBIAN else 0)
            self.assertEqual(report.one("pgid"), report.one("pid"))
            self.assertEqual(int(report.one("sid")), os.getsid(self.daemon.pid))
            self.assertEqual(int(report.one("ppid")), self.daemon.pid)
            self.assertEqual((report.one("deathsig"), report.one("subreaper")), ("0", "0"))

    def test_directory_umask_and_environment(self):
        found = self.reports({
            "plain": {}, "own": {"directory": "/usr", "umask": "077",
                                 "environment": 'A="x, y",B=\'%(process_num)d\',GLOBAL=mine,SUPERVISOR_ENABLED=0'}},
            supervisord={"environment": "GLOBAL=yes,ALSO=%(here)s", "umask": "002"})
        plain, own = found["plain"], found["own"]
        self.assertEqual((plain.one("cwd"), own.one("cwd")), (str(self.daemon.dir), "/usr"))
        self.assertEqual(own.one("umask"), "077")
        inherited = os.umask(0)
        os.umask(inherited)
        self.assertEqual(plain.one("umask"), f"{inherited:03o}")  # supervisord's umask= counts in the background only
        env = plain.environment
        self.assertEqual({k: v for k, v in env.items() if k.startswith("SUPERVISOR_")}, {
            "SUPERVISOR_ENABLED": "1", "SUPERVISOR_PROCESS_NAME": "plain", "SUPERVISOR_GROUP_NAME": "plain",
            "SUPERVISOR_SERVER_URL": f"unix://{self.daemon.socket}"})
        self.assertEqual((env["GLOBAL"], env["ALSO"]), ("yes", str(self.daemon.dir)))
        self.assertEqual(env["PATH"], os.environ["PATH"])
        env = own.environment
        self.assertEqual([env[k] for k in ("A", "B", "GLOBAL", "SUPERVISOR_ENABLED")], ["x, y", "0", "mine", "0"])

    def test_instances_of_one_program(self):
        self.reports({"n": {"numprocs": 3, "numprocs_start": 0, "process_name": "%(program_name)s-%(process_num)02d",
                            "command": probe("fds", "number", "%(process_num)d").replace("%%", "%")},
                      "group:g": {"programs": "n"}})
        self.assertEqual(sorted(self.daemon.all_info()), ["g:n-00", "g:n-01", "g:n-02"])
        for number in range(3):
            report = Report(self.daemon.wait_text(f"n.{number}", "end\n"))
            self.assertEqual(report.all("arg"), ["0 number", f"1 {number}"])
            self.assertEqual([report.environment[f"SUPERVISOR_{k}_NAME"] for k in ("PROCESS", "GROUP")],
                             [f"n-{number:02d}", "g"])

    @root_only
    def test_user(self):
        found = self.reports({"nobody": {"user": "nobody"}, "root": {"user": "root"}, "number": {"user": "65534"}})
        for name in ("nobody", "number"):
            report = found[name]
            self.assertEqual([report.one(k) for k in ("uid", "euid", "gid", "egid", "groups")], ["65534"] * 5, name)
            self.assertEqual(report.environment.get("HOME"), os.environ.get("HOME"))
        self.assertEqual(found["root"].one("uid"), "0")

    @root_only
    def test_daemon_as_another_user(self):
        d = self.supervisord()
        os.chmod(d.dir, 0o777)
        d.write_config({"a": {"command": probe("fds"), "stdout_logfile": f"{d.dir}/a"}}, supervisord={"user": "nobody"})
        d.start()
        report = Report(d.wait_text("a", "end\n"))
        self.assertEqual([report.one(k) for k in ("uid", "gid", "groups")], ["65534"] * 3)
        self.assertEqual((d.logfile.stat().st_uid, d.pidfile.stat().st_uid), (65534, 65534))
        self.assertEqual(d.log_lines("Set uid"), ["INFO Set uid to user 65534 succeeded"])

    def test_stdin_is_an_open_pipe(self):
        d = self.started({"a": {"command": probe("echo-stdin"), "startsecs": 0, "stdout_logfile": "%(here)s/a"}})
        d.wait_text("a", "ready\n")
        pid = d.wait_state("a", "RUNNING")["pid"]
        self.assertTrue(os.readlink(f"/proc/{pid}/fd/0").startswith("pipe:"))
        d.rpc.supervisor.stopProcess("a")
        self.assertEqual(d.read("a"), "ready\n")  # it never saw an end-of-file


class SpawnErrors(Case):
    def test_texts(self):
        d = self.supervisord()
        plain = d.dir / "plain"
        plain.write_text("not a program\n")
        plain.chmod(0o644)
        cases = {"missing": ("/nope/x", "can't find command '/nope/x'"),
                 "word": ("no-such-command -v", "can't find command 'no-such-command'"),
                 "quote": ("sh -c 'oops", "can't parse command \"sh -c 'oops\": No closing quotation"),
                 "empty": ("", "command is empty"), "folder": (str(d.dir), f"command at '{d.dir}' is a directory"),
                 "plain": (str(plain), f"command at '{plain}' is not executable")}
        d.write_config({name: {"command": command, "startretries": 0} for name, (command, _) in cases.items()})
        d.start()
        for name, (_, error) in cases.items():
            info = d.wait_state(name, "FATAL")
            self.assertEqual((info["spawnerr"], info["description"], info["pid"], info["stop"]), (error, error, 0, 0))
            self.assertGreater(info["start"], 0)
            self.assertEqual(d.log_lines(re.escape(error)), [f"INFO spawnerr: {error}"], name)
            self.assertEqual(d.log_lines(f"{name} entered"),
                             [f"INFO gave up: {name} entered FATAL state, too many start retries too quickly"])

    def test_a_log_that_cannot_be_opened(self):
        d = self.started({"a": {"command": probe("wait"), "startretries": 0, "stdout_logfile": "%(here)s/auto"}})
        info = d.wait_state("a", "FATAL")
        self.assertEqual(info["spawnerr"], "unknown error making dispatchers for 'a': EISDIR")

    def test_failures_after_the_fork_end_in_127_and_the_log(self):
        d = self.supervisord()
        text = d.dir / "text"
        text.write_text("no interpreter line\n")
        text.chmod(0o755)
        common = {"startretries": 0, "startsecs": 1}
        d.write_config({
            "chdir": {**common, "command": probe("wait"), "directory": "/nope", "stderr_logfile": f"{d.dir}/chdir"},
            "exec": {**common, "command": str(text), "redirect_stderr": True, "stdout_logfile": f"{d.dir}/exec"}})
        d.start()
        for name, error in (("chdir", "couldn't chdir to /nope: ENOENT"), ("exec", f"couldn't exec {text}: ENOEXEC")):
            d.wait_state(name, "FATAL")
            self.assertEqual(d.log_lines(f"exited: {name}"), [f"WARN exited: {name} (exit status 127; not expected)"])
            self.assertEqual(d.read(name), f"supervisor: {error}\nsupervisor: child process was not spawned\n")


if __name__ == "__main__":
    main()
