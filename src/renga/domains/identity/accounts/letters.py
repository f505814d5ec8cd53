"""The mails of accounts, in Portuguese and English: plain text, one thing each, and what to do if it was not you."""

from renga.platform.mail.port import Mail

_VERIFY = {
    "pt-BR": (
        "Confirme seu e-mail",
        """Olá, {name}!

Para abrir sua conta na Renga, confirme que este e-mail é seu:

{link}

O link vale por 24 horas e uma única vez. A senha da conta será a que foi digitada nesse pedido.

Não foi você? Não abra o link: sem ele, nada acontece e nenhuma conta é criada.
""",
    ),
    "en": (
        "Confirm your e-mail address",
        """Hello, {name}!

To open your account at Renga, confirm that this address is yours:

{link}

The link works once, for 24 hours. The password of the account will be the one that was typed with this request.

It was not you? Do not open the link: without it nothing happens, and there will be no account.
""",
    ),
}
_ALREADY = {
    "pt-BR": (
        "Você já tem uma conta",
        """Olá, {name}!

Alguém pediu uma conta na Renga com este e-mail, e você já tem uma. Entre com ela em:

{link}

Esqueceu a senha? Na página de entrada você pode escolher outra.
Não foi você? Não é preciso fazer nada: sua conta continua como estava.
""",
    ),
    "en": (
        "You already have an account",
        """Hello, {name}!

Somebody asked for an account at Renga with this address, and you already have one. Log in at:

{link}

Forgot the password? The login page lets you choose another.
It was not you? There is nothing to do: your account is as it was.
""",
    ),
}
_RECOVER = {
    "pt-BR": (
        "Escolha uma nova senha",
        """Olá, {name}!

Para escolher uma nova senha na Renga, abra:

{link}

O link vale por 30 minutos e uma única vez. Ao trocar a senha, todos os aparelhos saem da sua conta.

Não foi você? Não abra o link: sua senha continua a mesma.
""",
    ),
    "en": (
        "Choose a new password",
        """Hello, {name}!

To choose a new password at Renga, open:

{link}

The link works once, for 30 minutes. A new password logs every device out of your account.

It was not you? Do not open the link: your password stays as it is.
""",
    ),
}
_CHANGED = {
    "pt-BR": (
        "Sua senha foi trocada",
        """Olá, {name}!

A senha da sua conta na Renga acaba de ser trocada.

Não foi você? Escolha outra agora mesmo em:

{link}
""",
    ),
    "en": (
        "Your password was changed",
        """Hello, {name}!

The password of your account at Renga has just been changed.

It was not you? Choose another right now at:

{link}
""",
    ),
}


def verify_email(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("verify_email", _VERIFY, to, name, language, link)


def already_registered(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("already_registered", _ALREADY, to, name, language, link)


def recover_account(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("recover_account", _RECOVER, to, name, language, link)


def password_changed(to: str, name: str, language: str, link: str) -> Mail:
    return _mail("password_changed", _CHANGED, to, name, language, link)


def _mail(kind: str, texts: dict[str, tuple[str, str]], to: str, name: str, language: str, link: str) -> Mail:
    subject, text = texts.get(language) or texts["pt-BR"]
    return Mail(to=to, subject=subject, text=text.format(name=name, link=link), kind=kind)
