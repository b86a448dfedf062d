-- fragment: message_columns
message.id, message.case_id, message.destination, message.tenant, message.sender, message.service,
message.service_name, message.region, message.announced, message.state, message.held_from, message.created_at,
message.submitted_at, message.test, message.kind, message.direction, message.polled, message.called,
message.callback

-- name: message_add
INSERT INTO message (id, case_id, destination, tenant, sender, subscriber, service, service_name, region, announced,
  state, held_from, created_at, submitted_at, test, kind, direction, callback)
SELECT :id, :case_id, :destination, message.tenant, message.sender, message.subscriber, :service, :service_name,
  :region, :announced, :state, :held_from, :created_at, :submitted_at, :test, :kind, :direction, :callback
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
  held_from = CASE WHEN :to = 'held' THEN :source END,
  ended_at = CASE WHEN :to IN ('accepted', 'rejected') THEN :at ELSE ended_at END
WHERE message.id = :message AND message.state = :source AND {message}

-- name: message_keep_dossier
INSERT INTO dossier (message, sealed)
SELECT message.number, :sealed FROM message WHERE message.id = :message AND {message}
ON CONFLICT (message) DO UPDATE SET sealed = excluded.sealed

-- name: message_dossier
SELECT dossier.sealed FROM message JOIN dossier ON dossier.message = message.number
WHERE message.id = :message AND {message}

-- name: message_dossiers
SELECT message.number, message.id, dossier.sealed FROM message JOIN dossier ON dossier.message = message.number
WHERE dossier.message > :after AND {message}
ORDER BY dossier.message LIMIT :limit

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

-- name: message_note
INSERT INTO case_note (message, authority, region, reply_channel)
SELECT message.number, :authority, :region, :reply_channel
FROM message WHERE message.id = :message AND {message}
ON CONFLICT (message) DO UPDATE SET authority = excluded.authority, region = excluded.region,
  reply_channel = excluded.reply_channel

-- name: message_notes
SELECT message.id, case_note.authority, case_note.region, case_note.reply_channel
FROM message JOIN case_note ON case_note.message = message.number
WHERE message.case_id = :case_id AND {message} ORDER BY message.number DESC

-- name: message_keep_facts
INSERT INTO fact_note (message, facts)
SELECT message.number, :facts FROM message WHERE message.id = :message AND {message}
ON CONFLICT (message) DO UPDATE SET facts = excluded.facts

-- name: message_past
SELECT message.number, message.id, message.tenant, message.destination, message.service, message.region,
  message.submitted_at, message.test,
  (SELECT trace.details FROM trace WHERE trace.message = message.number AND trace.step = 'address'
    ORDER BY trace.number DESC LIMIT 1),
  fact_note.facts
FROM message LEFT JOIN fact_note ON fact_note.message = message.number
WHERE message.number > :after AND message.submitted_at >= :since AND message.kind = 'submission'
  AND message.direction = 'to-destination' AND {message}
ORDER BY message.number LIMIT :limit

-- name: message_case
SELECT {message_columns} FROM message WHERE message.case_id = :case_id AND {message} ORDER BY message.number

-- fragment: message_at_destination
message.subscriber IS NOT NULL AND message.direction = 'to-destination' AND message.state = 'submitted'
  AND message.kind = :kind AND (CAST(:destination AS TEXT) IS NULL OR message.destination = :destination)

-- fragment: message_at_portal
message.direction = 'to-portal' AND message.state = 'submitted'
  AND message.kind = :kind AND (CAST(:destination AS TEXT) IS NULL OR message.destination = :destination)

-- name: message_waiting_at_destination_count
SELECT count(*) FROM message WHERE {message_at_destination} AND {message}

-- name: message_waiting_at_destination
SELECT {message_columns} FROM message WHERE {message_at_destination} AND {message}
ORDER BY message.submitted_at, message.number LIMIT :limit OFFSET :offset

-- name: message_waiting_at_portal_count
SELECT count(*) FROM message WHERE {message_at_portal} AND {message}

-- name: message_waiting_at_portal
SELECT {message_columns} FROM message WHERE {message_at_portal} AND {message}
ORDER BY message.submitted_at, message.number LIMIT :limit OFFSET :offset

-- name: message_note_polled
UPDATE message SET polled = 1 WHERE message.id = :message AND message.polled = 0 AND {message}

-- name: message_note_called
UPDATE message SET called = 1 WHERE message.id = :message AND message.called = 0 AND {message}

-- name: message_unfetched
SELECT {message_columns} FROM message
WHERE message.destination = :destination AND message.state = 'submitted' AND message.submitted_at <= :before
  AND (message.subscriber IS NOT NULL OR message.direction = 'to-portal') AND message.told < :told AND {message}
ORDER BY message.submitted_at, message.number LIMIT :limit

-- name: message_note_told
UPDATE message SET told = :told WHERE message.id = :message AND message.told < :told AND {message}

-- name: message_kept_long_enough
SELECT {message_columns} FROM message
WHERE message.destination = :destination AND message.state IN ('accepted', 'rejected')
  AND message.ended_at <= CASE message.state WHEN 'accepted' THEN :accepted_before ELSE :rejected_before END
  AND NOT EXISTS (SELECT 1 FROM deadletter WHERE deadletter.message = message.number AND deadletter.settled_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.message = message.number AND delivery.state = 'pending')
  AND {message}
ORDER BY message.ended_at, message.number LIMIT :limit

-- name: message_drop_dossier
DELETE FROM dossier
WHERE dossier.message IN (SELECT message.number FROM message WHERE message.id = :message AND {message})

-- fragment: message_begins_case
NOT EXISTS (SELECT 1 FROM message AS earlier
  WHERE earlier.case_id = message.case_id AND earlier.number < message.number)

-- name: message_cases_count
SELECT count(*) FROM message WHERE {message_begins_case} AND {message}

-- name: message_cases
SELECT {message_columns} FROM message WHERE {message_begins_case} AND {message}
ORDER BY message.number DESC LIMIT :limit OFFSET :offset

-- fragment: message_staged
(CAST(:test AS BIGINT) IS NULL OR message.test = :test)

-- name: message_count
SELECT count(*) FROM message WHERE {message_staged} AND {message}

-- name: message_page
SELECT {message_columns} FROM message WHERE {message_staged} AND {message} ORDER BY message.number DESC LIMIT :limit OFFSET :offset

-- name: message_count_in_state
SELECT count(*) FROM message WHERE message.state = :state AND {message_staged} AND {message}

-- name: message_page_in_state
SELECT {message_columns} FROM message WHERE message.state = :state AND {message_staged} AND {message}
ORDER BY message.number DESC LIMIT :limit OFFSET :offset

-- fragment: message_open_at
message.destination = :destination AND message.state NOT IN ('accepted', 'rejected', 'expired', 'deleted')

-- name: message_unfinished_at
SELECT count(*) FROM message WHERE {message_open_at} AND {message}

-- name: message_unfinished
SELECT count(*) FROM message
WHERE {message_open_at}
  AND (message.state = 'announced' AND message.created_at <= :until
    OR EXISTS (SELECT 1 FROM part WHERE part.message = message.number AND part.key = :key))
  AND {message}
