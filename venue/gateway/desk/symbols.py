"""Which symbol a page is about: that of its address, else the first; and its terms."""

from venue.gateway.desk.frame import Visit
from venue.gateway.desk.parts.html import tag
from venue.gateway.markets import InstrumentTold

_LOOK_SECONDS = 0.5


def chosen(visit: Visit) -> InstrumentTold | None:
    """The instrument of the page. None: none is known yet, and the page looks again by itself."""
    known = {each.symbol: each for each in visit.gateway.markets.instruments()}
    if not known:
        tag("p", "No market is known yet. This page looks again by itself.", "desk-note")

        def look() -> None:
            if visit.gateway.markets.instruments():
                visit.client.open(str(visit.request.url.path))

        visit.every(_LOOK_SECONDS, look)
        return None
    wanted = visit.request.query_params.get("symbol", "")
    if wanted and wanted not in known:
        tag("p", f"{wanted} is not traded here.", "desk-trouble", role="alert")
    return known.get(wanted) or known[min(known)]
