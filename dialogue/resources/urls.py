"""Addresses of the help lines."""

from django.urls import path

from dialogue.resources import views

app_name = "resources"
urlpatterns = [
    path("help/", views.help_now, name="help"),
    path("desk/help-lines/", views.listed, name="list"),
    path("desk/help-lines/new/", views.add, name="add"),
    path("desk/help-lines/<uuid:pk>/", views.check, name="check"),
    path("desk/help-lines/<uuid:pk>/edit/", views.edit, name="edit"),
    path("desk/help-lines/<uuid:pk>/move/", views.move, name="move"),
    path("desk/help-lines/<uuid:pk>/delete/", views.delete, name="delete"),
]
