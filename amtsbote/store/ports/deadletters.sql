-- fragment: deadletter_columns
deadletter.id, message.id, deadletter.delivery, deadletter.tenant, deadletter.reason, deadletter.details,
deadletter.opened_at, deadletter.token, deadletter.owner, deadletter.settled_at, deadletter.settlement

-- name: deadletter_open
INSERT INTO deadletter (id, message, delivery, tenant, reason, details, opened_at, token)
SELECT :id, message.number, :delivery, deadletter.tenant, :reason, :details, :opened_at, :token
FROM (SELECT :tenant AS tenant) AS deadletter, message
WHERE message.id = :message AND {message} AND {deadletter}

-- name: deadletter_get
SELECT {deadletter_columns} FROM deadletter JOIN message ON message.number = deadletter.message
WHERE deadletter.id = :letter AND {deadletter}

-- name: deadletter_of
SELECT {deadletter_columns} FROM message JOIN deadletter ON deadletter.message = message.number
WHERE message.id = :message AND {deadletter} ORDER BY deadletter.number

-- name: deadletter_count
SELECT count(*) FROM deadletter WHERE deadletter.settled_at IS NULL AND {deadletter}

-- fragment: deadletter_staged
(CAST(:test AS BIGINT) IS NULL OR message.test = :test)

-- name: deadletter_count_open
SELECT count(*) FROM deadletter JOIN message ON message.number = deadletter.message
WHERE deadletter.settled_at IS NULL AND {deadletter_staged} AND {deadletter}

-- name: deadletter_count_all
SELECT count(*) FROM deadletter JOIN message ON message.number = deadletter.message
WHERE {deadletter_staged} AND {deadletter}

-- name: deadletter_page_open
SELECT {deadletter_columns} FROM deadletter JOIN message ON message.number = deadletter.message
WHERE deadletter.settled_at IS NULL AND {deadletter_staged} AND {deadletter}
ORDER BY deadletter.number LIMIT :limit OFFSET :offset

-- name: deadletter_page_all
SELECT {deadletter_columns} FROM deadletter JOIN message ON message.number = deadletter.message
WHERE {deadletter_staged} AND {deadletter} ORDER BY deadletter.number LIMIT :limit OFFSET :offset

-- name: deadletter_backlog
SELECT deadletter.reason, count(*), min(deadletter.opened_at)
FROM deadletter JOIN message ON message.number = deadletter.message
WHERE deadletter.settled_at IS NULL AND message.test = :test AND {deadletter} GROUP BY deadletter.reason

-- name: deadletter_hand_over
UPDATE deadletter SET owner = :owner
WHERE deadletter.id = :letter AND deadletter.settled_at IS NULL AND {deadletter}

-- name: deadletter_settle
UPDATE deadletter SET settled_at = :at, settlement = :settlement
WHERE deadletter.id = :letter AND deadletter.settled_at IS NULL AND {deadletter}

-- name: deadletter_note
INSERT INTO deadletter_entry (deadletter, at, actor, action, said)
SELECT deadletter.number, :at, :actor, :action, :said
FROM deadletter WHERE deadletter.id = :letter AND {deadletter}

-- name: deadletter_history
SELECT deadletter_entry.at, deadletter_entry.actor, deadletter_entry.action, deadletter_entry.said
FROM deadletter JOIN deadletter_entry ON deadletter_entry.deadletter = deadletter.number
WHERE deadletter.id = :letter AND {deadletter} ORDER BY deadletter_entry.number
