"""Numbers that rise with every change of a row, so that readers can ask what came after one."""

import sqlite3

from monitor.store.embedded.opening import counter


def serials(connection: sqlite3.Connection, many: int) -> range:
    """The next so many, taken inside the caller's transaction."""
    if not many:
        return range(0)
    connection.execute("UPDATE meta SET value = value + ? WHERE name = 'serial'", (many,))
    last = counter(connection, "serial")
    return range(last - many + 1, last + 1)
