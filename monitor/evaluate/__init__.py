"""Judge devices and accounts; one file per rule, pure functions of facts and time."""
