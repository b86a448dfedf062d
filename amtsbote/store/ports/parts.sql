-- name: part_add
INSERT INTO part (message, id, size, sha512, tag, file, seal, inline, key)
SELECT message.number, :id, :size, :sha512, :tag, :file, :seal, :inline, :key
FROM message WHERE message.id = :message AND {message}
ON CONFLICT (message, id) DO NOTHING

-- name: part_file_of
SELECT part.file FROM part JOIN message ON message.number = part.message
WHERE message.id = :message AND part.id = :id AND {message}

-- name: part_replace
UPDATE part SET size = :size, sha512 = :sha512, tag = :tag, file = :file, seal = :seal, inline = :inline,
  key = :key
FROM message
WHERE message.number = part.message AND message.id = :message AND part.id = :id AND {message}

-- name: part_of
SELECT part.id, part.size, part.sha512, part.tag, part.seal, part.inline, part.file, part.key
FROM part JOIN message ON message.number = part.message
WHERE message.id = :message AND {message} ORDER BY part.number

-- name: part_drop
DELETE FROM part
WHERE part.message IN (SELECT message.number FROM message WHERE message.id = :message AND {message})
RETURNING part.file

-- name: part_files
SELECT part.file FROM part JOIN message ON message.number = part.message WHERE part.file IS NOT NULL AND {message}

-- name: part_count
SELECT count(*) FROM part JOIN message ON message.number = part.message WHERE {message}

-- name: part_after
SELECT part.number, message.id, part.id, part.size, part.sha512, part.tag, part.seal, part.inline, part.file, part.key
FROM part JOIN message ON message.number = part.message
WHERE part.number > :number AND {message} ORDER BY part.number LIMIT :limit
