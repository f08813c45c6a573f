#!/usr/bin/python3
"""What systemd hears of a daemon (Type=notify), with a socket of the test's in its place."""
import os
import signal
import socket
import struct

from harness import Case, main, ours_only, probe, read_proc, wait_until

CREDENTIALS = struct.Struct("3i")  # pid, uid, gid of the sender


@ours_only
class Notifications(Case):
    def setUp(self):
        self.d = self.supervisord({"a": {"command": probe("wait"), "startsecs": 0}})
        self.path = str(self.d.dir / "notify")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.manager.settimeout(30)
        self.manager.bind(self.path)

    def hear(self):
        """The next message as (pid of the sender, lines). systemd ignores what is not from the main process."""
        text, ancillary, _, _ = self.manager.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
        return CREDENTIALS.unpack(ancillary[0][2])[0], text.decode().splitlines()

    def ready(self, pid):
        self.assertEqual(self.hear(), (pid, ["READY=1", f"MAINPID={pid}"]))

    def test_a_life(self):
        """Ready, an engine that dies, a keeper that dies, the end: the main process is always told right."""
        d = self.d.start(env={"NOTIFY_SOCKET": self.path})
        keeper = d.pid
        self.ready(keeper)
        d.new_engine(d.kill_engine())
        self.ready(keeper)
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: d.read("s.pid") not in ("", f"{keeper}\n"), "another pid in the pidfile")
        d.wait_ready_again()
        self.assertEqual(self.hear(), (d.pid, [f"MAINPID={d.pid}"]))
        self.ready(d.pid)
        heir = d.pid
        d.rpc.supervisor.restart()
        self.ready(heir)
        d.wait_ready_again()
        os.kill(heir, signal.SIGTERM)
        self.assertEqual(self.hear(), (heir, ["STOPPING=1"]))
        wait_until(lambda: not d.pidfile.exists(), "the end")

    def test_an_end_by_command(self):
        d = self.d.start(env={"NOTIFY_SOCKET": self.path})
        self.ready(d.pid)
        keeper = d.pid
        d.rpc.supervisor.shutdown()
        self.assertEqual(self.hear(), (keeper, ["STOPPING=1"]))
        self.assertEqual(d.process.wait(30), 0)

    def test_programs_inherit_the_variable(self):
        d = self.d.start(env={"NOTIFY_SOCKET": self.path})
        self.assertIn(f"NOTIFY_SOCKET={self.path}", read_proc(d.pid_of("a"), "environ").decode().split("\0"))

    def test_a_manager_that_does_not_listen(self):
        self.manager.close()
        d = self.d.start(env={"NOTIFY_SOCKET": self.path})
        self.assertEqual(d.stop(), 0)


if __name__ == "__main__":
    main()
