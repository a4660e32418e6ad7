"""Addresses of listeners, and of who vouches for them."""

from django.urls import path

from accounts.listeners import views, views_agreement, views_name

urlpatterns = [
    path("listener/", views.home, name="listener_home"),
    path("listener/pledge/", views.pledge, name="pledge"),
    path("listener/letter/", views.agreement_letter, name="agreement_letter"),
    path("listener/pledge/withdraw/", views_agreement.withdraw_pledge, name="withdraw_pledge"),
    path("listener/agreement/", views_agreement.agreement, name="agreement"),
    path("agreements/<uuid:pk>/withdraw/", views_agreement.withdraw_agreement, name="withdraw_agreement"),
    path("listener/name/", views_name.public_name, name="public_name"),
    path("desk/listeners/", views.listeners, name="listeners"),
    path("desk/listeners/<uuid:pk>/", views.verify_listener, name="verify_listener"),
    path("desk/listeners/<uuid:pk>/end/", views.end_verification, name="end_verification"),
]
