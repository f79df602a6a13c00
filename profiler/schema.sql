-- pyaot profile database, schema version 1.  SCHEMA.md says what each column
-- means.  Everything merges by adding counts.
CREATE TABLE meta (
    name   TEXT PRIMARY KEY NOT NULL,
    value  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE run (
    id       BLOB PRIMARY KEY NOT NULL,
    started  INTEGER NOT NULL,
    seconds  REAL NOT NULL,
    samples  INTEGER NOT NULL,
    python   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE code (
    id        INTEGER PRIMARY KEY,
    key       BLOB NOT NULL UNIQUE,
    filename  TEXT NOT NULL,
    qualname  TEXT NOT NULL,
    image     BLOB NOT NULL
);

CREATE TABLE feedback (
    code_id  INTEGER NOT NULL REFERENCES code (id),
    offset   INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    slot     INTEGER NOT NULL,
    what     TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (code_id, offset, kind, slot, what)
) WITHOUT ROWID;
