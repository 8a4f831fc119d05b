"""What the rooms `trust`, `store` and `revocation` say."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # the key file and the sealed secrets
    "The key file cannot be read: {why}": "Nøkkelfilen kan ikke leses: {why}",
    "The key file {file} holds no key: it is not text. Restore it from its backup.": (
        "Nøkkelfilen {file} inneholder ingen nøkkel: den er ikke tekst. Gjenopprett den fra sikkerhetskopien."
    ),
    "The key file {file} is gone, and no other key opens the secrets in the database. Restore it from its backup, "
    "name it (LINJEVAKT_KEY_FILE), or set LINJEVAKT_KEY.": (
        "Nøkkelfilen {file} er borte, og ingen annen nøkkel åpner hemmelighetene i databasen. Gjenopprett den fra "
        "sikkerhetskopien, oppgi hvor den er (LINJEVAKT_KEY_FILE), eller sett LINJEVAKT_KEY."
    ),
    "The key file {file} is open to others (mode {mode:04o}). Close it: chmod 600 {file}": (
        "Nøkkelfilen {file} er åpen for andre (rettigheter {mode:04o}). Lukk den: chmod 600 {file}"
    ),
    "The secret {name!r} in the database is no envelope that we know. Restore it.": (
        "Hemmeligheten {name!r} i databasen er forseglet på en ukjent måte. Gjenopprett den fra sikkerhetskopien."
    ),
    "The secret {name!r} in the database is no envelope, or half of one. Restore it.": (
        "Hemmeligheten {name!r} i databasen er ikke forseglet, eller bare halv. Gjenopprett den fra sikkerhetskopien."
    ),
    "The secret {name!r} in the database is no text. Restore the database.": (
        "Hemmeligheten {name!r} i databasen er ikke tekst. Gjenopprett databasen."
    ),
    "The secret {name!r} is gone from the database, and others are there that were made after it or with it. A new "
    "one would lock us out of the routers: restore the database from its backup.": (
        "Hemmeligheten {name!r} er borte fra databasen, og der er andre som ble laget etter eller sammen med den. En "
        "ny ville stenge oss ute fra ruterne: gjenopprett databasen fra sikkerhetskopien."
    ),
    "The secret {name!r} is no key. Restore the database.": (
        "Hemmeligheten {name!r} er ingen nøkkel. Gjenopprett databasen."
    ),
    "The secret {name!r} is no private key. Restore the database.": (
        "Hemmeligheten {name!r} er ingen privat nøkkel. Gjenopprett databasen."
    ),
    "The secret {name!r} is not an elliptic-curve key.": (
        "Hemmeligheten {name!r} er ikke en nøkkel med elliptisk kurve."
    ),
    "The secret {name!r} is not in the database. In a new installation `linjevakt init` makes it; in one that has "
    "been at work restore the database from its backup.": (
        "Hemmeligheten {name!r} er ikke i databasen. I en ny installasjon lager `linjevakt init` den; har "
        "installasjonen vært i drift, skal databasen gjenopprettes fra sikkerhetskopien."
    ),
    "The secret {name!r} was changed in the database. Restore the database.": (
        "Hemmeligheten {name!r} er endret i databasen. Gjenopprett databasen."
    ),
    "The secret {name!r} was sealed with key {sealed_by}, but the key at hand is {key}. Give the right key file "
    "(LINJEVAKT_KEY_FILE) or restore it from its backup.": (
        "Hemmeligheten {name!r} er forseglet med nøkkelen {sealed_by}, men nøkkelen som er oppgitt, er {key}. Oppgi "
        "den riktige nøkkelfilen (LINJEVAKT_KEY_FILE), eller gjenopprett den fra sikkerhetskopien."
    ),
    "There is no key file {file}. `linjevakt init` makes it; where there is one already, name it "
    "(LINJEVAKT_KEY_FILE), or set LINJEVAKT_KEY.": (
        "Det finnes ingen nøkkelfil {file}. `linjevakt init` lager den; finnes det en allerede, oppgi hvor den er "
        "(LINJEVAKT_KEY_FILE), eller sett LINJEVAKT_KEY."
    ),
    "There is no secret in the database. In a new installation `linjevakt init` makes them; in one that has been at "
    "work restore the database from its backup.": (
        "Det er ingen hemmeligheter i databasen. I en ny installasjon lager `linjevakt init` dem; har installasjonen "
        "vært i drift, skal databasen gjenopprettes fra sikkerhetskopien."
    ),
    "There is no secret {name!r} yet. Run `linjevakt init`.": (
        "Det finnes ingen hemmelighet {name!r} ennå. Kjør `linjevakt init`."
    ),
    "{file} is not a regular file. Name the key file (LINJEVAKT_KEY_FILE).": (
        "{file} er ikke en vanlig fil. Oppgi nøkkelfilen (LINJEVAKT_KEY_FILE)."
    ),
    "{where} holds no key, which is the base64 of 32 octets. Restore it from its backup.": (
        "{where} inneholder ingen nøkkel (32 oktetter i base64). Gjenopprett den fra sikkerhetskopien."
    ),
    # certificates
    "A certificate in the database cannot be read ({error}). Restore the database.": (
        "Et sertifikat i databasen kan ikke leses ({error}). Gjenopprett databasen."
    ),
    "A certificate in the database is none of ours ({error}). Restore the database.": (
        "Et sertifikat i databasen er ikke vårt ({error}). Gjenopprett databasen."
    ),
    "The CA's certificate ({certificate!r}) is not that of its key ({key!r}): routers would refuse what it signs. "
    "Restore both from one backup of the database.": (
        "CA-ens sertifikat ({certificate!r}) hører ikke til nøkkelen dens ({key!r}): rutere ville avvise det den "
        "signerer. Gjenopprett begge fra én sikkerhetskopi av databasen."
    ),
    "The certificate request is not a PEM-encoded PKCS #10 request: {error}.": (
        "Sertifikatforespørselen er ikke en PEM-kodet PKCS #10-forespørsel: {error}."
    ),
    "The certificate request's key is not ECDSA P-256: ask the box for a new one.": (
        "Nøkkelen i sertifikatforespørselen er ikke ECDSA P-256: be boksen om en ny."
    ),
    "The certificate request's signature does not fit its key: ask the box for a new one.": (
        "Signaturen i sertifikatforespørselen passer ikke til nøkkelen: be boksen om en ny."
    ),
    "The key of the box {box} is known as that of the box {known} (certificate {serial} of {router}), and a box does "
    "not change its serial number. Stage it as {known}, or install it anew, so that it makes itself new keys.": (
        "Nøkkelen til boksen {box} er kjent som nøkkelen til boksen {known} (sertifikat {serial} for {router}), og "
        "en boks bytter ikke serienummer. Klargjør den som {known}, eller installer den på nytt, så den lager seg "
        "nye nøkler."
    ),
    "The key of the box {box} was stolen with {router} (certificate {serial}) and is never certified again. Install "
    "the box anew, so that it makes itself new keys, or take another box.": (
        "Nøkkelen til boksen {box} ble stjålet sammen med {router} (sertifikat {serial}) og får aldri sertifikat "
        "igjen. Installer boksen på nytt, så den lager seg nye nøkler, eller ta en annen boks."
    ),
    "{router} cannot have a certificate for {theirs} yet: {other} has one until {until:%Y-%m-%d %H:%M} UTC. Push "
    "{other}, which gives it one without, or if that box is gone: `linjevakt router stolen {other} --reason WHY`.": (
        "{router} kan ikke få sertifikat for {theirs} ennå: {other} har et som gjelder til {until:%d.%m.%Y %H:%M} UTC. "
        "Kjør `linjevakt push {other}`, som gir den et uten, eller hvis den boksen er borte: `linjevakt router stolen "
        "{other} --reason HVORFOR`."
    ),
    "{router}: {strays} lies outside the inside {inside}. Change the prefix, or add its network to `inside` in "
    "installation.yaml.": (
        "{router}: {strays} ligger utenfor `inside` ({inside}). Endre prefikset, eller legg nettet til `inside` i "
        "installation.yaml."
    ),
    # boxes
    "The SNMP engine id {engine!r} of a router is not hex. Stage it anew.": (
        "SNMP-motor-ID-en {engine!r} til en ruter er ikke heksadesimal. Klargjør den på nytt."
    ),
    "The box with serial number {serial} is staged as another router than {router}.": (
        "Boksen med serienummer {serial} er klargjort som en annen ruter enn {router}."
    ),
    "The box's SSH host key is not a line `ssh-ed25519 AAAA...`: ask the box for its identity.": (
        "Boksens SSH-vertsnøkkel er ikke en linje `ssh-ed25519 AAAA...`: be boksen om identiteten dens."
    ),
    "This is not what `linjevakt-agent identity --json` prints; wrong or missing: {fields}.": (
        "Dette er ikke det `linjevakt-agent identity --json` skriver ut; feil eller mangler: {fields}."
    ),
    "`linjevakt router stage {router} --identity FILE` with another box's identity": (
        "`linjevakt router stage {router} --identity FIL` med identiteten til en annen boks"
    ),
    "{router} is not staged yet. Run `linjevakt router stage {router} --identity FILE` with what `linjevakt-agent "
    "identity --json` prints on the box.": (
        "{router} er ikke klargjort ennå. Kjør `linjevakt router stage {router} --identity FIL` med det "
        "`linjevakt-agent identity --json` skriver ut på boksen."
    ),
    "{router} should be the box with serial number {expected}, but this one has {serial}. Take the right box, or "
    "change `serial` in the inventory.": (
        "{router} skal være boksen med serienummer {expected}, men denne har {serial}. Ta den riktige boksen, eller "
        "endre `serial` i registeret."
    ),
    "{router}: the box {box} is shut out and gets nothing more. Replace it: {how}.": (
        "{router}: boksen {box} er utestengt og får ikke noe mer. Bytt den ut: {how}."
    ),
    # revocation
    "its box is shut out: `linjevakt router stage {hub} --identity FILE` with another one's, then `push {hub}`": (
        "boksen er utestengt: `linjevakt router stage {hub} --identity FIL` med en annens, deretter `push {hub}`"
    ),
    "not told": "har ikke fått vite det",
    "told as soon as {hub} is pushed to": "får vite det så snart {hub} har fått konfigurasjonen sin",
    "{router}: whom it refuses": "{router}: hvem den avviser",
    # the database
    "A push to {router} runs already. Wait until it has ended.": (
        "En endring av {router} pågår allerede. Vent til den er ferdig."
    ),
    "Others have kept the database busy for {seconds} s. Try again.": (
        "Andre har holdt databasen opptatt i {seconds} s. Prøv igjen."
    ),
    "Push {number} to {router} has ended already.": "Endring {number} av {router} er allerede avsluttet.",
    "Someone else wrote the same at the same moment. Try again.": (
        "Noen andre skrev det samme i samme øyeblikk. Prøv igjen."
    ),
    "The database URL is none that Linjevakt knows: use sqlite:////path/to/file or postgresql://user@host/name.": (
        "Linjevakt kjenner ikke en slik database-URL: bruk sqlite:////sti/til/fil eller postgresql://bruker@vert/navn."
    ),
    "The database cannot do it ({why}). Is it there, and has `linjevakt init` run?": (
        "Databasen klarer det ikke ({why}). Er den der, og er `linjevakt init` kjørt?"
    ),
    "The database file {file} cannot be opened: {why}. Has `linjevakt init` run?": (
        "Databasefilen {file} kan ikke åpnes: {why}. Er `linjevakt init` kjørt?"
    ),
    "The database holds something that this program cannot read ({what}). Restore it from its backup.": (
        "Databasen inneholder noe som dette programmet ikke kan lese ({what}). Gjenopprett den fra sikkerhetskopien."
    ),
    "The database is newer than this program ({error}). Install a newer Linjevakt.": (
        "Databasen er nyere enn dette programmet ({error}). Installer en nyere Linjevakt."
    ),
    # leases of addresses
    "{network} for {name} of site {site} overlaps {other} for {its_name} of site {its_site}.": (
        "{network} for {name} på lokasjonen {site} overlapper {other} for {its_name} på lokasjonen {its_site}."
    ),
    "{network} for {name} of site {site} overlaps {other} of {its_name} of site {its_site}.": (
        "{network} for {name} på lokasjonen {site} overlapper {other}, som {its_name} på lokasjonen {its_site} har."
    ),
    "{network} for {name} of site {site}: {its_name} of site {its_site} gave {other} back on {on:%Y-%m-%d}, and it "
    "is in quarantine. Take another, or wait.": (
        "{network} for {name} på lokasjonen {site}: {its_name} på lokasjonen {its_site} leverte tilbake {other} "
        "{on:%d.%m.%Y}, og det er i karantene. Ta et annet, eller vent."
    ),
}
