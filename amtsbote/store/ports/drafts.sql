-- name: draft_add
INSERT INTO routing_draft (at, author, reason, base, effective, digest, state, issuer, issued, issued_digest)
SELECT :at, :author, :reason, :base, :effective, :digest, 'open', :issuer, :issued, :issued_digest
WHERE {installation} RETURNING number

-- name: draft_add_table
INSERT INTO routing_draft_table (draft, name, compressed) SELECT :draft, :name, :compressed WHERE {installation}

-- fragment: draft_columns
routing_draft.number, routing_draft.at, routing_draft.author, routing_draft.reason, routing_draft.base,
  routing_draft.effective, routing_draft.digest, routing_draft.state, routing_draft.settled_at,
  routing_draft.settled_by, routing_draft.version, routing_draft.issuer, routing_draft.issued,
  routing_draft.issued_digest

-- fragment: draft_wanted
(:state IS NULL OR routing_draft.state = :state)

-- name: draft_get
SELECT {draft_columns} FROM routing_draft WHERE routing_draft.number = :draft AND {installation}

-- name: draft_tables
SELECT routing_draft_table.name, routing_draft_table.compressed FROM routing_draft_table
WHERE routing_draft_table.draft = :draft AND {installation} ORDER BY routing_draft_table.name

-- name: draft_open_with
SELECT min(routing_draft.number) FROM routing_draft
WHERE routing_draft.digest = :digest AND routing_draft.state = 'open' AND {installation}

-- name: draft_count
SELECT count(*) FROM routing_draft WHERE {draft_wanted} AND {installation}

-- name: draft_page
SELECT {draft_columns} FROM routing_draft WHERE {draft_wanted} AND {installation}
ORDER BY routing_draft.number DESC LIMIT :limit OFFSET :offset

-- name: draft_settle
UPDATE routing_draft SET state = :state, settled_at = :at, settled_by = :settled_by, version = :version
WHERE routing_draft.number = :draft AND routing_draft.state = 'open' AND {installation}
