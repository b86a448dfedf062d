-- fragment: event_columns
event.id, message.case_id, message.id, event.kind, event.at, event.payload, event.kid, event.jws

-- name: event_add
INSERT INTO event (id, message, kind, at, kid, payload, jws)
SELECT :id, message.number, :kind, :at, :kid, :payload, :jws
FROM message WHERE message.id = :message AND message.case_id = :case_id AND {message}

-- name: event_count_of_case
SELECT count(*) FROM message JOIN event ON event.message = message.number
WHERE message.case_id = :case_id AND {message}

-- name: event_of_case
SELECT {event_columns} FROM message JOIN event ON event.message = message.number
WHERE message.case_id = :case_id AND {message} ORDER BY event.number LIMIT :limit OFFSET :offset

-- name: event_of_message
SELECT {event_columns} FROM message JOIN event ON event.message = message.number
WHERE message.id = :message AND {message} ORDER BY event.number

-- name: event_unsigned
SELECT {event_columns} FROM event JOIN message ON message.number = event.message
WHERE event.jws IS NULL AND {message} ORDER BY event.number LIMIT :limit

-- name: event_unsigned_by
SELECT count(*) FROM event JOIN message ON message.number = event.message
WHERE event.jws IS NULL AND event.kid = :kid AND {message}

-- name: event_keep_signature
UPDATE event SET jws = :jws FROM message
WHERE message.number = event.message AND event.id = :id AND event.jws IS NULL AND {message}
