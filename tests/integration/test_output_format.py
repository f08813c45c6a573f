#!/usr/bin/python3
"""Output of programs on supervisord's own stdout: whole lines with a prefix, or JSON, whatever stdout is."""
import collections
import json
import os
import pty
import threading

from harness import Case, main, ours_only, probe, wait_until

STDOUT = {"stdout_logfile": "/dev/stdout", "stdout_logfile_maxbytes": 0, "redirect_stderr": True, "startsecs": 0}
LINE_BYTES_MAX = 16 << 10
REPEATED_BYTES_MAX = 64 << 10  # after the kill of an engine

# Waits for files, so that a test chooses the moment.
HALVES = """
import os, sys, time
def await_file(name):
    while not os.path.exists(name): time.sleep(0.01)
os.write(1, b"first\\nhal")
await_file("go")
os.write(1, b"f\\nlast, without end")
await_file("end")
"""


def shell(text):
    return f"/bin/sh -c '{text}'"


class Reader(threading.Thread):
    """Collects what comes through a descriptor."""

    def __init__(self, fd):
        super().__init__(daemon=True)
        self.fd = fd
        self.got = bytearray()
        self.start()

    def run(self):
        try:
            while chunk := os.read(self.fd, 1 << 16):
                self.got += chunk
        except OSError:  # the other end of a terminal is gone
            pass
        os.close(self.fd)

    def text(self):
        return bytes(self.got).decode(errors="backslashreplace")


@ours_only
class OutputFormat(Case):
    def start(self, programs, tty=False, **supervisord):
        d = self.supervisord({name: {**STDOUT, **keys} for name, keys in programs.items()},
                             supervisord={"silent": True, **supervisord})
        ours, theirs = pty.openpty() if tty else os.pipe()
        self.out = Reader(ours)
        d.start("-n", stdout=theirs)
        os.close(theirs)
        return d

    def wait_out(self, *words):
        return wait_until(lambda: all(word in self.out.text() for word in words) and self.out.text(),
                          lambda: f"{words} in {self.out.text()[-2000:]!r}")

    def test_lines_get_the_prefix(self):
        d = self.start({"web": {"command": shell("echo one; echo two >&2; printf three; exec sleep 1000")},
                        "job": {"command": shell("echo; echo x"), "autorestart": False,
                                "stdout_prefix": "[%(process_name)s]"},
                        "raw": {"command": shell("echo as ever"), "autorestart": False, "stdout_format": "raw"}},
                       output_prefix="%(program_name)s |")
        self.wait_out("web | one\nweb | two\n", "[job] \n[job] x\n", "as ever\n")
        self.assertNotIn("three", self.out.text(), "no line yet")
        d.stop()
        self.wait_out("web | three\n")

    def test_json_is_an_object_a_line(self):
        long = LINE_BYTES_MAX + 10
        d = self.start({"web": {"command": shell(f"echo one; printf \"a\\\\377b\\\\n\" >&2; "
                                                 f"head -c {long} /dev/zero | tr \"\\\\0\" x; echo; exec sleep 1000"
                                                 ).replace("%", "%%"),
                                "redirect_stderr": False, "stderr_logfile": "/dev/stdout",
                                "stderr_logfile_maxbytes": 0}},
                       output_format="json", silent=False)
        self.wait_out('"line":"one"', "\ufffd", '"line":"xxxxxxxxxx"}')
        d.stop()
        wait_until(lambda: self.out.text().endswith("\n") and not self.out.is_alive(), "all output")
        objects = [json.loads(line) for line in self.out.text().splitlines()]
        web = [o for o in objects if o["program"] == "web"]
        self.assertEqual({(o["group"], o["process"]) for o in web}, {("web", "web")})
        self.assertEqual({(o["stream"], o["line"][:5]) for o in web},
                         {("stdout", "one"), ("stderr", "a\ufffdb"), ("stdout", "xxxxx")})
        pieces = [(len(o["line"]), o.get("cut", False)) for o in web if o["line"].startswith("x")]
        self.assertEqual(pieces, [(LINE_BYTES_MAX, True), (10, False)])
        own = [o for o in objects if o["program"] == "supervisord"]
        self.assertTrue(any(o["level"] == "INFO" and o["line"].startswith("spawned: 'web'") for o in own))
        self.assertEqual(len(own) + len(web), len(objects))

    def test_an_unfinished_line_outlives_the_engine(self):
        d = self.supervisord()
        (d.dir / "halves.py").write_text(HALVES)
        d.write_config({"p": {"command": f"/usr/bin/python3 {d.dir}/halves.py", "startsecs": 0, "autorestart": False,
                              "directory": d.dir, "stdout_logfile": d.dir / "out", "stdout_prefix": ">"}})
        d.start()
        d.wait_text("out", "> first\n")
        d.new_engine(d.kill_engine())
        d.wait_ready_again()
        (d.dir / "go").touch()
        d.wait_text("out", "> half\n")
        d.new_engine(d.kill_engine())
        d.wait_ready_again()
        (d.dir / "end").touch()
        d.wait_state("p", "EXITED")
        self.assertEqual(d.read("out"), "> first\n> half\n> last, without end\n")

    def test_busy_programs_never_mix_and_lose_nothing(self):
        names = ("a", "b", "c")
        d = self.started({n: {**STDOUT, "command": probe("lines", "--rate", 3000, "--payload", 90)} for n in names},
                         supervisord={"silent": True, "output_prefix": "%(program_name)s |"})
        for _ in range(3):
            size = d.output.stat().st_size
            wait_until(lambda s=size: d.output.stat().st_size > s + 200_000, "more output")
            d.new_engine(d.kill_engine())
            d.wait_ready_again()
        self.assertEqual(d.stop(), 0)
        highest, repeated = collections.Counter(), 0
        for line in d.read("output").splitlines():
            self.assertRegex(line, "^[abc] [|] [0-9]+ x{90}$")
            name, _, number, _ = line.split()
            if int(number) <= highest[name]:
                repeated += len(line)
                continue
            self.assertEqual(int(number), highest[name] + 1, "lines were lost")
            highest[name] = int(number)
        self.assertEqual(sorted(highest), list(names))
        self.assertLessEqual(repeated, 3 * len(names) * 2 * REPEATED_BYTES_MAX)

    def test_a_terminal_a_file_and_nothing(self):
        program = {"web": {"command": shell("echo one; exec sleep 1000")}}
        d = self.start(program, tty=True, output_prefix="%(program_name)s |")
        self.wait_out("web | one")
        self.assertEqual(d.stop(), 0)

        d = self.supervisord({"web": {**STDOUT, **program["web"], "stdout_prefix": ">"}}, supervisord={"silent": True})
        d.start()
        d.wait_text("output", "> one\n")

        d = self.supervisord({"web": {**STDOUT, **program["web"], "stdout_format": "json"}})
        d.start(wrap=("/bin/sh", "-c", 'exec "$@" >&-', "sh"))
        self.assertEqual(d.state("web"), "RUNNING")

    def test_the_grandchild_that_keeps_the_pipe_open_delays_no_line(self):
        self.start({"web": {"command": shell("printf left; sleep 1000 & exit 0"), "autorestart": False,
                            "stopasgroup": True}}, output_prefix="%(program_name)s |").clean_end = False
        self.wait_out("web | left\n")


if __name__ == "__main__":
    main()
