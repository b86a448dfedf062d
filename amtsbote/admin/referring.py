"""What routing tables may refer to in this installation."""

from amtsbote.admin.office import Office
from amtsbote.model.directory import Directory
from routing.tables import Known
from schemas.package import declared_facts


def known_for_rules(office: Office, directory: Directory) -> Known:
    """What routing tables may refer to. A service is known where a package or a destination serves it."""
    if not office.packages:
        return Known(frozenset(directory.authorities))
    offered = {one.service for destination in directory.destinations.values() for one in destination.services}
    served = {service for package in office.packages for service in package.declared.services}
    return Known(frozenset(directory.authorities), declared_facts(office.packages), offered | served)
