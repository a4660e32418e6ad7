"""Addresses of private messages."""

from django.urls import path

from dialogue.messages import views

app_name = "messages"
urlpatterns = [
    path("sessions/<uuid:pk>/messages/", views.mine, name="mine"),
    path("my/messages/<uuid:pk>/take-back/", views.take_back, name="take_back"),
    path("desk/sessions/<uuid:pk>/messages/", views.conversations, name="list"),
    path("desk/messages/<uuid:pk>/", views.conversation, name="conversation"),
]
