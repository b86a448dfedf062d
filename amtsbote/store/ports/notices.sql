-- name: notice_add
INSERT INTO notice (receiver, kind, message, at)
SELECT :receiver, :kind, message.number, :at FROM message WHERE message.id = :message AND {message}

-- name: notice_untold
WITH RECURSIVE waiting (receiver) AS (
  SELECT min(notice.receiver) FROM notice
  UNION ALL
  SELECT (SELECT min(notice.receiver) FROM notice WHERE notice.receiver > waiting.receiver)
  FROM waiting WHERE waiting.receiver IS NOT NULL)
SELECT waiting.receiver, receiver.rest_until
FROM waiting LEFT JOIN receiver ON receiver.id = waiting.receiver
WHERE waiting.receiver IS NOT NULL AND receiver.stopped_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM job WHERE job.kind = 'callback' AND job.reference = waiting.receiver)
  AND {installation}
ORDER BY waiting.receiver LIMIT :limit

-- fragment: notice_next
SELECT oldest.number FROM notice AS oldest
WHERE oldest.receiver = :receiver AND oldest.kind = (
  SELECT first.kind FROM notice AS first WHERE first.receiver = :receiver ORDER BY first.number LIMIT 1)
ORDER BY oldest.number LIMIT :limit

-- name: notice_unmark
UPDATE notice SET batch = NULL WHERE notice.receiver = :receiver AND notice.batch IS NOT NULL AND {installation}

-- name: notice_mark
UPDATE notice SET batch = :batch WHERE notice.number IN ({notice_next}) AND {installation}

-- name: notice_marked
SELECT notice.kind, message.id, message.kind, message.case_id, message.destination, message.state
FROM notice JOIN message ON message.number = notice.message
WHERE notice.receiver = :receiver AND notice.batch = :batch AND {installation} ORDER BY notice.number

-- name: notice_told
DELETE FROM notice WHERE notice.receiver = :receiver AND notice.batch = :batch AND {installation}

-- name: notice_forget
DELETE FROM notice WHERE notice.receiver = :receiver AND {installation}

-- name: notice_prune
DELETE FROM notice WHERE notice.at < :before AND {installation}

-- name: notice_count
SELECT count(*) FROM notice WHERE notice.receiver = :receiver AND {installation}
