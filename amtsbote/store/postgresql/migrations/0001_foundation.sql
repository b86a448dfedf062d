-- Times are microseconds since 1970 in UTC. Ids are text as on the wire; rows refer to each other by number.

CREATE TABLE receiver (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  client TEXT,
  url TEXT NOT NULL,
  secret BYTEA NOT NULL,
  told_at BIGINT,
  rest_until BIGINT,
  failing_since BIGINT,
  failure TEXT,
  tries BIGINT NOT NULL DEFAULT 0,
  stopped_at BIGINT,
  CHECK ((failing_since IS NULL) = (failure IS NULL)),
  CHECK (stopped_at IS NULL OR failing_since IS NOT NULL)
);
CREATE INDEX receiver_named ON receiver (client, url, number) WHERE client IS NOT NULL;
CREATE INDEX receiver_failing ON receiver (number) WHERE failing_since IS NOT NULL;

CREATE TABLE message (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  case_id TEXT NOT NULL,
  destination TEXT NOT NULL,
  tenant TEXT NOT NULL,
  sender TEXT NOT NULL,
  subscriber TEXT,
  service TEXT NOT NULL,
  service_name TEXT NOT NULL,
  region TEXT,
  announced TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('announced', 'submitted', 'delivering', 'accepted', 'rejected', 'expired', 'held', 'deleted')),
  held_from TEXT CHECK (held_from IN ('submitted', 'delivering')),
  created_at BIGINT NOT NULL,
  submitted_at BIGINT,
  test BIGINT NOT NULL CHECK (test IN (0, 1)),
  kind TEXT NOT NULL CHECK (kind IN ('submission', 'reply')),
  direction TEXT NOT NULL CHECK (direction IN ('to-destination', 'to-portal')),
  polled BIGINT NOT NULL DEFAULT 0 CHECK (polled IN (0, 1)),
  called BIGINT NOT NULL DEFAULT 0 CHECK (called IN (0, 1)),
  callback TEXT REFERENCES receiver (id),
  told BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT,
  CHECK (kind = 'reply' OR direction = 'to-destination')
);
CREATE INDEX message_case ON message (case_id);
CREATE INDEX message_callback ON message (callback) WHERE callback IS NOT NULL;
CREATE INDEX message_state ON message (state);
CREATE INDEX message_sender ON message (sender, number);
CREATE INDEX message_subscriber ON message (subscriber, number) WHERE subscriber IS NOT NULL;
CREATE INDEX message_waiting ON message (subscriber, submitted_at)
  WHERE subscriber IS NOT NULL AND direction = 'to-destination' AND state = 'submitted';
CREATE INDEX message_waiting_at_portal ON message (sender, submitted_at)
  WHERE direction = 'to-portal' AND state = 'submitted';
CREATE INDEX message_unfetched ON message (destination, submitted_at) WHERE state = 'submitted';
CREATE INDEX message_ended ON message (destination, ended_at) WHERE state IN ('accepted', 'rejected');

CREATE TABLE dossier (
  message BIGINT PRIMARY KEY REFERENCES message (number),
  sealed BYTEA NOT NULL
);

CREATE TABLE assignment (
  message BIGINT PRIMARY KEY REFERENCES message (number),
  authority TEXT,
  target TEXT,
  region TEXT,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE case_note (
  message BIGINT PRIMARY KEY REFERENCES message (number),
  authority TEXT NOT NULL,
  region TEXT NOT NULL,
  reply_channel TEXT
);

CREATE TABLE fact_note (
  message BIGINT PRIMARY KEY REFERENCES message (number),
  facts TEXT NOT NULL
);

CREATE TABLE part (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message BIGINT NOT NULL REFERENCES message (number),
  id TEXT NOT NULL,
  size BIGINT NOT NULL CHECK (size >= 0),
  sha512 TEXT NOT NULL,
  tag TEXT NOT NULL,
  file TEXT,
  seal BYTEA NOT NULL,
  inline BYTEA,
  key TEXT NOT NULL,
  CHECK ((inline IS NULL) <> (file IS NULL)),
  UNIQUE (message, id)
);
CREATE UNIQUE INDEX part_file ON part (file) WHERE file IS NOT NULL;

CREATE TABLE event (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message BIGINT NOT NULL REFERENCES message (number),
  kind TEXT NOT NULL CHECK (kind IN ('create', 'submit', 'notify', 'forward', 'accept', 'reject', 'delete')),
  at BIGINT NOT NULL,
  kid TEXT NOT NULL,
  payload BYTEA NOT NULL,
  jws TEXT
);
CREATE INDEX event_message ON event (message);
CREATE INDEX event_unsigned ON event (number) WHERE jws IS NULL;

CREATE TABLE notice (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  receiver TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('new-submissions', 'new-replies', 'new-events')),
  message BIGINT NOT NULL REFERENCES message (number),
  at BIGINT NOT NULL,
  batch TEXT
);
CREATE INDEX notice_receiver ON notice (receiver, number);

CREATE TABLE delivery (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message BIGINT NOT NULL REFERENCES message (number),
  tenant TEXT NOT NULL,
  target TEXT NOT NULL,
  is_primary BIGINT NOT NULL CHECK (is_primary IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
  failure TEXT
);
CREATE INDEX delivery_message ON delivery (message);

CREATE TABLE deadletter (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message BIGINT NOT NULL REFERENCES message (number),
  delivery TEXT REFERENCES delivery (id),
  tenant TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN (
    'nobody-competent', 'several-competent', 'region-unknown', 'region-disagrees', 'authority-disagrees',
    'tenant-not-served', 'no-target', 'wrong-stage', 'signature', 'processing-failed', 'part-damaged',
    'delivery-refused', 'delivery-unknown', 'attempts-used-up', 'reply-impossible')),
  details TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  token BIGINT NOT NULL,
  owner TEXT,
  settled_at BIGINT,
  settlement TEXT CHECK (settlement IN ('retried', 'rejected', 'assigned', 'dropped')),
  CHECK ((settled_at IS NULL) = (settlement IS NULL))
);
CREATE INDEX deadletter_open ON deadletter (reason, opened_at) WHERE settled_at IS NULL;
CREATE INDEX deadletter_message ON deadletter (message);
CREATE INDEX deadletter_delivery ON deadletter (delivery) WHERE delivery IS NOT NULL;

CREATE TABLE deadletter_entry (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deadletter BIGINT NOT NULL REFERENCES deadletter (number),
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('noted', 'handed-over', 'retried', 'rejected', 'assigned', 'dropped')),
  said TEXT NOT NULL
);
CREATE INDEX deadletter_entry_deadletter ON deadletter_entry (deadletter);

CREATE TABLE trace (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message BIGINT NOT NULL REFERENCES message (number),
  step TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  microseconds BIGINT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'rejected', 'held', 'retry', 'failed')),
  details TEXT NOT NULL
);
CREATE INDEX trace_message ON trace (message);

CREATE TABLE job (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('process', 'deliver', 'expire', 'collect', 'take', 'tell', 'callback', 'deadline')),
  reference TEXT NOT NULL,
  due BIGINT NOT NULL,
  lease_until BIGINT,
  attempt BIGINT NOT NULL DEFAULT 0,
  ended BIGINT NOT NULL DEFAULT 0,
  token BIGINT NOT NULL DEFAULT 0,
  UNIQUE (kind, reference)
);
CREATE INDEX job_due ON job (kind, due, number);

CREATE FUNCTION job_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('amtsbote_' || TG_TABLE_SCHEMA, '');
  RETURN NULL;
END $$;
CREATE TRIGGER job_added AFTER INSERT ON job FOR EACH ROW EXECUTE FUNCTION job_added();

CREATE TABLE entry (
  kind TEXT NOT NULL
    CHECK (kind IN ('tenant', 'portal', 'client', 'destination', 'authority', 'target', 'key', 'editor')),
  id TEXT NOT NULL,
  tenant TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, id)
);

CREATE TABLE revision (
  number BIGINT NOT NULL
);
INSERT INTO revision (number) VALUES (0);

CREATE FUNCTION registry_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('amtsbote_' || TG_TABLE_SCHEMA, 'registry');
  RETURN NULL;
END $$;
CREATE TRIGGER revision_raised AFTER UPDATE ON revision FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

CREATE TABLE routing_version (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at BIGINT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  effective TEXT NOT NULL,
  releaser TEXT,
  draft BIGINT,
  issuer TEXT,
  issued BIGINT,
  issued_digest TEXT,
  CHECK ((issuer IS NULL) = (issued IS NULL) AND (issued IS NULL) = (issued_digest IS NULL))
);
CREATE TRIGGER routing_published AFTER INSERT ON routing_version
  FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

CREATE TABLE routing_table (
  version BIGINT NOT NULL REFERENCES routing_version (number),
  name TEXT NOT NULL,
  compressed BYTEA NOT NULL,
  UNIQUE (version, name)
);

CREATE TABLE routing_draft (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at BIGINT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  base BIGINT NOT NULL,
  effective TEXT,
  digest TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'released', 'discarded')),
  settled_at BIGINT,
  settled_by TEXT,
  version BIGINT,
  issuer TEXT,
  issued BIGINT,
  issued_digest TEXT,
  CHECK ((state = 'open') = (settled_at IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL)),
  CHECK ((issuer IS NULL) = (issued IS NULL) AND (issued IS NULL) = (issued_digest IS NULL))
);

CREATE TABLE routing_draft_table (
  draft BIGINT NOT NULL REFERENCES routing_draft (number),
  name TEXT NOT NULL,
  compressed BYTEA NOT NULL,
  UNIQUE (draft, name)
);

CREATE TABLE routing_signature (
  version BIGINT NOT NULL REFERENCES routing_version (number),
  subject TEXT NOT NULL,
  jws TEXT NOT NULL,
  PRIMARY KEY (version, subject)
);

CREATE TABLE audit (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('system', 'tenant', 'sender', 'subscriber')),
  scope_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT,
  after TEXT
);

CREATE TABLE master_key (
  place BIGINT PRIMARY KEY CHECK (place = 1),
  id TEXT NOT NULL,
  since BIGINT NOT NULL,
  former TEXT,
  forward BYTEA,
  back BYTEA,
  switched_at BIGINT,
  CHECK ((former IS NULL) = (forward IS NULL) AND (former IS NULL) = (back IS NULL))
);
