from django.urls import path

from coopetir.foundation.views import accounts, jobs

app_name = "foundation"

urlpatterns = [
    path("primeros-pasos/", accounts.first_run, name="first_run"),
    path("personas/", accounts.people, name="people"),
    path("personas/invitar/", accounts.invite, name="invite"),
    path("personas/invitacion/<str:token>/", accounts.accept, name="accept"),
    path("personas/invitacion/<int:invitation_id>/retirar/", accounts.withdraw, name="withdraw"),
    path("personas/<int:user_id>/rol/", accounts.grant, name="grant"),
    path("personas/<int:user_id>/desactivar/", accounts.deactivate, name="deactivate"),
    path("personas/rol/<int:assignment_id>/terminar/", accounts.end_role, name="end_role"),
    path("entidades/nueva/", accounts.create_entity, name="create_entity"),
    path("registro-de-cambios/", accounts.trail, name="trail"),
    path("trabajos/", jobs.job_list, name="job_list"),
    path("trabajos/<int:job_id>/", jobs.job, name="job"),
    path("trabajos/<int:job_id>/cancelar/", jobs.cancel, name="cancel_job"),
    path("salud/", accounts.health, name="health"),
]
