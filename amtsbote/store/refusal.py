"""The data folder cannot be used: a sentence for the operator in both languages."""

from amtsbote.errors import Language, Misconfigured


class StoreRefused(Misconfigured):
    """Says what is wrong with the data folder and what to do. The exception's own text is English."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en, de)

    def text(self, language: Language) -> str:
        return self.de if language == "de" else self.en
