-- fragment: delivery_columns
delivery.id, message.id, delivery.tenant, delivery.target, delivery.is_primary, delivery.state, delivery.failure

-- name: delivery_add
INSERT INTO delivery (id, message, tenant, target, is_primary, state, failure)
SELECT :id, message.number, delivery.tenant, :target, :is_primary, :state, :failure
FROM (SELECT :tenant AS tenant) AS delivery, message
WHERE message.id = :message AND {message} AND {delivery}

-- name: delivery_get
SELECT {delivery_columns} FROM delivery JOIN message ON message.number = delivery.message
WHERE delivery.id = :delivery AND {delivery}

-- name: delivery_of
SELECT {delivery_columns} FROM message JOIN delivery ON delivery.message = message.number
WHERE message.id = :message AND {delivery} ORDER BY delivery.number

-- fragment: delivery_wanted
(:state IS NULL OR delivery.state = :state) AND (:target IS NULL OR delivery.target = :target)
  AND (:owner IS NULL OR delivery.tenant = :owner)
  AND (CAST(:test AS BIGINT) IS NULL OR message.test = :test)

-- name: delivery_count
SELECT count(*) FROM delivery JOIN message ON message.number = delivery.message WHERE {delivery_wanted} AND {delivery}

-- name: delivery_page
SELECT {delivery_columns} FROM delivery JOIN message ON message.number = delivery.message
WHERE {delivery_wanted} AND {delivery} ORDER BY delivery.number DESC LIMIT :limit OFFSET :offset

-- name: delivery_move
UPDATE delivery SET state = :to, failure = :failure FROM message
WHERE message.number = delivery.message AND delivery.id = :delivery AND delivery.state = :source AND {delivery}

-- name: delivery_note_failure
UPDATE delivery SET failure = :failure FROM message
WHERE message.number = delivery.message AND delivery.id = :delivery AND {delivery}
