-- name: trace_add
INSERT INTO trace (message, step, attempt, started_at, microseconds, verdict, details)
SELECT message.number, :step, :attempt, :started_at, :microseconds, :verdict, :details
FROM message WHERE message.id = :message AND {message}

-- name: trace_of
SELECT trace.step, trace.attempt, trace.started_at, trace.microseconds, trace.verdict, trace.details
FROM message JOIN trace ON trace.message = message.number
WHERE message.id = :message AND {message} ORDER BY trace.number
