"""Users of the demo: one for each member that trades here, and an operator. Everybody knows their
password.

They are marked, and log in only where [gateway] demo_users is on, which is on loopback only.
"""

from collections.abc import Iterable

from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import VENUE, Users
from venue.settings.sections import DEMO_PASSWORD

OPERATOR = "operator"
_OF_MEMBER = frozenset(Scope)
_OF_OPERATOR = frozenset({Scope.READ, Scope.OPERATE})


def add_demo_users(store: Store, users: Users, members: Iterable[str], now_ns: int) -> list[str]:
    """Add those that are not there yet; their names. Some 50 ms each."""
    wanted = [(member.lower(), member, _OF_MEMBER) for member in members]
    added = []
    for name, member, scopes in [*wanted, (OPERATOR, VENUE, _OF_OPERATOR)]:
        if users.get(name) is None:
            users.add(name, member, scopes, DEMO_PASSWORD, now_ns, is_demo=True)
            store.note("user_added", name, "the demo", f"{member}, demo password", now_ns)
            added.append(name)
    return added
