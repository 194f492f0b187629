"""How readings become bytes: columns of one commit, and the dense hour of one series."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.errors import StoreError

Ints = NDArray[np.int64]
Values = NDArray[np.uint16] | NDArray[np.int32]
"""Per second count + 1, and 0 where there is no reading."""

SECONDS: Final = 3_600
MOST: Final = 2**31 - 2
"""Counts are kept up to here; beyond it they are cut, since count + 1 is a 32 bit number."""

_HEAD: Final = struct.Struct("<Bqq")
_RAMP: Final = 0
_RAW: Final = 8
_NARROW: Final[dict[int, np.dtype[np.unsignedinteger]]] = {
    1: np.dtype("<u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
}
_WIDE: Final = np.dtype("<i8")

_PLAIN: Final = 0
_DEFLATED: Final = 16
_WIDTHS: Final[dict[int, np.dtype[np.integer]]] = {
    1: np.dtype("<u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<i4"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Readings of stored series: three columns of one length, in any order."""

    ids: Ints
    seconds: Ints
    counts: Ints

    def __len__(self) -> int:
        return len(self.seconds)

    def where(self, chosen: NDArray[np.bool_]) -> "Columns":
        """Some of the rows."""
        return Columns(
            ids=self.ids[chosen], seconds=self.seconds[chosen], counts=self.counts[chosen]
        )


def joined(parts: Sequence[Columns]) -> Columns:
    """All rows of all parts."""
    if len(parts) == 1:
        return parts[0]
    none = np.zeros(0, np.int64)
    return Columns(
        ids=np.concatenate([none, *(one.ids for one in parts)]),
        seconds=np.concatenate([none, *(one.seconds for one in parts)]),
        counts=np.concatenate([none, *(one.counts for one in parts)]),
    )


class DamageError(StoreError):
    """Stored bytes that cannot have been written by us."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "damaged")


def pack(columns: Columns) -> bytes:
    """One commit's readings; each column as a ramp (a constant is one) or in its least width."""
    return b"".join(_pack_column(one) for one in (columns.ids, columns.seconds, columns.counts))


def _pack_column(values: Ints) -> bytes:
    base = int(values[0])
    step = int(values[1]) - base if len(values) > 1 else 0
    if len(values) == 1 or bool((values[1:] - values[:-1] == step).all()):
        return _HEAD.pack(_RAMP, base, step)
    base = int(values.min())
    width = _width(int(values.max()) - base)
    if width == _RAW:
        return _HEAD.pack(_RAW, 0, 0) + values.astype(_WIDE).tobytes()
    return _HEAD.pack(width, base, 0) + (values - base).astype(_NARROW[width]).tobytes()


def _width(span: int) -> int:
    return next((width for width in _NARROW if span < 1 << 8 * width), _RAW)


def unpack(data: bytes, length: int) -> Columns:
    """The columns of `pack`; DamageError where the bytes are not what it wrote."""
    try:
        ids, at = _unpack_column(data, 0, length)
        seconds, at = _unpack_column(data, at, length)
        counts, at = _unpack_column(data, at, length)
    except (struct.error, ValueError, KeyError) as error:
        raise DamageError(f"a stored batch cannot be read: {error}") from error
    return Columns(ids=ids, seconds=seconds, counts=counts)


def _unpack_column(data: bytes, at: int, length: int) -> tuple[Ints, int]:
    width, base, step = _HEAD.unpack_from(data, at)
    at += _HEAD.size
    if width == _RAMP:
        return base + step * np.arange(length, dtype=np.int64), at
    kind: np.dtype[np.integer] = _WIDE if width == _RAW else _NARROW[width]
    values = np.frombuffer(data, kind, length, at)
    return values.astype(np.int64) + base, at + values.nbytes


def encode(line: Values) -> tuple[int, bytes]:
    """One series' hour, `line` of shape (3600,): (codec, bytes), deflated only where it pays."""
    top = int(line.max())
    width = next(width for width in _WIDTHS if top < 1 << 8 * width)
    plain = line.astype(_WIDTHS[width]).tobytes()
    small = zlib.compress(plain, 1)
    if len(small) < len(plain) - len(plain) // 8:
        return width | _DEFLATED, small
    return width | _PLAIN, plain


def decode(codec: int, data: bytes) -> NDArray[np.integer]:
    """What `encode` was given, in the width it was stored; DamageError where it cannot be that."""
    try:
        plain = _inflate(data) if codec & _DEFLATED else data
        line = np.frombuffer(plain, _WIDTHS[codec & ~_DEFLATED])
    except (zlib.error, ValueError, KeyError) as error:
        raise DamageError(f"a stored hour cannot be read: {error}") from error
    if len(line) != SECONDS:
        raise DamageError(f"a stored hour has {len(line)} seconds")
    return line


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, SECONDS * 4 + 1)
