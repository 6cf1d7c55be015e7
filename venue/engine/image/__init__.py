"""The whole state as one plain value, for snapshots and digests; made and read back."""
