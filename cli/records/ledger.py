"""`venue ledger`: does the ledger balance, what does a member hold, and who may do what in it?

Parses, calls, prints; reads the database of the running venue, or the one of the configuration, as
who only reads it.
"""

from typing import Annotated

import msgspec
import typer

from venue.bus.agreement import JournalNotShown
from venue.clearing.balances import member_holdings
from venue.clearing.statements import members, trial_balance, unreconciled
from venue.clearing.verify import verify_ledger
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse, wrong_use
from venue.cli.progress import progress
from venue.cli.records.ledger_access import ledger_of
from venue.cli.records.ledger_refill import refill
from venue.cli.records.ledger_views import (
    MemberBalances,
    balance_row,
    balances_table,
    moment,
    trial_balance_table,
)
from venue.cli.records.reservations import with_reservations
from venue.data_directory import DataDirectory
from venue.journal.reader import JournalReader
from venue.journal.segment import JournalDamage
from venue.ledger_roles import SCRIPT, member_script
from venue.printable import shown

AtOption = Annotated[
    str,
    typer.Option(
        "--at", metavar="SEQ|TIME", help="As of this event, or of this time (UTC); else now."
    ),
]


app = typer.Typer(help="The double-entry ledger in PostgreSQL.", no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """The double-entry ledger in PostgreSQL."""


@app.command("trial-balance")
def show_trial_balance(
    context: typer.Context,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also add up all postings (reads the whole ledger).")
    ] = False,
    at: AtOption = "",
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Add up all ledger accounts: every asset sums to zero, or the exit status is 1.

    position is the last event that is booked; 0 until clearing has begun. With --at it is the
    event behind which the ledger is shown.

    Examples:

        venue ledger trial-balance

        venue ledger trial-balance --at 2026-12-02T16:30:00Z

        venue ledger trial-balance --verify --json
    """
    with ledger_of(data_dir_of(context, data_dir)) as engine:
        balance = trial_balance(engine, moment(engine, at))
        broken = unreconciled(engine) if verify else []
    unbalanced = [asset for asset, totals in balance["assets"].items() if totals["sum"] != 0]
    if json:
        print_json({"ok": not (unbalanced or broken), **balance})
    else:
        console().print(trial_balance_table(balance))
        if verify and not broken:
            print("added up all postings: every balance is their sum")
    if unbalanced:
        refuse(f"the ledger does not balance in {', '.join(unbalanced)}")
    if broken:
        first = broken[0]
        refuse(
            f"{len(broken)} balances differ from their postings, first {first.owner} "
            f"{first.sub_account} {first.asset}: {first.balance:f} instead of {first.posted:f}"
        )


@app.command("balances")
def show_balances(
    context: typer.Context,
    member: Annotated[str, typer.Argument(help="Member, such as ALPHA.")],
    at: AtOption = "",
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a member has, by account and asset: settled, and by due date what is not.

    Due dates are not set off against each other: receivable is what comes in, payable what goes
    out. reserved: by open orders, without --at, as trading says. All is of one moment, behind the
    event that is named.

    Examples:

        venue ledger balances ALPHA

        venue ledger balances ALPHA --at 4711

        venue ledger balances ALPHA --at 2026-12-02T16:30:00Z --json
    """
    place = data_dir_of(context, data_dir)
    with ledger_of(place) as engine:
        found = with_reservations(
            place, member, moment(engine, at), lambda seq: member_holdings(engine, member, seq)
        )
        held = found.read
        known = [] if held.rows else members(engine)
    if not held.rows and member not in known:
        refuse(f"the ledger has no member {member}; it has: {', '.join(known) or 'none'}")
    if json:
        rows = [balance_row(each, found.reserved) for each in held.rows]
        print_json(MemberBalances(ok=True, member=member, event_seq=held.event_seq, balances=rows))
    else:
        console().print(balances_table(member, held, found.reserved))


@app.command("verify")
def verify(
    context: typer.Context, data_dir: DataDirOption = None, json: JsonOption = False
) -> None:
    """Recompute the ledger from the journal and name each difference: entries, lines with their
    balances, versions, numbers and value dates, owners of accounts, balances, trades, obligations,
    cycles, fails and the position. Exit status 0 only if there is none.

    Reads the journal and the whole ledger, on the journal's machine, while the venue runs.

    Examples:

        venue ledger verify

        venue ledger verify --json
    """
    place = data_dir_of(context, data_dir)
    journal = DataDirectory(place).journal
    if not journal.is_dir():
        refuse(f"no journal in {place}")
    reader = JournalReader(journal)
    try:
        of = reader.durable_event_seq() or 0
        with ledger_of(place) as engine, progress("verifying the ledger", of) as bar:
            verdict = verify_ledger(engine, reader, bar.at)
    except (JournalDamage, JournalNotShown) as error:
        refuse(f"the journal cannot be read: {error}")
    finally:
        reader.close()
    if json:
        told = msgspec.to_builtins(verdict)
        print_json({"ok": not verdict.breaks, **told})
    else:
        for each in verdict.breaks:
            print(shown(str(each)))
    if verdict.breaks:
        refuse(f"the ledger is not what the journal says: {len(verdict.breaks)} differences")
    if not json:
        print(
            f"the ledger is what the journal says, up to event {verdict.position}: checked "
            f"{verdict.entries:,} entries with their lines, {verdict.trades:,} trades, "
            f"{verdict.obligations:,} obligations, {verdict.cycles:,} cycles, "
            f"{verdict.fails:,} fails, accounts and their owners, balances, position"
        )
        if verdict.first_event_seq > 1:
            print(f"note: the journal begins with event {verdict.first_event_seq}")


app.command("refill")(refill)


@app.command("roles")
def roles(
    member: Annotated[
        str, typer.Option("--member", metavar="MEMBER", help="A login that sees its own only.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Print the SQL that makes owner, writer and reader in a PostgreSQL of your own, and hands a
    ledger that is there over to its owner. The embedded PostgreSQL has them.

    With --member: the SQL that makes a login for a member, who sees by it his own accounts,
    balances, lines, obligations, fails and trades, and nothing else; also in the embedded one.

    Run it as a superuser in the ledger's database, as often as you like, and again with each new
    version of the venue.

    Examples:

        venue ledger roles > roles.sql

        venue ledger roles --member ALPHA > alpha.sql

        venue ledger roles --json
    """
    try:
        script = member_script(member) if member else SCRIPT
    except ValueError as error:
        wrong_use(str(error))
    if json:
        print_json({"ok": True, "sql": script})
    else:
        print(script, end="")
