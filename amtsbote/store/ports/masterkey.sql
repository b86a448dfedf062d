-- name: master_key_get
SELECT master_key.id, master_key.since, master_key.former, master_key.forward, master_key.back, master_key.switched_at
FROM master_key WHERE {installation}

-- name: master_key_put
INSERT INTO master_key (place, id, since, former, forward, back, switched_at)
SELECT 1, :id, :since, :former, :forward, :back, :switched_at WHERE {installation}
ON CONFLICT (place) DO UPDATE SET id = excluded.id, since = excluded.since, former = excluded.former,
  forward = excluded.forward, back = excluded.back, switched_at = excluded.switched_at

-- name: wrapped_part_after
SELECT part.number, message.id, part.id, part.seal FROM part JOIN message ON message.number = part.message
WHERE part.number > :number AND substr(part.seal, 1, 4) = :key AND {installation}
ORDER BY part.number LIMIT :limit

-- name: wrapped_part_count
SELECT count(*) FROM part WHERE substr(part.seal, 1, 4) = :key AND {installation}

-- name: wrapped_part_replace
UPDATE part SET seal = :wrapped WHERE part.number = :number AND part.seal = :before AND {installation}

-- name: wrapped_callback_after
SELECT receiver.number, receiver.id, NULL, receiver.secret FROM receiver
WHERE receiver.number > :number AND substr(receiver.secret, 1, 4) = :key AND {installation}
ORDER BY receiver.number LIMIT :limit

-- name: wrapped_callback_count
SELECT count(*) FROM receiver WHERE substr(receiver.secret, 1, 4) = :key AND {installation}

-- name: wrapped_callback_replace
UPDATE receiver SET secret = :wrapped
WHERE receiver.number = :number AND receiver.secret = :before AND {installation}

-- name: wrapped_dossier_after
SELECT dossier.message, message.id, NULL, dossier.sealed
FROM dossier JOIN message ON message.number = dossier.message
WHERE dossier.message > :number AND substr(dossier.sealed, 1, 4) = :key AND {installation}
ORDER BY dossier.message LIMIT :limit

-- name: wrapped_dossier_count
SELECT count(*) FROM dossier WHERE substr(dossier.sealed, 1, 4) = :key AND {installation}

-- name: wrapped_dossier_replace
UPDATE dossier SET sealed = :wrapped
WHERE dossier.message = :number AND dossier.sealed = :before AND {installation}
