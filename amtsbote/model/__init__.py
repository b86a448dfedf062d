"""Values of the house: frozen, without behaviour beyond their own laws, known to every room."""
