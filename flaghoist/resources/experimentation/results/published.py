"""Every formula that a figure may rest on, as published, and the symbols they are written in.

Lines hold symbols in braces, so that whoever shows a figure can put that figure's own numbers in their places.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """How a figure is worked out; ``method`` tells apart the ways in which one figure may be."""

    figure: str
    method: str
    name: str
    lines: tuple[str, ...]
    source: str


SYMBOLS = {
    "n": ("n", "units of the treatment"),
    "n0": ("n₀", "units of the baseline"),
    "k": ("k", "units of the treatment with an event"),
    "k0": ("k₀", "units of the baseline with an event"),
    "y": ("Σy", "sum of the units' values"),
    "x": ("Σx", "sum of the units' denominators"),
    "level": ("q", "level of the percentile"),
    "m": ("m", "mean of the treatment, as observed"),
    "m0": ("m₀", "mean of the baseline, as observed"),
    "s": ("s", "standard deviation per unit of the treatment"),
    "e": ("e", "standard error of the treatment's mean"),
    "e0": ("e₀", "standard error of the baseline's mean"),
    "z": ("z", "critical value: how many standard errors the interval reaches"),
    "alpha": ("α", "significance level, after correction where there is one"),
    "c": ("c", "credibility asked for"),
    "d": ("d", "the difference itself"),
    "se": ("se", "standard error of the difference"),
    "nu": ("ν", "degrees of freedom"),
    "rho": ("ρ²", "variance of the mixture per unit"),
    "a": ("a", "first parameter of the belief"),
    "b": ("b", "second parameter of the belief"),
    "pa": ("a₀", "first parameter of the prior"),
    "pb": ("b₀", "second parameter of the prior"),
    "mu": ("μ", "mean of the belief about the treatment"),
    "sigma": ("σ", "spread of the belief about the treatment"),
    "mu0": ("μ₀", "mean of the belief about the baseline"),
    "sigma0": ("σ₀", "spread of the belief about the baseline"),
    "pm": ("μₚ", "mean of the prior"),
    "ps": ("σₚ", "spread of the prior"),
    "w": ("w", "weight of the treatment's own data"),
    "p": ("p", "p-value before correction"),
    "comparisons": ("K", "comparisons corrected together"),
    "evidence": ("ln E", "logarithm of the evidence against no effect"),
    "belief": ("B", "belief about the treatment"),
    "belief0": ("B₀", "belief about the baseline"),
    "others": ("B₁, B₂, …", "beliefs about the other treatments"),
    "observed": ("O", "units observed, by treatment"),
    "expected": ("X", "units expected by the promised shares, by treatment"),
    "bayes": ("ln BF", "logarithm of the Bayes factor"),
    "chi": ("χ²", "chi-square"),
}

_DELTA = "Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics, KDD 2018"
_FISHER = "Fisher, The Design of Experiments, 1935"
_SEQUENTIAL = (
    "Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit theory and asymptotic confidence "
    "sequences, Annals of Statistics 2024"
)
_BAYES = "Gelman et al., Bayesian Data Analysis, 3rd edition, chapter 2; prior as LaunchDarkly documents"
_QUADRATURE = "exact integral by Gauss–Legendre quadrature; no random draws"

FORMULAS = (
    Formula(
        "mean",
        "share",
        "Share of units with an event",
        ("{m} = {k} / {n}", "e = √({m}·(1 − {m}) / {n})"),
        "Binomial distribution",
    ),
    Formula("mean", "mean", "Mean per unit", ("{m} = {y} / {n}", "e = {s} / √{n}"), "Central limit theorem"),
    Formula(
        "mean",
        "ratio",
        "Total over total",
        ("{m} = {y} / {x}", "e² = (Var(y) − 2m·Cov(y, x) + m²·Var(x)) / ({n}·x̄²)"),
        _DELTA,
    ),
    Formula(
        "mean",
        "percentile",
        "Percentile over units",
        (
            "m = value at rank ⌈{n}·{level}⌉",
            "e = (upper − lower) / (2·1.96), at ranks {n}·{level} ± 1.96·√({n}·{level}·(1 − {level}))",
        ),
        _DELTA,
    ),
    Formula(
        "confidenceInterval",
        "wilson",
        "Wilson's score interval",
        (
            "centre = ({m} + {z}²/(2·{n})) / (1 + {z}²/{n})",
            "± {z}·√({m}·(1 − {m})/{n} + {z}²/(4·{n}²)) / (1 + {z}²/{n})",
        ),
        "Wilson, JASA 1927",
    ),
    Formula(
        "confidenceInterval",
        "student-t",
        "Student's interval of a mean",
        ("{m} ± {z}·{e}", "z = t(1 − {alpha}/2; {n} − 1)"),
        "Student, Biometrika 1908",
    ),
    Formula(
        "confidenceInterval",
        "always-valid",
        "Always-valid interval of a mean",
        ("{m} ± {e}·√(2·({n}·{rho} + 1)/({n}·{rho})·ln(√({n}·{rho} + 1)/{alpha}))",),
        _SEQUENTIAL,
    ),
    Formula(
        "posterior",
        "beta-flat",
        "Belief about the baseline's share",
        ("Beta({pa} + {k}, {pb} + {n} − {k}) = Beta({a}, {b})",),
        _BAYES,
    ),
    Formula(
        "posterior",
        "beta",
        "Belief about a share",
        (
            "prior Beta({pa}, {pb}): mean that of the baseline, relative differences scattering by 0.2",
            "Beta({pa} + {k}, {pb} + {n} − {k}) = Beta({a}, {b})",
        ),
        _BAYES,
    ),
    Formula("posterior", "normal-flat", "Belief about the baseline's mean", ("Normal({m}, {e}²)",), _BAYES),
    Formula(
        "posterior",
        "normal",
        "Belief about a mean",
        (
            "prior Normal({pm}, {ps}²): relative differences scattering by 0.4",
            "w = {ps}² / ({ps}² + {e}²)",
            "μ = {pm} + {w}·({m} − {pm})",
            "σ = √{w}·{e}",
        ),
        _BAYES,
    ),
    Formula(
        "credibleInterval",
        "beta",
        "Highest-density interval",
        ("the narrowest interval that holds {c} of Beta({a}, {b})",),
        _BAYES,
    ),
    Formula("credibleInterval", "normal", "Highest-density interval", ("{mu} ± Φ⁻¹((1 + {c})/2)·{sigma}",), _BAYES),
    Formula(
        "relative",
        "posterior-delta",
        "Relative difference of the beliefs",
        ("d = {mu}/{mu0} − 1", "spread = √(({sigma}/{mu0})² + ({mu}·{sigma0}/{mu0}²)²)", "d ± Φ⁻¹((1 + {c})/2)·spread"),
        _DELTA,
    ),
    Formula(
        "pBest",
        "quadrature",
        "Probability to be best",
        ("P({belief} is above all of {others}); below them where lower is better",),
        _QUADRATURE,
    ),
    Formula(
        "pBeatBaseline",
        "quadrature",
        "Probability to beat the baseline",
        ("P({belief} > {belief0}); P({belief} < {belief0}) where lower is better",),
        _QUADRATURE,
    ),
    Formula(
        "expectedLoss",
        "quadrature",
        "Expected loss",
        ("E[max({belief0} − {belief}, 0)]; the other way round where lower is better",),
        _QUADRATURE,
    ),
    Formula(
        "absolute",
        "welch-t",
        "Welch's t test",
        (
            "d = {m} − {m0}",
            "se = √({e}² + {e0}²)",
            "t = {d}/{se} with {nu} degrees of freedom",
            "interval {d} ± {z}·{se}",
        ),
        "Welch, Biometrika 1947",
    ),
    Formula(
        "absolute",
        "z",
        "Unpooled z test",
        ("d = {m} − {m0}", "se = √({e}² + {e0}²)", "interval {d} ± {z}·{se}"),
        "Agresti, Categorical Data Analysis, 3rd edition, 3.1",
    ),
    Formula(
        "absolute",
        "newcombe-fisher",
        "Newcombe's interval, Fisher's exact test",
        ("d = {k}/{n} − {k0}/{n0}", "interval from both shares' score limits; p from all tables at most as likely"),
        f"Newcombe, Statistics in Medicine 1998; {_FISHER}",
    ),
    Formula(
        "relative",
        "delta-z",
        "Delta method, z test",
        (
            "d = {m}/{m0} − 1",
            "se = √(({e}/{m0})² + ({m}·{e0}/{m0}²)²)",
            "interval {d} ± {z}·{se}",
            "p = 2·Φ(−|{d}/{se}|), or one tail where the test is one-sided",
        ),
        _DELTA,
    ),
    Formula(
        "relative",
        "score-fisher",
        "Score interval of a ratio, Fisher's exact test",
        (
            "d = ({k}/{n}) / ({k0}/{n0}) − 1",
            "interval from both shares' score limits; p from all tables at most as likely",
        ),
        f"Donner and Zou, Statistical Methods in Medical Research 2012; {_FISHER}",
    ),
    Formula(
        "log-ratio",
        "log-ratio-z",
        "Delta method on the logarithm",
        ("ln({m}/{m0})", "se = √(({e}/{m})² + ({e0}/{m0})²)"),
        _DELTA,
    ),
    Formula(
        "absolute",
        "always-valid-absolute",
        "Always-valid difference",
        (
            "d = {m} − {m0}",
            "se = √({e}² + {e0}²)",
            "± {se}·√(2·(N·{rho} + 1)/(N·{rho})·ln(√(N·{rho} + 1)/{alpha})), N = {n} + {n0}",
            "one-sided: ln(1 + √(N·{rho} + 1)/(2·{alpha})) instead of the last logarithm",
            "p = min(1, exp(−{evidence}))",
        ),
        _SEQUENTIAL,
    ),
    Formula(
        "relative",
        "always-valid-log-ratio",
        "Always-valid relative difference",
        (
            "l = ln({m}/{m0}), d = exp(l) − 1",
            "se = √(({e}/{m})² + ({e0}/{m0})²)",
            "exp(l ± se·√(2·(N·{rho} + 1)/(N·{rho})·ln(√(N·{rho} + 1)/{alpha}))) − 1, N = {n} + {n0}",
            "one-sided: ln(1 + √(N·{rho} + 1)/(2·{alpha})) instead of the last logarithm",
            "p = min(1, exp(−{evidence}))",
        ),
        _SEQUENTIAL,
    ),
    Formula(
        "log-ratio",
        "always-valid-log-ratio",
        "Always-valid logarithm of the ratio",
        ("ln({m}/{m0})", "se = √(({e}/{m})² + ({e0}/{m0})²)"),
        _SEQUENTIAL,
    ),
    Formula(
        "adjustedPValue", "bonferroni", "Bonferroni's correction", ("min(1, {comparisons}·{p})",), "Dunn, JASA 1961"
    ),
    Formula(
        "adjustedPValue",
        "holm",
        "Holm's correction",
        ("running maximum of ({comparisons} − place + 1)·{p}, p-values ascending",),
        "Holm, Scandinavian Journal of Statistics 1979",
    ),
    Formula(
        "adjustedPValue",
        "benjamini-hochberg",
        "Benjamini and Hochberg's correction",
        ("running minimum from the largest of {comparisons}/place·{p}, p-values ascending",),
        "Benjamini and Hochberg, JRSS B 1995",
    ),
    Formula(
        "sampleRatio",
        "chi-square",
        "Chi-square test of the shares",
        ("{chi} = Σ ({observed} − {expected})² / {expected}", "degrees of freedom: treatments − 1"),
        "Pearson, Philosophical Magazine 1900; Fabijan et al., KDD 2019",
    ),
    Formula(
        "sampleRatio",
        "bayes-factor",
        "Bayes factor of the shares, valid at every look",
        (
            "{bayes} = lnΓ(K) − lnΓ(K + N) + Σ (lnΓ(1 + {observed}) − {observed}·ln({expected} / N))",
            "probability of mismatch = BF / (1 + BF); K treatments, N units, any shares equally likely beforehand",
        ),
        "Lindon and Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022",
    ),
)
