"""Reads a log to its end, again and again, through rotations.

A rotated file keeps its inode, so the file that was being read is found again among the older ones; what lies between it
and the newest is read next. Whoever polls more often than all backups are replaced misses nothing.
"""
import contextlib
import os
import pathlib
import re

BLOCK = 1 << 18


def beginning(file):
    """Enough of it to tell two logs of numbered lines apart."""
    return os.pread(file.fileno(), 64, 0)


class Follower:
    """Subclasses say where the files are: `files()` gives their paths, oldest first, the last being the one that grows."""

    def __init__(self):
        self.file = None
        self.inode = None
        self.done = set()     # (inode, beginning) of files that were read to their end; inodes are used again

    def files(self):
        raise NotImplementedError

    def read(self):
        """Yields blocks of bytes; at the end of each file that was given up, None."""
        while True:
            if self.file is None and not self.open_oldest():
                return
            yield from self.drain()
            following = self.following()
            if following is None:
                return
            yield from self.drain()  # what came between the last look and its rotation
            self.done.add((self.inode, beginning(self.file)))
            self.file.close()
            self.file = self.inode = None
            yield None
            if not self.open(following):
                return

    def drain(self):
        while (block := self.file.read(BLOCK)):
            yield block
        if os.fstat(self.file.fileno()).st_size < self.file.tell():  # truncated from outside
            self.file.seek(0)

    def open_oldest(self):
        files = self.files()
        return bool(files) and self.open(files[0])

    def open(self, path):
        try:
            self.file = open(path, "rb", buffering=0)
        except FileNotFoundError:
            return False
        self.inode = os.fstat(self.file.fileno()).st_ino
        return True

    def start_over(self):
        """Somebody truncated the newest file."""
        if self.file:
            self.file.seek(0)

    def following(self):
        """The file after the one being read, or None while that is the newest."""
        known = self.known()
        while known != (known := self.known()):  # not in the middle of a rotation
            pass
        inodes = [inode for inode, _ in known]
        if not known or inodes[-1] == self.inode:
            return None
        if self.inode in inodes:
            return known[inodes.index(self.inode) + 1][1]
        if not os.path.exists(self.newest()):
            return None  # in the middle of a rotation
        for inode, path in known:
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
                if (inode, beginning(file)) not in self.done:
                    return path
        return None

    def known(self):
        found = []
        for path in self.files():
            with contextlib.suppress(FileNotFoundError):
                found.append((os.stat(path).st_ino, path))
        return found

    def newest(self):
        raise NotImplementedError

    def close(self):
        if self.file:
            self.file.close()


class RotatingFile(Follower):
    """LOG.2, LOG.1, LOG as Supervisor names them."""

    def __init__(self, path):
        super().__init__()
        self.path = pathlib.Path(path)

    def files(self):
        older = [p for p in self.path.parent.glob(f"{self.path.name}.*") if re.fullmatch(r"\.\d+", p.suffix)]
        return [*sorted(older, key=lambda p: -int(p.suffix[1:])), *([self.path] if self.path.exists() else [])]

    def newest(self):
        return self.path


class MultilogFolder(Follower):
    """@*.s and @*.u in the order of their names, then current."""

    def __init__(self, folder):
        super().__init__()
        self.folder = pathlib.Path(folder)

    def files(self):
        current = self.folder / "current"
        return [*sorted(p for p in self.folder.glob("@*") if p.suffix in (".s", ".u")), *([current] if current.exists() else [])]

    def newest(self):
        return self.folder / "current"
