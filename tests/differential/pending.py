"""Scenarios of what ours does not do yet, with the reason. One that passes must leave the list."""

PENDING = {
    "control: input of a program": "no sendProcessStdin",
    "control: input of a program that closed it": "no sendProcessStdin",
    "spawning: input is an open pipe": "no sendProcessStdin",
}
