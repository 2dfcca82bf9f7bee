"""What CI systems read: JUnit XML, GitHub's annotations, a Markdown summary."""

from __future__ import annotations

import sys
from xml.sax.saxutils import escape, quoteattr

from llmmem.fit.capacity import Case, Unanswered
from llmmem.render import Answer
from llmmem.render.machine import as_markdown, write_file


def write_junit(file: str, cases: list[Case], unanswered: list[Unanswered]) -> None:
    """One test case for each deployment, in the form Jenkins, GitLab and others read; an error for one that
    could not be answered.

    Raises:
        UsageError: the file cannot be written.
    """
    failures = sum(not case.passed for case in cases)
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    tests = len(cases) + len(unanswered)
    counts = f'tests="{tests}" failures="{failures}" errors="{len(unanswered)}" skipped="0"'
    out += [f'<testsuites name="llmmem" {counts}>', f'  <testsuite name="capacity" {counts}>']
    for case in cases:
        head = f"    <testcase name={_quoted(case.name)} classname={_quoted(case.report.deployment.engine)}"
        if case.passed:
            out.append(head + "/>")
            continue
        message = "; ".join(case.reasons)
        lines = "\n".join(f"{line.group}: {line.bytes:,} bytes; {line.why}" for line in case.report.lines)
        out += [
            head + ">",
            f'      <failure type="capacity" message={_quoted(message)}>{escape(_printable(lines))}</failure>',
            "    </testcase>",
        ]
    for one in unanswered:
        out += [
            f"    <testcase name={_quoted(one.name)} classname={_quoted(one.engine)}>",
            f"      <error type={_quoted(one.error.kind)} message={_quoted(str(one.error))}>"
            f"{escape(_printable(one.error.hint))}</error>",
            "    </testcase>",
        ]
    out += ["  </testsuite>", "</testsuites>", ""]
    write_file(file, "\n".join(out), "--junit")


def write_summary(file: str, answer: Answer, append: bool = False) -> None:
    """The answer as Markdown, added to what is there where ``append`` says so.

    Raises:
        UsageError: the file cannot be written.
    """
    write_file(file, as_markdown(answer) + "\n", "--summary", append)


def annotate(cases: list[Case], unanswered: list[Unanswered], file: str) -> None:
    """One error for each deployment that does not hold or could not be answered, at its line of the file, as GitHub
    Actions takes it (on stderr: the runner reads both streams, and stdout is the answer)."""
    wrong = [(case.name, case.line, "; ".join(case.reasons)) for case in cases if not case.passed]
    wrong += [(one.name, one.line, str(one.error)) for one in unanswered]
    for name, line, message in wrong:
        place = f"file={_property(file)},line={line}," if file and line else ""
        sys.stderr.write(f"::error {place}title={_property(name)}::{_data(message)}\n")


def _quoted(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Without the control characters XML has no way to write."""
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
