"""`python -m tests.rules.mutation`: change every threshold and comparison in turn.

Each change must make at least one scenario come out otherwise. Exit code 1 where one that is not
known to be equivalent goes unnoticed.

  python -m tests.rules.mutation                    # the rules in Python and in PromQL (long)
  python -m tests.rules.mutation python --only push # those whose name holds a word
  python -m tests.rules.mutation promql --only stale_data --scenarios relay
"""

import argparse
import sys
import time
from collections.abc import Mapping

from tests.rules.mutation.equivalent import EQUIVALENT
from tests.rules.mutation.promql_equivalent import PROMQL_EQUIVALENT
from tests.rules.mutation.promql_killers import promql_killers
from tests.rules.mutation.python_killers import python_killers

EXPLAINED = {**EQUIVALENT, **PROMQL_EQUIVALENT}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=("python", "promql", "all"), default="all")
    parser.add_argument("--only", default="", metavar="WORD", help="mutants whose name holds it")
    parser.add_argument(
        "--scenarios", default="", metavar="REGEX", help="promql: only scenarios whose name has it"
    )
    given = parser.parse_args()
    began = time.monotonic()
    found: dict[str, str] = {}
    if given.which != "promql":
        found |= python_killers(given.only)
    if given.which != "python":
        found |= promql_killers(given.only, given.scenarios)
    return report(found, time.monotonic() - began)


def report(found: Mapping[str, str], seconds: float) -> int:
    survived = sorted(name for name, killer in found.items() if not killer)
    unknown = [name for name in survived if name not in EXPLAINED]
    print(f"\n{len(found)} mutants, {len(found) - len(survived)} killed, in {seconds:.0f} s")  # noqa: T201
    for name in survived:
        print(f"  survived: {name}: {EXPLAINED.get(name, 'NOT EXPLAINED')}")  # noqa: T201
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
