"""Each refusal's FIX codes, stated once more by hand: a new reason has to be put in one of them."""

import pytest

from venue.domain.reject_reasons import CXL_REJ_REASON, ORD_REJ_REASON, RejectReason

ORD_REJ_REASONS = {
    "0": {
        "SESSION_NOT_ENTITLED", "KILL_SWITCH", "REPEATED_EXECUTIONS", "MEMBER_SUSPENDED",
        "MARGIN_CALL_OVERDUE",
        "KYC_NOT_APPROVED", "TRADER_NOT_APPROVED", "ACCOUNT_NOT_ENTITLED", "INSTRUMENT_RESTRICTED",
    },
    "1": {"UNKNOWN_SYMBOL", "INSTRUMENT_DISABLED"},
    "2": {"VENUE_STOPPING", "MARKET_CLOSED", "INSTRUMENT_HALTED"},
    "3": {
        "ORDER_QUANTITY_TOO_LARGE", "ORDER_VALUE_TOO_LARGE", "OPEN_ORDERS_LIMIT", "POSITION_LIMIT",
        "GROSS_NOTIONAL_LIMIT", "NET_NOTIONAL_LIMIT", "DAILY_LOSS_LIMIT", "CREDIT_LIMIT_EXCEEDED",
        "INSUFFICIENT_FUNDS",
    },
    "6": {"DUPLICATE_CL_ORD_ID"},
    "11": {
        "UNSUPPORTED_ORDER_TYPE", "UNSUPPORTED_TIME_IN_FORCE", "UNSUPPORTED_SIDE",
        "UNSUPPORTED_INSTRUCTION", "COMBINATION_NOT_OFFERED",
    },
    "13": {"QUANTITY_NOT_POSITIVE", "QUANTITY_NOT_ON_LOT"},
    "99": {
        "QUANTITY_MISSING", "PRICE_MISSING", "PRICE_NOT_ALLOWED", "PRICE_NOT_POSITIVE",
        "STOP_PX_MISSING", "STOP_PX_NOT_ALLOWED", "STOP_PX_NOT_POSITIVE", "EXPIRE_MISSING",
        "EXPIRE_NOT_ALLOWED", "EXPIRE_IN_THE_PAST", "PEG_MISSING", "PEG_NOT_ALLOWED",
        "PEG_WITHOUT_REFERENCE", "MIN_QTY_OUT_OF_RANGE", "MAX_FLOOR_OUT_OF_RANGE",
        "PRICE_NOT_ON_TICK", "PRICE_OUTSIDE_COLLAR", "PRICE_OUTSIDE_DYNAMIC_COLLAR",
        "SHORT_SALE_REFUSED", "THROTTLED",
    },
}  # fmt: skip
ONLY_OF_REQUESTS = {
    "UNKNOWN_ORDER", "ORDER_FINISHED", "ORDER_MODIFIED_SINCE", "ORDER_TERMS_CHANGED",
}  # fmt: skip
CXL_REJ_REASONS = {
    "ORDER_FINISHED": "0", "UNKNOWN_ORDER": "1", "ORDER_MODIFIED_SINCE": "5",
    "DUPLICATE_CL_ORD_ID": "6",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(ORD_REJ_REASONS))
def test_new_order_refusals_have_the_code_of_the_rules_of_engagement(code: str) -> None:
    of_code = {r.name for r in RejectReason if ORD_REJ_REASON.get(r, "99") == code}
    assert of_code - ONLY_OF_REQUESTS == ORD_REJ_REASONS[code]


@pytest.mark.parametrize("reason", list(RejectReason))
def test_request_refusals_have_the_code_of_the_rules_of_engagement(reason: RejectReason) -> None:
    assert CXL_REJ_REASON.get(reason, "99") == CXL_REJ_REASONS.get(reason.name, "99")


def test_every_reason_has_been_given_a_code_on_purpose() -> None:
    given = set().union(*ORD_REJ_REASONS.values()) | ONLY_OF_REQUESTS
    assert {reason.name for reason in RejectReason} == given


def test_machine_code_is_the_name_in_capitals() -> None:
    assert all(reason.value == reason.name == reason.name.upper() for reason in RejectReason)
