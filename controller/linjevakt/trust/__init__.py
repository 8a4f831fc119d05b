"""Who is who and what is secret: sealing key, vault, certificates, SNMP and SSH keys, enrolment of routers."""

from linjevakt.trust.seal import SealKey
from linjevakt.trust.vault import Vault

__all__ = ["SealKey", "Vault"]
