-- fragment: receiver_columns
receiver.id, receiver.client, receiver.url, receiver.secret, receiver.told_at, receiver.rest_until,
receiver.failing_since, receiver.failure, receiver.tries, receiver.stopped_at

-- name: receiver_add
INSERT INTO receiver (id, client, url, secret)
SELECT :id, receiver.client, :url, :secret FROM (SELECT :client AS client) AS receiver WHERE {receiver}
ON CONFLICT (id) DO NOTHING

-- name: receiver_exists
SELECT 1 FROM receiver WHERE receiver.id = :id AND {receiver}

-- name: receiver_named
SELECT {receiver_columns} FROM receiver WHERE receiver.client = :client AND receiver.url = :url AND {receiver}
ORDER BY receiver.number DESC LIMIT :limit

-- name: receiver_find
SELECT {receiver_columns} FROM receiver WHERE receiver.id = :id AND {receiver}

-- name: receiver_keep
INSERT INTO receiver (id, client, url, secret, told_at, rest_until, failing_since, failure, tries, stopped_at)
SELECT :id, NULL, :url, :secret, :told_at, :rest_until, :failing_since, :failure, :tries, :stopped_at
WHERE {installation}
ON CONFLICT (id) DO UPDATE SET
  url = CASE WHEN receiver.client IS NULL THEN excluded.url ELSE receiver.url END,
  secret = CASE WHEN receiver.client IS NULL THEN excluded.secret ELSE receiver.secret END,
  told_at = excluded.told_at, rest_until = excluded.rest_until, failing_since = excluded.failing_since,
  failure = excluded.failure, tries = excluded.tries, stopped_at = excluded.stopped_at

-- name: receiver_stopped_destinations
SELECT {receiver_columns} FROM receiver
WHERE receiver.stopped_at IS NOT NULL AND receiver.client IS NULL AND {installation} ORDER BY receiver.number

-- fragment: receiver_wanted
(:troubled = 0 OR receiver.failing_since IS NOT NULL)

-- name: receiver_page_count
SELECT count(*) FROM receiver WHERE {receiver_wanted} AND {installation}

-- name: receiver_page
SELECT {receiver_columns} FROM receiver WHERE {receiver_wanted} AND {installation}
ORDER BY receiver.number DESC LIMIT :limit OFFSET :offset

-- name: receiver_unneeded
SELECT receiver.id FROM receiver
WHERE receiver.client IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.receiver = receiver.id)
  AND NOT EXISTS (SELECT 1 FROM job WHERE job.kind = 'callback' AND job.reference = receiver.id)
  AND NOT EXISTS (SELECT 1 FROM message AS named WHERE named.callback = receiver.id
    AND (named.state NOT IN ('expired', 'deleted') OR ({receiver_of_its_case})))
  AND {installation}
ORDER BY receiver.number LIMIT :limit

-- fragment: receiver_of_its_case
named.direction = 'to-destination' AND replace(CAST(:answering AS TEXT), named.destination, '') <> CAST(:answering AS TEXT)
AND EXISTS (SELECT 1 FROM message AS begun WHERE begun.case_id = named.case_id AND begun.kind = 'submission'
  AND begun.state <> 'expired')
AND NOT EXISTS (SELECT 1 FROM message AS later WHERE later.case_id = named.case_id AND later.number > named.number
  AND later.direction = 'to-destination' AND later.callback IS NOT NULL)

-- name: receiver_unname
UPDATE message SET callback = NULL WHERE message.callback = :id AND {installation}

-- name: receiver_remove
DELETE FROM receiver WHERE receiver.id = :id AND {installation}

-- name: receiver_after
SELECT receiver.number, {receiver_columns} FROM receiver
WHERE receiver.number > :number AND {installation} ORDER BY receiver.number LIMIT :limit

-- name: receiver_tally
SELECT (SELECT count(*) FROM receiver WHERE receiver.failing_since IS NOT NULL AND receiver.stopped_at IS NULL),
  (SELECT count(*) FROM receiver WHERE receiver.stopped_at IS NOT NULL), (SELECT count(*) FROM notice)
WHERE {installation}
