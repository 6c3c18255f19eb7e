// The playground: GraphiQL with a place for a token, and an example to start from.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

const STORED = "cockpit:token";

// A token may arrive in the fragment, which browsers never send; it is kept for this tab only.
function initialToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(STORED, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(STORED) ?? "";
}

function TokenBar({ token, onToken }) {
  const [draft, setDraft] = useState(token);
  const submit = (event) => {
    event.preventDefault();
    onToken(draft.trim().replace(/^Bearer\s+/i, ""));
  };
  const isApplied = draft === token;
  return (
    <header className="bar">
      <span className="bar-name">
        cockpit <b>gateway</b>
      </span>
      <form className="bar-form" onSubmit={submit}>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="Paste a token to call as somebody"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" disabled={isApplied}>
          Use token
        </button>
        <span className={token ? "bar-state bar-state-on" : "bar-state"} role="status">
          {token ? "Calling with a token" : "Calling without a token"}
        </span>
      </form>
    </header>
  );
}

function Playground({ example }) {
  const [token, setToken] = useState(initialToken);
  const fetcher = useMemo(
    () =>
      createGraphiQLFetcher({
        url: new URL("/graphql", location.href).href,
        headers: token ? { Authorization: `Bearer ${token}` } : {},
      }),
    [token],
  );
  const useToken = (value) => {
    sessionStorage.setItem(STORED, value);
    setToken(value);
  };
  return (
    <>
      <TokenBar token={token} onToken={useToken} />
      <main className="editor">
        {/* A new token may see another schema: the editor starts anew with it. */}
        <GraphiQL key={token} fetcher={fetcher} defaultQuery={example} />
      </main>
    </>
  );
}

const root = document.getElementById("playground");
createRoot(root).render(<Playground example={root.dataset.example} />);
