"""The supervisors that are compared, each set up as its users run it, with N copies of one program."""
import contextlib
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from accounts import is_program, tree

LIMIT_S = 180
RECORD = struct.Struct("<qq")  # what bench-stamp appends: nanoseconds, pid


def wait(condition, what, step_s=0.002, limit_s=LIMIT_S):
    deadline = time.monotonic() + limit_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} took more than {limit_s} s")
        time.sleep(step_s)
    return found


class Yard:
    """A folder with one daemon in it, its programs and their stamps."""

    def __init__(self, tools, count):
        self.tools, self.count = tools, count
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/dev/shm"))  # not the disk is measured
        self.folder.chmod(0o755)
        (self.folder / "log").mkdir()
        self.stamps = self.folder / "stamps"
        self.stamps.touch()
        self.stamp = str(tools.stamp)
        self.process = None
        self.prepare()

    def prepare(self):
        """Writes the configuration."""

    def command(self):
        raise NotImplementedError

    def launch(self):
        self.launched_ns = time.monotonic_ns()
        self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.environment(), start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=(self.folder / "messages").open("w"))

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    def records(self, first=0):
        """(nanoseconds, pid) of the stamps from number `first` on."""
        with self.stamps.open("rb") as file:
            file.seek(first * RECORD.size)
            found = file.read()
        return [RECORD.unpack_from(found, at) for at in range(0, len(found) - RECORD.size + 1, RECORD.size)]

    def stamped(self):
        return self.stamps.stat().st_size // RECORD.size

    def await_stamps(self, number):
        def there():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.command()} ended with {self.process.returncode}:\n{self.messages()}")
            return self.stamped() >= number
        wait(there, f"{number} starts under {self.name}; {self.stamped()} so far")

    def messages(self):
        return (self.folder / "messages").read_text(errors="replace")[-2000:]

    def start(self):
        """Launches and waits for the last program. Returns seconds from launch to its first instruction."""
        self.launch()
        self.await_stamps(self.count)
        return (max(at for at, _ in self.records()) - self.launched_ns) / 1e9

    def programs(self):
        return [pid for pid in tree(self.process.pid) if is_program(pid, self.stamp)]

    def supervising(self):
        return [pid for pid in tree(self.process.pid) if not is_program(pid, self.stamp)]

    def settle(self):
        """Waits until the daemon says that all run, where it can say so."""

    def stop(self):
        """Tells the daemon to stop all programs."""
        self.process.send_signal(signal.SIGTERM)

    def status_command(self):
        """Words of the command that shows all programs; None where there is none."""
        return None

    def end(self):
        """Whatever is left."""
        if self.process:
            while left := [pid for pid in session_of(self.process.pid) if pid != self.process.pid or self.process.poll() is None]:
                for pid in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                time.sleep(0.01)
            self.process.wait()
            for pid in self.left_over():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def left_over(self):
        """Programs have sessions of their own under some supervisors."""
        return [pid for _, pid in self.records() if is_program(pid, self.stamp)]


def session_of(sid):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{name}/stat").read_bytes()
                rest = stat[stat.rindex(b")") + 2:].split()
                if int(rest[3]) == sid and rest[0] not in (b"Z", b"X"):
                    found.append(int(name))
    return found


class Ini(Yard):
    """A supervisord. Each program has a log of its own, as under dinit; all else is as it is by default."""
    kind = "ini"

    def prepare(self):
        self.socket = self.folder / "s.sock"
        self.config = self.folder / "bench.conf"
        self.write_config(f"""[program:p]
command={self.stamp} {self.stamps}
process_name=p%(process_num)05d
numprocs={self.count}
redirect_stderr=true
stdout_logfile={self.folder}/log/p%(process_num)05d""")

    def write_config(self, programs):
        self.config.write_text(f"""[unix_http_server]
file={self.socket}
[supervisord]
logfile={self.folder}/supervisord.log
pidfile={self.folder}/supervisord.pid
childlogdir={self.folder}
minfds={max(1024, self.count * 8 + 1000)}
[supervisorctl]
serverurl=unix://{self.socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
{programs}
""")

    def command(self):
        return [self.bin / "supervisord", "-n", "-c", self.config]

    def status_command(self):
        return [self.bin / "supervisorctl", "-c", self.config, "status"]

    def settle(self):
        def running():
            done = subprocess.run(self.status_command(), capture_output=True, text=True)
            return done.stdout.count(" RUNNING ") == self.count
        wait(running, "becoming RUNNING", 0.1)


class OurIni(Ini):
    name = "upkeep"

    @property
    def bin(self):
        return self.tools.ours


class Supervisord(Ini):
    name = "supervisord"

    @property
    def bin(self):
        return self.tools.peers


class Directories(Yard):
    """A scanner of service directories. Each `run` is the usual shell script that executes the program."""
    kind = "directories"

    def prepare(self):
        self.scan = self.folder / "scan"
        for number in range(self.count):
            directory = self.scan / f"s{number:05d}"
            directory.mkdir(parents=True)
            (directory / "run").write_text(f"#!/bin/sh\nexec {self.stamp} {self.stamps}\n")
            (directory / "run").chmod(0o755)

    def environment(self):
        return {"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin"}

    @property
    def bin(self):
        return self.tools.peers

    def directories(self):
        return sorted(self.scan.iterdir())


class DebianSvscan(Directories):
    name = "svscan"

    def command(self):
        return [self.bin / "svscan", self.scan]

    def stop(self):
        subprocess.run([self.bin / "svc", "-dx", *self.directories()], check=True)

    def status_command(self):
        return [self.bin / "svstat", *self.directories()]


class OurSvscan(DebianSvscan):
    name = "upkeep"

    @property
    def bin(self):
        return self.tools.ours


class Runit(Directories):
    name = "runit"

    def command(self):
        return [self.bin / "runsvdir", self.scan]

    def stop(self):
        self.process.send_signal(signal.SIGHUP)

    def status_command(self):
        return [self.bin / "sv", "status", *self.directories()]


class S6(Directories):
    name = "s6"

    def command(self):
        # It runs /usr/bin/s6-supervise by that path, so it gets a /usr/bin of its own that has one.
        prepare = f"mount -t overlay overlay -o lowerdir={self.root}/usr/bin:/usr/bin /usr/bin && exec s6-svscan"
        return ["unshare", "--mount", "/bin/sh", "-c", f"{prepare} -c {max(500, self.count)} {self.scan}"]

    def environment(self):
        libraries = ":".join(map(str, (self.root / "usr/lib").glob("*-linux-gnu")))
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": libraries}

    @property
    def root(self):
        return self.bin.parent / "root"

    def stop(self):
        subprocess.run([self.bin / "s6-svscanctl", "-t", self.scan], check=True)


class Dinit(Yard):
    """Services of type `process` with a log file each, that one boot service waits for."""
    name, kind = "dinit", "ini"

    def prepare(self):
        self.services = self.folder / "services"
        wanted = self.services / "boot.d"
        wanted.mkdir(parents=True)
        (self.services / "boot").write_text("type = internal\nwaits-for.d = boot.d\n")
        for number in range(self.count):
            (self.services / f"p{number:05d}").write_text(
                f"type = process\ncommand = {self.stamp} {self.stamps}\nrestart = true\nsmooth-recovery = true\n"
                f"logfile = {self.folder}/log/p{number:05d}\n")
            (wanted / f"p{number:05d}").symlink_to(f"../p{number:05d}")

    def command(self):
        return [self.tools.dinit / "dinit", "-u", "-q", "-d", self.services, "-p", self.folder / "d.sock"]

    def status_command(self):
        return [self.tools.dinit / "dinitctl", "-p", self.folder / "d.sock", "list"]


class Floor(Yard):
    """posix_spawn in a loop, then waitid and posix_spawn again."""
    name, kind = "floor", "floor"

    def command(self):
        return [self.tools.floor, "keep", str(self.count), self.stamp, self.stamps]


INI = [Floor, OurIni, Supervisord, Dinit]
DIRECTORIES = [OurSvscan, DebianSvscan, Runit, S6]


def available(kinds, tools):
    """Those whose programs are there."""
    return [kind for kind in kinds if kind is not Dinit or tools.dinit]
