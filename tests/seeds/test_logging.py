"""What stands in a log line, and what never does."""

import logging
import sys

import pytest

from seeds.logging import NothingPersonal

MARKER = "203.0.113.7 kestrel harbor"


def line(logger: str, *, boom: bool = False) -> str:
    exc_info = None
    if boom:
        try:
            raise ValueError(MARKER)
        except ValueError:
            exc_info = sys.exc_info()
    record = logging.LogRecord(logger, logging.ERROR, f"/home/{MARKER}", 1, f"said {MARKER} %s", (MARKER,), exc_info)
    record.status_code = 500
    return NothingPersonal().format(record)


@pytest.mark.promise("P3")
def test_a_library_s_message_arguments_and_exception_text_are_left_out() -> None:
    assert line("django.request") == "ERROR django.request 500"
    text = line("django.request", boom=True)
    assert text.startswith("ERROR django.request 500 ValueError @ test_logging.py:")
    assert MARKER not in text


def test_our_own_constant_message_is_printed_without_its_arguments() -> None:
    record = logging.LogRecord("seeds.reminders", logging.INFO, "x", 1, "reminder failed", (MARKER,), None)
    assert NothingPersonal().format(record) == "INFO seeds.reminders - reminder failed"
