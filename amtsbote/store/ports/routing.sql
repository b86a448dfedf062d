-- name: routing_newest
SELECT coalesce(max(routing_version.number), 0) FROM routing_version WHERE {installation}

-- name: routing_version
SELECT coalesce(max(routing_version.number), 0) FROM routing_version
WHERE routing_version.effective <= :on_day AND {installation}

-- name: routing_exists
SELECT routing_version.number FROM routing_version WHERE routing_version.number = :version AND {installation}

-- name: routing_tables
SELECT routing_table.name, routing_table.compressed FROM routing_table
WHERE routing_table.version = :version AND {installation} ORDER BY routing_table.name

-- fragment: routing_columns
routing_version.number, routing_version.at, routing_version.author, routing_version.reason,
  routing_version.effective, routing_version.releaser, routing_version.draft, routing_version.issuer,
  routing_version.issued, routing_version.issued_digest

-- name: routing_pending
SELECT {routing_columns} FROM routing_version
WHERE routing_version.effective > :after AND {installation} AND NOT EXISTS (
  SELECT 1 FROM routing_version AS later
  WHERE later.number > routing_version.number AND later.effective <= routing_version.effective)
ORDER BY routing_version.effective

-- name: routing_about
SELECT {routing_columns} FROM routing_version WHERE routing_version.number = :version AND {installation}

-- name: routing_mirrored
SELECT {routing_columns} FROM routing_version WHERE routing_version.issuer = :issuer AND {installation}
ORDER BY routing_version.number DESC LIMIT 1

-- name: routing_count
SELECT count(*) FROM routing_version WHERE {installation}

-- name: routing_page
SELECT {routing_columns} FROM routing_version WHERE {installation}
ORDER BY routing_version.number DESC LIMIT :limit OFFSET :offset

-- name: routing_add
INSERT INTO routing_version (at, author, reason, effective, releaser, draft, issuer, issued, issued_digest)
SELECT :at, :author, :reason, :effective, :releaser, :draft, :issuer, :issued, :issued_digest
WHERE {installation} RETURNING number

-- name: routing_add_table
INSERT INTO routing_table (version, name, compressed) SELECT :version, :name, :compressed WHERE {installation}

-- name: routing_signature
SELECT routing_signature.jws FROM routing_signature
WHERE routing_signature.version = :version AND routing_signature.subject = :subject AND {installation}

-- name: routing_keep_signature
INSERT INTO routing_signature (version, subject, jws) SELECT :version, :subject, :jws WHERE {installation}
ON CONFLICT (version, subject) DO NOTHING

-- name: routing_drop_signatures
DELETE FROM routing_signature WHERE routing_signature.version < :version AND {installation}
