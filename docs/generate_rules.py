"""Tables of docs/RULES_OF_ENGAGEMENT.md from the venue itself: its dictionary, decoder and tables.

`python docs/generate_rules.py` says whether they differ (exit 1), `--write` brings them in.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from rules_notes import CODES, NOTES

from venue.domain.reject_reasons import CXL_REJ_REASON, ORD_REJ_REASON, RejectReason
from venue.domain.types import OrdStatus, OrdType, TimeInForce
from venue.engine.state.orders import TRANSITIONS
from venue.fix.decode import decode
from venue.fix.tags import INSTRUCTIONS_NOT_OFFERED
from venue.risk.combinations import CONDITIONS, EXCLUSIVE, TIMES_IN_FORCE

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "RULES_OF_ENGAGEMENT.md"
INBOUND = ("D", "F", "G", "H", "q", "AF")
OTHER = "99"
_BLOCK = re.compile(r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_NOT_TABLED = {35, 97, *map(int, INSTRUCTIONS_NOT_OFFERED)}
"""Tags that the decoder reads and the text, not a table, explains."""


class Dictionary:
    """Names, tags and required fields of spec/FIX44.xml, components resolved."""

    def __init__(self) -> None:
        self._root = ElementTree.parse(ROOT / "spec" / "FIX44.xml").getroot()
        self.tags = {
            field.attrib["name"]: int(field.attrib["number"])
            for field in self._root.iterfind("fields/field")
        }
        self.names = {tag: name for name, tag in self.tags.items()}

    def fields(self, msg_type: str) -> dict[int, bool]:
        """Tags of a message's body and whether each is required."""
        message = self._root.find(f"messages/message[@msgtype='{msg_type}']")
        assert message is not None, msg_type
        return dict(self._walk(message, required=True))

    def _walk(self, element: ElementTree.Element, required: bool) -> Iterator[tuple[int, bool]]:
        for child in element:
            name = child.attrib["name"]
            here = required and child.attrib["required"] == "Y"
            if child.tag == "component":
                component = self._root.find(f"components/component[@name='{name}']")
                assert component is not None, name
                yield from self._walk(component, here)
            else:
                yield self.tags[name], here
                yield from self._walk(child, required=False)


class AskedFields(dict[str, str]):
    """Fields of a message that remember which tags were looked at; one of them is rare (97)."""

    def __init__(self, msg_type: str) -> None:
        super().__init__({"35": msg_type, "97": "Y"})
        self.asked: set[int] = set()

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key) if key == "35" else self.get(key) or ""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(int(key))
        return {"126": "20300101-00:00:00", "586": "20300101-00:00:00", "432": "20300101"}.get(
            key, "1"
        )

    def __contains__(self, key: object) -> bool:
        self.asked.add(int(str(key)))
        return key not in INSTRUCTIONS_NOT_OFFERED


def decoded_tags(msg_type: str) -> set[int]:
    """Tags that the decoder reads of a message."""
    fields: Mapping[str, str] = (asked := AskedFields(msg_type))
    group = "\x01".join(["448=x", "447=D", "452=1", ""])
    decoded = decode("S", group, fields)
    read = asked.asked - _NOT_TABLED
    return read | {453, 448, 447, 452} if hasattr(decoded, "parties") else read


def message_table(dictionary: Dictionary, msg_type: str) -> list[str]:
    """Table tag / name / required / note of a message."""
    notes, known = NOTES[msg_type], dictionary.fields(msg_type)
    unknown = notes.keys() - known.keys()
    assert not unknown, f"{msg_type} has no {unknown} in the dictionary"
    missing = {tag for tag, required in known.items() if required} - notes.keys()
    assert not missing, f"{msg_type} requires {missing}, which have no note"
    if msg_type in INBOUND:
        read = decoded_tags(msg_type) | (notes.keys() & {60})
        assert notes.keys() == read, f"{msg_type}: notes or decoder lack {notes.keys() ^ read}"
    rows = ["| tag | name | required | note |", "| --- | --- | --- | --- |"]
    for tag, (when, note) in notes.items():
        required = "Y" if known[tag] else when
        rows.append(f"| {tag} | {dictionary.names[tag]} | {required} | {note} |")
    return [row.replace("|  |", "| |") for row in rows]


def state_table() -> list[str]:
    """What happens to an order: from which OrdStatus to which."""

    def listed(statuses: tuple[OrdStatus, ...]) -> str:
        return ", ".join(f"{s.name.replace('_', ' ').lower()} ({s.value})" for s in statuses)

    rows = ["| what happens | OrdStatus(39) before | after |", "| --- | --- | --- |"]
    rows += [
        f"| {what} | {listed(before)} | {listed(after)} |"
        for what, (before, after) in TRANSITIONS.items()
    ]
    return rows


def combination_table() -> list[str]:
    """OrdType by TimeInForce, then the conditions."""
    times = list(TimeInForce)
    names = [f"59={t.value} {t.name.replace('_', ' ').lower()}" for t in times]
    rows = [f"| | {' | '.join(names)} |", "| --- |" + " --- |" * len(times)]
    for kind in OrdType:
        cells = ["yes" if time in TIMES_IN_FORCE[kind] else "" for time in times]
        rows.append(
            f"| 40={kind.value} {kind.name.replace('_', ' ').lower()} | {' | '.join(cells)} |"
        )
    rows += ["", "| condition | with OrdType(40) | with TimeInForce(59) |", "| --- | --- | --- |"]
    for condition in CONDITIONS:
        kinds, tifs = ", ".join(condition.ord_types), ", ".join(condition.times_in_force)
        rows.append(f"| {condition.name} | {kinds} | {tifs} |")
    pairs = "; ".join(f"{one} with {other}" for one, other in EXCLUSIVE)
    rows += ["", f"Not together: {pairs}; 8000 without 7928; 8000=D with 59=4, 110 or 18=G."]
    return [re.sub(r"\|  (?=\|)", "| ", row) for row in rows]


def code_table() -> list[str]:
    """Every machine code in the order of the checks, with its reason codes."""
    differing = CODES.keys() ^ {reason.value for reason in RejectReason}
    assert not differing, f"codes without a note, or notes without a code: {differing}"
    rows = ["| code | 103 (D) | 102 (F, G) | for | |", "| --- | --- | --- | --- | --- |"]
    for reason in RejectReason:
        requests, note = CODES[reason.value]
        ord_rej = ORD_REJ_REASON.get(reason, OTHER) if "D" in requests else ""
        cxl_rej = CXL_REJ_REASON.get(reason, OTHER) if requests != "D" else ""
        rows.append(f"| `{reason}` | {ord_rej} | {cxl_rej} | {', '.join(requests)} | {note} |")
    return [row.replace("|  |", "| |") for row in rows]


def generated(text: str) -> str:
    """The document with all its tables as they have to be."""
    dictionary = Dictionary()
    tables = {f"message {msg_type}": message_table(dictionary, msg_type) for msg_type in NOTES}
    tables |= {"states": state_table(), "combinations": combination_table(), "codes": code_table()}
    found = [match[2] for match in _BLOCK.finditer(text)]
    assert sorted(found) == sorted(tables), f"tables missing or unknown: {set(found) ^ set(tables)}"
    return _BLOCK.sub(lambda m: m[1] + "\n".join(tables[m[2]]) + "\n" + m[3], text)


def main() -> int:
    """Exit status: 1 when the document differs and is not to be written."""
    text = DOCUMENT.read_text()
    wanted = generated(text)
    if wanted == text:
        return 0
    if "--write" not in sys.argv[1:]:
        print(f"{DOCUMENT.name} differs from the venue: python docs/generate_rules.py --write")
        return 1
    DOCUMENT.write_text(wanted)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
