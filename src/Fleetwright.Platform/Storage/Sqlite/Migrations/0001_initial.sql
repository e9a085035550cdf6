-- Times are milliseconds since 1970 UTC, durations are microseconds, lists and maps are JSON.

CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    declared_type TEXT,
    tags TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    paused BOOLEAN NOT NULL,
    machine_id TEXT,
    status TEXT NOT NULL,
    status_reason TEXT,
    status_advice TEXT,
    status_since BIGINT,
    last_seen_at BIGINT
);

-- The latest reading of each probe on each device.
CREATE TABLE readings (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    probe TEXT NOT NULL,
    status TEXT NOT NULL,
    observed_at BIGINT NOT NULL,
    duration BIGINT NOT NULL,
    reason TEXT,
    remedy TEXT,
    raw_excerpt TEXT,
    value BLOB,
    value_observed_at BIGINT,
    PRIMARY KEY (device_id, probe)
);

-- Ids are never used again, so a process that still knows the id of a removed series cannot write into another one.
-- labels: JSON with its keys in ordinal order, so that equal labels are equal text.
CREATE TABLE series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    UNIQUE (device_id, name, labels)
);

-- Series whose device was removed and whose points wait to be removed, a few at a time.
CREATE TABLE removed_series (
    id INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE points (
    series_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;

CREATE TABLE points_5m (
    series_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    min DOUBLE PRECISION NOT NULL,
    max DOUBLE PRECISION NOT NULL,
    average DOUBLE PRECISION NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;

CREATE TABLE points_1h (
    series_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    min DOUBLE PRECISION NOT NULL,
    max DOUBLE PRECISION NOT NULL,
    average DOUBLE PRECISION NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;

-- Series that got a point before the time up to which the roll-ups are made, and the earliest such time.
CREATE TABLE late_points (
    series_id BIGINT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);

-- How far roll-ups and retention have come. One row.
CREATE TABLE rollup_state (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    late_before BIGINT NOT NULL,
    rolled_5m_until BIGINT NOT NULL,
    rolled_1h_until BIGINT NOT NULL,
    raw_kept_from BIGINT NOT NULL,
    five_minutes_kept_from BIGINT NOT NULL
);

INSERT INTO rollup_state VALUES (1, 0, 0, 0, 0, 0);

-- hash: SHA-256 of the whole key.
CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    caller TEXT NOT NULL,
    door TEXT NOT NULL,
    operation TEXT NOT NULL,
    device TEXT,
    arguments TEXT,
    outcome TEXT NOT NULL,
    duration BIGINT NOT NULL
);

CREATE INDEX audit_at ON audit (at);

CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append only');
END;
