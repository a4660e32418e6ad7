"""Addresses of the queue, and of what an author does about a decision."""

from django.urls import path

from dialogue.moderation import views, views_appeals, views_author, views_edits, views_release, views_shift

app_name = "moderation"
urlpatterns = [
    path("desk/queue/", views.queue, name="queue"),
    path("desk/queue/start/", views.start, name="start"),
    path("desk/queue/break/", views_shift.rest, name="rest"),
    path("desk/queue/reading/", views_shift.reading, name="reading"),
    path("desk/queue/<uuid:pk>/", views.item, name="item"),
    path("desk/queue/<uuid:pk>/claim/", views.claim, name="claim"),
    path("desk/queue/<uuid:pk>/approve/", views.approve, name="approve"),
    path("desk/queue/<uuid:pk>/return/", views.return_to_author, name="return"),
    path("desk/queue/<uuid:pk>/propose/", views_edits.propose, name="propose"),
    path("desk/queue/<uuid:pk>/call-back/", views_edits.call_back, name="call_back"),
    path("desk/queue/<uuid:pk>/undo/", views.undo, name="undo"),
    path("desk/queue/<uuid:pk>/undo-return/", views.undo_return, name="undo_return"),
    path("desk/queue/<uuid:pk>/overturn/", views_appeals.overturn, name="overturn"),
    path("desk/queue/<uuid:pk>/uphold/", views_appeals.uphold, name="uphold"),
    path("desk/rounds/<uuid:pk>/release/", views_release.release, name="release"),
    path("room/texts/<uuid:pk>/answer/", views_author.answer, name="answer"),
    path("room/texts/<uuid:pk>/look-again/", views_appeals.look_again, name="look_again"),
]
