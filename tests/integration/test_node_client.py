#!/usr/bin/python3
"""A client of the Node world, the npm package `xmlrpc`, sees what Python's sees: over TCP with a login, and over the unix
socket."""
import json
import pathlib
import shutil
import socket
import subprocess
import unittest
import xmlrpc.client

from harness import PEERS, Case, main, probe

SCRIPT = pathlib.Path(__file__).with_name("node_client.js")
PACKAGES = PEERS / "node/node_modules"
TEXT = "<&> \u65e5\u672c \U0001f600"

CALLS = [
    ("supervisor.getState", []), ("supervisor.getAPIVersion", []), ("supervisor.getPID", []), ("supervisor.getAllProcessInfo", []),
    ("supervisor.getProcessInfo", ["caf\u00e9"]), ("supervisor.getProcessInfo", ["nope"]), ("supervisor.getProcessInfo", []),
    ("supervisor.nope", []), ("supervisor.stopProcess", ["web"]), ("supervisor.stopProcess", ["web", True]),
    ("supervisor.startProcess", ["web", False]), ("supervisor.startProcess", ["web", True]), ("supervisor.stopProcessGroup", ["web"]),
    ("supervisor.startProcessGroup", ["web"]), ("supervisor.startProcessGroup", ["web"]), ("supervisor.readProcessStdoutLog", ["caf\u00e9", 0, 0]),
    ("supervisor.tailProcessStdoutLog", ["caf\u00e9", 0, 1000]), ("supervisor.signalProcess", ["web", "CONT"]),
    ("supervisor.signalProcess", ["web", 18]), ("supervisor.addProcessGroup", ["web"]), ("supervisor.reloadConfig", []), ("system.listMethods", []), ("system.methodSignature", ["supervisor.startProcess"]),
    ("system.multicall", [[{"methodName": "supervisor.getState", "params": []}, {"methodName": "supervisor.getProcessInfo", "params": ["x"]}]]),
    ("system.multicall", [[]]),
]


def still(value):
    """Without what time changes between two calls."""
    if isinstance(value, dict):
        return {key: still(member) for key, member in value.items() if key not in ("now", "start", "stop", "pid", "description")}
    return [still(item) for item in value] if isinstance(value, list) else value


def as_python_sees_it(server, method, arguments):
    try:
        return {"value": getattr(server, method)(*arguments)}
    except xmlrpc.client.Fault as fault:
        return {"fault": fault.faultCode, "text": fault.faultString}


@unittest.skipUnless(shutil.which("node") and (PACKAGES / "xmlrpc").is_dir(),
                     "Node or its package xmlrpc is missing (scripts/fetch-peers brings it where npm is found)")
class NodeClient(Case):
    def setUp(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.d = self.supervisord({
            "web": {"command": probe("wait"), "startsecs": 0},
            "caf\u00e9": {"command": probe("say", TEXT), "startsecs": 0, "stdout_logfile": "%(here)s/text"},
            "inet_http_server": {},
        })
        text = self.d.config.read_text().replace("[program:inet_http_server]",
                                                 f"[inet_http_server]\nport=127.0.0.1:{self.port}\nusername=joe\npassword=s:cret")
        self.d.config.write_text(text)
        self.d.start()
        self.d.wait_text("text", TEXT + "\n")

    def compare(self, server):
        ended = subprocess.run(["node", SCRIPT, PACKAGES], input=json.dumps({"server": server, "calls": CALLS}), text=True,
                               capture_output=True, timeout=120, check=True)
        seen = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assertEqual(len(seen), len(CALLS), ended.stderr)
        # The calls end in the state in which they began, so that they can be repeated.
        for (method, arguments), node in zip(CALLS, seen):
            self.assertEqual(still(node), still(as_python_sees_it(self.d.rpc, method, arguments)), (method, arguments))

    def test_over_tcp(self):
        self.compare({"host": "127.0.0.1", "port": self.port, "path": "/RPC2", "basic_auth": {"user": "joe", "pass": "s:cret"}})

    def test_over_a_unix_socket(self):
        self.compare({"socketPath": str(self.d.socket), "path": "/RPC2"})


if __name__ == "__main__":
    main()
