"""Addresses of the queue, and of the page on which an author answers a proposal."""

from django.urls import path

from dialogue.moderation import views, views_author, views_edits, views_release

app_name = "moderation"
urlpatterns = [
    path("desk/queue/", views.queue, name="queue"),
    path("desk/queue/start/", views.start, name="start"),
    path("desk/queue/<uuid:pk>/", views.item, name="item"),
    path("desk/queue/<uuid:pk>/claim/", views.claim, name="claim"),
    path("desk/queue/<uuid:pk>/approve/", views.approve, name="approve"),
    path("desk/queue/<uuid:pk>/return/", views.return_to_author, name="return"),
    path("desk/queue/<uuid:pk>/propose/", views_edits.propose, name="propose"),
    path("desk/queue/<uuid:pk>/call-back/", views_edits.call_back, name="call_back"),
    path("desk/queue/<uuid:pk>/undo/", views.undo, name="undo"),
    path("desk/rounds/<uuid:pk>/release/", views_release.release, name="release"),
    path("room/texts/<uuid:pk>/answer/", views_author.answer, name="answer"),
]
