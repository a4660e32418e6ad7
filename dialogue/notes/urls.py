"""Addresses of facilitators' notes."""

from django.urls import path

from dialogue.notes import views

app_name = "notes"
urlpatterns = [
    path("desk/sessions/<uuid:pk>/notes/", views.list_notes, name="list"),
    path("desk/sessions/<uuid:pk>/notes/new/", views.create, name="create"),
    path("desk/notes/<uuid:pk>/edit/", views.edit, name="edit"),
    path("desk/notes/<uuid:pk>/delete/", views.delete, name="delete"),
]
