"""OpenTelemetry traces: one server span per request, joined to the caller's by W3C trace context.

Imported only if a collector is configured: the SDK costs 15 MB of memory.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from renga import __version__
from renga.kernel.card_numbers import mask_cards
from renga.platform.telemetry.masking import masked_value


class MaskingExporter(SpanExporter):
    """Masks numbers of payment cards in spans before they leave, in the thread that exports them."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([_masked(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def _masked(span: ReadableSpan) -> ReadableSpan:
    status = span.status
    return ReadableSpan(
        name=mask_cards(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=masked_value(span.attributes or {}),
        events=[Event(mask_cards(one.name), masked_value(one.attributes or {}), one.timestamp) for one in span.events],
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=status if status.description is None else Status(status.status_code, mask_cards(status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
    )


class Traces:
    """The span exporter. ``close`` flushes pending spans."""

    def __init__(self, exporter: SpanExporter) -> None:
        resource = Resource.create({"service.name": "renga", "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(MaskingExporter(exporter)))
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
