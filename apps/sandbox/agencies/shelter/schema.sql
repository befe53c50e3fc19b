-- A small case-management product, as a shelter would have bought it: its own tables, and functions for whoever may
-- read from outside. Nobody reads the tables.
CREATE SCHEMA casework;

CREATE TABLE casework.clients (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_no text NOT NULL UNIQUE,
  first_name text NOT NULL,
  last_name text NOT NULL,
  other_names text[] NOT NULL DEFAULT '{}',
  date_of_birth date,
  gender text,
  language text,
  ethnicity text,
  disability text,
  immigration_status text,
  orientation text,
  opened_on date NOT NULL,
  closed_on date
);

CREATE TABLE casework.contact_methods (
  client_id integer NOT NULL REFERENCES casework.clients,
  kind text NOT NULL CHECK (kind IN ('phone', 'email')),
  value text NOT NULL,
  is_safe boolean NOT NULL,
  voicemail_ok boolean,
  best_times text
);

CREATE TABLE casework.addresses (
  client_id integer NOT NULL REFERENCES casework.clients,
  kind text NOT NULL CHECK (kind IN ('home', 'substitute')),
  line text,
  city text,
  region text,
  postal_code text,
  country text
);

CREATE TABLE casework.facilities (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  line text,
  city text,
  region text,
  postal_code text
);

CREATE TABLE casework.stays (
  client_id integer NOT NULL REFERENCES casework.clients,
  facility_id integer NOT NULL REFERENCES casework.facilities,
  from_on date NOT NULL,
  to_on date
);

CREATE TABLE casework.assessments (
  client_id integer NOT NULL REFERENCES casework.clients,
  made_on date NOT NULL,
  tool text NOT NULL,
  score integer,
  level text,
  her_own_view text,
  strangled boolean
);

CREATE TABLE casework.safety_plans (
  client_id integer NOT NULL REFERENCES casework.clients,
  written_on date NOT NULL,
  plan text NOT NULL
);

CREATE TABLE casework.children (
  client_id integer NOT NULL REFERENCES casework.clients,
  name text NOT NULL,
  school text,
  safe_pickup_needed boolean NOT NULL DEFAULT false
);

CREATE TABLE casework.referrals (
  client_id integer NOT NULL REFERENCES casework.clients,
  made_on date NOT NULL,
  service text NOT NULL,
  reason text,
  status text NOT NULL,
  outcome text
);

CREATE TABLE casework.notes (
  client_id integer NOT NULL REFERENCES casework.clients,
  written_at timestamptz NOT NULL,
  advocate text NOT NULL,
  note text NOT NULL
);

-- How the product lies when it is told to; a real one would not have this.
CREATE SCHEMA sandbox;
CREATE TABLE sandbox.behaviour (lie text);
INSERT INTO sandbox.behaviour VALUES (NULL);

CREATE FUNCTION sandbox.clients_for(asked text) RETURNS SETOF casework.clients
LANGUAGE sql STABLE AS $$
  (SELECT c.* FROM casework.clients c, sandbox.behaviour b WHERE b.lie IS NULL AND c.client_no = asked)
  UNION ALL
  (SELECT c.* FROM casework.clients c, sandbox.behaviour b WHERE b.lie = 'somebody_else' AND c.client_no <> asked LIMIT 1)
  UNION ALL
  (SELECT c.* FROM casework.clients c, sandbox.behaviour b WHERE b.lie = 'more_than_asked')
$$;

CREATE SCHEMA reporting;

CREATE FUNCTION reporting.person(asked text)
RETURNS TABLE (client_no text, name text, other_names text[], date_of_birth date, gender text, language text,
               ethnicity text, disability text, immigration_status text, orientation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, concat_ws(' ', c.first_name, c.last_name), c.other_names, c.date_of_birth, c.gender, c.language,
         c.ethnicity, c.disability, c.immigration_status, c.orientation
  FROM sandbox.clients_for(asked) c
$$;

CREATE FUNCTION reporting.contact(asked text)
RETURNS TABLE (client_no text, kind text, value text, is_safe boolean, voicemail_ok boolean, best_times text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, m.kind, m.value, m.is_safe, m.voicemail_ok, m.best_times
  FROM sandbox.clients_for(asked) c JOIN casework.contact_methods m ON m.client_id = c.id
$$;

CREATE FUNCTION reporting.addresses(asked text)
RETURNS TABLE (client_no text, kind text, line text, city text, region text, postal_code text, country text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, a.kind, a.line, a.city, a.region, a.postal_code, a.country
  FROM sandbox.clients_for(asked) c JOIN casework.addresses a ON a.client_id = c.id
$$;

CREATE FUNCTION reporting.present_stay(asked text)
RETURNS TABLE (client_no text, facility text, line text, city text, region text, postal_code text, since date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, f.name, f.line, f.city, f.region, f.postal_code, s.from_on
  FROM sandbox.clients_for(asked) c
  JOIN casework.stays s ON s.client_id = c.id AND s.to_on IS NULL
  JOIN casework.facilities f ON f.id = s.facility_id
$$;

CREATE FUNCTION reporting.safety(asked text)
RETURNS TABLE (client_no text, tool text, score integer, level text, her_own_view text, strangled boolean, plan text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, a.tool, a.score, a.level, a.her_own_view, a.strangled, p.plan
  FROM sandbox.clients_for(asked) c
  LEFT JOIN LATERAL (SELECT * FROM casework.assessments x WHERE x.client_id = c.id ORDER BY x.made_on DESC LIMIT 1) a ON true
  LEFT JOIN LATERAL (SELECT * FROM casework.safety_plans x WHERE x.client_id = c.id ORDER BY x.written_on DESC LIMIT 1) p ON true
$$;

CREATE FUNCTION reporting.children(asked text)
RETURNS TABLE (client_no text, name text, school text, safe_pickup_needed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, k.name, k.school, k.safe_pickup_needed
  FROM sandbox.clients_for(asked) c JOIN casework.children k ON k.client_id = c.id
$$;

CREATE FUNCTION reporting.last_referral(asked text)
RETURNS TABLE (client_no text, service text, reason text, status text, outcome text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.client_no, r.service, r.reason, r.status, r.outcome
  FROM sandbox.clients_for(asked) c
  JOIN LATERAL (SELECT * FROM casework.referrals x WHERE x.client_id = c.id ORDER BY x.made_on DESC LIMIT 1) r ON true
$$;

-- Advocates' notes are privileged: no function hands them out.
