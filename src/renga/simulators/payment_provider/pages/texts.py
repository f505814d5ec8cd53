"""Texts of the pages, in English and Brazilian Portuguese."""

from typing import Literal

from renga.simulators.payment_provider.wire import ProviderRequest

PageLanguage = Literal["en", "pt-BR"]

TEXTS: dict[PageLanguage, dict[str, str]] = {
    "en": {
        "test": "TEST: no real money moves here",
        "card_title": "Pay by card",
        "number": "Card number",
        "expiry_month": "Month",
        "expiry_year": "Year",
        "cvc": "Security code",
        "continue": "Use this card",
        "done": "The card was accepted. Token:",
        "challenge_title": "Your bank wants to know that it is you",
        "challenge_text": "Payment of {amount} with the card ending in {last4}.",
        "approve": "Approve",
        "fail": "Fail",
        "challenge_done": "This challenge is answered. You may go back to the shop.",
        "back": "Back to the shop",
        "pay_title": "Pay {method}",
        "pay_text": "Amount: {amount}. State: {state}.",
        "state_action_needed": "waits for the buyer",
        "state_pending": "waits for the money",
        "state_authorised": "authorised",
        "state_captured": "paid",
        "state_voided": "withdrawn",
        "state_expired": "expired",
        "state_refused": "refused",
        "pay": "Pay {amount}",
        "pay_again": "Pay {amount} once more",
        "paid": "Paid. The shop is told.",
        "not_allowed": "This page may not be shown here.",
        "incorrect_number": "This is not a card number.",
        "invalid_expiry": "There is no such month.",
        "expired_card": "The card has expired.",
        "invalid_cvc": "The security code has 3 digits (American Express: 4).",
        "invalid_request": "Please fill in every field.",
        "unreachable": "The payment provider cannot be reached. Please try again.",
    },
    "pt-BR": {
        "test": "TESTE: aqui não circula dinheiro de verdade",
        "card_title": "Pagar com cartão",
        "number": "Número do cartão",
        "expiry_month": "Mês",
        "expiry_year": "Ano",
        "cvc": "Código de segurança",
        "continue": "Usar este cartão",
        "done": "O cartão foi aceito. Token:",
        "challenge_title": "Seu banco quer confirmar que é você",
        "challenge_text": "Pagamento de {amount} com o cartão de final {last4}.",
        "approve": "Aprovar",
        "fail": "Recusar",
        "challenge_done": "Este desafio já foi respondido. Você pode voltar à loja.",
        "back": "Voltar à loja",
        "pay_title": "Pagar {method}",
        "pay_text": "Valor: {amount}. Situação: {state}.",
        "state_action_needed": "à espera do comprador",
        "state_pending": "à espera do pagamento",
        "state_authorised": "autorizado",
        "state_captured": "pago",
        "state_voided": "cancelado",
        "state_expired": "vencido",
        "state_refused": "recusado",
        "pay": "Pagar {amount}",
        "pay_again": "Pagar {amount} mais uma vez",
        "paid": "Pago. A loja foi avisada.",
        "not_allowed": "Esta página não pode ser mostrada aqui.",
        "incorrect_number": "Este não é um número de cartão.",
        "invalid_expiry": "Este mês não existe.",
        "expired_card": "O cartão está vencido.",
        "invalid_cvc": "O código de segurança tem 3 dígitos (American Express: 4).",
        "invalid_request": "Preencha todos os campos.",
        "unreachable": "Não foi possível falar com o provedor de pagamentos. Tente de novo.",
    },
}


def language_of(request: ProviderRequest) -> PageLanguage:
    """``?lang=``, else what the browser asks for first; else English."""
    asked = request.query.get("lang") or request.header(b"accept-language")
    first = asked.split(",")[0].split(";")[0].strip().lower()
    return "pt-BR" if first == "pt" or first.startswith("pt-") else "en"
