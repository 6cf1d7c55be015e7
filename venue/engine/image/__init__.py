"""The whole state as one plain value, made and read back: for snapshots and digests."""
