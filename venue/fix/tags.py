"""Tag numbers and codes of FIX 4.4 that the edge reads, by the standard's names."""

SOH = "\x01"

BEGIN_SEQ = "34"
MSG_TYPE = "35"

HEARTBEAT = "0"
RESEND_REQUEST = "2"
SEQUENCE_RESET = "4"
LOGON = "A"
NEW_ORDER_SINGLE = "D"
ORDER_CANCEL_REQUEST = "F"
ORDER_CANCEL_REPLACE_REQUEST = "G"
ORDER_STATUS_REQUEST = "H"


class SessionRejectReason:
    """SessionRejectReason(373)."""

    REQUIRED_TAG_MISSING = 1
    VALUE_IS_INCORRECT = 5
    INCORRECT_DATA_FORMAT = 6


class BusinessRejectReason:
    """BusinessRejectReason(380)."""

    OTHER = "0"
    UNSUPPORTED_MESSAGE_TYPE = "3"
    APPLICATION_NOT_AVAILABLE = "4"
    CONDITIONALLY_REQUIRED_FIELD_MISSING = "5"


DATA_LENGTH_TAGS = {
    "90": "91",
    "93": "89",
    "95": "96",
    "212": "213",
    "348": "349",
    "350": "351",
    "352": "353",
    "354": "355",
    "356": "357",
    "358": "359",
    "360": "361",
    "362": "363",
    "364": "365",
    "445": "446",
    "618": "619",
    "621": "622",
}
"""Length tag -> its data tag, whose value may hold the field separator."""

INSTRUCTIONS_NOT_OFFERED = (
    "152",  # CashOrderQty
    "168",  # EffectiveTime
    "388",  # DiscretionInst
    "516",  # OrderPercent
)
"""Fields that would change how an order trades and that the venue does not offer: 103=11."""
