"""Names that consumers on RabbitMQ need, without importing its client; those of Redis Streams are in ``streams_wire.py``."""

#: The topic exchange of all events; the routing key is the event's type.
EXCHANGE = "renga.events"
