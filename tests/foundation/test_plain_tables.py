"""Tables of jobs: none counts twice, none loses a figure on the way in."""

import pytest

from coopetir.foundation.models import Dataset, ImportBatch
from coopetir.foundation.operations import imports, plain_tables
from factories import NOW, an_analyst, an_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst():
    return an_analyst(an_entity())


@pytest.fixture
def put(analyst, tmp_path):
    def send(text, name="empleo.csv", actor=analyst, year=None):
        path = tmp_path / name
        path.write_text(text)
        entity = actor.roles.get().entity
        file = imports.SentFile(path, name)
        return plain_tables.add_jobs_table(entity=entity, file=file, year=year, actor=actor, now=NOW)

    return send


def jobs(*years, value="10", region="76"):
    rows = [f"{region},{code},{year},{value}" for year in years for code in ("1071", "5511", "1072", "6201")]
    return "\n".join(["dpto,ciiu_rev4,anio,ocupados", *rows]) + "\n"


def test_the_same_years_twice_are_refused_by_the_other_tables_name(put, analyst):
    first = put(jobs(2020, 2021))
    with pytest.raises(plain_tables.JobsOverlap) as refused:
        put(jobs(2021, 2022), name="otra.csv")
    assert refused.value.data["label"] == "empleo.csv"
    assert refused.value.data["years"] == "2021"
    assert ImportBatch.objects.count() == 1
    put(jobs(2022), name="otra.csv")
    put(jobs(2020), name="ajena.csv", actor=an_analyst(an_entity()))
    imports.revert_import(dataset=first, actor=analyst, now=NOW)
    put(jobs(2020, 2021), name="corregida.csv")
    assert Dataset.objects.filter(reverted_at__isnull=True).count() == 3


@pytest.mark.parametrize("value", ["inf", "muchos", "-5", "1e308", "2000000000"])
def test_a_value_that_would_become_unknown_is_refused(put, value):
    text = jobs(2020, 2021).replace("1071,2020,10", f"1071,2020,{value}")
    with pytest.raises(plain_tables.FiguresUnread) as refused:
        put(text)
    assert "1 ×" in refused.value.sentence("es")
    assert "1 ×" in refused.value.sentence("en")
    assert not ImportBatch.objects.exists()


def test_a_row_without_a_place_is_refused_and_an_empty_cell_is_unknown(put):
    with pytest.raises(plain_tables.FiguresUnread, match="DIVIPOLA"):
        put(jobs(2020) + "Total,1071,2020,10\n")
    assert put(jobs(2020).replace("1071,2020,10", "1071,2020,")).rows == 4


def test_what_was_found_is_kept_and_shown(put, client, analyst):
    with_note = "dpto,ciiu_rev4,anio,ocupados,empresas\n" + "".join(
        f"76,{code},2020,10,3\n" for code in ("1071", "5511", "1072", "6201")
    )
    dataset = put(with_note)
    assert dataset.batch.quality["issues"] == []
    note = {
        "code": "x",
        "column": "ocupados",
        "count": 3,
        "severity": "repaired",
        "es": "Se repuso.",
        "en": "Restored.",
    }
    dataset.batch.quality["issues"] = [note]
    dataset.batch.save()
    client.force_login(analyst)
    assert "Se repuso. (×3)" in client.get(f"/datos/cargas/{dataset.batch_id}/").text


def test_reverting_what_was_never_in_use_is_not_found(put, client, analyst):
    dataset = put(jobs(2020))
    client.force_login(analyst)
    address = f"/datos/cargas/{dataset.batch_id}/revertir/"
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 404
    dataset.delete()
    assert client.post(address).status_code == 404


def test_tables_that_share_a_cell_are_not_added_up(put, analyst):
    """Data put in use before overlaps were refused still cannot count twice."""
    from coopetir.foundation.core.tables import KeysDuplicated
    from coopetir.identify.queries.results import jobs_table
    from factories import a_screening

    one = put(jobs(2020))
    two = put(jobs(2021), name="otra.csv")
    screening = a_screening(analyst.roles.get().entity, analyst, datasets=[one, two])
    assert jobs_table(screening).height == 8
    two.path = one.path
    two.save()
    with pytest.raises(KeysDuplicated):
        jobs_table(screening)
