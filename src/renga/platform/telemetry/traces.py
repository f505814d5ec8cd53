"""OpenTelemetry traces: one server span per request, joined to the caller's by W3C trace context.

Imported only if a collector is configured: the SDK costs 15 MB of memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode

from renga import __version__


class Traces:
    """The span exporter. ``close`` flushes pending spans."""

    def __init__(self, exporter: SpanExporter) -> None:
        resource = Resource.create({"service.name": "renga", "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("renga.http", __version__)

    @contextmanager
    def request(self, method: str, headers: dict[str, str]) -> Iterator[Span]:
        """The span of one request; its name is completed by ``finish``."""
        span = self._tracer.start_span(method, context=extract(headers), kind=SpanKind.SERVER)
        with trace.use_span(span, end_on_exit=True):
            yield span

    def close(self) -> None:
        self._provider.shutdown()


def finish(span: Span, method: str, route: str, status: int) -> None:
    """Name the span after its route (paths contain ids) and set its status."""
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def open_traces(endpoint: str) -> Traces:
    """Traces to an OTLP collector (HTTP, protobuf), e.g. ``http://collector:4318``."""
    return Traces(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
