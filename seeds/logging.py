"""The log formatter that keeps nothing personal."""

import logging
import traceback


class NothingPersonal(logging.Formatter):
    """Prints level, logger, HTTP status, exception class and code location: never a message, argument or path.

    Messages of libraries hold addresses, row values and what people typed; no filter can know them all.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname} {record.name} {getattr(record, 'status_code', '-')}"
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])[-4:]
            where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames))
            line += f" {record.exc_info[0].__name__} @ {where}"
        elif record.name.startswith("seeds."):
            line += f" {record.msg}"  # our own constant texts; their arguments are still left out
        return line
