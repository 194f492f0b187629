"""Judge facts by rules, one file per rule; pure functions of what is known and the time."""
