"""Scenarios of what ours does not do yet, with the reason. One that passes must leave the list."""

PENDING = {}
