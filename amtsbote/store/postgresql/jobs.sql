-- name: job_claim
WITH claimed AS (
  SELECT free.number FROM jsonb_array_elements_text(CAST(:kinds AS jsonb)) AS wanted (kind) CROSS JOIN LATERAL (
    SELECT job.number, job.due FROM job
    WHERE job.kind = wanted.kind AND job.due <= :now AND (job.lease_until IS NULL OR job.lease_until <= :now) AND {job}
    ORDER BY job.due, job.number LIMIT :limit FOR UPDATE OF job SKIP LOCKED) AS free
  ORDER BY free.due, free.number LIMIT :limit)
UPDATE job SET attempt = job.attempt + 1, token = job.token + 1, lease_until = :lease_until
FROM claimed WHERE job.number = claimed.number
RETURNING job.number, job.kind, job.reference, job.due, job.attempt, job.token, job.ended
