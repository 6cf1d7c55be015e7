"""Which combinations the venue offers, cell by cell, as a person would write them on paper.

Its own statement of the rules: not derived from the venue's table, which the tests hold against it.
"""

ORD_TYPES = ("1", "2", "3", "4", "K", "P")
TIMES = ("0", "1", "2", "3", "4", "6", "7")

# a row for each OrdType(40), a column for each TimeInForce(59):
#                day GTC OPG IOC FOK GTD ATC
PLAIN = {
    "1": "         x   -   x   x   x   -   x",
    "2": "         x   x   x   x   x   x   x",
    "3": "         x   x   -   -   -   x   -",
    "4": "         x   x   -   -   -   x   -",
    "K": "         x   x   -   x   -   x   -",
    "P": "         x   x   -   -   -   x   -",
}
# the conditions: (OrdType, TimeInForce) each is offered with
WITH = {
    "6": {"2": "   x   x   -   -   -   x   -"},
    "G": {"1": "   x   -   -   x   x   -   -", "2": "x x - x x x -"},
    "110": {"1": " -   -   -   x   -   -   -", "2": "- - - x - - -"},
    "111": {
        "2": "     x   x   -   -   -   x   -",
        "4": "     x   x   -   -   -   x   -",
        "P": "     x   x   -   -   -   x   -",
    },
    "M": {"P": "   x   x   -   -   -   x   -"},
    "R": {"P": "   x   x   -   -   -   x   -"},
    "P": {"P": "   x   x   -   -   -   x   -"},
    "J": PLAIN,
    "K": PLAIN,
}
APART = ({"G", "6"}, {"G", "110"}, {"G", "111"}, {"6", "M"}, {"6", "R"}, {"6", "P"}, {"J", "K"})


def is_offered(
    ord_type: str, tif: str, conditions: set[str], same: str | None, mode: str | None
) -> bool:
    """conditions: the codes of ExecInst(18), with 110 and 111 where these tags are present."""
    if not _cell(PLAIN, ord_type, tif):
        return False
    if not all(_cell(WITH[condition], ord_type, tif) for condition in conditions):
        return False
    if any(pair <= conditions for pair in APART):
        return False
    if mode is not None and same is None:
        return False
    whole = tif == "4" or bool(conditions & {"G", "110"})
    return not (mode == "D" and whole)


def _cell(rows: dict[str, str], ord_type: str, tif: str) -> bool:
    row = rows.get(ord_type)
    return row is not None and row.split()[TIMES.index(tif)] == "x"
