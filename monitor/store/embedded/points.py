"""Named places where a test lets the process die; in ordinary runs they cost a look-up."""

import os
import signal
from typing import Final

VARIABLE: Final = "CUBEMON_CRASH_AT"
"""`name` or `name:n`: die by SIGKILL when the point is reached for the n-th time."""

_name, _, _times = os.environ.get(VARIABLE, "").partition(":")
_left = {_name: int(_times or 1)} if _name else {}


def reach(name: str) -> None:
    """Die here, if this is the place and the time."""
    if name not in _left:
        return
    _left[name] -= 1
    if _left[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
