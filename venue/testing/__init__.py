"""A venue for tests: started on free loopback ports in a temporary directory, and ended for sure.

    from venue.testing import running_venue

    with running_venue() as venue:
        alpha = venue.session("ALPHA")
        connect(alpha.host, alpha.port, alpha.comp_id, alpha.password)

`starting` has the command line and hears when a venue is ready, `processes` starts and ends it,
`running` is a venue as a test sees it, `plugin` has the same as fixtures of pytest, which nothing
else here imports.
"""

from venue.testing.running import (
    EVERYTHING,
    Part,
    RunningVenue,
    VenueSession,
    running_venue,
)
from venue.testing.starting import VenueNotReady

__all__ = [
    "EVERYTHING",
    "Part",
    "RunningVenue",
    "VenueNotReady",
    "VenueSession",
    "running_venue",
]
