#!/usr/bin/python3
"""Plays each scenario of scenarios/ on the real supervisord and on ours at the same time and compares what was seen.

    test_scenarios.py [-k WORD]... [-v] [-j N] [--list]
  UPKEEP_BIN, UPKEEP_PROBE, UPKEEP_PEERS   as in tests/integration/harness.py
  UPKEEP_DIFFERENTIAL=full                 all scenarios; otherwise the shortened set
  UPKEEP_KEEP=1                            keeps the folders
"""
import argparse
import os
import sys

from side import Side  # also makes tests/integration importable
import scenarios  # noqa: F401  registers all of them
import stage


def main():
    parser = argparse.ArgumentParser()
    stage.add_options(parser)
    return stage.play_all(Side, parser.parse_args(), full=os.environ.get("UPKEEP_DIFFERENTIAL") == "full")


if __name__ == "__main__":
    sys.exit(main())
