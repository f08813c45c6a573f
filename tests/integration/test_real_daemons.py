#!/usr/bin/python3
"""The daemons of a classic container, unchanged: sshd, redis and nginx in the foreground."""
import contextlib
import os
import signal
import socket
import subprocess
import urllib.request

from harness import DEBIAN, PEERS, Case, all_pids, kill_quietly, main, need_peer, wait_until


def free_port():
    with socket.socket() as probe_socket:
        probe_socket.bind(("127.0.0.1", 0))
        return probe_socket.getsockname()[1]


def said(address, ask=b"", size=100):
    """What a server says first, or after `ask`; b"" when it is not there."""
    try:
        with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as connection:
            connection.settimeout(5)
            connection.connect(address)
            connection.sendall(ask)
            return connection.recv(size)
    except OSError:
        return b""


def nginx_command(prefix, server):
    """An nginx in the foreground, its files below `prefix`, with the directives of one server."""
    (prefix / "tmp").mkdir(parents=True)
    temporary = " ".join(f"{kind}_temp_path {prefix}/tmp/{kind};" for kind in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # a server that may be root hands its work to a user who must be able to read this
    (prefix / "nginx.conf").write_text(f"daemon off; error_log stderr; pid {prefix}/pid; worker_processes 1;\n"
                                       "events { worker_connections 64; }\n"
                                       f"http {{ {temporary} server {{ {server} }} }}\n")
    return f"{need_peer('nginx')} -p {prefix} -c {prefix}/nginx.conf -e stderr"


class RealDaemons(Case):
    def setUp(self):
        self.daemon = d = self.supervisord()
        self.ssh_port, self.http_port = free_port(), free_port()
        self.redis_socket = str(d.dir / "redis.sock")
        prefix = d.dir / "nginx"
        (prefix / "html").mkdir(parents=True)
        (prefix / "html/index.html").write_text("kept up\n")
        nginx = nginx_command(prefix, f"access_log /dev/stdout; listen 127.0.0.1:{self.http_port}; root {prefix}/html;")
        d.write_config({
            "redis": {"command": f"{need_peer('redis-server')} --port 0 --unixsocket {self.redis_socket} --save '' "
                                 f"--dir {d.dir} --daemonize no",
                      "priority": 10, "stdout_logfile": d.dir / "redis.log"},
            "nginx": {"command": nginx, "priority": 20, "stdout_logfile": d.dir / "nginx.log", "stopsignal": "QUIT"},
            "sshd": {"command": f"{need_peer('sshd')} -D -e -f {PEERS}/etc/sshd_config -p {self.ssh_port}",
                     "priority": 30, "stderr_logfile": d.dir / "sshd.log"}})

    def redis_answers(self):
        return said(self.redis_socket, b"PING\r\n") == b"+PONG\r\n"

    def nginx_answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/", timeout=5) as answer:
                return answer.read() == b"kept up\n"
        except OSError:
            return False

    def sshd_answers(self):
        return said(("127.0.0.1", self.ssh_port)).startswith(b"SSH-2.0-OpenSSH")

    def test_kept_up(self):
        d = self.daemon
        d.start()
        answers = {"redis": self.redis_answers, "nginx": self.nginx_answers, "sshd": self.sshd_answers}
        for name, answer in answers.items():
            d.wait_state(name, "RUNNING")
            wait_until(answer, lambda n=name: f"{n} to answer; {d.read(f'{n}.log')}")

        with subprocess.Popen(d.ctl_argv("tail", "-f", "nginx"), stdout=subprocess.PIPE, text=True,
                              cwd=d.dir) as follower:
            self.assertEqual(follower.stdout.readline(), "==> Press Ctrl-C to exit <==\n")
            self.assertIn('"GET / HTTP/1.1" 200', follower.stdout.readline())  # from before
            self.assertTrue(self.nginx_answers())
            self.assertIn('"GET / HTTP/1.1" 200', follower.stdout.readline())
            follower.send_signal(signal.SIGINT)
            self.assertEqual(follower.wait(20), 0)

        for name, answer in answers.items():
            first = d.pid_of(name)
            workers = self.group_of(first)
            os.kill(first, signal.SIGKILL)
            for pid in workers:  # nginx's worker would keep the port
                kill_quietly(pid, signal.SIGKILL)
            wait_until(lambda n=name, f=first: d.pid_of(n) not in (0, f), f"{name} to be back", 5 if DEBIAN else 1)
            wait_until(answer, lambda n=name: f"{n} to answer again; {d.read(f'{n}.log')}")
            d.wait_state(name, "RUNNING")

        if not DEBIAN:
            before = {n: i["pid"] for n, i in d.all_info().items()}
            d.new_engine(d.kill_engine())
            self.assertEqual({n: i["pid"] for n, i in d.all_info().items()}, before)
            self.assertTrue(all(answer() for answer in answers.values()))

        self.assertEqual(d.ctl("stop", "redis").stdout, "redis: stopped\n")
        self.assertFalse(self.redis_answers())
        self.assertEqual(d.ctl("start", "redis").stdout, "redis: started\n")
        self.assertEqual(d.stop(), 0)
        ended = [line.split()[2] for line in d.log_lines("stopped:")[1:]]
        self.assertEqual(ended, ["sshd", "nginx", "redis"])
        self.assertFalse(any(answer() for answer in answers.values()))

    @staticmethod
    def group_of(leader):
        """The others of its process group. (nginx overwrites its environment, so the test's mark is gone.)"""
        found = []
        for pid in all_pids():
            with contextlib.suppress(ProcessLookupError):
                if pid != leader and os.getpgid(pid) == leader:
                    found.append(pid)
        return found


if __name__ == "__main__":
    main()
