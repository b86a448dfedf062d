"""JSON payloads: JSON Schema 2020-12 as FIM publishes it, read strictly and judged without a value leaving a helper."""
