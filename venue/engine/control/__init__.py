"""What the venue and its operators do: configuration, blocks, days, sessions, funds."""
