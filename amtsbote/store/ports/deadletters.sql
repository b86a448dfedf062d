-- name: deadletter_open
INSERT INTO deadletter (id, message, delivery, tenant, reason, details, opened_at)
SELECT :id, message.number, :delivery, deadletter.tenant, :reason, :details, :opened_at
FROM (SELECT :tenant AS tenant) AS deadletter, message
WHERE message.id = :message AND {message} AND {deadletter}

-- name: deadletter_of
SELECT deadletter.id, message.id, deadletter.delivery, deadletter.tenant, deadletter.reason, deadletter.details,
  deadletter.opened_at
FROM message JOIN deadletter ON deadletter.message = message.number
WHERE message.id = :message AND {deadletter} ORDER BY deadletter.number

-- name: deadletter_count
SELECT count(*) FROM deadletter WHERE {deadletter}
