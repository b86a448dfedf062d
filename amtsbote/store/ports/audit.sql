-- name: audit_add
INSERT INTO audit (scope_kind, scope_id, at, actor, action, subject, before, after)
SELECT audit.scope_kind, audit.scope_id, :at, :actor, :action, :subject, :before, :after
FROM (SELECT :scope_kind AS scope_kind, :scope_id AS scope_id) AS audit WHERE {audit}

-- fragment: audit_columns
audit.number, audit.at, audit.actor, audit.action, audit.subject, audit.before, audit.after

-- fragment: audit_wanted
(:subject IS NULL OR audit.subject = :subject) AND (:actor IS NULL OR audit.actor = :actor)
  AND (:since IS NULL OR audit.at >= :since)

-- name: audit_count
SELECT count(*) FROM audit WHERE {audit_wanted} AND {audit}

-- name: audit_page
SELECT {audit_columns} FROM audit WHERE {audit_wanted} AND {audit}
ORDER BY audit.number DESC LIMIT :limit OFFSET :offset

-- name: audit_get
SELECT {audit_columns} FROM audit WHERE audit.number = :number AND {audit}
