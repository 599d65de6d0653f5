"""Which texts specify resources, and what the others are told."""

import pytest

from flaghoist.policy.resource_types import NAMELESS_TYPES, RESOURCE_TYPES
from flaghoist.policy.specifier import Specifier, SpecifierInvalid, Step


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("proj/*", [Step("proj", "*")]),
        ("acct", [Step("acct", "*")]),
        ("ip-allowlist", [Step("ip-allowlist", "*")]),
        ("member/*:token/*", [Step("member", "*"), Step("token", "*")]),
        (
            "proj/*;mobile:env/production:flag/checkout-*;beta,gamma",
            [Step("proj", "*", ("mobile",)), Step("env", "production"), Step("flag", "checkout-*", ("beta", "gamma"))],
        ),
        (
            "proj/web:env/*;{critical:true},eu:segment/*",
            [Step("proj", "web"), Step("env", "*", ("eu",), (("critical", "true"),)), Step("segment", "*")],
        ),
        (
            "proj/web:env/*:flag/*;beta;{temporary:false}",
            [Step("proj", "web"), Step("env", "*"), Step("flag", "*", ("beta",), (("temporary", "false"),))],
        ),
        (
            "proj/web:env/*:flag/*;view:checkout-team",
            [Step("proj", "web"), Step("env", "*"), Step("flag", "*", (), (("view", "checkout-team"),))],
        ),
        (
            "proj/web:env/*:flag/*;view:a,view:b",
            [Step("proj", "web"), Step("env", "*"), Step("flag", "*", (), (("view", "a"), ("view", "b")))],
        ),
        # An environment may carry the tag "view"; what follows it is then a child and not a view's key.
        ("proj/web:env/*;view:flag/x", [Step("proj", "web"), Step("env", "*", ("view",)), Step("flag", "x")]),
        # Spelled like this in the published API description.
        ("proj/*:env/*;qa_*:/flag/*", [Step("proj", "*"), Step("env", "*", ("qa_*",)), Step("flag", "*")]),
        ("code-reference-repository/org/repo", [Step("code-reference-repository", "org/repo")]),
        ("proj/web:aiconfig/c", [Step("proj", "web"), Step("aiconfig", "c")]),
        ("proj/web:env/test:aiconfig/c", [Step("proj", "web"), Step("env", "test"), Step("aiconfig", "c")]),
        ("*", []),
    ],
)
def test_a_specifier_is_read_from_parent_to_child(text: str, steps: list[Step]) -> None:
    specifier = Specifier.parse(text)

    assert list(specifier.steps) == steps
    assert str(specifier) == text
    assert specifier.attributes == frozenset()


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("proj/${roleAttribute/projectKey}", {"projectKey"}),
        ("proj/${roleAttribute/project}:env/${roleAttribute/stage}-*:flag/*", {"project", "stage"}),
        ("proj/*:env/*:flag/*;view:${roleAttribute/viewKeys}", {"viewKeys"}),
        ("proj/*;${roleAttribute/tag}", {"tag"}),
    ],
)
def test_role_attributes_may_stand_in_names_and_qualifiers(text: str, attributes: set[str]) -> None:
    assert Specifier.parse(text).attributes == attributes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("proj/*:env/*:flagg/x", "unknown resource type 'flagg' in 'proj/*:env/*:flagg/x'; did you mean 'flag'?"),
        ("project/web", "unknown resource type 'project' in 'project/web'; did you mean 'proj'?"),
        ("xyzzy/web", "unknown resource type 'xyzzy' in 'xyzzy/web'"),
        ("", "unknown resource type '' in ''"),
        ("flag/x", "'flag' is out of place in 'flag/x'; write 'proj/*:env/*:flag/…'"),
        ("proj/web:flag/x", "'flag' is out of place in 'proj/web:flag/x'; write 'proj/*:env/*:flag/…'"),
        ("proj/web:env/test:acct", "'acct' is out of place in 'proj/web:env/test:acct'; write 'acct'"),
        ("proj/", "'proj' in 'proj/' has no name; write 'proj/*' for every proj"),
        ("proj/web:env", "'env' in 'proj/web:env' has no name; write 'env/*' for every env"),
        ("proj/*;", "qualifier '' in 'proj/*;' is neither a tag nor of the form {property:value}"),
        ("proj/*;a,,b", "qualifier '' in 'proj/*;a,,b' is neither a tag nor of the form {property:value}"),
        ("proj/*;{critical}", "qualifier '{critical}' in 'proj/*;{critical}' is not of the form {property:value}"),
        ("proj/*;a{b:c}", "qualifier 'a{b:c}' in 'proj/*;a{b:c}' is neither a tag nor of the form {property:value}"),
        ("proj/*;{critical:true", "the braces in 'proj/*;{critical:true' do not pair up"),
        ("proj/*}:env/*{", "the braces in 'proj/*}:env/*{' do not pair up"),
        ("proj/{web}", "name '{web}' in 'proj/{web}' holds a brace; a role attribute is ${roleAttribute/NAME}"),
        ("proj/${web}", "name '${web}' in 'proj/${web}' holds a brace; a role attribute is ${roleAttribute/NAME}"),
        (
            "${roleAttribute/type}/web",
            "'${roleAttribute/type}/web' has a role attribute for a type; it can stand in a name or a qualifier",
        ),
    ],
)
def test_a_malformed_specifier_is_told_what_where_and_what_to_do(text: str, message: str) -> None:
    with pytest.raises(SpecifierInvalid) as fault:
        Specifier.parse(text)

    assert str(fault.value) == message
    assert isinstance(fault.value, ValueError)


@pytest.mark.parametrize("type_", RESOURCE_TYPES)
def test_every_type_can_be_written_below_each_of_its_parents_and_nowhere_else(type_: str) -> None:
    last = type_ if type_ in NAMELESS_TYPES else f"{type_}/*"
    for parents in {(), ("proj",), ("proj", "env"), ("member",)}:
        text = ":".join([*[f"{parent}/*" for parent in parents], last])
        if parents in RESOURCE_TYPES[type_]:
            assert Specifier.parse(text).types == (*parents, type_)
        else:
            with pytest.raises(SpecifierInvalid):
                Specifier.parse(text)
