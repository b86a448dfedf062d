"""Sentences of `amtsbote packages`."""

from collections.abc import Mapping
from typing import Final

PACKAGES: Final[Mapping[str, tuple[str, str]]] = {
    "help.packages": (
        "Leistungspakete ansehen und prüfen: Schemata, Angaben für das Routing, Muster.",
        "Look at service packages and try them: schemas, facts for routing, samples.",
    ),
    "packages.none-here": (
        "In {path} liegt kein Leistungspaket. Erwartet wird dort NAME/VERSION/service.toml.",
        "There is no service package in {path}. NAME/VERSION/service.toml is expected there.",
    ),
    "packages.none-here-but": (
        "In {path} liegt kein Leistungspaket (als NAME/VERSION/service.toml). Vermutlich ist {meant} gemeint.",
        "There is no service package in {path} (as NAME/VERSION/service.toml). {meant} is probably meant.",
    ),
    "help.packages.list": (
        "Die Leistungspakete, mitgelieferte und eigene.",
        "The service packages, bundled ones and own ones.",
    ),
    "help.packages.show": (
        "Leistungen, Schemata und Angaben für das Routing eines Leistungspakets.",
        "Services, schemas and facts for routing of a service package.",
    ),
    "help.packages.test": (
        "Prüfen, ob alles stimmt, was ein Leistungspaket von sich sagt; Exitcode 1, wenn nicht.",
        "Try whether all holds that a service package says of itself; exit code 1 when it does not.",
    ),
    "help.packages.package": (
        "NAME_VERSION, oder NAME allein, solange es nur eine Version gibt.",
        "NAME_VERSION, or NAME alone while there is one version only.",
    ),
    "help.packages.path": (
        "Ordner eines Leistungspakets (mit service.toml); sonst alle mitgelieferten.",
        "Folder of a service package (with service.toml); else all that come with the product.",
    ),
    "packages.service": ("Leistung {service}", "Service {service}"),
    "packages.routing.main": ("Behördenrolle {role}", "authority role {role}"),
    "packages.routing.further": ("weiterer Empfänger {role}", "further recipient {role}"),
    "packages.routing.not-here": ("kein weiterer Empfänger {role}", "no further recipient {role}"),
    "packages.routing.region": ("im Gebiet {region}", "in the region {region}"),
    "packages.routing.when": ("wenn {condition}", "when {condition}"),
    "packages.routing.place": ("am Ort der Angabe {fact}", "at the place of the fact {fact}"),
    "packages.rule": ("Regel {rule}: {sentence}", "Rule {rule}: {sentence}"),
    "packages.mapping": ("Abbildung von {source} nach {target}", "Mapping from {source} to {target}"),
    "packages.right": (
        "In Ordnung: {package}, Muster: {count}.",
        "In order: {package}, samples: {count}.",
    ),
    "packages.wrong": (
        "Nicht in Ordnung: {package}, Muster: {count}, Mängel: {troubles}.",
        "Not in order: {package}, samples: {count}, defects: {troubles}.",
    ),
    "packages.defect.verdict": (
        "{name}: erwartet ist {expected}, geurteilt wurde {found}.",
        "{name}: expected is {expected}, the verdict was {found}.",
    ),
    "packages.defect.fact": (
        "{name}: Diese Angabe wird in keinem Muster gelesen.",
        "{name}: this fact is read in no sample.",
    ),
    "packages.defect.mapping": (
        "{name}: Die Abbildung soll {expected} ergeben, und ergab etwas anderes ({found}).",
        "{name}: the mapping should give {expected}, and gave something else ({found}).",
    ),
    "packages.defect.unmapped": (
        "{name}: Die Abbildung soll {expected} ergeben, und ergab nichts.",
        "{name}: the mapping should give {expected}, and gave nothing.",
    ),
    "packages.defect.mapping-crashed": (
        "{name}: Der Prüfprozess ist beim Abbilden abgestürzt.",
        "{name}: the helper process crashed while mapping.",
    ),
    "packages.defect.mapping-memory": (
        "{name}: Das Abbilden braucht mehr Speicher, als erlaubt ist.",
        "{name}: mapping needs more memory than is allowed.",
    ),
    "packages.defect.mapping-timeout": (
        "{name}: Das Abbilden dauerte zu lange und wurde abgebrochen.",
        "{name}: mapping took too long and was stopped.",
    ),
    "packages.defect.mapped-invalid": (
        "{name}: Was die Abbildung ergibt, ist nicht gültig: {found}.",
        "{name}: what the mapping gives is not valid: {found}.",
    ),
    "packages.defect.silent-rules": (
        "{name}: Keine Regel dieses Regelsatzes betrifft ein Muster.",
        "{name}: no rule of this rule set meets a sample.",
    ),
    "packages.defect.unbroken-rule": (
        "{name}: Kein Muster verletzt diese Regel; dass sie etwas findet, hat niemand gesehen.",
        "{name}: no sample breaks this rule; nobody has seen it find anything.",
    ),
    "packages.defect.idle-routing": (
        "{name}: Kein gültiges Muster erfüllt diese Bedingung einer Vorgabe für das Routing.",
        "{name}: no valid sample satisfies this condition of a default for routing.",
    ),
    "packages.defect.no-sample": ("{name}: Kein Muster ist gültig.", "{name}: no sample is valid."),
    "packages.defect.undeclared": (
        "{name} steht nicht in service.toml.",
        "{name} is not named in service.toml.",
    ),
    "packages.defect.no-description": ("{name} fehlt.", "{name} is missing."),
    "column.package": ("Leistungspaket", "Service package"),
    "column.services": ("Leistungen", "Services"),
    "column.schemas": ("Formen", "Forms"),
    "column.samples": ("Muster", "Samples"),
}
