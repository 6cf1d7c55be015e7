"""`venue fix`: messages in text, printed with names, secrets hidden, damage pointed out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fix_message import Field, frame
from venue.cli.broker.fix import app

PARTIES: list[Field] = [
    *((453, "2"), (448, "DESK-7"), (447, "D"), (452, "1"), (802, "1"), (523, "sub"), (803, "4")),
    *((448, "ANN"), (447, "D"), (452, "12")),
]
ORDER = frame(
    [
        *((35, "D"), (49, "ALPHA"), (56, "VENUE"), (34, "7"), (52, "20260131-09:30:00")),
        *((11, "c1"), *PARTIES, (55, "ACME"), (54, "1"), (18, "6 G"), (38, "10"), (40, "2")),
        *((44, "100.00"), (60, "20260131-09:30:00")),
    ]
)
HEADER: list[Field] = [(49, "ALPHA"), (56, "VENUE"), (34, "1"), (52, "20260131-09:30:00")]
LOGON: list[Field] = [(35, "A"), *HEADER, (98, "0"), (108, "30")]


SMALL_DICTIONARY = """<fix>
<header/><trailer/>
<messages>
<message name='Order' msgtype='D'><component name='Parties' required='Y'/></message>
</messages>
<components><component name='Parties'><group name='NoPartyIDs' required='Y'>
<field name='PartyID' required='N'/><field name='PartyIDSource' required='Y'/>
</group></component></components>
<fields>
<field number='453' name='NoPartyIDs' type='NUMINGROUP'/>
<field number='448' name='PartyID' type='STRING'/>
<field number='447' name='PartyIDSource' type='CHAR'/>
</fields></fix>"""


def decode(data: bytes, *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of `venue fix decode -` on these bytes."""
    result = CliRunner().invoke(app, ["decode", "-", *arguments], input=data)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    "separator",
    [b"\x01", b"|", b"^A", b"<SOH>", b"\\x01", b";", b" ", b"\t", b" | ", b"; ", "\u2401".encode()],
)
def test_fields_and_codes_have_names_whatever_the_separator(separator: bytes) -> None:
    status, output, errors = decode(ORDER.replace(b"\x01", separator))
    assert (status, errors) == (0, "")
    assert "NewOrderSingle(D)  ALPHA -> VENUE  MsgSeqNum 7" in output
    lines = [line.split() for line in output.splitlines()]
    assert ["54", "Side", "1", "BUY"] in lines
    assert ["18", "ExecInst", "6", "G", "PARTICIPATE_DONT_INITIATE", "ALL_OR_NONE"] in lines
    assert "!" not in output


def test_groups_are_indented_entry_by_entry() -> None:
    _, output, _ = decode(ORDER)
    start = output.splitlines().index("    453 NoPartyIDs             2")
    assert output.splitlines()[start + 1 : start + 10] == [
        "    -   448 PartyID            DESK-7",
        "        447 PartyIDSource      D  PROPRIETARY",
        "        452 PartyRole          1  EXECUTING_FIRM",
        "        802 NoPartySubIDs      1",
        "        -   523 PartySubID     sub",
        "            803 PartySubIDType 4  APPLICATION",
        "    -   448 PartyID            ANN",
        "        447 PartyIDSource      D  PROPRIETARY",
        "        452 PartyRole          12  EXECUTING_TRADER",
    ]


def test_secrets_are_masked() -> None:
    secrets: list[Field] = [(95, "6"), (96, "a\x01b=cd"), (554, "hush"), (925, "hush2")]
    logon = frame([*LOGON, *secrets])
    _, output, _ = decode(logon)
    assert output.count("***") == 3
    assert "hush" not in output and "b=cd" not in output
    assert "!" not in output


@pytest.mark.parametrize("separator", [b"|", b";", b" ", "\u2401".encode(), b"; "])
def test_secrets_are_masked_whatever_the_separator(separator: bytes) -> None:
    logon = frame([*LOGON[:-1], (554, "hush"), (925, "hush2"), (108, "30")])
    _, output, _ = decode(logon.replace(b"\x01", separator))
    assert output.count("***") == 2 and "hush" not in output
    assert ["108", "HeartBtInt", "30"] in [line.split() for line in output.splitlines()]
    assert "!" not in output


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ([(40, "Z")], ["OrdType(40) has no code Z"]),
        ([(40, "2"), (54, "X"), (59, "0")], ["Side(54) has no code X"]),
        ([(40, "2"), (18, "6 ?")], ["ExecInst(18) has no code ?"]),
        ([(40, "2"), (114, "maybe")], ["LocateReqd(114) has no code maybe"]),
        ([(40, "\x1b[2J")], ["OrdType(40) has no code \\x1b[2J"]),
        ([], ["NewOrderSingle lacks OrdType(40)"]),
        ([(40, "2"), (453, "2"), (448, "A"), (447, "D"), (452, "1"), (448, "B"), (447, "?")],
         ["PartyIDSource(447) has no code ?"]),
        ([(40, "2"), (58, "x=y;z | 8=8")], []),
    ],
)  # fmt: skip
def test_what_the_dictionary_does_not_allow_is_pointed_out(
    fields: list[Field], problems: list[str]
) -> None:
    base: list[Field] = [(11, "c"), (55, "ACME"), (54, "1"), (60, "20260131-09:30:00")]
    own = [(tag, value) for tag, value in base if tag not in dict(fields)]
    data = frame([(35, "D"), *HEADER, *own, *fields])
    _, output, _ = decode(data)
    found = [line.strip() for line in output.splitlines() if line.startswith("  ! ")]
    assert found == [f"! {problem}" for problem in problems]
    if all("x1b" not in problem for problem in problems):
        assert json.loads(decode(data, "--json")[1])["messages"][0]["problems"] == problems


def test_every_field_that_is_missing_is_named() -> None:
    _, output, _ = decode(frame([(35, "D"), (49, "ALPHA"), (34, "1")]))
    found = [line.split()[-1] for line in output.splitlines() if line.startswith("  ! ")]
    tags = (56, 52, 11, 55, 54, 60, 40)
    assert sorted(found) == sorted(
        f"{name}({tag})"
        for tag, name in zip(
            tags,
            ("TargetCompID", "SendingTime", "ClOrdID", "Symbol", "Side", "TransactTime", "OrdType"),
            strict=True,
        )
    )


def test_entry_of_a_group_that_lacks_a_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "small.xml").write_text(SMALL_DICTIONARY)
    entries = [(453, "2"), (448, "A"), (447, "D"), (448, "B")]
    data = frame([(35, "D"), *entries])
    _, output, _ = decode(data, "--dictionary", str(tmp_path / "small.xml"))
    assert "  ! NoPartyIDs(453) entry 2 lacks PartyIDSource(447)" in output.splitlines()
    assert output.count("!") == 1


def test_message_that_is_cut_off_is_not_said_to_lack_what_may_have_followed() -> None:
    assert decode(ORDER[:60])[1].count("!") == 1


def test_messages_in_log_lines_keep_what_stands_before() -> None:
    line = b"12:00:01 alpha sent " + ORDER.replace(b"\x01", b"|") + b"\nno message here\n"
    _, output, _ = decode(line * 2 + ORDER + ORDER)
    assert output.count("12:00:01 alpha sent  NewOrderSingle(D)") == 2
    assert output.count("NewOrderSingle(D)") == 4


@pytest.mark.parametrize(
    ("damaged", "problem"),
    [
        (ORDER.replace(b"11=c1", b"11=c2"), "! CheckSum(10) is 221, the bytes make 222"),
        (ORDER.replace(b"9=187", b"9=186"), "! BodyLength(9) is 186, the body has 187"),
        (ORDER[:60], "! no CheckSum(10): the message is cut off"),
        (ORDER.replace(b"9=187\x01", b""), "! BodyLength(9) is not the second field"),
    ],
)
def test_damage_is_pointed_out(damaged: bytes, problem: str) -> None:
    status, output, _ = decode(damaged)
    assert status == 0
    assert problem in output


def test_masked_log_lines_are_not_called_damaged() -> None:
    logon = frame([*LOGON, (554, "demo")]).replace(b"554=demo", b"554=***")
    assert "!" not in decode(logon.replace(b"\x01", b"|"))[1]


def test_unknown_tags_and_messages_are_printed_without_name() -> None:
    _, output, _ = decode(frame([(35, "ZZ"), (20999, "x|y")]))
    assert "unknown message(ZZ)" in output
    assert ["20999", "?", "x|y"] in [line.split() for line in output.splitlines()]


def test_what_could_drive_a_terminal_is_escaped() -> None:
    _, output, _ = decode(frame([(35, "3"), (58, "\x1b[2J caf\xc3\xa9")]))
    assert "\\x1b[2J café" in output


def test_json_is_one_object() -> None:
    status, output, _ = decode(ORDER + ORDER, "--json")
    messages = json.loads(output)["messages"]
    assert (status, len(messages)) == (0, 2)
    by_tag = {field["tag"]: field for field in messages[0]["fields"]}
    assert by_tag[54] == {"tag": 54, "name": "Side", "value": "1", "meaning": "BUY"}
    assert [entry[0]["value"] for entry in by_tag[453]["entries"]] == ["DESK-7", "ANN"]
    assert messages[0]["problems"] == []


def test_nothing_found_is_exit_status_1() -> None:
    assert decode(b"nothing\n") == (1, "", "stdin has no FIX message (looked for 8=FIX)\n")
    assert decode(b"", "--json")[:2] == (1, "")


def test_missing_file_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["decode", str(tmp_path / "none")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{tmp_path / 'none'}: No such file or directory\n"


def test_dictionary_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<fix><oops></fix>")
    status, _, errors = decode(ORDER, "--dictionary", str(tmp_path / "x.xml"))
    assert status == 2
    assert "is no FIX dictionary" in errors
