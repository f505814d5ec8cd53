"""The page of a receipt: plain HTML without scripts, in Portuguese or English."""

from html import escape
from typing import Any

from renga.domains.orders.contract.orders import Order
from renga.kernel.address import PostalAddress
from renga.kernel.money import Money, exponent

_WORDS: dict[str, dict[str, str]] = {
    "pt": {
        "receipt": "Recibo do pedido", "date": "Data", "state": "Situação", "item": "Item", "quantity": "Quantidade",
        "price": "Preço", "sum": "Total", "subtotal": "Subtotal", "discount": "Descontos", "shipping": "Entrega",
        "tax": "Impostos", "surcharge": "Acréscimos", "total": "Total", "to": "Entregar a", "payment": "Pagamento",
        "card": "Cartão", "pix": "Pix", "boleto": "Boleto", "gift_card": "Vale-presente",
        "store_credit": "Crédito na loja", "placed": "Recebido", "awaiting_payment": "Aguardando pagamento",
        "payment_review": "Pagamento em análise", "paid": "Pago", "in_fulfilment": "Em preparação",
        "delivered": "Entregue", "completed": "Concluído", "cancelled": "Cancelado",
    },
    "en": {
        "receipt": "Receipt of order", "date": "Date", "state": "State", "item": "Item", "quantity": "Quantity",
        "price": "Price", "sum": "Total", "subtotal": "Subtotal", "discount": "Discounts", "shipping": "Delivery",
        "tax": "Tax", "surcharge": "Surcharges", "total": "Total", "to": "Deliver to", "payment": "Payment",
        "card": "Card", "pix": "Pix", "boleto": "Boleto", "gift_card": "Gift card", "store_credit": "Store credit",
        "placed": "Placed", "awaiting_payment": "Awaiting payment", "payment_review": "Payment in review",
        "paid": "Paid", "in_fulfilment": "Being prepared", "delivered": "Delivered", "completed": "Completed",
        "cancelled": "Cancelled",
    },
}  # fmt: skip
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.4rem .2rem;border-bottom:1px solid #ccc;text-align:left}"
    "td.n,th.n{text-align:right}tfoot tr:last-child{font-weight:bold}"
)


def receipt_page(order: Order) -> str:
    """Everything in it is text: what buyers and merchants wrote is escaped."""
    language = "pt" if order.language.lower().startswith("pt") else "en"
    words = _WORDS[language]
    title = f"{words['receipt']} {escape(order.number)}"
    return (
        f'<!doctype html><html lang="{"pt-BR" if language == "pt" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{words['date']}: {escape(order.created_at[:10])}<br>{words['state']}: {words[order.state]}</p>"
        f"{_table(order, words, language)}{_payment(order, words, language)}{_address(order.addresses.shipping, words)}"
        "</body></html>"
    )


def _table(order: Order, words: dict[str, str], language: str) -> str:
    head = f"<th>{words['item']}</th><th class=n>{words['quantity']}</th><th class=n>{words['price']}</th>"
    rows = "".join(
        f"<tr><td>{escape(line.title)}</td><td class=n>{_quantity(line.ordered, language)}</td>"
        f"<td class=n>{_money(line.unit_price, language)}</td><td class=n>{_money(line.total, language)}</td></tr>"
        for line in order.lines
    )
    sums = "".join(
        f"<tr><td colspan=3>{words[one.type]}</td><td class=n>{_money(one.amount, language)}</td></tr>"
        for one in order.totals
    )
    return (
        f"<table><thead><tr>{head}<th class=n>{words['sum']}</th></tr></thead><tbody>{rows}</tbody>"
        f"<tfoot>{sums}</tfoot></table>"
    )


def _payment(order: Order, words: dict[str, str], language: str) -> str:
    def text(one: Any) -> str:
        card = "" if one.card is None else f" {escape(one.card.brand)} •••• {escape(one.card.last4)}"
        times = f" {one.instalments}x" if one.instalments > 1 else ""
        return f"<li>{words[one.method]}{card}{times}: {_money(one.amount, language)}</li>"

    means = "".join(text(one) for one in order.payment.means)
    return f"<h2>{words['payment']}</h2><ul>{means}</ul>" if means else ""


def _address(address: PostalAddress | None, words: dict[str, str]) -> str:
    if address is None:
        return ""
    rows = (
        (address.name,),
        (address.street, address.number, address.complement),
        (address.district,),
        (address.postal_code, address.city, address.region),
        (address.country,),
    )
    text = "<br>".join(escape(", ".join(filter(None, row))) for row in rows if any(row))
    return f"<h2>{words['to']}</h2><address>{text}</address>"


def _money(money: Money, language: str) -> str:
    digits = exponent(money.currency)
    whole, part = divmod(abs(money.amount), 10**digits)
    text = f"{whole:,}" + (f".{part:0{digits}}" if digits else "")
    if language == "pt":
        text = text.translate(str.maketrans(",.", ".,"))
    symbol = "R$" if money.currency == "BRL" else money.currency
    return f"{'-' if money.amount < 0 else ''}{symbol} {text}"


def _quantity(quantity: int | float, language: str) -> str:
    text = f"{quantity:g}"
    return text.replace(".", ",") if language == "pt" else text
