"""The error of a wrong configuration. A module of its own, so catching it loads no settings."""


class ConfigurationError(Exception):
    """Wrong configuration: its text is what to print, one line for each error."""
