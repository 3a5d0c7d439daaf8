"""Write the reference pages that the code itself can state.

python tools/reference_pages.py            # write docs/reference/{command-line,data-dictionary,errors,glossary,roles}.md
python tools/reference_pages.py --check    # name the pages that are not what the code says
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
from data_dictionary import data_dictionary_page, table

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
MARK = "<!-- Written by tools/reference_pages.py from the code. Do not edit here. -->"

PERMISSIONS = {
    "entity.create": "add a managing entity",
    "entity.view": "see an entity's name",
    "account.list": "see the people of the entity",
    "account.invite": "invite a colleague",
    "account.deactivate": "deactivate an account",
    "role.grant": "give a role",
    "role.end": "end a role",
    "event.list": "read the trail of changes",
    "dataset.view": "see which data are loaded (not the firms)",
    "dataset.import": "upload a registry",
    "dataset.apply": "put an upload in use",
    "dataset.revert": "take it out of use",
    "firm.view": "see values of single firms",
    "job.view": "follow background work",
    "job.cancel": "cancel background work",
    "screening.view": "read a screening's board and verdicts",
    "screening.create": "start a screening",
    "screening.edit": "edit families and Method",
    "screening.compute": "compute it",
    "screening.archive": "archive it",
    "screening.publish": "publish it",
    "decision.propose": "propose a decision on a verdict",
    "decision.decide": "decide what another person proposed",
    "evidence.internal": "download the evidence with values of firms",
    "evidence.public": "download the public edition",
    "footprint.create": "upload a list of members",
    "footprint.view": "read the footprint",
    "share.create": "make a read-only link that expires",
    "share.revoke": "withdraw the link",
    "view.save": "save a view",
    "view.delete": "delete a saved view",
}
READERS = ("visitor", "no role", "analyst", "manager", "director", "network")
OURS, THEIRS, ME, ANOTHER = 1, 2, 1, 2


def modules() -> Iterator[Any]:
    """Every module of the package, imported; migrations and the server's entry apart."""
    import coopetir

    for found in pkgutil.walk_packages(coopetir.__path__, "coopetir."):
        if ".migrations" not in found.name and not found.name.endswith((".wsgi", ".asgi")):
            yield importlib.import_module(found.name)


def errors_page() -> str:
    from coopetir.foundation.core.errors import CoopetirError
    from coopetir.foundation.core.extracts.issues import KINDS

    list(modules())
    ours = {one for one in descendants(CoopetirError) if one.__module__.startswith("coopetir.")}
    refusals = sorted(ours, key=lambda one: one.code)
    codes = [one.code for one in refusals]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise SystemExit(f"two refusals share a code: {', '.join(twice)}")
    rows = [[f"`{one.code}`", one.es, one.en, f"`{one.__module__}`"] for one in refusals]
    findings = [[f"`{code}`", kind.severity, kind.es, kind.en] for code, kind in sorted(KINDS.items())]
    return f"""# Error codes

Every refusal has a stable code, its data, and one sentence in each language that says what is wrong, where, and how to mend it.
Page, command line (`--json` gives code and data) and background work show the same sentence.
Words in braces are filled in with the case at hand.

## Refusals

{table(["Code", "Spanish", "English", "Raised by"], rows)}

## Findings in an uploaded registry

A finding does not stop an import; it says what was done with the cell or row.

{table(["Code", "Done", "Spanish", "English"], findings)}
"""


def descendants(parent: type) -> Iterator[Any]:
    for child in parent.__subclasses__():
        yield child
        yield from descendants(child)


def roles_page() -> str:
    from coopetir.foundation.permissions import RULES

    list(modules())
    names = sorted(RULES)
    unsaid = sorted(set(names) ^ set(PERMISSIONS))
    if unsaid:
        raise SystemExit(
            f"say in tools/reference_pages.py what this allows, or remove it: {', '.join(unsaid)}"
        )
    rows = [
        [f"{PERMISSIONS[name]} (`{name}`)", *(reach(RULES, name, person) for person in people())]
        for name in PERMISSIONS
    ]
    return f"""# Roles and permissions

Rights come from dated role assignments alone; a role is held in one managing entity, network administration in the whole network.
A permission nobody declared is refused, and a page not marked public asks for sign-in.
Columns: a visitor, somebody signed in without a role, the entity's analyst, its cluster manager, its director, and network administration.
The table asks the rules themselves, for things of the person's own entity, of another entity, published, and their own.

- **all**: of any entity. **own**: of the entity in which the role is held.
- **published**: only once its director published it. **theirs**: what the person made or owns.
- **of another person**: nobody approves their own; somebody else must have proposed it.

{table(["May …", *(reader.capitalize() for reader in READERS)], rows)}

Network administration looks after accounts and entities and sees no values of firms.
What each reader sees of a figure is explained in [who sees what](../explanation/who-sees-what.md).
"""


def people() -> list[Any]:
    """One person for each column of the table; nothing is read from a database."""
    from coopetir.foundation.models import Role, RoleAssignment

    held = (
        None,
        [],
        [RoleAssignment(role=Role.ANALYST, entity_id=OURS)],
        [RoleAssignment(role=Role.CLUSTER_MANAGER, entity_id=OURS)],
        [RoleAssignment(role=Role.ENTITY_DIRECTOR, entity_id=OURS)],
        [RoleAssignment(role=Role.NETWORK_ADMIN)],
    )
    return [
        SimpleNamespace(
            pk=None if roles is None else ME,
            is_authenticated=roles is not None,
            is_active=roles is not None,
            _live_roles=roles or [],
        )
        for roles in held
    ]


def thing(entity: int, owner: int, *, published: bool = False) -> Any:
    return SimpleNamespace(
        _meta=SimpleNamespace(model_name="thing"),
        entity_id=entity,
        owner_id=owner,
        proposed_by_id=owner,
        published_at="then" if published else None,
    )


def reach(ruleset: Any, name: str, person: Any) -> str:
    """How far one permission of one person goes, in words."""

    def may(subject: Any) -> bool:
        return bool(ruleset.test_rule(name, person, subject))

    if may(thing(THEIRS, ANOTHER)):
        return "all"
    words = []
    if may(thing(OURS, ANOTHER)):
        words.append("own" if may(thing(OURS, ME)) else "own, of another person")
    if may(thing(THEIRS, ANOTHER, published=True)):
        words.append("published")
    if may(thing(THEIRS, ME)):
        words.append("theirs")
    return " + ".join(words) or "–"


def glossary_page() -> str:
    from coopetir.foundation.core.glossary import terms

    rows = [
        [
            f"**{one.es}**<br>{one.en}",
            f"{one.text_es} {one.read_es}".strip(),
            f"{one.text_en} {one.read_en}".strip(),
        ]
        for one in terms()
    ]
    lines = [
        "| " + " | ".join(" ".join(item.split()).replace("|", "\\|") for item in row) + " |" for row in rows
    ]
    head = "| Término · term | Español | English |\n| --- | --- | --- |\n"
    return f"""# Glosario · glossary

Las mismas explicaciones que el producto pone al lado de cada cifra y en Ayuda.
The same explanations that the product gives beside each figure and in Ayuda.

{head}{chr(10).join(lines)}
"""


def command_line_page() -> str:
    from coopetir.cli.main import coopetir
    from coopetir.config.server import server

    context = click.Context(coopetir)
    verbs = [(name, coopetir.get_command(context, name)) for name in coopetir.list_commands(context)]
    parts = [verb_part("coopetir", name, command) for name, command in verbs if command]
    served = [verb_part("coopetir-server", name, command) for name, command in server.commands.items()]
    return f"""# Command line

`coopetir` works on files alone: CSV, Parquet or XLSX in and out, no server, no database.
`coopetir-server` runs and looks after an installation.
`--json` prints a summary for programs; progress goes to standard error, and only to a terminal.
CSV is for programs: texts go out exactly as they came in, also those that start with `=`, `+`, `-` or `@`, which a
spreadsheet may run as a formula. To open results in a spreadsheet, ask for XLSX: there they stay text.
Messages follow the terminal, Spanish unless it is English; `COOPETIR_LANGUAGE` (`es` or `en`) decides.

| Exit code | `coopetir` | `coopetir-server` |
| --- | --- | --- |
| 0 | done | done |
| 1 | – | `doctor` found something to mend; `serve` lost a process |
| 2 | called wrongly | called wrongly |
| 3 | the input was refused: the message names row, field and remedy | refused: the message says why |
| 4 | the output could not be written | – |
| 130 | interrupted, nothing half-written | interrupted |

Codes of refusals are in [error codes](errors.md), columns in [the data dictionary](data-dictionary.md).

{chr(10).join(parts)}
{chr(10).join(served)}"""


def verb_part(program: str, name: str, command: click.Command) -> str:
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    options = [one for one in command.params if isinstance(one, click.Option)]
    context = click.Context(command, info_name=f"{program} {name}")
    usage = " ".join([program, name, *command.collect_usage_pieces(context)])
    about = "\n\n".join(
        " ".join(part.split()) for part in (command.help or "").replace("\b", "").split("\n\n")
    )
    rows = [[option_name(one), one.help or "", default_of(one)] for one in options]
    listed = table(["Option", "Meaning", "Default"], rows) + "\n" if rows else ""
    del arguments
    return f"## `{program} {name}`\n\n```text\n{usage}\n```\n\n{about.replace('<', '&lt;')}\n\n{listed}"


def option_name(option: click.Option) -> str:
    names = " / ".join([*option.opts, *option.secondary_opts])
    if option.is_flag:
        return f"`{names}`"
    kind = option.type
    shown = (
        "|".join(kind.choices) if isinstance(kind, click.Choice) else (option.metavar or kind.name).upper()
    )
    return f"`{names} {shown}`"


def default_of(option: click.Option) -> str:
    if option.required:
        return "required"
    value = option.default
    if option.is_flag:
        return (
            f"`{option.opts[0] if value is True else option.secondary_opts[0]}`"
            if option.secondary_opts
            else ""
        )
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return f"`{value}`" if plain else ""


WRITERS: dict[str, Callable[[], str]] = {
    "command-line": command_line_page,
    "data-dictionary": data_dictionary_page,
    "errors": errors_page,
    "glossary": glossary_page,
    "roles": roles_page,
}


def page(name: str) -> str:
    """The text of one page as the code states it now."""
    title, rest = WRITERS[name]().split("\n", 1)
    return f"{title}\n\n{MARK}\n{rest.rstrip()}\n"


def stale() -> list[str]:
    """Names of the pages that are not what the code says."""
    written = {name: PAGES / f"{name}.md" for name in WRITERS}
    return [
        name
        for name, path in written.items()
        if not path.exists() or path.read_text(encoding="utf-8") != page(name)
    ]


def main(arguments: list[str]) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "coopetir.config.settings"
    with tempfile.TemporaryDirectory() as home:
        os.environ["COOPETIR_HOME"] = home
        import django
        from django.utils import translation

        django.setup()
        translation.deactivate_all()
        if "--check" in arguments:
            wrong = stale()
            print("ok" if not wrong else f"stale: {', '.join(wrong)}; run python tools/reference_pages.py")
            return 1 if wrong else 0
        for name in WRITERS:
            (PAGES / f"{name}.md").write_text(page(name), encoding="utf-8")
            print(PAGES / f"{name}.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
