"""Addresses of facilitators and operators, and of everybody's own profile."""

from django.urls import path

from accounts.team import card_views, views, views_agencies

urlpatterns = [
    path("operator/", views.operator_home, name="operator_home"),
    path("operator/invite/", views.invite, name="invite"),
    path("operator/people/", views.people, name="people"),
    path("operator/agencies/", views_agencies.agencies, name="agencies"),
    path("operator/agencies/new/", views_agencies.agency_add, name="agency_add"),
    path("operator/agencies/<uuid:pk>/", views_agencies.agency_edit, name="agency_edit"),
    path("operator/people/<uuid:pk>/", views.close_account, name="close_account"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("profile/", views.profile, name="profile"),
    path("new-password/<str:key>/", views.new_password, name="new_password"),
    path("desk/cards/", card_views.cards, name="cards"),
    path("desk/cards/<uuid:pk>/", card_views.cards_sheet, name="cards_sheet"),
    path("desk/cards/<uuid:pk>/void/", card_views.void_batch, name="void_batch"),
    path("desk/partners/", card_views.partners, name="partners"),
    path("desk/partners/new/", card_views.partner_add, name="partner_add"),
    path("desk/partners/<uuid:pk>/", card_views.partner_edit, name="partner_edit"),
    path("desk/partners/<uuid:pk>/void-cards/", card_views.void_cards, name="void_cards"),
]
