"""Messages by the dictionary, ordinary ones and full ones, and what QuickFIX says of a message."""

from xml.etree.ElementTree import Element

import quickfix

from tests.spec.dictionary import DICTIONARY, FIELDS, expanded, group_of, tag

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


def full_body(node: Element) -> str:
    """Every field that a message may have, once, and every group."""
    groups = {one.attrib["name"]: one for one in expanded(node) if one.tag == "group"}
    plain = {one.attrib["name"]: one for one in expanded(node) if one.attrib["name"] not in groups}
    return "|".join([*map(sample_field, plain.values()), *map(sample_group, groups.values())])
