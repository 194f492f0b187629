"""`cubemon device OPERATION`: what an operator decides about a device's identity."""

import argparse
import getpass
import json
import sys
from typing import Final

from monitor.cli.remote import UNKNOWN, RefusedError, Remote, UnreachableError, tidy, where
from monitor.domain.operation import Operation

DESCRIPTION: Final = """\
Decide about a device of a running monitor. Who, when and why are kept among its events.

  retire       out of use: not judged, not counted; its findings are closed as retired
  reinstate    the opposite of retire
  rename       another name to show and to find it by; the id stays
  merge        two names of one router: what is known of the first belongs to the second
  replaced-by  another router stands in its place and has its names; it starts its own history

examples:
  cubemon device retire cube-7 --reason "site closed"
  cubemon device rename 192.0.2.10 sbc-berlin-1
  cubemon device merge 192.0.2.10 sbc-berlin-1
  cubemon device replaced-by cube-1 cube-9 --reason "RMA 4711"

exit codes: 0 done; 2 it cannot be done (the reason is printed); 3 the monitor cannot be reached.
"""

_REFUSED: Final = 2
_WITH_OTHER: Final = frozenset({Operation.RENAME, Operation.MERGE, Operation.REPLACED_BY})


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument(
        "operation",
        type=_operation,
        metavar="OPERATION",
        help=", ".join(operation.value for operation in Operation),
    )
    parser.add_argument("device", metavar="DEVICE", help="its name, or one of its aliases")
    parser.add_argument(
        "other", metavar="OTHER", nargs="?", default="", help="the new name, or the other device"
    )
    parser.add_argument("--by", default="", metavar="WHO", help="who decides (default: you)")
    parser.add_argument("--reason", default="", metavar="WHY", help="kept with it")
    where(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask the monitor to do it."""
    wrong = _wrong(arguments.operation, arguments.other)
    if wrong:
        return _failed(wrong, _REFUSED)
    order = {
        "operation": arguments.operation.value,
        "device": arguments.device,
        "other": arguments.other,
        "by": arguments.by or getpass.getuser(),
        "reason": arguments.reason,
    }
    try:
        done = Remote.of(arguments).post("operations", json.dumps(order).encode())
    except RefusedError as error:
        return _failed(str(error), _REFUSED)
    except UnreachableError as error:
        return _failed(str(error), UNKNOWN)
    print(tidy(done.get("done", "done")))
    return 0


def _wrong(operation: Operation, other: str) -> str:
    if operation in _WITH_OTHER and not other:
        return f"{operation.value} needs a second name: cubemon device {operation.value} OLD NEW"
    if operation not in _WITH_OTHER and other:
        return f"{operation.value} takes one name, not {other!r} too"
    return ""


def _failed(why: str, code: int) -> int:
    print(f"cubemon: {why}", file=sys.stderr)
    return code


def _operation(text: str) -> Operation:
    try:
        return Operation(text)
    except ValueError as error:
        allowed = ", ".join(operation.value for operation in Operation)
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {allowed}") from error
