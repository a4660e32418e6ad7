from django.urls import path

from dialogue.sessions import views_agendas as agendas
from dialogue.sessions import views_guards as guards
from dialogue.sessions import views_members as members
from dialogue.sessions import views_objections as objections
from dialogue.sessions import views_public as public
from dialogue.sessions import views_rounds as rounds
from dialogue.sessions import views_team as team

app_name = "sessions"
urlpatterns = [
    path("sessions/", public.session_list, name="list"),
    path("times/", public.times, name="times"),
    path("who-may-write/", public.matrix, name="matrix"),
    path("sessions/<uuid:pk>/", public.detail, name="detail"),
    path("sessions/<uuid:pk>/appointment.ics", public.calendar, name="calendar"),
    path("my/", members.mine, name="mine"),
    path("sessions/<uuid:pk>/join/", members.join, name="join"),
    path("my/<uuid:pk>/forget/", members.forget, name="forget"),
    path("sessions/<uuid:pk>/objections/", objections.objections, name="objections"),
    path("my/objections/<uuid:pk>/take-back/", objections.take_back, name="objection_take_back"),
    path("desk/sessions/<uuid:pk>/objections/", objections.raised, name="objections_team"),
    path("desk/objections/<uuid:pk>/", objections.settle, name="objection_settle"),
    path("listener/seats/", members.seats, name="seats"),
    path("sessions/<uuid:pk>/apply/", members.apply, name="apply"),
    path("listener/seats/<uuid:pk>/give-back/", members.give_back, name="give_back"),
    path("desk/sessions/new/", team.create, name="create"),
    path("desk/sessions/<uuid:pk>/", team.manage, name="manage"),
    path("desk/sessions/<uuid:pk>/edit/", team.edit, name="edit"),
    path("desk/sessions/<uuid:pk>/move-on/", team.move_on, name="move_on"),
    path("desk/sessions/<uuid:pk>/pause/", team.pause, name="pause"),
    path("desk/sessions/<uuid:pk>/resume/", team.resume, name="resume"),
    path("desk/sessions/<uuid:pk>/postpone/", team.postpone, name="postpone"),
    path("desk/sessions/<uuid:pk>/guards/", guards.guards, name="guards"),
    path("desk/sessions/<uuid:pk>/cancel/", team.cancel, name="cancel"),
    path("desk/seats/<uuid:pk>/place/", team.place, name="place"),
    path("desk/seats/<uuid:pk>/decline/", team.decline_seat, name="decline_seat"),
    path("desk/participants/<uuid:pk>/remove/", team.remove, name="remove"),
    path("desk/sessions/<uuid:pk>/agenda/", rounds.agenda, name="agenda"),
    path("desk/sessions/<uuid:pk>/agenda/add/", rounds.round_add, name="round_add"),
    path("desk/sessions/<uuid:pk>/agenda/save/", agendas.save, name="agenda_save"),
    path("desk/sessions/<uuid:pk>/agenda/templates/", agendas.choose, name="agenda_templates"),
    path("desk/sessions/<uuid:pk>/agenda/templates/<slug:key>/", agendas.use, name="agenda_use"),
    path("desk/sessions/<uuid:pk>/agenda/templates/<slug:key>/delete/", agendas.delete, name="agenda_delete"),
    path("desk/rounds/<uuid:pk>/edit/", rounds.round_edit, name="round_edit"),
    path("desk/rounds/<uuid:pk>/move/", rounds.round_move, name="round_move"),
    path("desk/rounds/<uuid:pk>/remove/", rounds.round_remove, name="round_remove"),
    path("desk/rounds/<uuid:pk>/open/", rounds.round_open, name="round_open"),
    path("desk/rounds/<uuid:pk>/close/", rounds.round_close, name="round_close"),
    path("desk/rounds/<uuid:pk>/reopen/", rounds.round_reopen, name="round_reopen"),
    path("desk/rounds/<uuid:pk>/skip/", rounds.round_skip, name="round_skip"),
]
