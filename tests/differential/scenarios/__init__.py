"""The scenarios by subject; importing this registers them."""
from . import (command_line, config_errors, control, daemon, filtered_output, groups, logs, rotation, signals,  # noqa: F401
               spawn_errors, spawning, start_up, states, stopping, update)
