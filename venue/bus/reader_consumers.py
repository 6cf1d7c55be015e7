"""The durable consumers of readers from outside: each keeps the place of one reader.

May know JetStream. A reader takes his messages from it and acknowledges them; he can make none.
"""

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from venue.bus.stream import ensure_stream
from venue.bus.subjects import (
    ALL_WALLETS,
    LEDGER,
    all_drop_copies,
    all_wallet_events,
    drop_stream,
)

ACKNOWLEDGED_WITHIN_SECONDS = 30.0
"""What is not acknowledged by then is given again."""


async def make_consumer(
    jetstream: JetStreamContext, name: str, member: str, journal: str, *, replicas: int = 1
) -> None:
    """Make a reader's consumer of a member's stream, from its first copy on, if it has none.

    journal, replicas: for a stream that is not there yet. The consumer has as many as the stream.
    Raises OSError, NatsError.
    """
    stream = drop_stream(member)
    await ensure_stream(
        jetstream, stream, all_drop_copies(member), owner=journal, replicas=replicas
    )
    try:
        await jetstream.consumer_info(stream, name)
    except NotFoundError:
        await jetstream.add_consumer(
            stream,
            ConsumerConfig(
                name=name,
                durable_name=name,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACKNOWLEDGED_WITHIN_SECONDS,
            ),
        )


async def make_wallet_consumer(
    jetstream: JetStreamContext, name: str, member: str, journal: str, *, replicas: int = 1
) -> None:
    """As `make_consumer`, of the member's wallet events in the stream of all members.

    One of that name that gives another member's events is made anew. Raises OSError, NatsError.
    """
    own = all_wallet_events(member)
    await ensure_stream(jetstream, LEDGER, ALL_WALLETS, owner=journal, replicas=replicas)
    try:
        found = await jetstream.consumer_info(LEDGER, name)
    except NotFoundError:
        pass
    else:
        if found.config.filter_subject == own:
            return
        await jetstream.delete_consumer(LEDGER, name)
    await jetstream.add_consumer(
        LEDGER,
        ConsumerConfig(
            name=name,
            durable_name=name,
            filter_subject=own,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACKNOWLEDGED_WITHIN_SECONDS,
        ),
    )


async def remove_wallet_consumer(jetstream: JetStreamContext, name: str) -> None:
    """Forget the place of a reader of wallet events. Raises OSError, NatsError."""
    try:
        await jetstream.delete_consumer(LEDGER, name)
    except NotFoundError:  # the stream was wiped, or it was never made
        return


async def remove_consumer(jetstream: JetStreamContext, name: str, member: str) -> None:
    """Forget the place of a reader. Raises OSError, NatsError."""
    try:
        await jetstream.delete_consumer(drop_stream(member), name)
    except NotFoundError:  # its stream was wiped, or it was never made
        return
