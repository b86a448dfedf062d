-- Times are microseconds since 1970 in UTC. Ids are text as on the wire; rows refer to each other by number.

CREATE TABLE receiver (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  client TEXT,
  url TEXT NOT NULL,
  secret BLOB NOT NULL,
  told_at INTEGER,
  rest_until INTEGER,
  failing_since INTEGER,
  failure TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  stopped_at INTEGER,
  CHECK ((failing_since IS NULL) = (failure IS NULL)),
  CHECK (stopped_at IS NULL OR failing_since IS NOT NULL)
) STRICT;
CREATE INDEX receiver_named ON receiver (client, url, number) WHERE client IS NOT NULL;
CREATE INDEX receiver_failing ON receiver (number) WHERE failing_since IS NOT NULL;

CREATE TABLE message (
  number INTEGER PRIMARY KEY,
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
  created_at INTEGER NOT NULL,
  submitted_at INTEGER,
  test INTEGER NOT NULL CHECK (test IN (0, 1)),
  kind TEXT NOT NULL CHECK (kind IN ('submission', 'reply')),
  direction TEXT NOT NULL CHECK (direction IN ('to-destination', 'to-portal')),
  polled INTEGER NOT NULL DEFAULT 0 CHECK (polled IN (0, 1)),
  called INTEGER NOT NULL DEFAULT 0 CHECK (called IN (0, 1)),
  callback TEXT REFERENCES receiver (id),
  told INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  CHECK (kind = 'reply' OR direction = 'to-destination')
) STRICT;
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
  message INTEGER PRIMARY KEY REFERENCES message (number),
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE assignment (
  message INTEGER PRIMARY KEY REFERENCES message (number),
  authority TEXT,
  target TEXT,
  region TEXT,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE case_note (
  message INTEGER PRIMARY KEY REFERENCES message (number),
  authority TEXT NOT NULL,
  region TEXT NOT NULL,
  reply_channel TEXT
) STRICT;

CREATE TABLE fact_note (
  message INTEGER PRIMARY KEY REFERENCES message (number),
  facts TEXT NOT NULL
) STRICT;

CREATE TABLE part (
  number INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message (number),
  id TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  sha512 TEXT NOT NULL,
  tag TEXT NOT NULL,
  file TEXT,
  seal BLOB NOT NULL,
  inline BLOB,
  key TEXT NOT NULL,
  CHECK ((inline IS NULL) <> (file IS NULL)),
  UNIQUE (message, id)
) STRICT;
CREATE UNIQUE INDEX part_file ON part (file) WHERE file IS NOT NULL;

CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message INTEGER NOT NULL REFERENCES message (number),
  kind TEXT NOT NULL CHECK (kind IN ('create', 'submit', 'notify', 'forward', 'accept', 'reject', 'delete')),
  at INTEGER NOT NULL,
  kid TEXT NOT NULL,
  payload BLOB NOT NULL,
  jws TEXT
) STRICT;
CREATE INDEX event_message ON event (message);
CREATE INDEX event_unsigned ON event (number) WHERE jws IS NULL;

CREATE TABLE notice (
  number INTEGER PRIMARY KEY,
  receiver TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('new-submissions', 'new-replies', 'new-events')),
  message INTEGER NOT NULL REFERENCES message (number),
  at INTEGER NOT NULL,
  batch TEXT
) STRICT;
CREATE INDEX notice_receiver ON notice (receiver, number);

CREATE TABLE delivery (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message INTEGER NOT NULL REFERENCES message (number),
  tenant TEXT NOT NULL,
  target TEXT NOT NULL,
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
  failure TEXT
) STRICT;
CREATE INDEX delivery_message ON delivery (message);

CREATE TABLE deadletter (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message INTEGER NOT NULL REFERENCES message (number),
  delivery TEXT REFERENCES delivery (id),
  tenant TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN (
    'nobody-competent', 'several-competent', 'region-unknown', 'region-disagrees', 'authority-disagrees',
    'tenant-not-served', 'no-target', 'wrong-stage', 'signature', 'processing-failed', 'part-damaged',
    'delivery-refused', 'delivery-unknown', 'attempts-used-up', 'reply-impossible')),
  details TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  token INTEGER NOT NULL,
  owner TEXT,
  settled_at INTEGER,
  settlement TEXT CHECK (settlement IN ('retried', 'rejected', 'assigned', 'dropped')),
  CHECK ((settled_at IS NULL) = (settlement IS NULL))
) STRICT;
CREATE INDEX deadletter_open ON deadletter (reason, opened_at) WHERE settled_at IS NULL;
CREATE INDEX deadletter_message ON deadletter (message);
CREATE INDEX deadletter_delivery ON deadletter (delivery) WHERE delivery IS NOT NULL;

CREATE TABLE deadletter_entry (
  number INTEGER PRIMARY KEY,
  deadletter INTEGER NOT NULL REFERENCES deadletter (number),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('noted', 'handed-over', 'retried', 'rejected', 'assigned', 'dropped')),
  said TEXT NOT NULL
) STRICT;
CREATE INDEX deadletter_entry_deadletter ON deadletter_entry (deadletter);

CREATE TABLE trace (
  number INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message (number),
  step TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  microseconds INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'rejected', 'held', 'retry', 'failed')),
  details TEXT NOT NULL
) STRICT;
CREATE INDEX trace_message ON trace (message);

CREATE TABLE job (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('process', 'deliver', 'expire', 'collect', 'take', 'tell', 'callback', 'deadline')),
  reference TEXT NOT NULL,
  due INTEGER NOT NULL,
  lease_until INTEGER,
  attempt INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  token INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, reference)
) STRICT;
CREATE INDEX job_free ON job (kind, due) WHERE lease_until IS NULL;
CREATE INDEX job_leased ON job (lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE entry (
  kind TEXT NOT NULL
    CHECK (kind IN ('tenant', 'portal', 'client', 'destination', 'authority', 'target', 'key', 'editor')),
  id TEXT NOT NULL,
  tenant TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  number INTEGER NOT NULL
) STRICT;
INSERT INTO revision (number) VALUES (0);

CREATE TABLE routing_version (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  effective TEXT NOT NULL,
  releaser TEXT,
  draft INTEGER,
  issuer TEXT,
  issued INTEGER,
  issued_digest TEXT,
  CHECK ((issuer IS NULL) = (issued IS NULL) AND (issued IS NULL) = (issued_digest IS NULL))
) STRICT;

CREATE TABLE routing_table (
  version INTEGER NOT NULL REFERENCES routing_version (number),
  name TEXT NOT NULL,
  compressed BLOB NOT NULL,
  UNIQUE (version, name)
) STRICT;

CREATE TABLE routing_draft (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  base INTEGER NOT NULL,
  effective TEXT,
  digest TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'released', 'discarded')),
  settled_at INTEGER,
  settled_by TEXT,
  version INTEGER,
  issuer TEXT,
  issued INTEGER,
  issued_digest TEXT,
  CHECK ((state = 'open') = (settled_at IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL)),
  CHECK ((issuer IS NULL) = (issued IS NULL) AND (issued IS NULL) = (issued_digest IS NULL))
) STRICT;

CREATE TABLE routing_draft_table (
  draft INTEGER NOT NULL REFERENCES routing_draft (number),
  name TEXT NOT NULL,
  compressed BLOB NOT NULL,
  UNIQUE (draft, name)
) STRICT;

CREATE TABLE routing_signature (
  version INTEGER NOT NULL REFERENCES routing_version (number),
  subject TEXT NOT NULL,
  jws TEXT NOT NULL,
  PRIMARY KEY (version, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('system', 'tenant', 'sender', 'subscriber')),
  scope_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT,
  after TEXT
) STRICT;

CREATE TABLE master_key (
  place INTEGER PRIMARY KEY CHECK (place = 1),
  id TEXT NOT NULL,
  since INTEGER NOT NULL,
  former TEXT,
  forward BLOB,
  back BLOB,
  switched_at INTEGER,
  CHECK ((former IS NULL) = (forward IS NULL) AND (former IS NULL) = (back IS NULL))
) STRICT;
