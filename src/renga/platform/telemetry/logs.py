"""Structured logs: readable lines on a terminal, one JSON object a line for machines."""

import logging
import sys
from typing import Any

import structlog

from renga.platform.settings import SettingsInvalid
from renga.platform.telemetry.masking import MaskedRenderer, MaskingFormatter, mask_crashes, mask_event

#: Of records of the standard library.
_FORM = "%(levelname)s %(name)s %(message)s"
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def begin() -> None:
    """Until ``configure`` knows how: logs go to stderr, for what a command prints is its answer."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def configure(level: str, form: str) -> None:
    """Set up structlog for this process; logs go to stderr. Raises SettingsInvalid for an unknown level or form."""
    if level not in LEVELS:
        raise SettingsInvalid(f"log_level is one of {', '.join(LEVELS)}; got {level!r}")
    if form not in ("console", "json"):
        raise SettingsInvalid(f"log_format is console or json; got {form!r}")
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        # a traceback without the values in it: they hold tokens, cookies and passwords
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if form == "json" else []),
            mask_event,
            MaskedRenderer(renderer),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # libraries that use the standard library's logging: warnings and errors only
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=_FORM, force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(MaskingFormatter(_FORM))
    mask_crashes()
    # our code logs an unreachable broker once; its clients would log every attempt with a traceback
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("asyncpg.pool").addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    """The pool tells of each try to reach a database that is away, with a traceback; its other warnings stay."""
    return not record.exc_info


def silence() -> None:
    """Suppress our logs in this process, except critical ones."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
