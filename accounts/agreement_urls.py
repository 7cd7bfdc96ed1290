"""Addresses of what an account agrees to; `ask` names a form and the record that it is answered for."""

from django.urls import path

from accounts.views import agreements, my_agreements

urlpatterns = [
    path("agreements/", agreements.due, name="agreements_due"),
    path("agreements/terms/", agreements.accept_terms, name="terms_again"),
    path("agreements/refused/", agreements.refused, name="agreements_refused"),
    path("agreements/form/<str:ask>/", agreements.consent, name="consent"),
    path("agreements/form/<str:ask>/decline/", agreements.decline, name="consent_decline"),
    path("settings/agreements/", my_agreements.page, name="my_agreements"),
    path("settings/agreements/<int:answer>/", my_agreements.receipt, name="my_agreement"),
    path("settings/agreements/terms/<int:acceptance>/", my_agreements.terms_receipt, name="my_terms"),
    path("settings/agreements/form/<str:ask>/withdraw/", my_agreements.withdraw, name="consent_withdraw"),
]
