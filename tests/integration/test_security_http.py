#!/usr/bin/python3
"""Requests that two readers may understand differently, texts that explode, bytes that forge: byte by byte, over a socket.

Slow clients and floods are in test_hostile_clients.py, foreign web sites in test_web.py.
"""
import contextlib
import socket
import subprocess

from harness import Case, main, ours_only, probe
from rpc import Responses, call_bytes, raw_socket

BODY = b"<methodCall><methodName>supervisor.getState</methodName></methodCall>"
LENGTH = f"Content-Length: {len(BODY)}\r\n".encode()


def request(headers, body=BODY, line=b"POST /RPC2 HTTP/1.1"):
    return line + b"\r\nHost: x\r\n" + headers + b"\r\n" + body


@ours_only
class Smuggling(Case):
    """A second request hidden behind the first: if a proxy counts the bytes differently, it is somebody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hidden = call_bytes("supervisor.stopProcess", "web")

    def setUp(self):
        self.d = self.started({"web": {"command": probe("wait"), "startsecs": 0}})
        self.d.wait_state("web", "RUNNING")

    def answers(self, data):
        """Statuses of all answers, until the server closes or has answered everything."""
        with contextlib.closing(raw_socket(self.d.socket, 10)) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            responses, statuses = Responses(connection), []
            while (answer := responses.next()):
                statuses.append(answer[0])
            return statuses

    def assert_refused(self, data, *statuses):
        """With one of the statuses, and nothing after it is looked at."""
        found = self.answers(data + self.hidden)
        self.assertEqual(len(found), 1, found)
        self.assertIn(found[0], statuses)
        self.assertEqual(self.d.state("web"), "RUNNING")

    def test_two_ways_to_tell_the_length(self):
        chunks = b"0\r\n\r\n"
        for headers in (LENGTH + b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\n" + LENGTH,
                        b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n" + LENGTH,
                        b"transfer-encoding:\tchunked\r\n" + LENGTH, b"Transfer-Encoding: x, chunked\r\n" + LENGTH):
            self.assert_refused(request(headers, chunks), 400, 411)

    def test_headers_that_hide_one(self):
        for headers in (LENGTH + b"Transfer-Encoding : chunked\r\n", LENGTH + b" Transfer-Encoding: chunked\r\n",
                        LENGTH + b"X: y\nTransfer-Encoding: chunked\r\n", LENGTH + b"X: y\rTransfer-Encoding: chunked\r\n",
                        LENGTH + b"X: a\x00b\r\n", LENGTH + b"Transfer-Encoding\x00: chunked\r\n",
                        b"Content-Length\r\n", LENGTH + b": x\r\n", LENGTH + b"X\xe9: y\r\n"):
            found = self.answers(request(headers) + self.hidden)
            self.assertEqual((len(found), found[0] in (400, 411)), (1, True), (headers, found))
            self.assertEqual(self.d.state("web"), "RUNNING")

    def test_lengths_that_are_none(self):
        size = str(len(BODY)).encode()
        for value in (b"-1", b"+" + size, b"0x10", b"1e1", size + b" " + size, b"", b"99999999999999999999", b"\xb2"):
            self.assert_refused(request(b"Content-Length: " + value + b"\r\n"), 400, 411, 413)

    def test_two_lengths(self):
        self.assert_refused(request(LENGTH + b"Content-Length: 5\r\n"), 400)
        self.assert_refused(request(b"Content-Length: 5\r\n" + LENGTH), 400)
        for same in (LENGTH + LENGTH, f"Content-Length: {len(BODY)}, {len(BODY)}\r\n".encode()):
            self.assertIn(self.answers(request(same)), ([200], [400]))  # may be taken or not (RFC 9110, 8.6)

    def test_bare_line_feeds_end_no_line(self):
        head = b"POST /RPC2 HTTP/1.1\nHost: x\n" + LENGTH.replace(b"\r\n", b"\n") + b"\n"
        found = self.answers(head + BODY + self.hidden)
        self.assertTrue(not found or found == [400], found)
        self.assertEqual(self.d.state("web"), "RUNNING")

    def test_a_folded_header_is_one_header(self):
        """A value may go on in the next line (obsolete): then it is no header of its own, and does not end the head."""
        found = self.answers(request(LENGTH + b"X: a\r\n Transfer-Encoding: chunked\r\n"))
        self.assertIn(found, ([200], [400]))

    def test_lines_that_are_none(self):
        for line in (b"POST /RPC2", b"POST  /RPC2 HTTP/1.1", b"POST /RPC2 HTTP/1.1 x", b"POST /RP C2 HTTP/1.1",
                     b"POST /RPC2 HTTP/2.0", b"POST /RPC2 HTTP/1.10", b"PO ST /RPC2 HTTP/1.1", b" POST /RPC2 HTTP/1.1",
                     b"POST /RPC2 http/1.1"):
            self.assert_refused(request(LENGTH, line=line), 400)

    def test_other_forms_of_a_target(self):
        """An absolute one names a host, which may be another than Host: nothing of ours is there."""
        for target, expected in ((b"http://x/RPC2", [400]), (b"*", [400]), (b"x:80", [400]), (b"/../RPC2", [400])):
            found = self.answers(request(LENGTH, line=b"POST " + target + b" HTTP/1.1"))
            self.assertEqual(found, expected, target)

    def test_pipelined_requests_are_answered_one_by_one(self):
        one = call_bytes("supervisor.getState")
        self.assertEqual(self.answers(one * 20), [200] * 20)
        self.assertEqual(self.answers(one + b"nonsense\r\n\r\n" + one), [200, 400])
        self.assertEqual(self.answers(request(LENGTH + b"Connection: close\r\n") + self.hidden), [200])
        self.assertEqual(self.d.state("web"), "RUNNING")

    def test_huge_heads(self):
        self.assertEqual(self.answers(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n"), [414])
        self.assertEqual(self.answers(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"), [431])
        self.assertEqual(self.answers(b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), [431])

    def test_bodies_of_get_are_no_request(self):
        self.assertEqual(self.answers(b"GET /ok.html HTTP/1.1\r\nHost: x\r\nContent-Length: " + str(len(self.hidden)).encode()
                                      + b"\r\n\r\n" + self.hidden), [200])
        self.assertEqual(self.d.state("web"), "RUNNING")


@ours_only
class Texts(Case):
    def post(self, d, body):
        with contextlib.closing(raw_socket(d.socket)) as connection:
            connection.sendall(request(f"Content-Length: {len(body)}\r\n".encode(), body))
            return Responses(connection).next()

    def test_xml_that_explodes(self):
        """Entities that name entities: a kilobyte becomes gigabytes. And those that name files."""
        d = self.started()
        laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
        for doctype, name in ((f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>', "&l9;"),
                              ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
                              ('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">', "x")):
            status, _, text = self.post(d, f"{doctype}<methodCall><methodName>{name}</methodName></methodCall>".encode())
            self.assertEqual(status, 400)
            self.assertNotIn(b"root:", text)
        status, _, text = self.post(d, b"<methodCall><methodName>&undefined;</methodName></methodCall>")
        self.assertIn(status, (200, 400))
        self.assertEqual(d.rpc.supervisor.getState()["statename"], "RUNNING")

    def test_no_line_of_the_log_is_a_clients(self):
        """What a client sends is quoted where the log shows it: it cannot forge a line, nor speak to a terminal."""
        d = self.supervisord({"web": {"command": probe("wait"), "startsecs": 0}}, supervisord={"loglevel": "trace"})
        d.start()
        forged = "x\n2026-01-01 00:00:00,000 CRIT forged\n"
        before = len(d.log().splitlines())
        for name in ("supervisor.startProcess", "supervisor.signalProcess", "supervisor.tailProcessStdoutLog", forged):
            self.post(d, call_bytes(name, forged, "HUP").partition(b"\r\n\r\n")[2])
        forged += "\x1b]0;owned\x07"  # which XML cannot say
        self.post(d, forged.encode())
        self.post(d, b"<methodCall><methodName>\xff\x1b[31m\n2026 forged</methodName></methodCall>")
        log = d.log()
        for line in log.splitlines()[before:]:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]{4} ")
            self.assertNotRegex(line, r"^\S+ \S+ CRIT forged")
        self.assertNotIn("\x1b", log)

    def test_nor_a_line_of_its_own_in_an_answer(self):
        """Neither header nor markup is made of what a request says."""
        d = self.started({"web": {"command": probe("say", "<script>alert(1)</script>\x1b[31m"), "startsecs": 0,
                                  "stdout_logfile": "%(here)s/web"}})
        d.wait_text("web", "script")

        def get(target):
            """Head and body."""
            answer = subprocess.run(["curl", "-s", "-i", "--unix-socket", d.socket, f"http://x{target}"], capture_output=True,
                                    check=True).stdout.decode()
            return answer.split("\r\n\r\n", 1)
        for target in ("/?message=%3Cscript%3E%0d%0aX-Forged:%20yes", "/?action=refresh%0d%0aX-Forged:%20yes",
                       "/?action=start&processname=%0d%0aX-Forged:%20yes%3Cscript%3E", "/tail.html?processname=web",
                       "/tail.html?processname=%3Cscript%3E", "/%0d%0aX-Forged:%20yes", "/logtail/%0d%0aX-Forged:%20yes"):
            head, body = get(target)
            self.assertNotRegex(head, r"(?m)^X-Forged", target)
            self.assertNotIn("<script", body, target)
            self.assertNotIn("\x1b", body, target)


@ours_only
class Names(Case):
    """DNS rebinding, as a browser would be used for it, on a server that has no password."""

    def setUp(self):
        with socket.socket() as probe_socket:
            probe_socket.bind(("127.0.0.1", 0))
            self.port = probe_socket.getsockname()[1]
        d = self.supervisord({"web": {"command": probe("wait"), "startsecs": 0, "stdout_logfile": "%(here)s/web"},
                              "inet_http_server": {"port": f"127.0.0.1:{self.port}"}})
        d.config.write_text(d.config.read_text().replace("[program:inet_http_server]", "[inet_http_server]"))
        self.d = d

    def status(self, target, host, *headers):
        more = [word for header in headers for word in ("-H", header)]
        return int(subprocess.run(["curl", "-s", "-o", "/dev/null", "-m", "5", "-w", "%{http_code}", "-H", f"Host: {host}", *more,
                                   f"http://127.0.0.1:{self.port}{target}"], capture_output=True, text=True, check=False).stdout)

    BROWSER = ("Accept-Language: en", "User-Agent: Mozilla/5.0")

    def test_a_foreign_name_shows_nothing_to_a_browser(self):
        self.d.start()
        for target in ("/", "/tail.html?processname=web", "/logtail/web", "/mainlogtail", "/?action=stopall"):
            self.assertEqual(self.status(target, "evil.example", *self.BROWSER), 403, target)
        for host in ("localhost", "127.0.0.1", f"127.0.0.1:{self.port}", socket.gethostname()):
            self.assertEqual(self.status("/", host, *self.BROWSER), 200, host)
        self.assertEqual(self.status("/", "ops.example.org"), 200, "a program may use any name")
        self.assertEqual(self.d.log_lines("stopped"), [])

    def test_names_of_ours_can_be_listed(self):
        text = self.d.config.read_text()
        self.d.config.write_text(text.replace("[inet_http_server]", "[inet_http_server]\nhostnames=Ops.example.org, b.example.org"))
        self.d.start()
        self.assertEqual(self.status("/", f"ops.example.org:{self.port}", *self.BROWSER), 200)
        self.assertEqual(self.status("/", "b.example.org", *self.BROWSER), 200)
        self.assertEqual(self.status("/", "evil.example", *self.BROWSER), 403)


if __name__ == "__main__":
    main()
