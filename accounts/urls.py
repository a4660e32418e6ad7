"""Addresses about who somebody is."""

from accounts.listeners.urls import urlpatterns as listeners
from accounts.participants.urls import urlpatterns as participants
from accounts.team.urls import urlpatterns as team

app_name = "accounts"
urlpatterns = [*participants, *listeners, *team]
