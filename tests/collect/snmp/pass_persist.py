"""The other side of snmpd's pass_persist: serves `OID TYPE VALUE` lines of a file."""

import sys
from pathlib import Path


def key(oid: str) -> tuple[int, ...]:
    return tuple(int(part) for part in oid.strip(".").split("."))


def main() -> None:
    path, rows, read = Path(sys.argv[1]), {}, -1
    for line in sys.stdin:
        command = line.strip()
        if command == "PING":
            sys.stdout.write("PONG\n")
        elif command in {"get", "getnext"}:
            changed = path.stat().st_mtime_ns
            if changed != read:
                lines = path.read_text().splitlines()
                rows, read = {key(one.split(" ", 1)[0]): one for one in lines}, changed
            asked = key(sys.stdin.readline())
            if command == "getnext":
                asked = min((one for one in rows if one > asked), default=())
            found = rows.get(asked)
            if found is None:
                sys.stdout.write("NONE\n")
            else:
                oid, kind, value = (*found.split(" ", 2), "")[:3]
                sys.stdout.write(f".{oid}\n{kind}\n{value}\n")
        sys.stdout.flush()


main()
