"""Join the rooms: frames to records, records to the store, facts to findings."""
