"""What the rules of an inventory and of the catalogue say: what breaks a rule, and how to mend it."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # whose a thing is
    "a row above": "en rad over",
    "another line": "en annen linje",
    "another pool": "en annen adressepool",
    "another row": "en annen rad",
    "hub {}": "hub {}",
    "line {line} of another router": "linje {line} på en annen ruter",
    "line {}": "linje {}",
    "segment {segment} of site {site}": "segment {segment} på lokasjon {site}",
    "segment {}": "segment {}",
    "site {}": "lokasjon {}",
    "the management pool": "styringspoolen",
    "the segment on {}": "segmentet på {}",
    "the site of {router}": "lokasjonen til {router}",
    # what is there twice
    "the interface": "grensesnittet",
    "the management address": "styringsadressen",
    "the organisation number": "organisasjonsnummeret",
    "the pool's key": "adressepoolens nøkkel",
    "the port": "porten",
    "the priority": "prioriteten",
    "the router name": "ruternavnet",
    "the segment name": "segmentnavnet",
    "the serial number": "serienummeret",
    "the service": "tjenesten",
    "the service key": "tjenestens nøkkel",
    "the sharing organisation": "organisasjonen som deler linjen",
    "the site key": "lokasjonens nøkkel",
    "the static address": "den faste adressen",
    "{what} {value!r} is already used by {whose}": "{what} {value!r} er allerede brukt av {whose}",
    "Choose another key": "Velg en annen nøkkel",
    "Choose another name": "Velg et annet navn",
    "Give each line its own": "La hver linje ha sitt eget grensesnitt",
    "Give it another port, or a VLAN of its own (`vlan:`)": "Gi det en annen port, eller et eget VLAN (`vlan:`)",
    "Keep the confirmation that holds": "Behold bekreftelsen som gjelder",
    "Number the lines 1, 2, ... in the order they are to be used": (
        "Nummerer linjene 1, 2, ... i den rekkefølgen de skal brukes"
    ),
    "Read it off the router": "Les det av ruteren",
    "Remove one of the two": "Fjern en av de to",
    # addresses and networks
    "a loopback address": "en loopback-adresse",
    "a multicast address": "en multicast-adresse",
    "a quarantine of {days} days is over before a certificate that names the addresses has ended, which is {validity} "
    "days after it was made": (
        "en karantene på {days} dager er over før et sertifikat som navngir adressene, er utløpt; det varer "
        "{validity} dager"
    ),
    "a reserved or broadcast address": "en reservert adresse eller en kringkastingsadresse",
    "link-local ({})": "link-local ({})",
    "no host's address": "ikke en adresse som en maskin kan ha",
    "{address} is {whose}": "{address} er {whose}",
    "{network} holds the services {services}, through which a site could log in to routers": (
        "{network} inneholder tjenestene {services}; gjennom dem kunne en lokasjon logge inn på rutere"
    ),
    "{network} is outside the closed network, so no tunnel carries it": (
        "{network} er utenfor det lukkede nettet, så ingen tunnel bærer det"
    ),
    "{network} overlaps {other}": "{network} overlapper {other}",
    "{prefix} of {whose} is outside the closed network ({inside})": (
        "{prefix} for {whose} er utenfor det lukkede nettet ({inside})"
    ),
    "{prefix} of {whose} overlaps {other} of {others}": "{prefix} for {whose} overlapper {other} for {others}",
    "{} has no room for a /{}": "{} har ikke plass til et /{}",
    "{} is in {}": "{} er i {}",
    "{} is no host of the management pool {}": "{} er ikke en maskinadresse i styringspoolen {}",
    "{} is not in {}": "{} er ikke i {}",
    "{} is outside the closed network ({})": "{} er utenfor det lukkede nettet ({})",
    "{} is the address of the service {}": "{} er adressen til tjenesten {}",
    "{} is the network or broadcast address of {}": "{} er nettadressen eller kringkastingsadressen i {}",
    "{} lies in {}, which is for routers, or behind a hub": "{} ligger i {}, som er for rutere eller bak en hub",
    "{} overlaps {}, from where one could log in to routers": (
        "{} overlapper {}; derfra kunne man logge inn på rutere"
    ),
    "{} overlaps {}, which is inside the closed network": "{} overlapper {}, som er i det lukkede nettet",
    "Choose a free address of the pool": "Velg en ledig adresse i adressepoolen",
    "Choose a free one of the pool": "Velg et ledig prefiks i adressepoolen",
    "Choose a free prefix": "Velg et ledig prefiks",
    "Choose a network inside it": "Velg et nett innenfor det",
    "Choose a prefix inside it": "Velg et prefiks innenfor det",
    "Choose another network": "Velg et annet nett",
    "Choose {days} days or more, or leave it out": "Velg {days} dager eller mer, eller utelat det",
    "Choose {} to 30": "Velg {} til 30",
    "Correct it, or widen `inside`": "Rett det, eller utvid `inside`",
    "Keep the larger one": "Behold det største",
    "Name a host in it": "Oppgi en maskinadresse i det",
    "Name addresses that hosts can have": "Oppgi adresser som maskiner kan ha",
    "Name the controllers' own addresses only": "Oppgi bare kontrollernes egne adresser",
    "Name the hub's own": "Oppgi hubens egen",
    "Name the server behind the hub": "Oppgi tjeneren bak huben",
    # lines
    "a hub's line has an mtu, which nothing uses": "linjen til en hub har `mtu`, som ikke brukes til noe",
    "a hub's line has no fixed address": "linjen til en hub har ingen fast adresse",
    "a router of platform {platform} cannot get its address by {method}": (
        "en ruter med plattformen {platform} kan ikke få adressen sin fra {method}"
    ),
    "configuration": "konfigurasjonen",
    "no line is mobile": "ingen linje er mobil",
    "the network of {} holds {}, which is a hub's address": "nettet til {} omfatter {}, som er adressen til en hub",
    "the subscription of {line} with {provider} is no business subscription": (
        "abonnementet på {line} hos {provider} er ikke et bedriftsabonnement"
    ),
    "{} is the line's own address": "{} er linjens egen adresse",
    "Add the router's mobile line: `kind: mobile`": "Legg til ruterens mobile linje: `kind: mobile`",
    "Ask the provider for another network": "Be leverandøren om et annet nett",
    "Ask the provider for the right one": "Be leverandøren om den riktige",
    "Correct it, or the address's prefix length": "Rett det, eller adressens prefikslengde",
    "Correct the address or its prefix length": "Rett adressen eller prefikslengden",
    "Give it `method: static`, address and gateway": "Gi den `method: static`, adresse og gateway",
    "Have the owner confirm one, then set `business: true`": (
        "Be eieren bekrefte et bedriftsabonnement, og sett så `business: true`"
    ),
    "Have the provider's modem dial in (in router mode, not bridged), or ask the provider for DHCP or a fixed "
    "address; then write `method: dhcp`, or `static` with address and gateway": (
        "La leverandørens modem ringe opp (i rutermodus, ikke bro), eller be leverandøren om DHCP eller en fast "
        "adresse; skriv så `method: dhcp`, eller `static` med adresse og gateway"
    ),
    "Name the provider's end": "Oppgi leverandørens ende",
    "Take it out: sites find it themselves": "Ta den ut: lokasjonene finner den selv",
    # names and numbers to call
    "{!r} is no interface to the kernel": "{!r} er ikke et grensesnittnavn som kjernen godtar",
    "{!r} means something else to Ansible, Nornir or YAML": "{!r} betyr noe annet for Ansible, Nornir eller YAML",
    "{phone!r} is no phone number: it has 1 digit": "{phone!r} er ikke et telefonnummer: det har 1 siffer",
    "{phone!r} is no phone number: it has {digits} digits": (
        "{phone!r} er ikke et telefonnummer: det har {digits} sifre"
    ),
    "{} is the router's own device": "{} er ruterens egen enhet",
    "Choose another name, such as one with the place in it": "Velg et annet navn, for eksempel ett med stedet i",
    "Name a line's interface or a port": "Oppgi grensesnittet til en linje, eller en port",
    "Use {fewest} to {most} digits, and spaces only between them": (
        "Bruk {fewest} til {most} sifre, og mellomrom bare mellom dem"
    ),
    # who there is, and what there is
    "hub {!r} is unknown": "huben {!r} er ukjent",
    "organisation {} is unknown": "organisasjonen {} er ukjent",
    "platform {!r} has no templates": "plattformen {!r} har ingen maler",
    "the owner shares the line with itself": "eieren deler linjen med seg selv",
    "{port} is the hub's line too": "{port} er også hubens linje",
    "{} is no organisation number: its check digit is wrong": (
        "{} er ikke et organisasjonsnummer: kontrollsifferet er feil"
    ),
    "{} is not for a test installation: numbers there begin with 2 or 3": (
        "{} er ikke for en testinstallasjon: der begynner numrene med 2 eller 3"
    ),
    "{} is not for production: numbers there begin with 8 or 9": (
        "{} er ikke for produksjon: der begynner numrene med 8 eller 9"
    ),
    "Add it to organisations.yaml, or with `linjevakt org add`": (
        "Legg den til i organisations.yaml, eller med `linjevakt org add`"
    ),
    "Look for swapped or mistyped digits": "Se etter ombyttede eller feilskrevne sifre",
    "Name one of: {}": "Velg blant: {}",
    "Name the port towards the services": "Oppgi porten mot tjenestene",
    "Remove the row": "Fjern raden",
    "Use a synthetic number: real data do not belong in tests": (
        "Bruk et syntetisk nummer: ekte data hører ikke hjemme i tester"
    ),
    "Use the real number, or set `test: true` in installation.yaml": (
        "Bruk det ekte nummeret, eller sett `test: true` i installation.yaml"
    ),
    # segments
    "ports without a protocol block nothing": "porter uten protokoll sperrer ingenting",
    "the shares of the line make {total} %": "andelene av linjen er til sammen {total} %",
    "{name} is longer than the {longest} characters of an interface's name": (
        "{name} er lengre enn de {longest} tegnene som et grensesnittnavn kan ha"
    ),
    "{} has no address left for a client": "{} har ingen adresse igjen til en klient",
    "{} is a line of this router": "{} er en linje på denne ruteren",
    "Choose a shorter name for the port": "Velg et kortere navn på porten",
    "Name a LAN port": "Oppgi en LAN-port",
    "Set `protocol: tcp` or `udp`": "Sett `protocol: tcp` eller `udp`",
    "Set `share:` so that they make 100": "Sett `share:` slik at de til sammen blir 100",
    "Use a /{} or larger": "Bruk et /{} eller større",
    # services
    "service {!r} is unknown": "tjenesten {!r} er ukjent",
    "service {!r} requires of {}: {}": "tjenesten {!r} krever av {}: {}",
    "service {!r}, which {!r} of the catalogue needs, has no address": (
        "tjenesten {!r}, som {!r} i katalogen trenger, har ingen adresse"
    ),
    "service {service!r} needs {needed} Mbit/s both ways; the segment's share of the line is {given}": (
        "tjenesten {service!r} trenger {needed} Mbit/s begge veier; segmentets andel av linjen er {given}"
    ),
    "Add a row with `key: {}`": "Legg til en rad med `key: {}`",
    "Order a faster line, give the segment a larger share, or drop the service": (
        "Bestill en raskere linje, gi segmentet en større andel, eller stryk tjenesten"
    ),
    "Record it in organisations.yaml or with `linjevakt org set`, or drop the service": (
        "Før det inn i organisations.yaml eller med `linjevakt org set`, eller stryk tjenesten"
    ),
    # rows of the catalogue
    "no TCP flow of this row goes to the proxy {!r}": "ingen TCP-trafikk i `flows` på denne raden går til proxyen {!r}",
    "requires an approved supplier and names none": "krever en godkjent leverandør og navngir ingen",
    "sends the internet direct": "sender internettrafikk direkte ut",
    "the rule {} changes nothing: {} says it already": "regelen {} endrer ingenting: {} sier det allerede",
    "the rule {} has no test": "regelen {} har ingen test",
    "{what} goes {way} here and {other} by {row!r}": "{what} går {way} her og {other} etter {row!r}",
    "Add `supplier`": "Legg til `supplier`",
    "Add a URL that it decides to `pac_tests`, with the way that a browser must take": (
        "Legg en URL som den avgjør, til i `pac_tests`, med veien som en nettleser skal ta"
    ),
    "Add a flow with `to: {}`": "Legg til en linje i `flows` med `to: {}`",
    "Keep one of them: a router has one PAC file for all its services": (
        "Behold en av dem: en ruter har én PAC-fil for alle tjenestene sine"
    ),
    "Only `via: proxy` is allowed": "Bare `via: proxy` er tillatt",
}
