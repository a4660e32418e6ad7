"""Addresses of the dialogue itself, one namespace a package."""

from django.urls import include, path

urlpatterns = [
    path("", include(f"dialogue.{package}.urls"))
    for package in (
        "welcome",
        "sessions",
        "acknowledgments",
        "threads",
        "reflections",
        "messages",
        "moderation",
        "notes",
        "reminders",
        "retention",
        "desk",
        "agencies",
    )
]
