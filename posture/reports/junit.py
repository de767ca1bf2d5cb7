"""JUnit XML: a suite for each subject, a case for each control.

An unknown row is an error; one that is waived, was so before or does not apply is skipped. The name of a case holds
its subject: some readers tell cases apart by class and name alone, and would show one store for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from posture.model.assessment import Assessment, Finding, SubjectInfo, Unlooked
from posture.reports.ending import ending
from posture.reports.options import Options
from posture.reports.places import told as told_places
from posture.reports.plain import printable
from posture.reports.selection import terms
from posture.reports.tally import Numbers, Tally, tallied
from posture.reports.view import Standing, granted, of_subject, outgrown, since, standing, told, why_unknown


def render(assessment: Assessment, options: Options) -> str:
    """The document; places that could not be looked into are errors of a suite of their own."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:  # noqa: ARG001 - as that of every format
    """The same, suite by suite."""
    tally, rows = tallied(assessment.findings), of_subject(assessment.findings)
    opening, closing = _root(assessment, tally)
    yield f'<?xml version="1.0" encoding="utf-8"?>\n{opening}\n'
    for subject, numbers in sorted(tally.subjects, key=lambda entry: (entry[0].about, entry[0].uri)):
        yield _written(_suite(assessment, subject, numbers, rows(subject)))
    yield _written(_discovery(assessment, tally))
    yield f"{closing}\n"


def _root(assessment: Assessment, tally: Tally) -> tuple[str, str]:
    """The tags around the suites."""
    run, unlooked = assessment.run, len(assessment.unlooked)
    numbers = _numbers(tally.counts)
    numbers |= {name: str(int(numbers[name]) + unlooked) for name in ("tests", "errors")}
    root = ET.Element("testsuites", {"name": printable(f"{run.tool} {run.version}"), **numbers})
    root.text = "\n"
    opening, closing = ET.tostring(root, encoding="unicode").split("\n")
    return opening, closing


def _numbers(counts: Numbers) -> dict[str, str]:
    skipped = counts[Standing.KNOWN] + counts[Standing.WAIVED] + counts[Standing.NOT_APPLICABLE]
    return {
        "tests": str(sum(counts.values())),
        "failures": str(counts[Standing.FAIL]),
        "errors": str(counts[Standing.UNKNOWN]),
        "skipped": str(skipped),
    }


def _written(suite: ET.Element) -> str:
    ET.indent(suite, level=1)
    return f"  {ET.tostring(suite, encoding='unicode')}\n"


def _suite(assessment: Assessment, subject: SubjectInfo, counts: Numbers, findings: Iterable[Finding]) -> ET.Element:
    attributes = {"name": printable(subject.uri), **_numbers(counts), "timestamp": _clock(assessment)}
    suite = ET.Element("testsuite", attributes)
    suite.extend(map(_case, findings))
    return suite


def _case(finding: Finding) -> ET.Element:
    control = finding.control
    name = f"{control.title}: {finding.subject.uri}"
    case = ET.Element("testcase", classname=printable(control.id), name=printable(name))
    for attribute, value in _place(finding).items():
        case.set(attribute, value)
    match standing(finding):
        case Standing.FAIL:
            case.append(_told("failure", str(control.severity), control.title, finding))
        case Standing.UNKNOWN:
            case.append(_told("error", "unknown", f"could not be determined: {control.title}", finding))
        case Standing.KNOWN:
            ET.SubElement(case, "skipped", message=f"known ({finding.outcome}) {since(finding)}")
        case Standing.WAIVED:
            ET.SubElement(case, "skipped", message=printable(f"waived ({finding.outcome}) by {granted(finding)}"))
        case Standing.NOT_APPLICABLE:
            ET.SubElement(case, "skipped", message="not applicable")
        case Standing.PASS:
            pass
    return case


def _place(finding: Finding) -> dict[str, str]:
    """The attributes by which test pages link a case to its source."""
    if not finding.places or not finding.places[0].file:
        return {}
    place = finding.places[0]
    return {"file": printable(place.file)} | ({"line": str(place.line)} if place.line else {})


def _told(tag: str, kind: str, message: str, finding: Finding) -> ET.Element:
    element = ET.Element(tag, type=kind, message=printable(message))
    lines = [told(item) for item in finding.deciding]
    if finding.waiver is not None:
        lines.append(f"waiver {finding.waiver.id} does not hold: {finding.waiver.state}")
    if why := outgrown(finding):
        lines.append(why)
    if finding.places:
        lines.append(f"at {told_places(finding.places)}")
    lines.append(f"fix: {finding.control.fix_for(finding.subject.provider)}")
    element.text = "\n".join(f"- {printable(text)}" for text in lines)
    return element


def _discovery(assessment: Assessment, tally: Tally) -> ET.Element:
    number = str(len(assessment.unlooked))
    suite = ET.Element("testsuite", name="discovery", tests=number, failures="0", errors=number, skipped="0")
    suite.set("timestamp", _clock(assessment))
    told = terms(assessment.run)
    if told:
        properties = ET.SubElement(suite, "properties")
        for name, words in told.items():
            ET.SubElement(properties, "property", name=name, value=printable(words))
    suite.extend(map(_unlooked, assessment.unlooked))
    notes = [f"exit code {assessment.exit_code}: {ending(assessment, tally)}"]
    notes += [f"{name}: {words}" for name, words in told.items()]
    notes += [f"the waiver {waiver} matches no row" for waiver in assessment.unmatched_waivers]
    ET.SubElement(suite, "system-out").text = "\n".join(f"- {printable(note)}" for note in notes)
    return suite


def _unlooked(place: Unlooked) -> ET.Element:
    case = ET.Element("testcase", classname="discovery", name=printable(place.what))
    error = ET.SubElement(case, "error", type=str(place.unknown.reason), message="could not be looked into")
    error.text = printable(f"- {why_unknown(place.unknown)}")
    return case


def _clock(assessment: Assessment) -> str:
    return assessment.run.started.removesuffix("Z")
