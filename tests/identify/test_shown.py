"""Who reads which edition: values only of published, safe families, unless the firms are one's own to see."""

import pytest
from django.contrib.auth.models import AnonymousUser

from coopetir.identify.core.editions import FROM_JOBS, LARGEST_FIRM
from coopetir.identify.models import Screening
from coopetir.identify.queries.leave_with import edition_of
from coopetir.identify.queries.screenings import shown, what_if
from factories import NOW, a_director, a_manager, a_screening, a_verdict, an_admin, an_analyst, an_entity

pytestmark = pytest.mark.django_db
ROW = {
    "region": "76", "family": "azucar", "verdict": "candidate", "stability": 0.8, "label": "moderate",
    "density": 1, "growth": 2, "technology": 2, "market": 2, "reasons": [], "hinges": [],
    "lq": 1.823456, "lq_shrunk_low": 1.2, "firms": 12.0, "top_firm": 0.312345, "lq_shrunk": 1.5,
    "lq_shrunk_high": 1.9, "top_firm_bound": 0.31, "top_firm_weighted": 0.4, "jobs": 4821.0,
    "slope": 0.051234, "z": 2.3456, "slope_se": 0.01, "national_slope": 0.02, "regional_term": 100.0,
    "entry_exit": 3.0, "technology_percentile": 70.0, "market_percentile": 66.0, "imputed_share": 0.0,
    "jobs_needed": None,
}  # fmt: skip


@pytest.fixture
def verdict():
    entity = an_entity()
    made = a_verdict(
        a_screening(entity, an_analyst(entity)),
        detail={"row": ROW, "safe": True, "criteria": [], "drivers": []},
    )
    Screening.objects.filter(pk=made.screening_id).update(folder="screenings/1")
    made.refresh_from_db()
    return made


def outsiders(verdict):
    return {
        "manager": a_manager(verdict.screening.entity),
        "administrator": an_admin(),
        "rival": an_analyst(an_entity()),
        "public": AnonymousUser(),
    }


def test_before_publication_outsiders_read_the_verdict_and_no_value(verdict):
    for name, reader in outsiders(verdict).items():
        row = shown(reader, verdict, "es").row
        assert row["verdict"] == "candidate", name
        assert all(row[measure] is None for measure in (*LARGEST_FIRM, *FROM_JOBS)), name
        assert what_if(reader, verdict, {"density.lq_meets": 1.2}) is None, name


def test_a_link_to_an_unpublished_verdict_shows_no_value(verdict):
    edition = edition_of(verdict, internal=False, language="es")
    assert edition.row["lq"] is edition.row["jobs"] is None
    assert "1,82" not in " ".join(edition.sentences)


def test_after_publication_coarse_values_and_never_the_largest_firm(verdict):
    Screening.objects.filter(pk=verdict.screening_id).update(published_at=NOW)
    verdict.screening.refresh_from_db()
    for name, reader in outsiders(verdict).items():
        row = shown(reader, verdict, "es").row
        assert row["lq"] == 1.82, name
        assert all(row[measure] is None for measure in LARGEST_FIRM), name


def test_an_unsafe_family_shows_no_value_even_when_published(verdict):
    Screening.objects.filter(pk=verdict.screening_id).update(published_at=NOW)
    verdict.screening.refresh_from_db()
    verdict.detail["safe"] = False
    assert all(shown(reader, verdict, "es").row["lq"] is None for reader in outsiders(verdict).values())


def test_owners_read_everything(verdict):
    for reader in (verdict.screening.created_by, a_director(verdict.screening.entity)):
        assert shown(reader, verdict, "es").row == ROW
