"""Addresses of the dialogue itself, one namespace a package."""

from django.urls import include, path

urlpatterns = [
    path("", include(f"dialogue.{package}.urls"))
    for package in (
        "welcome",
        "resources",
        "sessions",
        "acknowledgments",
        "threads",
        "reflections",
        "commitments",
        "facts",
        "feedback",
        "messages",
        "moderation",
        "jobs",
        "ownwords",
        "notes",
        "reports",
        "figures",
        "reminders",
        "retention",
        "desk",
        "agencies",
        "bulletin",
    )
]
