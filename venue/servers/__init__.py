"""The processes of a venue and its embedded servers: starting, watching and stopping them.

May know the data directory, the settings and the operating system; nothing of orders or money.
"""


class ServerError(Exception):
    """Something cannot start or is not there. Its text is the one line to print."""

    exit_status = 2
