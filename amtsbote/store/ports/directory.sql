-- name: directory_load
SELECT entry.kind, entry.body FROM entry WHERE {entry} ORDER BY entry.kind, entry.id

-- name: directory_editors
SELECT entry.body FROM entry WHERE entry.kind = 'editor' AND {entry} ORDER BY entry.id

-- name: directory_revision
SELECT revision.number FROM revision WHERE {open}

-- name: directory_raise_revision
UPDATE revision SET number = number + 1 WHERE {open}

-- name: directory_put
INSERT INTO entry (kind, id, tenant, body)
SELECT :kind, :id, entry.tenant, :body FROM (SELECT :tenant AS tenant) AS entry WHERE {entry}
ON CONFLICT (kind, id) DO UPDATE SET tenant = excluded.tenant, body = excluded.body WHERE {entry}

-- name: directory_remove
DELETE FROM entry WHERE entry.kind = :kind AND entry.id = :id AND {entry}
