"""Who may do what, said once in two tables: every rule by role, and every address by role.

Letters: N the network's administrator; D director, A analyst, M manager of the entity that owns the thing; d, a, m the
same of a rival entity; g somebody with an account and no role; p the public. A rule or an address that the tables do
not mention fails, and so does a line about one that is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import get_resolver, reverse
from django.utils import timezone

import leave_with_world
from coopetir.foundation.core.extracts.profile import Profile
from coopetir.foundation.models import Event, ImportBatch, Job
from coopetir.foundation.operations import accounts, imports
from coopetir.foundation.permissions import RULES, can
from coopetir.foundation.queries import sample_file
from coopetir.identify.models import Screening
from coopetir.identify.operations import decisions, sharing
from coopetir.identify.operations.footprints import SentList, create_footprint
from factories import NOW, a_dataset, a_screening
from registry_fixture import People, committed, people, run_waiting

EVERYBODY = "NDAMdamgp"

# rule                  of the entity that owns it | without a subject: may this person do it anywhere
RULES_TABLE = """
entity.create           N          N
entity.view             NDAMdamg   NDAMdamg
account.list            ND         NDd
account.invite          ND         NDd
account.deactivate      ND         NDd
role.grant              ND         NDd
role.end                ND         NDd
event.list              ND         NDd
dataset.view            DAM        DAMdam
dataset.import          DA         DAda
dataset.apply           DA         DAda
dataset.revert          DA         DAda
firm.view               DA         DAda
job.view                DAM        DAMdam
job.cancel              DA         Dd
screening.view          NDAM       NDAMdam
screening.create        DA         DAda
screening.edit          DA         DAda
screening.compute       DA         DAda
screening.archive       D          Dd
screening.publish       D          Dd
decision.propose        DA         DAda
decision.decide         D          Dd
evidence.internal       DA         DAda
evidence.public         DA         DAda
footprint.create        DA         DAda
footprint.view          DAM        DAMdam
share.create            DA         DAda
share.revoke            DA         DAda
view.save               NDAMdamg   NDAMdamg
view.delete             A          NDAMdamg
"""

# address, method, then what each letter meets. login = sent to sign in; done = it changed something (an event tells);
# other words are the status of the answer.
ADDRESSES = """
website:home                          GET   200 NDAMdamgp
website:board_download                GET   200 NDAMdamgp
website:help                          GET   200 NDAMdamgp
website:method                        GET   200 NDAMdamgp
website:method_download               GET   200 NDAMdamgp
website:about_data                    GET   200 NDAMdamgp
website:accessibility                 GET   200 NDAMdamgp
website:sitemap                       GET   200 NDAMdamgp
website:search                        GET   200 NDAMdamgp
foundation:first_run                  GET   login NDAMdamgp
foundation:people                     GET   200 NDd   403 AMamg   login p
foundation:invite                     GET   200 NDd   403 AMamg   login p
foundation:invite                     POST  done ND   403 AMamg   422 d   login p
foundation:accept                     GET   200 NDAMdamgp
foundation:accept                     POST  done NDAMdamgp
foundation:withdraw                   GET   405 NDAMdamg   login p
foundation:withdraw                   POST  done ND   404 AMdamg   login p
foundation:grant                      GET   200 ND   404 AMdamg   login p
foundation:grant                      POST  done ND   404 AMdamg   login p
foundation:deactivate                 GET   200 ND   404 AMdamg   login p
foundation:deactivate                 POST  done ND   404 AMdamg   login p
foundation:end_role                   GET   405 NDAMdamg   login p
foundation:end_role                   POST  done ND   404 AMdamg   login p
foundation:create_entity              GET   200 N   403 DAMdamg   login p
foundation:create_entity              POST  done N   403 DAMdamg   login p
foundation:trail                      GET   200 NDd   403 AMamg   login p
foundation:job_list                   GET   200 NDAMdamg   login p
foundation:job                        GET   404 Ndamg   200 DAM   login p
foundation:cancel_job                 GET   405 NDAMdamg   login p
foundation:cancel_job                 POST  404 Ndamg   done DA   403 M   login p
foundation:import_list                GET   403 NMmg   200 DAda   login p
foundation:upload                     GET   403 NMmg   200 DAda   login p
foundation:upload                     POST  403 NMmg   done DA   422 da   login p
foundation:import                     GET   404 NMdamg   200 DA   login p
foundation:import_map                 GET   404 NMdamg   200 DA   login p
foundation:import_apply               GET   405 NDAMdamg   login p
foundation:import_apply               POST  404 NMdamg   done DA   login p
foundation:import_revert              GET   405 NDAMdamg   login p
foundation:import_revert              POST  404 NMdamg   done DA   login p
foundation:import_discard             GET   405 NDAMdamg   login p
foundation:import_discard             POST  404 NMdamg   done DA   login p
foundation:import_issues              GET   404 NMdamg   200 DA   login p
foundation:sample                     GET   200 NDAMdamgp
foundation:components                 GET   200 NDAMdamgp
foundation:health                     GET   200 NDAMdamgp
identify:home                         GET   200 NDAMdamgp
identify:explore                      GET   200 NDAMdamgp
identify:explore_table                GET   200 NDAMdamgp
identify:explore_picture              GET   200 NDAMdamgp
identify:start                        GET   200 NDAMdamgp
identify:save_view                    GET   405 NDAMdamg   login p
identify:save_view                    POST  done NDAMdamg   login p
identify:delete_view                  GET   405 NDAMdamg   login p
identify:delete_view                  POST  404 NDMdamg   done A   login p
identify:screening_new                GET   403 NMmg   200 DAda   login p
identify:screening_new                POST  403 NMmg   done DA   422 da   login p
identify:screening                    GET   200 NDAM   404 damgp
identify:compute                      GET   405 NDAMdamg   login p
identify:compute                      POST  403 NM   done DA   404 damg   login p
identify:families                     GET   403 NM   200 DA   404 damg   login p
identify:families                     POST  403 NM   done DA   404 damg   login p
identify:families_undo                GET   405 NDAMdamg   login p
identify:families_undo                POST  403 NM   422 DA   404 damg   login p
identify:family_edit                  GET   403 NM   200 DA   404 damg   login p
identify:family_edit                  POST  403 NM   done DA   404 damg   login p
identify:family_remove                GET   405 NDAMdamg   login p
identify:family_remove                POST  403 NM   done DA   404 damg   login p
identify:method                       GET   403 NM   200 DA   404 damg   login p
identify:method                       POST  403 NM   done DA   404 damg   login p
identify:compare                      GET   200 NDAM   404 damgp
identify:publish                      GET   405 NDAMdamg   login p
identify:publish                      POST  403 NAM   422 D   404 damg   login p
identify:archive                      GET   405 NDAMdamg   login p
identify:archive                      POST  403 NAM   done D   404 damg   login p
identify:verdict                      GET   200 NDAM   404 damgp
identify:criterion                    GET   200 NDAM   404 damgp
identify:drivers                      GET   403 NM   200 DA   404 damg   login p
identify:propose                      GET   405 NDAMdamg   login p
identify:propose                      POST  302 NM   done DA   404 damg   login p
identify:decide                       GET   405 NDAMdamg   login p
identify:decide                       POST  302 NAM   done D   404 damg   login p
identify:ficha                        GET   200 NDAM   404 damgp
identify:firms_xlsx                   GET   403 NM   done DA   404 damg   login p
identify:firms_xlsx                   POST  403 NM   done DA   404 damg   login p
identify:picture                      GET   200 NDAM   404 damgp
identify:evidence                     GET   403 NM   200 DA   404 damgp
identify:share_list                   GET   403 NM   200 DA   404 damg   login p
identify:share_create                 GET   405 NDAMdamg   login p
identify:share_create                 POST  403 NM   done DA   404 damg   login p
identify:share_revoke                 GET   405 NDAMdamg   login p
identify:share_revoke                 POST  404 NMdamg   done DA   login p
identify:shared                       GET   200 NDAMdamgp
identify:shared_ficha                 GET   200 NDAMdamgp
identify:footprint_list               GET   403 Ng   200 DAMdam   login p
identify:footprint_new                GET   403 NMmg   200 DAda   login p
identify:footprint_new                POST  403 NMmg   done DA   422 da   login p
identify:footprint                    GET   404 Ndamg   200 DAM   login p
identify:footprint_download           GET   404 Ndamg   200 DAM   login p
account_login                         GET   302 NDAMdamg   200 p
account_logout                        GET   200 NDAMdamg   302 p
account_inactive                      GET   200 NDAMdamgp
account_signup                        GET   302 NDAMdamg   200 p
account_reauthenticate                GET   200 NDAMdamg   login p
account_email                         GET   200 NDAMdamg   login p
account_email_verification_sent       GET   200 NDAMdamgp
account_change_password               GET   200 NDAMdamg   login p
account_set_password                  GET   302 NDAMdamg   login p
account_reset_password                GET   200 NDAMdamgp
account_confirm_login_code            GET   302 NDAMdamg   login p
account_confirm_email                 GET   200 NDAMdamgp
account_reset_password_from_key_done  GET   200 NDAMdamgp
account_reset_password_from_key       GET   200 NDAMdamgp
account_reset_password_done           GET   200 NDAMdamgp
mfa_index                             GET   200 NDAMdamg   login p
mfa_authenticate                      GET   302 NDAMdamg   login p
mfa_reauthenticate                    GET   302 NDAMdamg   login p
mfa_activate_totp                     GET   302 NDAMdamg   login p
mfa_deactivate_totp                   GET   404 NDAMdamg   login p
mfa_view_recovery_codes               GET   404 NDAMdamg   login p
mfa_generate_recovery_codes           GET   302 NDAMdamg   login p
mfa_download_recovery_codes           GET   404 NDAMdamg   login p
set_language                          GET   302 NDAMdamgp
"""


@dataclass
class World:
    everybody: People
    values: dict[str, Any]
    subjects: dict[str, Any]


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, media):
    with committed(django_db_setup, django_db_blocker, media):
        path = media / "socios.csv"
        path.write_bytes(MEMBERS)
        yield make_world(SentList(path, path.name))


def make_world(members: SentList) -> World:
    everybody = people()
    entity, analyst, director = everybody.entity, everybody["A"], everybody["D"]
    waiting, ready = an_upload(everybody), an_upload(everybody, read=True)
    screening = leave_with_world.computed(entity, analyst)
    verdict, other = screening.verdicts.get(family="azucar"), screening.verdicts.get(family="hoteles")
    decision = decisions.propose_decision(
        verdict=verdict, choice="watch", reason="A observar.", actor=analyst, now=NOW
    )
    batch = screening.datasets.get().batch
    unused = a_dataset(entity, analyst)
    view = sharing.save_view(name="Mía", address="/identificar/", entity=None, actor=analyst, now=NOW)
    link = sharing.share_verdict(
        verdict=verdict, token="compartido", days=5, actor=analyst, now=timezone.now()
    )
    invitation = accounts.invite_colleague(
        email="nueva@demo.test",
        name="Nueva",
        role="analyst",
        entity=entity,
        token="invita",
        actor=director,
        now=timezone.now(),
    )
    footprint, _ = create_footprint(
        entity=entity,
        name="Socios",
        dataset=batch.dataset,
        department="76",
        contrast="05",
        members=members,
        exports=None,
        actor=analyst,
        now=NOW,
    )
    job = Job.objects.create(
        kind="foundation.import.mapped",
        subject_id=screening.pk,
        label="Lectura",
        owner=analyst,
        entity=entity,
    )
    draft = a_screening(entity, analyst)
    published = Screening.objects.create(
        entity=entity, name="Público", department="76", method_toml=screening.method_toml, families=[],
        state="decided", published_at=NOW, created_by=analyst, created_at=NOW,
    )  # fmt: skip
    subjects = {
        "account": entity, "role": entity, "entity": entity, "event": entity, "dataset": batch.dataset,
        "firm": screening, "job": job, "screening": screening, "decision": decision, "evidence": screening,
        "footprint": footprint, "share": link, "view": view, "published": published,
    }  # fmt: skip
    values = {
        "screening_id": screening.pk, "family": other.family, "name": "density", "batch_id": batch.pk,
        "invitation_id": invitation.pk, "user_id": everybody["M"].pk, "job_id": job.pk, "view_id": view.pk,
        "assignment_id": everybody["M"].roles.get().pk, "token": "invita", "suffix": "csv", "kind": "csv",
        "draft": draft.pk, "decided_family": verdict.family, "link_id": link.pk, "entity": entity.pk,
        "published": published.pk, "waiting": waiting.pk, "ready": ready.pk, "unused": unused.batch_id,
        "shared": "compartido",
        "dataset": unused.pk,
        "firms": batch.dataset.pk,
        "footprint_id": footprint.pk,
        "key": "abc", "uidb36": "1",
    }  # fmt: skip
    return World(everybody, values, subjects)


def an_upload(everybody: People, *, read: bool = False) -> ImportBatch:
    """The shipped sample, sent; and read, when asked for."""
    batch = imports.start_import(
        entity=everybody.entity,
        kind=ImportBatch.Kind.REGISTRY,
        files=[imports.SentFile(sample_file("muestra"), "muestra-2023.txt")],
        year=2023,
        actor=everybody["A"],
        now=timezone.now(),
    )
    if read:
        imports.confirm_mapping(
            batch=batch, profile=Profile(), header_hash="x", actor=everybody["A"], now=timezone.now()
        )
        run_waiting()
    return batch


@pytest.fixture(autouse=True)
def _files(settings, media, _media):
    settings.MEDIA_ROOT = media


def rule_rows() -> dict[str, tuple[str, str]]:
    rows = [line.split() for line in RULES_TABLE.strip().splitlines()]
    return {name: (own, anywhere) for name, own, anywhere in rows}


def test_every_rule_has_its_line_and_no_line_is_left_over():
    assert set(rule_rows()) == set(RULES)


@pytest.mark.parametrize("rule", sorted(rule_rows()))
def test_a_rule_lets_through_exactly_whom_the_table_names(db, world, rule):
    own, anywhere = rule_rows()[rule]
    subject = world.subjects[rule.split(".")[0]]
    assert allowed(world, rule, subject) == own
    assert allowed(world, rule, None) == anywhere


@pytest.mark.parametrize("rule", ["screening.view", "evidence.public"])
def test_a_published_screening_is_everybodys(db, world, rule):
    assert allowed(world, rule, world.subjects["published"]) == EVERYBODY


def test_nobody_decides_what_they_proposed_themselves(db, world):
    decision = world.subjects["decision"]
    decision.proposed_by = world.everybody["D"]
    assert allowed(world, "decision.decide", decision) == ""


def test_an_account_that_was_closed_or_whose_role_ended_may_nothing(db, world):
    director = world.everybody["D"]
    for change in ({"is_active": False}, {}):
        if not change:
            director.roles.update(valid_to=NOW)
        gone = type(director).objects.get(pk=director.pk)
        for key, value in change.items():
            setattr(gone, key, value)
        left = {rule for rule in RULES if can(gone, rule, world.subjects[rule.split(".")[0]])}
        assert left <= ({"entity.view", "view.save"} if not change else set())


def allowed(world: World, rule: str, subject: Any) -> str:
    return "".join(letter for letter in EVERYBODY if can(knocking(world, letter), rule, subject))


def knocking(world: World, letter: str):
    user = world.everybody.by_letter[letter]
    return AnonymousUser() if user is None else type(user).objects.get(pk=user.pk)


def address_rows() -> dict[tuple[str, str], dict[str, str]]:
    rows = {}
    for line in ADDRESSES.strip().splitlines():
        name, method, *met = line.split()
        rows[name, method] = {
            letter: word for word, who in zip(met[::2], met[1::2], strict=True) for letter in who
        }
    return rows


def routes(patterns: Any, prefix: str = ""):
    """Every named address of the resolver with the names of its values."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from routes(pattern.url_patterns, inner)
        else:
            yield (
                f"{prefix}{pattern.name}",
                list(pattern.pattern.converters or pattern.pattern.regex.groupindex),
            )


ROUTES = dict(routes(get_resolver().url_patterns))


def test_every_address_has_its_line_and_no_line_is_left_over():
    assert {name for name, _ in address_rows()} == set(ROUTES)
    for (name, method), met in address_rows().items():
        assert sorted(met) == sorted(EVERYBODY), (
            f"{name} {method} does not say what each of {EVERYBODY} meets"
        )


@pytest.mark.parametrize(("name", "method"), sorted(address_rows()))
def test_an_address_answers_each_role_as_the_table_says(db, world, client, name, method):
    assert answers(world, client, name, method) == address_rows()[name, method]


# Values of an address and fields of a form, where those of the world will not do.
OTHER_VALUES = {
    "foundation:sample": {"name": "muestra"},
    "identify:explore_picture": {"kind": "svg"},
    "identify:picture": {"kind": "svg"},
    "identify:shared_picture": {"kind": "svg"},
    "identify:evidence": {"edition": "publica"},
}
INSTEAD = {
    "foundation:import_map": {"batch_id": "waiting"},
    "foundation:import_discard": {"batch_id": "waiting"},
    "foundation:import": {"batch_id": "ready"},
    "foundation:import_apply": {"batch_id": "ready"},
    "foundation:import_issues": {"batch_id": "ready"},
    "foundation:import_revert": {"batch_id": "unused"},
    "identify:compute": {"screening_id": "draft"},
    "identify:families": {"screening_id": "draft"},
    "identify:families_undo": {"screening_id": "draft"},
    "identify:family_edit": {"screening_id": "draft"},
    "identify:family_remove": {"screening_id": "draft"},
    "identify:method": {"screening_id": "draft"},
    "identify:decide": {"family": "decided_family"},
    "identify:share_revoke": {"family": "decided_family"},
    "identify:shared": {"token": "shared"},
    "identify:shared_ficha": {"token": "shared"},
    "identify:shared_picture": {"token": "shared"},
}
MEMBERS = b"NIT\n900000001\n900000002\n900000003\n"
FILES = {
    reverse("foundation:upload"): ("files", "x.txt", b"MATRICULA|CIIU\n1|1071\n"),
    reverse("identify:footprint_new"): ("members", "socios.csv", MEMBERS),
}
WHY = {"choice": "not", "reason": "Porque sí."}
FIELDS = {
    "foundation:grant": {"role": "analyst", "entity": "{entity}"},
    "foundation:invite": {"name": "X", "email": "x@demo.test", "role": "analyst", "entity": "{entity}"},
    "foundation:deactivate": {"reason": "Se fue."},
    "foundation:create_entity": {"name": "Otra", "kind": "guild", "department": "05", "chamber": ""},
    "foundation:accept": {"password": "otra-clave-larga-2"},
    "identify:families": {"label": "Nueva", "industries": "1081"},
    "identify:family_edit": {"label": "Nueva", "industries": "1081"},
    "foundation:upload": {"entity": "{entity}", "kind": "registry", "year": "2023"},
    "identify:screening_new": {
        "entity": "{entity}",
        "name": "X",
        "datasets": "{dataset}",
        "families": "nine",
    },
    "identify:footprint_new": {"name": "X", "dataset": "{firms}", "department": "76", "contrast": "05"},
    "identify:propose": WHY,
    "identify:decide": WHY,
    "identify:save_view": {"name": "Vista", "address": "/identificar/"},
    "identify:share_create": {"days": "5"},
    "identify:method": {
        "density__lq_meets": "1.5",
        "density__lq_borderline": "1.2",
        "density__firms_meets": "8",
        "density__top_firm_max": "0.4",
        "growth__z_meets": "1",
        "technology__percentile_meets": "60",
        "market__percentile_meets": "60",
    },
}


def address_of(world: World, name: str) -> str:
    values = world.values | OTHER_VALUES.get(name, {})
    for thing, instead in INSTEAD.get(name, {}).items():
        values[thing] = values[instead]
    return reverse(name, kwargs={key: values[key] for key in ROUTES[name]})


def test_an_address_without_a_line_for_posts_changes_nothing_by_one(db, world, client):
    """Pages that only read: a post by a director or a stranger leaves no trace."""
    silent = sorted({name for name in ROUTES if (name, "POST") not in address_rows()})
    for name in silent:
        for letter in "Dp":
            assert answer(world, client, letter, "POST", address_of(world, name), WHY) != "done", name


def answers(world: World, client: Any, name: str, method: str) -> dict[str, str]:
    address = address_of(world, name)
    fields = {key: str(text).format(**world.values) for key, text in FIELDS.get(name, {}).items()}
    return {letter: answer(world, client, letter, method, address, fields) for letter in EVERYBODY}


def answer(world: World, client: Any, letter: str, method: str, address: str, fields: dict[str, str]) -> str:
    """What one person meets; whatever it changed is undone."""
    with transaction.atomic():
        client.logout()
        user = world.everybody.by_letter[letter]
        if user is not None:
            client.force_login(user)
        before = Event.objects.count()
        if address in FILES and method == "POST":
            field, name, body = FILES[address]
            fields = fields | {field: SimpleUploadedFile(name, body)}
        response = getattr(client, method.lower())(address, fields)
        if hasattr(response, "streaming_content"):
            response.close()
        changed = Event.objects.count() > before
        transaction.set_rollback(True)
    if changed:
        return "done"
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return "login"
    return str(response.status_code)
