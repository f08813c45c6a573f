"""The kinds of programs in the soak test: what their section says, and what is to be expected of them.

A kind is one row of KINDS. Traits:
  ends     leaves by itself
  calm     nobody touches it: it keeps its pid to the end
  single   killed once, it stays down (autorestart=false)
  killable, controllable   may be killed; may be stopped, started, signalled
  logs     how its output is kept: own, both (stderr too), shared, stdio, small (on a disk that fills up), none
  copied   its bytes are copied on their way, so that a kill of the engine may repeat some
"""
import dataclasses


@dataclasses.dataclass
class Kind:
    name: str
    share: float                 # of all programs
    keys: dict                   # of the section
    options: str = ""            # of probe life
    want: str = "up"
    traits: tuple = ("killable", "controllable")
    logs: str = "own"
    numprocs: int = 1
    section: str = "program"     # or eventlistener, fcgi-program
    members: int = 0             # of a [group:x] with priorities, if any
    least: int = 1


QUIET = "--every-ms 3000"
RESTARTED = {"autorestart": "true", "startsecs": 1, "startretries": 30}

KINDS = [
    Kind("plain", 0.27, RESTARTED, QUIET),
    Kind("slow", 0.03, {**RESTARTED, "startsecs": 5, "stopsignal": "TERM"}, QUIET),
    Kind("unexpected", 0.08, {"autorestart": "unexpected", "startsecs": 1, "startretries": 30}, QUIET),
    Kind("stubborn", 0.03, {**RESTARTED, "stopwaitsecs": 2}, f"{QUIET} --ignore-term"),
    Kind("family", 0.04, {**RESTARTED, "stopasgroup": "true", "killasgroup": "true"}, f"{QUIET} --children 2"),
    Kind("flapper", 0.05, RESTARTED, "--every-ms 700 --ends-after-ms 2500 --ends-before-ms 8000", want="comes",
         traits=("ends", "killable", "controllable")),
    Kind("once", 0.03, {"autorestart": "unexpected", "startsecs": 0},
         "--every-ms 500 --ends-after-ms 1000 --ends-before-ms 15000", want="ended", traits=("ends", "controllable")),
    Kind("single", 0.03, {"autorestart": "false", "startsecs": 0}, QUIET, traits=("single", "killable", "controllable")),
    Kind("hopeless", 0.02, {"autorestart": "true", "startsecs": 5, "startretries": 1},
         "--ends-after-ms 10 --status 1", want="fatal", traits=("ends", "controllable")),
    Kind("loud", 0.06, RESTARTED, "--every-ms 50 --burst 10 --payload 80"),
    Kind("both", 0.03, RESTARTED, "--every-ms 100 --burst 2 --both", logs="both"),
    Kind("captured", 0.02, {**RESTARTED, "stdout_capture_maxbytes": "1KB"}, "--every-ms 100 --burst 5",
         traits=("killable", "controllable", "copied")),
    Kind("shared", 0.02, RESTARTED, "--every-ms 200 --burst 3", logs="shared", least=2),
    Kind("stdio", 0.015, RESTARTED, "--every-ms 200 --burst 3", logs="stdio", traits=("killable", "controllable", "copied")),
    Kind("small", 0.015, RESTARTED, "--every-ms 100 --burst 2 --payload 60", logs="small",
         traits=("killable", "controllable", "small")),
    Kind("calm", 0.07, RESTARTED, "--every-ms 500", traits=("calm",)),
    Kind("loudcalm", 0.01, RESTARTED, "--every-ms 20 --burst 20 --payload 100", traits=("calm",)),
    Kind("echo", 0.02, RESTARTED, "--echo", traits=("calm", "echo")),
    Kind("many", 0.014, {**RESTARTED, "stopsignal": "INT"}, QUIET, numprocs=5),
    Kind("fcgi", 0.007, RESTARTED, "--accept", numprocs=3, section="fcgi-program", logs="none",
         traits=("killable", "controllable", "fcgi")),
    Kind("team", 0.014, RESTARTED, QUIET, members=4),
    Kind("ear", 0.007, {**RESTARTED, "buffer_size": 5000, "events": "PROCESS_STATE,PROCESS_COMMUNICATION,TICK_5"},
         section="eventlistener", logs="none", traits=("killable", "listens")),
]
