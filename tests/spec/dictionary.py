"""spec/FIX44.xml as QuickFIX reads it and as XML, and the message types that the venue speaks."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import quickfix


def words(text: str) -> list[str]:
    return text.split()


PATH = Path(__file__).parents[2] / "spec" / "FIX44.xml"
ROOT = ElementTree.parse(PATH).getroot()
DICTIONARY = quickfix.DataDictionary(str(PATH))


def section(name: str) -> Element:
    found = ROOT.find(name)
    assert found is not None, name
    return found


FIELDS = {field.attrib["name"]: field for field in section("fields")}
NAMES = {int(field.attrib["number"]): name for name, field in FIELDS.items()}
COMPONENTS = {component.attrib["name"]: component for component in section("components")}
MESSAGES = {message.attrib["msgtype"]: message for message in section("messages")}
SESSION = words("0 1 2 3 4 5 A")
INBOUND = words("D F G H q AF V x e g AD AN BE")
OUTBOUND = words("8 9 r W X Y y f h AE AR AQ AO AP BF B j")
USER = words("U1 U2")
SPOKEN = [*SESSION, *INBOUND, *OUTBOUND, *USER]
STUBS = words("""
    6 7 C E J K L M N P Q R S T Z a b c d i k l m n o p s t u v w z AA AB AC AG AH AI AJ AK AL AM
    AS AT AU AV AW AX AY AZ BA BB BC BD BG BH
""")


def tag(node: Element) -> int:
    return int(FIELDS[node.attrib["name"]].attrib["number"])


def expanded(node: Element) -> Iterator[Element]:
    """Fields and groups of a message or group, with the components put in place."""
    for child in node:
        if child.tag == "component":
            yield from expanded(COMPONENTS[child.attrib["name"]])
        else:
            yield child


def group_of(group: Element) -> list[Element]:
    return list(expanded(group))
