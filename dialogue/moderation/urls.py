"""Addresses of the queue."""

from django.urls import path

from dialogue.moderation import views, views_release

app_name = "moderation"
urlpatterns = [
    path("desk/queue/", views.queue, name="queue"),
    path("desk/queue/start/", views.start, name="start"),
    path("desk/queue/<uuid:pk>/", views.item, name="item"),
    path("desk/queue/<uuid:pk>/claim/", views.claim, name="claim"),
    path("desk/queue/<uuid:pk>/approve/", views.approve, name="approve"),
    path("desk/queue/<uuid:pk>/return/", views.return_to_author, name="return"),
    path("desk/queue/<uuid:pk>/undo/", views.undo, name="undo"),
    path("desk/rounds/<uuid:pk>/release/", views_release.release, name="release"),
]
