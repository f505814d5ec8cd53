"""Rows of payments as values, and values as rows: columns for what is searched, one document for the rest."""

from typing import Any, TypeVar

import msgspec

from renga.domains.payments.model.means import StoredMeans, StoredOperation, StoredPayment

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_decode_all = msgspec.json.Decoder(list[dict[str, Any]]).decode
_COLUMNS: dict[type, frozenset[str]] = {
    StoredPayment: frozenset(
        [
            "id",
            "key",
            "reference",
            "owner",
            "amount",
            "currency",
            "capture",
            "customer",
            "state",
            "version",
            "created_ms",
            "updated_ms",
        ]
    ),
    StoredMeans: frozenset(
        [
            "id",
            "payment",
            "position",
            "method",
            "provider",
            "amount",
            "state",
            "captured",
            "refunded",
            "refund_asked",
            "provider_ref",
            "authorised_until_ms",
            "expires_ms",
            "version",
        ]
    ),
    StoredOperation: frozenset(
        [
            "key",
            "payment",
            "means",
            "kind",
            "name",
            "amount",
            "state",
            "fence",
            "lease_until_ms",
            "attempts",
            "next_ms",
            "created_ms",
            "closed_ms",
            "reason",
            "request",
        ]
    ),
}
T = TypeVar("T", StoredPayment, StoredMeans, StoredOperation)


def row_of(value: StoredPayment | StoredMeans | StoredOperation) -> dict[str, Any]:
    """Every column; ``document`` holds the members without a column."""
    columns = _COLUMNS[type(value)]
    row: dict[str, Any] = {name: getattr(value, name) for name in columns}
    document = {name: one for name, one in msgspec.to_builtins(value).items() if name not in columns}
    if not isinstance(value, StoredOperation):
        row["document"] = document
    return row


def value_of(row: dict[str, Any], kind: type[T]) -> T:
    """The value of a row in the shape of ``to_jsonb``."""
    document = row.pop("document", {})
    return msgspec.convert({**row, **document}, kind)


def payment_of(text: str) -> StoredPayment:
    return value_of(_decode(text), StoredPayment)


def means_of(text: str) -> list[StoredMeans]:
    return [value_of(row, StoredMeans) for row in _decode_all(text)]


def operations_of(text: str) -> list[StoredOperation]:
    return [value_of(row, StoredOperation) for row in _decode_all(text)]
