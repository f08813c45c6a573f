#include "rpc/web_files.h"

namespace upkeep::rpc {

// Colours have a contrast of at least 4.5 to 1 in both schemes; a state is told by its word, never by colour alone.
const std::string_view kStylesheet = R"css(:root {
  color-scheme: light dark;
  --page: #f4f6f7; --card: #fff; --shade: #f8fafb; --line: #d9e0e3;
  --text: #17252b; --quiet: #52636b; --link: #0b5a75; --focus: #d9480f;
  --good: #136c3a; --good-back: #dcf5e5; --bad: #a3191f; --bad-back: #fde4e3; --still: #47565d; --still-back: #e8edef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11181b; --card: #182226; --shade: #1c282d; --line: #2e3d44;
    --text: #e4ecef; --quiet: #9db0b8; --link: #7cc9e4; --focus: #ffa94d;
    --good: #8fe3b0; --good-back: #123a25; --bad: #ffb3ae; --bad-back: #4a1a1c; --still: #bccbd1; --still-back: #2a373d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.25rem clamp(.75rem, 3vw, 2rem);
  background: var(--page); color: var(--text);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .3rem; }
.hidden { display: none; }
.skip { position: absolute; left: -100rem; padding: .6rem 1rem; background: var(--card); }
.skip:focus { left: .5rem; top: .5rem; }

#header { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .75rem; margin-bottom: 1.1rem; }
#header h1 { margin: 0; font-size: 1.4rem; line-height: 1.2; overflow-wrap: anywhere; }
#header p { margin: 0 0 0 auto; color: var(--quiet); }
#header strong { color: var(--bad); }
#footer { margin-top: 1.25rem; color: var(--quiet); font-size: .875rem; }

.message {
  margin-bottom: 1.1rem; padding: .7rem 1rem; border: 1px solid; border-left-width: .35rem; border-radius: .4rem;
  background: var(--good-back); color: var(--good); overflow-wrap: anywhere;
}
.message:focus-visible { outline: none; }  /* it has the focus only to be read aloud */
.message.failure { background: var(--bad-back); color: var(--bad); }

#buttons, .action ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; padding: 0; list-style: none; }
#buttons { margin-bottom: 1.1rem; }
#buttons a, .action a:not(.hidden), .button, button {
  display: inline-block; padding: .3rem .7rem; border: 1px solid var(--line); border-radius: .4rem;
  background: var(--card); color: var(--link); font: inherit; text-decoration: none; white-space: nowrap; cursor: pointer;
}
#buttons a, .button, button { padding: .5rem 1rem; font-weight: 600; }
.action a { font-size: .875rem; }
#buttons a:hover, .action a:hover, .button:hover, button:hover { border-color: currentColor; text-decoration: underline; }
.action a[name^="Tail"], .action a[name^="Clear"] {
  padding-inline: .4rem; border-color: transparent; background: none; color: var(--quiet);
}

table { width: 100%; border: 1px solid var(--line); border-radius: .6rem; border-spacing: 0; background: var(--card); }
caption { padding-bottom: .4rem; color: var(--quiet); text-align: left; }
th, td { padding: .6rem .8rem; text-align: left; vertical-align: middle; }
th { color: var(--quiet); font-size: .875rem; font-weight: 600; }
td { border-top: 1px solid var(--line); overflow-wrap: anywhere; }
td:nth-child(2) { color: var(--quiet); font-variant-numeric: tabular-nums; }
td:nth-child(3) { font-weight: 600; overflow-wrap: break-word; }
.shade td { background: var(--shade); }
tr:last-child td:first-child { border-bottom-left-radius: .6rem; }
tr:last-child td:last-child { border-bottom-right-radius: .6rem; }
td.action { width: 1%; }
@media (min-width: 72rem) { .action ul { flex-wrap: nowrap; } }
.status span {
  display: inline-block; padding: .1rem .65rem; border-radius: 1rem;
  font-size: .875rem; font-weight: 600; white-space: nowrap;
}
.statusrunning { background: var(--good-back); color: var(--good); }
.statuserror { background: var(--bad-back); color: var(--bad); }
.statusnominal { background: var(--still-back); color: var(--still); }
.status span::before { content: ""; display: inline-block; width: .5em; height: .5em; margin-right: .45em;
  border: .12em solid currentColor; border-radius: 50%; vertical-align: .08em; }
.status .statusrunning::before { background: currentColor; }
.status .statuserror::before { border-radius: 0; background: currentColor; transform: rotate(45deg) scale(.85); }

#tail { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; margin-bottom: 1.1rem; }
#tail label { margin-left: auto; color: var(--quiet); }
#tail input { width: 8rem; padding: .5rem .6rem; border: 1px solid var(--quiet); border-radius: .4rem;
  background: var(--card); color: inherit; font: inherit; }
.log { border: 1px solid var(--line); border-radius: .6rem; background: var(--card); overflow-x: auto; }
.log pre { margin: 0; padding: 1rem; font: .875rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; tab-size: 8; }

@media (max-width: 46rem) {
  thead { position: absolute; left: -100rem; }
  table { border: 0; background: none; }
  table, caption, tbody { display: block; }
  tr { display: grid; grid-template-columns: 1fr auto; margin-bottom: .75rem; padding: .8rem; border: 1px solid var(--line);
    border-radius: .6rem; background: var(--card); gap: .15rem .75rem; }
  td, .shade td { padding: 0; border: 0; background: none; }
  td:nth-child(3) { grid-area: 1 / 1; min-width: 0; align-self: center; font-size: 1.1rem; }
  td.status { grid-area: 1 / 2; }
  td:nth-child(2) { grid-area: 2 / 1 / auto / span 2; }
  td.action { grid-area: 3 / 1 / auto / span 2; width: auto; margin-top: .5rem; }
  .action ul { display: grid; grid-template-columns: repeat(6, 1fr); }
  .action li { grid-column: span 2; }
  .action li:nth-child(-n + 2) { grid-column: span 3; }
  .action li:nth-child(-n + 2):has(+ li > .hidden) { grid-column: span 6; }
  .action li:has(> .hidden) { display: none; }
  .action a:not(.hidden), #buttons a { width: 100%; text-align: center; }
  .action a:not(.hidden), #buttons a, .button, button { padding: .65rem .4rem; }
  #buttons li { flex: 1; }
  #header p, #tail label { margin-left: 0; }
  .button, button { padding-inline: .75rem; }
  #tail { gap: .4rem; }
  #tail input { width: 5rem; }
  .log pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
@media print { #buttons, .action, th.action, .skip { display: none; } }
)css";

}  // namespace upkeep::rpc
