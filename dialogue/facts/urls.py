"""Addresses of the facts."""

from django.urls import path

from dialogue.facts import views

app_name = "facts"
urlpatterns = [
    path("sessions/<uuid:pk>/facts/", views.read, name="read"),
    path("facts/<uuid:pk>/position/", views.position, name="position"),
    path("desk/sessions/<uuid:pk>/facts/add/", views.add, name="add"),
    path("desk/facts/<uuid:pk>/", views.edit, name="edit"),
    path("desk/facts/<uuid:pk>/move/", views.move, name="move"),
    path("desk/facts/<uuid:pk>/take-out/", views.remove, name="remove"),
]
