#!/usr/bin/python3
"""An event listener written with Supervisor's own childutils, as people's are. Records what it is told in FOLDER/NAME, a
line of JSON an event, NAME being its process name.

    event_listener.py MODE FOLDER

  ok        accepts every event
  hold      accepts an event once the file FOLDER/go is there
  reject    rejects as often as FOLDER/NAME.left says, then accepts
  die       dies with its first event; accepts after its restart
  garbage   answers its first event with a line that is no result, and says no more
  twice     says READY twice
  flood     writes for ever what is no protocol
  deaf      is READY and never reads
  call      asks the daemon for its state, through childutils, with every event
"""
import json
import os
import pathlib
import signal
import sys
import time

from supervisor import childutils


def wait_for(path):
    while not path.exists():
        time.sleep(0.01)


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def main():
    mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    record = folder / os.environ["SUPERVISOR_PROCESS_NAME"]
    if mode == "twice":
        childutils.listener.ready()
    while mode == "flood":
        say("x" * 60000 + "\n")
    if mode == "deaf":
        childutils.listener.ready()
        signal.pause()
    while True:
        headers, payload = childutils.listener.wait()
        event = {**headers, "payload": payload}
        if mode == "call":
            event["state"] = childutils.getRPCInterface(os.environ).supervisor.getState()["statename"]
        begun = record.exists()
        with open(record, "a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")
        if mode == "hold":
            wait_for(folder / "go")
        elif mode == "die" and not begun:
            os._exit(1)
        elif mode == "garbage" and not begun:
            say("RESULT what\n")
            signal.pause()
        elif mode == "reject" and (left := int((folder / (record.name + ".left")).read_text())) > 0:
            (folder / (record.name + ".left")).write_text(str(left - 1))
            childutils.listener.fail()
            continue
        childutils.listener.ok()


main()
