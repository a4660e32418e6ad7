"""Addresses of the own words."""

from django.urls import path

from dialogue.ownwords import views

app_name = "ownwords"
urlpatterns = [
    path("listener/own-words/", views.page, name="page"),
    path("listener/own-words/file/", views.file, name="file"),
]
