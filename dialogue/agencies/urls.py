"""Addresses of the public pages of agencies."""

from django.urls import path

from dialogue.agencies import views

app_name = "agencies"
urlpatterns = [
    path("agencies/", views.agencies, name="list"),
    path("agencies/<uuid:pk>/", views.detail, name="detail"),
]
