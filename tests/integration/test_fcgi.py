#!/usr/bin/python3
"""FastCGI programs: responders that share a socket, behind nginx; the socket outlives any of them, and the engine."""
import os
import pathlib
import signal
import stat

import threading
import urllib.error
import urllib.request

from harness import Case, main, ours_only, probe, wait_until
from test_real_daemons import free_port, nginx_command

RESPONDER = f"/usr/bin/python3 {pathlib.Path(__file__).with_name('fcgi_responder.py')}"


class Fcgi(Case):
    def with_nginx(self, d, upstream, programs):
        port = free_port()
        nginx = nginx_command(d.dir / "nginx", f"access_log off; listen 127.0.0.1:{port}; location / {{"
                              f" fastcgi_pass {upstream}; fastcgi_param SCRIPT_NAME $uri;"
                              " fastcgi_param REQUEST_METHOD $request_method; }")
        d.write_config({**programs, "nginx": {"command": nginx, "stopsignal": "QUIT", "redirect_stderr": True}})
        d.start()
        d.wait_state("nginx", "RUNNING")
        return f"http://127.0.0.1:{port}"

    def get(self, url):
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.read().decode()

    def test_behind_nginx(self):
        d = self.supervisord()
        path = d.dir / "app.sock"
        url = self.with_nginx(d, f"unix:{path}", {"fcgi-program:app": {
            "command": RESPONDER, "socket": f"unix://{path}", "socket_mode": "0666", "numprocs": 2,
            "process_name": "%(process_num)d", "startsecs": 0}})
        d.wait_state("app:0", "RUNNING")
        d.wait_state("app:1", "RUNNING")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o666)
        pids = {d.pid_of("app:0"), d.pid_of("app:1")}
        self.assertIn(int(self.get(url + "/hello").split()[1]), pids)
        self.assertEqual(self.get(url + "/hello").split()[2], "/hello")

        # One dies on a request: the other serves on, and a new one joins it at the same socket.
        with self.assertRaises(urllib.error.HTTPError):
            self.get(url + "/die")
        wait_until(lambda: 0 not in (now := {d.pid_of("app:0"), d.pid_of("app:1")}) and len(now - pids) == 1,
                   "the responder to be back")
        self.assertTrue(self.get(url + "/").startswith("pid "))

        self.assertEqual(d.ctl("stop", "app:*").returncode, 0)
        with self.assertRaises(urllib.error.HTTPError):
            self.get(url + "/")
        self.assertEqual(d.ctl("start", "app:*").returncode, 0)
        self.assertTrue(self.get(url + "/").startswith("pid "))

    @ours_only
    def test_no_request_notices_that_engines_die(self):
        d = self.supervisord()
        path = d.dir / "app.sock"
        url = self.with_nginx(d, f"unix:{path}", {"fcgi-program:app": {
            "command": RESPONDER, "socket": f"unix://{path}", "socket_mode": "0666", "startsecs": 0}})
        d.wait_state("app", "RUNNING")
        pid = d.pid_of("app")
        inode = path.stat().st_ino
        answers, failures, over = [], [], threading.Event()

        def ask():
            while not over.is_set() and not failures:
                try:
                    answers.append(self.get(url + "/"))
                except OSError as error:
                    failures.append(repr(error))
        thread = threading.Thread(target=ask)
        self.addCleanup(over.set)
        thread.start()
        for _ in range(4):
            d.new_engine(d.kill_engine())
            d.wait_ready()
        before = d.pid
        os.kill(before, signal.SIGKILL)  # the keeper, too
        wait_until(lambda: d.pid != before and d.is_ready(), "another keeper")
        served = len(answers)
        wait_until(lambda: failures or len(answers) > served, "more answers")
        over.set()
        thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(set(answers), {f"pid {pid} /\n"})
        self.assertEqual(path.stat().st_ino, inode)
        # The responder's successor gets the socket that its predecessor had left to nobody.
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: d.pid_of("app") not in (0, pid), "the responder to be back")
        self.assertNotEqual(self.get(url + "/"), f"pid {pid} /\n")

    def test_over_tcp(self):
        d = self.supervisord()
        port = free_port()
        url = self.with_nginx(d, f"127.0.0.1:{port}", {"fcgi-program:app": {
            "command": RESPONDER, "socket": f"tcp://localhost:{port}", "startsecs": 0}})
        d.wait_state("app", "RUNNING")
        self.assertTrue(self.get(url + "/").startswith("pid "))
        self.assertEqual(d.log_lines("socket")[:2], [f"INFO Creating socket tcp://localhost:{port}",
                                                     f"INFO Closing socket tcp://localhost:{port}"])

    def test_a_socket_that_cannot_be_had_ends_the_start(self):
        d = self.supervisord({"fcgi-program:app": {"command": probe("wait"), "socket": "unix:///nonexistent/app.sock"}})
        ended = d.run_to_end("-n")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("Could not create FastCGI socket unix:///nonexistent/app.sock: "
                      "[Errno 2] No such file or directory", ended.stderr)

    @ours_only
    def test_what_is_no_socket_is_left_alone(self):
        d = self.supervisord()
        file = d.dir / "precious"
        file.write_text("text")
        d.write_config({"fcgi-program:app": {"command": probe("wait"), "socket": f"unix://{file}"}})
        ended = d.run_to_end("-n")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("Address already in use", ended.stderr)
        self.assertEqual(file.read_text(), "text")


if __name__ == "__main__":
    main()
