"""spec/FIX44.xml: what it declares, and what QuickFIX accepts and refuses with it.

Facts of the standard are written out here a second time, so that a slip in the file shows.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
import quickfix


def words(text: str) -> list[str]:
    return text.split()


PATH = Path(__file__).parents[2] / "spec" / "FIX44.xml"
ROOT = ElementTree.parse(PATH).getroot()
DICTIONARY = quickfix.DataDictionary(str(PATH))


def section(name: str) -> Element:
    found = ROOT.find(name)
    assert found is not None, name
    return found


FIELDS = {field.attrib["name"]: field for field in section("fields")}
NAMES = {int(field.attrib["number"]): name for name, field in FIELDS.items()}
COMPONENTS = {component.attrib["name"]: component for component in section("components")}
MESSAGES = {message.attrib["msgtype"]: message for message in section("messages")}

SESSION = words("0 1 2 3 4 5 A")
INBOUND = words("D F G H q AF V x e g AD AN BE")
OUTBOUND = words("8 9 r W X Y y f h AE AR AQ AO AP BF B j")
SPOKEN = [*SESSION, *INBOUND, *OUTBOUND]
STUBS = words("""
    6 7 C E J K L M N P Q R S T Z a b c d i k l m n o p s t u v w z AA AB AC AG AH AI AJ AK AL AM
    AS AT AU AV AW AX AY AZ BA BB BC BD BG BH
""")

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
    "V": "262 263 264 267 146",
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

VALUES = {
    "AMT": "1.5",
    "BOOLEAN": "Y",
    "CHAR": "x",
    "COUNTRY": "US",
    "CURRENCY": "USD",
    "EXCHANGE": "XNYS",
    "FLOAT": "0.5",
    "INT": "1",
    "LENGTH": "1",
    "LOCALMKTDATE": "20240102",
    "MONTHYEAR": "202401",
    "MULTIPLEVALUESTRING": "x",
    "NUMINGROUP": "2",
    "PERCENTAGE": "0.05",
    "PRICE": "100.01",
    "PRICEOFFSET": "-0.01",
    "QTY": "100",
    "SEQNUM": "7",
    "STRING": "x",
    "UTCDATEONLY": "20240102",
    "UTCTIMEONLY": "10:00:00",
    "UTCTIMESTAMP": "20240102-10:00:00.123",
}

HEADER = "49=ALPHA|56=VENUE|34=2|52=20240102-10:00:00"
INSTRUMENT = "55=ACME|54=1|60=20240102-10:00:00"
ORDER = f"11=A1|{INSTRUMENT}|38=100|40=2|44=100.01"
SAMPLES = {
    "D": f"{ORDER}|59=0|18=6 G|110=10|111=20|7928=ALPHA-1|8000=N|114=N|"
    "453=2|448=T1|447=D|452=11|802=1|523=desk|803=24|448=T2|447=D|452=12|58=hello",
    "F": f"41=A1|11=A2|{INSTRUMENT}|38=100|58=changed my mind",
    "G": f"41=A1|{ORDER}|586=20240102-10:00:00|7928=ALPHA-1|8000=D|114=N",
    "8": "37=O1|17=E1|150=F|39=1|55=ACME|54=1|151=60|14=40|6=100.01|32=40|31=100.01|851=1|527=M1|"
    "880=M1|586=20240102-10:00:00|114=N|7928=ALPHA-1|8000=B|382=1|375=BRAVO|437=40",
    "AE": "571=T1|570=N|55=ACME|32=40|31=100.01|75=20240102|60=20240102-10:00:00|880=M1|552=2|"
    "54=1|37=O1|11=A1|453=2|448=ALPHA|447=D|452=1|448=T1|447=D|452=11|15=USD|"
    "54=2|37=O2|11=B1|453=1|448=BRAVO|447=D|452=1|802=1|523=desk|803=24|797=N",
}


def wire(msg_type: str, body: str, header: str = HEADER) -> str:
    content = f"35={msg_type}|{header}|{body}|".replace("|", "\x01").replace("\x01\x01", "\x01")
    message = f"8=FIX.4.4\x019={len(content)}\x01{content}"
    return f"{message}10={sum(message.encode()) % 256:03d}\x01"


def refusal(msg_type: str, body: str, header: str = HEADER) -> tuple[str, int | None] | None:
    """QuickFIX's exception and tag for this message, nothing when it is accepted."""
    try:
        DICTIONARY.validate(quickfix.Message(wire(msg_type, body, header), DICTIONARY, True))
    except quickfix.FIXException as error:
        return type(error).__name__, getattr(error, "field", None)
    return None


def tag(node: Element) -> int:
    return int(FIELDS[node.attrib["name"]].attrib["number"])


def expanded(node: Element) -> Iterator[Element]:
    """Fields and groups of a message or group, with the components put in place."""
    for child in node:
        if child.tag == "component":
            yield from expanded(COMPONENTS[child.attrib["name"]])
        else:
            yield child


def sample_field(node: Element) -> str:
    field = FIELDS[node.attrib["name"]]
    codes = [value.attrib["enum"] for value in field]
    kind = field.attrib["type"]
    return f"{tag(node)}={codes[0] if codes and kind != 'NUMINGROUP' else VALUES[kind]}"


def sample_group(group: Element) -> str:
    """The group with two entries that have every field, and every group inside likewise."""
    fields = [
        sample_group(one) if one.tag == "group" else sample_field(one) for one in group_of(group)
    ]
    entry = "|".join(fields)
    return f"{tag(group)}=2|{entry}|{entry}"


def group_of(group: Element) -> list[Element]:
    return list(expanded(group))


def full_body(node: Element) -> str:
    """Every field that a message may have, once, and every group."""
    groups = {one.attrib["name"]: one for one in expanded(node) if one.tag == "group"}
    plain = {one.attrib["name"]: one for one in expanded(node) if one.attrib["name"] not in groups}
    return "|".join([*map(sample_field, plain.values()), *map(sample_group, groups.values())])


def test_every_message_type_of_fix_44_is_declared_once() -> None:
    assert len(SPOKEN) + len(STUBS) == 93
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


@pytest.mark.parametrize("code", ["1", "2", "L"])
def test_exec_type_has_no_codes_of_other_versions(code: str) -> None:
    assert refusal("8", SAMPLES["8"].replace("150=F", f"150={code}")) == ("IncorrectTagValue", 150)


def test_tags_of_later_versions_are_absent() -> None:
    for number in (1023, 1057, 1102, 1138, 2362):
        assert not DICTIONARY.isField(number)
        assert refusal("D", f"{ORDER}|{number}=1") == ("InvalidTagNumber", number)
    assert max(number for number in NAMES if number < 5000) == 956


def test_user_tags_are_declared_where_the_rules_want_them() -> None:
    user = {number: FIELDS[name].attrib["type"] for number, name in NAMES.items() if number > 4999}
    assert user == {7928: "STRING", 8000: "CHAR", 9001: "BOOLEAN"}
    assert (NAMES[7928], NAMES[8000], NAMES[9001]) == (
        "SelfMatchPreventionID",
        "SelfMatchPreventionInstruction",
        "CancelOnDisconnect",
    )
    for number, expected in ((7928, {"D", "G", "8"}), (8000, {"D", "G", "8"}), (9001, {"A"})):
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


@pytest.mark.parametrize("msg_type", [*SPOKEN, *STUBS])
def test_message_with_every_field_and_group_is_accepted(msg_type: str) -> None:
    assert refusal(msg_type, full_body(MESSAGES[msg_type])) is None


def test_every_header_and_trailer_field_is_accepted() -> None:
    own = {8, 9, 35, 10}
    fields = [one for one in section("header") if one.tag == "field" and tag(one) not in own]
    groups = [sample_group(one) for one in section("header").iter("group")]
    trailer = [sample_field(one) for one in section("trailer") if tag(one) not in own]
    header = "|".join([*map(sample_field, fields), *groups])
    assert refusal("0", "|".join(trailer), header) is None


@pytest.mark.parametrize("msg_type", SAMPLES)
def test_ordinary_message_is_accepted(msg_type: str) -> None:
    assert refusal(msg_type, SAMPLES[msg_type]) is None


@pytest.mark.parametrize(
    ("msg_type", "old", "new", "expected"),
    [
        ("D", "60=20240102-10:00:00|", "", ("RequiredTagMissing", 60)),
        ("D", "55=ACME|", "", ("RequiredTagMissing", 55)),
        ("D", "54=1", "54=x", ("IncorrectTagValue", 54)),
        ("D", "18=6 G", "18=6 @", ("IncorrectTagValue", 18)),
        ("D", "8000=N", "8000=X", ("IncorrectTagValue", 8000)),
        ("D", "38=100", "38=many", ("IncorrectDataFormat", 38)),
        ("D", "44=100.01", "44=1e2", ("IncorrectDataFormat", 44)),
        ("D", "60=20240102-10:00:00", "60=20240102", ("IncorrectDataFormat", 60)),
        ("D", "58=hello", "58=", ("NoTagValue", 58)),
        ("D", "58=hello", "58=hello|58=again", ("RepeatedTag", 58)),
        ("D", "58=hello", "150=0", ("TagNotDefinedForMessage", 150)),
        ("D", "58=hello", "5001=1", ("InvalidTagNumber", 5001)),
        ("D", "453=2", "453=3", ("RepeatingGroupCountMismatch", 453)),
        ("F", "41=A1|", "", ("RequiredTagMissing", 41)),
        ("F", "58=changed my mind", "7928=ALPHA-1", ("TagNotDefinedForMessage", 7928)),
        ("G", "40=2|", "", ("RequiredTagMissing", 40)),
        ("G", "586=20240102-10:00:00", "586=today", ("IncorrectDataFormat", 586)),
        ("8", "39=1", "39=Z", ("IncorrectTagValue", 39)),
        ("8", "17=E1|", "", ("RequiredTagMissing", 17)),
        ("8", "851=1", "851=4", ("IncorrectTagValue", 851)),
        ("AE", "552=2", "552=1", ("RepeatingGroupCountMismatch", 552)),
        ("AE", "54=2|37=O2", "54=2", ("RequiredTagMissing", 37)),
        ("AE", "570=N|", "", ("RequiredTagMissing", 570)),
    ],
)
def test_bad_message_is_refused(
    msg_type: str, old: str, new: str, expected: tuple[str, int]
) -> None:
    assert old in SAMPLES[msg_type]
    assert refusal(msg_type, SAMPLES[msg_type].replace(old, new)) == expected


def test_list_with_two_orders_reaches_the_venue() -> None:
    orders = "73=2|11=A1|67=1|55=ACME|54=1|38=5|453=1|448=T1|11=A2|67=2|55=GLOBEX|54=2|38=7"
    assert refusal("E", f"66=L1|394=1|68=2|{orders}") is None
    assert refusal("E", f"66=L1|394=1|68=2|{orders}".replace("73=2", "73=3")) == (
        "RepeatingGroupCountMismatch",
        73,
    )


def test_unknown_message_type_is_refused_by_quickfix() -> None:
    assert refusal("ZZ", "58=x") == ("InvalidMessageType", None)


@pytest.mark.parametrize("length", ["2000000000", "-1", "0"])
def test_untrue_length_of_encoded_text_does_no_harm(length: str) -> None:
    """QuickFIX reads as far as the length says if the type is DATA: that ends the process."""
    assert "DATA" not in {field.attrib["type"] for field in FIELDS.values()}
    code = (
        "import sys, quickfix; dictionary = quickfix.DataDictionary(sys.argv[1]);"
        "dictionary.validate(quickfix.Message(sys.argv[2], dictionary, True)); print('alive')"
    )
    text = wire("D", f"{ORDER}|354={length}|355=x")
    done = subprocess.run(
        [sys.executable, "-c", code, str(PATH), text], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
