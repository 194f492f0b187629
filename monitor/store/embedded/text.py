"""What SQLite can hold: text without lone surrogates, whole numbers of 64 bits."""

from typing import Final

_LARGEST: Final = 2**63 - 1


def storable(text: str) -> str:
    r"""The text itself; `\udcff` spelled out where it holds what UTF-8 cannot say."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def whole(number: int | None) -> int | None:
    """The number itself; None for one no column can hold, which is no counter of a device."""
    return number if number is not None and -_LARGEST <= number <= _LARGEST else None
