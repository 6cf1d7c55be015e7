"""The result of a play as JUnit XML, as build servers read it: a test case for each answer."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from venue.scenarios.playing import Checked


def junit_xml(scenario: str, checked: Sequence[Checked], seconds: float) -> bytes:
    """The document. scenario: its name, which is the suite's."""
    failures = sum(bool(each.differences) for each in checked)
    skipped = sum(each.is_skipped for each in checked)
    suite = ElementTree.Element(
        "testsuite",
        name=scenario,
        tests=str(len(checked)),
        failures=str(failures),
        errors="0",
        skipped=str(skipped),
        time=f"{seconds:.3f}",
    )
    for number, each in enumerate(checked, 1):
        name = f"{number:03} {each.session} {each.name}"
        case = ElementTree.SubElement(suite, "testcase", classname=scenario, name=name)
        if each.is_skipped:
            ElementTree.SubElement(
                case, "skipped", message="an answer before it was not there, or another message"
            )
        elif each.differences:
            place = f"line {each.line}" if each.line else "behind the end"
            first = each.differences[0].text
            failure = ElementTree.SubElement(case, "failure", message=first, type="difference")
            failure.text = _legal("\n".join([place, *(found.text for found in each.differences)]))
            failure.set("message", _legal(first))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    text: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _legal(text: str) -> str:
    """Text without the control characters that XML does not have."""
    return "".join(char if char >= " " or char in "\n\t" else "|" for char in text)
