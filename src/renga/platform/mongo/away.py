"""What callers are answered while a MongoDB is away. Apart from the driver, so that describing it loads none."""

from renga.kernel.errors import OutcomeUnknown, Unavailable


class DocumentStoreUnavailable(Unavailable):
    code = "document_store_unavailable"
    title = "The document store is away"


class DocumentStoreOutcomeUnknown(OutcomeUnknown):
    code = "document_store_outcome_unknown"
    title = "The document store went away midway; the change may or may not have happened"
