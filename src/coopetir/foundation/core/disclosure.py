"""May a figure that adds up several firms be shown, or would it give one of them away?

Primary rules of statistical disclosure control (ESSNet/sdcTools Handbook, ch. 4), after adding up the firms
of one economic group: contributions x1 >= x2 >= …, total X, N holders with x != 0. A cell is unsafe if any
active rule of the :class:`Profile` fires:

- ``frequency``: N < n
- ``p_percent``: X - x1 - x2 < p/100 · x1 (the second largest could guess the largest within p %)
- ``dominance``: x1 + x2 > k/100 · X (or x1 alone, only beside another concentration rule)
- ``share``: x1 > s · X (rivals' view)

With negative contributions the rules look at ``|x|`` and p is divided by ``negative_factor``. A non-answer is
not a zero: it is counted apart, and a cell without answers is ``na``. The protection level says how far a
hidden value must stay uncertain: the largest, over the rules that fired, of p/100·x1 - (X - x1 - x2),
100/k·(x1 + x2) - X, and max(1, p/100·X) for frequency and share.

The concentration parameters are secret: they are given by the caller (settings read them from the
environment), hidden from ``repr``, and written nowhere here. Deviation: the level of the share rule is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from coopetir.foundation.core.errors import CoopetirError
from coopetir.foundation.core.tables import as_measure, require_columns

OK, CONFIDENTIAL, MISSING, ESTIMATED = "ok", "c", "na", "e"
STATUSES = (OK, CONFIDENTIAL, MISSING, ESTIMATED)
RULES = ("frequency", "p_percent", "dominance", "share")


class ProfileInvalid(CoopetirError):
    code = "disclosure.profile"
    es = "El perfil de protección «{profile}» no es válido: {field} debe estar entre {low} y {high}. Corrija la configuración."
    en = "The protection profile “{profile}” is not valid: {field} must lie between {low} and {high}. Mend the settings."


class DominanceOfOneAlone(CoopetirError):
    code = "disclosure.dominance_of_one"
    es = "El perfil «{profile}» solo limita la parte de la mayor empresa: así la segunda puede calcular a la primera. Añada la regla p % o la dominancia de dos."
    en = "The profile “{profile}” only limits the largest firm's part: the second could then work out the first. Add the p % rule or the dominance of two."


@dataclass(frozen=True)
class Profile:
    """Which rules hold for a viewer. ``p`` and ``k`` are percentages and secret; None = rule off.

    :raises ProfileInvalid: a parameter out of its range.
    :raises DominanceOfOneAlone: k for the largest alone, without p.
    """

    name: str
    n: int = 3
    p: float | None = field(default=None, repr=False)
    k: float | None = field(default=None, repr=False)
    largest: int = 2
    share: float | None = None
    negative_factor: float = 2.0

    def __post_init__(self) -> None:
        bounds: tuple[tuple[str, float | None, float, float], ...] = (
            ("n", self.n, 1, 1000),
            ("p", self.p, 1e-9, 100),
            ("k", self.k, 1e-9, 100),
            ("largest", self.largest, 1, 2),
            ("share", self.share, 1e-9, 1),
            ("negative_factor", self.negative_factor, 2, 1000),
        )
        for name, value, low, high in bounds:
            if value is not None and not low <= value <= high:
                raise ProfileInvalid(profile=self.name, field=name, low=low, high=high)
        if self.k is not None and self.largest == 1 and self.p is None:
            raise DominanceOfOneAlone(profile=self.name)


def profiles(p: float, k: float | None = None) -> dict[str, Profile]:
    """The four views of aggregates, from the deployment's secret p (and k, if it uses dominance).

    ``public`` and ``manager``: n 3, p; ``network``: n 3, p/2 (its reads are logged); ``rival``: n 5, p, and
    no firm above a quarter of the total.
    """
    return {
        "public": Profile("public", 3, p, k),
        "network": Profile("network", 3, p / 2, None),
        "manager": Profile("manager", 3, p, k),
        "rival": Profile("rival", 5, p, k, share=0.25),
    }


def p_equivalent(k: float) -> float:
    """The p % that (2, k) stands for: 100 (100 - k) / k. Dominance hides all that this p hides, and more."""
    return 100 * (100 - k) / k


def k_equivalent(p: float) -> float:
    """The k of the dominance rule (2, k) equivalent to p %: the inverse of :func:`p_equivalent`."""
    return 100 * 100 / (100 + p)


def judge_cells(
    contributions: pl.DataFrame,
    *,
    keys: Sequence[str],
    value: str,
    firm: str,
    profile: Profile,
    group: str | None = None,
) -> pl.DataFrame:
    """Which cells of a table of firms' contributions are safe. **Confidential: never show this table.**

    :param contributions: a row per firm (and cell); ``value`` null = no answer, not zero.
    :param firm: column that identifies the firm; ``group``: its economic group, null or "" = on its own.
    :returns: keys, n (holders with x != 0), missing (holders without an answer), total, mass (sum of ``|x|``),
        x1, x2 (of ``|x|``), only (the holder where there is no other, else null), safe (null where nobody answered), rules (those that fired), level (protection).
    :raises ColumnMissing: :raises ValueNotNumber: :raises ValueNotFinite:
    """
    needed = [*keys, value, firm, *([group] if group else [])]
    require_columns(contributions, needed, source="contributions")
    frame = as_measure(contributions.select(needed), value, source="contributions", negative=True)
    by_holder = frame.group_by(*keys, _holder(firm, group)).agg(
        _x=pl.col(value).sum(), _answered=pl.col(value).is_not_null().any()
    )
    size = pl.col("_x").abs().filter(pl.col("_answered"))
    measures = {
        "n": (pl.col("_answered") & (pl.col("_x") != 0)).sum().cast(pl.Int64),
        "missing": (~pl.col("_answered")).sum().cast(pl.Int64),
        "total": pl.col("_x").filter(pl.col("_answered")).sum(),
        "mass": size.sum(),
        "x1": size.max().fill_null(0.0),
        "x2": size.top_k(2).sum() - size.max().fill_null(0.0),
        "only": pl.when(pl.len() == 1).then(pl.col("_holder").first()),
        "negative": (pl.col("_x") < 0).any(),
        "answers": pl.col("_answered").any(),
    }
    cells = by_holder.group_by(*keys).agg(**measures) if keys else by_holder.select(**measures)
    judged = protect_precomputed(cells, profile)
    judged = judged.with_columns(
        safe=pl.when(pl.col("answers")).then(pl.col("safe")),
        only=pl.when(pl.col("n") == 1).then(pl.col("only")),
    )
    return judged.drop("negative", "answers").sort(keys) if keys else judged.drop("negative", "answers")


def _holder(firm: str, group: str | None) -> pl.Expr:
    alone = pl.concat_str(pl.lit("firm "), pl.col(firm).cast(pl.String))
    if group is None:
        return alone.alias("_holder")
    named = pl.col(group).cast(pl.String)
    joined = pl.concat_str(pl.lit("group "), named)
    return (
        pl.when(named.is_null() | (named.str.strip_chars() == ""))
        .then(alone)
        .otherwise(joined)
        .alias("_holder")
    )


def protect_precomputed(cells: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """The same judgement from figures already added up, one row per cell; vectorised.

    :param cells: n, x1, x2, total; optional mass (sum of ``|x|``, else total) and negative (Boolean).
    :returns: the same rows with safe, rules (list of :data:`RULES` that fired) and level.
    """
    require_columns(cells, ["n", "x1", "x2", "total"], source="cells")
    mass = pl.col("mass") if "mass" in cells.columns else pl.col("total")
    negative = pl.col("negative") if "negative" in cells.columns else pl.lit(value=False)
    fired = _fired(profile, mass, negative)
    flags = [pl.when(condition).then(pl.lit(rule)) for rule, (condition, _) in fired.items()]
    levels = [pl.when(condition).then(level) for condition, level in fired.values()]
    return cells.with_columns(
        safe=~pl.any_horizontal([condition for condition, _ in fired.values()]),
        rules=pl.concat_list(flags).list.drop_nulls(),
        level=pl.max_horizontal(levels).fill_null(0.0),
    )


def _fired(profile: Profile, mass: pl.Expr, negative: pl.Expr) -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """Rule → (when it fires, the protection level it asks for)."""
    x1, x2 = pl.col("x1"), pl.col("x2")
    milder = pl.when(negative).then(1 / profile.negative_factor).otherwise(1.0)
    p = pl.lit((profile.p or 0.0) / 100) * milder
    some = pl.max_horizontal(pl.lit(1.0), p * mass)
    rules = {"frequency": (pl.col("n") < profile.n, some)}
    if profile.p is not None:
        rest = mass - x1 - x2
        rules["p_percent"] = (rest < p * x1, p * x1 - rest)
    if profile.k is not None:
        top = x1 + x2 if profile.largest == 2 else x1
        rules["dominance"] = (top > profile.k / 100 * mass, 100 / profile.k * top - mass)
    if profile.share is not None:
        rules["share"] = (x1 > profile.share * mass, some)
    return rules


def protect(
    contributions: pl.DataFrame,
    *,
    keys: Sequence[str],
    value: str,
    firm: str,
    profile: Profile,
    group: str | None = None,
) -> pl.DataFrame:
    """The table one may show where no margins are published beside it: keys, n, value, status.

    ``status``: ``ok``, ``c`` (confidential: n and value null) or ``na`` (nobody answered). With margins use
    :func:`~coopetir.foundation.core.suppression.protect_with_margins`, else cells leak by subtraction.
    """
    judged = judge_cells(contributions, keys=keys, value=value, firm=firm, profile=profile, group=group)
    shown = pl.col("safe").fill_null(value=False)
    return judged.select(
        *keys,
        n=pl.when(shown).then(pl.col("n")),
        value=pl.when(shown).then(pl.col("total")),
        status=status(),
    )


def status() -> pl.Expr:
    """``ok``, ``c`` or ``na`` from a Boolean column ``safe`` (null = nobody answered)."""
    return (
        pl.when(pl.col("safe").is_null())
        .then(pl.lit(MISSING))
        .when(pl.col("safe"))
        .then(pl.lit(OK))
        .otherwise(pl.lit(CONFIDENTIAL))
    )


def protect_mean(
    contributions: pl.DataFrame,
    *,
    keys: Sequence[str],
    value: str,
    firm: str,
    profile: Profile,
    group: str | None = None,
) -> pl.DataFrame:
    """Means per answering firm: keys, answers, value, status. Total **and** count are protected together.

    ``value = total / answers`` with answers all firms that answered, zeros included; shown only where the
    total is safe, since a mean beside a count is a total.
    """
    judged = judge_cells(contributions, keys=keys, value=value, firm=firm, profile=profile, group=group)
    answered = contributions.filter(pl.col(value).is_not_null())
    count = pl.col(firm).n_unique().cast(pl.Int64)
    if keys:
        table = judged.join(answered.group_by(*keys).agg(answers=count), on=list(keys), how="left")
    else:
        table = judged.with_columns(answers=pl.lit(answered[firm].n_unique(), pl.Int64))
    shown = pl.col("safe").fill_null(value=False)
    return table.select(
        *keys,
        answers=pl.when(shown).then(pl.col("answers")),
        value=pl.when(shown).then(pl.col("total") / pl.col("answers")),
        status=status(),
    )


def protect_ratio(above: pl.DataFrame, below: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """a / b of two protected tables (columns of :func:`protect`): keys, value, status; both must be safe.

    A safe zero below gives ``na``. A cell that is missing from either table gives ``na``.
    """
    both = above.join(below, on=list(keys), how="full", suffix="_below", coalesce=True)
    hidden = (pl.col("status") == CONFIDENTIAL) | (pl.col("status_below") == CONFIDENTIAL)
    known = (pl.col("status") == OK) & (pl.col("status_below") == OK) & (pl.col("value_below") != 0)
    return both.select(
        *keys,
        value=pl.when(known).then(pl.col("value") / pl.col("value_below")),
        status=pl.when(hidden.fill_null(value=False))
        .then(pl.lit(CONFIDENTIAL))
        .when(known.fill_null(value=False))
        .then(pl.lit(OK))
        .otherwise(pl.lit(MISSING)),
    ).sort(keys)


def protect_growth(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    keys: Sequence[str],
    value: str,
    firm: str,
    profile: Profile,
    group: str | None = None,
) -> pl.DataFrame:
    """Growth after / before - 1 on the firms that answered in both periods; both totals must be safe.

    keys, value, status. Only the common panel enters, so that a newcomer's figure is not the difference.
    """
    on = [*keys, firm]
    answered = [frame.filter(pl.col(value).is_not_null()) for frame in (before, after)]
    panel = [
        answered[0].join(answered[1], on=on, how="semi"),
        answered[1].join(answered[0], on=on, how="semi"),
    ]
    tables = [
        protect(frame, keys=keys, value=value, firm=firm, profile=profile, group=group) for frame in panel
    ]
    ratio = protect_ratio(tables[1], tables[0], keys=keys)
    return ratio.with_columns(value=pl.col("value") - 1)


def three_digits(value: float | None, digits: int = 3) -> float | None:
    """The value rounded to three significant digits; None stays None."""
    return None if value is None else float(f"{value:.{digits - 1}e}")
