-- fragment: message_columns
message.id, message.case_id, message.destination, message.tenant, message.sender, message.service,
message.service_name, message.region, message.announced, message.state, message.held_from, message.created_at,
message.submitted_at

-- name: message_add
INSERT INTO message (id, case_id, destination, tenant, sender, subscriber, service, service_name, region, announced,
  state, held_from, created_at, submitted_at)
SELECT :id, :case_id, :destination, message.tenant, message.sender, message.subscriber, :service, :service_name,
  :region, :announced, :state, :held_from, :created_at, :submitted_at
FROM (SELECT :tenant AS tenant, :sender AS sender, :subscriber AS subscriber) AS message
WHERE {message}

-- name: message_get
SELECT {message_columns} FROM message WHERE message.id = :message AND {message}

-- name: message_exists
SELECT 1 FROM message WHERE message.id = :message AND {message}

-- name: message_move
UPDATE message SET
  state = :to,
  submitted_at = CASE WHEN :source = 'announced' AND :to = 'submitted' THEN :at ELSE submitted_at END,
  held_from = CASE WHEN :to = 'held' THEN :source END
WHERE message.id = :message AND message.state = :source AND {message}

-- name: message_keep_dossier
INSERT INTO dossier (message, sealed)
SELECT message.number, :sealed FROM message WHERE message.id = :message AND {message}
ON CONFLICT (message) DO UPDATE SET sealed = excluded.sealed

-- name: message_dossier
SELECT dossier.sealed FROM message JOIN dossier ON dossier.message = message.number
WHERE message.id = :message AND {message}

-- name: message_assign
INSERT INTO assignment (message, authority, target, region, actor, reason, at)
SELECT message.number, :authority, :target, :region, :actor, :reason, :at
FROM message WHERE message.id = :message AND {message}
ON CONFLICT (message) DO UPDATE SET authority = excluded.authority, target = excluded.target,
  region = excluded.region, actor = excluded.actor, reason = excluded.reason, at = excluded.at

-- name: message_assignment
SELECT assignment.authority, assignment.target, assignment.region, assignment.actor, assignment.reason, assignment.at
FROM message JOIN assignment ON assignment.message = message.number
WHERE message.id = :message AND {message}

-- name: message_case
SELECT {message_columns} FROM message WHERE message.case_id = :case_id AND {message} ORDER BY message.number

-- name: message_waiting_count
SELECT count(*) FROM message
WHERE message.subscriber IS NOT NULL AND message.state = 'submitted'
  AND (CAST(:destination AS TEXT) IS NULL OR message.destination = :destination) AND {message}

-- name: message_waiting
SELECT {message_columns} FROM message
WHERE message.subscriber IS NOT NULL AND message.state = 'submitted'
  AND (CAST(:destination AS TEXT) IS NULL OR message.destination = :destination) AND {message}
ORDER BY message.submitted_at, message.number LIMIT :limit OFFSET :offset

-- name: message_count
SELECT count(*) FROM message WHERE {message}

-- name: message_page
SELECT {message_columns} FROM message WHERE {message} ORDER BY message.number DESC LIMIT :limit OFFSET :offset

-- name: message_count_in_state
SELECT count(*) FROM message WHERE message.state = :state AND {message}

-- name: message_page_in_state
SELECT {message_columns} FROM message WHERE message.state = :state AND {message}
ORDER BY message.number DESC LIMIT :limit OFFSET :offset

-- name: message_unfinished
SELECT count(*) FROM message
WHERE message.destination = :destination AND message.created_at <= :until
  AND message.state NOT IN ('accepted', 'rejected', 'expired') AND {message}
