"""What an authority and an applicant say to each other after a submission."""

from enum import StrEnum


class AnswerKind(StrEnum):
    DECISION = "decision"
    """Bescheid."""
    QUESTION = "question"
    """Rückfrage: the applicant is to do something."""
    INTERIM = "interim"
    """Zwischenstand."""
    REACTION = "reaction"
    """What an applicant says to one of these; never an authority's."""
