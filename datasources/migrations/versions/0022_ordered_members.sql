ALTER TABLE gateway.team_memberships ADD COLUMN repeats_first boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN gateway.team_memberships.repeats_first IS
    'The person''s row of copilot.account_memberships names the same team; kept by triggers';
UPDATE gateway.team_memberships AS further SET repeats_first = true
FROM copilot.account_memberships AS first
WHERE first.account_id = further.account_id AND first.user_id = further.user_id
    AND first.team_id = further.team_id;
CREATE TRIGGER compared_with_first
    BEFORE INSERT OR UPDATE OF account_id, user_id, team_id ON gateway.team_memberships
    FOR EACH ROW EXECUTE FUNCTION gateway.compare_with_first();
CREATE TRIGGER compared_with_further
    AFTER INSERT OR DELETE OR UPDATE OF account_id, user_id, team_id ON copilot.account_memberships
    FOR EACH ROW EXECUTE FUNCTION gateway.compare_with_further();

CREATE INDEX IF NOT EXISTS account_memberships_account_id_team_id_joined_at_id_idx
    ON copilot.account_memberships (account_id, team_id, joined_at, id);
DROP INDEX IF EXISTS copilot.account_memberships_account_id_team_id_idx;
CREATE INDEX team_memberships_account_id_team_id_joined_at_id_idx
    ON gateway.team_memberships (account_id, team_id, joined_at, id);
DROP INDEX gateway.team_memberships_account_id_team_id_idx;
CREATE INDEX team_memberships_account_id_joined_at_id_idx
    ON gateway.team_memberships (account_id, joined_at, id);
