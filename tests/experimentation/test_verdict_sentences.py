"""The sentence that results end in: what to conclude, said so that nobody needs to know statistics.

The figures follow from shares p and q of n visitors each by hand: the relative difference is q/p - 1, its variance
q(1-q)/(n p^2) + (1-p) q^2/(n p^3), and p-values and intervals are the normal distribution's.
"""

from typing import Any

import pytest

from flaghoist.resources.experimentation.results.verdict import sentence, winner
from flaghoist.statistics import families
from flaghoist.statistics.analysis import analyse
from flaghoist.statistics.experiment import Arm, Settings
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.sample_ratio import sample_ratio

NAMES = ("Blue", "Green", "Grey")
BAYESIAN: Any = {"methodology": "bayesian"}


def arms(*counts: tuple[int, int]) -> list[Arm]:
    """One arm for each (buyers, visitors); the first is the baseline."""
    return [
        Arm(name.lower(), name, name == "Blue", Proportion(visitors, buyers), visitors, buyers)
        for name, (buyers, visitors) in zip(NAMES, counts, strict=False)
    ]


def concluded(*counts: tuple[int, int], ended: bool = False, **settings: Any) -> tuple[str, str | None]:
    analysis = analyse(arms(*counts), Settings(**settings))
    ratio = sample_ratio([visitors for _, visitors in counts], [1.0] * len(counts), ended=ended)
    best = winner(analysis, ratio)
    return sentence(analysis, ratio), best and best.name


@pytest.mark.parametrize(
    ("counts", "settings", "says", "best"),
    [
        (
            [(200, 1000), (260, 1000)],
            {},
            "“Green” is better than the baseline: +30.0% (between +8.9% and +51.1%), p = 0.0053.",
            "Green",
        ),
        (
            [(200, 1000), (260, 1000)],
            {"test_direction": "one-sided"},
            "“Green” is better than the baseline: +30.0% (at least +12.3%), p = 0.0026.",
            "Green",
        ),
        (
            [(260, 1000), (200, 1000)],
            {"test_direction": "one-sided", "success": "LowerThanBaseline"},
            "“Green” is better than the baseline: -23.1% (at most -12.6%), p = 0.00014.",
            "Green",
        ),
        (
            [(2000, 10000), (2600, 10000)],
            {},
            "“Green” is better than the baseline: +30.0% (between +23.3% and +36.7%), p < 0.0001.",
            "Green",
        ),
        (
            [(260, 1000), (200, 1000)],
            {},
            "The baseline is best: “Green” is worse, -23.1% (between -35.6% and -10.6%), p = 0.00029.",
            None,
        ),
        (
            [(200, 1000), (215, 1000)],
            {},
            "No verdict yet: “Green” does not differ significantly from the baseline.",
            None,
        ),
        (
            [(200, 1000), (215, 1000), (190, 1000)],
            {},
            "No verdict yet: “Green” and “Grey” do not differ significantly from the baseline.",
            None,
        ),
        (
            [(260, 1000), (200, 1000), (250, 1000)],
            {},
            "No verdict yet: “Green” is worse, -23.1% (between -35.6% and -10.6%), p = 0.00029; "
            "“Grey” does not differ significantly from the baseline.",
            None,
        ),
        (
            [(260, 1000), (200, 1000)],
            {"test_direction": "one-sided"},
            "No verdict yet: “Green” is not significantly better than the baseline.",
            None,
        ),
        (
            [(5, 60), (9, 60)],
            {"sequential": True},
            "Too little has been counted for a verdict: it takes 100 units and about 25 events of each treatment.",
            None,
        ),
        ([(0, 0), (0, 0)], {}, "Nobody has been exposed yet.", None),
        ([(3, 9), (0, 0)], {}, "No verdict yet: nobody has been measured in “Green”.", None),
        ([(1, 2), (0, 0), (0, 0)], {}, "No verdict yet: nobody has been measured in “Green” and “Grey”.", None),
        (
            [(260, 1000), (200, 1000)],
            BAYESIAN,
            "“Blue”, the baseline, is best with probability 99.9%.",
            "Blue",
        ),
        (
            [(200, 1000), (206, 1000)],
            BAYESIAN | {"credibility": 0.975},
            "No verdict yet: “Green” leads, best with probability 61.0% where 97.5% is asked for.",
            None,
        ),
    ],
)
def test_the_sentence_says_what_to_conclude(
    counts: list[tuple[int, int]], settings: dict[str, Any], says: str, best: str | None
) -> None:
    assert concluded(*counts, **settings) == (says, best)


def test_a_probable_winner_is_told_with_its_size_and_probability() -> None:
    said, best = concluded((200, 1000), (260, 1000), **BAYESIAN)
    assert best == "Green"
    assert said.startswith("“Green” is better than the baseline: +")
    assert said.endswith("%), best with probability 99.9%.")


def test_no_probability_is_told_as_certain() -> None:
    said, best = concluded((2000, 10000), (2600, 10000), **BAYESIAN)
    assert best == "Green"
    assert said.endswith("%), best with probability over 99.9%.")


def test_units_in_other_shares_than_promised_forbid_any_conclusion() -> None:
    said, best = concluded((200, 1000), (260, 700))
    assert said.startswith("Do not trust these numbers: units did not arrive in the promised shares (probability of")
    assert best is None


def test_a_corrected_p_value_says_so() -> None:
    some = arms((200, 1000), (260, 1000), (200, 1000))
    (analysis,) = families.analyse_together(
        [families.Question("sold", some, Settings())], method="bonferroni", scope="variations"
    ).values()
    said = sentence(analysis, sample_ratio([1000] * 3, [1.0] * 3, ended=False))
    assert said.endswith("p = 0.011 after correction.")


def test_uneven_shares_are_told_by_the_number_that_found_them() -> None:
    said, _ = concluded((200, 1000), (260, 700))
    assert "(probability of mismatch over 99.9%)" in said
    said, _ = concluded((1000, 10000), (1100, 10480), ended=True)  # chi-square 480^2 / 20480 = 11.25
    assert "(chi-square p = 0.0008)" in said
