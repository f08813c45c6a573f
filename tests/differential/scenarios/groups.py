"""Names, groups, numprocs and priorities: what exists, what it is called, in what order it starts and is listed."""
import re

from programs import WAIT, quiet
from scenario import scenario


def names(s):
    return [f"{info['group']}:{info['name']}" for info in s.all_info()]


def starts(s, count):
    s.wait_log("spawned", count)
    return re.findall(r"'(.*?)'", "\n".join(s.log("spawned")))


def by_name(answer):
    """An answer about several processes comes in the order in which they were done."""
    return sorted(answer, key=lambda row: row["name"]) if isinstance(answer, list) else answer


@scenario(short=True)
def order_of_starts(s):
    s.start({"zz": quiet(priority=1), "b": quiet(), "a": quiet(), "last": quiet(priority=1000), "minus": quiet(priority=-5),
             "B": quiet(), "m1": quiet(), "m2": quiet(priority=1), "group:g": {"programs": "m1,m2", "priority": 5}})
    s.see("starts", starts(s, 8))
    s.see("names", names(s))


@scenario(short=True)
def order_within_numprocs_is_that_of_texts(s):
    s.start({"p": quiet(numprocs=12, process_name="p_%(process_num)d")})
    s.see("starts", starts(s, 12))
    s.see("names", names(s))


@scenario()
def numprocs_start_and_formats(s):
    s.start({"a": quiet(numprocs=3, numprocs_start=8, process_name="%(program_name)s-%(process_num)03d-of-%(numprocs)d", autostart="false"),
             "b": quiet(numprocs=2, process_name="%(group_name)s.%(process_num)x", numprocs_start=15, autostart="false"),
             "c": quiet(numprocs=1, process_name="single", autostart="false"),
             "d": quiet(process_name="%(host_node_name)s", autostart="false")})
    s.see("names", names(s))


@scenario()
def no_processes_at_all(s):
    s.start({"none": quiet(numprocs=0), "minus": quiet(numprocs=-3), "group:empty": {"programs": ""}, "group:missing": {}, "one": quiet(autostart="false")})
    s.see("names", names(s))
    s.see("start", [s.call("startProcessGroup", name) for name in ("none", "minus", "empty", "missing", "unknown")])
    s.see("stop", [s.call("stopProcessGroup", name) for name in ("none", "empty", "unknown")])


@scenario(short=True)
def order_in_a_group_is_that_of_its_line(s):
    s.start({"c": quiet(priority=1), "a": quiet(priority=3), "b": quiet(priority=2, numprocs=2, process_name="b%(process_num)d"),
             "group:g": {"programs": "c, a ,b"}})
    s.see("starts", starts(s, 4))
    s.see("names", names(s))


@scenario()
def order_when_a_group_is_started_by_hand(s):
    keys = {"autostart": "false"}
    s.start({"c": quiet(priority=1, **keys), "a": quiet(priority=3, **keys), "b": quiet(priority=2, **keys), "group:g": {"programs": "a,b,c"}})
    s.see("answer", by_name(s.call("startProcessGroup", "g")))
    s.see("starts", starts(s, 3))
    s.wait_all("RUNNING")
    s.see("stops", by_name(s.call("stopProcessGroup", "g")))


@scenario()
def a_program_in_two_groups(s):
    s.start({"a": quiet(), "group:one": {"programs": "a"}, "group:two": {"programs": "a"}})
    s.wait_all("RUNNING")
    s.see("names", names(s))
    s.see("apart", s.pid_of("one:a") != s.pid_of("two:a"))
    s.see("alone", s.call("getProcessInfo", "a"))


@scenario()
def two_processes_of_one_name(s):
    s.start({"a": quiet(process_name="same", autostart="false"), "b": quiet(process_name="same", autostart="false"), "group:g": {"programs": "a,b"}})
    s.see("names", names(s))


@scenario()
def name_specifications(s):
    s.start({"a": quiet(autostart="false"), "b": quiet(autostart="false", numprocs=2, process_name="b%(process_num)d"),
             "x": quiet(autostart="false"), "group:g": {"programs": "a,b"}})
    for name in ("a", "g:a", "g:b0", "g:*", "g:", "g", "x", "x:x", ":x", "x:*", "", ":", "g:a:b", "*", "nope:nope"):
        s.see(repr(name), by_name(s.call("startProcess", name)))
    s.wait_all("RUNNING")
    s.see("info", s.call("getProcessInfo", "g"))
    for name in ("x", "g:*", "g:b1", "nope"):
        s.see(f"stop {name}", by_name(s.call("stopProcess", name)))


@scenario()
def names_with_odd_characters(s):
    s.start({"w.1-2_3": quiet(autostart="false"), "ü": quiet(autostart="false"), "é'\"": quiet(autostart="false"),
             "long" * 30: quiet(autostart="false")})
    s.see("names", names(s))
    s.see("start", s.call("startProcess", "ü"))
    s.see("log", s.log("spawned"))


@scenario()
def blanks_in_section_names(s):
    s.start({"program: a": quiet(autostart="false"), " program:hidden ": quiet(autostart="false")})
    s.see("names", names(s))


@scenario()
def priorities_of_processes_in_the_answers_to_all(s):
    s.start({"late": quiet(priority=2, autostart="false"), "early": quiet(priority=1, autostart="false"), "b": quiet("/nonexistent", autostart="false")})
    s.see("start", by_name(s.call("startAllProcesses")))
    s.wait_state("late", "RUNNING")
    s.wait_state("early", "RUNNING")
    s.see("stop", by_name(s.call("stopAllProcesses")))
    s.see("again", s.call("stopAllProcesses"))


@scenario()
def keys_of_one_process_among_many(s):
    s.start({"a": quiet("/bin/sleep 100%(process_num)d", numprocs=2, process_name="a%(process_num)d", stdout_logfile="%(here)s/%(process_num)d.out",
                        stderr_logfile="%(here)s/%(group_name)s%(process_num)d.err")})
    s.wait_all("RUNNING")
    s.see("commands", [s.command_line(f"a:a{number}") for number in (0, 1)])
    s.see("info", s.all_info())


@scenario()
def many_groups(s):
    s.start({f"p{number:03}": quiet(WAIT, priority=number % 7) for number in range(40)})
    s.see("starts", starts(s, 40))
