"""What QuickFIX accepts and refuses by spec/FIX44.xml: every field, and each kind of mistake."""

import subprocess
import sys

import pytest

from tests.spec.dictionary import (
    DICTIONARY,
    FIELDS,
    MESSAGES,
    NAMES,
    PATH,
    SPOKEN,
    STUBS,
    section,
    tag,
)
from tests.spec.messages import ORDER, SAMPLES, full_body, refusal, sample_field, sample_group, wire


@pytest.mark.parametrize("code", ["1", "2", "L"])
def test_exec_type_has_no_codes_of_other_versions(code: str) -> None:
    assert refusal("8", SAMPLES["8"].replace("150=F", f"150={code}")) == ("IncorrectTagValue", 150)


def test_tags_of_later_versions_are_absent() -> None:
    for number in (1023, 1057, 1102, 1138, 2362):
        assert not DICTIONARY.isField(number)
        assert refusal("D", f"{ORDER}|{number}=1") == ("InvalidTagNumber", number)
    assert max(number for number in NAMES if number < 5000) == 956


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
