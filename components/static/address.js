// The address of a page that was only passed through is replaced, where Streamlit would add an entry to the
// browser's history; then the server is asked to say the same, which changes nothing any more.

export default function ({ data, setStateValue }) {
  if (location.search === data.query) return;
  history.replaceState(history.state, "", location.pathname + data.query);
  setStateValue("replaced", data.query);
}
