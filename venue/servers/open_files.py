"""As many open files as the system lets this process have: each connection is one."""

import resource


def allow_most_open_files() -> None:
    """Raise the soft limit of open files to the hard one."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
