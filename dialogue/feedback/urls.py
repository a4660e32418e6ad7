"""Addresses of the questions at the end."""

from django.urls import path

from dialogue.feedback import views

app_name = "feedback"
urlpatterns = [
    path("felt-heard/", views.of_all, name="of_all"),
    path("sessions/<uuid:pk>/felt-heard/", views.sheet, name="sheet"),
]
