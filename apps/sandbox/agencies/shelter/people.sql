-- Invented people.
INSERT INTO casework.facilities (name, line, city, region, postal_code) VALUES
  ('Harbour House', '9 Lantern Way', 'Fenwick', 'Massachusetts', '01877');

INSERT INTO casework.clients
  (client_no, first_name, last_name, other_names, date_of_birth, gender, language, ethnicity, opened_on) VALUES
  ('HH-0142', 'Mara', 'Ellison', '{Mara Okafor}', '1991-04-30', 'woman', 'English', 'not stated', '2026-03-08'),
  ('HH-0138', 'Ines', 'Varga', '{}', '2009-12-01', 'girl', 'Portuguese', NULL, '2026-02-04'),
  ('HH-0117', 'Noor', 'Haddad', '{}', '1979-06-15', 'woman', 'Arabic', NULL, '2025-09-19');

INSERT INTO casework.contact_methods (client_id, kind, value, is_safe, voicemail_ok, best_times)
SELECT c.id, m.kind, m.value, m.is_safe, m.voicemail_ok, m.best_times
FROM casework.clients c JOIN (VALUES
  ('HH-0142', 'phone', '+1 555 010 0142', true, false, 'Weekdays 10:00 to 15:00'),
  ('HH-0142', 'phone', '+1 555 010 0199', false, NULL, NULL),
  ('HH-0142', 'email', 'harbour.142@example.org', true, NULL, NULL),
  ('HH-0138', 'phone', '+1 555 010 0156', true, false, 'After school'),
  ('HH-0117', 'phone', '+1 555 010 0183', true, true, 'Any time')
) AS m (client_no, kind, value, is_safe, voicemail_ok, best_times) USING (client_no);

INSERT INTO casework.addresses (client_id, kind, line, city, region, postal_code, country)
SELECT c.id, a.kind, a.line, a.city, a.region, a.postal_code, 'US'
FROM casework.clients c JOIN (VALUES
  ('HH-0142', 'home', '9 Lantern Way, Room 5', 'Fenwick', 'Massachusetts', '01877'),
  ('HH-0142', 'substitute', 'PO Box 1174', 'Boston', 'Massachusetts', '02101'),
  ('HH-0117', 'home', '31 Cooper Street', 'Millbrook', 'Massachusetts', '01899')
) AS a (client_no, kind, line, city, region, postal_code) USING (client_no);

INSERT INTO casework.stays (client_id, facility_id, from_on, to_on)
SELECT c.id, f.id, s.from_on::date, s.to_on::date
FROM casework.facilities f, casework.clients c JOIN (VALUES
  ('HH-0142', '2026-03-08', NULL),
  ('HH-0117', '2025-09-19', '2025-12-30')
) AS s (client_no, from_on, to_on) USING (client_no);

INSERT INTO casework.assessments (client_id, made_on, tool, score, level, her_own_view, strangled)
SELECT c.id, '2026-03-08', 'Danger Assessment', 19, 'extreme danger', 'She thinks that he may kill her', true
FROM casework.clients c WHERE c.client_no = 'HH-0142';

INSERT INTO casework.safety_plans (client_id, written_on, plan)
SELECT c.id, '2026-03-09', 'Leaves by the garden door; her sister knows the code word; bag is at the front desk'
FROM casework.clients c WHERE c.client_no = 'HH-0142';

INSERT INTO casework.children (client_id, name, school, safe_pickup_needed)
SELECT c.id, 'Theo Ellison', 'Fenwick Elementary', true FROM casework.clients c WHERE c.client_no = 'HH-0142';

INSERT INTO casework.referrals (client_id, made_on, service, reason, status, outcome)
SELECT c.id, '2026-03-10', 'Legal aid', 'Protection order and custody', 'accepted', NULL
FROM casework.clients c WHERE c.client_no = 'HH-0142';

INSERT INTO casework.notes (client_id, written_at, advocate, note)
SELECT c.id, '2026-03-08 22:30+00', 'Johanna Reyes', 'Arrived with her son and one bag.'
FROM casework.clients c WHERE c.client_no = 'HH-0142';
