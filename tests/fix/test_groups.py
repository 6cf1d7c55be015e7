"""Repeating groups: the tables are the dictionary's, and every kind of fault in any group is found.

Every group of every message that the venue decodes is built from spec/FIX44.xml, right and wrong.
"""

from itertools import pairwise
from random import Random

import pytest

from tests.fix.group_cases import (
    BODIES,
    CASES,
    MESSAGES,
    WRONG,
    Group,
    Member,
    all_groups,
    ask,
    data_of,
    every_group,
    groups_of,
    head,
    right,
)
from venue.domain.commands import EnterOrder, Party
from venue.fix import decode as decode_module
from venue.fix import groups
from venue.fix.decode import decode
from venue.fix.fields import field_list, field_map


def test_tables_are_those_of_the_dictionary() -> None:
    for msg_type in MESSAGES:
        found = groups_of(msg_type)
        assert sorted(groups._OF_MESSAGE[msg_type].split()) == sorted(g.number for g in found)
        for group in all_groups(found):
            for table, member in zip(
                groups._MEMBERS[group.number].split(), group.members, strict=True
            ):
                tag, _, form = table.partition(":")
                if isinstance(member, Group):
                    assert table == member.number
                    continue
                assert (tag, form) == (member.tag, member.form)
                assert tuple(groups._CODES.get(tag, "").split()) == member.codes
    counts = {group.number for _, top in CASES for group in all_groups([top])}
    assert counts == set(groups._MEMBERS)
    assert set(groups._OF_MESSAGE) == set(MESSAGES) == set(decode_module._DECODERS)


def test_no_member_but_the_first_is_required() -> None:
    for _, top in CASES:
        for group in all_groups([top]):
            first, *others = group.members
            assert isinstance(first, Member)
            assert not any(isinstance(each, Member) and each.is_required for each in others)


@every_group
def test_whole_group_is_taken_and_so_is_an_empty_one(msg_type: str, group: Group) -> None:
    assert ask(msg_type, data_of(group)) is None
    assert ask(msg_type, [(group.number, "0")]) is None
    first = group.members[0]
    assert isinstance(first, Member)
    assert ask(msg_type, [(group.number, "3"), *[(first.tag, right(first))] * 3]) is None


@every_group
def test_another_count_than_entries_is_16(msg_type: str, group: Group) -> None:
    for each in all_groups([group]):
        fields = data_of(group)
        place = [tag for tag, _ in fields].index(each.number)
        for stated in ("1", "3", "0", "999999999"):
            fields[place] = (each.number, stated)
            assert ask(msg_type, fields) == (16, int(each.number))


@every_group
def test_a_count_that_is_no_number_is_6(msg_type: str, group: Group) -> None:
    for stated in ("-1", "x", "1.0", "\u0662", "", "1" * 20):
        assert ask(msg_type, [(group.number, stated), *data_of(group)[1:]]) == (
            6,
            int(group.number),
        )


@every_group
def test_entry_that_does_not_begin_with_its_first_member_is_15(msg_type: str, group: Group) -> None:
    if len(group.members) > 1:
        fields = data_of(group)
        assert ask(msg_type, [fields[0], *fields[2:]]) == (15, int(head(group.members[1])))


@every_group
def test_members_out_of_their_order_are_15(msg_type: str, group: Group) -> None:
    plain = [m for m in group.members if isinstance(m, Member) and m.form != "count"]
    for first, second in pairwise(plain[1:]):
        begin = (plain[0].tag, right(plain[0]))
        turned = [(second.tag, right(second)), (first.tag, right(first))]
        assert ask(msg_type, [(group.number, "1"), begin, *turned]) == (15, int(first.tag))


@every_group
def test_member_that_an_entry_has_twice_is_13(msg_type: str, group: Group) -> None:
    plain = [m for m in group.members if isinstance(m, Member) and m.form != "count"]
    for member in plain[1:]:
        begin, twice = (plain[0].tag, right(plain[0])), [(member.tag, right(member))] * 2
        assert ask(msg_type, [(group.number, "1"), begin, *twice]) == (13, int(member.tag))


@every_group
def test_group_that_stands_twice_is_13(msg_type: str, group: Group) -> None:
    assert ask(msg_type, [*data_of(group), (group.number, "0")]) == (13, int(group.number))


@every_group
def test_member_outside_of_its_group_is_15(msg_type: str, group: Group) -> None:
    top = {each.number for each in groups_of(msg_type)}
    for each in all_groups([group]):
        for member in each.members:
            tag = head(member)
            if tag not in top:
                assert ask(msg_type, [(tag, "1")]) == (15, int(tag))
                assert ask(msg_type, [*data_of(group), ("21", "1"), (tag, "1")]) == (15, int(tag))


@every_group
def test_values_of_members_are_checked_like_those_of_other_fields(
    msg_type: str, group: Group
) -> None:
    checked = 0
    for each in all_groups([group]):
        for member in each.members:
            if isinstance(member, Group) or member.tag in ("362", "363", "364", "365"):
                continue
            wrong = [(value, 6) for value in WRONG.get(member.form, ())] + [("", 4)]
            if member.codes:
                wrong += [("Z" if member.form == "char" else "77", 5)]
            for value, reason in wrong:
                fields = data_of(group)
                fields[[tag for tag, _ in fields].index(member.tag)] = (member.tag, value)
                assert ask(msg_type, fields) == (reason, int(member.tag)), value
                checked += 1
    assert checked


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ("453=1|448=|447=D|452=1", (4, 448)),
        ("453=1|448=A|447=D|452=abc", (6, 452)),
        ("453=1|448=A|447=D|452=1|802=3|523=x|803=1", (16, 802)),
        ("453=2|448=A|447=D|452=1", (16, 453)),
        ("453=1|447=D|448=A|452=1", (15, 447)),
        ("453=1|448=A|452=1|447=D", (15, 447)),
        ("448=A|447=D|452=1", (15, 448)),
        ("78=1|79=a|80=many", (6, 80)),
        ("711=1|312=x", (15, 312)),
        ("453=1|448=A|447=D|452=1", None),
        ("453=1|448=A", None),
        ("453=0", None),
    ],
)
def test_groups_of_an_order_as_they_come(fields: str, fault: tuple[int, int] | None) -> None:
    assert ask("D", [(tag, value) for tag, _, value in (f.partition("=") for f in fields.split("|"))
                     ]) == fault  # fmt: skip


def test_parties_are_those_of_the_group() -> None:
    text = BODIES["D"] + "|453=2|448=A|447=C|452=11|802=1|523=sub|448=B|80=1|"
    text = f"35=D|{text}".replace("|80=1|", "|").replace("|", "\x01")
    order = decode("ALPHA", text, field_map(text))
    assert isinstance(order, EnterOrder)
    assert order.parties == (Party("A", "C", "11"), Party("B", "D", ""))


@pytest.mark.pure
@pytest.mark.parametrize("msg_type", MESSAGES)
def test_only_messages_with_a_group_are_gone_through(
    msg_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("gone through")

    monkeypatch.setattr(decode_module, "check_groups", forbidden)
    assert ask(msg_type, [("58", "text"), ("97", "N"), ("115", "XYZ")]) is None
    with pytest.raises(AssertionError, match="gone through"):
        ask(msg_type, [("454", "0")])


@pytest.mark.parametrize("seed", range(20))
def test_whatever_becomes_of_groups_is_taken_or_refused(seed: int) -> None:
    random = Random(seed)
    for _ in range(300):
        msg_type, group = random.choice(CASES)
        fields = data_of(group)
        for _ in range(random.randint(1, 4)):
            place = random.randrange(len(fields))
            match random.choice("drsv"):
                case "d":
                    fields.insert(place, fields[random.randrange(len(fields))])
                case "r" if len(fields) > 1:
                    del fields[place]
                case "s":
                    other = random.randrange(len(fields))
                    fields[place], fields[other] = fields[other], fields[place]
                case "v":
                    tag = fields[place][0]
                    fields[place] = (tag, random.choice(("0", "2", "x", "-1", "1" * 300, "w=1")))
        fault = ask(msg_type, fields)
        assert fault is None or fault[0] in (4, 5, 6, 13, 15, 16)
        if fault is None:
            counted = dict(fields).get("453")
            if counted is not None and msg_type == "D":
                assert int(counted) == [tag for tag, _ in fields].count("448")


def test_fields_are_listed_once_for_all_groups() -> None:
    text = "453=1\x01448=A\x01711=1\x01311=S\x01364=3\x01365=a\x01b\x01"
    assert field_list(text)[-1] == ("365", "a\x01b")
    assert ask("D", field_list(text)) is None
