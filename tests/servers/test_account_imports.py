"""What a reader's account imports, and that the venue's exports it."""

from venue.bus.accounts import EXPORTS, VENUE_ACCOUNT, imports_of
from venue.bus.permissions import of_gateway, of_member_reader, of_public_reader


def test_a_reader_imports_what_its_login_may_use_each_from_one_export() -> None:
    readers = (of_member_reader("BACK", "ALPHA"), of_public_reader("SCREENS"))
    for permissions in (*readers, of_gateway("gateway")):
        imported = imports_of(permissions)
        blocks = [each.get("stream") or each["service"] for each in imported]
        subjects = [block["subject"] for block in blocks]
        own = [each for each in permissions.subscribe if each.startswith("_INBOX.")]
        assert sorted([*subjects, *own]) == sorted([*permissions.publish, *permissions.subscribe])
        for each in imported:
            way = "stream" if "stream" in each else "service"
            block = each[way]
            assert block["account"] == VENUE_ACCOUNT
            from_ = [ex for ex in EXPORTS if way in ex and lies_within(block["subject"], ex[way])]
            assert len(from_) == 1, (each, from_)


def lies_within(subject: str, other: str) -> bool:
    """Whether every message that fits `subject` fits `other`."""
    mine, theirs = subject.split("."), other.split(".")
    if theirs[-1] == ">":
        mine, theirs = mine[: len(theirs) - 1], theirs[:-1]
    fits = all(
        one == another or (another == "*" and one != ">")
        for one, another in zip(mine, theirs, strict=False)
    )
    return fits and len(mine) == len(theirs)
