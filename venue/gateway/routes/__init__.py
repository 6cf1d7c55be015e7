"""The paths of the API, a file for what belongs together. Each parses, calls, answers."""
