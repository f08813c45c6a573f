"""The table of what may happen, and how often; choosing is done by seed alone."""
import dataclasses
import typing

import changes
import harm
import log_troubles
import orders
import upgrade
import visitors


@dataclasses.dataclass
class Action:
    name: str
    weight: float
    perform: typing.Callable         # (soak, subject, *arguments)
    subjects: typing.Callable        # (soak) -> list to choose from
    arguments: typing.Callable = lambda chance: ()


def having(*traits, without=()):
    return lambda soak: [u for u in soak.fleet.units() if not u.retired and all(u.is_(t) for t in traits)
                         and not any(u.is_(t) for t in without)]


def pairs(soak):
    return soak.pairs


def how(chance):
    return (chance.choice(("ctl", "rpc", "rpc", "rpc nowait")),)


def order(soak, unit, kind, way):
    """Stops what is up and starts what is down, so that most are up; services by svc, too."""
    if unit.daemon is soak.svscan:
        way = "svc"
    if unit.want == "down" or unit.want == "ended" and unit.is_("single"):
        orders.start(soak, unit, way)
    elif kind == "restart":
        orders.restart(soak, unit, way)
    else:
        orders.stop(soak, unit, way)


def logging(soak):
    """Whose log may be meddled with."""
    return [u for u in soak.fleet.units() if not u.retired and u.audits and u.daemon is soak.supervisord
            and not u.is_("service") and not u.is_("small") and not u.is_("echo") and "part" in u.traits
            and u.traits["part"].kind.logs in ("own", "shared")]


def changeable(soak):
    return [p for p in soak.fleet.parts if p.kind.logs in ("own", "both", "small") and not p.is_("calm")]


def grow_or_shrink(soak, part, number, way):
    """Adds a part, or removes this one, so that their number stays about the same."""
    if len(soak.fleet.parts) < soak.parts_wanted:
        part.busy = False
        changes.add(soak, None, number, way)
    else:
        changes.remove(soak, part, way)


def services(soak, *of):
    return [u for u in soak.fleet.units() if u.daemon in (of or soak.pairs) and not u.retired and u.is_("service") and not u.is_("calm") and not u.is_("logger")]


def exchange_service(soak, unit, number):
    """Removes this one, and adds another."""
    if len(services(soak, unit.daemon)) >= soak.services_wanted[unit.daemon]:
        changes.remove_service(soak, unit)
    else:
        changes.add_service(soak, unit.daemon, number)


def supervisord(soak):
    return [soak.supervisord]


def wait_a_little(chance):
    return (chance.uniform(0.2, 3),)


def way(chance):
    return (chance.choice(("ctl", "rpc")),)


def number(chance):
    return (chance.randrange(1 << 30),)


ACTIONS = [
    Action("kill program", 30, harm.kill_unit, having("killable", without=("logger",))),
    Action("kill logger", 6, harm.kill_logger, having("killable", "logger")),
    Action("pause program", 4, harm.pause_unit, having("killable", without=("logger",)), lambda c: (c.uniform(0, 3),)),
    Action("kill engine", 12, lambda soak, pair: pair.kill_engine(), pairs),
    Action("kill engines", 2, lambda soak, pair, pauses: harm.kill_in_a_row(pair, pauses), pairs,
           lambda c: ([c.uniform(0, c.choice((0.05, 0.5, 1.5))) for _ in range(c.randrange(2, 6))],)),
    Action("kill keeper", 4, lambda soak, pair: pair.kill_keeper(), pairs),
    Action("stop engine", 1, lambda soak, pair, seconds: pair.stop_engine(seconds), pairs, lambda c: (c.uniform(0.05, 4),)),
    Action("freeze engine", 0.2, lambda soak, pair: pair.stop_engine(None), pairs),
    Action("change", 2, changes.change, changeable, way),
    Action("grow or shrink", 2, grow_or_shrink, changeable, lambda c: number(c) + way(c)),
    Action("broken file", 0.5, changes.broken, supervisord),
    Action("exchange service", 2, exchange_service, services, number),
    Action("restart all", 0.05, changes.reload_all, supervisord),
    Action("truncate log", 1.5, log_troubles.truncate, logging),
    Action("clear log", 1, log_troubles.clear, logging, way),
    Action("move log", 1.5, log_troubles.move_away, logging, lambda c: (c.random() < 0.7,)),
    Action("fill disk", 0.5, log_troubles.fill_disk, supervisord, wait_a_little),
    Action("look", 3, visitors.look, supervisord),
    Action("ask", 2, visitors.ask_ctl, supervisord,
           lambda c: (c.choice(("status", "avail", "pid", "version", "maintail")), None)),
    Action("follow", 1, visitors.follow, logging, wait_a_little),
    Action("read log", 2, visitors.read_log, logging),
    Action("signal", 4, visitors.signal_program, having("controllable", without=("service",)),
           lambda c: (c.choice(("HUP", "USR1", "USR2", "ALRM")),)),
    Action("write to", 5, visitors.write_to, having("echo"), number),
    Action("visit", 3, visitors.visit_fcgi, having("fcgi")),
    Action("harass", 2, visitors.harass, supervisord, lambda c: (c.randrange(100), c.randrange(1, 60), c.uniform(0, 2))),
    Action("nonsense", 2, visitors.call_nonsense, supervisord, number),
    Action("second instance", 0.3, visitors.second_instance, supervisord),
    Action("remove socket", 0.3, visitors.remove_socket, supervisord),
    Action("upgrade", 0.7, upgrade.upgrade, supervisord, number),
    Action("order", 20, order, having("controllable"),
           lambda c: (c.choice(("stop", "restart")), c.choice(("ctl", "rpc", "rpc nowait")))),
]


# For the supervisors themselves.
TROUBLE = {"kill engine", "kill engines", "kill keeper", "stop engine", "freeze engine", "upgrade", "restart all"}

# What makes the daemon keep another load of the configuration.
LOADING = {"change", "grow or shrink", "broken file"}


def choose(soak):
    """One action with its subject, unless somebody is at that already."""
    if soak.is_holding:
        return []
    chance = soak.chance
    action = chance.choices(ACTIONS, [0 if a.name in soak.without else a.weight for a in ACTIONS])[0]
    subjects = action.subjects(soak)
    number, arguments = chance.random(), action.arguments(chance)
    if not subjects:
        return []
    subject = subjects[int(number * len(subjects))]
    if hasattr(subject, "busy"):
        if subject.busy:
            return []
        subject.busy = True
    return [(action, subject, arguments)]
