from django.urls import path

from coopetir.identify.views import explore, footprint, leave_with, screening, sharing, verdict

app_name = "identify"

one = "tamizajes/<int:screening_id>/"

urlpatterns = [
    path("", screening.home, name="home"),
    path("explorar/", explore.explore, name="explore"),
    path("explorar/tabla.<str:kind>", explore.explore_table, name="explore_table"),
    path("explorar/figura.<str:kind>", explore.explore_picture, name="explore_picture"),
    path("mis-datos/", screening.start, name="start"),
    path("vistas/guardar/", screening.save_view, name="save_view"),
    path("vistas/<int:view_id>/borrar/", screening.delete_view, name="delete_view"),
    path("tamizajes/nuevo/", screening.screening_new, name="screening_new"),
    path(one, screening.screening, name="screening"),
    path(f"{one}calcular/", screening.compute, name="compute"),
    path(f"{one}familias/", screening.families, name="families"),
    path(f"{one}familias/deshacer/", screening.families_undo, name="families_undo"),
    path(f"{one}familias/<slug:family>/", screening.families, name="family_edit"),
    path(f"{one}familias/<slug:family>/quitar/", screening.family_remove, name="family_remove"),
    path(f"{one}metodo/", screening.method, name="method"),
    path(f"{one}cambios/", screening.compare, name="compare"),
    path(f"{one}publicar/", screening.publish, name="publish"),
    path(f"{one}archivar/", screening.archive, name="archive"),
    path(f"{one}industria/<slug:family>/", verdict.verdict, name="verdict"),
    path(f"{one}industria/<slug:family>/criterio/<slug:name>/", verdict.criterion, name="criterion"),
    path(f"{one}industria/<slug:family>/apoyos/", verdict.driver_table, name="drivers"),
    path(f"{one}industria/<slug:family>/proponer/", verdict.propose, name="propose"),
    path(f"{one}industria/<slug:family>/decidir/", verdict.decide, name="decide"),
]

# What she leaves with: files and links of one verdict, footprints of a list of members.
family = f"{one}industria/<slug:family>/"

urlpatterns += [
    path(f"{family}ficha.pdf", leave_with.ficha, name="ficha"),
    path(f"{family}empresas.xlsx", leave_with.firms_xlsx, name="firms_xlsx"),
    path(f"{family}figura.<slug:kind>", leave_with.picture, name="picture"),
    path(f"{one}evidencia-<slug:edition>.zip", leave_with.evidence, name="evidence"),
    path(f"{family}enlaces/", sharing.share_list, name="share_list"),
    path(f"{family}enlaces/nuevo/", sharing.share_create, name="share_create"),
    path(f"{family}enlaces/<int:link_id>/retirar/", sharing.share_revoke, name="share_revoke"),
    path("f/<str:token>/", sharing.shared, name="shared"),
    path("f/<str:token>/ficha.pdf", sharing.shared_ficha, name="shared_ficha"),
    path("huellas/", footprint.footprint_list, name="footprint_list"),
    path("huellas/nueva/", footprint.footprint_new, name="footprint_new"),
    path("huellas/<int:footprint_id>/", footprint.footprint, name="footprint"),
    path(
        "huellas/<int:footprint_id>/panel.<slug:kind>",
        footprint.footprint_download,
        name="footprint_download",
    ),
]
