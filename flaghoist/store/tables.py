"""The tables of the state store; migrations/ makes them, in this shape."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("address", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("parent", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body_version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("created_seq", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted", Integer, nullable=False, default=0),
    Column("body", Text, nullable=False),
    Index("documents_by_collection", "kind", "parent", "deleted", "seq"),
)

facets = Table(
    "facets",
    metadata,
    Column("address", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("address", String, nullable=False),
    Column("name", String, nullable=False),
    Column("body", Text, nullable=False),
    Index("changes_by_time", "at"),
    Index("changes_by_address", "address", "seq"),
)

# What the audit log is searched by, apart from the bodies, which are many times as long.
change_outlines = Table(
    "change_outlines",
    metadata,
    Column("at", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("address", String, nullable=False),
    Column("name", String, nullable=False),
    Column("member_id", String, nullable=False),
    Column("token_id", String, nullable=False),
    Column("accesses", Text, nullable=False),
    sqlite_with_rowid=False,
)

credentials = Table(
    "credentials",
    metadata,
    Column("digest", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("address", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Index("credentials_by_address", "address"),
)

# Passwords as Argon2 hashes; a member who signs in with a token alone has none.
passwords = Table(
    "passwords",
    metadata,
    Column("member", String, primary_key=True),
    Column("hash", String, nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("member", String, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("member", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("user_agent", String, nullable=False),
    Column("client", String, nullable=False),
    Index("sessions_by_member", "member"),
    Index("sessions_by_end", "expires_at"),
)

# Work promised in a transaction; due at no time once it was given up.
jobs = Table(
    "jobs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("queue", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("uniq", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("due_at", BigInteger),
    Column("holder", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("died_at", BigInteger),
    Column("error", String, nullable=False),
    Index("jobs_by_uniq", "queue", "uniq", unique=True),
    Index("jobs_by_due", "queue", "due_at"),
    Index("jobs_by_lane", "queue", "lane", "due_at"),
    Index("jobs_by_end", "died_at"),
)

# How far those have come who follow the changes.
followers = Table(
    "followers",
    metadata,
    Column("name", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

# Which keys secrets are sealed with, the newest in force; ``covers`` names what is sealed, once all of it is.
secret_keys = Table(
    "secret_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("proof", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("covers", Text, nullable=False),
)

# Work that only one process does at a time belongs to whoever holds its lease.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# What is counted over all processes, in windows that begin and end for all of them at once.
counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("window_start", BigInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index("counters_by_end", "ends_at"),
)

# The inboxes that feed one lake, where there may be several: how far back each is known to be empty, and for how long
# that may be relied on.
inboxes = Table(
    "inboxes",
    metadata,
    Column("inbox", String, primary_key=True),
    Column("through", BigInteger, nullable=False),
    Column("alive_until", BigInteger, nullable=False),
    Column("is_carried_over", Integer, nullable=False),  # its own memory of ids is among the claims
)

# Ids of payloads and events that count already, over all inboxes of a lake, and where the copy stands that does.
claims = Table(
    "claims",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False, server_default="0"),  # 0 where it is not known: before all others
    Index("claims_by_end", "until"),
)

# Environments whose events somebody watches, by the process that shows them, and until when that is known to be so.
watched_environments = Table(
    "watched_environments",
    metadata,
    Column("environment_id", String, primary_key=True),
    Column("process", String, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

# Some of what each process received for environments that are watched elsewhere, for as long as that is of interest.
sightings = Table(
    "sightings",
    metadata,
    Column("environment_id", String, primary_key=True),
    Column("process", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
)
