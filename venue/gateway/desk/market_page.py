"""The page /market, for everybody: all symbols, and the book, trades and charts of one."""

from venue.gateway.desk.book_view import BookView
from venue.gateway.desk.charts import Charts
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.kept import Kept
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.symbols import chosen
from venue.gateway.desk.watching import LOOK_SECONDS, Tape, Watchlist, spread_text


def pages(frame: Frame, kept: Kept) -> None:
    """Declare it."""

    @frame.page("/market", "Market")
    def market(visit: Visit) -> None:
        """What everybody may see."""
        instrument = chosen(visit)
        if instrument is None:
            return
        symbol = instrument.symbol
        with tag("div", classes="desk-columns"):
            with tag("div", classes="desk-column"):
                with visit.panel("Symbols", "watchlist"):
                    Watchlist(visit, "/market", symbol)
                charts = Charts(visit, kept, symbol)
            with tag("div", classes="desk-column"):
                with visit.panel(f"{symbol}", "book"):
                    words = tag("p", "", "desk-note", id="spread")
                    view = BookView(visit, instrument)
                    recentre = tag("button", "Recentre", "desk-button", type="button", id="centre")
                    recentre.on("click", view.recentre)
                    view.ladder.on("recentre", view.recentre)
                Tape(visit, kept, symbol)

        def look() -> None:
            set_text(words, spread_text(visit.gateway.markets.ticker(symbol)))

        look()
        visit.every(LOOK_SECONDS, look)
        visit.soon(charts.read_past)
