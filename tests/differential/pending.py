"""Scenarios of what ours does not do yet, with the reason. One that passes must leave the list."""

PENDING = {
    "control: input of a program": "no sendProcessStdin",
    "control: input of a program that closed it": "no sendProcessStdin",
    "stopping: a process that may not be signalled": "the call says that it worked",
    "spawning: input is an open pipe": "no sendProcessStdin",
}
