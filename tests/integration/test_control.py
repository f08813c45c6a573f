#!/usr/bin/python3
"""Control from outside: either supervisorctl with either supervisord, and clients that no library would write."""
import contextlib
import os
import re
import signal
import socket
import time

from harness import DEBIAN, Case, Supervisord, main, ours_only, probe, wait_until
from rpc import Fault, Responses, call_bytes, fault_of, raw_socket


def programs():
    quiet = {"command": probe("wait"), "startsecs": 0}
    return {"cat": {**quiet, "command": probe("say", "0123456789"), "stdout_logfile": "%(here)s/cat"},
            "a": quiet, "b": quiet, "group:g": {"programs": "a,b"},
            "off": {**quiet, "autostart": False}, "missing": {"command": "/nope", "startretries": 0}}


class Commands(Case):
    """The same conversation for every pair; exact outputs."""

    def converse(self, daemon_is_debian, ctl_is_debian):
        d = Supervisord(self, programs(), debian=daemon_is_debian).start()
        d.wait_state("missing", "FATAL")
        d.wait_text("cat", "0123456789")

        def ctl(*words):
            done = d.ctl(*words, debian=ctl_is_debian)
            if ctl_is_debian or done.returncode == 0:  # ours explains failures there
                self.assertEqual(done.stderr, "", words)
            return done.returncode, done.stdout

        code, text = ctl("status")
        pids = {n: i["pid"] for n, i in d.all_info().items()}
        self.assertEqual((code, [re.sub(r"\d:\d\d:\d\d", "T", line) for line in text.splitlines()]), (3, [
            *(f"{n:33}{'RUNNING':10}pid {pids[n]}, uptime T" for n in ("cat", "g:a", "g:b")),
            f"{'missing':33}{'FATAL':10}can't find command '/nope'", f"{'off':33}{'STOPPED':10}Not started"]))
        self.assertEqual(ctl("status", "cat")[0], 0)
        self.assertEqual(ctl("status", "nope"), (4, "nope: ERROR (no such process)\n"))
        self.assertEqual(ctl("version"), (0, "4.2.5\n" if daemon_is_debian else "4.3.0\n"))
        self.assertEqual(ctl("pid"), (0, f"{d.pid}\n"))
        self.assertEqual(ctl("pid", "cat"), (0, f"{pids['cat']}\n"))
        self.assertEqual(ctl("pid", "nope"), (1, "No such process nope\n"))

        self.assertEqual(ctl("stop", "cat"), (0, "cat: stopped\n"))
        self.assertEqual(ctl("stop", "cat"), (0, "cat: ERROR (not running)\n"))
        self.assertEqual(ctl("pid", "cat"), (7, "0\n"))
        self.assertEqual(ctl("start", "cat"), (0, "cat: started\n"))
        self.assertEqual(ctl("start", "cat"), (0, "cat: ERROR (already started)\n"))
        self.assertEqual(ctl("restart", "cat"), (0, "cat: stopped\ncat: started\n"))
        self.assertEqual(ctl("start", "missing"), (1, "missing: ERROR (no such file)\n"))
        self.assertEqual(ctl("start", "nope"), (1, "nope: ERROR (no such process)\n"))
        code, text = ctl("stop", "g:*")
        self.assertEqual((code, sorted(text.splitlines())), (0, ["g:a: stopped", "g:b: stopped"]))
        self.assertEqual(ctl("start", "g:a", "off"), (0, "g:a: started\noff: started\n"))
        self.assertEqual(ctl("start", "g:*"), (0, "g:b: started\n"))
        self.assertEqual(ctl("signal", "CONT", "cat"), (0, "cat: signalled\n"))
        self.assertEqual(ctl("signal", "FOO", "cat"), (1, "cat: ERROR (bad signal name)\n"))

        self.assertEqual(ctl("tail", "-5", "cat"), (0, "6789\n\n"))
        self.assertEqual(ctl("tail", "cat", "stderr"), (0, "\n"))
        self.assertEqual(ctl("tail", "nope"), (1, "nope: ERROR (no such process name)\n"))
        self.assertIn("supervisord started with pid", ctl("maintail", "-100000")[1])
        self.assertEqual(ctl("bogus"), (1, "*** Unknown syntax: bogus\n"))

        self.assertEqual(ctl("reload"), (0, "Restarted supervisord\n"))
        d.wait_log("supervisord started with pid", 2)
        d.wait_ready()
        d.wait_state("cat", "RUNNING")
        self.assertEqual(ctl("shutdown"), (0, "Shut down\n"))
        self.assertEqual(d.process.wait(30), 0)
        code, text = ctl("status")
        self.assertEqual((code, text), (4, f"unix://{d.socket} no such file\n"))

    @ours_only
    def test_ours_with_ours(self):
        self.converse(False, False)

    @ours_only
    def test_the_stock_client_drives_our_daemon(self):
        self.converse(False, True)

    @ours_only
    def test_our_client_drives_the_stock_daemon(self):
        self.converse(True, False)

    def test_stock_with_stock(self):
        if not DEBIAN:
            self.skipTest("shows only that the expectations are right (UPKEEP_DAEMON=debian)")
        self.converse(True, True)


class RemoteCalls(Case):
    def test_answers_and_faults(self):
        d = self.started(programs())
        d.wait_state("missing", "FATAL")
        rpc = d.rpc.supervisor
        self.assertEqual(rpc.getAPIVersion(), "3.0")
        self.assertEqual(rpc.getSupervisorVersion(), "4.2.5" if DEBIAN else "4.3.0")
        self.assertEqual(rpc.getIdentification(), "supervisor")
        self.assertEqual(rpc.getState(), {"statecode": 1, "statename": "RUNNING"})
        self.assertEqual(rpc.getPID(), d.pid)
        self.assertEqual([i["name"] for i in rpc.getAllProcessInfo()], ["cat", "a", "b", "missing", "off"])
        self.assertEqual(sorted(rpc.getProcessInfo("cat")), sorted(
            "name group start stop now state statename spawnerr exitstatus logfile stdout_logfile stderr_logfile pid "
            "description".split()))
        self.assertEqual(fault_of(rpc.startProcess, "cat"), "ALREADY_STARTED: cat")
        self.assertEqual(fault_of(rpc.stopProcess, "off"), "NOT_RUNNING: off")
        self.assertEqual(fault_of(rpc.startProcess, "missing"), "NO_FILE: can't find command '/nope'")
        self.assertEqual(fault_of(rpc.getProcessInfo, "a"), "BAD_NAME: a")
        self.assertEqual(fault_of(rpc.getProcessInfo, "g:*"), "BAD_NAME: g:*")
        self.assertEqual(fault_of(rpc.signalProcess, "cat", "FOO"), "BAD_SIGNAL: FOO")
        self.assertEqual(fault_of(rpc.getProcessInfo), "INCORRECT_PARAMETERS")
        self.assertEqual(fault_of(rpc.nonsense), "UNKNOWN_METHOD")
        rows = [{"name": n, "group": "g", "status": 80, "description": "OK"} for n in ("a", "b")]
        for call in (rpc.stopProcessGroup, rpc.startProcessGroup):  # stops are listed as they complete
            self.assertEqual(sorted(call("g"), key=lambda row: row["name"]), rows)
            self.assertEqual(call("g"), [])

    def test_start_waits_for_the_verdict(self):
        d = self.started({"good": {"command": probe("wait"), "autostart": False},
                          "bad": {"command": probe("exit-after", 0, 1), "autostart": False, "startretries": 0}})
        begun = time.monotonic()
        self.assertTrue(d.rpc.supervisor.startProcess("good"))
        self.assertTrue(0.9 < time.monotonic() - begun < 4)
        with self.assertRaises(Fault) as caught:
            d.rpc.supervisor.startProcess("bad")
        self.assertIn(caught.exception.faultString, ("SPAWN_ERROR: bad", "ABNORMAL_TERMINATION: bad"))

    def test_calls_during_shutdown(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 2,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        self.assertTrue(d.rpc.supervisor.shutdown())
        d.wait_log("waiting for slow")
        self.assertEqual(fault_of(d.rpc.supervisor.getState), "SHUTDOWN_STATE")
        self.assertEqual(d.process.wait(30), 0)


class RawHttp(Case):
    def daemon(self):
        d = self.started({"cat": {"command": probe("say", "0123456789"), "startsecs": 0,
                                  "stdout_logfile": "%(here)s/cat"},
                          "slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 1,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        d.wait_text("cat", "0123456789\n")
        d.wait_all()
        return d

    def exchange(self, d, data):
        """Status, headers and body of the answer to these bytes; None when the server hangs up."""
        with raw_socket(d.socket) as connection:
            connection.sendall(data)
            return Responses(connection).next()

    def test_statuses(self):
        d = self.daemon()
        get_state = call_bytes("supervisor.getState")
        status, headers, body = self.exchange(d, get_state)
        self.assertEqual((status, headers["server"], headers["content-type"]), (200, "Medusa/1.12", "text/xml"))
        self.assertEqual(body, b"<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n"
                               b"<member>\n<name>statecode</name>\n<value><int>1</int></value>\n</member>\n<member>\n"
                               b"<name>statename</name>\n<value><string>RUNNING</string></value>\n</member>\n"
                               b"</struct></value>\n</param>\n</params>\n</methodResponse>\n")
        for data, wanted in ((b"GET /RPC2 HTTP/1.1\r\n\r\n", 400), (b"POST /RPC2 HTTP/1.1\r\n\r\n", 411),
                             (b"POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
                             (b"GET /nope HTTP/1.1\r\n\r\n", 404), (b"GET /logtail/nope HTTP/1.1\r\n\r\n", 404),
                             (b"POST /RPC2 HTTP/1.1\r\nContent-Length: 5\r\n\r\n<oops", 400)):
            self.assertEqual(self.exchange(d, data)[0], wanted, data)
        self.assertTrue(d.is_ready())

    @ours_only  # the reference hangs, crashes or hangs up here
    def test_what_the_reference_does_not_survive(self):
        d = self.daemon()
        for data, wanted in ((b"HELLO\r\n\r\n", 400), (b"POST /RPC2 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
                             (b"POST /RPC2 HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
                             (b"POST /RPC2 HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n", 413),
                             (b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\n\r\n", None)):
            answer = self.exchange(d, data)
            if wanted is None:
                self.assertIn(answer and answer[0], (None, 400, 413, 414, 431))
            else:
                self.assertEqual(answer[0], wanted, data[:60])
        self.assertTrue(d.is_ready())

    def test_connections_are_kept_as_http_says(self):
        d = self.daemon()
        for version, headers, kept in (("1.1", "", True), ("1.1", "Connection: close\r\n", False), ("1.0", "", False),
                                       ("1.0", "Connection: keep-alive\r\n", True)):
            request = call_bytes("supervisor.getPID", headers=headers).replace(b"HTTP/1.1", f"HTTP/{version}".encode())
            with raw_socket(d.socket) as connection:
                responses = Responses(connection)
                connection.sendall(request)
                self.assertEqual(responses.next()[0], 200)
                if kept:
                    connection.sendall(request)
                answer = responses.next()
                self.assertEqual(answer and answer[0], 200 if kept else None, (version, headers))

    def test_pipelined_calls_are_answered_in_order(self):
        d = self.daemon()
        with raw_socket(d.socket) as connection:
            responses = Responses(connection)
            connection.sendall(b"".join(call_bytes(f"supervisor.{m}") for m in ("getPID", "getAPIVersion", "getState")))
            bodies = [responses.next()[2] for _ in range(3)]
            for body, word in zip(bodies, (str(d.pid).encode(), b"3.0", b"RUNNING")):
                self.assertIn(word, body)

    @ours_only
    def test_pipelined_behind_a_call_that_waits(self):
        d = self.daemon()
        with raw_socket(d.socket) as connection:
            responses = Responses(connection)
            connection.sendall(call_bytes("supervisor.stopProcess", "slow") + call_bytes("supervisor.getPID"))
            self.assertEqual(d.state("slow"), "STOPPING")  # others are served meanwhile
            self.assertIn(b"<boolean>1</boolean>", responses.next()[2])
            self.assertIn(str(d.pid).encode(), responses.next()[2])

    def test_a_client_that_leaves_during_a_call(self):
        d = self.daemon()
        with raw_socket(d.socket) as connection:
            connection.sendall(call_bytes("supervisor.stopProcess", "slow"))
        d.wait_state("slow", "STOPPED")

    def test_log_stream(self):
        d = self.daemon()
        for path, extra in (("/logtail/cat", b""), ("/logtail/cat/stdout", b"\r\n"), ("/logtail/cat%3Acat", b"")):
            with raw_socket(d.socket) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: \r\n\r\n".encode() + extra)
                stream = connection.makefile("rb")
                head = [stream.readline() for _ in range(8)]
                self.assertEqual(head[0], b"HTTP/1.1 200 OK\r\n")
                self.assertIn(b"Content-Type: text/plain;charset=utf-8\r\n", head)
                self.assertIn(b"Transfer-Encoding: chunked\r\n", head)
                while head[-1] not in (b"b\r\n", b""):
                    head.append(stream.readline())
                self.assertEqual(stream.readline(), b"0123456789\n")

    @ours_only
    def test_a_slow_client_delays_nobody(self):
        d = self.daemon()
        (d.dir / "cat").write_bytes(b"x" * (8 << 20))
        with contextlib.ExitStack() as open_connections:
            for _ in range(5):
                half = open_connections.enter_context(raw_socket(d.socket))
                half.sendall(b"POST /RPC2 HTTP/1.1\r\nContent-Le")
                greedy = open_connections.enter_context(raw_socket(d.socket))
                greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                greedy.sendall(call_bytes("supervisor.readProcessStdoutLog", "cat", 0, 0))  # and never reads
            first = d.pid_of("cat")
            begun = time.monotonic()
            os.kill(first, signal.SIGKILL)
            wait_until(lambda: d.pid_of("cat") not in (0, first), "a new process")
            self.assertLess(time.monotonic() - begun, 1)
            half.sendall(b"ngth: 5\r\n\r\n<oops")
            self.assertEqual(Responses(half).next()[0], 400)

    @ours_only
    def test_many_connections(self):
        d = self.daemon()
        with contextlib.ExitStack() as open_connections:
            for _ in range(300):
                open_connections.enter_context(raw_socket(d.socket)).sendall(b"G")
            self.assertEqual(d.state("cat"), "RUNNING")


if __name__ == "__main__":
    main()
