"""What `amtsbote submissions send` sends when nobody gives it a document."""

import pytest
from schemas_for_tests import URI, dog_tax, inspecting, inspector, tree_felling

from amtsbote.errors import NotFound
from schemas.samples import trial_document


def test_a_trial_document_is_valid_a_test_and_of_the_region_and_service_asked_for() -> None:
    document = trial_document(tree_felling(), URI, region="020000000000", service="99093003001001")

    report = inspector().inspect(document)

    assert report.findings == ()
    assert dict(report.facts) == {"region": "020000000000", "service": "99093003001001", "test": "true"}


def test_a_trial_document_in_json_is_one_too() -> None:
    package = dog_tax("1.1")
    uri = package.about.schemas[1].uri
    document = trial_document(package, uri, region="020000000000", service="99102013104000")

    report = inspecting(package.folder, uri)(document)

    assert report.findings == ()
    assert dict(report.facts) == {"region": "020000000000", "service": "99102013104000", "test": "true"}


def test_a_region_that_is_none_makes_the_document_invalid_and_not_another_document() -> None:
    document = trial_document(tree_felling(), URI, region="<&>", service="99093003001001")

    assert b"<&>" not in document
    assert inspector().inspect(document).findings


def test_a_schema_of_another_package_has_no_trial_document() -> None:
    with pytest.raises(NotFound):
        trial_document(tree_felling(), "urn:other", region="020000000000", service="99093003001001")
