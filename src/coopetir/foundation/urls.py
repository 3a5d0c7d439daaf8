from django.urls import path

from coopetir.foundation.views import accounts, imports, jobs

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
    path("datos/cargas/", imports.import_list, name="import_list"),
    path("datos/cargas/nueva/", imports.upload, name="upload"),
    path("datos/cargas/<int:batch_id>/", imports.import_detail, name="import"),
    path("datos/cargas/<int:batch_id>/columnas/", imports.import_map, name="import_map"),
    path("datos/cargas/<int:batch_id>/usar/", imports.apply, name="import_apply"),
    path("datos/cargas/<int:batch_id>/revertir/", imports.revert, name="import_revert"),
    path("datos/cargas/<int:batch_id>/descartar/", imports.discard, name="import_discard"),
    path("datos/cargas/<int:batch_id>/hallazgos.<str:suffix>", imports.issues, name="import_issues"),
    path("datos/ejemplos/<str:name>/", imports.sample, name="sample"),
    path("componentes/", accounts.component_gallery, name="components"),
    path("salud/", accounts.health, name="health"),
]
