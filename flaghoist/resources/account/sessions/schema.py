"""What is asked of somebody who signs in, and what they are told of their sessions."""

import msgspec
from msgspec import UNSET, UnsetType


class Credentials(msgspec.Struct):
    """Who wants to sign in, and what only they know."""

    email: str
    password: str


class LinkLook(msgspec.Struct):
    """The token of a sign-in link."""

    token: str


class LinkUse(msgspec.Struct, rename="camel"):
    """A sign-in link, and the password its member wants from now on."""

    token: str
    password: str
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET


class PasswordChange(msgspec.Struct):
    """The password so far, and the new one."""

    current: str
    password: str


class SignedInMemberRep(msgspec.Struct, rename="camel"):
    """Who is signed in; custom roles, where there are any, hold in place of ``role``."""

    id: str = msgspec.field(name="_id")
    email: str
    first_name: str
    last_name: str
    role: str
    has_custom_roles: bool


class SessionRep(msgspec.Struct, rename="camel", kw_only=True):
    """Whether somebody is signed in here; changes they make carry ``csrfToken`` in the header ``x-csrf-token``."""

    signed_in: bool
    owner_has_password: bool
    member: SignedInMemberRep | UnsetType = UNSET
    csrf_token: str | UnsetType = UNSET
    expires_at: int | UnsetType = UNSET


class SignInLinkRep(msgspec.Struct, rename="camel"):
    """Whom a sign-in link is for, and whether they had a password before."""

    email: str
    first_name: str
    last_name: str
    has_password: bool
    expires_at: int


class BrowserRep(msgspec.Struct, rename="camel"):
    """One browser in which a member is signed in."""

    id: str = msgspec.field(name="_id")
    is_current: bool
    created_at: int
    last_used_at: int
    expires_at: int
    user_agent: str
    address: str


class BrowsersRep(msgspec.Struct):
    """Every browser in which a member is signed in."""

    items: list[BrowserRep]
