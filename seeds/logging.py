"""The log formatter that keeps nothing personal, and the same for a program that ends by an exception."""

import logging
import traceback
from types import TracebackType

PLACES = 4


def class_and_places(kind: type[BaseException], where: TracebackType | None) -> str:
    """The exception's class and the last places in the code, innermost first: never its message or its values."""
    frames = reversed(traceback.extract_tb(where)[-PLACES:])
    return f"{kind.__name__} @ " + " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)


class NothingPersonal(logging.Formatter):
    """Prints level, logger, HTTP status, exception class and code location: never a message, argument or path.

    Messages of libraries hold addresses, row values and what people typed; no filter can know them all.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname} {record.name} {getattr(record, 'status_code', '-')}"
        if record.exc_info and record.exc_info[0]:
            line += f" {class_and_places(record.exc_info[0], record.exc_info[2])}"
        elif record.name.startswith("seeds."):
            line += f" {record.msg}"  # our own constant texts; their arguments are still left out
        return line
