"""What does a person read: answer, picture, table, method and next step, in one page that carries everything?

``render_report`` gives a complete HTML document without scripts, fonts or links to anywhere: it reads the
same on paper in grey, in the dark, by a screen reader and in ten years. Lights always carry their word.
"""

from __future__ import annotations

from html import escape
from math import expm1
from typing import Any

import polars as pl

from coopetir import __version__
from coopetir.foundation.core.formats import number, percent
from coopetir.identify.core.explanation import explain, hinge_words, unknown_words
from coopetir.identify.core.method import CRITERIA
from coopetir.identify.core.report_picture import quadrant
from coopetir.identify.core.report_style import STYLE
from coopetir.identify.core.report_words import TEXT, Text
from coopetir.identify.core.screening import ScreeningResult
from coopetir.identify.core.wording import (
    CRITERION_NAMES,
    GRADE_WORDS,
    LABEL_WORDS,
    LIGHTS,
    NOTE_WORDS,
    SETTING_WORDS,
    VERDICT_WORDS,
)

DETAILED = 200  # rows explained in sentences; the rest are in the tables
ORDER = ("qualifies", "candidate", "insufficient_data", "not_now")


def render_report(result: ScreeningResult, language: str = "es", *, title: str = "") -> str:
    """The whole report as HTML. ``language``: "es" or "en"."""
    lang = "en" if language.startswith("en") else "es"
    text = TEXT[lang]
    heading = title or text["title"]
    body = "".join(
        (
            f'<header><p class="muted">Coopetir · {text["kind"]}</p><h1>{escape(heading)}</h1></header>',
            _answer(result, lang, text),
            _picture(result, lang, text),
            _main_table(result, lang, text),
            _explanations(result, lang, text),
            _rest_table(result, lang, text),
            _method(result, lang, text),
            _next_steps(result, lang, text),
            f"<footer>{escape(_footer(result, lang, text))}</footer>",
        )
    )
    return (
        f'<!doctype html><html lang="{"es-CO" if lang == "es" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(heading)} · Coopetir</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _answer(result: ScreeningResult, lang: str, text: Text) -> str:
    verdicts = result.verdicts
    count = {verdict: verdicts.filter(pl.col("verdict") == verdict).height for verdict in ORDER}
    firm = verdicts.filter((pl.col("verdict") == "qualifies") & (pl.col("label") == "firm")).height
    regions = verdicts["region"].unique()
    facts = {
        "qualifies": number(count["qualifies"], 0, lang),
        "firm": number(firm, 0, lang),
        "families": number(verdicts["family"].n_unique(), 0, lang),
        "place": _name(result, "region", regions[0])
        if len(regions) == 1
        else text["regions"].format(count=number(len(regions), 0, lang)),
        "candidate": number(count["candidate"], 0, lang),
        "insufficient": number(count["insufficient_data"], 0, lang),
    }
    here = "answer_here" if len(regions) == 1 else "answer"
    key = {0: "answer_none", 1: f"{here}_one"}.get(count["qualifies"], here)
    parts = [text[key].format(**facts)]
    parts += [
        text[f"answer_{name}"].format(**facts) for name in ("candidate", "insufficient_data") if count[name]
    ]
    extra = f'<p class="muted">{text["survey"]}</p>' if result.survey else ""
    return f'<p class="answer">{escape(" ".join(parts))}</p>{extra}{_notes(result, lang)}'


def _notes(result: ScreeningResult, lang: str) -> str:
    lines = []
    for note in result.notes:
        detail = note.get("years") or note.get("regions") or note.get("rows")
        shown = ", ".join(str(item) for item in detail[:20]) if isinstance(detail, list) else str(detail)
        lines.append(f"<li>{escape(NOTE_WORDS[lang][note['code']].format(detail=shown))}</li>")
    return f"<ul>{''.join(lines)}</ul>" if lines else ""


def _picture(result: ScreeningResult, lang: str, text: Text) -> str:
    svg = quadrant(result, lang)
    if not svg:
        return ""
    years = f"{result.years[0]}–{result.years[-1]}"
    both = result.verdicts.filter(
        (pl.col("lq") >= result.method.density.lq_meets) & (pl.col("slope") > pl.col("national_slope"))
    ).height
    finding = text["finding"].format(
        both=number(both, 0, lang),
        qualifies=number(result.verdicts.filter(pl.col("verdict") == "qualifies").height, 0, lang),
    )
    caption = text["picture"].format(years=years, lq=number(result.method.density.lq_meets, 1, lang))
    key = "".join(f"<li>{escape(item)}</li>" for item in text["key"].split("|"))
    return f'<figure><h2>{escape(finding)}</h2>{svg}<figcaption>{escape(caption)}</figcaption><ul class="key">{key}</ul></figure>'


def _main_table(result: ScreeningResult, lang: str, text: Text) -> str:
    rows = _sorted(result.verdicts.filter(pl.col("verdict").is_in(["qualifies", "candidate"])))
    if rows.is_empty():
        rows = _sorted(result.verdicts).head(20)
    return f"<h2>{text['table']}</h2>{_table(result, rows, lang, text, caption=text['table_caption'])}"


def _rest_table(result: ScreeningResult, lang: str, text: Text) -> str:
    rows = _sorted(result.verdicts.filter(~pl.col("verdict").is_in(["qualifies", "candidate"])))
    if rows.is_empty():
        return ""
    summary = text["rest"].format(rows=number(rows.height, 0, lang))
    inner = _table(result, rows, lang, text, caption=text["rest_caption"])
    return f"<details><summary>{escape(summary)}</summary>{inner}</details>"


def _sorted(rows: pl.DataFrame) -> pl.DataFrame:
    order = pl.col("verdict").replace_strict(
        {name: at for at, name in enumerate(ORDER)}, return_dtype=pl.Int8
    )
    return rows.sort([order, -pl.col("stability").fill_null(0), "region", "family"])


def _table(result: ScreeningResult, rows: pl.DataFrame, lang: str, text: Text, *, caption: str) -> str:
    single = result.verdicts["region"].n_unique() == 1
    heads = [text["region"], text["family"], text["verdict"], text["stability"]]
    heads += [CRITERION_NAMES[lang][name].capitalize() for name in CRITERIA]
    heads += [text["lq"], text["growth"], text["imputed"], text["why"]]
    numeric = {3, 8, 9, 10}
    named = list(enumerate(heads))[1 if single else 0 :]
    head = "".join(f'<th scope="col"{_n(at in numeric)}>{escape(name)}</th>' for at, name in named)
    body = "".join(_row(result, row, lang, single=single) for row in rows.iter_rows(named=True))
    return (
        f'<p class="muted">{escape(caption)}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text["table"]}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _n(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _row(result: ScreeningResult, row: dict[str, Any], lang: str, *, single: bool) -> str:
    cells = [
        f"<td>{escape(_name(result, 'region', row['region']))}</td>",
        f'<th scope="row">{escape(_name(result, "family", row["family"]))}</th>',
        f"<td>{VERDICT_WORDS[lang][row['verdict']]}</td>",
        f'<td class="n">{_stability(row, lang)}</td>',
        *(_light(row[name], lang) for name in CRITERIA),
        f'<td class="n">{number(row["lq"], 2, lang)}</td>',
        f'<td class="n">{percent(_yearly(row["slope"]), 1, lang)}</td>',
        f'<td class="n">{percent(row["imputed_share"], 0, lang)}</td>',
        f"<td>{escape(_reasons(row, lang))}</td>",
    ]
    return f"<tr>{''.join(cells[1:] if single else cells)}</tr>"


def _yearly(slope: float | None) -> float | None:
    return None if slope is None else expm1(slope)


def _stability(row: dict[str, Any], lang: str) -> str:
    if row["label"] is None:
        return "·"
    word = LABEL_WORDS[lang][row["label"]]
    return f'{percent(row["stability"], 0, lang)} <span class="tag {row["label"]}">{word}</span>'


def _light(grade: int | None, lang: str) -> str:
    style = "gx" if grade is None else f"g{grade}"
    return (
        f'<td class="light {style}"><b aria-hidden="true">{LIGHTS[grade]}</b>{GRADE_WORDS[lang][grade]}</td>'
    )


def _name(result: ScreeningResult, kind: str, code: str) -> str:
    name = result.names.get(kind, {}).get(code)
    return f"{code} {name}" if name and name != code else code


def _reasons(row: dict[str, Any], lang: str) -> str:
    found: dict[str, list[str]] = {}
    for code in row["reasons"]:
        criterion, _, rest = code.partition(":")
        if criterion == "flag":
            found.setdefault("", []).append(TEXT[lang][f"flag_{rest}"])
        elif rest.startswith("unknown:"):
            found.setdefault(criterion, []).append(unknown_words(rest.removeprefix("unknown:"), lang))
        else:
            found.setdefault(criterion, []).append(TEXT[lang][f"short_{rest}"])
    parts = [
        f"{CRITERION_NAMES[lang][name]}: {', '.join(words)}" if name else ", ".join(words)
        for name, words in found.items()
    ]
    return "; ".join(parts)


def _explanations(result: ScreeningResult, lang: str, text: Text) -> str:
    rows = _sorted(result.verdicts.filter(pl.col("verdict").is_in(["qualifies", "candidate"]))).head(DETAILED)
    if rows.is_empty():
        return ""
    parts = [f"<h2>{text['explanations']}</h2>"]
    for row in rows.iter_rows(named=True):
        told = explain(row, result.method, language=lang)
        name = f"{_name(result, 'region', row['region'])} · {_name(result, 'family', row['family'])}"
        sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in told.sentences())
        parts.append(
            f"<details><summary>{escape(name)}: <strong>{VERDICT_WORDS[lang][row['verdict']]}</strong>, "
            f"{_stability(row, lang)}</summary><ol>{sentences}</ol>{_beneath(result, row, lang, text)}</details>"
        )
    return "".join(parts)


def _beneath(result: ScreeningResult, row: dict[str, Any], lang: str, text: Text) -> str:
    """What the verdict hangs on: single changes, industries, and its rank under any weights."""
    parts = []
    if row["hinges"]:
        hinges = "; ".join(hinge_words(item, lang) for item in row["hinges"])
        parts.append(f"<p><strong>{text['hinges']}</strong> {escape(hinges)}.</p>")
    drivers = result.drivers.filter(
        (pl.col("region") == row["region"]) & (pl.col("family") == row["family"])
    ).head(6)
    if not drivers.is_empty():
        items = "".join(
            f"<li>{escape(_driver(result, item, lang, text))}</li>" for item in drivers.iter_rows(named=True)
        )
        parts.append(f"<p><strong>{text['drivers']}</strong></p><ul>{items}</ul>")
    rank = text["rank"].format(
        first=percent(row["rank_first"], 0, lang), mean=number(row["rank_mean"], 1, lang)
    )
    parts.append(f'<p class="muted">{escape(rank)}</p>')
    return "".join(parts)


def _driver(result: ScreeningResult, item: dict[str, Any], lang: str, text: Text) -> str:
    name = _name(result, "industry", item["industry"])
    if item["verdict_without"] is None:
        after = text["driver_all"]
    elif item["changes"]:
        after = text["driver_changes"].format(verdict=VERDICT_WORDS[lang][item["verdict_without"]])
    else:
        after = text["driver_same"]
    return text["driver"].format(industry=name, share=percent(item["share"], 0, lang), after=after)


def _method(result: ScreeningResult, lang: str, text: Text) -> str:
    method, plain = result.method, result.method.to_dict()
    rows = []
    for setting, words in SETTING_WORDS[lang].items():
        section, _, key = setting.partition(".")
        if key:
            value = plain[section][key]
            shown = percent(value, 0, lang) if key == "top_firm_max" else number(value, 2, lang)
            rows.append(
                f'<tr><th scope="row">{escape(words)}</th><td class="n">{shown}</td><td><code>{setting}</code></td></tr>'
            )
    about = text["method_about"].format(
        name=method.name,
        version=method.version,
        digest=method.digest[:12],
        years=f"{result.years[0]}–{result.years[-1]}",
        window=method.window.level_periods,
        national=percent(_yearly(result.national_slope), 1, lang),
        runs=number(result.runs, 0, lang),
        resamples=number(result.resamples, 0, lang),
        firm=percent(method.stability.firm, 0, lang),
        fragile=percent(method.stability.fragile, 0, lang),
    )
    return (
        f"<h2>{text['method']}</h2><p>{escape(about)}</p><p>{escape(text['method_rule'])}</p><h3>{text['thresholds']}</h3>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text["thresholds"]}"><table><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _next_steps(result: ScreeningResult, lang: str, text: Text) -> str:
    fragile = result.verdicts.filter((pl.col("verdict") == "qualifies") & (pl.col("label") != "firm")).height
    missing = result.verdicts.filter(pl.col("verdict") == "insufficient_data").height
    steps = [text["next_first"]]
    if fragile:
        steps.append(text["next_fragile"].format(count=number(fragile, 0, lang)))
    if missing:
        steps.append(text["next_missing"].format(count=number(missing, 0, lang)))
    items = "".join(f"<li>{escape(step)}</li>" for step in steps[:3])
    return f"<h2>{text['next']}</h2><ol>{items}</ol>"


def _footer(result: ScreeningResult, lang: str, text: Text) -> str:
    return text["footer"].format(
        version=__version__,
        method=f"{result.method.name} {result.method.version}",
        years=f"{result.years[0]}–{result.years[-1]}",
    )
