#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from seeds.logging import class_and_places

WHOLE = "--traceback"


def main(arguments: list[str]) -> None:
    """Run the command. An exception nobody expected ends it without its message, which may hold somebody's words.

    What commands say themselves (CommandError) and what is wrong with the settings is printed as it is.
    """
    try:
        execute_from_command_line(arguments)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings: {error}")
    except Exception as error:
        if WHOLE in arguments:
            raise
        sys.exit(f"{class_and_places(type(error), error.__traceback__)}\nTo see its message and values: {WHOLE}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seeds.settings")
    main(sys.argv)
