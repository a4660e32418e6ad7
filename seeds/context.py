"""What every template knows: the site's own facts, and in which role somebody looks at the page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

PUBLIC = "public"


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site` (facts), `viewer` (who looks, may be anonymous), `viewer_role` (one word), `layout`."""
    viewer = getattr(request, "user", None)
    role = getattr(viewer, "role", PUBLIC)
    return {
        # For the few pages that serve everybody alike, such as the errors: {% extends layout %}.
        "layout": "public.html" if role in (PUBLIC, "participant") else "staff.html",
        "site": {
            "name": settings.SITE_NAME,
            # One title for every page a participant sees: a history or a glance at the tab tells nothing.
            "neutral_title": _("Welcome"),
            "operator": settings.SITE_OPERATOR,
            "funding": settings.SITE_FUNDING,
            "hosting": settings.SITE_HOSTING,
            "contact": settings.SITE_CONTACT,
            "time_zone": settings.SITE_TIME_ZONE,
            "demo": settings.DEMO,
            "exit_url": settings.EXIT_URL,
            "onion_url": settings.ONION_URL,
        },
        "viewer": viewer,
        "viewer_role": role,
    }
