"""Commands for the scenarios' programs: tiny ones."""
import shlex

from harness import probe  # noqa: F401  for the scenarios

WAIT = "/bin/sleep 1000"


def sh(script):
    """A command= that runs a shell script. A % is doubled, since values are expanded."""
    assert " ;" not in script and " #" not in script, "the rest of the line would be a comment"
    return f"/bin/sh -c {shlex.quote(script)}".replace("%", "%%")


def quiet(command=WAIT, **keys):
    """A program that is RUNNING at once and leaves no log."""
    return {"command": command, "startsecs": 0, "stdout_logfile": "NONE", "stderr_logfile": "NONE", **keys}


def quitter(command, **keys):
    """A program whose exit is an end: EXITED."""
    return quiet(command, **{"autorestart": "false", **keys})
