"""What the rooms around a router say: plan, push, proof, devices, health, render, intent, reach, PAC."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # the proof: its legs, and what they say
    "agent": "agent",
    "clock": "klokke",
    "login": "innlogging",
    "pac": "pac",
    "service": "tjeneste",
    "fails": "virker ikke",
    "logged in afresh": "logget inn på nytt",
    "right": "riktig",
    "works": "virker",
    "a commit waits for its confirmation": "en endring venter på bekreftelse",
    "no commit waits for its confirmation": "ingen endring venter på bekreftelse",
    "no line is up": "ingen linje er oppe",
    "nothing": "ingenting",
    "runs something else than what was sent": "kjører noe annet enn det som ble sendt",
    "runs {hash}": "kjører {hash}",
    "runs {hash}, not {wanted}": "kjører {hash}, ikke {wanted}",
    "the PAC file answers {answer!r} for {url}, where {service} needs {wanted!r}": (
        "PAC-filen svarer {answer!r} for {url}, der {service} trenger {wanted!r}"
    ),
    "the PAC file does not work: {error}": "PAC-filen virker ikke: {error}",
    "the disk is {state}": "disken er {state}",
    "the router did not show the PAC file that it serves": "ruteren viste ikke den PAC-filen den deler ut",
    "{server} does not answer": "{server} svarer ikke",
    "{} answers": "{} svarer",
    "{line} is down": "{line} er nede",
    "{line} is not measured yet": "{line} er ikke målt ennå",
    "{line} is up": "{line} er oppe",
    "{service} for {segment}: {found}": "{service} for {segment}: {found}",
    "{state} and in use": "{state} og i bruk",
    "{state} since the change": "{state} etter endringen",
    # the push: its steps, how it ends
    "baseline": "tilstanden før",
    "commit": "iverksetting",
    "confirm": "bekreftelse",
    "connect": "tilkobling",
    "load": "lasting",
    "prove": "prøving",
    "recover": "gjenoppretting",
    "rollback": "tilbakeføring",
    "another session's commit waits for its confirmation": "en endring fra en annen økt venter på bekreftelse",
    "how it ended is not known: {error}": "hvordan det endte, er ikke kjent: {error}",
    "interrupted before it was proven; {reason}": "avbrutt før den var bevist; {reason}",
    "its controller stopped in the middle; this is what the router told afterwards": (
        "kontrolleren stanset midtveis; dette er det ruteren fortalte etterpå"
    ),
    "no proof": "ikke noe bevis",
    "rolled back": "tilbakeført",
    "the router cannot arm a revert timer of {seconds} s; choose one from {least} to {most} s": (
        "ruteren kan ikke gå tilbake av seg selv etter {seconds} s; velg fra {least} til {most} s"
    ),
    "the router did not answer until it had gone back": "ruteren svarte ikke før den hadde gått tilbake",
    "the router took the rollback, but did not do it": "ruteren tok imot tilbakeføringen, men utførte den ikke",
    "{router} took the confirmation, but did not do it": "{router} tok imot bekreftelsen, men utførte den ikke",
    "{router} has nothing on it that tries what is open on a line": (
        "{router} har ingenting som prøver hva som er åpent på en linje"
    ),
    "{router}: a configuration of platform {platform} has no parts, so its certificate and the list of revoked ones "
    "come with all that waits, which is people's to push: `linjevakt push {router}`.": (
        "{router}: en konfigurasjon for plattformen {platform} har ingen deler, så sertifikatet og listen over "
        "tilbakekalte kommer sammen med alt som venter, og det er det folk som skal sende: `linjevakt push {router}`."
    ),
    "the router went back by itself": "ruteren gikk tilbake av seg selv",
    "yet the router runs it, confirmed": "likevel kjører ruteren den, bekreftet",
    "{router}: session {session} has a commit to confirm; "
    "the router goes back by itself in {seconds:.0f} s unless it does": (
        "{router}: økten {session} har en endring som venter på bekreftelse; "
        "uten den går ruteren tilbake av seg selv om {seconds:.0f} s"
    ),
    "{router}: something has changed since the plan was approved; plan again": (
        "{router}: noe er endret siden planen ble godkjent; planlegg på nytt"
    ),
    "{router}: the configuration names the secret {secret}, which is not there": (
        "{router}: konfigurasjonen bruker hemmeligheten {secret}, som ikke finnes"
    ),
    # the fleet
    "A push to {router} was cut short and its router still waits to be told; it goes back by itself "
    "within {seconds} s. Try again then.": (
        "En endring av {router} ble avbrutt, og ruteren venter fortsatt på beskjed; den går tilbake av seg selv "
        "innen {seconds} s. Prøv igjen da."
    ),
    "all {number} sites behind {hub}": "alle lokasjonene bak {hub} ({number})",
    "there was no push to {router} yet": "{router} har ikke hatt noen endring ennå",
    "{router}: its hub {hub} is to be another box, which was not pushed to yet. The list of revoked "
    "certificates refuses the former one: {router} would have no tunnel. `linjevakt router stage {hub} "
    "--identity FILE`, if that is not done, put that box in place, and then `linjevakt push {hub}` first.": (
        "{router}: huben {hub} skal bli en annen boks, som ikke har fått konfigurasjonen sin ennå. Listen over "
        "tilbakekalte sertifikater avviser den forrige: {router} ville stått uten tunnel. Kjør `linjevakt router stage "
        "{hub} --identity FIL` om det ikke er gjort, sett boksen på plass, og kjør så `linjevakt push {hub}` først."
    ),
    "{router}: its prefixes are to change, which is people's to push: `linjevakt push {router}` brings "
    "its certificate and the list of revoked ones too.": (
        "{router}: nettene skal endres, og det må et menneske sette i gang: `linjevakt push {router}` tar med "
        "sertifikatet og listen over tilbakekalte også."
    ),
    # a line that is down
    "{fault}; check first that the provider gave it {address}, gateway {gateway}": (
        "{fault}; kontroller først at leverandøren har gitt den {address}, gateway {gateway}"
    ),
    # looking up
    # the intent
    "hub {}: line {} needs a static address: sites call it": (
        "hub {}: linjen {} må ha fast adresse: lokasjonene kobler seg opp mot den"
    ),
    "a service sends the internet direct in the PAC file; only `via: proxy` is allowed": (
        "en tjeneste sender internett direkte i PAC-filen; bare `via: proxy` er tillatt"
    ),
    "the internet": "internett",
    "two services say {} and {} for {} in the PAC file; keep one of them": (
        "to tjenester sier {} og {} for {} i PAC-filen; behold en av dem"
    ),
    # the PAC file
    "Correct the row, or the platform's template {file}.j2": "Rett raden, eller plattformens mal {file}.j2",
    "FindProxyForURL answers {kind} for {url}, not a text": "FindProxyForURL svarer {kind} for {url}, ikke en tekst",
    "{file} of {platform} answers {answer!r} for {url}, not {wanted!r}": (
        "{file} for {platform} svarer {answer!r} for {url}, ikke {wanted!r}"
    ),
    "{file} of {platform} is wrong: {fault}": "{file} for {platform} er feil: {fault}",
    "it answers {lower!r} for {url}, and {upper!r} when the host is in upper case": (
        "den svarer {lower!r} for {url}, og {upper!r} når vertsnavnet har store bokstaver"
    ),
    "it calls {name}, for which a browser waits on DNS": "den kaller {name}, som får nettleseren til å vente på DNS",
    "it holds characters other than ASCII, which browsers read differently": (
        "den har andre tegn enn ASCII, og dem leser nettlesere ulikt"
    ),
    "it names the proxy {proxy}, which is none of ours": "den nevner proxyen {proxy}, som ikke er vår",
    "no process to evaluate a PAC file in has started within {limit:g} s": (
        "ingen prosess til å kjøre en PAC-fil i startet innen {limit:g} s"
    ),
    "the PAC file did not answer for {url} within {limit:g} s": "PAC-filen svarte ikke for {url} innen {limit:g} s",
    "the PAC file fails for {url}: {why}": "PAC-filen feiler for {url}: {why}",
    "the PAC file has no function FindProxyForURL": "PAC-filen har ingen funksjon FindProxyForURL",
    "the PAC file is larger than 1 MiB; browsers refuse it": "PAC-filen er større enn 1 MiB; nettlesere avviser den",
    "the PAC file looks up {names} for {url}; a browser stands still until DNS has answered": (
        "PAC-filen slår opp {names} for {url}; en nettleser står stille til DNS har svart"
    ),
    "{answer!r} goes straight out when the proxy is away": "{answer!r} går rett ut når proxyen er borte",
    "{url!r} is not a URL with a host": "{url!r} er ikke en URL med vertsnavn",
    # the router and the way to it
    "`{command}` gave an answer that we cannot read: {why}": "`{command}` ga et svar som ikke kan leses: {why}",
    "another session holds the router": "en annen økt holder ruteren",
    "no contact with the router": "får ikke kontakt med ruteren",
    "the router could not do what was asked": "ruteren kunne ikke gjøre det den ble bedt om",
    "the router could not put the configuration in force": "ruteren kunne ikke iverksette konfigurasjonen",
    "the router is not the one that was staged": "ruteren er ikke den som ble klargjort",
    "the router refuses our key": "ruteren avviser nøkkelen vår",
    "the router refuses the configuration": "ruteren avviser konfigurasjonen",
    # health
    "The box answers SNMP, but knows nothing of LINJEVAKT-MIB: is Linjevakt's agent on it?": (
        "Boksen svarer på SNMP, men kjenner ikke LINJEVAKT-MIB: kjører Linjevakts agent på den?"
    ),
    "The box at {router}'s address says that it is {name}.": "Boksen på adressen til {router} sier at den er {name}.",
    "The router's agent answers {oid} with {value}, which is no time.": (
        "Agenten på ruteren svarer på {oid} med {value}, som ikke er noe tidspunkt."
    ),
    "The router's agent does not answer {oid} with a number, but with {value!r}.": (
        "Agenten på ruteren svarer ikke på {oid} med et tall, men med {value!r}."
    ),
    "The router's agent does not answer {oid} with a time, but with {value!r}.": (
        "Agenten på ruteren svarer ikke på {oid} med et tidspunkt, men med {value!r}."
    ),
    "The router's agent does not answer {oid} with text, but with {value!r}.": (
        "Agenten på ruteren svarer ikke på {oid} med tekst, men med {value!r}."
    ),
    "The router's agent has {number} rows at {entry}, more than the {most} that a site may.": (
        "Agenten på ruteren har {number} rader under {entry}, flere enn de {most} en lokasjon kan ha."
    ),
    "its SNMP tables have more than {rows} rows, or take more than {limit:g} s": (
        "SNMP-tabellene har mer enn {rows} rader, eller tar mer enn {limit:g} s"
    ),
    "no answer to SNMP from {address}:{port} ({reason})": "ikke noe svar på SNMP fra {address}:{port} ({reason})",
    "not known: does the router's guard run?": "ikke kjent: kjører vakten på ruteren?",
    "the agent cannot read {names}": "agenten kan ikke lese {names}",
    "the clock is wrong (box says {box}, controller says {controller})": (
        "klokken går feil (boksen sier {box}, kontrolleren {controller})"
    ),
    "the router refuses our SNMP keys: stage it anew or push its configuration": (
        "ruteren avviser SNMP-nøklene våre: klargjør den på nytt, eller kjør `linjevakt push` mot den"
    ),
    "timeout": "tidsavbrudd",
    # the configuration and its templates
    "give either `sections` or `template`": "oppgi enten `sections` eller `template`",
    "not a regular expression: {error}": "ikke et regulært uttrykk: {error}",
    "secret {name!r} holds a character that a configuration cannot carry; make it anew": (
        "hemmeligheten {name!r} har et tegn som ikke kan stå i en konfigurasjon; lag den på nytt"
    ),
    "the file": "filen",
    "a revert timer needs 1 <= minimum_s <= maximum_s, and a step_s of 1 or more": (
        "tilbakegang trenger 1 <= minimum_s <= maximum_s, og step_s på 1 eller mer"
    ),
    "has no group: put the secret itself in parentheses": "mangler en gruppe: sett parentes om selve hemmeligheten",
    "platform.toml names the module {module!r}, which has no {name!r} for us: {error}": (
        "platform.toml oppgir modulen {module!r}, som ikke har {name!r} til oss: {error}"
    ),
    "routers of platform {platform} serve no PAC file": "rutere av plattformen {platform} deler ikke ut noen PAC-fil",
    "there is no platform {name!r} in {folder}; there are: {known}": (
        "det finnes ingen plattform {name!r} i {folder}; disse finnes: {known}"
    ),
    "this is not a PEM certificate revocation list; ask trust for it anew": (
        "dette er ikke en tilbakekallingsliste i PEM; hent den på nytt"
    ),
    "this is not a PEM certificate; ask trust for the router's certificate anew": (
        "dette er ikke et PEM-sertifikat; hent sertifikatet til ruteren på nytt"
    ),
    "{file}: a line begins with {mark!r}, which begins a section": (
        "{file}: en linje begynner med {mark!r}, som innleder en seksjon"
    ),
    "{file}: there is no such template; add it or mend platform.toml": (
        "{file}: malen finnes ikke; legg den til, eller rett platform.toml"
    ),
    "{value} holds the control character U+{code:04X}; remove it": "{value} har styretegnet U+{code:04X}; fjern det",
    "{value} holds {mark!r}, which marks the place of a secret; remove it": (
        "{value} har {mark!r}, som markerer plassen til en hemmelighet; fjern det"
    ),
    "{value} is not an OpenSSH public key without options": "{value} er ikke en offentlig OpenSSH-nøkkel uten opsjoner",
    "{value} is not one plain word (letters, digits and . _ : / @ + -)": (
        "{value} er ikke ett enkelt ord (bokstaver, sifre og . _ : / @ + -)"
    ),
    # who holds a router
    "A push to {router} runs already, by {worker}. Wait until it has ended; `linjevakt lock list` shows it.": (
        "En endring av {router} pågår allerede, startet av {worker}. Vent til den er ferdig; `linjevakt lock list` "
        "viser den."
    ),
    "The push to {router} does not hold it any more: {why}": "Endringen av {router} har ikke låsen lenger: {why}",
    "its lease had run out": "tiden for den var ute",
    "No push holds {router}. {remedy}": "Ingen endring låser {router}. {remedy}",
    "`linjevakt lock list` shows what is.": "`linjevakt lock list` viser hva som er låst.",
    "Say why the lock is broken, with --reason: its worker is told.": (
        "Si hvorfor låsen brytes, med --reason: den som har den, får vite det."
    ),
    "Worker": "Utføres av",
    "broken: {why}": "brutt: {why}",
    "no push holds a router": "ingen endring låser en ruter",
    "How it ended is told by `linjevakt settle {router}`.": "Hvordan den endte, sier `linjevakt settle {router}`.",
    "{worker} holds {router} no more. {ended}": "{worker} låser ikke {router} lenger. {ended}",
}
