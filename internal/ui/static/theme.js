// Runs before the page is drawn, so that it does not flash in the other colours.
'use strict';
document.documentElement.dataset.theme = localStorage.getItem('weir-theme') || 'auto';
