-- name: job_add
INSERT INTO job (kind, reference, due)
SELECT job.kind, job.reference, :due FROM (SELECT :kind AS kind, :reference AS reference) AS job WHERE {job}
ON CONFLICT (kind, reference) DO NOTHING

-- name: job_exists
SELECT 1 FROM job WHERE job.kind = :kind AND job.reference = :reference AND {job}

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
RETURNING number, kind, reference, due, attempt, token

-- name: job_finish
DELETE FROM job WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_again
UPDATE job SET due = :due, lease_until = NULL
WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_extend
UPDATE job SET lease_until = :until
WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_postpone
UPDATE job SET due = :due, attempt = attempt - 1, lease_until = NULL
WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_drop
DELETE FROM job WHERE job.kind = :kind AND job.reference = :reference AND {job}

-- name: job_release
UPDATE job SET lease_until = NULL WHERE job.lease_until IS NOT NULL AND {job}

-- name: job_counts
SELECT job.kind, count(*) FROM job WHERE {job} GROUP BY job.kind
