"""Errors of GraphQL requests; ``code`` is in ``extensions.code`` of the answer."""

from renga.kernel.errors import Forbidden, Invalid, NotFound, TooLarge, Unprocessable


class QuerySyntax(Invalid):
    code = "graphql_syntax"
    title = "The query is not GraphQL"


class QueryInvalid(Invalid):
    code = "graphql_invalid"
    title = "The query does not fit the schema"


class VariablesInvalid(Invalid):
    code = "graphql_variables_invalid"
    title = "The variables do not fit the query"


class OperationUnknown(Invalid):
    code = "graphql_operation_unknown"
    title = "The document has no such operation, or several and none was named"


class OperationUnsupported(Invalid):
    code = "graphql_operation_unsupported"
    title = "Only queries are answered here"


class QueryMissing(Invalid):
    code = "graphql_query_missing"
    title = "There is no query"


class RequestMalformed(Invalid):
    """``parameter`` names the wrong part of the request."""

    code = "graphql_request_malformed"
    title = "The request is not a GraphQL request"


class NotAcceptable(Invalid):
    code = "not_acceptable"
    title = "Answers are application/graphql-response+json or application/json"


class QueryTooLong(TooLarge):
    code = "graphql_too_long"
    title = "The query is too long"


class QueryLimit(Invalid):
    """``limit`` is the maximum, ``actual`` the counted value (or where counting stopped)."""

    code = "graphql_limit"
    title = "The query is over a limit"


class TooManyTokens(QueryLimit):
    code = "graphql_too_many_tokens"
    title = "The query has too many tokens"


class TooManyFields(QueryLimit):
    code = "graphql_too_many_fields"
    title = "The query names too many fields"


class TooManyValues(QueryLimit):
    code = "graphql_too_many_values"
    title = "The variables have too many values"


class TooDeep(QueryLimit):
    code = "graphql_too_deep"
    title = "The query is too deep"


class TooManyAliases(QueryLimit):
    code = "graphql_too_many_aliases"
    title = "The query has too many aliases"


class TooCostly(QueryLimit):
    code = "graphql_too_costly"
    title = "The answer would be too large"


class IntrospectionOff(Forbidden):
    code = "graphql_introspection_off"
    title = "This shop does not answer questions about its schema"


class PersistedQueryNotFound(NotFound):
    """The code that automatic persisted queries define for an unknown hash, in their spelling."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    title = "PersistedQueryNotFound"


class HashMismatch(Invalid):
    code = "graphql_hash_mismatch"
    title = "The hash is not the SHA-256 of the query"


class QueryNotAllowed(Forbidden):
    code = "graphql_query_not_allowed"
    title = "This shop answers listed queries only"


class FirstOutOfRange(Unprocessable):
    """``limit`` is the largest page."""

    code = "first_out_of_range"
    title = "A page has at least one entry, and not more than the limit"


class QuantityInvalid(Unprocessable):
    code = "quantity_invalid"
    title = "The quantity is out of range"


class LookupAmbiguous(Unprocessable):
    code = "lookup_ambiguous"
    title = "Name exactly one of slug, id and sku"


class FilterInvalid(Unprocessable):
    code = "filter_invalid"
    title = "This filter cannot be asked"
