"""What `doctor` says about the public address, what stands in front, and the listeners."""

from collections.abc import Mapping
from typing import Final

DOCTOR_NET: Final[Mapping[str, tuple[str, str]]] = {
    "doctor.fine.address": (
        "Die öffentliche Adresse beginnt mit https://.",
        "The public address begins with https://.",
    ),
    "doctor.fine.listeners": (
        "Die Listener sind nur von dieser Maschine erreichbar.",
        "The listeners can be reached from this machine only.",
    ),
    "doctor.fine.tls": (
        "An der öffentlichen Adresse antwortet TLS mit einem gültigen Zertifikat.",
        "At the public address TLS answers with a valid certificate.",
    ),
    "doctor.url-local": (
        "public.url ist {url}: außerhalb dieser Maschine erreicht das niemand.",
        "public.url is {url}: nobody outside this machine can reach that.",
    ),
    "doctor.url-local.todo": (
        "Vor der ersten Einreichung die endgültige https-Adresse eintragen; sie gilt für immer.",
        "Set the final https address before the first submission; it is for ever.",
    ),
    "doctor.url-plain": (
        "public.url ist {url}: Portale senden Zugangsdaten ohne TLS.",
        "public.url is {url}: portals send credentials without TLS.",
    ),
    "doctor.url-plain.todo": (
        "Einen Reverse-Proxy mit TLS davorstellen und die https-Adresse eintragen.",
        "Put a reverse proxy with TLS in front and set the https address.",
    ),
    "doctor.listen-open": (
        "public.listen ist {address}: der Dienst ist ohne TLS von anderen Maschinen erreichbar.",
        "public.listen is {address}: the service can be reached from other machines without TLS.",
    ),
    "doctor.listen-open.todo": (
        "127.0.0.1 einstellen, oder per Firewall nur den Reverse-Proxy zulassen.",
        "Set 127.0.0.1, or let only the reverse proxy through the firewall.",
    ),
    "doctor.metrics-open": (
        "metrics.listen ist {address}: Messwerte sind von anderen Maschinen lesbar.",
        "metrics.listen is {address}: metrics can be read from other machines.",
    ),
    "doctor.metrics-open.todo": (
        "127.0.0.1 einstellen, oder per Firewall nur die Überwachung zulassen.",
        "Set 127.0.0.1, or let only the monitoring through the firewall.",
    ),
    "doctor.fine.proxies": (
        "public.trusted_proxies passt zu Adresse und Listener.",
        "public.trusted_proxies fits address and listener.",
    ),
    "doctor.proxies-none": (
        "public.trusted_proxies ist leer, {url} führt aber über einen Proxy: Alles kommt scheinbar von einer Adresse.",
        "public.trusted_proxies is empty, but {url} leads through a proxy: to the service all comes from one address.",
    ),
    "doctor.proxies-none.todo": (
        "Die Adresse des Proxys eintragen, der X-Forwarded-For ersetzen muss; sonst bremst Raten auch den Richtigen.",
        "Name the proxy's address, which must replace X-Forwarded-For; else guessing slows down the right client, too.",
    ),
    "doctor.proxies-elsewhere": (
        "public.listen ist {address}: Der Proxy steht auf dieser Maschine, in public.trusted_proxies aber nur {named}.",
        "public.listen is {address}: the proxy is on this machine, but public.trusted_proxies has only {named}.",
    ),
    "doctor.proxies-elsewhere.todo": (
        "127.0.0.1 in public.trusted_proxies aufnehmen.",
        "Add 127.0.0.1 to public.trusted_proxies.",
    ),
    "doctor.proxies-everybody": (
        "public.trusted_proxies enthält {network}: Wer von dort kommt, darf sich für jede Adresse ausgeben.",
        "public.trusted_proxies has {network}: whoever comes from there may claim any address.",
    ),
    "doctor.proxies-everybody.todo": (
        "Nur die Adressen der eigenen Reverse-Proxys nennen, die X-Forwarded-For ersetzen.",
        "Name only the addresses of your own reverse proxies, which replace X-Forwarded-For.",
    ),
    "doctor.fine.editing": (
        "Die API für Bearbeiter ist nur über TLS von anderen Maschinen erreichbar.",
        "The API for editors can be reached from other machines by TLS only.",
    ),
    "doctor.editing-open": (
        "admin.listen ist {address}: die API für Bearbeiter ist ohne TLS von anderen Maschinen erreichbar.",
        "admin.listen is {address}: the API for editors can be reached from other machines without TLS.",
    ),
    "doctor.editing-open.todo": (
        "127.0.0.1 einstellen und einen Reverse-Proxy mit TLS davorstellen, oder per Firewall nur diesen zulassen.",
        "Set 127.0.0.1 and put a reverse proxy with TLS in front, or let only that one through the firewall.",
    ),
    "doctor.editing-plain": (
        "admin.url ist {url}: Bearbeiter senden Zugangsdaten ohne TLS.",
        "admin.url is {url}: editors send credentials without TLS.",
    ),
    "doctor.editing-plain.todo": (
        "Einen Reverse-Proxy mit TLS davorstellen und seine https-Adresse in admin.url eintragen.",
        "Put a reverse proxy with TLS in front and set its https address in admin.url.",
    ),
    "doctor.editing-silent": (
        "An admin.listen ({address}) antwortet niemand, obwohl der Dienst läuft.",
        "Nobody answers at admin.listen ({address}), although the service runs.",
    ),
    "doctor.editing-silent.todo": (
        "Den Dienst neu starten: admin.listen gilt erst dann.",
        "Restart the service: admin.listen counts only then.",
    ),
    "doctor.tls-unreachable": (
        "{url} antwortet von dieser Maschine aus nicht: {reason}.",
        "{url} does not answer from this machine: {reason}.",
    ),
    "doctor.tls-unreachable.todo": (
        "Reverse-Proxy und Firewall prüfen. Ist die Adresse nur von außen erreichbar, dort mit curl prüfen.",
        "Check reverse proxy and firewall. If the address can be reached from outside only, check there with curl.",
    ),
    "doctor.tls-untrusted": (
        "Dem Zertifikat von {url} ist nicht zu trauen: {reason}.",
        "The certificate of {url} is not to be trusted: {reason}.",
    ),
    "doctor.tls-untrusted.todo": (
        "Im Reverse-Proxy ein gültiges Zertifikat für diesen Namen einrichten, mit allen Zwischenzertifikaten.",
        "Give the reverse proxy a valid certificate for this name, with all intermediate ones.",
    ),
    "doctor.tls-ends": (
        "Das Zertifikat von {url} läuft am {until} ab.",
        "The certificate of {url} runs out on {until}.",
    ),
    "doctor.tls-ends.todo": (
        "Im Reverse-Proxy das Zertifikat erneuern.",
        "Renew the certificate of the reverse proxy.",
    ),
}
