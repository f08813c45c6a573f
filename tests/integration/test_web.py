#!/usr/bin/python3
"""The web page: what programs read there is what Debian's supervisord shows, actions act, foreign web sites cannot, and a
real browser shows it.

  UPKEEP_SCREENSHOTS=FOLDER  the browser's tests leave their pictures there (docs/screenshots)
"""
import base64
import contextlib
import html.parser
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
import xml.etree.ElementTree

from harness import Case, Supervisord, main, ours_only, probe, wait_until
from rpc import UnixConnection

HOST = "web.test:9001"  # for requests over unix sockets


def programs():
    quiet = {"command": probe("wait"), "startsecs": 0}
    log = {"stdout_logfile": "%(here)s/%(program_name)s.out", "stderr_logfile": "%(here)s/%(program_name)s.err"}
    return {"a": {**quiet, **log}, "b": quiet, "group:g": {"programs": "a,b"},
            "cat": {**quiet, **log, "command": probe("say", "<b>0123456789</b> & more")},
            "missing": {"command": "/nope", "startretries": 0},
            "nolog": {**quiet, "stdout_logfile": "NONE"},
            "off": {**quiet, "autostart": False},
            "once": {"command": probe("exit-after", 0, 0), "startsecs": 0, "autorestart": False}}


class Page(html.parser.HTMLParser):
    """What programs look for: .title, .message and .pre (None: there is none), .heads, .links [[href, name, text]], .rows
    [{"class", "state": class of the state, "cells": texts, "links": as above, "items": number of actions}]."""

    def __init__(self, text):
        super().__init__()
        self.title, self.message, self.pre, self.heads, self.links, self.rows, self.in_row = "", None, None, [], [], [], False
        self.open = []  # (tag, class)
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        style = attributes.get("class", "")
        if tag == "tr" and "class" in attributes:
            self.in_row = True
            self.rows.append({"class": style, "state": "", "cells": [], "links": [], "items": 0})
        elif tag == "td" and self.in_row:
            self.rows[-1]["cells"].append("")
        elif tag == "li" and self.in_row:
            self.rows[-1]["items"] += 1
        elif tag == "span" and style.startswith("status") and self.in_row:
            self.rows[-1]["state"] = style
        elif tag == "div" and style == "status_msg":
            self.message = ""
        elif tag == "pre":
            self.pre = ""
        elif tag == "th":
            self.heads.append("")
        elif tag == "a" and "href" in attributes:
            link = [attributes["href"], attributes.get("name"), ""]
            self.links.append(link)
            if self.in_row:
                self.rows[-1]["links"].append(link)
        if tag not in ("link", "img", "meta", "input"):
            self.open.append((tag, style))

    def handle_endtag(self, tag):
        self.in_row = self.in_row and tag != "tr"
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, style = self.open[-1] if self.open else ("", "")
        tags = [name for name, _ in self.open]
        if tag == "title":
            self.title += data
        elif tag == "div" and style == "status_msg":
            self.message += data
        elif tag == "pre":
            self.pre += data
        elif tag == "th":
            self.heads[-1] += data
        elif tag == "a" and self.links:
            self.links[-1][2] += data
        if "td" in tags and self.in_row and self.rows[-1]["cells"]:
            self.rows[-1]["cells"][-1] += data.strip()

    def facts(self):
        """What both daemons must show alike; pids and times made equal."""
        rows = [(row["class"], row["state"], [re.sub(r"pid \d+, uptime .*|[A-Z][a-z]{2} \d\d .*[AP]M", "T", cell)
                                              for cell in row["cells"][:3]],
                 [tuple(link) for link in row["links"]], row["items"]) for row in self.rows]
        buttons = [link[0] for link in self.links if link[0].startswith("index.html?action=")]
        return {"title": self.title, "message": self.message, "heads": self.heads, "rows": rows, "buttons": buttons}


def ask(daemon, target, method="GET", body=None, headers=None):
    """(status, headers, text) of one request over the unix socket."""
    connection = UnixConnection(daemon.socket)
    with contextlib.closing(connection):
        connection.request(method, target, body, {"Host": HOST, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="surrogateescape")


def message_of(answer):
    status, headers, _ = answer
    assert status == 301, answer
    where = urllib.parse.urlsplit(headers["Location"])
    assert (where.scheme, where.netloc, where.path) == ("http", HOST, "/"), headers["Location"]
    return urllib.parse.parse_qs(where.query)["message"][0]


def without_time(text):
    return re.sub(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$", "CTIME", text)


class SameAsDebians(Case):
    """Whoever scrapes the original's page finds all of it in ours."""

    def setUp(self):
        self.ours = self.prepared(False)
        self.theirs = self.prepared(True)

    def prepared(self, debian):
        d = Supervisord(self, programs(), debian=debian).start()
        d.wait_state("missing", "FATAL")
        d.wait_state("once", "EXITED")
        d.wait_text("cat.out", "more")
        return d

    def both(self, question):
        """The answer, which must be the same."""
        ours, theirs = question(self.ours), question(self.theirs)
        self.assertEqual(ours, theirs)
        return ours

    @ours_only
    def test_the_status_page(self):
        facts = self.both(lambda d: Page(ask(d, "/")[2]).facts())
        self.assertEqual([row[2][2] for row in facts["rows"]],
                         ["cat", "g:a", "g:b", "missing", "nolog", "off", "once"])
        self.assertEqual([row[1] for row in facts["rows"]], ["statusrunning"] * 3 + [
            "statuserror", "statusrunning", "statusnominal", "statusnominal"])
        for target in ("/index.html", "//index.html", "/%69ndex.html?action=", "/?processname=cat"):
            self.assertEqual(self.both(lambda d, t=target: Page(ask(d, t)[2]).facts()), facts)
        self.assertEqual(self.both(lambda d: Page(ask(d, "/?message=a%3Cb%3E+%22q%22%ff&message=2")[2]).message),
                         "a<b> \"q\"\N{REPLACEMENT CHARACTER}")
        for name in ("Content-Type", "Pragma", "Cache-Control", "Expires"):
            self.both(lambda d, n=name: ask(d, "/")[1][n])

    @ours_only
    def test_actions_and_their_messages(self):
        def act(name, action):
            target = "/index.html?" + urllib.parse.urlencode({"processname": name, "action": action})
            return self.both(lambda d: without_time(message_of(ask(d, target))))

        for name, action, wanted in (
                ("off", "start", "Process off started"),
                ("off", "start", "ERROR: Process off: already started"),
                ("off", "stop", "Process off stopped"),
                ("off", "stop", "unexpected rpc fault [70] NOT_RUNNING: off"),
                ("off", "restart", "Process off restarted"),
                ("g:a", "restart", "Process g:a restarted"),
                ("missing", "start", "ERROR: Process missing: no such file"),
                ("missing", "restart", "Process missing restarted"),
                ("g:a", "clearlog", "Log for g:a cleared"),
                ("a", "start", "No such process named a"),
                ("g:*", "start", "No such process named g:*"),
                ("x\r\ny:\xfc", "stop", "No such process named x\r\ny:\xfc"),
                ("x", "bogus", "No such process named x"),
                ("", "refresh", "Page refreshed at CTIME"),
                ("", "stopall", "All stopped at CTIME"),
                ("", "restartall", "All restarted at CTIME")):
            self.assertEqual(act(name, action), wanted)
        for d in (self.ours, self.theirs):
            self.assertEqual([d.state(n) for n in ("cat", "g:a", "g:b", "off")], ["RUNNING"] * 4)

    @ours_only
    def test_requests_of_all_kinds(self):
        for target in ("/?processname=cat&action=bogus", "/?action=start", "/?action=STOPALL", "/ok.html", "/nope",
                       "/ok.html/", "/index.html/", "/stylesheets/", "/tail.html"):
            self.both(lambda d, t=target: ask(d, t)[0])
        for method, target in (("HEAD", "/"), ("HEAD", "/images/icon.png"), ("PUT", "/"), ("DELETE", "/images/icon.png")):
            self.both(lambda d, m=method, t=target: ask(d, t, m)[0])
        self.assertEqual(self.both(lambda d: (lambda a: (a[0], a[1]["Content-Type"], a[2]))(ask(d, "/ok.html"))),
                         (200, "text/plain", "OK"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for target, body in (("/", "processname=off&action=start"), ("/?processname=cat&action=stop", "processname=off"),
                             ("/?action=bogus", "processname=off&action=x&action=start")):
            self.both(lambda d, t=target, b=body: message_of(ask(d, t, "POST", b, form)))
        for path in ("/stylesheets/supervisor.css", "/images/icon.png"):
            kind, modified = self.both(lambda d, p=path: (lambda h: (h["Content-Type"], bool(h["Last-Modified"])))(
                ask(d, p)[1]))
            self.assertTrue(modified, kind)
            self.both(lambda d, p=path: ask(d, p, headers={"If-Modified-Since": ask(d, p)[1]["Last-Modified"]})[0])

    @ours_only
    def test_tails(self):
        for d in (self.ours, self.theirs):
            with open(d.dir / "cat.out", "a", encoding="utf-8") as log:
                log.write("x" * 3000 + "\n<end> & z\xfcrich\n")

        def tail(query):
            return self.both(lambda d: (lambda page: (page.title, page.pre, [link[0] for link in page.links
                                                                             if "limit" in link[0]]))(
                Page(ask(d, "/tail.html" + query)[2])))
        title, text, links = tail("?processname=cat")
        self.assertEqual((title, len(text.encode()), text[-20:]),
                         ("Supervisor tail of process cat", 1024, "x\n<end> & z\xfcrich\n".rjust(20, "x")))
        self.assertEqual(links, ["tail.html?processname=cat&limit=1024"])
        for limit in ("x", "5", "-5", "+2000", "100000"):
            self.assertEqual(tail("?processname=cat&limit=" + urllib.parse.quote(limit))[0], title)
        self.assertEqual(tail("?processname=nolog")[1], "No file for nolog")
        self.assertEqual(tail("?processname=nope")[1], "ERROR: unexpected rpc fault [10] BAD_NAME: nope")
        self.assertEqual(tail(""), ("Supervisor tail of process None", "No process name found", []))


@ours_only
class OursAlone(Case):
    def test_a_start_that_waits_delays_nobody(self):
        d = self.started({"slow": {"command": probe("wait"), "autostart": False, "startsecs": 5}, "cat": {
            "command": probe("wait"), "startsecs": 0}})
        connection = UnixConnection(d.socket)
        with contextlib.closing(connection):
            connection.request("GET", "/?processname=slow&action=start", headers={"Host": HOST})
            d.wait_state("slow", "STARTING")
            self.assertEqual([row["cells"][0] for row in Page(ask(d, "/")[2]).rows], ["running", "starting"])
            self.assertEqual(d.state("slow"), "STARTING")
            answer = connection.getresponse()
            self.assertIn("Process%20slow%20started", answer.headers["Location"])
            self.assertIn("no-store", answer.headers["Cache-Control"])

    def test_logs_of_any_bytes(self):
        d = self.started({"cat": {"command": probe("wait"), "startsecs": 0, "stdout_logfile": "%(here)s/cat.out"}})
        (d.dir / "cat.out").write_bytes(bytes(range(256)) + b"</pre><script>")
        status, _, text = ask(d, "/tail.html?processname=cat")
        self.assertEqual(status, 200)
        self.assertNotIn("<script", text)
        self.assertTrue(Page(text).pre.startswith("\N{SYMBOL FOR NULL}\N{SYMBOL FOR START OF HEADING}"))
        text.encode()  # valid UTF-8
        for page in (text, ask(d, "/?message=%00%26")[2], ask(d, "/tail.html")[2]):
            xml.etree.ElementTree.fromstring(page)

    def test_foreign_web_sites_cannot_act(self):
        d = self.started({"cat": {"command": probe("wait"), "startsecs": 0}})
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"},
                        {"Referer": "http://evil.example/"}, {"Accept-Language": "en"}):
            status, _, text = ask(d, "/?action=stopall", headers=headers)
            self.assertEqual(status, 403, headers)
            self.assertIn("Nothing has been changed.", text)
        body = ("<methodCall><methodName>supervisor.stopAllProcesses</methodName></methodCall>")
        self.assertEqual(ask(d, "/RPC2", "POST", body, {"Origin": "http://evil.example"})[0], 403)
        self.assertEqual(d.state("cat"), "RUNNING")
        self.assertEqual(message_of(ask(d, "/?processname=cat&action=stop", headers={
            "Origin": f"http://{HOST}", "Accept-Language": "en"})), "Process cat stopped")

    def test_the_page_shows_a_shutdown(self):
        d = self.started({"slow": {"command": probe("ignore-term"), "startsecs": 0, "stopwaitsecs": 3,
                                   "stdout_logfile": "%(here)s/slow"}})
        d.wait_text("slow", "ready")
        os.kill(d.pid, signal.SIGTERM)
        d.wait_log("waiting for slow")
        self.assertIn("is shutting down", ask(d, "/")[2])
        self.assertEqual(message_of(ask(d, "/?processname=slow&action=restart")), "unexpected rpc fault [6] SHUTDOWN_STATE")
        self.assertEqual(d.process.wait(30), 0)


# -- in a browser -----------------------------------------------------------------------------------------------------

def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def find_program(*names):
    for name in names:
        if (path := shutil.which(name)):
            return path
    raise unittest.SkipTest(f"no {names[0]} in the PATH (Debian: apt-get install chromium chromium-driver)")


class Browser:
    """Headless Chromium behind chromedriver, with a profile of its own; names under .test and .example are here."""

    def __init__(self, case):
        chromium = find_program("chromium", "chromium-browser", "google-chrome")
        driver = find_program("chromedriver")
        self.folder = tempfile.mkdtemp(prefix="uk-web-")
        case.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()
        self.driver = subprocess.Popen([driver, f"--port={self.port}"], stdout=subprocess.DEVNULL, cwd=self.folder,
                                       stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.folder})
        case.addCleanup(self.driver.wait)
        case.addCleanup(self.driver.terminate)
        wait_until(self.is_up, "chromedriver to listen")
        options = {"binary": chromium, "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1200,800",
            "--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.example 127.0.0.1", f"--user-data-dir={self.folder}/p"]}
        self.session = ""
        self.session = "/session/" + self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options}}})["sessionId"]
        case.addCleanup(self.ask, "DELETE", "")

    def is_up(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request(method, self.session + path, json.dumps(body) if body is not None else None)
            value = json.loads(connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{path} {body}: {value['error']}: {value['message'].splitlines()[0]}")
        return value

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def url(self):
        return self.ask("GET", "/url")

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def text(self):
        return self.run("return document.body.innerText")

    def click(self, css):
        element = self.ask("POST", "/element", {"using": "css selector", "value": css})
        self.ask("POST", f"/element/{next(iter(element.values()))}/click", {})

    def press(self, *keys):
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def devtools(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def picture(self, name, whole=False):
        if (folder := os.environ.get("UPKEEP_SCREENSHOTS")):
            data = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
            (pathlib.Path(folder) / name).write_bytes(base64.b64decode(data))


TAB, ENTER = "\ue004", "\ue007"


@ours_only
class InABrowser(Case):
    def setUp(self):
        self.browser = Browser(self)
        self.port = free_port()
        quiet = {"command": probe("wait"), "startsecs": 0}
        log = {"stdout_logfile": "%(here)s/%(program_name)s.out"}
        self.d = self.supervisord({
            "web": {**quiet, **log, "command": probe("say", "2026-11-21 08:15:02 listening on port 8080")},
            "worker": {**quiet, "process_name": "worker_%(process_num)d", "numprocs": 2}, "mailer": quiet,
            "importer": {"command": "/opt/shop/import", "startretries": 0}, "nightly": {**quiet, "autostart": False},
            "migrate": {"command": probe("exit-after", 0, 0), "startsecs": 0, "autorestart": False},
            "inet_http_server:web": {"port": f"127.0.0.1:{self.port}"}})
        self.d.start()
        self.d.wait_state("importer", "FATAL")
        self.d.wait_state("migrate", "EXITED")
        self.d.wait_text("web.out", "8080")
        with open(self.d.dir / "web.out", "a", encoding="utf-8") as log:
            for second in range(11, 60, 7):
                log.write(f"2026-11-21 08:15:{second} GET /basket/{second * 97} 200 <{second % 9} ms>\n")

    def here(self, name="localhost", path="/"):
        return f"http://{name}:{self.port}{path}"

    def test_acting_by_mouse_and_by_keyboard(self):
        browser = self.browser
        browser.open(self.here())
        self.assertEqual(browser.ask("GET", "/title"), "Supervisor Status")
        browser.click("a[href='index.html?processname=nightly&action=start']")
        self.assertIn("Process nightly started", browser.text())
        self.assertEqual(self.d.state("nightly"), "RUNNING")
        # the message has the focus and is a status; the first Tab behind it leads to the buttons
        self.assertEqual(browser.run("return document.activeElement.getAttribute('role')"), "status")
        browser.press(TAB)
        self.assertEqual(browser.run("return document.activeElement.innerText"), "Refresh")
        self.assertNotEqual(browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "none")
        browser.press(ENTER)
        wait_until(lambda: "Page refreshed at" in browser.text(), "the page, refreshed")
        # the second time as well: the browser has not remembered the redirect
        for word in ("stopped", "unexpected rpc fault [70]"):
            browser.open(self.here(path="/index.html?processname=nightly&action=stop"))
            self.assertIn(word, browser.text())
        self.assertEqual(browser.run("return document.scripts.length"), 0)

    def test_what_a_screen_reader_gets(self):
        self.browser.open(self.here(path="/?message=Process%20web%20started"))
        self.check_accessibility()
        self.browser.devtools("Emulation.setDeviceMetricsOverride", width=390, height=844, mobile=True, deviceScaleFactor=2)
        self.check_accessibility()  # also where the rows are cards

    def check_accessibility(self):
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        seen = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
        for wanted in (("heading", "Supervisor Status"), ("columnheader", "State"), ("link", "Stop web"),
                       ("link", "Start nightly"), ("link", "Tail -f Stderr worker:worker_1"),
                       ("navigation", "All processes"), ("link", "Restart All")):
            self.assertIn(wanted, seen)
        roles = [role for role, _ in seen]
        self.assertIn("status", roles)
        self.assertEqual((roles.count("row"), roles.count("cell")), (1 + 7, 4 * 7))
        self.assertTrue([name for role, name in seen if role == "table" and name.startswith("Processes: ")])
        self.assertNotIn(("link", "Action"), seen)  # the placeholders
        self.assertEqual(self.browser.run("return document.documentElement.lang"), "en")

    def test_looks(self):
        browser = self.browser
        url = self.here(path="/?message=Process%20web%20restarted")

        def look(name, scheme, width, height, mobile=False, page=url):
            browser.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, mobile=mobile,
                             deviceScaleFactor=2 if mobile else 1)
            browser.open(page)
            self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), width, name)
            browser.picture(name)
            channels = re.findall(r"\d+", browser.run("return getComputedStyle(document.body).backgroundColor"))
            return sum(map(int, channels[:3])) / 3

        light = look("status-light.png", "light", 1200, 720)
        dark = look("status-dark.png", "dark", 1200, 720)
        self.assertGreater(light, 200)
        self.assertLess(dark, 60)
        look("status-phone.png", "light", 390, 844, True)
        look("status-phone-dark.png", "dark", 390, 844, True)
        look("tail-light.png", "light", 1200, 420, page=self.here(path="/tail.html?processname=web"))
        look("tail-phone.png", "dark", 390, 600, True, page=self.here(path="/tail.html?processname=web"))
        look("refused.png", "light", 900, 300, page=self.here("evil.example", "/?action=stopall"))

    def foreign_site(self, pages):
        """A web server of somebody else's; its port."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = pages.get(self.path, "").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_a_foreign_web_site_cannot_act(self):
        """By address (where browsers say little) and by localhost (where they say where a request comes from)."""
        attacks = {}
        for number, (name, policy) in enumerate((n, p) for n in ("localhost", "127.0.0.1", "lan.test")
                                                for p in ("unsafe-url", "no-referrer")):
            target = self.here(name, "/index.html?action=stopall")
            call = "<methodCall><methodName>supervisor.stopAllProcesses</methodName></methodCall>"
            attacks[f"/{number}"] = f"""<meta name="referrer" content="{policy}"><a href="{target}">free beer</a>
                <img src="{target}"><iframe src="{target}"></iframe>
                <form method="post" action="{target}"><button>more beer</button></form>
                <script>window.over = Promise.allSettled([
                  fetch("{target}", {{mode: "no-cors"}}),
                  fetch("{self.here(name, "/RPC2")}", {{mode: "no-cors", method: "POST", body: "{call}"}})])</script>"""
        port = self.foreign_site(attacks)
        for path in attacks:
            for click in ("a", "button"):
                self.browser.open(f"http://evil.example:{port}{path}")
                self.browser.ask("POST", "/execute/async", {
                    "script": "window.over.then(arguments[0], arguments[0])", "args": []})
                self.browser.click(click)
                wait_until(lambda: "Nothing has been changed" in self.browser.text(), lambda: self.browser.text())
        self.assertEqual({self.d.state(name) for name in ("web", "mailer")}, {"RUNNING"})
        self.assertEqual(self.d.log_lines("stopped:|waiting for"), [])

    def test_a_rebound_name_neither_sees_nor_acts(self):
        self.browser.open(self.here("evil.example"))
        self.assertIn("does not know itself by the name evil.example", self.browser.text())
        self.assertNotIn("mailer", self.browser.text())
        for target in ("/index.html?action=stopall", "/tail.html?processname=web", "/logtail/web", "/mainlogtail"):
            self.browser.open(self.here("evil.example", target))
            self.assertIn("does not know itself by the name evil.example", self.browser.text(), target)
        self.assertEqual(self.d.state("web"), "RUNNING")
        # the same by an address and by the computer's own name is the user
        for name in ("127.0.0.1", "localhost"):
            self.browser.open(self.here(name))
            self.browser.click("a[href='index.html?processname=web&action=restart']")
            self.assertIn("Process web restarted", self.browser.text())


if __name__ == "__main__":
    main()
