"""What a wrong configuration raises; apart, so that who only catches it need not load settings."""


class ConfigurationError(Exception):
    """Wrong configuration: its text is what to print, one line for each error."""
