"""The BFF's routes in the web application."""

from renga.frontends.bff.graphql import mount
from renga.frontends.bff.graphql.schema import accesses
from renga.frontends.bff.graphql.service import GraphQL
from renga.platform.http.face import Face, HttpContext


def face_of(graphql: GraphQL, context: HttpContext) -> Face:
    """GraphQL, and the access of its fields."""
    return Face(
        mounts=[mount.mount(graphql, gate=context.gate, body_max_bytes=context.platform.body_max_bytes)],
        fields=[
            *((mount.PATH, method, mount.ACCESS) for method in ("GET", "POST")),
            *((field, "GRAPHQL", access) for field, access in accesses()),
        ],
    )
