"""What search engines are told."""

import msgspec
import strawberry

from renga.domains.catalog.contract import Seo as Texts
from renga.frontends.bff.graphql.fields import public
from renga.frontends.bff.graphql.sources import Asked
from renga.frontends.bff.graphql.texts import say


class OfSeo(msgspec.Struct, frozen=True):
    seo: Texts
    asked: Asked


def _title(root: strawberry.Parent[OfSeo]) -> str | None:
    return say(root.seo.title, root.asked.wishes)


def _description(root: strawberry.Parent[OfSeo]) -> str | None:
    return say(root.seo.description, root.asked.wishes)


@strawberry.type(description="What search engines are told instead of title and description.")
class Seo:
    title: str | None = public(_title, "Title of the page.")
    description: str | None = public(_description, "Description of the page.")
