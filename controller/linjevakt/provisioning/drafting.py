"""Drafts what a router is to run: its intent, certificate included, and the candidate that is rendered from it."""

from pathlib import Path

from linjevakt import intent, platforms, render
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.change import Candidate
from linjevakt.model.dossier import Dossier
from linjevakt.model.intent import Intent
from linjevakt.model.platform import Platform
from linjevakt.model.record import BoxIdentity
from linjevakt.model.secret import Secret
from linjevakt.provisioning.push import Clock
from linjevakt.trust import Vault
from linjevakt.trust.enrol import certified, identity, identity_of


class Drafting:
    """Each method may renew the router's certificate and the list of revoked ones, which are in the store first."""

    def __init__(self, vault: Vault, catalogue: Catalogue, templates: Path | None, clock: Clock) -> None:
        self._vault, self._catalogue, self._templates, self._clock = vault, catalogue, templates, clock

    def platform(self, router: Dossier) -> Platform:
        """The router's. Raises NotFoundError, TemplateError."""
        return self.named(router.router.platform)

    def named(self, platform: str) -> Platform:
        """A platform by its name. Raises as `platform`."""
        return platforms.named(platform, self._templates)

    def intent(self, router: Dossier, *, bootstrap: bool = False) -> Intent:
        """What the inventory asks for; `bootstrap`: only what lets the router come home."""
        trust = identity(self._vault, router, self._clock.now())
        return intent.build(router, self._catalogue, trust, bootstrap=bootstrap)

    def render(self, wanted: Intent) -> Candidate:
        """The configuration that an intent becomes."""
        return render.render(wanted, self._templates)

    def candidate(self, router: Dossier, *, bootstrap: bool = False) -> Candidate:
        """The configuration that the inventory asks for; `bootstrap` as in `intent`."""
        return self.render(self.intent(router, bootstrap=bootstrap))

    def first(self, router: Dossier, box: BoxIdentity) -> Candidate:
        """What to start a box with that is to be the router later on; it is certified, and not pinned."""
        device = certified(self._vault, router, box, self._clock.now())
        trust = identity_of(self._vault, router, device, self._clock.now())
        return self.render(intent.build(router, self._catalogue, trust, bootstrap=True))

    def trust_alone(self, router: Dossier, wanted: Intent, running: str) -> Candidate:
        """What the router runs, with what the intent says of trust: one secret as a whole, for it holds secrets."""
        place = self.platform(router)
        names = place.trust + (place.trust_of_hub if wanted.role == "hub" else ())
        text = Secret(render.merged(running, self.render(wanted).revealed().reveal(), place, names))
        return Candidate(wanted.router, wanted.platform, "@{secret:running}", {"running": text}, wanted.revision)
