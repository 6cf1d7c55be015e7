"""The ledger's tables in PostgreSQL, schema `clearing`. Migrations make them; this describes them.

Amounts are numeric without limit of digits. `postings`, `entries`, `trades` and `fails` only ever
grow; of a trade, only `status`, `changed_seq` and what is called current_ ever change.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA = "clearing"
CONSUMER = "clearing"
EXECUTED, CORRECTED, BUSTED = "executed", "corrected", "busted"
"""status of a trade."""

metadata = MetaData(schema=SCHEMA)

entries = Table(
    "entries",
    metadata,
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("timestamp_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("trades", BigInteger, nullable=False),
    Column("busted", BigInteger, nullable=False),
    Index("entries_timestamp", "timestamp_ns", "event_seq"),
)
"""trades, busted: how many were executed and busted up to this entry. The index leads from a time
to the sequence that was booked then."""

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Integer, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("sub_account", Text, nullable=False),
    Column("asset", Text, nullable=False),
    UniqueConstraint("kind", "owner", "sub_account", "asset", name="accounts_unique"),
)

postings = Table(
    "postings",
    metadata,
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("account_id", Integer, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("balance_before", Numeric, nullable=False),
    Column("balance_after", Numeric, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("value_date", Date, nullable=False),
    Column("wallet_number", BigInteger),
    Index("postings_account", "account_id", "event_seq", "line"),
)
"""version: counts the lines of an account, from 1, without a gap. value_date: when the amount
counts; of what is owed, its due date. wallet_number: counts the lines of a member over all its
accounts. The index leads to the balance after any event.

There are no foreign keys, because they are checked row by row. One transaction of one writer
writes entry, account and posting, and the trigger on this table refuses an unknown account."""

balances = Table(
    "balances",
    metadata,
    Column("account_id", Integer, ForeignKey("clearing.accounts.account_id"), primary_key=True),
    Column("balance", Numeric, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("event_seq", BigInteger, nullable=False),
)
"""The last line of each account. The trigger on `postings` keeps it; clearing cannot change it."""

wallets = Table(
    "wallets",
    metadata,
    Column("member", Text, primary_key=True),
    Column("wallet_number", BigInteger, nullable=False),
)
"""How many lines each member has; kept by the same trigger."""

trades = Table(
    "trades",
    metadata,
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("match_id", Text, nullable=False),
    Column("timestamp_ns", BigInteger, nullable=False),
    Column("trading_day", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("buyer", Text, nullable=False),
    Column("buyer_account", Text),
    Column("buyer_order_id", Text, nullable=False),
    Column("buyer_fee", Numeric, nullable=False),
    Column("seller", Text, nullable=False),
    Column("seller_account", Text),
    Column("seller_order_id", Text, nullable=False),
    Column("seller_fee", Numeric, nullable=False),
    Column("status", Text, nullable=False, server_default=text(f"'{EXECUTED}'")),
    Column("changed_seq", BigInteger),
    Column("current_quantity", Numeric, nullable=False),
    Column("current_price", Numeric, nullable=False),
    Column("current_amount", Numeric, nullable=False),
    Column("current_buyer_fee", Numeric, nullable=False),
    Column("current_seller_fee", Numeric, nullable=False),
    Column("settlement_date", Date),
    Index("trades_match_id", "match_id", unique=True),
    Index("trades_buyer", "buyer", "event_seq"),
    Index("trades_seller", "seller", "event_seq"),
    Index("trades_symbol", "symbol", "event_seq"),
)
"""One row a match: as it was executed, and as it stands now (current_). changed_seq: event_seq of
its latest bust or correction. A busted trade keeps the current_ values that its bust reversed."""

position_changes = Table(
    "position_changes",
    metadata,
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("fee", Numeric, nullable=False),
    Column("of_id", Text, nullable=False),
    Index("position_changes_member", "member", "event_seq"),
)
"""What changes positions and is no trade as executed, a row an account: see
venue.clearing.portfolio.changes, whose fields these are."""
TAKEN_OVER = -1
"""line of the one row that says up to which event a migration has filled it from older tables."""

obligations = Table(
    "obligations",
    metadata,
    Column("member", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("due", Date, primary_key=True),
    Column("asset", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("cycles", Integer, nullable=False),
    Column("changed_seq", BigInteger, nullable=False),
    Index(
        "obligations_open",
        "due",
        postgresql_where=text("quantity <> 0 OR amount <> 0"),
    ),
)
"""Net of what a member owes (below zero) and is owed; account as in the ledger. cycles: how often
it has failed. changed_seq: the event that changed it last. What is settled stays, with 0 and 0."""

cycles = Table(
    "cycles",
    metadata,
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    Column("event_seq", BigInteger, nullable=False),
    Column("settlement_date", Date, nullable=False),
    Column("obligations", Integer, nullable=False),
    Column("settled", Integer),
    Column("partly", Integer),
    Column("failed", Integer),
    Column("begun_ns", BigInteger, nullable=False),
    Column("ended_ns", BigInteger),
)
"""Runs of settlement. settled, partly, failed and ended_ns are NULL until it has ended."""

fails = Table(
    "fails",
    metadata,
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("cycle", Integer, nullable=False),
    Column("member", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cycles", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("short_of", Text, nullable=False),
    Column("penalty", Numeric, nullable=False),
    Index("fails_cycle", "cycle", "event_seq"),
    Index("fails_member", "member", "event_seq"),
)
"""What was left of an obligation behind a cycle that should have settled it."""

payments = Table(
    "payments",
    metadata,
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reference", Text, nullable=False),
)
"""What deposits, withdrawals, transfers and reversals are called outside, if they have a name."""

relays = Table(
    "relays",
    metadata,
    Column("name", Text, primary_key=True),
    Column("event_seq", BigInteger, nullable=False),
    Column("line", SmallInteger, nullable=False),
)
"""Up to which line a relay has told the ledger outside, as it noted last: its stream says so too,
and counts."""

position = Table(
    "position",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_seq", BigInteger, nullable=False),
    Column("journal", Text, nullable=False, server_default=text("''")),
    Column("digest", Text, nullable=False, server_default=text("''")),
)
"""journal: identity of the one journal that is booked here. digest: of the event at the position.
Both are empty until something was booked."""
