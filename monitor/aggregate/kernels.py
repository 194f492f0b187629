"""Dense seconds become minute values in sixths and hour values in 36ths of a session.

An hour is a row of 3,600 seconds. An absent second is -1 in signed arrays and the highest value
(65535 in `uint16`) in unsigned ones: unknown is never zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SECONDS: Final = 3_600
ABSENT: Final = -1
"""No value, in every signed array of this room."""

_MINUTES: Final = 60
_BLOCK: Final = 112
"""Hours worked at a time: their transposed seconds and the running rows stay in the cache."""

Dense = NDArray[Any]
"""Shape (hours, 3600), any integer type."""
Values = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourArrays:
    """Hour values, one entry an hour, three arrays of one length."""

    units: Values
    """36ths of a session; -1 where the hour has no reading."""
    seconds: Values
    """Seconds with a reading."""
    minutes: Values
    """Minutes with a value."""

    def __len__(self) -> int:
        return len(self.units)


def hour_values(dense: Dense, told: Values | None = None) -> HourArrays:
    """Hour values of dense hours, shape (n, 3600).

    `told` are minute values that hold where a minute has no reading, in sixths of a session, shape
    (n, 60), -1 for none.
    """
    minutes, covered = _minutes(dense)
    if told is not None:
        minutes = np.where(minutes >= 0, minutes, told)
    return HourArrays(
        units=_mean_of_top(np.ascontiguousarray(minutes.T)),
        seconds=covered.sum(axis=1, dtype=np.int64),
        minutes=(minutes >= 0).sum(axis=1, dtype=np.int64),
    )


def hours_of_minutes(values: Values, seconds: Values) -> HourArrays:
    """Hour values of minute values in sixths, shape (n, 60), and of their seconds; -1 for none."""
    return HourArrays(
        units=_mean_of_top(np.ascontiguousarray(values.T)),
        seconds=seconds.sum(axis=1, dtype=np.int64),
        minutes=(values >= 0).sum(axis=1, dtype=np.int64),
    )


def minute_values(dense: Dense) -> Values:
    """Minute values in sixths of a session, shape (n, 60); -1 where a minute has no reading."""
    return _minutes(dense)[0]


def covered_minutes(dense: Dense) -> tuple[Values, Values]:
    """Minute values as `minute_values` has them, and the seconds with a reading of each."""
    values, covered = _minutes(dense)
    return values, covered.astype(np.int64)


def _minutes(dense: Dense) -> tuple[Values, NDArray[np.uint8]]:
    values = np.empty((len(dense), _MINUTES), np.int64)
    covered = np.empty((len(dense), _MINUTES), np.uint8)
    for at in range(0, len(dense), _BLOCK):
        block = slice(at, at + _BLOCK)
        # Row = second of the minute, so that every step is one pass over contiguous memory whose
        # speed depends neither on the data nor on the newest instructions.
        rows = np.ascontiguousarray(dense[block].reshape(-1, _MINUTES).T)
        if rows.dtype.kind == "u":
            rows += 1  # wraps: absent becomes 0, the lowest
        shape = values[block].shape
        values[block] = _mean_of_top(rows).reshape(shape)
        present = (rows >= _lowest_count(rows)).view(np.uint8)
        covered[block] = np.add.reduce(present, axis=0, dtype=np.uint8).reshape(shape)
    return values, covered


def _lowest_count(rows: Dense) -> int:
    return 1 if rows.dtype.kind == "u" else 0


def _mean_of_top(rows: Dense) -> Values:
    """Mean of the (up to) three highest of each column, times 6; -1 where there is none."""
    zero = _lowest_count(rows)
    first, second, third = (top.astype(np.int64) - zero for top in _top_three(rows))
    two = first + second
    return np.select(
        [third >= 0, second >= 0, first >= 0],
        [2 * (two + third), 3 * two, 6 * first],
        ABSENT,
    )


def _top_three(rows: Dense) -> tuple[Dense, Dense, Dense]:
    first = rows[0].copy()
    second = np.full_like(first, _lowest_count(rows) - 1)
    third, lower = second.copy(), np.empty_like(first)
    for row in rows[1:]:
        np.minimum(second, row, out=lower)
        np.maximum(third, lower, out=third)
        np.minimum(first, row, out=lower)
        np.maximum(second, lower, out=second)
        np.maximum(first, row, out=first)
    return first, second, third


def told_minutes(dense: Dense) -> Values:
    """Minute values in sixths, shape (n, 60), of counts that stand for a minute; signed arrays."""
    counts = dense.reshape(len(dense), _MINUTES, _MINUTES).max(axis=2).astype(np.int64)
    return np.where(counts >= 0, 6 * counts, ABSENT)


def merged(sources: Sequence[Dense]) -> Dense:
    """Several sources of the same seconds: the highest counts. Signed arrays of one shape."""
    result = sources[0]
    for source in sources[1:]:
        result = np.maximum(result, source)
    return result


def aggregate_seconds(trunks: Sequence[Dense], named: Sequence[Dense]) -> Dense:
    """Seconds of the aggregate trunk count, from signed arrays of one shape (n, 3600).

    `trunks` has one array a trunk tag: a second counts where every tag that has any reading in its
    minute has one, and is their sum. `named` are readings of the aggregate itself: they join it.
    At least one array is needed.
    """
    summed = [_summed(trunks)] if trunks else []
    return merged([*summed, *named])


def _summed(trunks: Sequence[Dense]) -> Dense:
    if len(trunks) == 1:
        return trunks[0]
    total = np.empty(trunks[0].shape, _wide_enough(trunks))
    for at in range(0, len(total), _BLOCK):
        block = slice(at, at + _BLOCK)
        _sum_into(total[block], [seconds[block] for seconds in trunks])
    return total


def _sum_into(total: Dense, trunks: Sequence[Dense]) -> None:
    total[:] = trunks[0]
    for seconds in trunks[1:]:
        np.add(total, seconds, out=total, casting="same_kind")
    if all(seconds.min() >= 0 for seconds in trunks):
        return
    known = np.ones(total.shape, np.bool_)
    some = np.zeros(total.shape, np.bool_)
    for seconds in trunks:
        has = seconds >= 0
        by_minute = has.reshape(len(has), _MINUTES, _MINUTES)
        silent = ~by_minute.any(axis=2, keepdims=True)
        known &= (by_minute | silent).reshape(has.shape)
        some |= has
        # A tag that is silent for a minute was summed as -1 a second.
        total += np.repeat(silent.reshape(len(has), _MINUTES), _MINUTES, axis=1)
    known &= some
    total[~known] = ABSENT


def _wide_enough(trunks: Sequence[Dense]) -> np.dtype[Any]:
    highest = sum(int(seconds.max(initial=0)) for seconds in trunks)
    widest = np.result_type(*trunks)
    return widest if highest <= np.iinfo(widest).max else np.dtype(np.int64)


def sessions(calls: Dense, legs: Values) -> Dense:
    """Sessions of counted calls, rounded up (never understate); `legs` a call, one entry a row."""
    if (legs <= 1).all():
        return calls
    divisor = legs.astype(calls.dtype)[:, None]
    return np.where(calls >= 0, -(-calls // divisor), calls)
