-- name: job_add
INSERT INTO job (kind, reference, due, token)
SELECT job.kind, job.reference, :due, :token FROM (SELECT :kind AS kind, :reference AS reference) AS job WHERE {job}
ON CONFLICT (kind, reference) DO NOTHING

-- name: job_exists
SELECT 1 FROM job WHERE job.kind = :kind AND job.reference = :reference AND {job}

-- name: job_references
SELECT job.reference FROM job
WHERE job.kind = :kind AND substr(job.reference, 1, CAST(:length AS INTEGER)) = :beginning AND {job}

-- name: job_finish
DELETE FROM job WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_again
UPDATE job SET due = :due, ended = attempt, lease_until = NULL
WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_extend
UPDATE job SET lease_until = :until
WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_postpone
UPDATE job SET due = :due, attempt = attempt - 1, lease_until = NULL
WHERE job.number = :number AND job.token = :token AND job.lease_until IS NOT NULL AND {job}

-- name: job_drop
DELETE FROM job WHERE job.kind = :kind AND job.reference = :reference AND {job}

-- name: job_withdraw
DELETE FROM job
WHERE job.kind = :kind AND job.reference = :reference AND job.lease_until IS NULL AND {job}

-- name: job_bring_forward
UPDATE job SET due = job.due - :by WHERE job.kind = :kind AND job.due > :now AND {job}

-- name: job_shorten_leases
UPDATE job SET lease_until = :latest WHERE job.kind = :kind AND job.lease_until > :latest AND {job}

-- name: job_release
UPDATE job SET lease_until = NULL WHERE job.lease_until IS NOT NULL AND {job}

-- name: job_counts
SELECT job.kind, count(*) FROM job WHERE {job} GROUP BY job.kind

-- name: job_waiting
SELECT job.kind, count(*), min(job.due) FROM job
WHERE job.due <= :now AND (job.lease_until IS NULL OR job.lease_until <= :now) AND {job} GROUP BY job.kind
