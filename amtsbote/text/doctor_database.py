"""What `doctor` says about a PostgreSQL database, and what to do about it."""

from collections.abc import Mapping
from typing import Final

DOCTOR_DATABASE: Final[Mapping[str, tuple[str, str]]] = {
    "doctor.fine.database": (
        "Die PostgreSQL-Datenbank hält, was sie bestätigt, und ist geschützt.",
        "The PostgreSQL database keeps what it confirms, and is protected.",
    ),
    "doctor.database-forgets": (
        "PostgreSQL läuft mit {setting} = off: nach einem Stromausfall fehlen angenommene Einreichungen.",
        "PostgreSQL runs with {setting} = off: after a power cut accepted submissions are missing.",
    ),
    "doctor.database-forgets.todo": (
        "In postgresql.conf {setting} = on setzen und PostgreSQL neu starten.",
        "Set {setting} = on in postgresql.conf and restart PostgreSQL.",
    ),
    "doctor.database-plain": (
        "Die Verbindung zu PostgreSQL auf {host} ist nicht verschlüsselt.",
        "The connection to PostgreSQL on {host} is not encrypted.",
    ),
    "doctor.database-plain.todo": (
        "TLS auf dem Server einrichten und an die Adresse ?sslmode=verify-full&sslrootcert=… anhängen.",
        "Set up TLS on the server and append ?sslmode=verify-full&sslrootcert=… to the address.",
    ),
    "doctor.database-superuser": (
        "Der Dienst meldet sich bei PostgreSQL als Superuser an ({role}).",
        "The service signs in to PostgreSQL as a superuser ({role}).",
    ),
    "doctor.database-superuser.todo": (
        "Eine eigene Rolle ohne Rechte über andere Datenbanken anlegen und in die Adresse schreiben.",
        "Make a role of its own without rights over other databases and put it into the address.",
    ),
    "doctor.database-clock": (
        "Die Uhren von Datenbankserver und Dienst unterscheiden sich um {seconds} s.",
        "The clocks of the database server and the service differ by {seconds} s.",
    ),
    "doctor.database-clock.todo": (
        "Auf Knoten und Datenbankserver einen Zeitdienst einrichten: Fristen gelten nach der Uhr jedes Knotens.",
        "Set up a time service on all nodes and the database server: leases end by the clock of each node.",
    ),
    "doctor.parts-apart": (
        "Mehrere Maschinen arbeiten auf dieser Datenbank, aber große Teile liegen im Datenordner jeder einzelnen.",
        "Several machines work on this database, but large parts lie in the data folder of each.",
    ),
    "doctor.parts-apart.todo": (
        "storage.parts auf einen gemeinsamen Ordner oder S3-kompatiblen Speicher setzen, auf jedem Knoten denselben.",
        "Set storage.parts to a shared folder or S3-compatible storage, the same on each node.",
    ),
}
