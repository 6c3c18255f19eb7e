-- Providers of models; a model of the catalogue names its provider by the code.
CREATE TABLE gateway.model_providers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code text NOT NULL UNIQUE CHECK (code = lower(code)),
    name text NOT NULL,
    endpoint_variable text,
    api_key_variable text,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO gateway.model_providers (code, name)
SELECT lower(trim(provider)), min(trim(provider)) FROM copilot.model_catalog
WHERE trim(provider) <> '' GROUP BY 1;
COMMENT ON COLUMN gateway.model_providers.endpoint_variable IS 'Name of a server variable';
COMMENT ON COLUMN gateway.model_providers.api_key_variable IS 'Name of a server variable';

-- A layer taken over from the account's document, which nobody changed here.
ALTER TABLE gateway.model_lists ALTER COLUMN updated_at DROP NOT NULL;

-- What resources other than models cost. Prices of one resource do not overlap: each ends, at the
-- latest, where the next begins.
CREATE TABLE gateway.resource_prices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text,
    resource_type text NOT NULL,
    unit text NOT NULL,
    price numeric NOT NULL CHECK (price >= 0),
    currency text NOT NULL,
    description text,
    effective_from timestamptz NOT NULL,
    effective_to timestamptz CHECK (effective_to > effective_from),
    created_by text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX resource_prices_once ON gateway.resource_prices
    (coalesce(account_id, ''), resource_type, unit, effective_from);
CREATE INDEX resource_prices_account_id_idx ON gateway.resource_prices
    (account_id, effective_from DESC, id);
CREATE INDEX resource_prices_effective_from_idx ON gateway.resource_prices
    (effective_from DESC, id DESC);
COMMENT ON COLUMN gateway.resource_prices.account_id IS 'NULL: the price of every account';
