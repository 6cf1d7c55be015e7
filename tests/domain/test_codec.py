"""Every command and every event comes back from its JSON as it was, whatever is left out."""

import json
import typing

import msgspec
import pytest

from venue.domain import commands, events, verbs
from venue.domain.codec import decode_command, decode_event, encode
from venue.domain.event import EVENT_VERSION, Event
from venue.domain.events import NO_SYMBOL, symbol_of, type_of

from .samples import bare, full

COMMANDS: tuple[type[commands.Command], ...] = typing.get_args(commands.AnyCommand)
EVENTS: tuple[type[Event], ...] = typing.get_args(events.AnyEvent)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_survives_its_json(command: type[commands.Command]) -> None:
    for sample in (bare(command), full(command)):
        data = encode(sample)
        assert json.loads(data)["type"] == command.__name__
        assert decode_command(data) == sample
        assert encode(decode_command(data)) == data


@pytest.mark.parametrize("event", EVENTS)
def test_event_survives_its_json(event: type[Event]) -> None:
    for sample in (bare(event), full(event)):
        data = encode(sample)
        assert json.loads(data)["type"] == event.__name__ == type_of(sample)
        assert decode_event(data) == sample
        assert encode(decode_event(data)) == data


@pytest.mark.parametrize("event", EVENTS)
def test_event_states_version_sequence_and_time(event: type[Event]) -> None:
    payload = json.loads(encode(bare(event)))
    assert payload["v"] == EVENT_VERSION
    assert {"event_seq", "timestamp_ns"} <= payload.keys()


def test_unions_hold_every_command_and_event_that_is_defined() -> None:
    assert set(COMMANDS) == _defined_in(commands, commands.Command) | {*verbs.COMMANDS}
    assert set(EVENTS) == _defined_in(events, Event) | {*verbs.EVENTS}


def test_full_samples_leave_no_field_at_its_default() -> None:
    for struct in (*COMMANDS, *EVENTS):
        sample = full(struct)
        for field in msgspec.structs.fields(struct):
            assert field.required or getattr(sample, field.name) != field.default, (struct, field)


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"OrderTeleported"}',
        b'{"type":"LogOut"}',
        b'{"type":"LogOut","session":5}',
        b"{",
        b"[]",
    ],
)
def test_unknown_type_or_wrong_field_is_an_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_command(data)
    with pytest.raises(msgspec.DecodeError):
        decode_event(data)


def test_symbol_of_an_event_without_one_has_a_stand_in() -> None:
    assert symbol_of(full(events.VenueStarted)) == NO_SYMBOL
    accepted = full(events.OrderAccepted)
    assert symbol_of(accepted) == accepted.symbol


@pytest.mark.parametrize(
    ("command", "key"),
    [(commands.AddMember, "member"), (commands.AddSession, "session")],
)
def test_configuration_key_names_what_is_defined(
    command: type[commands.AddMember] | type[commands.AddSession], key: str
) -> None:
    sample = full(command)
    assert commands.configuration_key(sample) == (key, getattr(sample, key))


def test_configuration_key_of_an_instrument_is_its_symbol() -> None:
    sample = full(commands.AddInstrument)
    assert commands.configuration_key(sample) == ("instrument", sample.definition.symbol)


def test_configuration_leaves_out_what_defines_nothing() -> None:
    samples = [full(command) for command in COMMANDS]
    kept = [type(command) for command in commands.configuration_only(samples)]
    assert set(kept) == set(typing.get_args(commands.ConfigurationCommand))


def _defined_in(module: object, base: type) -> set[type]:
    return {
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base
    }
