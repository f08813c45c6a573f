#!/usr/bin/python3
"""Output of the programs: files, rotation, AUTO logs, shared files, the echo at level debug, and what `tail` shows."""
import contextlib
import os
import pathlib
import signal
import subprocess

from harness import Case, check_lines, main, ours_only, probe, wait_until


class Files(Case):
    def test_streams_go_to_their_files(self):
        say = probe("say", "to stdout", "--to-stderr", "to stderr")
        common = {"command": say, "startsecs": 0}
        d = self.started({
            "two": {**common, "stdout_logfile": "%(here)s/two.out", "stderr_logfile": "%(here)s/two.err"},
            "one": {**common, "stdout_logfile": "%(here)s/one.out", "redirect_stderr": True},
            "none": {**common, "stdout_logfile": "NONE", "stderr_logfile": "/dev/null"},
            "auto": common})
        infos = d.wait_all()
        d.wait_text("two.out", "to stdout\n")
        d.wait_text("two.err", "to stderr\n")
        wait_until(lambda: sorted(d.read("one.out").splitlines()) == ["to stderr", "to stdout"], "both in one file")
        self.assertEqual((infos["none"]["stdout_logfile"], infos["one"]["stderr_logfile"]), ("", ""))
        self.assertEqual(infos["two"]["logfile"], str(d.dir / "two.out"))
        for channel in ("stdout", "stderr"):
            path = pathlib.Path(infos["auto"][f"{channel}_logfile"])
            self.assertRegex(path.name, rf"^auto-{channel}---supervisor-[a-z0-9_]{{8}}\.log$")
            self.assertEqual((path.parent, path.stat().st_mode & 0o777), (d.dir / "auto", 0o600))
            wait_until(lambda p=path, c=channel: p.read_text() == f"to {c}\n", path)
        self.assertTrue(os.stat("/dev/null").st_rdev, "still a device")

    def test_auto_logs_are_kept_over_a_restart_of_the_program_and_cleaned_at_the_next_start(self):
        d = self.started({"a": {"command": probe("say", "hello"), "startsecs": 0}})
        first = d.wait_state("a", "RUNNING")
        log = pathlib.Path(first["stdout_logfile"])
        wait_until(lambda: log.read_text() == "hello\n", "the first line")
        os.kill(first["pid"], signal.SIGKILL)
        wait_until(lambda: log.read_text() == "hello\nhello\n", "the second line in the same file")
        d.stop()
        self.assertTrue(log.exists())
        stranger = d.dir / "auto" / "x-stdout---other-12345678.log"
        stranger.touch()
        d.start()
        self.assertNotEqual(d.info("a")["stdout_logfile"], str(log))
        self.assertFalse(log.exists())
        self.assertTrue(stranger.exists())

    def test_append_to_what_is_there(self):
        d = self.supervisord({"a": {"command": probe("say", "new"), "startsecs": 0, "stdout_logfile": "%(here)s/a"}})
        (d.dir / "a").write_text("old\n")
        d.start()
        d.wait_text("a", "old\nnew\n")

    def test_programs_may_share_a_file(self):
        shared = {"startsecs": 0, "stdout_logfile": "%(here)s/shared", "stdout_logfile_maxbytes": 0,
                  "redirect_stderr": True}
        d = self.started({"a": {**shared, "command": probe("lines", "--rate", 1000, "--payload", 11)},
                          "b": {**shared, "command": probe("lines", "--rate", 1000, "--payload", 22)},
                          "c": {**shared, "command": probe("lines", "--rate", 1000, "--payload", 33)}})
        wait_until(lambda: d.read("shared").count("\n") > 1500, "1500 lines")
        for name in "abc":
            d.rpc.supervisor.stopProcess(name)
        lines = d.read("shared").splitlines()
        for payload in (11, 22, 33):
            mine = [int(n) for n, x in (line.split(" ") for line in lines) if len(x) == payload]
            self.assertEqual(mine, list(range(1, len(mine) + 1)), payload)

    @ours_only  # the reference loses O_APPEND at its first rotation
    def test_a_file_truncated_from_outside_has_no_hole(self):
        d = self.started({"a": {"command": probe("lines", "--rate", 500), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a.log", "stdout_logfile_maxbytes": "50KB",
                                "stdout_logfile_backups": 1}})
        wait_until(lambda: (d.dir / "a.log.1").exists(), "a rotation")
        os.truncate(d.dir / "a.log", 0)
        wait_until(lambda: (d.dir / "a.log").stat().st_size > 1000, "more lines")
        self.assertNotIn("\0", d.read("a.log"))


class Rotation(Case):
    def test_a_busy_log(self):
        d = self.started({"a": {"command": probe("lines", "--rate", 4000, "--payload", 90), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a.log", "stdout_logfile_maxbytes": "64KB",
                                "stdout_logfile_backups": 3}})
        wait_until(lambda: (d.dir / "a.log.3").exists(), "three backups")
        d.rpc.supervisor.stopProcess("a")
        files = [d.dir / f"a.log{suffix}" for suffix in (".3", ".2", ".1", "")]
        self.assertEqual(sorted(d.dir.glob("a.log*")), sorted(files))
        found = check_lines(*files)
        self.assertEqual((found["lost"], found["repeated"]), (0, 0), found["told"])
        for path in files[:3]:  # checked after each write, so a file exceeds the limit by what was read at once
            self.assertTrue(64 * 1024 <= path.stat().st_size < 64 * 1024 + 131072, path.stat())

    def test_without_backups_the_file_is_emptied(self):
        d = self.started({"a": {"command": probe("lines", "--rate", 2000, "--payload", 90), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a.log", "stdout_logfile_maxbytes": "20KB",
                                "stdout_logfile_backups": 0}})
        d.wait_text("a.log", "\n")
        wait_until(lambda: not d.read("a.log").startswith("1 "), "the file begins anew")
        self.assertFalse((d.dir / "a.log.1").exists())

    def test_the_activity_log(self):
        d = self.started({"a": {"command": probe("exit-after", 10, 0), "autorestart": True, "startsecs": 0}},
                         supervisord={"logfile_maxbytes": 2000, "logfile_backups": 2})
        wait_until(lambda: d.read("s.log.2"), "two backups")
        self.assertFalse(d.read("s.log.3"))
        for line in (d.read("s.log.2") + d.read("s.log.1")).splitlines():
            self.assertRegex(line, r"^\d{4}-")


class Echo(Case):
    def test_debug_shows_the_output(self):
        d = self.started({"a": {"command": probe("say", "grüße", "--to-stderr", "oh"), "startsecs": 0}},
                         supervisord={"loglevel": "debug"})
        d.wait_log(r"^DEBG 'a' stdout output:$")
        d.wait_log(r"^DEBG 'a' stderr output:$")
        self.assertIn(" DEBG 'a' stdout output:\ngrüße\n", d.read("s.log"))

    def test_standard_output_as_a_log_file(self):
        d = self.started({"a": {"command": probe("say", "from a"), "startsecs": 0, "stdout_logfile": "/dev/stdout",
                                "stdout_logfile_maxbytes": 0}})
        d.wait_text("output", "from a\n")

    def test_standard_output_that_is_a_pipe(self):
        d = self.supervisord({"a": {"command": probe("lines", "--rate", 200), "startsecs": 0,
                                    "stdout_logfile": "/dev/stdout", "stdout_logfile_maxbytes": 0}})
        reader, writer = os.pipe()
        with open(reader, "r", encoding="utf-8") as stream:
            d.launch("-n", "-s", stdout=writer)
            os.close(writer)
            lines = [stream.readline() for _ in range(300)]
            d.stop()
            lines += stream.readlines()
        numbers = [int(line.split()[0]) for line in lines]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))


class Tail(Case):
    def test_reading_over_rpc(self):
        d = self.started({"a": {"command": probe("say", "0123456789"), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a"}})
        d.wait_text("a", "0123456789\n")
        rpc = d.rpc.supervisor
        self.assertEqual(rpc.readProcessStdoutLog("a", 0, 0), "0123456789\n")
        self.assertEqual(rpc.readProcessStdoutLog("a", -4, 0), "789\n")
        self.assertEqual(rpc.readProcessStdoutLog("a", 2, 3), "234")
        self.assertEqual(rpc.tailProcessStdoutLog("a", 5, 6), ["56789\n", 11, False])
        self.assertEqual(rpc.tailProcessStdoutLog("a", 0, 4), ["789\n", 11, True])
        self.assertIn("supervisord started with pid", rpc.readLog(0, 0))

    @contextlib.contextmanager
    def following(self, rate):
        """A daemon whose program writes numbered lines, and a function that reads the next numbers from tail -f."""
        d = self.started({"a": {"command": probe("lines", "--rate", rate), "startsecs": 0,
                                "stdout_logfile": "%(here)s/a"}})
        d.wait_text("a", "\n3 ")
        with subprocess.Popen(d.ctl_argv("tail", "-f", "a"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, cwd=d.dir) as follower:
            self.assertEqual(follower.stdout.readline(), "==> Press Ctrl-C to exit <==\n")
            follower.stdout.readline()  # may begin in the middle of a line
            yield d, lambda count: [int(follower.stdout.readline().split()[0]) for _ in range(count)]
            follower.send_signal(signal.SIGINT)
            self.assertEqual(follower.wait(20), 0)

    def test_following(self):
        with self.following(50) as (_, read):
            numbers = read(40)
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 40)))

    @ours_only
    def test_following_goes_on_when_engines_die(self):
        with self.following(200) as (d, read):
            numbers = []
            for _ in range(3):
                numbers += read(40)
                d.new_engine(d.kill_engine())
                d.wait_ready()
            numbers += read(400)
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))


if __name__ == "__main__":
    main()
