"""What is said of an inventory as files, of bringing it into the register, and of settings."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # a file
    "file": "fil",
    "cannot be read ({})": "kan ikke leses ({})",
    "has no *.yaml": "har ingen *.yaml",
    "is a link that leads out of the folder": "er en lenke som fører ut av mappen",
    "is larger than {}": "er større enn {}",
    "is no folder": "er ikke en mappe",
    "is not a folder": "er ikke en mappe",
    "is not a mapping of fields": "er ikke felt med verdier",
    "is not a regular file": "er ikke en vanlig fil",
    "is not read: its name is not one of an inventory": (
        "leses ikke: en fil med det navnet hører ikke til i et register"
    ),
    "is not read: its name is not one of an inventory of sheets": (
        "leses ikke: en fil med det navnet hører ikke til i et register av regneark"
    ),
    "{!r} is not the file's name": "{!r} er ikke filens navn",
    "{} is larger than {}. Split it or clean it up.": "{} er større enn {}. Del den opp eller rydd i den.",
    "{} is not a regular file. Give a file, or - and its content on stdin.": (
        "{} er ikke en vanlig fil. Oppgi en fil, eller - og innholdet på stdin."
    ),
    "{} is not an empty folder. Name a new one.": "{} er ikke en tom mappe. Oppgi en ny.",
    "An inventory has installation.yaml, organisations.yaml and sites/<key>.yaml": (
        "Et register har installation.yaml, organisations.yaml og sites/<nøkkel>.yaml"
    ),
    "An inventory of sheets has {}, {}": "Et register av regneark har {}, {}",
    "Call the file {}.yaml": "Kall filen {}.yaml",
    "Check the file's permissions": "Kontroller rettighetene til filen",
    "Make them the same": "Gjør dem like",
    "Name the catalogue's folder, with a row a file": "Oppgi katalogens mappe, med en fil per rad",
    "Put a YAML file there": "Legg en YAML-fil der",
    "Put the file itself there": "Legg selve filen der",
    "See inventory/example for a file that is right": "Se inventory/example for en fil som er riktig",
    "See inventory/example for the files of an inventory": "Se inventory/example for filene i et register",
    "Split it or clean it up": "Del den opp eller rydd i den",
    # YAML
    "has a YAML tag ({})": "har en YAML-tag ({})",
    "has a key that is no text": "har en nøkkel som ikke er tekst",
    "holds a character that YAML does not allow ({})": "har et tegn som YAML ikke tillater ({})",
    "holds a second document after `---`": "har et dokument til etter `---`",
    "holds more than {:,} values": "har mer enn {} verdier",
    "is an alias (*{})": "er et alias (*{})",
    "is nested deeper than {} levels": "har mer enn {} nivåer inni hverandre",
    "is not UTF-8: byte 0x{octet:02x}": "er ikke UTF-8: byte 0x{octet:02x}",
    "is not YAML: {}": "er ikke YAML: {}",
    "is there twice; first in line {}": "står to ganger; først på linje {}",
    "Mend the indentation, colons or quotes there": "Rett innrykk, kolon eller anførselstegn der",
    "Put it in a file of its own": "Legg det i en egen fil",
    "Remove one of them": "Fjern en av dem",
    "Remove the tag": "Fjern taggen",
    "Save the file as UTF-8": "Lagre filen som UTF-8",
    "See inventory/example": "Se inventory/example",
    "Write the value out in full": "Skriv verdien helt ut",
    # a field
    "does not go with {!r}": "hører ikke sammen med {!r}",
    "Add `{}:`. See inventory/example for a file that is right": (
        "Legg til `{}:`. Se inventory/example for en fil som er riktig"
    ),
    "Add {}=VALUE": "Legg til {}=VERDI",
    "Give it a value, or leave the line out where there is a default": (
        "Oppgi en verdi, eller utelat linjen der det finnes en standardverdi"
    ),
    "Leave it out, or choose something else than {!r}": "Utelat det, eller velg noe annet enn {!r}",
    # sheets
    "has a column without a name": "har en kolonne uten navn",
    "has {} cells, the header {}": "har {} celler, overskriften {}",
    "is UTF-16, not UTF-8": "er UTF-16, ikke UTF-8",
    "is a column that is missing": "er en kolonne som mangler",
    "is a column that is there twice": "er en kolonne som står to ganger",
    "is larger than {:,} rows of {} cells": "er større enn {} rader med {} celler",
    "is not CSV from here on: {}": "er ikke CSV herfra: {}",
    "is not UTF-8: byte 0x{octet:02x}, which is {letter!r} in Windows-1252 (Latin-1)": (
        "er ikke UTF-8: byte 0x{octet:02x}, som er {letter!r} i Windows-1252 (Latin-1)"
    ),
    "is not a column here": "er ikke en kolonne her",
    "{!r} is a number that a spreadsheet has shortened": "{!r} er et tall som et regneark har forkortet",
    "{!r} is an error value of a spreadsheet": "{!r} er en feilverdi fra et regneark",
    "{!r} is not in {}": "{!r} finnes ikke i {}",
    "{!r} is there twice; first in line {}": "{!r} står to ganger; først på linje {}",
    "Add the {}, or correct it": "Legg inn {}, eller rett verdien",
    "Give it a row in {}": "Gi den en rad i {}",
    "Fill in the column `{}`": "Fyll ut kolonnen `{}`",
    "Look for a quote that is not closed, or double it": (
        "Se etter et anførselstegn som ikke er lukket, eller skriv det dobbelt"
    ),
    "Name it one of: {}": "Gi den et av disse navnene: {}",
    "Put quotes around a cell that holds the separator": (
        "Sett anførselstegn rundt en celle som inneholder skilletegnet"
    ),
    "Save each of its sheets as `CSV UTF-8`": "Lagre hvert av arkene som `CSV UTF-8`",
    "Save it as `CSV UTF-8`": "Lagre den som `CSV UTF-8`",
    "The columns are: {}": "Kolonnene er: {}",
    "Write it as it was, with an apostrophe in front, and make the column text": (
        "Skriv det som det var, med en apostrof foran, og gjør kolonnen til tekst"
    ),
    "Write what belongs there, or '{} when it is meant": "Skriv det som skal stå der, eller '{} når det er ment slik",
    # boxes, and fleets that are made up
    "another box": "en annen boks",
    "{} sites cannot be generated. Choose 1 to {}": "{} lokasjoner kan ikke lages. Velg 1 til {}",
    # what an import changes
    "added": "lagt til",
    "changed": "endret",
    "pool": "adressepool",
    "sharing": "deling",
    "{row} of {noun}": "{row} på {noun}",
    # and what it refuses
    "1 field": "1 felt",
    "An open work order is about {listed}. Nothing is saved. End or cancel the order first.": (
        "En åpen ordre gjelder {listed}. Ingenting er lagret. Fullfør eller kanseller ordren først."
    ),
    "In service, and not removed or renamed by an import: {listed}. Nothing is saved. End the connection by an order "
    "(`linjevakt order new terminate`), which takes its router out of service.": (
        "I drift, og blir verken fjernet eller omdøpt av en import: {listed}. Ingenting er lagret. Avslutt "
        "tilknytningen med en ordre (`linjevakt order new terminate`), som tar ruteren ut av drift."
    ),
    "No inventory is saved yet. Save one with `linjevakt inventory import FOLDER`.": (
        "Ingenting er lagret i registeret ennå. Fyll det med `linjevakt inventory import MAPPE`."
    ),
    "Others are changing the inventory all the time. Import again in a moment.": (
        "Andre endrer registeret hele tiden. Importer på nytt om litt."
    ),
    "The folder is an export of another register: this one has no revision {number} of {saved:%Y-%m-%d %H:%M} UTC. "
    "Take `exported` out of installation.yaml to compare it with what is here now.": (
        "Mappen er eksportert fra et annet register: dette har ingen revisjon {number} fra {saved:%Y-%m-%d %H:%M} UTC. "
        "Ta `exported` ut av installation.yaml for å sammenligne den med det som er her nå."
    ),
    "box {}": "boks {}",
    "changed on both sides since the folder was exported": "er endret på begge sider siden mappen ble eksportert",
    "differing from the folder, which does not say of which revision it is an export": (
        "er annerledes enn i mappen, som ikke sier hvilken revisjon den er eksportert fra"
    ),
    "nothing was saved": "ingenting ble lagret",
    "router {}": "ruter {}",
    "site {} (router {})": "lokasjon {} (ruter {})",
    "{fields} {why}. Nothing is saved. Export anew and make your changes there, or say whose values count: --mine "
    "(the folder's) or --theirs (the register's).": (
        "{fields} {why}. Ingenting er lagret. Eksporter på nytt og gjør endringene dine der, eller oppgi hvilke "
        "verdier som gjelder: --mine (mappens) eller --theirs (registerets)."
    ),
    "{listed} and {number} more": "{listed} og {number} til",
    "{number} would be removed, --remove says {told}: {listed}. Nothing is saved. If this is what you want, say "
    "--remove {number}.": (
        "{number} ville bli fjernet, men --remove sier {told}: {listed}. Ingenting er lagret. Oppgi --remove {number} "
        "hvis det er dette du vil."
    ),
    "{n} fields": "{n} felt",
    "{what} (order {number})": "{what} (ordre {number})",
    # where an installation keeps its things
    "The environment is wrong: {}": "Miljøvariablene er feil: {}",
    "The environment variable {} means nothing to Linjevakt. {}": (
        "Miljøvariabelen {} betyr ingenting for Linjevakt. {}"
    ),
    "There are: {}.": "Disse finnes: {}.",
    "linjevakt's own folder {!r} is in none of: {}": "Linjevakts egen mappe {!r} finnes ikke i noen av: {}",
    # a folder that comes as an archive
    "This is no ZIP archive, or it is damaged. Send the folder as a .zip.": (
        "Dette er ikke noe ZIP-arkiv, eller det er skadet. Send mappen som en .zip."
    ),
    "The archive has more than {number} files.": "Arkivet har flere enn {number} filer.",
    "The archive holds more than {size}.": "Arkivet rommer mer enn {size}.",
    "{name!r} in the archive {why}.": "{name!r} i arkivet {why}.",
    "is there twice": "finnes to ganger",
    "has a name that no file of an inventory has": "har et navn som ingen fil i et register har",
    "leads out of the folder": "fører ut av mappen",
    "is a link or a device; put the file itself there": "er en lenke eller en enhet; legg selve filen der",
    "is encrypted": "er kryptert",
    "is packed in another way than ZIP's own": "er pakket på en annen måte enn ZIPs egen",
    "is a file and a folder at once": "er både en fil og en mappe",
    "Another import is under way. Wait until it has ended.": "En annen import pågår. Vent til den er ferdig.",
    "There is no import {number}: this process knows its last {kept}.": (
        "Det finnes ingen import {number}: denne prosessen kjenner sine siste {kept}."
    ),
    "{organisation} cannot have confirmed on {day} that it shares {site}: it is {today}.": (
        "{organisation} kan ikke ha bekreftet den {day} at den deler {site}: i dag er det {today}."
    ),
}
