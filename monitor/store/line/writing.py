"""Write a piece of the log: checked first, in bounded requests, poison points found by halving."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.cursors import Piece
from monitor.store.line.client import Client, ExpiredError, PoisonError
from monitor.store.line.failure import OutsideError
from monitor.store.line.points import Refused, points

MOST_POISON: Final = 100
"""More in one piece is not a few bad points, but a database that wants something else."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a piece. It is confirmed."""

    written: int = 0
    expired: int = 0
    """Points in requests of which the database left out what is older than it keeps."""
    refused: list[Refused] = field(default_factory=list)
    """For the dead letters."""
    missing: int = 0
    """Points confirmed earlier that could not be read back."""


class LineWriter:
    """Writes lines through one client."""

    def __init__(self, client: Client, batch: int) -> None:
        self._client = client
        self._batch = batch

    def write(self, piece: Piece) -> Outcome:
        """Write all of it; OutsideError where nothing of it is confirmed."""
        found = points(piece)
        outcome = Outcome(refused=list(found.refused))
        for at in range(0, len(found.lines), self._batch):
            self._send(found.lines[at : at + self._batch], outcome)
        return outcome

    def _send(self, lines: Sequence[str], outcome: Outcome) -> None:
        try:
            self._client.write("\n".join(lines).encode())
        except ExpiredError:
            outcome.expired += len(lines)
        except PoisonError as error:
            self._halve(lines, outcome, str(error))
        else:
            outcome.written += len(lines)

    def _halve(self, lines: Sequence[str], outcome: Outcome, reason: str) -> None:
        if len(lines) == 1:
            outcome.refused.append(Refused(reason=reason, line=lines[0]))
            if len(outcome.refused) > MOST_POISON:
                raise OutsideError("rejected", f"more than {MOST_POISON} points: {reason}")
            return
        middle = len(lines) // 2
        self._send(lines[:middle], outcome)
        self._send(lines[middle:], outcome)
