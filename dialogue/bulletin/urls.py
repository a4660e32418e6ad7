"""Addresses of the bulletin."""

from django.urls import path

from dialogue.bulletin import views

app_name = "bulletin"
urlpatterns = [
    path("desk/bulletin/", views.sheet, name="sheet"),
    path("desk/bulletin/mail/", views.mail, name="mail"),
]
