"""What the API says of requests that it cannot take."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # titles of statuses, and what the framework says
    "Bad Gateway": "Ruteren svarer ikke",
    "Bad Request": "Ugyldig forespørsel",
    "Conflict": "Konflikt",
    "Content Too Large": "For stort innhold",
    "Internal Server Error": "Intern feil",
    "Method Not Allowed": "Metoden er ikke tillatt",
    "Misdirected Request": "Feil tjener",
    "Not Acceptable": "Kan ikke svare slik",
    "Not Found": "Finnes ikke",
    "Request Entity Too Large": "For stort innhold",
    "Service Unavailable": "Utilgjengelig nå",
    "There was an error parsing the body": "Innholdet kan ikke leses",
    "Unprocessable Content": "Ugyldig innhold",
    "Unprocessable Entity": "Ugyldig innhold",
    "Unsupported Media Type": "Innholdstypen støttes ikke",
    # details
    "Send at most {limit} bytes.": "Send høyst {limit} byte.",
    "Send {kind}.": "Send {kind}.",
    "This answers {kind} only.": "Her svares det bare med {kind}.",
    "This controller was started with --no-orders; another one does the system's steps.": (
        "Denne kontrolleren er startet med --no-orders; en annen gjør systemets steg."
    ),
    "This server does not answer to the name {host!r}. Use localhost, or add it to LINJEVAKT_HOSTS.": (
        "Denne tjeneren svarer ikke på navnet {host!r}. Bruk localhost, eller legg navnet til i LINJEVAKT_HOSTS."
    ),
    "a fault in Linjevakt ({kind}); its log says more": "en feil i Linjevakt ({kind}); loggen sier mer",
    "no JSON: {why} (character {at})": "ikke JSON: {why} (tegn {at})",
    "{tag!r} is not known. {hint}": "{tag!r} er ikke kjent. {hint}",
}
