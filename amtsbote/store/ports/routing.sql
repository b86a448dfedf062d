-- name: routing_version
SELECT coalesce(max(routing_version.number), 0) FROM routing_version WHERE {installation}

-- name: routing_tables
SELECT routing_table.name, routing_table.compressed FROM routing_table
WHERE routing_table.version = :version AND {installation} ORDER BY routing_table.name

-- name: routing_add
INSERT INTO routing_version (at, actor) SELECT :at, :actor WHERE {installation} RETURNING number

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
