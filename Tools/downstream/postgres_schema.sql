-- A ledger in PostgreSQL: everything with the positions between which it holds.
--
-- A row holds at position P if from_position <= P and (to_position is null or to_position > P).
-- What holds now has no to_position. Nothing is ever changed but to_position (and what goes with it)
-- and the texts that an erasure takes away: so any later position can be undone.
--
-- Identifiers are compared as bytes: COLLATE "C".

CREATE SCHEMA ledger;
SET search_path = ledger;

-- One row: which events are in all other tables. It changes in the transaction that changes them.
CREATE TABLE checkpoint (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  ledger text NOT NULL,
  position bigint NOT NULL,
  epoch text,
  time timestamptz,
  -- Where it stood before a restore of the ledger was undone here, until that restore is reached.
  undone_from bigint
);

-- Which epoch each position is of: from here to before the next. For finding where histories part.
CREATE TABLE epochs (
  first_position bigint PRIMARY KEY,
  epoch text NOT NULL
);

CREATE TABLE partners (
  partner text COLLATE "C" NOT NULL,
  display_name text,
  is_enabled boolean NOT NULL,
  from_position bigint NOT NULL,
  to_position bigint,
  PRIMARY KEY (partner, from_position)
);

CREATE TABLE keys (
  key_id text PRIMARY KEY,
  kind text NOT NULL,
  partner text COLLATE "C",
  label text NOT NULL,
  permissions text[] NOT NULL,
  networks text[] NOT NULL,
  expires_at timestamptz,
  from_position bigint NOT NULL,
  from_time timestamptz NOT NULL,
  to_position bigint,              -- invalidated
  to_time timestamptz
);

CREATE TABLE users (
  user_id bigint PRIMARY KEY,
  from_position bigint NOT NULL,
  from_time timestamptz NOT NULL,
  to_position bigint,
  to_time timestamptz,
  ended_by text CHECK (ended_by IN ('merge', 'deletion')),
  merged_into bigint
);
CREATE INDEX ON users (merged_into) WHERE merged_into IS NOT NULL;

-- An identifier is the item-th text of the event that brought it; an erasure names it so.
CREATE TABLE identifiers (
  origin_position bigint NOT NULL,
  item integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('external_id', 'alias', 'device_id')),
  label text COLLATE "C",          -- of aliases
  text text COLLATE "C",           -- null once it is erased
  PRIMARY KEY (origin_position, item)
);
CREATE INDEX ON identifiers (text, kind, label);

-- Who bears it, and as what.
CREATE TABLE bearers (
  origin_position bigint NOT NULL,
  item integer NOT NULL,
  user_id bigint NOT NULL,
  role text NOT NULL CHECK (role IN ('primary', 'deprecated', 'alias', 'device', 'merged')),
  from_position bigint NOT NULL,
  to_position bigint,
  PRIMARY KEY (origin_position, item, from_position)
);
CREATE INDEX ON bearers (user_id);

CREATE TABLE cohorts (
  cohort integer PRIMARY KEY,      -- in order of creation
  partner text COLLATE "C" NOT NULL,
  cohort_id text COLLATE "C" NOT NULL,
  from_position bigint NOT NULL,
  to_position bigint CHECK (to_position IS NULL),    -- cohorts do not end
  UNIQUE (partner, cohort_id)
);

CREATE TABLE cohort_versions (
  cohort integer NOT NULL,
  name text NOT NULL,
  is_archived boolean NOT NULL,
  from_position bigint NOT NULL,
  to_position bigint,
  PRIMARY KEY (cohort, from_position)
);

-- The history of membership, one row for each stay.
CREATE TABLE memberships (
  cohort integer NOT NULL,
  user_id bigint NOT NULL,
  from_position bigint NOT NULL,
  from_time timestamptz NOT NULL,
  from_kind text NOT NULL,         -- import, or merge
  to_position bigint,
  to_time timestamptz,
  to_kind text,                    -- import, merge or deletion
  PRIMARY KEY (cohort, user_id, from_position)
);
CREATE UNIQUE INDEX current_memberships ON memberships (cohort, user_id)
  WHERE to_position IS NULL;
CREATE INDEX ON memberships (user_id) WHERE to_position IS NULL;

-- What each change object of an import came to.
CREATE TABLE imports (
  from_position bigint PRIMARY KEY,
  from_time timestamptz NOT NULL,
  to_position bigint CHECK (to_position IS NULL),
  request bigint NOT NULL,
  key_id text NOT NULL,
  cohort integer NOT NULL,
  counts jsonb NOT NULL
);

-- Identifiers of imports that matched nobody.
CREATE TABLE unmatched (
  from_position bigint NOT NULL,
  item integer NOT NULL,
  to_position bigint CHECK (to_position IS NULL),
  kind text NOT NULL,
  label text COLLATE "C",
  text text COLLATE "C",           -- null once it is erased or forgotten
  outcome text NOT NULL,
  PRIMARY KEY (from_position, item)
);

-- Segments, campaigns, launches and what happened to the log, as the feed tells them.
CREATE TABLE other_events (
  from_position bigint PRIMARY KEY,
  from_time timestamptz NOT NULL,
  to_position bigint CHECK (to_position IS NULL),
  type text NOT NULL,
  body jsonb NOT NULL
);

-- Questions

CREATE VIEW current_members AS
  SELECT c.partner, c.cohort_id, m.user_id, i.text AS external_id, m.from_position, m.from_time
  FROM memberships m
  JOIN cohorts c USING (cohort)
  LEFT JOIN bearers b ON b.user_id = m.user_id AND b.role = 'primary' AND b.to_position IS NULL
  LEFT JOIN identifiers i USING (origin_position, item)
  WHERE m.to_position IS NULL;

-- Members as of a position, with the external ids of then.
CREATE FUNCTION members_at(partner text, cohort_id text, at bigint)
RETURNS TABLE (user_id bigint, external_id text) LANGUAGE sql STABLE AS $$
  SELECT m.user_id, i.text
  FROM ledger.cohorts c
  JOIN ledger.memberships m USING (cohort)
  LEFT JOIN ledger.bearers b
    ON b.user_id = m.user_id AND b.role = 'primary'
      AND b.from_position <= at AND (b.to_position IS NULL OR b.to_position > at)
  LEFT JOIN ledger.identifiers i USING (origin_position, item)
  WHERE c.partner = members_at.partner AND c.cohort_id = members_at.cohort_id
    AND m.from_position <= at AND (m.to_position IS NULL OR m.to_position > at)
$$;

-- The last position not later than an instant, as the ledger reads "as of".
CREATE FUNCTION size_at(partner text, cohort_id text, at timestamptz)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*)
  FROM ledger.cohorts c JOIN ledger.memberships m USING (cohort)
  WHERE c.partner = size_at.partner AND c.cohort_id = size_at.cohort_id
    AND m.from_time <= at AND (m.to_time IS NULL OR m.to_time > at)
$$;
