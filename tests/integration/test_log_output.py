#!/usr/bin/python3
"""What becomes of the bytes of a program on their way to a log: escapes, marked texts, the echo at level debug, syslog,
odd settings, logs that are no plain files."""
import os
import shlex
import signal
import socket
import stat
import time

from harness import Case, main, need_namespace, ours_only, read_proc, wait_until

BEGIN, END = "<!--XSUPERVISOR:BEGIN-->", "<!--XSUPERVISOR:END-->"


def writes(*pieces, then="time.sleep(1000)"):
    """A command that makes one write(2) of each piece, with a pause after each. SIGUSR1 is blocked, for `then` to wait."""
    pieces = [piece if isinstance(piece, bytes) else piece.encode() for piece in pieces]
    code = f"import os,signal,time;signal.pthread_sigmask(signal.SIG_BLOCK,[signal.SIGUSR1]);" \
           f"[(os.write(1,p),time.sleep(0.3)) for p in {pieces!r}];{then}"
    return f"/usr/bin/python3 -c {shlex.quote(code)}".replace("%", "%%")


def program(command, **keys):
    return {"command": command, "startsecs": 0, "stdout_logfile": "%(here)s/a.log", "redirect_stderr": True, **keys}


class Copied(Case):
    def test_escapes_are_stripped_from_file_and_echo(self):
        d = self.started({"a": program(writes("\x1b[1;31mred\x1b[0m \x1b]0;title\x07 \x1b[6Gx, m.\n"))},
                         supervisord={"strip_ansi": True, "loglevel": "debug"})
        self.assertEqual(d.wait_text("a.log", "\n"), "red \x1b]0;title\x07 .\n")
        wait_until(lambda: "'a' stdout output:\nred \x1b]0;title\x07 .\n" in d.log(), "the echo")

    def test_the_echo_of_bytes_that_are_no_text(self):
        d = self.started({"a": program(writes(b"ok\xff'\t\"\n", "grüße\n", b"it's \xfe"))},
                         supervisord={"loglevel": "debug"})
        wait_until(lambda: "DEBG 'a' stdout output:\nUndecodable: b\"it's \\xfe\"\n" in d.log(), "the last one")
        self.assertIn("DEBG 'a' stdout output:\nUndecodable: b'ok\\xff\\'\\t\"\\n'\n", d.log())
        self.assertIn("DEBG 'a' stdout output:\ngrüße\n\n", d.log())

    def test_marked_texts_are_taken_out(self):
        d = self.started({"a": program(writes("this is long enough for a token\n", f"one {BEGIN}a message{END} two\n",
                                              f"three {BEGIN[:9]}", f"{BEGIN[9:]}another{END} and this is long enough once again\n"),
                                       stdout_capture_maxbytes="1KB")}, supervisord={"loglevel": "debug"})
        self.assertEqual(d.wait_text("a.log", "again\n"),
                         "this is long enough for a token\none  two\nthree  and this is long enough once again\n")
        d.wait_log("^DEBG 'a' stdout emitted a comm event$", 2)
        self.assertIn("DEBG 'a' stdout output:\na message\n", d.log())

    @ours_only  # the reference keeps what is no longer than a token, and loses it at the end
    def test_short_output_is_neither_delayed_nor_lost(self):
        d = self.started({"a": program(writes("short\n", f"{BEGIN[:12]}", then=""), stdout_capture_maxbytes="1KB")})
        d.wait_text("a.log", "short\n")
        d.wait_text("a.log", "short\n" + BEGIN[:12])

    @ours_only
    def test_a_rest_in_the_pipe_survives_the_engine_and_does_not_keep_it_busy(self):
        d = self.started({"a": program(writes(f"begun {BEGIN[:12]}",
                                              then="signal.sigwait([signal.SIGUSR1]);os.write(1,b'xyz\\n');"
                                                   "time.sleep(1000)"),
                                       stdout_capture_maxbytes="1KB", stopsignal="KILL")})
        d.wait_text("a.log", "begun ")
        d.new_engine(d.kill_engine())
        d.wait_ready_again()

        def is_idle():
            def switches():
                return [line for line in read_proc(d.engine_pid, "status").splitlines() if b"ctxt" in line]
            before = switches()
            time.sleep(0.5)  # the claim is that nothing happens in this time
            return switches() == before
        wait_until(is_idle, "the engine to come to rest")
        self.assertEqual(d.read("a.log"), "begun ")
        os.kill(d.pid_of("a"), signal.SIGUSR1)
        d.wait_text("a.log", "xyz\n")
        self.assertEqual(d.read("a.log"), f"begun {BEGIN[:12]}xyz\n")

    def test_syslog_gets_a_message_a_line(self):
        d = self.supervisord({"a": program(writes("one\n\ntwo % %s\n"), stdout_logfile="NONE", stdout_syslog=True)})
        dev = d.dir / "dev"
        dev.mkdir()
        unshare = need_namespace("-m")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
            daemon.bind(str(dev / "log"))
            daemon.settimeout(20)
            d.start(wrap=(*unshare, "/bin/sh", "-c", f'''
                for node in null zero full random urandom tty; do cp -a /dev/$node {dev}/; done
                ln -s /proc/self/fd {dev}/fd; ln -s fd/1 {dev}/stdout; ln -s fd/2 {dev}/stderr
                mount --bind {dev} /dev && exec "$@"''', "sh"))
            got = [daemon.recv(1000).decode() for _ in range(3)]
        for message, text in zip(got, ("one", "", "two % %s")):
            self.assertRegex(message, r"^<14>[A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d supervisord: ")
            self.assertEqual(message.split("supervisord: ", 1)[1].rstrip("\0\n"), f"a {text}")


class Settings(Case):
    @ours_only  # the reference logs nothing: a type error
    def test_a_negative_limit_is_none(self):
        d = self.started({"a": program(writes("x" * 5000 + "\n"), stdout_logfile_maxbytes=-1)})
        wait_until(lambda: len(d.read("a.log")) == 5001, "all of it")

    def test_no_limit(self):
        d = self.started({"a": program(writes("x" * 5000 + "\n", "last\n"), stdout_logfile_maxbytes=0)})
        self.assertEqual(len(d.wait_text("a.log", "last\n")), 5006)

    def test_surplus_backups_stay(self):
        d = self.supervisord({"a": program(writes("first\n", "second\n"), stdout_logfile_maxbytes=3,
                                           stdout_logfile_backups=1)})
        (d.dir / "a.log.7").write_text("seven")
        d.start()
        d.wait_text("a.log.1", "second\n")
        self.assertEqual((d.read("a.log.7"), d.read("a.log.2"), d.read("a.log")), ("seven", "", ""))

    @ours_only  # the reference looks for each of them
    def test_more_backups_than_anybody_can_have(self):
        d = self.started({"a": program(writes("first\n", "second\n"), stdout_logfile_maxbytes=3,
                                       stdout_logfile_backups=2000000000)})
        d.wait_text("a.log.1", "second\n")
        d.wait_text("a.log.2", "first\n")

    def test_a_path_that_cannot_be_a_log_is_a_spawn_error(self):
        d = self.supervisord()
        for name in ("folder", "gone"):
            (d.dir / name).mkdir()
        d.write_config({"a": program(writes(""), stdout_logfile=d.dir / "folder", startretries=1),
                        "b": program(writes(""), stdout_logfile=d.dir / "gone" / "log", startretries=0,
                                     autostart=False)})
        d.start()
        self.assertEqual(d.wait_state("a", "FATAL")["spawnerr"], "unknown error making dispatchers for 'a': EISDIR")
        self.assertEqual(len(d.log_lines("^INFO spawnerr: unknown error making dispatchers for 'a': EISDIR$")), 2)
        (d.dir / "gone").rmdir()
        d.ctl("start", "b")
        self.assertEqual(d.wait_state("b", "FATAL")["spawnerr"], "unknown error making dispatchers for 'b': ENOENT")

    def test_logs_are_opened_anew_on_request(self):
        again = "[(signal.sigwait([signal.SIGUSR1]),os.write(1,b'new\\n')) for _ in iter(int,1)]"
        d = self.started({"a": program(writes("old\n", then=again))})
        d.wait_text("a.log", "old\n")
        os.rename(d.dir / "a.log", d.dir / "a.old")
        os.kill(d.pid, signal.SIGUSR2)
        d.wait_log("^INFO supervisord logreopen$")
        wait_until(lambda: (d.dir / "a.log").exists(), "the new file")
        os.kill(d.pid_of("a"), signal.SIGUSR1)
        d.wait_text("a.log", "new\n")
        self.assertEqual(d.read("a.old"), "old\n")

    @ours_only  # the reference waits for the reader of a fifo when it opens one
    def test_a_fifo_as_a_log(self):
        d = self.supervisord()
        os.mkfifo(d.dir / "fifo")
        d.write_config({"a": program(writes("through the fifo\n"), stdout_logfile=d.dir / "fifo")})
        d.start()
        with open(d.dir / "fifo", encoding="utf-8") as fifo:
            self.assertEqual(fifo.readline(), "through the fifo\n")
        self.assertTrue(stat.S_ISFIFO(os.stat(d.dir / "fifo").st_mode))

    @ours_only  # in the reference they are whatever it has open
    def test_descriptors_of_the_engine_are_no_logs(self):
        d = self.started({"a": program(writes("x"), stdout_logfile="/dev/fd/5", startretries=0)})
        self.assertEqual(d.wait_state("a", "FATAL")["spawnerr"], "unknown error making dispatchers for 'a': ENOENT")


if __name__ == "__main__":
    main()
