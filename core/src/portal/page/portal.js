/** What pages do beyond being read. Each part looks for its own elements. */

import { followContents } from './contents.js';
import { addCopyButtons } from './copy.js';
import { openSearch } from './search.js';
import { makeTabs } from './tabs.js';

makeTabs();
addCopyButtons();
openSearch();
followContents();
if (document.querySelector('[data-try-it]') !== null) (await import('./try-it.js')).openConsole();

// On narrow screens the current place is in sight when the menu opens; on wide ones at once.
const nav = document.getElementById('nav');
const showCurrent = () => nav?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
nav?.addEventListener('toggle', showCurrent);
showCurrent();
// A link to a place of the same page closes the menu that it is in.
for (const popover of document.querySelectorAll('[popover]')) {
  popover.addEventListener('click', (event) => {
    if (event.target.closest('a') !== null && popover.matches(':popover-open')) popover.hidePopover();
  });
}
