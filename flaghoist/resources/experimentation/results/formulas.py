"""Which formulas are behind the figures of an analysis, and how they are told."""

import re
from collections.abc import Iterable
from typing import Any

from flaghoist.resources.experimentation.results.published import FORMULAS, SYMBOLS, Formula
from flaghoist.statistics.analysis import Analysis, ArmAnalysis
from flaghoist.statistics.posteriors import Beta

Body = dict[str, Any]
_TOKEN = re.compile(r"\{(\w+)\}")


def behind(analysis: Analysis, *, sample_kind: str, correction: str | None, ended: bool) -> list[Formula]:
    """The formulas that an analysis used, in the order in which one reads them."""
    used = {("mean", sample_kind), ("confidenceInterval", _interval(analysis, sample_kind)), ("pBest", "quadrature")}
    used |= {("pBeatBaseline", "quadrature"), ("expectedLoss", "quadrature")}
    used |= {("sampleRatio", "chi-square" if ended else "bayes-factor")}
    used |= {pair for arm in analysis.arms for pair in _of_arm(arm)}
    if correction:
        used.add(("adjustedPValue", correction))
    return [each for each in FORMULAS if (each.figure, each.method) in used]


def _interval(analysis: Analysis, sample_kind: str) -> str:
    if analysis.settings.sequential:
        return "always-valid"
    return "wilson" if sample_kind == "share" else "student-t"


def _of_arm(arm: ArmAnalysis) -> Iterable[tuple[str, str]]:
    if arm.posterior:
        kind = "beta" if isinstance(arm.posterior.belief, Beta) else "normal"
        yield "posterior", f"{kind}-flat" if arm.baseline else kind
        yield "credibleInterval", kind
    for against in arm.versus:
        for effect in (against.absolute, against.relative, against.log_ratio, against.posterior_relative):
            if effect:
                yield effect.scale, effect.method


def plain(formula: Formula) -> list[str]:
    """A formula's lines with their symbols as one writes them."""
    return [_TOKEN.sub(lambda token: SYMBOLS[token[1]][0], line) for line in formula.lines]


def told(formula: Formula) -> Body:
    """A formula as answered, with the meaning of its symbols in the order of their appearance."""
    tokens = dict.fromkeys(token for line in formula.lines for token in _TOKEN.findall(line))
    symbols = [{"token": each, "symbol": SYMBOLS[each][0], "meaning": SYMBOLS[each][1]} for each in tokens]
    return {
        "figure": formula.figure,
        "method": formula.method,
        "name": formula.name,
        "lines": list(formula.lines),
        "symbols": symbols,
        "source": formula.source,
    }
