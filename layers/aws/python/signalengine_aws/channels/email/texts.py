"""The sentences that only mails have, in each language; what a signal says comes from the core."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language; `{}` is filled in where a sentence has it."""

    page: str
    why: str
    unsubscribe: str
    confirm_subject: str
    confirm: str
    confirm_link: str
    ignore: str


ENGLISH: Final = "en"
WORDS: Final[Mapping[str, Words]] = {
    ENGLISH: Words(
        page="Open the signal",
        why="This address is subscribed to trading signals. They are no advice.",
        unsubscribe="Unsubscribe",
        confirm_subject="Confirm your subscription to trading signals",
        confirm="Trading signals were requested for this address.",
        confirm_link="Confirm within 48 hours",
        ignore="Without a confirmation nothing is sent and the address is not stored.",
    ),
    "es": Words(
        page="Abrir la señal",
        why="Esta dirección está suscrita a señales de trading. No son un consejo.",
        unsubscribe="Cancelar la suscripción",
        confirm_subject="Confirmación de la suscripción a señales de trading",
        confirm="Se ha pedido el envío de señales de trading a esta dirección.",
        confirm_link="Confirmar antes de 48 horas",
        ignore="Sin confirmación no se envía nada y la dirección no se guarda.",
    ),
}


def words(language: str) -> Words:
    """Return the sentences of a language; English for one that has none."""
    return WORDS.get(language, WORDS[ENGLISH])
