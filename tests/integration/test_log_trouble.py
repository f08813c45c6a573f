#!/usr/bin/python3
"""Logs in trouble: told once, counted, and well again without anybody's help. The program never notices."""
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess

from harness import Case, check_lines, main, need_namespace, ours_only, probe, wait_until


@ours_only
class LogTrouble(Case):
    def programs(self, log, **keys):
        return {"victim": {"command": probe("lines", "--rate", 500), "startsecs": 0, "redirect_stderr": True,
                           "stdout_logfile": log, "stdout_logfile_maxbytes": 0, **keys}}

    def start(self, log, mount=None, **keys):
        """`mount`: options and further commands for a file system of its own at the log's folder."""
        d = self.supervisord()
        path = d.dir / log
        path.parent.mkdir(exist_ok=True)
        d.write_config(self.programs(path, **keys))
        wrap = () if mount is None else (
            *need_namespace("-m"), "/bin/sh", "-c",
            f'cd {path.parent} && mount -t tmpfs -o {mount[0]} tmpfs . && cd {path.parent} && {mount[1]} && '
            f'cd {d.dir} && exec "$@"', "sh")
        d.start(wrap=wrap)
        self.pid = d.wait_state("victim", "RUNNING")["pid"]
        return d, path

    def told(self, d, path):
        return d.log_lines(f"log file {re.escape(str(path))}")

    def wait_healed(self, d, path, why, inside=None):
        """One line at the begin, one at the end; the log goes on; the program is the same."""
        lines = wait_until(lambda: len(found := self.told(d, path)) > 1 and found, lambda: f"two lines\n{d.log_tail()}")
        self.assertEqual(lines[0], f"ERRO log file {path}: {why}")
        self.assertRegex(lines[1], rf"^WARN log file {re.escape(str(path))} is written again, [1-9]\d* bytes were dropped$")
        inside = inside or path
        size = inside.stat().st_size
        wait_until(lambda: inside.stat().st_size > size, "the log to go on")
        self.assertEqual(d.pid_of("victim"), self.pid)
        self.assertEqual(len(self.told(d, path)), 2)

    def test_the_directory_vanishes(self):
        d, log = self.start("logs/victim.log")
        wait_until(lambda: log.stat().st_size, "a line")
        shutil.rmtree(log.parent)
        wait_until(lambda: self.told(d, log), "trouble")
        log.parent.mkdir()
        self.wait_healed(d, log, "No such file or directory")

    def test_the_file_is_removed(self):
        d, log = self.start("victim.log")
        wait_until(lambda: log.stat().st_size, "a line")
        log.unlink()
        wait_until(log.exists, "a new one")
        self.assertEqual(self.told(d, log), [])

    def test_the_name_is_taken_by_a_directory(self):
        d, log = self.start("victim.log")
        wait_until(lambda: log.stat().st_size, "a line")
        old = d.dir / "old"
        log.rename(old)
        log.mkdir()
        subprocess.run(["kill", "-USR2", str(d.pid)], check=True)
        wait_until(lambda: self.told(d, log), "trouble")
        size = old.stat().st_size
        wait_until(lambda: old.stat().st_size > size, "the former file to go on")
        log.rmdir()
        wait_until(log.exists, "the new file")
        d.ctl("stop", "victim")
        found = check_lines(old, log)
        self.assertEqual((found["first"], found["lost"], found["repeated"]), (1, 0, 0), found["told"])
        lines = self.told(d, log)
        self.assertEqual(lines, [f"ERRO log file {log}: cannot be opened anew, so what was open before is written on: "
                                 "Is a directory", f"WARN log file {log} is well again, no bytes were dropped"])

    def test_a_rotation_fails(self):
        d, log = self.start("victim.log", stdout_logfile_maxbytes=5000, stdout_logfile_backups=2)
        (d.dir / "victim.log.1").mkdir()
        wait_until(lambda: self.told(d, log), "trouble")
        wait_until(lambda: log.stat().st_size > 12000, "the log to go on")
        (d.dir / "victim.log.1").rmdir()
        wait_until(lambda: len(self.told(d, log)) > 1, "a rotation")
        d.ctl("stop", "victim")
        self.assertEqual(self.told(d, log), [f"ERRO log file {log}: cannot rotate: rename {log}.1: not a regular file",
                                             f"WARN log file {log} is well again, no bytes were dropped"])

    def test_the_limit_on_file_sizes(self):
        d, log = self.start("victim.log")
        before = resource.prlimit(d.engine_pid, resource.RLIMIT_FSIZE)
        wait_until(lambda: log.stat().st_size > 5000, "some lines")
        resource.prlimit(d.engine_pid, resource.RLIMIT_FSIZE, (5000, before[1]))
        wait_until(lambda: self.told(d, log), "trouble")
        resource.prlimit(d.engine_pid, resource.RLIMIT_FSIZE, before)
        self.wait_healed(d, log, "File too large")

    def inside(self, d, path):
        return pathlib.Path(f"/proc/{d.pid}/root{path}")  # the mount exists in the daemon's namespace only

    def test_the_disk_is_too_full_to_create_the_log(self):
        d, log = self.start("small/victim.log", ("size=100k,nr_inodes=2", ">filler"))
        wait_until(lambda: self.told(d, log), "trouble")
        self.inside(d, log.parent / "filler").unlink()
        self.wait_healed(d, log, "No space left on device", self.inside(d, log))

    def test_an_automatic_log_on_a_full_disk(self):
        d = self.supervisord()
        d.write_config(self.programs("AUTO"))
        d.start(wrap=(*need_namespace("-m"), "/bin/sh", "-c",
                      f'mount -t tmpfs -o size=100k,nr_inodes=2 tmpfs {d.dir}/auto && >{d.dir}/auto/filler && exec "$@"',
                      "sh"))
        info = d.wait_state("victim", "RUNNING")
        self.pid = info["pid"]
        log = pathlib.Path(info["logfile"])
        wait_until(lambda: self.told(d, log), "trouble")
        self.inside(d, log.parent / "filler").unlink()
        self.wait_healed(d, log, "No space left on device", self.inside(d, log))

    def test_a_read_only_file_system(self):
        d, log = self.start("ro/victim.log", ("ro", "true"))
        wait_until(lambda: self.told(d, log), "trouble")
        inside = ("nsenter", f"--mount=/proc/{d.pid}/ns/mnt", f"--root=/proc/{d.pid}/root")
        subprocess.run([*inside, "mount", "-o", "remount,rw", str(log.parent)], check=True)
        self.wait_healed(d, log, "Read-only file system", self.inside(d, log))

    def test_the_file_system_vanishes_and_comes_back(self):
        d, log = self.start("mnt/victim.log", ("size=1m", "true"))
        inside = ("nsenter", f"--mount=/proc/{d.pid}/ns/mnt", f"--root=/proc/{d.pid}/root")
        wait_until(lambda: self.inside(d, log).stat().st_size, "a line")
        subprocess.run([*inside, "umount", "-l", str(log.parent)], check=True)
        wait_until(log.exists, "the log to go on in the folder below")
        subprocess.run([*inside, "mount", "-t", "tmpfs", "tmpfs", str(log.parent)], check=True)
        wait_until(self.inside(d, log).exists, "the log to go on in the new file system")
        self.assertEqual(d.pid_of("victim"), self.pid)
        self.assertEqual(self.told(d, log), [])

    def test_a_syslog_that_is_not_there_yet(self):
        d = self.supervisord()
        dev = d.dir / "dev"
        dev.mkdir()
        d.write_config({"victim": {"command": probe("lines", "--rate", 50), "startsecs": 0, "stdout_logfile": "NONE",
                                   "redirect_stderr": True, "stdout_syslog": True}})
        d.start(wrap=(*need_namespace("-m"), "/bin/sh", "-c", f'''
            for node in null zero full random urandom tty; do cp -a /dev/$node {dev}/; done
            ln -s /proc/self/fd {dev}/fd; ln -s fd/1 {dev}/stdout; ln -s fd/2 {dev}/stderr
            mount --bind {dev} /dev && exec "$@"''', "sh"))
        self.pid = d.wait_state("victim", "RUNNING")["pid"]
        log = pathlib.Path("/dev/log")
        wait_until(lambda: self.told(d, log) == [f"ERRO log file {log}: No such file or directory"], "trouble")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslogd:
            syslogd.bind(str(dev / "log"))
            lines = wait_until(lambda: len(found := self.told(d, log)) > 1 and found, "the end of it")
        self.assertRegex(lines[1], r"^WARN log file /dev/log is written again, [1-9]\d* bytes were dropped$")
        self.assertEqual(d.pid_of("victim"), self.pid)

    def test_the_activity_log_loses_its_directory(self):
        d = self.supervisord()
        folder = d.dir / "logs"
        folder.mkdir()
        d.write_config({"a": {"command": probe("exit-after", 100, 0), "autorestart": True, "startsecs": 0}},
                       supervisord={"logfile": folder / "s.log"})
        d.start()
        d.wait_text("logs/s.log", "spawned")
        shutil.rmtree(folder)
        told = f"ERRO log file {folder}/s.log: No such file or directory\n"
        d.wait_text("output", told)  # in the foreground its lines go to the standard output as well
        folder.mkdir()
        d.wait_text("logs/s.log", f"WARN log file {folder}/s.log is written again, ")
        self.assertEqual(d.read("output").count(told), 1)

    def test_an_engine_comes_back_without_its_activity_log(self):
        d = self.supervisord()
        folder = d.dir / "logs"
        folder.mkdir()
        d.write_config(self.programs(d.dir / "victim.log"), supervisord={"logfile": folder / "s.log"})
        d.start()
        self.pid = d.wait_state("victim", "RUNNING")["pid"]
        with d.without_engine():
            shutil.rmtree(folder)
        d.wait_ready_again()
        self.assertEqual(d.pid_of("victim"), self.pid)
        d.wait_text("output", f"ERRO log file {folder}/s.log: No such file or directory\n")
        folder.mkdir()
        wait_until(lambda: d.ctl("restart", "victim") and "spawned: 'victim'" in d.read("logs/s.log"),
                   "lines that are logged again", step=0.3)

    def test_a_log_that_fails_at_recovery(self):
        d, log = self.start("logs/victim.log")
        wait_until(lambda: log.stat().st_size, "a line")
        with d.without_engine():
            shutil.rmtree(log.parent)
        d.wait_ready_again()
        wait_until(lambda: self.told(d, log), "trouble")
        os.mkdir(log.parent)
        self.wait_healed(d, log, "No such file or directory")


if __name__ == "__main__":
    main()
