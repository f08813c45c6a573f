"""Random configurations for test_config_parse.py."""

import random


class Generator:
    """Small files from the pieces that matter: indents, comments, delimiters, percent signs, quotes."""

    HEADERS = ["[supervisord]", "[program:a]", "[program:b]", "[group:g]", "[unix_http_server]", "[DEFAULT]", "[include]",
               "[program:a] ; x", " [program:c]", "[other]", "[group:h]",
               "[fcgi-program:f]", "[eventlistener:e]", "[inet_http_server]", "[inet_http_server:b]", "[unix_http_server:b]"]
    KEYS = ["command", "directory", "environment", "numprocs", "process_name", "priority", "startsecs", "stopsignal",
            "autorestart", "exitcodes", "umask", "stdout_logfile", "stderr_logfile_maxbytes", "redirect_stderr", "programs",
            "file", "chmod", "username", "password", "loglevel", "logfile", "identifier", "files", "Command", "killasgroup",
            "stopasgroup", "serverurl", "user", "nodaemon", "socket", "socket", "socket_owner", "socket_mode", "socket_backlog", "events", "events",
            "buffer_size", "port", "port", "chown"]
    PIECES = ["x", "a", "b", " ", "  ", ";", " ;", "#", " #", "=", ":", "%", "%%", "%(here)s", "%(program_name)s", "%(process_num)02d",
              "%(nope)s", "%(ENV_GREETING)s", "'", '"', "\\", "1", "2", "0", "true", "false", "auto", "A=1", ",", "/tmp/", "[", "]", "ä",
              "\t", "TERM", "022", "%(process_num)", "info", "KB"]
    SENSIBLE = {"socket": ["unix:///tmp/x", "tcp://h:1", "unix://%(here)s/%(program_name)s"], "socket_owner": ["root", "nobody:root"],
                "socket_mode": ["0770"], "socket_backlog": ["7"], "events": ["EVENT", "tick_5,TICK_60"], "buffer_size": ["1", "50"],
                "port": ["9001", "*:9001", "H:1"], "chown": ["root:root"],
                "numprocs": ["1", "2", "0"], "process_name": ["%(program_name)s_%(process_num)d", "p"], "priority": ["1", "999"],
                "startsecs": ["0", "5"], "programs": ["a", "b,a", "a, c"], "file": ["s.sock"], "loglevel": ["info", "debug"],
                "autorestart": ["true", "unexpected"], "exitcodes": ["0,2"], "stopsignal": ["HUP", "9"], "umask": ["022"],
                "chmod": ["0700"], "user": ["root", "0"], "redirect_stderr": ["true"], "logfile": ["/tmp/l"], "nodaemon": ["true"],
                "stopasgroup": ["true"], "killasgroup": ["true"], "stderr_logfile_maxbytes": ["0", "1MB"], "environment": ["A=1,B=\"x\""]}

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, key):
        if key in self.SENSIBLE and self.random.random() < 0.75:
            return self.random.choice(self.SENSIBLE[key])
        return "".join(self.random.choices(self.PIECES, k=self.random.randint(0, 5)))

    def line(self):
        roll = self.random.random()
        indent = self.random.choice(["", "", "", "", " ", "   ", "\t"])
        if roll < 0.06:
            return ""
        if roll < 0.12:
            return indent + self.random.choice([";", "#"]) + " comment"
        if roll < 0.2:
            return " " * self.random.randint(1, 4) + self.value("")
        key = self.random.choice(self.KEYS)
        return indent + key + self.random.choice(["=", " = ", ":", "= "]) + self.value(key)

    def file(self):
        lines = ["[supervisord]"]
        for _ in range(self.random.randint(1, 5)):
            lines.append(self.random.choice(self.HEADERS))
            if lines[-1].startswith(("[program", "[fcgi", "[event")) and self.random.random() < 0.9:
                lines.append("command=run")
            for header, key in ("[fcgi", "socket"), ("[event", "events"), ("[inet", "port"), ("[unix", "file"):
                if lines[-1].startswith(header) or lines[-2].startswith(header) and self.random.random() < 0.8:
                    lines.append(f"{key}={self.value(key)}")
            lines += [self.line() for _ in range(self.random.randint(0, 4))]
        return "\n".join(lines) + self.random.choice(["", "\n"])


def is_intended(theirs, ours):
    """What makes a generated case differ on purpose; see DIFFERENCES."""
    text = "\n".join(theirs + ours)
    if "Format string" in text and "environment" in text:  # of [supervisord], which is expanded once
        return True
    return any(words in text for words in ("not enough arguments for format string", "names unknown program", "Bad socket format", "Unix socket path", "Unknown event type", "cannot be resolved within",
                                           "Several groups are", "Several processes of"))
