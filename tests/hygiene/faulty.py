"""The site's settings, with a page and a task beside the others that fail with all they were given in the message."""

from seeds.settings import *  # noqa: F403 - all of them, but for what follows

ROOT_URLCONF = "tests.hygiene.faults"
CELERY_IMPORTS = ["tests.hygiene.faults"]
