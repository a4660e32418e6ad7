"""Addresses of the streams. They carry no words, so they have no language."""

from django.urls import path

from dialogue.live import views

app_name = "live"
urlpatterns = [
    path("room/<uuid:pk>/", views.room, name="room"),
    path("desk/", views.desk, name="desk"),
]
