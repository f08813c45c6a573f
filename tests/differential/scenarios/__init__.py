"""The scenarios by subject; importing this registers them."""
from . import (command_line, config_errors, control, daemon, groups, logs, rotation, signals, spawn_errors,  # noqa: F401
               spawning, start_up, states, stopping, update)
