"""The configuration: venue.toml, environment and --set, and sessions.cfg, checked as one."""
