"""What search engines are told."""

import msgspec
import strawberry

from renga.bff.graphql.fields import public
from renga.bff.graphql.sources import Asked
from renga.bff.graphql.texts import say
from renga.catalog.contract import Seo as Texts


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
