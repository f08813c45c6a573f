"""What is supervised: configuration files and service directories, and a Unit for each process of theirs.

A *part* is one file below conf.d with one program, or a group; it is changed, added and removed as a whole.
"""
import shlex

from harness import BIN, PROBE, ini
from unit import Unit
from audit import Audit
from follower import MultilogFolder, RotatingFile
from kinds import KINDS

SIGNAL_OF_INT = {"INT": "INT"}


class Part:
    def __init__(self, name, kind):
        self.name = name
        self.kind = kind
        self.generation = 0
        self.units = []
        self.busy = False

    def is_(self, trait):
        return trait in self.kind.traits


class Fleet:
    def __init__(self, folder, supervisord, svscan, chance):
        self.folder = folder
        self.supervisord = supervisord
        self.svscan = svscan
        self.chance = chance
        self.parts = []
        self.audits = []
        self.shared = {}      # path -> audit, of logs with several writers
        self.made = 0
        for name in ("conf.d", "logs", "lives", "small", "services", "scan", "sockets", "away"):
            (folder / name).mkdir(exist_ok=True)

    # -- programs --

    def make_programs(self, count):
        for kind in KINDS:
            for _ in range(max(kind.least, round(kind.share * count))):
                self.add_part(kind)

    def add_part(self, kind, is_busy=False):
        self.made += 1
        part = Part(f"{kind.name}{self.made}", kind)
        self.parts.append(part)
        for name in self.process_names(part):
            unit = Unit(name, self.supervisord, self.folder / "lives", kind.want, kind=kind.name, part=part,
                        **{trait: True for trait in kind.traits})
            unit.busy = is_busy
            part.units.append(unit)
            self.supervisord.units[name] = unit
            self.listen_to(unit, kind)
        self.write(part)
        return part

    def process_names(self, part):
        kind = part.kind
        if kind.members:
            return [f"{part.name}:{part.name}m{i}" for i in range(kind.members)]
        if kind.numprocs > 1:
            return [f"{part.name}:{part.name}_{i}" for i in range(kind.numprocs)]
        return [part.name]

    def listen_to(self, unit, kind):
        """Who reads its log. The audits of a unit that goes stay: its file does."""
        logs = self.folder / "logs"
        streams = {"own": [("", logs / f"{unit.life_name}.log")],
                   "both": [("", logs / f"{unit.life_name}.log"), ("!", logs / f"{unit.life_name}.err")],
                   "shared": [("", logs / "shared.log")],
                   "small": [("", self.folder / "small" / f"{unit.life_name}.log")],
                   "stdio": [("", self.folder / "stdout")]}.get(kind.logs, [])
        for suffix, path in streams:
            if path not in self.shared or kind.logs not in ("shared", "stdio"):
                self.shared[path] = Audit(path.name, RotatingFile(path), has_other_text=kind.logs == "stdio")
                self.shared[path].traits = kind.traits
                self.audits.append(self.shared[path])
                if "copied" in kind.traits:
                    self.supervisord.audits.append((self.shared[path], 65536))
            audit = self.shared[path]
            name = unit.life_name + suffix
            audit.source(name).refresh = unit.account
            unit.audits.append((audit, name, bool(suffix)))

    def command(self, kind, name):
        verb = "listen" if kind.section == "eventlistener" else "life"
        words = [PROBE, verb, "--folder", str(self.folder / "lives"), "--name", name]
        return " ".join(shlex.quote(w) for w in words) + (f" {kind.options}" if verb == "life" else "")

    def sections(self, part):
        kind, name, logs = part.kind, part.name, self.folder / "logs"
        life = "%(group_name)s.%(program_name)s" if kind.members else name
        if kind.numprocs > 1:
            life = f"{name}.%(program_name)s_%(process_num)d"
        out = {"own": logs / f"{life}.log", "both": logs / f"{life}.log", "shared": logs / "shared.log",
               "stdio": "/dev/stdout", "small": self.folder / "small" / f"{life}.log", "none": "NONE"}[kind.logs]
        size, backups = ("1MB", 12) if "--burst" in kind.options else ("64KB", 4)
        keys = {"command": self.command(kind, life), "environment": f'GENERATION="{part.generation}"', **kind.keys,
                "stdout_logfile": out, "stdout_logfile_maxbytes": 0 if kind.logs in ("stdio",) else size,
                "stdout_logfile_backups": backups, "stderr_logfile": logs / f"{life}.err",
                "stderr_logfile_maxbytes": "64KB", "stderr_logfile_backups": 5}
        if kind.logs == "small":
            keys.update(stdout_logfile_maxbytes="100KB", stdout_logfile_backups=2)
        if kind.section == "eventlistener":
            del keys["stdout_logfile"], keys["stdout_logfile_maxbytes"], keys["stdout_logfile_backups"]
        if kind.section == "fcgi-program":
            keys["socket"] = f"unix://{self.folder}/sockets/{name}.sock"
        if kind.numprocs > 1:
            keys.update(numprocs=kind.numprocs, process_name="%(program_name)s_%(process_num)d")
        if not kind.members:
            return {f"{kind.section}:{name}": keys}
        programs = [f"{name}m{i}" for i in range(kind.members)]
        found = {f"group:{name}": {"programs": ",".join(programs), "priority": 100 + self.made}}
        for i, program in enumerate(programs):
            found[f"program:{program}"] = {**keys, "priority": 10 * i}
        return found

    def write(self, part):
        path = self.folder / "conf.d" / f"{part.name}.ini"
        path.with_suffix(".new").write_text(ini(self.sections(part)))
        path.with_suffix(".new").rename(path)

    def write_main(self):
        folder = self.folder
        self.supervisord.config.write_text(ini({
            "unix_http_server": {"file": self.supervisord.socket},
            "supervisord": {"logfile": self.supervisord.log, "pidfile": self.supervisord.pidfile,
                            "childlogdir": folder / "logs", "user": "root", "minfds": 4096,
                            "logfile_maxbytes": "1MB", "logfile_backups": 20},
            "rpcinterface:supervisor":
                {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
            "supervisorctl": {"serverurl": f"unix://{self.supervisord.socket}"},
            "include": {"files": f"{folder}/conf.d/*.ini"},
            "svscan:services": {"directory": folder / "services", "stdout_logfile": "NONE", "stderr_logfile": "NONE"},
        }))

    # -- service directories --

    def make_services(self, count):
        for i in range(count):
            self.add_service(self.supervisord, f"s{i}", calm=i % 5 == 4)
            self.add_service(self.svscan, f"s{i}", calm=i % 5 == 4)

    def add_service(self, pair, name, calm=False, is_busy=False):
        """Built elsewhere and moved into place, as one should."""
        place = self.folder / ("services" if pair is self.supervisord else "scan")
        life = f"{place.name}.{name}"
        words = [PROBE, "life", "--folder", str(self.folder / "lives"), "--name", life, *"--every-ms 100 --burst 4".split()]
        new = self.folder / "away" / f"{life}.new"
        (new / "log").mkdir(parents=True)
        for path, text in ((new / "run", shlex.join(words)), (new / "log/run", f"{BIN}/multilog s65536 n40 ./main")):
            path.write_text(f"#!/bin/sh\nexec {text}\n")
            path.chmod(0o755)
        namespec = f"services:{name}" if pair is self.supervisord else str(place / name)
        traits = {"calm": True} if calm else {"killable": True, "controllable": True}
        unit = Unit(namespec, pair, self.folder / "lives", "up", kind="service", place=place / name, service=True, **traits)
        unit.life_name, unit.life.path = life, f"{self.folder}/lives/{life}"
        audit = Audit(f"{life}/log", MultilogFolder(place / name / "log/main"))
        audit.traits = ("service",)
        audit.source(life).refresh = unit.account
        self.audits.append(audit)
        unit.audits.append((audit, life, False))
        logger = Unit(f"{namespec}/log", pair, self.folder / "lives", "up", kind="logger", place=place / name / "log",
                      service=True, logger=True, audit=audit, **({"calm": True} if calm else {"killable": True}))
        unit.busy = logger.busy = is_busy
        pair.units[unit.name], pair.units[logger.name] = unit, logger
        new.rename(place / name)
        return unit, logger

    def units(self):
        return [*self.supervisord.units.values(), *self.svscan.units.values()]
