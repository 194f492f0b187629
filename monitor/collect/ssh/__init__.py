"""Poll devices over SSH: only `show` commands of an allow-list, one session per device."""
