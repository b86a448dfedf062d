-- name: audit_add
INSERT INTO audit (scope_kind, scope_id, at, actor, action, subject, before, after)
SELECT audit.scope_kind, audit.scope_id, :at, :actor, :action, :subject, :before, :after
FROM (SELECT :scope_kind AS scope_kind, :scope_id AS scope_id) AS audit WHERE {audit}

-- name: audit_page
SELECT audit.at, audit.actor, audit.action, audit.subject, audit.before, audit.after
FROM audit WHERE {audit} ORDER BY audit.number DESC LIMIT :limit OFFSET :offset
