"""All that is sent is read by the client's dictionary: the stock one, or the venue's own."""

import sys
from pathlib import Path

import pytest
import quickfix

from tests.fixmd.conversation import all_that_there_is
from tests.fixmd.desk import ALPHA, BRAVO, Desk
from venue.fix.fields import field_list
from venue.fix.sender import framed
from venue.settings.files import shipped

STOCK = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
DICTIONARIES = {ALPHA: STOCK, BRAVO: shipped("spec/FIX44.xml")}
"""ALPHA-MD has the stock dialect, BRAVO-MD the venue's."""


@pytest.mark.parametrize("session", DICTIONARIES)
def test_all_that_is_sent_is_valid_by_the_dictionary_of_its_dialect(
    desk: Desk, session: str
) -> None:
    dictionary = quickfix.DataDictionary(str(DICTIONARIES[session]))
    seen = set()
    for text in all_that_there_is(desk, session):
        kind, _, body = text.partition("\x01")
        header = f"{kind}\x0134=2\x0149=VENUE\x0152=20261129-10:00:00\x0156={session}\x01"
        raw = framed(header + body)
        try:
            dictionary.validate(quickfix.Message(raw.decode(), dictionary, True))
        except quickfix.FIXException as error:
            pytest.fail(f"{type(error).__name__} {error}: {raw!r}")
        seen.add(kind.removeprefix("35="))
        if session == ALPHA:
            assert not {"83", "5041"} & {tag for tag, _ in field_list(text)}
    assert seen == set("WXYydfh")
