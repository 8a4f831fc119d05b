"""What the rooms `workorders` and `letters` say."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # orders
    "Order {number} ({kind}) about {about} is open. End or cancel it first.": (
        "Ordre {number} ({kind}) om {about} er åpen. Fullfør eller kanseller den først."
    ),
    "Order {number} cannot be amended so: {settled}. Cancel it and order anew, or order the change when this one is "
    "done.": (
        "Ordre {number} kan ikke endres slik: {settled}. Kanseller den og bestill på nytt, eller bestill endringen "
        "når denne er ferdig."
    ),
    "Order {number} cannot be cancelled any more: {step} is done. Order what leads back instead.": (
        "Ordre {number} kan ikke kanselleres lenger: «{step}» er gjort. Bestill det som fører tilbake i stedet."
    ),
    "Order {number} has gone on meanwhile.": "Ordre {number} har gått videre i mellomtiden.",
    "Order {number} in the database is damaged. Restore it from its backup.": (
        "Ordre {number} er skadet i databasen. Gjenopprett den fra sikkerhetskopien."
    ),
    "Order {number} is cancelled. {error}": "Ordre {number} er kansellert. {error}",
    "Order {number} is {state}.": "Ordre {number} er {state}.",
    "Order {number} is undoing. Say `leave` (`--leave`) to let the router be as it is.": (
        "Ordre {number} trekkes tilbake. Oppgi `leave` (`--leave`) for å la ruteren være som den er."
    ),
    "Order {number} is {state}: there is nothing left to do.": (
        "Ordre {number} er {state}: det er ingenting igjen å gjøre."
    ),
    "Order {number} is {state}; only an open one can be amended.": (
        "Ordre {number} ({state}) kan ikke endres; bare åpne ordrer kan endres."
    ),
    "Order {number}: that is what was ordered. Say FIELD=VALUE for what is to change.": (
        "Ordre {number}: det er allerede bestilt slik. Oppgi FELT=VERDI for det som skal endres."
    ),
    "There is no kind of order {name!r}. {remedy}": "Det finnes ingen ordretype {name!r}. {remedy}",
    "This is no {kind}: {faults}.": "Dette er ikke en gyldig bestilling av {kind}: {faults}.",
    "the order": "ordren",
    "the order is {state}": "ordren er {state}",
    "{path} is what the order, or an address that was set aside for it, is about": (
        "{path} er det som ordren, eller en adresse som er satt av for den, gjelder"
    ),
    "{path} was used by the step {step} ({done})": "{path} er brukt av steget {step} ({done})",
    # steps
    "Order {number}, step {step}": "Ordre {number}, steget {step}",
    "Order {number}, step {step}: not before {when:%Y-%m-%d %H:%M}.": (
        "Ordre {number}, steget {step}: ikke før {when:%d.%m.%Y %H:%M}."
    ),
    "Order {number}, step {step}: {settled} cannot be corrected: it moved a box. Cancel the order, or say where the "
    "box is with `linjevakt stock move`.": (
        "Ordre {number}, steget {step}: {settled} kan ikke rettes: det flyttet en boks. Kanseller ordren, eller meld "
        "hvor boksen er, med `linjevakt stock move`."
    ),
    "Order {number}: {following}, not {step}.": "Ordre {number}: {following}, ikke {step}.",
    "Order {number}: {step} is the system's own step; let it run.": (
        "Ordre {number}: {step} er systemets eget steg; la systemet gjøre det."
    ),
    "Order {number}: {step} was not done yet; there is nothing to correct.": (
        "Ordre {number}: {step} er ikke gjort ennå; det er ingenting å rette."
    ),
    "Order {number}: {step} was {done}; {following}.": "Ordre {number}: {step} er {done}; {following}.",
    "Step {step}: that is what was answered. Say NAME=VALUE for what is wrong.": (
        "Steget {step}: det er allerede svart slik. Oppgi NAVN=VERDI for det som er feil."
    ),
    "Step {step}: {faults}.": "Steget {step}: {faults}.",
    "done by {who} at {at:%H:%M}": "gjort av {who} kl. {at:%H:%M}",
    "done by {who} at {at:%Y-%m-%d %H:%M}": "gjort av {who} {at:%d.%m.%Y} kl. {at:%H:%M}",
    "the next step is {step}": "neste steg er {step}",
    "{kind} has no step {name!r} with answers. {remedy}": "{kind} har ikke noe steg {name!r} med svar. {remedy}",
    # answers
    (
        "{organisation} accepted {name} on {day} already, by {by} ({capacity}). "
        "If that is wrong, say why, with --reason: what was recorded stays in the history."
    ): (
        "{organisation} godtok {name} allerede {day}, ved {by} ({capacity}). "
        "Er det feil, skriv hvorfor, med --reason: det som var ført, blir stående i historikken."
    ),
    "{name} is missing ({title})": "{name} mangler ({title})",
    "it asks for: {}": "det spørres om: {}",
    "{name} is not asked for; {remedy}": "det spørres ikke om {name}; {remedy}",
    "{name} is one of: {choices}": "{name} skal være ett av: {choices}",
    "{name} must be `yes` (or `ja`) before this step is done ({title})": (
        "{name} må være `ja` (eller `yes`) før steget er gjort ({title})"
    ),
    "{name}: {day} has not come yet; it is {today}": (
        "{name}: {day:%d.%m.%Y} er ikke kommet ennå; i dag er det {today:%d.%m.%Y}"
    ),
    "{name}: {day} is more than {number} days ago; is the year right?": (
        "{name}: {day:%d.%m.%Y} er mer enn {number} dager siden; er årstallet riktig?"
    ),
    "{name}: {value!r} is no number": "{name}: {value!r} er ikke et tall",
    "{name}: {value!r} may be read in two ways; write 1000 or 1,5": (
        "{name}: {value!r} kan leses på to måter; skriv 1000 eller 1,5"
    ),
    "{name}: {value} cannot be, it is {least} to {most} {unit}": (
        "{name}: {value} er ikke mulig; verdien må være fra {least} til {most} {unit}"
    ),
    "{name}: {value} cannot be, it is {least} to {most} {unit}; did you mean -{value}?": (
        "{name}: {value} er ikke mulig; verdien må være fra {least} til {most} {unit} (mente du -{value}?)"
    ),
    # sites and members
    "The agreement cannot have been accepted on {day}: it is {today}.": (
        "Avtalen kan ikke være godtatt {day:%d.%m.%Y}: i dag er det {today:%d.%m.%Y}."
    ),
    "The organisation {number} is there already. Use `linjevakt org set`.": (
        "Organisasjonen {number} finnes allerede. Bruk `linjevakt org set`."
    ),
    "The site {site} was changed by someone else since. Change it back by hand first, or say `leave` to let it be as "
    "it is now.": (
        "Lokasjonen {site} er endret av noen andre siden. Endre den tilbake for hånd først, eller oppgi `leave` for "
        "å la den være som den er nå."
    ),
    "The site {site} was changed by someone else since: the register keeps what it has.": (
        "Lokasjonen {site} er endret av noen andre siden: registeret beholder det som står der."
    ),
    # pools and prices
    "Put the rows in order of time, one for each day": "Sett radene i tidsrekkefølge, én for hver dag",
    "The installation has no `pools` to take a prefix from. Add one to installation.yaml and import that, or name "
    "the segment's `prefix`.": (
        "Installasjonen har ingen `pools` å ta et prefiks fra. Legg til en i installation.yaml og importer den, "
        "eller oppgi segmentets `prefix`."
    ),
    "The pool {pool} ({network}) is smaller than a /{length}.": (
        "Adressepoolen {pool} ({network}) er mindre enn et /{length}."
    ),
    "The pool {pool} has no free /{length} left. Add a pool to the installation.": (
        "Adressepoolen {pool} har ingen ledige /{length} igjen. Legg til en i installasjonen."
    ),
    "There is no pool {key!r}; there are: {pools}.": "Det finnes ingen adressepool {key!r}; disse finnes: {pools}.",
    "no price is known for {day}: the first row of {file} begins {first}. Add an older row": (
        "ingen pris er kjent for {day:%d.%m.%Y}: første rad i {file} begynner {first:%d.%m.%Y}. Legg til en eldre rad"
    ),
    "{day} is not later than the row before it, {before}": "{day} er ikke senere enn raden før, {before}",
    # boxes
    "Order {number} brings a box for {router}: `linjevakt order stage {number} --identity FILE`.": (
        "Ordre {number} kommer med en boks til {router}: `linjevakt order stage {number} --identity FIL`."
    ),
    "Order {number} waits for the box {serial}: say it there, with `linjevakt order advance {number} --step returned "
    "serial={serial} condition=good|damaged|lost`.": (
        "Ordre {number} venter på boksen {serial}: meld den inn der, med `linjevakt order advance {number} --step "
        "returned serial={serial} condition=good|damaged|lost`."
    ),
    "The box {serial} is there already; `linjevakt stock list` shows it.": (
        "Boksen {serial} finnes allerede; `linjevakt stock list` viser den."
    ),
    "The box {serial} is of the platform {platform}; {router} is to be {wanted}.": (
        "Boksen {serial} har plattformen {platform}; {router} skal ha {wanted}."
    ),
    "The box {serial} is {state} as {other}, not {router}. Take the right box, or say where this one is with "
    "`linjevakt stock move {serial} STATE`.": (
        "Boksen {serial} er registrert som {other} ({state}), ikke {router}. Ta den riktige boksen, eller meld hvor "
        "denne er, med `linjevakt stock move {serial} TILSTAND`."
    ),
    "The box {serial} is {state} by order {number}, which goes on when it is plugged in. If it is not to be: "
    "`linjevakt order cancel {number} --reason WHY`, which frees the box.": (
        "Boksen {serial} er {state} av ordre {number}, som går videre når den kobles til. Hvis den ikke skal det: "
        "`linjevakt order cancel {number} --reason HVORFOR`, som frigjør boksen."
    ),
    "There are: {platforms}.": "Disse finnes: {platforms}.",
    "There is no platform {platform!r}. {remedy}": "Det finnes ingen plattform {platform!r}. {remedy}",
    "{error} A box that is a router is shut out, in the stock or not, by `linjevakt router stolen ROUTER --reason "
    "WHY`.": (
        "{error} En boks som er en ruter, stenges ute, på lageret eller ikke, med `linjevakt router stolen RUTER "
        "--reason HVORFOR`."
    ),
    "{router} is in use as the box {box}, and this one has {serial}": (
        "{router} er i bruk som boksen {box}, og denne har {serial}"
    ),
    "{router} is in use as the box {box}, with other keys": "{router} er i bruk som boksen {box}, med andre nøkler",
    "{router} should be the box with serial number {brought} (order {number}), but this one has {serial}. Take the "
    "right box, or cancel the order.": (
        "{router} skal være boksen med serienummer {brought} (ordre {number}), men denne har {serial}. Ta den "
        "riktige boksen, eller kanseller ordren."
    ),
    "{which}. Staging would revoke it and cut its site off. If that is meant: --replace-identity --reason WHY. A "
    "site's router is replaced without that gap by `linjevakt order new replace_router`.": (
        "{which}. Klargjøring ville tilbakekalle den og koble lokasjonen fra. Hvis det er meningen: "
        "--replace-identity --reason HVORFOR. Ruteren på en lokasjon byttes uten et slikt avbrudd med `linjevakt "
        "order new replace_router`."
    ),
    "no answer": "ikke noe svar",
    "not in force yet on {hubs}": "gjelder ikke ennå på {hubs}",
    "{line} is down: {detail}": "{line} er nede: {detail}",
    "{line} is not there": "{line} finnes ikke",
    "{router} has no port {missing}. It has: {ports}.": "{router} har ikke porten {missing}. Den har: {ports}.",
    "{router}: every line": "{router}: alle linjene",
    "{router}: waiting until it comes home": "{router}: venter på at den kobler seg opp",
    # letters
    "hub {hub} needs a line with a static address: sites call it there": (
        "huben {hub} må ha en linje med fast adresse: lokasjonene kobler seg opp mot den der"
    ),
    "{line} is {kind}: Norsk helsenett keeps it open itself, so nobody needs a letter. Letters are for lines of the "
    "member's own provider (own_isp).": (
        "{line} er {kind}: Norsk helsenett holder den åpen selv, så ingen trenger et brev. Brev er for linjer fra "
        "medlemmets egen leverandør (own_isp)."
    ),
}
