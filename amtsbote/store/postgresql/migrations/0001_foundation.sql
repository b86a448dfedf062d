-- Times are microseconds since 1970 in UTC. Ids are text as on the wire; rows refer to each other by number.

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
    CHECK (state IN ('announced', 'submitted', 'delivering', 'accepted', 'rejected', 'expired', 'held')),
  held_from TEXT CHECK (held_from IN ('submitted', 'delivering')),
  created_at BIGINT NOT NULL,
  submitted_at BIGINT
);
CREATE INDEX message_case ON message (case_id);
CREATE INDEX message_state ON message (state);
CREATE INDEX message_waiting ON message (subscriber, submitted_at)
  WHERE subscriber IS NOT NULL AND state = 'submitted';

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
  CHECK ((inline IS NULL) <> (file IS NULL)),
  UNIQUE (message, id)
);
CREATE UNIQUE INDEX part_file ON part (file) WHERE file IS NOT NULL;

CREATE TABLE event (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message BIGINT NOT NULL REFERENCES message (number),
  kind TEXT NOT NULL CHECK (kind IN (
    'create-submission', 'submit-submission', 'accept-submission', 'reject-submission', 'delete-submission')),
  at BIGINT NOT NULL,
  kid TEXT NOT NULL,
  payload BYTEA NOT NULL,
  jws TEXT
);
CREATE INDEX event_message ON event (message);
CREATE INDEX event_unsigned ON event (number) WHERE jws IS NULL;

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
    'tenant-not-served', 'no-target', 'signature', 'processing-failed', 'part-damaged', 'delivery-refused',
    'delivery-unknown', 'attempts-used-up')),
  details TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  token BIGINT NOT NULL,
  owner TEXT,
  settled_at BIGINT,
  settlement TEXT CHECK (settlement IN ('retried', 'rejected', 'assigned')),
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
  action TEXT NOT NULL CHECK (action IN ('noted', 'handed-over', 'retried', 'rejected', 'assigned')),
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
  kind TEXT NOT NULL CHECK (kind IN ('process', 'deliver', 'expire')),
  reference TEXT NOT NULL,
  due BIGINT NOT NULL,
  lease_until BIGINT,
  attempt BIGINT NOT NULL DEFAULT 0,
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
    CHECK (kind IN ('tenant', 'portal', 'client', 'destination', 'authority', 'target', 'key')),
  id TEXT NOT NULL,
  tenant TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, id)
);

CREATE TABLE revision (
  number BIGINT NOT NULL
);
INSERT INTO revision (number) VALUES (0);

CREATE TABLE routing_version (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL
);

CREATE TABLE routing_table (
  version BIGINT NOT NULL REFERENCES routing_version (number),
  name TEXT NOT NULL,
  compressed BYTEA NOT NULL,
  UNIQUE (version, name)
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
