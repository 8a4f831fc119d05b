"""What the commands themselves say: of routers, lines, sites, organisations and what holds them together."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # how a command ends
    "Fault in Linjevakt: {fault} (LINJEVAKT_TRACEBACK=1 shows where)": (
        "Feil i Linjevakt: {fault} (LINJEVAKT_TRACEBACK=1 viser hvor)"
    ),
    "standard output": "standard utdata",
    "Error: {}": "Feil: {}",
    "Error: {}: not yet.": "Feil: {}: ikke ennå.",
    "{what} (`{command} --help` shows more)": "{what} (`{command} --help` viser mer)",
    "Interrupted: what has begun is brought to a safe end. Once more leaves at once.": (
        "Avbrutt: det som er begynt, føres til en trygg slutt. En gang til avslutter straks."
    ),
    "Left at once, in the middle of a push. A router that was changed goes back by itself; ask later:": (
        "Avsluttet straks, midt i en endring. En ruter som ble endret, går tilbake av seg selv; spør senere:"
    ),
    "Left at once.": "Avsluttet straks.",
    "Interrupted.": "Avbrutt.",
    "{n} finding": "{n} funn",
    "{n} findings": "{n} funn",
    "{} [y/N]: ": "{} [j/N]: ",
    "Nothing was done.": "Ingenting ble gjort.",
    # how many, and which
    "{n} site": "{n} lokasjon",
    "{n} sites": "{n} lokasjoner",
    "{n} organisation": "{n} organisasjon",
    "{n} organisations": "{n} organisasjoner",
    "{n} box": "{n} boks",
    "{n} boxes": "{n} bokser",
    "{} of {}": "{} av {}",
    "{} or {}": "{} eller {}",
    "{} and {} more": "{} og {} til",
    "{} ({} and {} more)": "{} ({} og {} til)",
    "... and {} more; --json shows all": "... og {} til; --json viser alle",
    # who, why, when
    "say why: it stays in the history.": "skriv hvorfor: det blir stående i historikken.",
    "Say why, with --reason: it stays in the history.": "Skriv hvorfor, med --reason: det blir stående i historikken.",
    "is no day or moment": "er verken en dag eller et tidspunkt",
    "{!r} is at the end of the calendar. Correct the year.": "{!r} er ved kalenderens ende. Rett året.",
    "Write 2026-01-31 or 2026-01-31T13:05": "Skriv 2026-01-31 eller 2026-01-31T13:05",
    "since {}": "siden {}",
    "{} since {}": "{} siden {}",
    # fields and answers as arguments
    "argument {}=": "argumentet {}=",
    "arguments": "argumentene",
    "Write field=value, such as place.street='Nygata 4' or lines[0].provider=Nyfiber": (
        "Skriv felt=verdi, som place.street='Nygata 4' eller lines[0].provider=Nyfiber"
    ),
    "{!r} is no field with a value. {}.": "{!r} er ikke et felt med en verdi. {}.",
    "{!r} is no answer. Write name=value, such as business=yes.": (
        "{!r} er ikke et svar. Skriv navn=verdi, som business=ja."
    ),
    "{} is there twice: {!r} and {!r}.": "{} er oppgitt to ganger: {!r} og {!r}.",
    "{!r}: there is no place for {}; rows are counted from [0].": (
        "{!r}: det er ikke plass til {}; rader telles fra [0]."
    ),
    # addresses
    "Write 10.64.1.10, or 10.64.1.0/24 with no bits set after its length.": (
        "Skriv 10.64.1.10, eller 10.64.1.0/24 uten biter satt etter prefikslengden."
    ),
    "{text!r} is no IPv4 address or prefix. {how}": "{text!r} er verken en IPv4-adresse eller et prefiks. {how}",
    "`linjevakt site list` shows what there is.": "`linjevakt site list` viser hva som finnes.",
    "No site {site!r} has an address. {remedy}": "Ingen lokasjon {site!r} har en adresse. {remedy}",
    # a box is staged
    "{} is {}. Take what `linjevakt-agent identity --json` prints on the box.": (
        "{} er {}. Bruk det som `linjevakt-agent identity --json` skriver ut på boksen."
    ),
    "not UTF-8": "ikke UTF-8",
    "not JSON": "ikke JSON",
    "not a JSON object": "ikke et JSON-objekt",
    "empty": "tom",
    "{} is a link or no file: the configuration holds secrets, name a file itself.": (
        "{} er en lenke eller ingen fil: konfigurasjonen inneholder hemmeligheter, oppgi selve filen."
    ),
    "{out}: load it on {router} with `linjevakt-agent config load --replace {name}` and commit": (
        "{out}: last den på {router} med `linjevakt-agent config load --replace {name}`, og iverksett den (commit)"
    ),
    "{number} sites are told to refuse the former box as soon as {router} is pushed to": (
        "Så snart {router} har fått konfigurasjonen sin, får lokasjonene bak den ({number}) vite at de skal avvise den "
        "forrige boksen"
    ),
    # history
    "Say of what: one of {kinds}; or --order N.": "Oppgi hva det gjelder ({kinds}), eller --order N.",
    "There never was a {kind} {key!r}. {remedy}": "Det har aldri vært noe som heter {key!r} ({kind}). {remedy}",
    "{}  {}, order {}{}": "{}  {}, ordre {}{}",
    # the inventory as a folder
    "Reading sites": "Leser lokasjoner",
    "Saving": "Lagrer",
    "Writing sites": "Skriver lokasjoner",
    "{}: {} written": "{}: {} skrevet",
    "{}: {}; nothing to mend": "{}: {}; ingenting å rette",
    "Note: segment {} of {} carries no traffic: {}": "Merk: segmentet {} på {} fører ingen trafikk: {}",
    "{n} would change": "{n} ville bli endret",
    "{n} saved": "{n} lagret",
    "nothing changes": "ingenting endres",
    "conflict {}: was {}, theirs {}{}, mine {}": "konflikt {}: var {}, deres {}{}, min {}",
    "{}, {}, order {}": "{}, {}, ordre {}",
    # whom a failure hits
    "{what} {name}: {sites} out, {others} on another line; {members} hit": (
        "{what} {name}: {sites} ute, {others} på annen linje; {members} rammet"
    ),
    # lines
    "{} from {} to {}. {}": "{} fra {} til {}. {}",
    "{line} ({address}) to {target}": "{line} ({address}) til {target}",
    "{} ({}, priority {})": "{} ({}, prioritet {})",
    "{} Mbit/s down, {} Mbit/s up": "{} Mbit/s ned, {} Mbit/s opp",
    "{} octets, as its provider says": "{} oktetter, ifølge leverandøren",
    "as the router finds": "måles av ruteren",
    "{}, fault desk {}": "{}, feil meldes på {}",
    "not needed": "trengs ikke",
    " (not needed)": " (trengs ikke)",
    "{}: the letter about {}": "{}: brevet om {}",
    # organisations
    "a number never changes; add the new organisation instead": (
        "et organisasjonsnummer endres aldri; legg heller inn den nye organisasjonen"
    ),
    "use `linjevakt org agree`, or order `freeze`, `reopen` or `terminate`": (
        "bruk `linjevakt org agree`, eller bestill `freeze`, `reopen` eller `terminate`"
    ),
    "order `exclude` or `readmit`": "bestill `exclude` eller `readmit`",
    "{} is not set by hand: {}.": "{} settes ikke for hånd: {}.",
    "ended {}": "avsluttet {}",
    "lacks {}": "mangler {}",
    "frozen since {}": "fryst siden {}",
    "corrected": "rettet",
    "{} accepted": "{} godtatt",
    "no segment yet": "ingen segmenter ennå",
    "Now: linjevakt push {}": "Nå: linjevakt push {}",
    "Order {order} can go on: linjevakt order run {order}": "Ordre {order} kan fortsette: linjevakt order run {order}",
    # plan and push
    "plan": "plan",
    "name the routers, or say --all for every router of the fleet": (
        "oppgi ruterne, eller bruk --all for alle ruterne i nettet"
    ),
    "{fault} in {place}: {error}": "{fault} i {place}: {error}",
    "{}: changes; touches {}; plan {}": "{}: endres; berører {}; plan {}",
    "{}: nothing changes": "{}: ingenting endres",
    "{} routers: {}": "{} rutere: {}",
    "  put right what was changed by hand: {}": "  rettet det som var endret for hånd: {}",
    "{} checks passed": "beståtte kontroller: {}",
    # revoked certificates, and boxes that are shut out
    "none: no certificate is revoked that has not ended": (
        "ingen: det finnes ingen tilbakekalte sertifikater som ikke er utløpt"
    ),
    "`linjevakt serve` goes on trying; so does `linjevakt revoked enforce`.": (
        "`linjevakt serve` fortsetter å prøve; det gjør også `linjevakt revoked enforce`."
    ),
    "{}: the box {} is shut out; certificates revoked: {}": (
        "{}: boksen {} er utestengt; tilbakekalte sertifikater: {}"
    ),
    "{}: the box {} is shut out already, since {}": "{}: boksen {} er utestengt allerede, siden {}",
    "{}; certificates revoked: {}": "{}; tilbakekalte sertifikater: {}",
    "it had none that has not ended": "den hadde ingen som fortsatt gjaldt",
    "it has none that has not ended": "den har ingen som fortsatt gjelder",
    "{} is the box {}, staged {}. To shut it out": "{} er boksen {}, klargjort {}. Å stenge den ute",
    "- revokes its certificates: {}": "- tilbakekaller sertifikatene: {}",
    "- has to be told to: {}": "- må gjøres kjent for: {}",
    "Shut out the box {box}, for good?": "Stenge ute boksen {box} for godt?",
    "{}, box {}, certificate {} ({})": "{}, boks {}, sertifikat {} ({})",
    "in force on {}": "gjelder på {}",
    "in force nowhere": "gjelder ingen steder",
    "; NOT YET on {}": "; IKKE ENNÅ på {}",
    # a router and how it is
    "{}; agent {}, configuration {}": "{}; agent {}, konfigurasjon {}",
    "{}, for {} s": "{}, i {} s",
    "{}{} for {}: {} ({})": "{}{} for {}: {} ({})",
    "(hub)": "(hub)",
    "linjevakt {}": "linjevakt {}",
    "its box was reported stolen": "boksen er meldt stjålet",
    "revocation NOT in force on {}": "tilbakekallingen gjelder IKKE på {}",
    "NOT YET {} of the revoked certificates": "IKKE ENNÅ {} av de tilbakekalte sertifikatene",
    "somebody has the key of {} at {}: {} times": "noen har nøkkelen til {} på {}: {} forsøk",
    "the router itself tells: `linjevakt-agent status` on the box": (
        "det sier ruteren selv: `linjevakt-agent status` på boksen"
    ),
    "revoked {}": "tilbakekalt {}",
    "REVOKED {}": "TILBAKEKALT {}",
    "until {}, {} days left": "til {}, dager igjen: {}",
    "{} ({} days left)": "{} (dager igjen: {})",
    "{}; RENEW IT: `linjevakt push {}`": "{}; FORNY DET: `linjevakt push {}`",
    # the service catalogue
    "{}: {} services, {} URLs tried; nothing to mend": "{}: {} tjenester, {} URL-er prøvd; ingenting å rette",
    "name either --segment SITE/SEGMENT or --services a,b": (
        "oppgi enten --segment LOKASJON/SEGMENT eller --services a,b"
    ),
    "No browser in {}/{}, the segment is closed": "Ingen nettleser i {}/{}, segmentet er stengt",
    # sites
    "`linjevakt history site {}` shows since when.": "`linjevakt history site {}` viser siden når.",
    "It is one of: {}.": "Tilstandene er: {}.",
    "As of {day}: {error}": "Per {day}: {error}",
    "Nothing was registered yet on {}. {}": "Ingenting var registrert ennå den {}. {}",
    "There is no state {!r}. {}": "Det finnes ingen tilstand {!r}. {}",
    "# {} carries no traffic:": "# {} fører ingen trafikk:",
    "# last changed {} by {}": "# sist endret {} av {}",
    "# last changed {} by {}, order {}": "# sist endret {} av {}, ordre {}",
    # init and serve
    "Name another with LINJEVAKT_HOME or --home: a folder of this user's, or one that is not there yet.": (
        "Oppgi en annen med LINJEVAKT_HOME eller --home: en mappe som denne brukeren eier, eller som ikke finnes ennå."
    ),
    "{}: nothing to make, all is there": "{}: ingenting å opprette, alt er på plass",
    "{}: made, for its owner only": "{}: opprettet, bare for eieren",
    "{}: made, key {}": "{}: opprettet, nøkkel {}",
    "Login key: {}": "Innloggingsnøkkel: {}",
    "Back up, in two places: {} (without it no secret opens), and the database.": (
        "Ta sikkerhetskopi på to steder: {} (uten den kan ingen hemmelighet åpnes), og databasen."
    ),
    "The home {} is no folder. {}": "Hjemmemappen {} er ikke en mappe. {}",
    "The home {} cannot be made: {}. {}": "Hjemmemappen {} kan ikke opprettes: {}. {}",
    "database: brought to this program's schema": "database: oppgradert til skjemaet i dette programmet",
    "{folder} is open to others. Close it: chmod 700 {folder}": (
        "{folder} er åpen for andre. Lukk den: chmod 700 {folder}"
    ),
    "--fd {} is no listening socket of this process: {}": "--fd {} er ikke en lyttende sokkel i denne prosessen: {}",
    "--listen {}: give an address and a port, as 127.0.0.1:8080": (
        "--listen {}: oppgi en adresse og en port, som 127.0.0.1:8080"
    ),
    "--listen {}: {}. Give another address or port.": "--listen {}: {}. Oppgi en annen adresse eller port.",
    "there is no such port": "porten finnes ikke",
    # other tools
}
