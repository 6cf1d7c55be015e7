"""Tag numbers and codes of FIX 4.4 that the edge reads, by the standard's names."""

SOH = "\x01"

BEGIN_SEQ = "34"
MSG_TYPE = "35"

HEARTBEAT = "0"
TEST_REQUEST = "1"
RESEND_REQUEST = "2"
REJECT = "3"
SEQUENCE_RESET = "4"
LOGOUT = "5"
LOGON = "A"
SESSION_MESSAGES = frozenset("012345A")
NEW_ORDER_SINGLE = "D"
ORDER_CANCEL_REQUEST = "F"
ORDER_CANCEL_REPLACE_REQUEST = "G"
ORDER_STATUS_REQUEST = "H"
USER_REQUEST = "BE"
ORDER_MESSAGES = frozenset(("D", "F", "G", "H", "q", "AF", "E", "s", "t", "u", "AB", "AC"))
"""Messages of order entry, also those that the venue does not take anywhere."""


class SessionRejectReason:
    """SessionRejectReason(373)."""

    INVALID_TAG_NUMBER = 0
    REQUIRED_TAG_MISSING = 1
    TAG_WITHOUT_VALUE = 4
    VALUE_IS_INCORRECT = 5
    INCORRECT_DATA_FORMAT = 6
    SENDING_TIME_ACCURACY = 10
    TAG_APPEARS_MORE_THAN_ONCE = 13
    TAG_OUT_OF_REQUIRED_ORDER = 14
    GROUP_OUT_OF_ORDER = 15
    COUNT_IN_GROUP = 16
    OTHER = 99


class BusinessRejectReason:
    """BusinessRejectReason(380)."""

    OTHER = "0"
    UNSUPPORTED_MESSAGE_TYPE = "3"
    APPLICATION_NOT_AVAILABLE = "4"
    CONDITIONALLY_REQUIRED_FIELD_MISSING = "5"
    NOT_AUTHORIZED = "6"


HEADER_TAGS = frozenset(
    (
        "8",
        "9",
        "35",
        "34",
        "43",
        "49",
        "50",
        "52",
        "56",
        "57",
        "90",
        "91",
        "97",
        "115",
        "116",
        "122",
        "128",
        "129",
        "142",
        "143",
        "144",
        "145",
        "212",
        "213",
        "347",
        "369",
        "627",
        "628",
        "629",
        "630",
    )
)
"""Fields of the standard header (FIX 4.4 volume 2)."""

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
