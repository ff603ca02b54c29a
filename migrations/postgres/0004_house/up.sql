-- What the database is to whoever opens it: a demonstration, or restored and held until it is released.
CREATE TABLE house_state (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
