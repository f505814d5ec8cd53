"""The event bus: one port, two engines (Redis Streams, RabbitMQ), chosen by the URL's scheme."""
