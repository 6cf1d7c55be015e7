"""The durable consumers of readers from outside: each keeps the place of one reader.

May know JetStream. A reader takes his messages from it and acknowledges them; he can make none.
"""

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from venue.bus.stream import ensure_stream
from venue.bus.subjects import all_drop_copies, drop_stream

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


async def remove_consumer(jetstream: JetStreamContext, name: str, member: str) -> None:
    """Forget the place of a reader. Raises OSError, NatsError."""
    try:
        await jetstream.delete_consumer(drop_stream(member), name)
    except NotFoundError:  # its stream was wiped, or it was never made
        return
