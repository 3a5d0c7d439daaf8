"""The evidence pack: everything needed to trace a screening's verdicts, and to work them out again, in one zip.

Packing is pure and repeatable: the same files and time give the same bytes. Every file is named in SHA256SUMS
(check with ``sha256sum -c SHA256SUMS``).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

README: dict[str, str] = {
    "internal": """# {name}: evidencia, edición interna

Reservado para la dirección y el análisis de {entity}. Trae celdas por clase con el peso de la empresa más grande: no lo
publique; para eso está la edición pública.

{invented}- `verdicts.csv`: veredicto, luces, medidas y estabilidad de cada familia en {place}.
- `criteria.csv`: cada medida con su valor, su umbral y si cumple. `drivers.csv`: de qué clases depende cada familia.
- `decisions.csv`: lo propuesto y lo decidido, con su motivo. `evidence.json`: Método completo, huellas, semilla.
- `method.toml`: el Método {method} (sha256 {digest}). `inputs.csv`: huellas SHA-256 de los datos de entrada.
- `cells.parquet`, `industries.parquet`, `regions.parquet`: las tablas que se juzgaron.

## Volver a calcular

{again}

---

# {name}: evidence, internal edition

Reserved for the director and analysts of {entity}. It holds cells by class with the largest firm's share: do not
publish it; the public edition is for that. Files and commands as above; `sha256sum -c SHA256SUMS` checks that nothing
changed.
""",
    "public": """# {name}: evidencia, edición pública

{invented}Sin datos de empresas individuales. Lo protegido está vacío y lleva `c` en su columna de estado; `na` es
sin dato; `ok` es el valor, con tres cifras significativas.

- `verdicts.csv`: veredicto, luces, estabilidad y medidas que se pueden mostrar de cada familia en {place}.
- `measures.csv`: cada medida frente a su umbral. `sentences.csv`: por qué, en tres frases, en español e inglés.
- `families_by_year.csv`: empresas y empleos de cada familia por año. Si un año está protegido, lo están todos.
- `decisions.csv`: lo decidido por la dirección.
- `method.toml`: el Método {method} (sha256 {digest}). `evidence.json`: huellas de los datos, semilla, repeticiones.

## Comprobar

{again} Con `method.toml` y `measures.csv` se rehace a mano cada luz cuyas medidas se muestran.

---

# {name}: evidence, public edition

No data of single firms. What is protected is empty, with `c` in its status column; `na` is no data; `ok` is the value,
with three significant digits. `sha256sum -c SHA256SUMS` checks that nothing changed. With `method.toml` and
`measures.csv` every light whose measures are shown can be worked out by hand; whoever holds the data whose hashes are in
`evidence.json` gets the same with the command above.
""",
}
SUMS = "Comprobar que nada cambió: `sha256sum -c SHA256SUMS`."
OPTIONS = (
    "--method method.toml \\\n        --region {region} --resamples {resamples} --seed {seed} --out resultado"
)
FROM_REGISTRY = (
    SUMS
    + """ Con los mismos extractos del registro (sus huellas están en `{inputs}`) sale
todo, también la estabilidad:

    coopetir screen --registry EXTRACTO… --industries {industries} """
    + OPTIONS
)
CELLS_COMMAND = """

    coopetir screen cells.parquet --industries industries.parquet --regions regions.parquet """
FROM_CELLS = {
    True: """

Sin los extractos, desde las celdas: especialización, crecimiento, tecnología y mercado salen iguales; el peso de la
empresa más grande y la estabilidad no, porque una celda no dice cuánto pesa una empresa en toda su familia:"""
    + CELLS_COMMAND
    + OPTIONS,
    False: SUMS + " Desde las celdas sale todo, también la estabilidad:" + CELLS_COMMAND + OPTIONS,
}
INVENTED = (
    "**Datos inventados: empresas y cifras de demostración. / "
    "Invented data: firms and figures of a demonstration.**\n\n"
)


@dataclass(frozen=True)
class PackFacts:
    """What the README says."""

    name: str
    entity: str
    place: str
    region: str
    method: str
    digest: str
    resamples: int
    seed: int
    invented: bool
    registry: bool


def readme(facts: PackFacts, *, internal: bool) -> bytes:
    """README.md: what is inside and how to work it out again."""
    text = README["internal" if internal else "public"].format(
        name=facts.name,
        entity=facts.entity,
        place=facts.place,
        method=facts.method,
        digest=facts.digest,
        invented=INVENTED if facts.invented else "",
        again=_again(facts, internal=internal),
    )
    return text.encode()


def _again(facts: PackFacts, *, internal: bool) -> str:
    """How to work it out again, from what this edition and its reader may have."""
    if internal:
        text = (FROM_REGISTRY if facts.registry else "") + FROM_CELLS[facts.registry]
    else:
        text = FROM_REGISTRY if facts.registry else SUMS
    return text.format(
        inputs="inputs.csv" if internal else "evidence.json",
        industries="industries.parquet" if internal else "INDUSTRIAS",
        region=facts.region,
        resamples=facts.resamples,
        seed=facts.seed,
    )


def pack(files: Mapping[str, bytes], *, now: datetime) -> bytes:
    """The zip of ``files`` with their SHA256SUMS."""
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items()))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in sorted({**files, "SHA256SUMS": sums.encode()}.items()):
            entry = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, body)
    return target.getvalue()
