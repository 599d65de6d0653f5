"""Which resources a specifier speaks of."""

import pytest

from flaghoist.policy.glob import glob
from flaghoist.policy.specifier import Specifier
from flaghoist.policy.target import Target

CHECKOUT = (
    Target.parse("proj/web:env/production:flag/checkout-v2")
    .with_traits("proj", tags=["Mobile"])
    .with_traits("env", tags=["eu", "qa_1"], properties={"critical": True})
    .with_traits(
        "flag", tags=["beta", "gamma"], properties={"temporary": False, "view": frozenset({"team-a", "team-b"})}
    )
)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("*", True),
        ("proj/*:env/*:flag/*", True),
        ("proj/web:env/production:flag/checkout-v2", True),
        ("proj/web:env/production:flag/checkout-*", True),
        ("proj/web:env/production:flag/*-v2", True),
        ("proj/web:env/production:flag/check*v2", True),
        ("proj/web:env/production:flag/checkout", False),
        ("proj/web:env/production:flag/checkout-v2-*", False),
        # Names are compared with regard to case.
        ("proj/Web:env/*:flag/*", False),
        # A pattern speaks of one depth and one kind.
        ("proj/*", False),
        ("proj/*:env/*", False),
        ("proj/*:env/*:segment/*", False),
        ("proj/mobile:env/*:flag/*", False),
        ("proj/*:env/test:flag/*", False),
        # Tags: all of them, without regard to case, globs welcome.
        ("proj/*:env/*:flag/*;beta", True),
        ("proj/*:env/*:flag/*;beta,gamma", True),
        ("proj/*:env/*:flag/*;BETA", True),
        ("proj/*:env/*:flag/*;beta,delta", False),
        ("proj/*;mobile:env/*:flag/*", True),
        ("proj/*:env/*;qa_*:flag/*", True),
        ("proj/*:env/*;qa_*:/flag/*", True),
        ("proj/*:env/*;us_*:flag/*", False),
        # A tag of a parent is not a tag of the child.
        ("proj/*:env/*:flag/*;mobile", False),
        # Properties.
        ("proj/*:env/*;{critical:true}:flag/*", True),
        ("proj/*:env/*;{critical:false}:flag/*", False),
        ("proj/*:env/*;{critical:true},eu:flag/*", True),
        ("proj/*:env/*;{critical:true},us:flag/*", False),
        ("proj/*:env/*;{unheard-of:true}:flag/*", False),
        ("proj/*:env/*:flag/*;{temporary:false};beta", True),
        ("proj/*:env/*:flag/*;view:team-a", True),
        ("proj/*:env/*:flag/*;{view:team-b}", True),
        ("proj/*:env/*:flag/*;view:team-a,view:team-b", True),
        ("proj/*:env/*:flag/*;view:team-*", True),
        ("proj/*:env/*:flag/*;view:team-c", False),
    ],
)
def test_a_specifier_speaks_of_a_flag_in_production(text: str, matches: bool) -> None:
    assert Specifier.parse(text).matches(CHECKOUT) is matches


@pytest.mark.parametrize(
    ("text", "address", "matches"),
    [
        ("proj/*", "proj/x", True),
        ("proj/*", "proj/x:env/y", False),
        ("proj/x:env/*", "proj/x", False),
        ("acct", "acct", True),
        ("acct/*", "acct", True),
        ("proj/*", "acct", False),
        ("*", "acct", True),
        ("*", "member/5f:token/77", True),
        ("member/*", "member/5f:token/77", False),
        ("member/5f:token/*", "member/5f:token/77", True),
        ("member/5f:token/*", "member/60:token/77", False),
    ],
)
def test_a_pattern_speaks_of_one_segment_of_one_depth(text: str, address: str, matches: bool) -> None:
    assert Specifier.parse(text).matches(Target.parse(address)) is matches


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("proj/web:env/*:flag/*", True),
        ("proj/web:env/test:flag/*", True),
        ("proj/web:env/*;{critical:true}:flag/*", True),
        ("proj/web:env/*;eu:flag/checkout", True),
        ("proj/mobile:env/*:flag/*", False),
        ("proj/web:env/*:flag/search", False),
        ("proj/web:env/*:flag/*;beta", False),
        ("proj/web:env/*:segment/*", False),
        ("proj/web:env/*", False),
    ],
)
def test_an_act_on_a_flag_in_all_environments_is_matched_by_any_pattern_for_the_environment(
    text: str, matches: bool
) -> None:
    assert Specifier.parse(text).matches(Target.parse("proj/web:env/*:flag/checkout")) is matches


def test_a_star_at_the_end_of_a_target_is_a_name_like_any_other() -> None:
    everything_new = Target.parse("proj/*")

    assert Specifier.parse("proj/*").matches(everything_new)
    assert not Specifier.parse("proj/web").matches(everything_new)


def test_a_name_of_any_text_is_matched_as_it_is() -> None:
    user = Target.of(("proj", "web"), ("env", "test"), ("user", "org:7;beta/x"))

    assert Specifier.parse("proj/web:env/test:user/org*").matches(user)
    assert not Specifier.parse("proj/web:env/test:user/org").matches(user)


@pytest.mark.parametrize(
    "address", ["", "proj", "proj/", "/web", "proj/web:", "acct/x", "acct/", "proj/web::flag/x", "web"]
)
def test_an_address_that_names_nothing_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not of the form type/name"):
        Target.parse(address)


def test_a_target_reads_back_as_its_address() -> None:
    for address in ("acct", "ip-allowlist", "proj/web:env/*:flag/checkout", "code-reference-repository/org/repo"):
        assert str(Target.parse(address)) == address


def resolved(text: str, **attributes: list[str]) -> list[str]:
    return [str(each) for each in Specifier.parse(text).resolved(attributes)]


def test_a_role_attribute_stands_for_each_of_its_values() -> None:
    assert resolved("proj/${roleAttribute/p}:env/*", p=["web", "ios-*"]) == ["proj/web:env/*", "proj/ios-*:env/*"]
    assert resolved("proj/${roleAttribute/p}-${roleAttribute/q}", p=["a", "b"], q=["1"]) == ["proj/a-1", "proj/b-1"]
    assert resolved("proj/${roleAttribute/p}:env/${roleAttribute/p}", p=["a", "b"]) == ["proj/a:env/a", "proj/b:env/b"]
    assert resolved("proj/web", p=["a"]) == ["proj/web"]


def test_a_role_attribute_without_a_value_leaves_nothing() -> None:
    assert resolved("proj/${roleAttribute/p}") == []
    assert resolved("proj/${roleAttribute/p}", p=[]) == []
    assert resolved("proj/${roleAttribute/p}:env/${roleAttribute/e}", p=["web"]) == []
    assert not Specifier.parse("proj/${roleAttribute/p}").matches(Target.parse("proj/web"))


def test_a_role_attribute_cannot_reach_beyond_its_step() -> None:
    escapes = ["web:env/production", "*:env/*:flag/*", "", "{", "web;", "${roleAttribute/p}", "web:"]
    assert resolved("proj/${roleAttribute/p}", p=escapes) == []
    assert resolved("proj/${roleAttribute/p}", p=["*;mobile"]) == ["proj/*;mobile"]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*a", "aa", True),
        ("a*a", "a", False),
        ("a*b*b", "abb", True),
        ("a*b*b", "ab", False),
        ("*b*", "abc", True),
        ("**", "", True),
        ("a?c", "abc", False),
        ("[ab]", "a", False),
    ],
)
def test_the_pieces_of_a_pattern_never_share_a_character(pattern: str, text: str, matches: bool) -> None:
    assert glob(pattern)(text) is matches


def test_a_pattern_full_of_stars_is_decided_at_once() -> None:
    # Tried naively, this asks for some 10^20 ways to place the stars.
    assert not glob("*a" * 40 + "b")("a" * 2000)
