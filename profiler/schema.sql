-- pyaot profile database, schema version 2.  SCHEMA.md says what each column
-- means.  Everything merges by adding counts.
CREATE TABLE meta (
    name   TEXT PRIMARY KEY NOT NULL,
    value  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE run (
    id           BLOB PRIMARY KEY NOT NULL,
    started      INTEGER NOT NULL,
    seconds      REAL NOT NULL,
    cpu_seconds  REAL NOT NULL,
    turn_ns      REAL NOT NULL,
    samples      INTEGER NOT NULL,
    python       TEXT NOT NULL,
    executable   TEXT NOT NULL,
    cwd          TEXT NOT NULL,
    argv         BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE source (
    filename  TEXT NOT NULL,
    hash      BLOB NOT NULL,
    PRIMARY KEY (filename, hash)
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
