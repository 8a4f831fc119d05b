"""What the room `model` says: of a wrong value, of a file or a connection that fails, and of what stands in the way."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "{}: not yet. {}": "{}: ikke ennå. {}",
    "Did you mean {!r}?": "Mente du {!r}?",
    "interrupted; {said}": "avbrutt; {said}",
    "path MTU {} of {}": "path-MTU {} av {}",
    # what things are called
    # a wrong value (`model.wording`)
    "all of it": "alt",
    "at least": "minst",
    "at most": "høyst",
    "domain name": "domenenavn",
    "e-mail address": "e-postadresse",
    "less than": "mindre enn",
    "more than": "større enn",
    "serial number": "serienummer",
    "has a character that UTF-8 cannot say": "har et tegn som ikke finnes i UTF-8",
    "has a control character": "har et styretegn",
    "has an invisible character (a line break, a tab, a no-break space...)": (
        "har et usynlig tegn (linjeskift, tabulator, hardt mellomrom ...)"
    ),
    "has host bits set": "har vertsbiter satt",
    "has more than {most} rows": "har mer enn {most} rader",
    "has no time zone": "mangler tidssone",
    "is an address with a prefix length": "er en adresse med prefikslengde",
    "is empty": "er tom",
    "is empty or has an invisible character": "er tom eller har et usynlig tegn",
    "is longer than {longest} characters": "er lengre enn {longest} tegn",
    "is missing": "mangler",
    "is neither true nor false": "er verken true eller false",
    "is no IPv4 address": "er ikke en IPv4-adresse",
    "is no IPv4 address with prefix length": "er ikke en IPv4-adresse med prefikslengde",
    "is no IPv4 network": "er ikke et IPv4-nett",
    "is no JSON": "er ikke JSON",
    "is no date": "er ikke en dato",
    "is no day of the calendar": "er ingen dag i kalenderen",
    "is no domain name": "er ikke et domenenavn",
    "is no e-mail address": "er ikke en e-postadresse",
    "is no interface name": "er ikke et grensesnittnavn",
    "is no key": "er ikke en nøkkel",
    "is no moment": "er ikke et tidspunkt",
    "is no name of a line": "er ikke et linjenavn",
    "is no number": "er ikke et tall",
    "is no organisation number": "er ikke et organisasjonsnummer",
    "is no phone number": "er ikke et telefonnummer",
    "is no postcode": "er ikke et postnummer",
    "is no serial number": "er ikke et serienummer",
    "is no time": "er ikke et klokkeslett",
    "is no whole number": "er ikke et heltall",
    "is not a field here": "er ikke et felt her",
    "is not in the years {first} to {last}": "er ikke i årene {first} til {last}",
    "is not written as it should be": "er ikke skrevet slik det skal",
    "is too large a number": "er et for stort tall",
    "lacks `{field}:`": "mangler `{field}:`",
    "must be a list": "må være en liste",
    "must be a mapping of fields": "må være felt med verdier",
    "must be one text, not a list or mapping": "må være én tekst, ikke en liste eller felt med verdier",
    "must be {relation} {limit}": "må være {relation} {limit}",
    "needs at least one row": "må ha minst én rad",
    "should be written as 2026-01-31 or 2026-01-31T12:00:00Z": "skal skrives som 2026-01-31 eller 2026-01-31T12:00:00Z",
    "{!r} is not one of the choices": "{!r} er ikke et av valgene",
    "{} does not fit here": "{} passer ikke her",
    # and how to mend it
    "Add it": "Legg det til",
    "Correct it": "Rett det",
    "Correct the figure": "Rett tallet",
    "Correct the year": "Rett årstallet",
    "Give it a value": "Oppgi en verdi",
    "Give it a value, or leave it out where there is a default": (
        "Oppgi en verdi, eller utelat den der det finnes en standardverdi"
    ),
    "It must match {}": "Det må passe til mønsteret {}",
    "Leave it out, or correct its name": "Utelat det, eller rett navnet",
    "Leave out what is too much": "Utelat det som er for mye",
    "Name its port, `wan0`, or port and VLAN (1 to 4094) where the provider delivers it tagged: `wan0.102`": (
        "Oppgi porten, `wan0`, eller port og VLAN (1 til 4094) der leverandøren leverer linjen tagget: `wan0.102`"
    ),
    "Remove it": "Fjern det",
    "Shorten it": "Kort det ned",
    "Use 1 to 40 lower-case letters a-z, digits and hyphens inside": (
        "Bruk 1 til 40 små bokstaver a-z og sifre, med bindestrek bare inni"
    ),
    "Use 1 to 40 lower-case letters a-z, digits and underscores": (
        "Bruk 1 til 40 små bokstaver a-z, sifre og understreker"
    ),
    "Use 4 to 20 digits and spaces, with + in front if you like": (
        "Bruk 4 til 20 sifre og mellomrom, gjerne med + foran"
    ),
    "Use a letter or digit first, then letters, digits and `. / : _ -`; 50 at most": (
        "Begynn med en bokstav eller et siffer, deretter bokstaver, sifre og `. / : _ -`; høyst 50 tegn"
    ),
    "Use lower-case letters, digits, hyphens and dots": "Bruk små bokstaver, sifre, bindestreker og punktum",
    "Use one of: {}": "Velg blant: {}",
    "Write digits only": "Skriv bare sifre",
    "Write it as 10.250.0.11": "Skriv det som 10.250.0.11",
    "Write it as 10.64.1.0/24": "Skriv det som 10.64.1.0/24",
    "Write it as 198.51.100.2/30": "Skriv det som 198.51.100.2/30",
    "Write it as 2026-01-31": "Skriv det som 2026-01-31",
    "Write it as 2026-01-31T12:00:00Z": "Skriv det som 2026-01-31T12:00:00Z",
    "Write it as it stands on the box, without spaces; 80 characters at most": (
        "Skriv det slik det står på boksen, uten mellomrom; høyst 80 tegn"
    ),
    "Write it as name@example.no": "Skriv det som navn@example.no",
    "Write its 4 digits": "Skriv de 4 sifrene",
    "Write its 9 digits, without spaces": "Skriv de 9 sifrene, uten mellomrom",
    "Write true or false": "Skriv true eller false",
    # rows of the catalogue
    "`internet` goes by all the proxies that the row's flows lead to; remove `proxy`": (
        "`internet` går gjennom alle proxyene som radens `flows` fører til; fjern `proxy`"
    ),
    "`proxy` goes with `via: proxy`; `direct` has none": "`proxy` hører til `via: proxy`; `direct` har ingen",
    "`value` is the host or suffix that is matched; `internet` has none": (
        "`value` er vertsnavnet eller endelsen det sammenlignes med; `internet` har ingen"
    ),
    "is no web address: write https://host/path": "er ikke en nettadresse: skriv https://vert/sti",
    # whoever changes something, and a box on its way
    "The box {serial} is {state}; from there it can become: {ways}.": (
        "Tilstanden til boksen {serial} er «{state}»; neste kan være: {ways}."
    ),
    "The reason {flaw}. Say it in fewer and plain words.": "Begrunnelsen {flaw}. Skriv den kortere og enklere.",
    "Who does it {flaw}. Say it in fewer and plain words.": (
        "Navnet på den som gjør det, {flaw}. Skriv det kortere og enklere."
    ),
    # what the operating system says (`model.system`)
    "Address already in use": "Adressen er opptatt",
    "Broken pipe": "Forbindelsen er brutt",
    "Not a directory": "Ikke en mappe",
    "Read-only file system": "Filsystemet er skrivebeskyttet",
    "No space left on device": "Disken er full",
    "Bad file descriptor": "Ingen åpen fil har det nummeret",
    "Socket operation on non-socket": "Det er ikke en sokkel",
    "Cannot assign requested address": "Adressen finnes ikke på denne maskinen",
    "Connection refused": "Forbindelsen ble avvist",
    "Connection reset by peer": "Forbindelsen ble brutt av den andre siden",
    "Connection timed out": "Tidsavbrudd",
    "Network is unreachable": "Nettet kan ikke nås",
    "No route to host": "Ingen rute til maskinen",
    "No such file or directory": "Filen eller mappen finnes ikke",
    "Operation not permitted": "Ikke tillatt",
    "Permission denied": "Ingen tilgang",
    "Too many levels of symbolic links": "For mange lenker etter hverandre",
    "cannot be opened: too many files are open": "kan ikke åpnes: for mange filer er åpne",
    "cannot be read or written: the disk is broken": "kan ikke leses eller skrives: disken er ødelagt",
    "cannot be written: its disk is read-only": "kan ikke skrives: disken er skrivebeskyttet",
    "cannot be written: the disk is full": "kan ikke skrives: disken er full",
    "cannot be written: this user's share of the disk is full": (
        "kan ikke skrives: diskkvoten til denne brukeren er brukt opp"
    ),
    "does not exist": "finnes ikke",
    "is a folder": "er en mappe",
    "is a link that leads in a circle": "er en lenke som går i ring",
    "is a name that is too long": "er et for langt navn",
    "is a program that runs": "er et program som kjører",
    "is closed to this user": "er stengt for denne brukeren",
    "is no file": "er ikke en fil",
    "is not empty": "er ikke tom",
    "is there already": "finnes allerede",
    "leads through something that is no folder": "går gjennom noe som ikke er en mappe",
    "{} cannot be used: {}.": "{} kan ikke brukes: {}.",
    # and how to mend that
    "Check its permissions, and those of its folders.": "Kontroller rettighetene til den og til mappene den ligger i.",
    "Check the name, and that its folder is there.": "Kontroller navnet, og at mappen finnes.",
    "Check the name.": "Kontroller navnet.",
    "Make room.": "Rydd plass.",
    "Name a file.": "Oppgi en fil.",
    "Name a place on another, or mend the disk.": "Oppgi et sted på en annen disk, eller reparer denne.",
    "Name something else, or move it away.": "Oppgi noe annet, eller flytt det bort.",
    "Name something else.": "Oppgi noe annet.",
    "Name something shorter.": "Oppgi noe kortere.",
    "Name the file itself.": "Oppgi selve filen.",
    "Raise the limit (ulimit -n).": "Hev grensen (ulimit -n).",
    "Replace the disk.": "Bytt disken.",
    # who acts
    "Who does it takes a name of 1 to {number} visible characters.": (
        "Den som gjør det, må ha et navn på 1 til {number} synlige tegn."
    ),
    # names that are nobody's
    "A line is named ROUTER.LINE; `linjevakt line list` shows what there is.": (
        "En linje skrives RUTER.LINJE; `linjevakt line list` viser hva som finnes."
    ),
    "A new one is taken into the stock with `linjevakt stock add {serial} --model MODEL`; `linjevakt stock list` "
    "shows what there is.": (
        "En ny tas inn på lageret med `linjevakt stock add {serial} --model MODELL`; `linjevakt stock list` viser hva "
        "som finnes."
    ),
    "A segment is named SITE/SEGMENT.": "Et segment skrives LOKASJON/SEGMENT.",
    "There are: {names}.": "Disse finnes: {names}.",
    "There is no box with serial number {serial}.": "Det finnes ingen boks med serienummer {serial}.",
    "There is no hub {name!r}.": "Det finnes ingen hub {name!r}.",
    "There is no line {name!r}.": "Det finnes ingen linje {name!r}.",
    "There is no order {number}; `linjevakt order list --all` shows what there is.": (
        "Det finnes ingen ordre {number}; `linjevakt order list --all` viser hva som finnes."
    ),
    "There is no organisation {number!r}.": "Det finnes ingen organisasjon {number!r}.",
    "There is no provider {name!r}.": "Det finnes ingen leverandør {name!r}.",
    "There is no router and no site {name!r}.": "Det finnes ingen ruter og ingen lokasjon {name!r}.",
    "There is no router {name!r}.": "Det finnes ingen ruter {name!r}.",
    "There is no segment {name!r}.": "Det finnes ikke noe segment {name!r}.",
    "There is no service address {name!r}.": "Det finnes ingen tjenesteadresse {name!r}.",
    "There is no service {name!r}.": "Det finnes ingen tjeneste {name!r}.",
    "There is no site {site!r}.": "Det finnes ingen lokasjon {site!r}.",
    "`linjevakt inventory show` lists them all.": "`linjevakt inventory show` viser alle.",
    "`linjevakt org list` shows what there is.": "`linjevakt org list` viser hva som finnes.",
    "`linjevakt router list` shows what there is.": "`linjevakt router list` viser hva som finnes.",
    "`linjevakt service list` shows what there is.": "`linjevakt service list` viser hva som finnes.",
    "`linjevakt site list` shows what there is, `linjevakt history site {site}` what was.": (
        "`linjevakt site list` viser hva som finnes, `linjevakt history site {site}` hva som har vært."
    ),
}
