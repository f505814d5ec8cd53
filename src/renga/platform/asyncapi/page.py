"""The AsyncAPI document as an HTML page: events by domain, with their members and an example. No script."""

import re
from html import escape
from typing import Any

import msgspec

from renga.platform.asyncapi.document import REDIS
from renga.platform.asyncapi.schemas import Schema, flat

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}: events</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}"></head>
<body><header><h1>{title}: events</h1><p>{about}</p>
<p>The same for programs: <a href="/asyncapi.json">/asyncapi.json</a> (AsyncAPI {asyncapi}).
Requests: <a href="/docs">/docs</a>.</p>
</header>
<nav aria-label="Events"><ul>{index}</ul></nav>
<main>{envelope}{channels}</main></body></html>
"""
_SECTION = """<section id="{id}"><h2>{title}</h2><p>{about}</p>
<dl class="facts"><dt>Routing key</dt><dd><code>{address}</code></dd><dt>Exchange of RabbitMQ</dt><dd><code>{exchange}</code></dd>
<dt>Stream of Redis</dt><dd><code>{stream}</code></dd></dl>{events}</section>
"""
_EVENT = """<article id="{id}"><h3>{title}</h3><p><code>{name}</code></p>{about}
<dl class="facts"><dt>Sender</dt><dd><code>{source}</code></dd><dt>Version of the data</dt><dd>{version}</dd></dl>
<h4>Members of <code>data</code></h4>{members}
<details><summary>Example of <code>{name}</code></summary><pre tabindex="0">{example}</pre></details></article>
"""


def render(document: dict[str, Any], *, style: str) -> str:
    """The page; ``style`` is the address of its style sheet."""
    schemas = document["components"]["schemas"]
    channels = document["channels"]
    return _PAGE.format(
        title=escape(document["info"]["title"]),
        style=escape(style),
        about=_text(document["info"]["description"]),
        asyncapi=escape(document["asyncapi"]),
        index='<li><a href="#envelope">Envelope</a></li>'
        + "".join(_index(name, channel) for name, channel in channels.items()),
        envelope=f'<section id="envelope"><h2>Envelope</h2>{_members(schemas["CloudEvent"], schemas)}</section>',
        channels="".join(_section(name, channel, document) for name, channel in channels.items()),
    )


def _index(name: str, channel: dict[str, Any]) -> str:
    events = "".join(
        f'<li><a href="#{escape(event)}">{escape(event.partition(".")[2])}</a></li>' for event in channel["messages"]
    )
    return f'<li><a href="#{escape(name)}">{escape(name)}</a><ul>{events}</ul></li>'


def _section(name: str, channel: dict[str, Any], document: dict[str, Any]) -> str:
    messages, schemas = document["components"]["messages"], document["components"]["schemas"]
    return _SECTION.format(
        id=escape(name),
        title=escape(channel["title"]),
        about=_text(channel["summary"]),
        address=escape(channel["address"]),
        exchange=escape(channel["bindings"]["amqp"]["exchange"]["name"]),
        stream=escape(channel[REDIS]["key"]),
        events="".join(_event(messages[event], schemas) for event in channel["messages"]),
    )


def _event(message: dict[str, Any], schemas: dict[str, Any]) -> str:
    members = flat(message["payload"], schemas)["properties"]
    return _EVENT.format(
        id=escape(message["name"]),
        title=escape(message["title"]),
        name=escape(message["name"]),
        about="".join(f"<p>{_text(part)}</p>" for part in message["description"].split("\n\n")),
        source=escape(flat(members["source"], schemas)["const"]),
        version=escape(flat(members["dataversion"], schemas)["const"]),
        members=_members(flat(members["data"], schemas), schemas),
        example=escape(msgspec.json.format(msgspec.json.encode(message["examples"][0]["payload"])).decode()),
    )


def _members(schema: Schema, schemas: dict[str, Any]) -> str:
    always = schema.get("required", ())
    rows = "".join(
        f"<div><dt><code>{escape(name)}</code> <span>{escape(kind_of(member, schemas))}"
        f"{'' if name in always else ', may be missing'}</span></dt>"
        f"<dd>{_text(flat(member, schemas).get('description', ''))}</dd></div>"
        for name, member in schema["properties"].items()
    )
    return f'<dl class="members">{rows}</dl>'


def kind_of(schema: Schema, schemas: dict[str, Any]) -> str:
    """The type of a value in a few words: ``text``, ``whole number or null``, ``list of text``."""
    whole = flat(schema, schemas)
    if "anyOf" in whole:
        return " or ".join(kind_of(one, schemas) for one in whole["anyOf"])
    if "const" in whole or "enum" in whole:
        values = [whole["const"]] if "const" in whole else whole["enum"]
        return " or ".join(msgspec.json.encode(value).decode() for value in values)
    if whole.get("type") == "array":
        return f"list of {kind_of(whole.get('items', {}), schemas)}"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return words.get(whole.get("type", "anything"), str(whole.get("type", "anything")))


def _text(markdown: str) -> str:
    """The only Markdown in our texts: code between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(markdown))
