"""What listeners of RabbitMQ need to know, without its client; of Redis Streams it is in ``streams_wire.py``."""

#: The topic exchange of all events; the routing key is the event's type.
EXCHANGE = "renga.events"
