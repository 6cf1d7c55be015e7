"""spec/FIX44.xml: what it declares is what the standard and the venue's rules have.

Facts of the standard are written out here a second time, so that a slip in the file shows.
"""

from collections import Counter

import pytest

from tests.spec.dictionary import (
    COMPONENTS,
    DICTIONARY,
    FIELDS,
    MESSAGES,
    NAMES,
    ROOT,
    SPOKEN,
    STUBS,
    USER,
    expanded,
    group_of,
    section,
    tag,
)

REQUIRED = {
    "0": "",
    "1": "112",
    "2": "7 16",
    "3": "45",
    "4": "36",
    "5": "",
    "A": "98 108",
    "D": "11 55 54 60 40",
    "F": "41 11 55 54 60",
    "G": "41 11 55 54 60 40",
    "H": "11 55 54",
    "q": "11 530 60",
    "AF": "584 585",
    "V": "262 263",
    "x": "320 559",
    "e": "324 55 263",
    "g": "335 263",
    "AD": "568 569",
    "AN": "710 724 1 581 715 60",
    "BE": "923 924 553",
    "8": "37 17 150 39 55 54 151 14 6",
    "9": "37 11 41 39 434",
    "r": "37 530 531",
    "W": "55 268",
    "X": "268",
    "Y": "262",
    "y": "320 322 560",
    "f": "55",
    "h": "336 340",
    "AE": "571 570 55 32 31 75 60 552",
    "AR": "571 150 55",
    "AQ": "568 569 749 750 55",
    "AO": "721 728 729 1 581",
    "AP": "721 728 715 1 581 730 731 734",
    "BF": "923 553",
    "B": "148 33",
    "j": "372 380",
    "U1": "21001 21002",
    "U2": "21001 21002 21003 21004",
}

# Exactly these codes.
CODES = {
    150: "0 3 4 5 6 7 8 9 A B C D E F G H I",
    39: "0 1 2 3 4 5 6 7 8 9 A B C D E",
    40: "1 2 3 4 5 6 7 8 9 A B C D E F G H I J K L M P",
    54: "1 2 3 4 5 6 7 8 9 A B C D E F G",
    59: "0 1 2 3 4 5 6 7",
    102: "0 1 2 3 4 5 6 99",
    103: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 99",
    378: "0 1 2 3 4 5 6 7 8 9 10 99",
    380: "0 1 2 3 4 5 6 7",
    434: "1 2",
    530: "1 2 3 4 5 6 7",
    531: "0 1 2 3 4 5 6 7",
    851: "1 2 3",
    8000: "N O B D",
}

# Each repeating group and the field that the standard puts first in it; a few groups differ by
# message: 268 in W and X, 295 in Z and the mass quotes, 420 in k and l.
FIRST_FIELD = {
    33: {58}, 73: {11}, 78: {79}, 85: {165}, 124: {32, 17}, 136: {137}, 146: {55}, 199: {104},
    215: {216}, 232: {233}, 267: {269}, 268: {269, 279}, 295: {55, 299}, 296: {302}, 382: {375},
    384: {372}, 386: {336}, 398: {399}, 420: {66, 12}, 428: {55}, 453: {448}, 454: {455},
    457: {458}, 473: {509}, 510: {477}, 518: {519}, 534: {41}, 539: {524}, 552: {54}, 555: {600},
    558: {167}, 576: {577}, 580: {75}, 604: {605}, 627: {628}, 670: {671}, 683: {688}, 702: {703},
    711: {311}, 735: {695}, 753: {707}, 756: {757}, 768: {769}, 778: {162}, 781: {782},
    801: {785}, 802: {523}, 804: {545}, 806: {760}, 816: {817}, 862: {528}, 864: {865}, 870: {871},
    887: {888}, 897: {571}, 936: {930}, 938: {896}, 948: {949}, 952: {953},
}  # fmt: skip


def test_every_message_type_of_fix_44_is_declared_once() -> None:
    assert len(SPOKEN) - len(USER) + len(STUBS) == 93
    declared = [message.attrib["msgtype"] for message in section("messages")]
    assert sorted(declared) == sorted([*SPOKEN, *STUBS])
    assert sorted(code.attrib["enum"] for code in FIELDS["MsgType"]) == sorted(declared)
    assert all(DICTIONARY.isMsgType(msg_type) for msg_type in declared)
    assert DICTIONARY.getVersion() == "FIX.4.4"


def test_names_and_tag_numbers_are_unique() -> None:
    fields = section("fields")
    for attribute in ("name", "number"):
        counts = Counter(field.attrib[attribute] for field in fields)
        assert [value for value, count in counts.items() if count > 1] == []
    names = Counter(message.attrib["name"] for message in section("messages"))
    assert [name for name, count in names.items() if count > 1] == []
    for field in fields:
        for attribute in ("enum", "description"):
            codes = [value.attrib[attribute] for value in field]
            assert len(codes) == len(set(codes)), field.attrib["name"]


def test_every_reference_is_defined_and_every_component_used() -> None:
    used: set[str] = set()
    for part in ("header", "trailer", "messages", "components"):
        for node in section(part).iter():
            if node.tag in ("field", "group"):
                assert node.attrib["name"] in FIELDS
                assert node.attrib["required"] in ("Y", "N")
            if node.tag == "group":
                assert FIELDS[node.attrib["name"]].attrib["type"] == "NUMINGROUP"
            if node.tag == "component" and "required" in node.attrib:
                used.add(node.attrib["name"])
    assert used == set(COMPONENTS)


@pytest.mark.parametrize("msg_type", SPOKEN)
def test_spoken_message_requires_what_the_standard_requires(msg_type: str) -> None:
    required = {number for number in NAMES if DICTIONARY.isRequiredField(msg_type, number)}
    assert required == set(map(int, REQUIRED[msg_type].split()))


def test_stubs_require_nothing_and_are_open_to_every_body_field() -> None:
    around = {
        tag(node)
        for part in ("header", "trailer")
        for node in section(part).iter()
        if node.tag in ("field", "group")
    }
    for msg_type in STUBS:
        assert all(not DICTIONARY.isRequiredField(msg_type, number) for number in NAMES)
        inside = {number for number in NAMES if DICTIONARY.isMsgField(msg_type, number)}
        assert inside == set(NAMES) - around
        assert all(node.attrib["required"] == "N" for node in MESSAGES[msg_type].iter("group"))


def test_header_and_trailer_require_the_standard_fields() -> None:
    for part, required in (("header", "8 9 35 49 56 34 52"), ("trailer", "10")):
        nodes = section(part)
        assert {tag(node) for node in nodes if node.attrib["required"] == "Y"} == set(
            map(int, required.split())
        )


@pytest.mark.parametrize("number", CODES)
def test_codes_are_those_of_the_standard(number: int) -> None:
    codes = {value.attrib["enum"] for value in FIELDS[NAMES[number]]}
    assert codes == set(CODES[number].split())
    assert all(DICTIONARY.isFieldValue(number, code) for code in codes)


def test_user_tags_are_declared_where_the_rules_want_them() -> None:
    user = {number: FIELDS[name].attrib["type"] for number, name in NAMES.items() if number > 4999}
    assert user == {
        5041: "STRING", 7928: "STRING", 8000: "CHAR", 9001: "BOOLEAN",
        21001: "STRING", 21002: "STRING", 21003: "INT", 21004: "BOOLEAN",
    }  # fmt: skip
    assert (NAMES[7928], NAMES[8000], NAMES[9001]) == (
        "SelfMatchPreventionID",
        "SelfMatchPreventionInstruction",
        "CancelOnDisconnect",
    )
    of_ranges = [
        (number, {"U1", "U2"} if number < 21003 else {"U2"}) for number in user if number > 21000
    ]
    for number, expected in (
        (7928, {"D", "G", "8"}),
        (8000, {"D", "G", "8"}),
        (9001, {"A"}),
        *of_ranges,
    ):
        assert {one for one in SPOKEN if DICTIONARY.isMsgField(one, number)} == expected


def test_extras_of_the_venue_dialect_are_declared() -> None:
    assert all(DICTIONARY.isMsgField("8", number) for number in (880, 586, 114, 7928, 8000))
    assert DICTIONARY.isMsgField("9", 790)
    for msg_type in ("W", "X"):
        assert not DICTIONARY.isMsgField(msg_type, 83)
        groups = {tag(one): one for one in MESSAGES[msg_type].iter("group")}
        assert 83 in {tag(one) for one in expanded(groups[268])}


def test_groups_begin_with_the_fields_of_the_standard() -> None:
    first: dict[int, set[int]] = {}
    for group in ROOT.iter("group"):
        first.setdefault(tag(group), set()).add(tag(group_of(group)[0]))
    assert first == FIRST_FIELD
    entries = {one: next(MESSAGES[one].iter("group")) for one in ("W", "X")}
    assert {one: tag(group_of(group)[0]) for one, group in entries.items()} == {"W": 269, "X": 279}


def test_a_field_stands_once_in_its_message_or_group() -> None:
    for node in [*(MESSAGES[one] for one in SPOKEN), *ROOT.iter("group")]:
        counts = Counter(tag(one) for one in expanded(node))
        assert [number for number, count in counts.items() if count > 1] == [], node.attrib["name"]
