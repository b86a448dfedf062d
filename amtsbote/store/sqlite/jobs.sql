-- name: job_claim
UPDATE job SET attempt = attempt + 1, token = token + 1, lease_until = :lease_until
WHERE job.number IN (
  SELECT number FROM (
    SELECT free.number, free.due FROM json_each(:kinds) AS wanted JOIN job AS free ON free.number IN (
      SELECT job.number FROM job
      WHERE job.kind = wanted.value AND job.lease_until IS NULL AND job.due <= :now AND {job}
      ORDER BY job.due LIMIT :limit)
    UNION ALL
    SELECT job.number, job.due FROM job INDEXED BY job_leased
    WHERE job.lease_until <= :now AND job.lease_until IS NOT NULL AND job.due <= :now
      AND job.kind IN (SELECT value FROM json_each(:kinds)) AND {job})
  ORDER BY due, number LIMIT :limit)
RETURNING number, kind, reference, due, attempt, token, ended
