"""Bad input over a raw socket: exactly the reject the rules name, and the session goes on."""

import pytest

from tests.fix_client import FixClient
from tests.fix_message import Message, cancel, new_order, replace, sending_time
from tests.running import RunningTrading

BUY, SELL = "1", "2"


def expect_rejected(client: FixClient, cl_ord_id: str, reason: str, code: str) -> Message:
    """The reject of a new order: codes and everything the rules fix."""
    report = client.expect_report(cl_ord_id, "8")
    assert report.get(103) == reason, report
    assert report.get(58).split(" ")[0] == code, report
    assert [report.get(tag) for tag in (37, 39, 151, 14, 6)] == ["NONE", "8", "0", "0", "0"]
    return report


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({55: "NOPE"}, "1", "UNKNOWN_SYMBOL"),
        ({44: "100.005"}, "99", "PRICE_NOT_ON_TICK"),
        ({44: "-1"}, "99", "PRICE_NOT_POSITIVE"),
        ({44: "0"}, "99", "PRICE_NOT_POSITIVE"),
        ({44: ""}, "99", "PRICE_MISSING"),
        ({38: "0"}, "13", "QUANTITY_NOT_POSITIVE"),
        ({38: "-5"}, "13", "QUANTITY_NOT_POSITIVE"),
        ({38: "1.5"}, "13", "QUANTITY_NOT_ON_LOT"),
        ({38: "1" + "0" * 30}, "3", "ORDER_QUANTITY_TOO_LARGE"),
        ({38: "1000001"}, "3", "ORDER_QUANTITY_TOO_LARGE"),
        ({38: ""}, "99", "QUANTITY_MISSING"),
        ({44: "110.01"}, "99", "PRICE_OUTSIDE_COLLAR"),
        ({44: "89.99"}, "99", "PRICE_OUTSIDE_COLLAR"),
        ({44: "1" + "0" * 30}, "3", "ORDER_VALUE_TOO_LARGE"),
        ({40: "5"}, "11", "UNSUPPORTED_ORDER_TYPE"),
        ({59: "5"}, "11", "UNSUPPORTED_TIME_IN_FORCE"),
        ({54: "3"}, "11", "UNSUPPORTED_SIDE"),
        ({54: "5"}, "99", "SHORT_SALE_REFUSED"),
        ({54: "5", 114: "Y"}, "99", "SHORT_SALE_REFUSED"),
        ({18: "1"}, "11", "UNSUPPORTED_INSTRUCTION"),
        ({18: "G 1 6"}, "11", "UNSUPPORTED_INSTRUCTION"),
        ({38: "", 152: "100"}, "11", "UNSUPPORTED_INSTRUCTION"),
        ({168: "20300101-00:00:00"}, "11", "UNSUPPORTED_INSTRUCTION"),
        ({40: "1"}, "99", "PRICE_NOT_ALLOWED"),
        ({40: "3", 99: "105"}, "99", "PRICE_NOT_ALLOWED"),
        ({40: "3", 44: ""}, "99", "STOP_PX_MISSING"),
        ({40: "4"}, "99", "STOP_PX_MISSING"),
        ({40: "4", 44: "", 99: "105"}, "99", "PRICE_MISSING"),
        ({99: "105"}, "99", "STOP_PX_NOT_ALLOWED"),
        ({40: "4", 99: "0"}, "99", "STOP_PX_NOT_POSITIVE"),
        ({40: "4", 99: "-105"}, "99", "STOP_PX_NOT_POSITIVE"),
        ({40: "4", 99: "105.001"}, "99", "PRICE_NOT_ON_TICK"),
        ({59: "6"}, "99", "EXPIRE_MISSING"),
        ({59: "6", 126: "20990101-00:00:00", 432: "20990101"}, "99", "EXPIRE_MISSING"),
        ({126: "20990101-00:00:00"}, "99", "EXPIRE_NOT_ALLOWED"),
        ({59: "1", 432: "20990101"}, "99", "EXPIRE_NOT_ALLOWED"),
        ({59: "6", 126: "20200101-00:00:00"}, "99", "EXPIRE_IN_THE_PAST"),
        ({59: "6", 432: "20200101"}, "99", "EXPIRE_IN_THE_PAST"),
        ({40: "P", 44: ""}, "99", "PEG_MISSING"),
        ({40: "P", 44: "", 18: "M R"}, "99", "PEG_MISSING"),
        ({18: "R"}, "99", "PEG_NOT_ALLOWED"),
        ({211: "0.01"}, "99", "PEG_NOT_ALLOWED"),
        ({59: "3", 110: "0"}, "99", "MIN_QTY_OUT_OF_RANGE"),
        ({59: "3", 110: "11"}, "99", "MIN_QTY_OUT_OF_RANGE"),
        ({59: "3", 110: "1.5"}, "99", "MIN_QTY_OUT_OF_RANGE"),
        ({111: "0"}, "99", "MAX_FLOOR_OUT_OF_RANGE"),
        ({111: "-1"}, "99", "MAX_FLOOR_OUT_OF_RANGE"),
        ({111: "11"}, "99", "MAX_FLOOR_OUT_OF_RANGE"),
        ({111: "1" + "0" * 30}, "99", "MAX_FLOOR_OUT_OF_RANGE"),
        ({110: "5"}, "11", "COMBINATION_NOT_OFFERED"),
        ({40: "1", 44: "", 59: "1"}, "11", "COMBINATION_NOT_OFFERED"),
        ({8000: "N"}, "11", "COMBINATION_NOT_OFFERED"),
        ({59: "4", 7928: "x", 8000: "D"}, "11", "COMBINATION_NOT_OFFERED"),
    ],
)
def test_refused_order_names_its_reason(
    alpha: FixClient, unique: str, changes: dict[int, str], reason: str, code: str
) -> None:
    fields = dict(new_order(unique + "1", BUY, "10", "100.00"))
    fields |= changes
    alpha.send("D", [(tag, value) for tag, value in fields.items() if value])
    expect_rejected(alpha, unique + "1", reason, code)


def test_quantity_and_value_at_the_limit_are_taken(alpha: FixClient, unique: str) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "1000000", "90.00"))
    alpha.expect_report(unique + "1", "0")
    alpha.send("D", new_order(unique + "2", BUY, "100", "50000.00", symbol="BTC-USD"))
    alpha.expect_report(unique + "2", "0")
    alpha.send("D", new_order(unique + "3", BUY, "100.00000001", "50000", symbol="BTC-USD"))
    expect_rejected(alpha, unique + "3", "3", "ORDER_QUANTITY_TOO_LARGE")


def test_duplicate_cl_ord_id_leaves_the_first_order_untouched(
    alpha: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00"))
    alpha.expect_report(unique + "1", "0")
    alpha.send("D", new_order(unique + "1", BUY, "20", "99.00"))
    expect_rejected(alpha, unique + "1", "6", "DUPLICATE_CL_ORD_ID")
    alpha.send("H", [(11, unique + "1"), (55, "ACME"), (54, BUY)])
    assert alpha.expect_report(unique + "1", "I").get(38) == "10"


def test_rejected_order_has_spent_its_cl_ord_id(alpha: FixClient, unique: str) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "10", "100.005"))
    expect_rejected(alpha, unique + "1", "99", "PRICE_NOT_ON_TICK")
    alpha.send("D", new_order(unique + "1", BUY, "10", "100.00"))
    expect_rejected(alpha, unique + "1", "6", "DUPLICATE_CL_ORD_ID")


@pytest.mark.parametrize("msg_type", ["F", "G"])
def test_requests_for_unknown_and_foreign_orders_look_the_same(
    alpha: FixClient, bravo: FixClient, unique: str, msg_type: str
) -> None:
    bravo.send("D", new_order(unique + "theirs", BUY, "10", "99.00"))
    bravo.expect_report(unique + "theirs", "0")
    for number, target in enumerate((unique + "nobody", unique + "theirs")):
        own = f"{unique}{number}"
        body = (
            cancel(own, target, BUY) if msg_type == "F" else replace(own, target, BUY, "5", "99.00")
        )
        alpha.send(msg_type, body)
        reject = alpha.expect("9")
        assert [reject.get(tag) for tag in (11, 41, 37, 39, 102, 434)] == [
            own, target, "NONE", "8", "1", "1" if msg_type == "F" else "2",
        ]  # fmt: skip


def test_cancel_of_a_finished_order_states_its_status(alpha: FixClient, unique: str) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00", tif="3"))
    order_id = alpha.expect_report(unique + "1", "4").get(37)
    alpha.send("F", cancel(unique + "2", unique + "1", BUY))
    reject = alpha.expect("9")
    assert [reject.get(tag) for tag in (37, 39, 102)] == [order_id, "4", "0"]


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({54: SELL}, "99", "ORDER_TERMS_CHANGED"),
        ({55: "GLOBEX"}, "99", "ORDER_TERMS_CHANGED"),
        ({40: "1", 44: ""}, "99", "ORDER_TERMS_CHANGED"),
        ({59: "1"}, "99", "ORDER_TERMS_CHANGED"),
        ({38: ""}, "99", "QUANTITY_MISSING"),
        ({38: "-1"}, "99", "QUANTITY_NOT_POSITIVE"),
        ({38: "1.5"}, "99", "QUANTITY_NOT_ON_LOT"),
        ({38: "1" + "0" * 30}, "99", "ORDER_QUANTITY_TOO_LARGE"),
        ({44: ""}, "99", "PRICE_MISSING"),
        ({44: "99.001"}, "99", "PRICE_NOT_ON_TICK"),
        ({44: "111"}, "99", "PRICE_OUTSIDE_COLLAR"),
        ({99: "105"}, "99", "STOP_PX_NOT_ALLOWED"),
        ({111: "11"}, "99", "MAX_FLOOR_OUT_OF_RANGE"),
        ({152: "5"}, "99", "UNSUPPORTED_INSTRUCTION"),
    ],
)
def test_refused_replace_names_its_reason_and_changes_nothing(
    alpha: FixClient, unique: str, changes: dict[int, str], reason: str, code: str
) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00"))
    order_id = alpha.expect_report(unique + "1", "0").get(37)
    fields = dict(replace(unique + "2", unique + "1", BUY, "5", "99.00")) | changes
    alpha.send("G", [(tag, value) for tag, value in fields.items() if value])
    reject = alpha.expect("9")
    assert [reject.get(tag) for tag in (37, 39, 434, 102)] == [order_id, "0", "2", reason]
    assert reject.get(58).split(" ")[0] == code, reject
    alpha.send("H", [(11, unique + "1"), (55, "ACME"), (54, BUY)])
    assert alpha.expect_report(unique + "1", "I").get(151) == "10"


def test_replace_can_not_bring_an_order_into_a_combination_that_is_not_offered(
    alpha: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00", extra=[(18, "G")]))
    alpha.expect_report(unique + "1", "0")
    iceberg = replace(unique + "2", unique + "1", BUY, "10", "99.00", extra=[(111, "2")])
    alpha.send("G", iceberg)
    reject = alpha.expect("9")
    assert (reject.get(102), reject.get(39)) == ("99", "0")
    assert reject.get(58).split(" ")[0] == "COMBINATION_NOT_OFFERED"


def test_replace_that_changes_the_side_is_refused_and_changes_nothing(
    alpha: FixClient, unique: str
) -> None:
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00"))
    alpha.expect_report(unique + "1", "0")
    alpha.send("G", replace(unique + "2", unique + "1", SELL, "5", "99.00"))
    reject = alpha.expect("9")
    assert [reject.get(tag) for tag in (39, 102, 434)] == ["0", "99", "2"]
    alpha.send("F", cancel(unique + "3", unique + "2", BUY))
    assert alpha.expect("9").get(102) == "1", "the refused request's ClOrdID names no order"
    alpha.send("F", cancel(unique + "4", unique + "1", BUY))
    assert alpha.expect_report(unique + "4", "4").get(38) == "10"


@pytest.mark.parametrize(
    ("changes", "reason", "tag"),
    [
        ({40: "Z"}, "5", "40"),
        ({54: "Q"}, "5", "54"),
        ({38: "1e5"}, "6", "38"),
        ({44: "NaN"}, "6", "44"),
        ({44: "1,5"}, "6", "44"),
        ({60: "yesterday"}, "6", "60"),
        ({11: ""}, "1", "11"),
        ({55: ""}, "1", "55"),
        ({59: "Q"}, "5", "59"),
        ({8000: "X"}, "5", "8000"),
        ({99: "1e2", 40: "4"}, "6", "99"),
        ({111: "NaN"}, "6", "111"),
        ({110: "five"}, "6", "110"),
        ({211: "--1"}, "6", "211"),
        ({126: "tomorrow", 59: "6"}, "6", "126"),
        ({432: "20261301", 59: "6"}, "6", "432"),
        ({54: "5", 114: "X"}, "6", "114"),
        ({9999: "1"}, "0", "9999"),
        ({37: "1"}, "2", "37"),
    ],
)
def test_message_against_the_protocol_gets_a_session_reject(
    alpha: FixClient, unique: str, changes: dict[int, str], reason: str, tag: str
) -> None:
    fields = dict(new_order(unique + "1", BUY, "10", "100.00"))
    fields |= changes
    number = alpha.send("D", [(tag, value) for tag, value in fields.items() if value])
    reject = alpha.expect("3")
    assert [reject.get(tag) for tag in (45, 371, 372, 373)] == [str(number), tag, "D", reason]
    alpha.send("D", new_order(unique + "after", BUY, "10", "99.00"))
    alpha.expect_report(unique + "after", "0")


def test_field_without_a_value_gets_a_session_reject(alpha: FixClient, unique: str) -> None:
    alpha.send("D", [*new_order(unique + "1", BUY, "10", "99.00"), (1, "")])
    reject = alpha.expect("3")
    assert [reject.get(tag) for tag in (371, 373)] == ["1", "4"]


def test_tag_twice_and_wrong_group_count_get_a_session_reject(
    alpha: FixClient, unique: str
) -> None:
    alpha.send("D", [*new_order(unique + "1", BUY, "10", "99.00"), (38, "11")])
    assert [alpha.expect("3").get(tag) for tag in (371,)] == ["38"]
    party = [(453, "2"), (448, "T1"), (447, "D"), (452, "12")]
    alpha.send("D", new_order(unique + "2", BUY, "10", "99.00", extra=party))
    assert alpha.expect("3").get(373) == "16"


@pytest.mark.parametrize(
    ("msg_type", "body", "reference"),
    [
        ("V", [(262, "R1"), (263, "0"), (264, "1"), (267, "1"), (269, "0"), (146, "1"),
               (55, "ACME")], "R1"),
        ("x", [(320, "R2"), (559, "4")], "R2"),
        ("g", [(335, "R3"), (263, "0")], "R3"),
        ("6", [(23, "R4"), (28, "N"), (55, "ACME"), (54, "1"), (27, "100")], "R4"),
    ],
)  # fmt: skip
def test_message_type_that_is_not_taken_gets_a_business_reject(
    alpha: FixClient, msg_type: str, body: list[tuple[int, str]], reference: str
) -> None:
    number = alpha.send(msg_type, body)
    reject = alpha.expect("j")
    assert [reject.get(tag) for tag in (45, 372, 379, 380)] == [
        str(number), msg_type, reference, "3",
    ]  # fmt: skip


def test_separator_smuggled_in_a_data_field_changes_no_other_field(
    alpha: FixClient, unique: str
) -> None:
    data = "x\x0138=999"
    extra = [(354, str(len(data))), (355, data)]
    alpha.send("D", new_order(unique + "1", BUY, "10", "99.00", extra=extra))
    alpha.send("H", [(11, unique + "1"), (55, "ACME"), (54, BUY)])
    answers = alpha.receive_all()
    assert all(message.get(38, "10") == "10" for message in answers), answers


def test_nothing_that_was_sent_has_ended_the_process(
    trading: RunningTrading, alpha: FixClient, unique: str
) -> None:
    for raw in (
        b"",
        b"8=FIX.4.4\x01",
        b"garbage\x01" * 50,
        b"8=FIX.4.4\x019=5\x0135=D\x0110=000\x01",
    ):
        alpha.send_raw(raw)
    alpha.send("D", [(11, unique), (55, "ACME"), (54, "1"), (60, sending_time()), (40, "2")])
    assert alpha.receive_all() is not None
    assert trading.is_running and "Traceback" not in trading.log()
