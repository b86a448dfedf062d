"""What was found in one document, as one result: written as JSON, as a page for people, and as XML."""
