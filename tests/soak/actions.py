"""The table of what may happen, and how often; choosing is done by seed alone."""
import dataclasses
import typing

import harm
import orders


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


ACTIONS = [
    Action("kill program", 30, harm.kill_unit, having("killable", without=("logger",))),
    Action("kill logger", 6, harm.kill_logger, having("killable", "logger")),
    Action("pause program", 4, harm.pause_unit, having("killable", without=("logger",)), lambda c: (c.uniform(0, 3),)),
    Action("kill engine", 6, lambda soak, pair: pair.kill_engine(), pairs),
    Action("kill engines", 1, lambda soak, pair, pauses: harm.kill_in_a_row(pair, pauses), pairs,
           lambda c: ([c.uniform(0, c.choice((0.05, 0.5, 1.5))) for _ in range(c.randrange(2, 6))],)),
    Action("kill keeper", 2, lambda soak, pair: pair.kill_keeper(), pairs),
    Action("stop engine", 1, lambda soak, pair, seconds: pair.stop_engine(seconds), pairs, lambda c: (c.uniform(0.05, 4),)),
    Action("freeze engine", 0.2, lambda soak, pair: pair.stop_engine(None), pairs),
    Action("order", 20, order, having("controllable"),
           lambda c: (c.choice(("stop", "restart")), c.choice(("ctl", "rpc", "rpc nowait")))),
]


def choose(soak):
    """One action with its subject, unless somebody is at that already."""
    chance = soak.chance
    action = chance.choices(ACTIONS, [a.weight for a in ACTIONS])[0]
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
