#!/usr/bin/python3
"""An engine that crashes, starves or finds its socket gone: the programs do not notice, the log and the status say it."""
import contextlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess

from harness import (BIN, Case, always, main, ours_only, probe, proc_alive, read_proc, root_only,
                     wait_until)

NOBODY = 65534
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"


def cpu_ticks(pid):
    stat = read_proc(pid, "stat")
    return sum(int(n) for n in stat[stat.rindex(b")") + 2:].split()[11:13])



@contextlib.contextmanager
def limited(pid, what, soft):
    """While this lasts, that limit of that process is lower."""
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (soft, before[1]))
    try:
        yield
    finally:
        if proc_alive(pid):
            resource.prlimit(pid, what, before)


@contextlib.contextmanager
def one_process_for_nobody(pid):
    """The same for the processes of a keeper that has become "nobody", whose limits are its user's to change."""
    def limit(number):
        subprocess.run(["prlimit", "--pid", str(pid), f"--nproc={number}:"], user=NOBODY, group=NOBODY, check=True)
    before = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    limit(1)
    try:
        yield
    finally:
        limit("unlimited" if before == resource.RLIM_INFINITY else before)


class Unnoticed(Case):
    """A daemon with a program that must be the same process at the end."""

    def start_with_witness(self, programs=None, **how):
        d = self.started({"witness": {"command": probe("wait"), "startsecs": 0}, **(programs or {})}, **how)
        self.witness = d.wait_state("witness", "RUNNING")["pid"]
        return d

    def check_witness(self, d):
        self.assertEqual(d.pid_of("witness"), self.witness)


@ours_only
class CrashTrace(Unnoticed):
    def crash(self, d, signo):
        old = d.engine_pid
        os.kill(old, signo)
        d.new_engine(old)
        d.wait_log(r"the engine was started again")
        return d.log()

    def test_a_crash_leaves_build_id_and_frames(self):
        d = self.start_with_witness()
        engine = d.engine_pid
        text = self.crash(d, signal.SIGSEGV)
        found = re.search(rf"^{STAMP} CRIT engine: SIGSEGV \(from pid {os.getpid()}\) build id ([0-9a-f]+), version (\S+), "
                          rf"pid {engine}$", text, re.M)
        self.assertTrue(found, text)
        notes = subprocess.run(["readelf", "-n", BIN / "supervisord"], capture_output=True, text=True, check=True)
        self.assertIn(f"Build ID: {found[1]}", notes.stdout)
        frames = re.findall(rf"^{STAMP} CRIT engine:   #\d+ upkeep\+(0x[0-9a-f]+)$", text, re.M)
        self.assertGreater(len(frames), 2, text)
        lines = subprocess.run(["addr2line", "-Cfe", BIN / "supervisord", *frames], capture_output=True, text=True,
                               check=True).stdout
        if "??" not in lines.splitlines()[0]:  # with symbols: it waited in its loop
            self.assertIn("upkeep::os::Loop", lines)
        self.assertRegex(text, "WARN the engine was started again \\(the last one: terminated by SIGSEGV")
        self.check_witness(d)

    def test_the_trace_follows_a_rotated_log(self):
        d = self.start_with_witness({"busy": {"command": probe("exit-after", 1, 0), "autorestart": True, "startsecs": 0}},
                                    supervisord={"logfile_maxbytes": 2000, "logfile_backups": 50})
        wait_until(lambda: (d.dir / "s.log.2").exists(), "two rotations")
        engine = d.engine_pid
        os.kill(engine, signal.SIGSEGV)
        d.new_engine(engine)
        wait_until(lambda: any("SIGSEGV (from" in path.read_text() for path in d.dir.glob("s.log*")), "the trace")
        d.wait_ready_again()
        self.check_witness(d)

    def test_without_a_log_file_it_goes_to_stderr(self):
        d = self.start_with_witness(supervisord={"logfile": "/dev/null", "silent": True})
        engine = d.engine_pid
        os.kill(engine, signal.SIGFPE)
        d.new_engine(engine)
        self.assertRegex(d.wait_text("output", "SIGFPE"), rf"(?m)^{STAMP} CRIT engine: SIGFPE")


@ours_only
class CrashLoop(Unnoticed):
    def test_an_alarm_in_log_and_status(self):
        d = self.start_with_witness()
        self.assertEqual(d.patient(d.rpc.upkeep.getStatus)["alarm"], "")
        for _ in range(3):
            engine = d.engine_pid
            os.kill(engine, signal.SIGSEGV)
            d.new_engine(engine)
        d.wait_log("CRIT engines kept failing")
        alarm = d.patient(d.rpc.upkeep.getStatus)["alarm"]
        self.assertRegex(alarm, r"^engines kept failing \(the last one: terminated by SIGSEGV")
        self.assertEqual(json.loads(d.ctl("status", "--json").stdout)["alarm"], alarm)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(d.socket))
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            page = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        self.assertIn("<strong>Alarm: engines kept failing", page)
        self.check_witness(d)


@ours_only
class Memory(Unnoticed):
    def test_an_engine_without_memory_is_replaced(self):
        d = self.start_with_witness()
        engine = d.engine_pid
        size = int(re.search(rb"VmSize:\s+(\d+) kB", read_proc(engine, "status"))[1]) << 10
        with limited(engine, resource.RLIMIT_AS, size + (2 << 20)):
            with contextlib.suppress(OSError, http.client.HTTPException), socket.socket(socket.AF_UNIX) as client:
                client.connect(str(d.socket))
                client.sendall(b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 16000000\r\n\r\n")
                for _ in range(16):
                    client.sendall(b"x" * 1_000_000)
                client.recv(1)
            d.new_engine(engine)
        d.wait_log(r"engine: SIGABRT \(out of memory\) build id")
        d.wait_ready_again()
        self.check_witness(d)


@ours_only
class Descriptors(Unnoticed):
    def test_an_engine_without_descriptors_waits_for_some(self):
        d = self.start_with_witness()
        engine = d.engine_pid
        with contextlib.ExitStack() as stack:
            stack.enter_context(limited(engine, resource.RLIMIT_NOFILE, max(map(int, os.listdir(f"/proc/{engine}/fd"))) + 1))
            for _ in range(20):
                stack.enter_context(socket.socket(socket.AF_UNIX)).connect(str(d.socket))
            before = cpu_ticks(engine)
            always(lambda: proc_alive(engine), "the engine to live", 0.5)
            self.assertLess(cpu_ticks(engine) - before, 15, "it does not spin")
            os.kill(d.pid, signal.SIGUSR2)
            d.wait_log("ERRO log file .*s.log: cannot be opened anew, .* is written on: Too many open files")
        d.wait_ready_again()
        os.kill(d.pid, signal.SIGUSR2)
        d.wait_log("WARN log file .*s.log is well again, no bytes were dropped")
        self.assertEqual(d.engine_pid, engine)
        self.check_witness(d)

    def test_a_keeper_without_descriptors_starts_programs_later(self):
        d = self.start_with_witness({"late": {"command": probe("wait"), "autostart": False, "startsecs": 0}})
        limit = max(map(int, os.listdir(f"/proc/{d.pid}/fd"))) + 1
        with limited(d.pid, resource.RLIMIT_NOFILE, limit):
            d.ctl("start", "late")
            d.wait_log(rf"'late' waits for file descriptors: the limit of pid {d.pid}, RLIMIT_NOFILE, is {limit} ")
            info = d.wait_state("late", "BACKOFF", "STARTING")
            d.wait_log("spawnerr: too many open files to spawn 'late'")
        d.wait_state("late", "RUNNING")
        self.assertEqual(d.log_lines("gave up: late"), [], info)
        self.check_witness(d)


@ours_only
class Processes(Unnoticed):
    @root_only
    def test_a_full_process_table_is_no_failed_start(self):
        d = self.supervisord()
        os.chown(d.dir, NOBODY, NOBODY)
        d.write_config({"witness": {"command": probe("wait"), "startsecs": 0},
                        "late": {"command": probe("wait"), "autostart": False, "startsecs": 0, "startretries": 0}},
                       supervisord={"user": "nobody"})
        d.start()
        self.witness = d.wait_state("witness", "RUNNING")["pid"]
        with one_process_for_nobody(d.pid):
            d.ctl("start", "late")
            d.wait_log("'late' waits for processes: the limit of the user, RLIMIT_NPROC, is 1;")
            info = d.wait_state("late", "BACKOFF")
            self.assertEqual(info["spawnerr"], "Too many processes in process table to spawn 'late'")
            self.assertEqual(info["description"], info["spawnerr"])
        d.wait_state("late", "RUNNING")
        self.assertEqual(d.log_lines("gave up"), [])
        self.check_witness(d)

    @root_only
    def test_an_engine_that_cannot_be_forked_comes_later(self):
        d = self.supervisord()
        os.chown(d.dir, NOBODY, NOBODY)
        d.write_config({"witness": {"command": probe("wait"), "startsecs": 0}}, supervisord={"user": "nobody"})
        d.start()
        self.witness = d.wait_state("witness", "RUNNING")["pid"]
        with one_process_for_nobody(d.pid):
            d.kill_engine()
            d.wait_text("output", "fork the engine: Resource temporarily unavailable")
        d.wait_ready_again()
        self.check_witness(d)


@ours_only
class SocketFile(Unnoticed):
    def told(self, d):
        return d.log_lines("the socket ")

    def test_a_removed_socket_comes_back(self):
        d = self.start_with_witness()
        for _ in range(3):
            d.socket.unlink()
            d.wait_ready_again()
        self.assertEqual(self.told(d)[0], f"WARN the socket {d.socket} had been removed and was made anew")
        self.assertEqual(d.socket.stat().st_mode & 0o7777, 0o700)
        self.check_witness(d)

    def test_one_that_goes_while_no_engine_runs(self):
        d = self.start_with_witness()
        with d.without_engine():
            d.socket.unlink()
        d.wait_ready_again()
        self.check_witness(d)

    def test_its_folder_is_replaced(self):
        d = self.supervisord()
        run = d.dir / "run"
        run.mkdir()
        d.socket = run / "s.sock"
        d.write_config({"witness": {"command": probe("wait"), "startsecs": 0}})
        d.launch()
        wait_until(d.socket.exists, "the socket")
        d.wait_log("success: witness")
        run.rename(d.dir / "gone")  # in one step: a socket that is removed alone is made anew at once
        d.wait_log(f"CRIT the socket {d.socket} is gone and cannot be made anew: .*ENOENT")
        run.mkdir()
        wait_until(d.socket.exists, "the socket")
        self.assertIn("RUNNING", subprocess.run([BIN / "supervisorctl", "-s", f"unix://{d.socket}", "status"],
                                                capture_output=True, text=True, check=False).stdout)

    def test_another_listener_is_left_alone(self):
        d = self.start_with_witness()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(d.dir / "other"))
            other.listen()
            os.rename(d.dir / "other", d.socket)
            d.wait_log(f"CRIT the socket {d.socket} is another's now: pid {os.getpid()} listens there")
            other.settimeout(0.2)
            self.assertTrue(d.socket.exists())
            d.socket.unlink()
        d.wait_ready_again()
        self.check_witness(d)


if __name__ == "__main__":
    main()
