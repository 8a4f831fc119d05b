"""A sentence in the two languages of the users."""

from linjevakt.model.fields import Noun


class Phrase(Noun):
    """Norwegian (bokmål) and English, to be shown or read out."""

    nb: str
    en: str

    def __str__(self) -> str:
        """The English one."""
        return self.en

    def said(self, language: str) -> str:
        """In `nb` or `en`."""
        return self.nb if language == "nb" else self.en
